"""The board in a browser: a device is dragged by its handle to where the button of a move would bring it."""

import re

import pytest
from django.conf import settings
from django.urls import reverse
from playwright.sync_api import Page, expect

from assets.batches.models import BatchItem
from tests.batches.test_appointments import as_
from tests.batches.test_moves import go, under_way, world
from tests.batches.waves import items_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
__all__ = ["world"]


@pytest.fixture
def board(world, browser, live_server):
    """Opens the batch as a person, in a window of a width; what went wrong in a script fails the test."""
    broken: list[str] = []
    contexts = []

    def opened(batch, person, width: int = 1280) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 800}, has_touch=width < 500)
        contexts.append(context)
        session = as_(person).cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
        )
        page = context.new_page()
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.goto(live_server.url + reverse("batches:batch", args=[batch.reference]))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert broken == []


def lift(page: Page, item: BatchItem):
    """Take a device by its handle, and move it a little."""
    if not page.locator(f"#item-{item.pk}").is_visible():
        page.locator(f"details#{item.state} summary").click()
    grip = page.locator("tr", has=page.locator(f"#item-{item.pk}")).locator(".app-grip")
    grip.scroll_into_view_if_needed()
    box = grip.bounding_box()
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] + 10, steps=3)


def over(page: Page, state: str) -> None:
    box = page.locator(f"[data-place={state}]").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=3)


def said(page: Page) -> dict[str, str]:
    places = page.locator("[data-place]").all()
    return {one.get_attribute("data-place"): one.locator("[data-says]").inner_text() for one in places}


@pytest.mark.parametrize("width", [1280, 375])
def test_dragged_to_where_a_move_leads_it_is_moved_as_by_its_button(world, board, width):
    batch = under_way(world, 3)
    items = items_of(batch)
    go(items[0], world, "allocate", "swap")
    page = board(batch, world.ada, width)
    expect(page.locator("[data-places]")).to_be_hidden()

    lift(page, items[1])
    assert said(page) == {
        "confirmed": "It is here",
        "deferred": "Defer",
        "allocated": "Allocate a replacement",
        "swapped": "No move leads here",
        "returned": "No move leads here",
        "lost": "No move leads here",
    }
    over(page, "swapped")
    page.mouse.up()
    expect(page.locator("[data-places]")).to_be_hidden()
    assert items_of(batch)[1].state == "confirmed"

    lift(page, items[1])
    over(page, "allocated")
    page.mouse.up()
    expect(page.locator("main")).to_contain_text("1 asset: allocated")
    assert [item.state for item in items_of(batch)] == ["swapped", "allocated", "confirmed"]


def test_escape_or_a_mere_click_moves_nothing(world, board):
    batch = under_way(world, 1)
    item = items_of(batch)[0]
    page = board(batch, world.ada)
    lift(page, item)
    over(page, "allocated")
    page.keyboard.press("Escape")
    expect(page.locator("[data-places]")).to_be_hidden()
    page.mouse.up()
    page.locator(".app-grip").first.click()

    expect(page.locator("[data-places]")).to_be_hidden()
    assert items_of(batch)[0].state == "confirmed"


def test_a_move_that_asks_for_something_opens_its_page_with_all_that_was_chosen(world, board):
    batch = under_way(world, 3)
    items = items_of(batch)
    page = board(batch, world.ada)
    for item in items[:2]:
        page.locator(f"label[for=item-{item.pk}]").click()

    lift(page, items[0])
    over(page, "deferred")
    page.mouse.up()

    expect(page.locator("h1")).to_have_text("Defer: 2 assets")
    assert {item.state for item in items_of(batch)} == {"confirmed"}


def test_two_quick_drops_make_one_move(world, board):
    batch = under_way(world, 2)
    items = items_of(batch)
    page = board(batch, world.ada)
    page.evaluate(
        """() => {
          window.sent = 0
          document.addEventListener("submit", (event) => { window.sent += 1; event.preventDefault() })
        }"""
    )
    for item in items:
        lift(page, item)
        over(page, "allocated")
        page.mouse.up()

    assert page.evaluate("window.sent") == 1
    page.evaluate("window.dispatchEvent(new Event('pageshow'))")
    lift(page, items[1])
    over(page, "allocated")
    page.mouse.up()
    assert page.evaluate("window.sent") == 2


def test_dragging_what_is_not_chosen_unticks_the_box_that_chooses_all(world, board):
    batch = under_way(world, 2)
    first, second = items_of(batch)
    page = board(batch, world.ada)
    page.evaluate("document.addEventListener('submit', (event) => event.preventDefault())")
    page.locator("label[for=all-confirmed]").click()
    page.locator(f"label[for=item-{first.pk}]").click()

    lift(page, first)
    over(page, "deferred")
    page.mouse.up()

    chosen = [page.locator(f"#{name}").is_checked() for name in (f"item-{first.pk}", f"item-{second.pk}")]
    assert (chosen, page.locator("#all-confirmed").is_checked()) == ([True, False], False)


def test_what_was_not_chosen_is_dragged_alone(world, board):
    batch = under_way(world, 2)
    first, second = items_of(batch)
    page = board(batch, world.ada)
    page.locator(f"label[for=item-{second.pk}]").click()

    lift(page, first)
    over(page, "deferred")
    page.mouse.up()

    expect(page.locator("h1")).to_have_text("Defer: 1 asset")
    expect(page.locator("main")).to_contain_text(str(first.asset))


def test_a_swap_is_made_on_the_page_of_the_one_device(world, board):
    batch = under_way(world, 2)
    item = go(items_of(batch)[0], world, "allocate")
    page = board(batch, world.eng)

    lift(page, item)
    assert (said(page)["swapped"], said(page)["scheduled"]) == ("Swap", "Schedule")
    over(page, "swapped")
    page.mouse.up()

    expect(page).to_have_url(re.compile(f"/items/{item.pk}/swap/$"))
    expect(page.locator("h1")).to_contain_text(f"Swap: {item.asset}")


def test_who_may_move_nothing_has_nothing_to_drag(world, board):
    page = board(under_way(world, 1), world.bea)

    expect(page.locator("h2", has_text="Assets")).to_be_visible()
    expect(page.locator(".app-grip")).to_have_count(0)
    expect(page.locator("[data-places]")).to_have_count(0)

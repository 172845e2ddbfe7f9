"""From the telephone's ring to a resolved ticket, by keyboard alone and in few key presses; and without script."""

import pytest
from playwright.sync_api import expect

from servicedesk.tickets.models import Ticket
from tests.factories import a_council, a_requester, a_service, a_team, an_asset, an_engineer
from tests.journeys.keyboard import Hands

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = [pytest.param(1280, id="desktop"), pytest.param(375, id="phone")]
MOST_KEYS = 120
"""In 40 seconds somebody who types slowly, 3 keys a second, comes so far."""
COUNTING = """
for (const kind of ["keydown", "mousedown"]) {
  document.addEventListener(kind, (event) => {
    if (event.isTrusted) sessionStorage[kind] = Number(sessionStorage[kind] || 0) + 1
  }, true)
}
"""


@pytest.fixture
def ben():
    ben = a_requester(a_council("CDC"), name="Ben Carter", phone="01295 960301")
    an_asset(ben.council, "CDC-1", holder=ben)
    a_requester(ben.council, name="Bella Quick")
    return ben


@pytest.fixture
def asha():
    asha = an_engineer(a_council("OCC"), name="Asha Patel")
    a_service("Laptops", a_team("Service desk", members=(asha,)))
    return asha


def chosen(desk: Hands, name: str) -> None:
    """Wait until the only one found is chosen."""
    expect(desk.page.get_by_label(name, exact=True)).to_be_checked()


@pytest.mark.parametrize("width", WIDTHS)
def test_call_is_resolved_in_few_key_presses(browser, live_server, ben, asha, width):
    desk = Hands(browser, live_server.url, asha, width)
    desk.page.add_init_script(COUNTING)
    desk.go("/queue/")
    desk.press("Log a call")
    assert desk.faults() == []
    desk.page.keyboard.type("carter")
    chosen(desk, "Ben Carter")
    desk.choose("No, or not known")
    desk.write("Summary", "Cannot hear meetings")
    desk.select("How it was resolved", "Adv")
    desk.write("What was done, for the caller to read", "Chose the headset")
    assert desk.faults() == []
    desk.press("Save the call")
    ticket = Ticket.objects.get()
    desk.sees(f"{ticket} is logged, and resolved.")
    said = (ticket.requester, ticket.channel, ticket.state, ticket.resolution_code, ticket.assignee)
    assert said == (ben, "phone", "resolved", "advice", asha)
    keys, presses = desk.page.evaluate("[sessionStorage.keydown, sessionStorage.mousedown]")
    assert (int(keys) <= MOST_KEYS, presses) == (True, None), keys


def test_call_about_a_device_is_passed_on(browser, live_server, ben, asha):
    desk = Hands(browser, live_server.url, asha, 1280)
    desk.go("/queue/log/")
    desk.write("Who is calling?", "cdc-1")
    chosen(desk, "Ben Carter")
    desk.choose("Laptop, CDC-1")
    desk.write("Summary", "Screen is cracked")
    desk.choose("Pass on")
    expect(desk.page.get_by_label("How it was resolved")).to_be_hidden()
    desk.select("Team", "Serv")
    assert desk.faults() == []
    desk.press("Save the call")
    ticket = Ticket.objects.get()
    desk.sees(f"{ticket} is logged, and new.")
    assert (ticket.team.name, ticket.assignee) == ("Service desk", None)
    assert list(ticket.service_records.values_list("asset__asset_tag", flat=True)) == ["CDC-1"]


def test_one_of_several_is_chosen_and_their_requests_are_shown(browser, live_server, ben, asha):
    desk = Hands(browser, live_server.url, asha, 1280)
    desk.go("/queue/log/")
    desk.write("Who is calling?", "be")
    expect(desk.page.get_by_label("Bella Quick", exact=True)).to_be_visible()
    desk.choose("Ben Carter")
    expect(desk.page.locator("#caller-requests")).to_contain_text("Open requests of Ben Carter")
    expect(desk.page.get_by_label("Laptop, CDC-1")).to_be_visible()
    assert desk.faults() == []


def test_pressing_twice_logs_once(browser, live_server, ben, asha):
    page = Hands(browser, live_server.url, asha, 1280).page
    page.goto(f"{live_server.url}/queue/log/?q=carter")
    page.get_by_label("Summary").fill("No sound")
    page.get_by_label("Keep it").check()
    page.get_by_role("button", name="Save the call").dblclick()
    page.wait_for_url("**/tickets/**")
    assert Ticket.objects.count() == 1


def test_call_is_logged_without_script(browser, live_server, ben, asha):
    hands = Hands(browser, live_server.url, asha, 375)
    context = browser.new_context(java_script_enabled=False, viewport={"width": 375, "height": 900})
    context.add_cookies(hands.page.context.cookies())
    page = context.new_page()
    page.goto(f"{live_server.url}/queue/log/")
    page.get_by_label("Summary").fill("No sound")
    page.get_by_label("Who is calling?").fill("960301")
    page.get_by_role("button", name="Find").click()
    expect(page.get_by_label("Ben Carter", exact=True)).to_be_checked()
    page.get_by_label("Keep it").check()
    page.get_by_role("button", name="Save the call").click()
    expect(page.locator("main")).to_contain_text("is logged, and in progress.")
    assert Ticket.objects.get().requester == ben

"""Every page in a browser, as wide as a desk and as a phone: axe finds nothing, nothing sticks out or fails.

On a desk Tab goes round every page: it reaches all that can be used, and one sees where it is.
"""

from collections.abc import Collection

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.db import connection
from django.urls import reverse

from servicedesk.people.roles import ROLES
from servicedesk.tickets.models import Clock
from tests.sweeps.asking import content, signed_in
from tests.sweeps.marks import NOON
from tests.sweeps.registry import Page, Public, Row, entries
from tests.sweeps.world import World, build, grow

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DESK, PHONE = ({"width": width, "height": 900} for width in (1280, 375))
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# What depends on where a thing stands. A phone shows nothing that a desk does not, but for the button of the menu.
RULES_OF_PLACE = {"type": "rule", "values": ["color-contrast", "target-size", "scrollable-region-focusable"]}
AXE = """rules => axe.run({runOnly: rules, resultTypes: ["violations"]}).then(({violations}) =>
  violations.flatMap(fault => fault.nodes.map(node => [fault.id, node.target])))"""
NOT_OURS = {"api:docs"}  # Swagger's page, from its makers
SHARING = ["asset_manager", "engineer", "administrator"]
OTHERS = [role for role in ROLES if role not in (*SHARING, "requester")]
EVERYBODY = [None, "someone", *SHARING, *OTHERS]  # someone is a requester
KNOWN: dict[str, set[str]] = {}
"""The names of the pages that each of those who share gets, and none of those before it."""
# What Tab stops at: of radio buttons of one name only one, and nothing that is folded away.
STOPS = """() => {
  const names = new Set();
  const stops = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
    .filter(one => !one.disabled && one.tabIndex >= 0 && one.checkVisibility({visibilityProperty: true}))
    .filter(one => one.type !== "radio" || (!names.has(one.name) && names.add(one.name)));
  stops.forEach(one => { one.stop = one.type === "radio" ? one.name : one.outerHTML.slice(0, 120); });
  document.activeElement.blur();
  // Where the focus comes, and whether it is to be seen: as an outline, a shadow or a colour behind it.
  window.reached = new Map();
  document.addEventListener("focusin", ({target: one}) => {
    const drawn = [one, ...document.querySelectorAll(`label[for="${CSS.escape(one.id)}"]`)].flatMap(
      shown => [null, "::before", "::after"].map(part => getComputedStyle(shown, part)));
    const seen = drawn.some(style => style.outlineStyle !== "none" || style.boxShadow !== "none");
    const stop = one.type === "radio" ? one.name : one.stop ?? one.outerHTML.slice(0, 120);
    window.reached.set(stop, seen && window.reached.get(stop) !== false);
  });
  return stops.map(one => one.stop);
}"""


@pytest.fixture
def world() -> World:
    if connection.vendor != "sqlite":
        pytest.skip("a page looks the same whichever database it comes from")
    made = build()
    grow(made)
    Clock.objects.update(breached_at=NOON)  # so that there is a page on which to say why
    return made


def pages_of(world: World, role: str | None, but_for: Collection[str] = ()) -> dict[str, str]:
    """Every address that gives this person a page of its own, by its name; those of some names are not asked for."""
    named = {name: entry.given(world) for name, entry in entries(Public if role is None else Page).items()}
    for name, entry in entries(Row).items() if role else ():
        named[name] = entry.given(world.sides["OCC"].rows[entry.kinds[0]])
    client = signed_in(role and world.person("OCC", role))
    addresses = {name: reverse(name, kwargs=given) for name, given in named.items()}
    return {
        name: address
        for name, address in addresses.items()
        if name not in {*but_for, *NOT_OURS} and _is_page(client.get(address))
    }


def _is_page(response) -> bool:
    body = content(response)
    html = response.headers.get("Content-Type", "").startswith("text/html")
    return response.status_code == 200 and html and b"<html" in body


def own_pages_of(world: World, role: str) -> list[str]:
    """The first screen of a role, and what none of those gets who share before it."""
    before: set[str] = set()
    for other in SHARING[: SHARING.index(role)] if role in SHARING else SHARING:
        if other not in KNOWN:
            KNOWN[other] = set(pages_of(world, other, but_for=before))
        before |= KNOWN[other]
    return ["/", *pages_of(world, role, but_for=before).values()]


def faults_of_keyboard(page) -> list[tuple]:
    """What Tab does not reach on its way round the page, and where nobody sees that it has come."""
    stops, reached = page.evaluate(STOPS), {}
    for _ in range(2):
        for _ in range(len(stops) + 5):
            page.keyboard.press("Tab")
        reached = page.evaluate("Object.fromEntries(window.reached)")
        if reached.keys() >= set(stops):
            break
    unseen = [("focus is not seen", stop) for stop, seen in reached.items() if not seen]
    return unseen + [("Tab does not reach", stop) for stop in stops if stop not in reached]


def faults_of_looks(page, rules: list | dict) -> list[tuple]:
    """What axe finds, and whether the page is wider than its window."""
    found = page.evaluate(AXE, rules)
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return [*map(tuple, found), *[("wider than the window", page.viewport_size["width"])] * wide]


@pytest.mark.parametrize("role", EVERYBODY)
def test_every_page_is_accessible_and_fits(world, live_server, browser, role):
    whole = role in (None, "someone")
    pages = list(pages_of(world, role).values()) if whole else own_pages_of(world, role)
    faults = []
    context = browser.new_context()
    if role:
        session = signed_in(world.person("OCC", role)).cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
        )
    context.add_init_script(script=AXE_SCRIPT)
    page = context.new_page()
    page.on("console", lambda said: faults.append((page.url, said.text)) if said.type == "error" else None)
    page.on("pageerror", lambda error: faults.append((page.url, str(error))))
    for address in pages:
        page.set_viewport_size(DESK)
        page.goto(live_server.url + address, wait_until="load")
        faults += [(address, *fault) for fault in (*faults_of_looks(page, RULES), *faults_of_keyboard(page))]
        page.set_viewport_size(PHONE)
        rules = RULES if address == pages[0] else RULES_OF_PLACE
        faults += [(address, *fault) for fault in faults_of_looks(page, rules)]
    context.close()

    assert pages
    assert faults == []

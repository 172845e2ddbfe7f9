"""Every page in a browser, as wide as a desk and as a phone: axe finds nothing, nothing sticks out or fails.

On a desk Tab goes round every page: it reaches all that can be used, and one sees where it is. So do the pages that
come of sending the forms of the desk and of administration, but for Tab: those are their own pages with something more.
"""

import re
from collections.abc import Collection

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.urls import reverse

from servicedesk.people.models import Person
from servicedesk.people.roles import ROLES
from servicedesk.service_levels.models import ServiceLevel
from servicedesk.tickets import editing
from servicedesk.tickets.models import Clock
from tests.factories import a_grant
from tests.sweeps.asking import signed_in
from tests.sweeps.marks import NOON
from tests.sweeps.registry import Page, Public, Row, entries
from tests.sweeps.sending import Sent, all_sent, forms_on, is_page
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
# As these the forms of these pages are sent.
SENDING = {"engineer": ("tickets:",), "administrator": ("administration:", "hours:", "sending:")}
SEALED = ("ticket", "who_can_see", "ask_to_open", "change", "add_task", "merge")
PROOF = "document.querySelector('[name=csrfmiddlewaretoken]').value"
SEND = """([address, data]) => {
  const form = Object.assign(document.createElement("form"), {method: "post", action: address});
  for (const [name, values] of Object.entries(data))
    for (const value of values) {
      const field = form.appendChild(document.createElement("textarea"));
      Object.assign(field, {name, value});
    }
  form.hidden = true;
  document.body.append(form);
  form.submit();
}"""
# What a browser notes of a page that says why something was not done.
REFUSED = re.compile("status of (409|422)")
KNOWN: dict[str, set[str]] = {}
"""The names of the pages that each of those who share gets, and none of those before it."""
# What Tab stops at, on the whole page or in its own parts, from the link back at the header's end: of radio buttons of
# one name only one, and nothing that is folded away.
STOPS = """whole => {
  const names = new Set(), [header, main] = ["header", "main"].map(name => document.querySelector(name));
  const parts = whole ? [document.body] : [header.lastElementChild, main];
  const stops = parts.flatMap(
    part => [...part.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")])
    .filter(one => !one.disabled && one.tabIndex >= 0 && one.checkVisibility({visibilityProperty: true}))
    .filter(one => one.type !== "radio" || (!names.has(one.name) && names.add(one.name)));
  stops.forEach(one => { one.stop = one.type === "radio" ? one.name : one.outerHTML.slice(0, 120); });
  document.activeElement.blur();
  if (!whole) { parts[0].tabIndex = -1; parts[0].focus(); }
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
    made = build()
    grow(made)
    Clock.objects.update(breached_at=NOON)  # so that there is a page on which to say why
    side = made.sides["OCC"]
    shared = side.rows["shared"]
    shared.refresh_from_db()  # and one on which two have corrected the same
    editing.save(
        shared, by=made.person("OCC", "queue_manager"), version=shared.version, title="Corrected meanwhile"
    )
    # What councils share is changed by who administers them all.
    a_grant(side.people["administrator"], "administrator", made.sides["CDC"].council)
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
        if name not in {*but_for, *NOT_OURS} and is_page(client.get(address), 200)
    }


def own_pages_of(world: World, role: str) -> list[str]:
    """The first screen of a role, and what none of those gets who share before it."""
    before: set[str] = set()
    for other in SHARING[: SHARING.index(role)] if role in SHARING else SHARING:
        if other not in KNOWN:
            KNOWN[other] = set(pages_of(world, other, but_for=before))
        before |= KNOWN[other]
    return ["/", *pages_of(world, role, but_for=before).values()]


def faults_of_keyboard(page, whole: bool) -> list[tuple]:
    """What Tab does not reach on its way round the page, and where nobody sees that it has come; what all pages have
    above and below their own part is gone through on a whole one."""
    stops, reached = page.evaluate(STOPS, whole), {}
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


def sent_by(world: World, role: str | None) -> list[Sent]:
    """What this person sends, of all that they can send where they do it: the forms as they stand, with nothing in
    them, and overtaken; and a promise that is shortened, which is shown with what it does to open requests."""
    if role not in SENDING:
        return []
    pages = {
        name: address for name, address in pages_of(world, role).items() if name.startswith(SENDING[role])
    }
    client = signed_in(world.person("OCC", role))
    found = all_sent(client, pages.values())
    assert {409, 422} <= {one.status for one in found}
    if role == "administrator":
        ticket = world.sides["OCC"].rows["shared"]
        promised = ServiceLevel.objects.filter(ticket_type=ticket.type, priority=ticket.priority)
        address = reverse("hours:level", args=[promised.filter(metric="resolution").first().pk])
        _, _, shown = next(forms_on(client, address))
        found.append(Sent(address, shown | {"hours": ["0"], "minutes": ["1"]}, 200))
    return found


def more_pages_of(world: World, role: str | None) -> dict[str, list[str]]:
    """What no address of the registry leads to, with whom it is shown to."""
    rows = world.sides["OCC"].rows
    shared, other = rows["shared"].reference, rows["own_council"].reference
    if role == "engineer":
        merge, several = reverse("tickets:merge", args=[shared]), reverse("tickets:merge_several")
        ticket = reverse("tickets:ticket", args=[shared])
        return {
            role: [
                ticket,
                f"{merge}?other={other}",
                f"{merge}?q=canary",
                f"{several}?ticket={shared}&ticket={other}",
            ]
        }
    if role == "supplier_contact":  # who has few pages
        return {"case worker": [reverse(f"tickets:{name}", args=[rows["hr"].reference]) for name in SEALED]}
    return {}


def opened(browser, live_server, person: Person | None, faults: list):
    """A tab of somebody who is signed in, and what goes wrong in it."""
    context = browser.new_context()
    if person:
        session = signed_in(person).cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
        )
    context.add_init_script(script=AXE_SCRIPT)
    page = context.new_page()

    def noted(said) -> None:
        if said.type == "error" and not REFUSED.search(said.text):
            faults.append((page.url, said.text))

    page.on("console", noted)
    page.on("pageerror", lambda error: faults.append((page.url, str(error))))
    return page


def looked_at(page, *, at_length: bool, with_keys: bool) -> list[tuple]:
    """What is wrong with the page that is open, at both widths; at length all of it, and on a phone too."""
    page.set_viewport_size(DESK)
    faults = faults_of_looks(page, RULES)
    faults += faults_of_keyboard(page, whole=at_length) if with_keys else []
    page.set_viewport_size(PHONE)
    return faults + faults_of_looks(page, RULES if at_length else RULES_OF_PLACE)


@pytest.mark.parametrize("role", EVERYBODY)
def test_every_page_is_accessible_and_fits(world, live_server, browser, role):
    whole = role in (None, "someone")
    pages = list(pages_of(world, role).values()) if whole else own_pages_of(world, role)
    more, faults = more_pages_of(world, role), []
    for who, addresses in {role: pages + more.pop(role, []), **more}.items():
        person = Person.objects.get(pk=world.sides["OCC"].people[who].pk) if who else None
        page = opened(browser, live_server, person, faults)
        for address in addresses:
            answer = page.goto(live_server.url + address, wait_until="load")
            looked = looked_at(page, at_length=address == pages[0], with_keys=True)
            faults += [(address, *fault) for fault in looked]
            faults += [] if answer.ok else [(address, "is no page", answer.status)]
        page.goto(live_server.url + "/", wait_until="load")
        token = page.evaluate(PROOF) if who else ""
        for address, data, status in sent_by(world, who):
            with page.expect_navigation(wait_until="load") as answer:
                page.evaluate(SEND, [address, {**data, "csrfmiddlewaretoken": [token]}])
            looked = looked_at(page, at_length=False, with_keys=False)
            faults += [(address, data, *fault) for fault in looked]
            faults += [] if answer.value.status == status else [(address, data, answer.value.status)]
        page.context.close()

    assert pages
    assert faults == []

"""Requests that say much the same: who is shown which, and that what is hidden neither shows nor counts."""

import pytest

from servicedesk.tickets.merging import merge
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.similar import SHOWN, similar_to
from servicedesk.tickets.workflow import move
from tests.factories import a_case_group, a_requester, a_service
from tests.sweeps.asking import signed_in
from tests.tickets.world import MONDAY, World, a_world

pytestmark = pytest.mark.django_db
TITLE = "Docking station loses the second screen"


@pytest.fixture
def world() -> World:
    return a_world()


def raised(world: World, title: str, **fields) -> Ticket:
    by = fields.pop("by", None) or world.people["requester"]
    given = {"by": by, "requester": by, "type": "incident", "now": MONDAY, **fields}
    return raise_ticket(title=title, **given)


def test_most_alike_come_first_then_those_of_the_same_service_then_the_newest(world):
    docks = a_service("Docks", world.team)
    ticket = raised(world, TITLE, service=docks)
    two_words = raised(world, "Second screen is dark")
    of_the_service = raised(world, "My second screen flickers", service=docks)
    newest = raised(world, "Screen, second one, is green")
    three_words = raised(world, "The docking station has no screen")
    raised(world, "Screen is dark")
    raised(world, "Please help, it does not work")

    assert similar_to(world.people["engineer"], ticket) == [three_words, of_the_service, newest, two_words]


def test_title_of_one_telling_word_is_found_by_it_and_one_of_none_by_nothing(world):
    printer, other = raised(world, "Printer"), raised(world, "Printer is out of toner")

    assert similar_to(world.people["engineer"], printer) == [other]
    assert similar_to(world.people["engineer"], raised(world, "It does not work")) == []


def test_what_came_to_nothing_or_was_merged_in_is_not_offered(world):
    asha = world.people["engineer"]
    ticket, same, cancelled = (raised(world, TITLE) for _ in range(3))
    merge(same, ticket, by=asha, now=MONDAY)
    move(cancelled, "cancel", by=world.people["queue manager"], reason="Twice")
    solved = raised(world, TITLE)
    move(solved, "resolve", by=asha, resolution_code="fixed", resolution_note="New firmware")

    assert [(each.pk, each.state) for each in similar_to(asha, ticket)] == [(solved.pk, "resolved")]


def shown(who, ticket: Ticket) -> tuple[bytes, list[str]]:
    page = signed_in(who).get(f"/tickets/{ticket.reference}/")
    told = signed_in(who).get(f"/api/v1/tickets/{ticket.reference}/similar/").json()["results"]
    return page.content, [each["reference"] for each in told]


def test_hidden_and_sealed_requests_never_show_nor_take_a_place(world):
    """Before and after there are more of them than are shown: engineer and manager are told the same."""
    cdc = world.ticket.council
    a_case_group("hr", cdc, world.people["case worker"])
    ticket = raised(world, TITLE)
    seen = [raised(world, f"{TITLE}, room {number}") for number in range(2)]
    outsider = world.people["engineer"]
    before = similar_to(outsider, ticket)
    own = a_service("Elections", world.team, sharing="own_council")

    hidden = [raised(world, TITLE, type="request", sensitivity="hr") for _ in range(SHOWN)]
    hidden += [raised(world, TITLE, service=own) for _ in range(SHOWN)]

    assert set(before) == set(seen)
    assert similar_to(outsider, ticket) == before
    page, told = shown(outsider, ticket)
    assert [each.reference for each in before] == told
    assert not [each for each in hidden if each.reference.encode() in page]


def test_case_worker_is_shown_what_they_may_see_and_nobody_else_is_shown_the_panel(world):
    worker = world.people["case worker"]
    a_case_group("hr", world.ticket.council, worker)
    sealed, like = (raised(world, TITLE, type="request", sensitivity="hr") for _ in range(2))
    raised(world, TITLE, by=a_requester(world.ticket.council))

    page, told = shown(worker, sealed)
    assert (told, b"Similar requests" in page) == ([like.reference], True)
    requester_told = shown(world.people["requester"], sealed)[1]
    assert requester_told == []
    assert similar_to(world.people["stranger"], sealed) == []

"""Every move from every state by everybody, against the table as the councils agreed it."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from servicedesk.history.models import Change
from servicedesk.tickets.models import Ticket, TicketState
from servicedesk.tickets.rights import moves_open_to
from servicedesk.tickets.states import MOVES, MoveRefused
from servicedesk.tickets.workflow import move
from tests.tickets.world import MONDAY, a_world, restricted

pytestmark = pytest.mark.django_db

WORKERS = {"engineer", "assignee", "queue manager"}
ASKERS = {"requester", "affected person"}
EARLY = {"new", "assigned", "waiting_approval"}
UNRESOLVED = ["new", "assigned", "in_progress", "waiting_customer", "waiting_supplier", "scheduled"]
# name: (from, to, who)
TABLE = {
    "assign": (["new"], "assigned", WORKERS | {"system"}),
    "take": (["new", "assigned"], "in_progress", WORKERS),
    "start": (["assigned"], "in_progress", {"assignee"}),
    "put_back": (["assigned", "in_progress"], "new", WORKERS),
    "hand_over": (
        ["in_progress", "waiting_customer", "waiting_supplier", "scheduled", "assigned"],
        "assigned",
        WORKERS,
    ),
    "ask_customer": (["assigned", "in_progress"], "waiting_customer", WORKERS),
    "customer_replied": (["waiting_customer"], "in_progress", WORKERS | {"system"}),
    "refer_to_supplier": (["assigned", "in_progress"], "waiting_supplier", WORKERS | {"cyber officer"}),
    "supplier_answered": (["waiting_supplier"], "in_progress", WORKERS | {"supplier contact"}),
    "book": (["assigned", "in_progress"], "scheduled", WORKERS),
    "begin_booked": (["scheduled"], "in_progress", WORKERS),
    "resolve": (UNRESOLVED, "resolved", WORKERS),
    "close": (["resolved"], "closed", ASKERS | {"system"}),
    "reopen": (["resolved"], "in_progress", ASKERS | WORKERS),
    "cancel": ([*UNRESOLVED, "waiting_approval"], "cancelled", ASKERS | {"queue manager"}),
    "request_approval": (["new", "waiting_approval"], "waiting_approval", WORKERS | {"system"}),
    "approve": (["waiting_approval"], "assigned", {"approver"}),
    "reject": (["waiting_approval"], "rejected", {"approver"}),
}
TERMINAL = {"closed", "cancelled", "rejected"}


def expected(name: str, state: str, who: str) -> str:
    sources, target, movers = TABLE[name]
    if who not in movers:
        return "forbidden"
    too_late = name == "cancel" and who in ASKERS and state not in EARLY
    has_not_lapsed = who == "cyber officer"
    return target if state in sources and not (too_late or has_not_lapsed) else "refused"


def outcome(world, name: str, state: str, who: str) -> str:
    """What came of it; nothing of it stays."""
    by = world.people[who]
    with transaction.atomic():
        ticket = world.stand(state, assignee=None) if name == "take" else world.stand(state)
        before, changes = Ticket.objects.values().get(pk=ticket.pk), Change.objects.count()
        try:
            after = move(ticket, name, by=by, now=MONDAY, **world.given(name))
            came = after.state
            assert Change.objects.filter(move=name, object_id=ticket.pk).count() == 1
        except (PermissionDenied, MoveRefused) as error:
            came = "forbidden" if isinstance(error, PermissionDenied) else "refused"
            assert str(error)
            assert (Ticket.objects.values().get(pk=ticket.pk), Change.objects.count()) == (before, changes)
        transaction.set_rollback(True)
    return came


def test_table_names_every_move():
    assert {
        name: ({str(state) for state in step.sources}, str(step.target)) for name, step in MOVES.items()
    } == {name: (set(sources), target) for name, (sources, target, _) in TABLE.items()}


def test_terminal_states_have_no_move_out():
    assert {
        state for state in TicketState.values if not any(state in row[0] for row in TABLE.values())
    } == TERMINAL


@pytest.mark.once
@pytest.mark.parametrize("name", TABLE)
def test_move_from_every_state_by_everybody(name):
    world = a_world()
    cases = [(state, who) for state in TicketState.values for who in world.people]
    assert {case: outcome(world, name, *case) for case in cases} == {
        case: expected(name, *case) for case in cases
    }


@pytest.mark.parametrize("state", TicketState.values)
def test_moves_offered_are_those_that_succeed(state):
    world = a_world()
    ticket = world.stand(state)
    people = {who: person for who, person in world.people.items() if person}
    offered = {who: set(moves_open_to(person, ticket)) for who, person in people.items()}
    # "Take" is offered of somebody else's too, and then says whose it is.
    open_to = {
        who: {name for name in TABLE if expected(name, state, who) not in ("forbidden", "refused")}
        for who in people
    }
    assert offered == open_to


def test_restricted_ticket_is_worked_by_its_case_group_alone():
    world = a_world()
    restricted(world)
    workers = {who for who in world.people if outcome(world, "take", "new", who) == "in_progress"}
    assert workers == {"case worker"}


def test_security_incident_is_worked_by_its_case_group_and_the_cyber_officer():
    world = a_world()
    restricted(world, "cyber")
    workers = {who for who in world.people if outcome(world, "take", "new", who) == "in_progress"}
    assert workers == {"case worker", "cyber officer"}


def test_own_council_ticket_is_worked_by_that_council_and_whom_it_is_assigned_to():
    world = a_world()
    world.stand("in_progress", sharing="own_council")
    workers = {who for who in world.people if outcome(world, "put_back", "in_progress", who) == "new"}
    assert workers == {"assignee", "queue manager"}  # Asha's council is the other one
    Ticket.objects.update(assignee=world.people["engineer"])
    workers = {who for who in world.people if outcome(world, "put_back", "in_progress", who) == "new"}
    assert workers == {"assignee", "queue manager", "engineer"}

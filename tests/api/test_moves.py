"""Every move of the table through the API: once as it should be, and each way in which it is refused."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone

from servicedesk.history.models import Change
from servicedesk.people.models import Person, Team
from servicedesk.tickets.models import Comment, Ticket, TicketState
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.states import MOVES, Who
from servicedesk.tickets.workflow import MISSING, move
from tests.api.calling import as_person, as_program, invalid, problem
from tests.factories import a_person, a_requester, a_service, a_team, an_engineer

pytestmark = pytest.mark.django_db

TOMORROW = (timezone.now() + timedelta(days=1)).isoformat()


@dataclass
class Desk:
    """Everybody whom a move may need, around one ticket of Ben's."""

    asha: Person
    ben: Person
    manager: Person
    approver: Person
    contact: Person
    team: Team
    firm: Team
    ticket: Ticket

    def made(self, *moves: str) -> "Desk":
        """The same desk after the moves, each by the system's or Asha's hand."""
        for name in moves:
            by = None if name == "request_approval" else self.ben if name == "close" else self.asha
            given = {**GIVEN, "supplier_team": self.firm, "approver": self.approver, "team": self.team}
            step = MOVES[name]
            self.ticket = move(self.ticket, name, by=by, **{key: given[key] for key in step.needs})
        return self


GIVEN = {
    "note": "Please look",
    "question": "Which one?",
    "booked_for": timezone.now() + timedelta(days=1),
    "resolution_code": "fixed",
    "resolution_note": "Plugged in",
    "reason": "Not needed",
}


@pytest.fixture
def desk():
    asha, ben = an_engineer(name="Asha"), a_requester(name="Ben")
    team = a_team("Desk", members=(asha,))
    contact = a_person(None, "supplier_contact", name="Sue")
    firm = a_team("Firm", kind="supplier", members=(contact,))
    ticket = raise_ticket(
        by=ben, requester=ben, type="incident", title="No sound", service=a_service(team=team)
    )
    return Desk(
        asha=asha,
        ben=ben,
        manager=a_person(None, "queue_manager", name="Mia"),
        approver=a_person(None, "budget_approver", "engineer", name="Ann"),
        contact=contact,
        team=team,
        firm=firm,
        ticket=ticket,
    )


@dataclass
class Case:
    """A move: what comes before it, who asks, what is sent, and what the ticket then says besides its state.

    `out_of_sight`: whoever made it sees the ticket no more.
    """

    before: tuple[str, ...]
    by: str
    body: Callable[[Desk], dict]
    after: Callable[[Desk], dict] = lambda desk: {}
    out_of_sight: bool = False


def sent(**body) -> Callable[[Desk], dict]:
    return lambda desk: body


def named(row) -> dict:
    return {"id": row.pk, "name": str(row)}


CASES = {
    "assign": Case((), "asha", lambda desk: {"team": desk.team.pk, "assignee": desk.asha.pk}),
    "take": Case((), "asha", sent(), lambda desk: {"assignee": named(desk.asha)}),
    "start": Case((), "asha", sent()),
    "put_back": Case(("take",), "asha", sent(note="Not mine"), lambda desk: {"assignee": None}),
    "hand_over": Case(
        ("take",),
        "asha",
        lambda desk: {"note": "Over to you", "assignee": desk.manager.pk},
        lambda desk: {"assignee": named(desk.manager)},
    ),
    "ask_customer": Case(("take",), "asha", sent(question="Which one?"), lambda desk: {"due_at": None}),
    "customer_replied": Case(("take", "ask_customer"), "asha", sent()),
    "refer_to_supplier": Case(
        ("take",),
        "asha",
        lambda desk: {"supplier_team": desk.firm.pk, "supplier_note": "Your line is down"},
        lambda desk: {"supplier_team": named(desk.firm)},
    ),
    "supplier_answered": Case(("take", "refer_to_supplier"), "contact", sent(), out_of_sight=True),
    "book": Case(
        ("take",), "asha", sent(booked_for=TOMORROW, booked_by_customer=True), lambda desk: {"due_at": None}
    ),
    "begin_booked": Case(("take", "book"), "asha", sent()),
    "resolve": Case(
        ("take",),
        "asha",
        sent(resolution_code="fixed", resolution_note="New headset"),
        lambda desk: {"resolution_code": "fixed", "resolution_note": "New headset"},
    ),
    "close": Case(("take", "resolve"), "ben", sent()),
    "reopen": Case(
        ("take", "resolve"),
        "ben",
        sent(message="Still silent"),
        lambda desk: {"resolution_note": ""},
    ),
    "cancel": Case((), "manager", sent(reason="Twice"), lambda desk: {"resolution_note": "Twice"}),
    "request_approval": Case(
        (),
        "asha",
        lambda desk: {"approver": desk.approver.pk, "reason": "Not standard", "cost": "189.50"},
        lambda desk: {
            "approver": named(desk.approver),
            "approval_reason": "Not standard",
            "approval_cost": None,
            "due_at": None,
        },
    ),
    "approve": Case(("request_approval",), "approver", sent()),
    "reject": Case(
        ("request_approval",),
        "approver",
        sent(reason="Too dear"),
        lambda desk: {"resolution_note": "Too dear"},
    ),
}
FROM = {
    "new": (),
    "waiting_approval": ("request_approval",),
    "in_progress": ("take",),
    "waiting_customer": ("take", "ask_customer"),
    "waiting_supplier": ("take", "refer_to_supplier"),
    "scheduled": ("take", "book"),
    "resolved": ("take", "resolve"),
    "closed": ("take", "resolve", "close"),
}


def prepared(desk: Desk, name: str) -> tuple[Desk, str]:
    """The desk at which a case begins, and the path of the move."""
    desk.made(*CASES[name].before)
    if name == "start":
        desk.ticket = move(desk.ticket, "assign", by=desk.asha, team=desk.team, assignee=desk.asha)
    return desk, f"tickets/{desk.ticket.reference}/moves/{name}/"


def state_of(desk: Desk) -> tuple:
    return Ticket.objects.values_list("state", "version").get(pk=desk.ticket.pk)


def test_the_table_is_whole():
    assert set(CASES) == set(MOVES)


@pytest.mark.parametrize("name", CASES)
def test_move_is_made(desk, name):
    case = CASES[name]
    desk, path = prepared(desk, name)
    body = {**case.body(desk), "version": desk.ticket.version}

    answer = as_program(getattr(desk, case.by)).ask("POST", path, body)

    if case.out_of_sight:
        assert (answer.status_code, answer.content) == (204, b"")
        assert state_of(desk)[0] == MOVES[name].target
    else:
        shown = answer.json()
        assert answer.status_code == 200, shown
        assert shown["state"] == MOVES[name].target
        assert {key: shown[key] for key in case.after(desk)} == case.after(desk)
    last = Change.objects.filter(kind="tickets.ticket", object_id=desk.ticket.pk).latest("id")
    assert (last.move, last.change_set.by_label, last.change_set.source) == (
        name,
        str(getattr(desk, case.by)),
        "api",
    )


@pytest.mark.parametrize("name", CASES)
def test_move_from_elsewhere_is_refused_with_409(desk, name):
    case = CASES[name]
    elsewhere = next(state for state in FROM if TicketState(state) not in MOVES[name].sources)
    desk.made(*FROM[elsewhere])
    Ticket.objects.filter(pk=desk.ticket.pk).update(
        assignee=desk.asha, approver=desk.approver, supplier_team=desk.firm, team=desk.firm
    )
    before = state_of(desk)

    answer = as_person(getattr(desk, case.by)).ask(
        "POST", f"tickets/{desk.ticket.reference}/moves/{name}/", case.body(desk)
    )

    body = answer.json()
    assert (answer.status_code, body["title"], body["status"]) == (409, "Conflict", 409)
    assert answer["Content-Type"] == "application/problem+json"
    assert desk.ticket.reference in body["detail"]
    assert state_of(desk) == before


@pytest.mark.parametrize("name", [name for name in MOVES if name not in ("close", "reopen")])
def test_move_of_somebody_else_is_refused_with_403(desk, name):
    who = desk.ben
    if Who.REQUESTER_EARLY in MOVES[name].who:
        who = a_person(None, "auditor")
    desk, path = (
        prepared(desk, name) if name in CASES else (desk, f"tickets/{desk.ticket.reference}/moves/{name}/")
    )
    body = CASES[name].body(desk) if name in CASES else {}
    before = state_of(desk)

    hidden = ("team", "assignee", "supplier_team", "approver")
    narrowed = {key: value for key, value in body.items() if key not in hidden}
    answer = as_person(who).ask("POST", path, narrowed)

    allowed = " or ".join(who.value for who in MOVES[name].who)
    assert (answer.status_code, answer.json()) == (
        403,
        problem(403, "Forbidden", f"Only {allowed} may do this."),
    )
    assert state_of(desk) == before


@pytest.mark.parametrize("name", ["close", "reopen"])
def test_move_of_the_requester_is_refused_to_a_reader(desk, name):
    desk, path = prepared(desk, name)
    answer = as_person(a_person(None, "auditor")).ask("POST", path, {})
    assert answer.status_code == 403


@pytest.mark.parametrize("name", [name for name in CASES if MOVES[name].needs])
def test_move_without_what_it_needs_says_what_by_field(desk, name):
    desk, path = prepared(desk, name)
    before = state_of(desk)

    answer = as_person(getattr(desk, CASES[name].by)).ask("POST", path, {})

    wanted = {field: [MISSING[field]] for field in MOVES[name].needs}
    assert (answer.status_code, answer.json()) == (400, invalid(**wanted))
    assert state_of(desk) == before


def test_move_with_what_it_does_not_take_is_refused(desk):
    answer = as_person(desk.asha).ask(
        "POST", f"tickets/{desk.ticket.reference}/moves/take/", {"reason": "Why not"}
    )
    assert answer.json() == invalid(reason=["This move does not take that."])


def test_move_at_a_stale_version_is_refused_and_says_by_whom(desk):
    version = desk.ticket.version
    desk.made("take")

    answer = as_person(desk.manager).ask(
        "POST", f"tickets/{desk.ticket.reference}/moves/put_back/", {"note": "Mine", "version": version}
    )

    detail = f"{desk.ticket.reference} was changed by Asha while you were looking at it."
    assert (answer.status_code, answer.json()) == (409, problem(409, "Conflict", detail))


def test_the_second_to_take_is_told_by_whom(desk):
    desk.made("take")
    answer = as_person(desk.manager).ask("POST", f"tickets/{desk.ticket.reference}/moves/take/", {})
    detail = (
        f"{desk.ticket.reference} is in progress, so “Take” is not possible. Asha was the last to change it."
    )
    assert answer.json() == problem(409, "Conflict", detail)


def test_only_whom_the_person_may_see_can_be_named(desk):
    """A case group of others, and a person of no council whose desk is worked, are as unknown as none."""
    hidden = a_team("Hidden", kind="case_group", sensitivity="hr")
    path = f"tickets/{desk.ticket.reference}/moves/assign/"

    answers = [as_person(desk.asha).ask("POST", path, {"team": key}).json() for key in (hidden.pk, 10**9)]

    assert answers == [
        invalid(team=[f'Invalid pk "{key}" - object does not exist.']) for key in (hidden.pk, 10**9)
    ]


def test_what_is_said_with_a_move_is_said_on_the_ticket(desk):
    desk, path = prepared(desk, "ask_customer")
    as_program(desk.asha).ask("POST", path, {"question": "Which one?\r\nThe e\u0301ar piece?"})
    comment = Comment.objects.get()
    assert (comment.body, comment.visibility, comment.author) == (
        "Which one?\nThe éar piece?",
        "public",
        desk.asha,
    )


def test_an_unknown_move_is_no_address(desk):
    answer = as_person(desk.asha).ask("POST", f"tickets/{desk.ticket.reference}/moves/delete/", {})
    assert answer.status_code == 404

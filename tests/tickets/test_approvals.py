"""Approval: asked for by an engineer or by the rule of a service, given by a manager or who holds the budget."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from servicedesk.history.models import Change
from servicedesk.notifications.models import Message
from servicedesk.people.grants import end
from servicedesk.people.models import Absence, Person
from servicedesk.service_levels.models import ServiceLevel
from servicedesk.tickets.approvals import approvers_for
from servicedesk.tickets.calling import log_call
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.states import MoveRefused
from servicedesk.tickets.workflow import change, move
from tests.factories import (
    a_case_group,
    a_council,
    a_grant,
    a_person,
    a_requester,
    a_service,
    a_team,
    an_engineer,
)

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 11, 20, tzinfo=UTC)
WEDNESDAY = datetime(2026, 11, 25, 9, 40, tzinfo=UTC)


class Desk:
    """Ben of Cherwell, his manager Cleo and hers, Dot; who holds Cherwell's budget; engineers of both councils."""

    def __init__(self) -> None:
        occ, self.cdc = a_council("OCC"), a_council("CDC")
        self.dot = a_requester(self.cdc, name="Dot")
        self.cleo = a_requester(self.cdc, name="Cleo", line_manager=self.dot)
        self.ben = a_requester(self.cdc, name="Ben", line_manager=self.cleo)
        self.ann = a_person(self.cdc, "budget_approver", name="Ann")
        self.asha, self.dev = an_engineer(occ, name="Asha"), an_engineer(self.cdc, name="Dev")
        self.team = a_team("Desktop support", members=(self.asha, self.dev))
        self.laptops = a_service("Laptops", self.team)

    def rule(self, approval: str) -> None:
        type(self.laptops).objects.filter(pk=self.laptops.pk).update(approval=approval)
        self.laptops.refresh_from_db()

    def asked(self, by: Person | None = None, **given) -> Ticket:
        requester = by or self.ben
        said = {"type": "request", "title": "A laptop", "service": self.laptops, "now": MONDAY, **given}
        return raise_ticket(by=requester, requester=requester, **said)


@pytest.fixture
def desk():
    return Desk()


def names(people) -> set[str]:
    return {person.display_name for person in people}


def wrong(error) -> dict:
    return error.value.message_dict


def test_engineer_asks_with_the_cost_and_the_reason_on_the_page(desk, client):
    ticket = desk.asked()
    client.force_login(desk.asha)
    path = f"/tickets/{ticket}/moves/request_approval/"

    page = client.get(f"/tickets/{ticket}/").content.decode()
    without = client.post(path, {"approver": desk.ann.pk})
    client.post(path, {"approver": desk.ann.pk, "cost": "742", "reason": "The old one cannot be mended"})

    ticket.refresh_from_db()
    assert "Ask for approval" in page
    assert "Enter the reason" in without.content.decode()
    assert (ticket.state, ticket.approver) == ("waiting_approval", desk.ann)
    assert (ticket.approval_cost, ticket.approval_reason) == (
        Decimal("742.00"),
        "The old one cannot be mended",
    )
    client.force_login(desk.ann)
    home, asked = (client.get(path).content.decode() for path in ("/home/", f"/requests/{ticket}/approve/"))
    assert "Cost: £742.00" in home
    assert [words in asked for words in ("£742.00", "The old one cannot be mended", "Ben")] == [True] * 3
    letter = Message.objects.get(person=desk.ann)
    assert "Ben needs your approval, for this reason:\n\nThe old one cannot be mended" in letter.body
    client.force_login(desk.ben)
    own = client.get(f"/requests/{ticket}/").content.decode()
    assert "Waiting for Ann to approve" in own
    assert "The old one cannot be mended" in own
    assert "742" not in own


def test_cost_is_for_whom_it_is_asked_and_for_who_sees_the_councils_money(desk, client):
    ticket = desk.asked()
    move(ticket, "request_approval", by=desk.asha, approver=desk.ann, cost=Decimal("742"), reason="Dear")
    keeper = a_person(desk.cdc, "engineer", "asset_manager", name="Kay")

    told = {}
    for person in (desk.asha, desk.dev, desk.ann, keeper):
        client.force_login(person)
        body = client.get(f"/api/v1/tickets/{ticket}/").json()
        page = client.get(f"/tickets/{ticket}/", follow=True).content.decode()
        told[person.display_name] = (body["approval_cost"], body["approval_reason"], "£742.00" in page)

    assert told == {
        "Asha": (None, "Dear", False),
        "Dev": (None, "Dear", False),
        "Ann": ("742.00", "Dear", True),
        "Kay": ("742.00", "Dear", True),
    }


def test_manager_theirs_and_who_holds_the_budget_can_be_asked_and_never_who_wants_it(desk):
    ticket = desk.asked()
    assert names(approvers_for(ticket)) == {"Cleo", "Dot", "Ann"}
    a_grant(desk.ben, "budget_approver")
    assert names(approvers_for(desk.asked(affected_person=desk.cleo))) == {"Dot", "Ann"}


@pytest.mark.parametrize("who", ["asha", "dev", "ben"])
def test_nobody_else_is_asked(desk, who):
    a_grant(desk.asha, "budget_approver", desk.cdc)
    ticket = desk.asked()
    with pytest.raises(ValidationError) as refused:
        move(ticket, "request_approval", by=desk.asha, approver=getattr(desk, who), reason="Dear")
    assert wrong(refused) == {
        "approver": [
            {
                "asha": "Choose somebody else: nobody approves what they ask for.",
                "dev": "This is approved by their manager or a budget approver.",
                "ben": "Nobody approves their own request.",
            }[who]
        ]
    }


def test_request_of_ten_days_waits_for_the_manager_by_itself(desk):  # E21
    ServiceLevel.objects.create(
        ticket_type="request",
        priority="P4",
        metric="fulfilment",
        service=desk.laptops,
        target_seconds=342_000,
    )
    desk.rule("manager")

    ticket = desk.asked()

    assert (ticket.state, ticket.approver, ticket.approval_reason) == (
        "waiting_approval",
        desk.cleo,
        "Laptops needs approval.",
    )
    promised = ticket.clocks.get(metric="fulfilment")
    assert (promised.state, promised.due_at, ticket.clocks.get(metric="response").state) == (
        "paused",
        None,
        "running",
    )
    asked = Change.objects.get(object_id=ticket.pk, kind="tickets.ticket", move="request_approval")
    assert asked.change_set.by_id == desk.ben.pk
    for name in ("take", "assign", "resolve"):
        given = {"resolution_code": "fulfilled", "resolution_note": "Done", "team": desk.team}
        needed = {"take": (), "assign": ("team",), "resolve": ("resolution_code", "resolution_note")}[name]
        with pytest.raises(MoveRefused):
            move(ticket, name, by=desk.asha, **{key: given[key] for key in needed})

    approved = move(ticket, "approve", by=desk.cleo, now=WEDNESDAY)

    assert (approved.state, approved.team) == ("assigned", desk.team)
    assert approved.due_at == datetime(2026, 12, 9, 9, 40, tzinfo=UTC)


@pytest.mark.parametrize("answer", [("approve", {}), ("reject", {"reason": "Too dear"})])
def test_who_may_approve_no_longer_does_not_and_somebody_else_is_asked(desk, answer):
    name, given = answer
    ticket = move(desk.asked(), "request_approval", by=desk.asha, approver=desk.ann, reason="Dear")
    end(desk.ann.grants.get(), by=None)
    a_grant(desk.ann, "requester")

    with pytest.raises(MoveRefused, match="Ann no longer approves this"):
        move(ticket, name, by=Person.objects.get(pk=desk.ann.pk), **given)

    Message.objects.all().delete()
    ticket = move(ticket, "request_approval", by=desk.asha, approver=desk.cleo, reason="Dear")
    assert (ticket.state, ticket.approver) == ("waiting_approval", desk.cleo)
    assert [str(one.person) for one in Message.objects.filter(event="approval_wanted")] == ["Cleo"]
    assert (
        move(ticket, name, by=desk.cleo, **given).state == {"approve": "assigned", "reject": "rejected"}[name]
    )


def test_not_approved_it_ends_and_says_why(desk):
    desk.rule("manager")
    ticket = desk.asked()

    rejected = move(ticket, "reject", by=desk.cleo, reason="Take a spare one", now=WEDNESDAY)

    assert (rejected.state, rejected.resolution_note) == ("rejected", "Take a spare one")
    assert set(rejected.clocks.values_list("state", flat=True)) == {"cancelled"}
    letter = Message.objects.get(person=desk.ben, event="ended")
    assert "Take a spare one" in letter.body


@pytest.mark.parametrize(
    ("rule", "away", "gone", "expected"),
    [
        ("manager", (), (), "Cleo"),
        ("manager", ("cleo",), (), "Dot"),
        ("manager", ("cleo", "dot"), (), "Ann"),
        ("manager", ("cleo", "dot", "ann"), (), "Cleo"),
        ("manager", (), ("cleo",), "Dot"),
        ("budget", (), (), "Ann"),
        ("budget", ("ann",), (), "Ann"),
    ],
)
def test_who_is_asked_by_the_rule_is_here(desk, rule, away, gone, expected):
    desk.rule(rule)
    for name in away:
        Absence.objects.create(
            person=getattr(desk, name), first_day=date(2026, 11, 20), last_day=date(2026, 11, 23)
        )
    Person.objects.filter(pk__in=[getattr(desk, name).pk for name in gone]).update(is_active=False)

    assert desk.asked().approver.display_name == expected


def test_absence_that_is_over_or_cancelled_counts_for_nothing(desk):
    desk.rule("manager")
    span = {"person": desk.cleo, "first_day": date(2026, 11, 20)}
    Absence.objects.create(**span, last_day=date(2026, 11, 22))
    Absence.objects.create(**span, last_day=date(2026, 11, 30), cancelled_at=MONDAY - timedelta(days=1))

    assert desk.asked().approver == desk.cleo


def test_where_nobody_can_approve_it_is_not_asked_at_all(desk, client):
    desk.rule("budget")
    desk.ann.grants.update(ends_at=MONDAY)
    client.force_login(desk.ben)
    said = {
        "kind": "request",
        "title": "A laptop",
        "effect": "wait",
        "service": desk.laptops.pk,
        "sensitivity": "normal",
    }

    answer = client.post("/help/", said)

    assert answer.status_code == 422
    assert (
        "Nobody at Cherwell District Council can approve this. Call the IT desk." in answer.content.decode()
    )
    assert not Ticket.objects.exists()


def test_what_is_broken_waits_for_nobody(desk):
    desk.rule("manager")
    assert desk.asked(type="incident").state == "new"


def test_private_request_is_approved_within_its_case_group(desk):
    gil = a_requester(desk.cdc, name="Gil")
    a_case_group("hr", desk.cdc, gil)
    desk.rule("manager")
    ticket = desk.asked(sensitivity="hr")
    assert (ticket.state, ticket.approver) == ("waiting_approval", gil)


def test_new_request_whose_service_is_found_to_need_approval_waits_for_it(desk):
    ticket = desk.asked(service=None)
    desk.rule("manager")

    changed = change(ticket, by=desk.asha, version=ticket.version, service=desk.laptops, now=MONDAY)

    assert (changed.state, changed.approver) == ("waiting_approval", desk.cleo)


@pytest.mark.parametrize(
    ("outcome", "field"), [("resolve", "outcome"), ("keep", "outcome"), ("pass_on", "team")]
)
def test_call_about_what_needs_approval_is_passed_on_alone(desk, outcome, field):
    desk.rule("manager")
    said = {"type": "request", "title": "A laptop", "service": desk.laptops, "channel": "phone"}
    then = {"resolution_code": "fulfilled", "resolution_note": "Done", "assignee": desk.dev}
    call = {"by": desk.asha, "caller": desk.ben, "said": said, "about": {}, "token": "a" * 24, "now": MONDAY}

    with pytest.raises(ValidationError) as refused:
        log_call(**call, outcome=outcome, then=then)
    assert wrong(refused) == {
        field: ["Cleo must approve this first. Choose “Pass on”, and no team or person"]
    }
    assert not Ticket.objects.exists()
    assert log_call(**call, outcome="pass_on", then={}).state == "waiting_approval"


def test_administrator_says_what_must_be_approved(desk, client):
    admin = a_person(desk.cdc, "administrator")
    a_grant(admin, "administrator", a_council("OCC"))
    client.force_login(admin)
    given = {"version": 1, "approval": "manager"}

    answer = client.patch(f"/api/v1/services/{desk.laptops.pk}/", given, content_type="application/json")

    assert answer.json()["approval"] == "manager"
    assert "Who must approve what somebody needs of it" in (
        client.get(f"/admin/services/{desk.laptops.pk}/").content.decode()
    )

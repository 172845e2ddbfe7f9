"""Sealed by birth, sealed at once, opened by two."""

from datetime import UTC, datetime

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from servicedesk.history.models import Change
from servicedesk.notifications.models import Message
from servicedesk.notifications.sending import send_waiting
from servicedesk.people.models import Person
from servicedesk.search.searching import search
from servicedesk.tickets.models import Alert, OpeningRequest, Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.rights import moves_open_to
from servicedesk.tickets.sealing import (
    alert_council,
    ask_to_open,
    change_service,
    decide_opening,
    openings_of,
    raise_sensitivity,
)
from servicedesk.tickets.states import MoveRefused
from servicedesk.tickets.wording import state_for_requester
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
from tests.tickets.world import MONDAY

pytestmark = pytest.mark.django_db


class Desk:
    """Cherwell with its case groups, a requester, and an engineer of either council."""

    def __init__(self) -> None:
        self.cdc, self.occ = a_council("CDC"), a_council("OCC")
        self.ben = a_requester(self.cdc, name="Ben")
        self.dev, self.asha = an_engineer(self.cdc, name="Dev"), an_engineer(self.occ, name="Asha")
        self.hana, self.hugh = a_requester(self.cdc, name="Hana"), a_requester(self.cdc, name="Hugh")
        self.hr = a_case_group("hr", self.cdc, self.hana, self.hugh)
        self.legal = a_case_group("legal", self.cdc, a_requester(self.cdc, name="Lea"))
        self.cyber = a_case_group("cyber", self.cdc, self.hana)
        self.cy = a_person(self.occ, "cyber_officer", name="Cy")
        self.team = a_team("Service desk", members=(self.dev, self.asha))

    def raised(self, **fields) -> Ticket:
        given = {"by": self.ben, "requester": self.ben, "type": "incident", "title": "Payslip", "now": MONDAY}
        return raise_ticket(**{**given, **fields})


@pytest.fixture
def desk() -> Desk:
    return Desk()


def sees(person: Person, ticket: Ticket) -> bool:
    again = Person.objects.get(pk=person.pk)
    return Ticket.objects.visible_to(again).filter(pk=ticket.pk).exists()


def facts(ticket: Ticket) -> tuple:
    ticket.refresh_from_db()
    return ticket.sharing, ticket.sensitivity, ticket.case_group, ticket.team, ticket.assignee, ticket.state


@pytest.mark.parametrize("kind", ["hr", "safeguarding", "cyber", "member", "audit_fraud", "legal"])
@pytest.mark.parametrize("by", ["what is said", "the service"])
def test_private_kind_is_sealed_as_it_is_raised(desk, kind, by):
    group = {"hr": desk.hr, "legal": desk.legal, "cyber": desk.cyber}.get(kind) or a_case_group(
        kind, desk.cdc
    )
    private = a_service("Private", desk.team, sensitivity=kind)
    ticket = desk.raised(**({"sensitivity": kind} if by == "what is said" else {"service": private}))

    assert facts(ticket) == ("restricted", kind, group, group, None, "new")
    assert [sees(person, ticket) for person in (desk.dev, desk.asha)] == [False, False]


def test_security_incident_is_of_cyber_security_whatever_is_said(desk):
    ticket = desk.raised(type="security", sensitivity="hr", service=a_service(sensitivity="legal"))

    assert facts(ticket)[:3] == ("restricted", "cyber", desk.cyber)


def test_what_is_said_goes_before_what_the_service_is(desk):
    ticket = desk.raised(sensitivity="hr", service=a_service(sensitivity="legal"))

    assert facts(ticket)[:3] == ("restricted", "hr", desk.hr)


def test_private_service_without_a_case_group_raises_nothing(desk):
    with pytest.raises(ValidationError):
        desk.raised(service=a_service(sensitivity="member"))

    assert Ticket.objects.count() == 0


def test_archived_case_group_receives_nothing(desk):
    desk.hr.archived_at = MONDAY
    desk.hr.save()
    with pytest.raises(ValidationError):
        desk.raised(sensitivity="hr")


def test_new_private_service_seals_the_ticket_and_takes_its_engineer_off(desk):
    ticket = desk.raised()
    Ticket.objects.filter(pk=ticket.pk).update(assignee=desk.dev, state="in_progress")
    ticket = change(ticket, by=desk.dev, version=1, service=a_service(sensitivity="hr"))

    assert facts(ticket) == ("restricted", "hr", desk.hr, desk.hr, None, "assigned")
    assert not sees(desk.dev, ticket)


def test_service_that_becomes_private_seals_all_that_was_asked_of_it(desk):
    payroll = a_service("Payroll", desk.team)
    ticket, other = desk.raised(service=payroll), desk.raised(service=a_service())
    Ticket.objects.filter(pk=ticket.pk).update(assignee=desk.dev, state="in_progress")
    change_service(payroll, by=None, version=payroll.version, sensitivity="hr")

    assert facts(ticket) == ("restricted", "hr", desk.hr, desk.hr, None, "assigned")
    assert (facts(other)[0], sees(desk.dev, ticket)) == ("shared", False)


def test_what_waits_for_approval_is_asked_of_somebody_of_its_case_group_once_it_is_sealed(desk):
    cleo = a_requester(desk.cdc, name="Cleo")
    Person.objects.filter(pk=desk.ben.pk).update(line_manager=cleo)
    ticket = desk.raised(type="request", service=a_service("Laptops", desk.team, approval="manager"))
    assert ticket.approver == cleo

    ticket = raise_sensitivity(ticket, by=desk.ben, sensitivity="hr")
    assert (ticket.state, ticket.approver, moves_open_to(cleo, ticket)) == ("waiting_approval", None, [])
    assert state_for_requester(ticket) == "Waiting for somebody of its case group to approve"

    ticket = move(ticket, "request_approval", by=desk.hana, approver=desk.hugh, reason="Dear")
    assert move(ticket, "approve", by=desk.hugh).state == "assigned"


def test_whoever_of_the_case_group_was_asked_to_approve_still_is_once_it_is_sealed(desk):
    Person.objects.filter(pk=desk.ben.pk).update(line_manager=desk.hugh)
    ticket = desk.raised(type="request", service=a_service("Laptops", desk.team, approval="manager"))

    assert raise_sensitivity(ticket, by=desk.ben, sensitivity="hr").approver == desk.hugh


def test_service_becomes_private_only_where_each_council_has_a_group_for_it(desk):
    payroll = a_service("Payroll", desk.team)
    ticket = desk.raised(service=payroll)
    with pytest.raises(ValidationError):
        change_service(payroll, by=None, version=payroll.version, sensitivity="member")

    payroll.refresh_from_db()
    assert (payroll.sensitivity, facts(ticket)[0]) == ("", "shared")


def test_private_ticket_stays_with_its_group_whatever_service_it_is_about(desk):
    ticket = desk.raised(sensitivity="hr")
    for service in (a_service(sensitivity="legal"), a_service(), a_service(sharing="own_council")):
        ticket = change(ticket, by=desk.hana, version=ticket.version, service=service)

    assert facts(ticket)[:3] == ("restricted", "hr", desk.hr)


@pytest.mark.parametrize("who", ["ben", "dev", "asha"])
def test_whoever_works_on_it_or_asked_for_it_makes_it_private_at_once(desk, who):
    ticket = desk.raised(service=a_service("Laptops", desk.team))
    Ticket.objects.filter(pk=ticket.pk).update(assignee=desk.dev, state="in_progress")
    raise_sensitivity(ticket, by=getattr(desk, who), sensitivity="hr", now=MONDAY)

    assert facts(ticket) == ("restricted", "hr", desk.hr, desk.hr, None, "assigned")
    assert [sees(person, ticket) for person in (desk.ben, desk.hana, desk.dev, desk.asha, desk.cy)] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert search(Person.objects.get(pk=desk.dev.pk), "payslip") == []
    change = Change.objects.filter(kind="tickets.ticket", object_id=ticket.pk).order_by("-id").first()
    assert change.fields["sensitivity"] == ["normal", "hr", "Nothing private", "A personnel matter"]


def test_engineer_who_is_of_the_case_group_stays_on_it(desk):
    a_grant(desk.hugh, "engineer")
    ticket = desk.raised()
    Ticket.objects.filter(pk=ticket.pk).update(assignee=desk.hugh, state="in_progress")
    raise_sensitivity(ticket, by=desk.hugh, sensitivity="hr")

    assert facts(ticket) == ("restricted", "hr", desk.hr, desk.hr, desk.hugh, "in_progress")


def test_cyber_officer_who_has_it_stays_on_a_security_problem(desk):
    ticket = desk.raised()
    Ticket.objects.filter(pk=ticket.pk).update(assignee=desk.cy, state="in_progress")
    raise_sensitivity(ticket, by=desk.dev, sensitivity="cyber")

    assert facts(ticket) == ("restricted", "cyber", desk.cyber, desk.cyber, desk.cy, "in_progress")


@pytest.mark.parametrize("role", ["requester", "auditor", "administrator", "service_owner", "cyber_officer"])
def test_nobody_else_makes_it_private(desk, role):
    with pytest.raises(PermissionDenied):
        raise_sensitivity(desk.raised(), by=a_person(desk.cdc, role), sensitivity="hr")


def test_what_is_private_is_not_moved_by_making_it_private_again(desk):
    ticket = desk.raised(sensitivity="hr")
    with pytest.raises(MoveRefused):
        raise_sensitivity(ticket, by=desk.hana, sensitivity="legal")

    assert facts(ticket)[:3] == ("restricted", "hr", desk.hr)


def test_kind_that_nobody_receives_and_nothing_private_are_refused(desk):
    ticket = desk.raised()
    for kind in ("member", "normal", "x"):
        with pytest.raises(ValidationError):
            raise_sensitivity(ticket, by=desk.ben, sensitivity=kind)

    assert facts(ticket)[:3] == ("shared", "normal", None)


def asked(desk, ticket, **fields) -> OpeningRequest:
    return ask_to_open(ticket, **{"by": desk.hana, "sharing": "shared", "reason": "Only a printer", **fields})


def test_opening_takes_a_second_person_of_the_case_group(desk):
    ticket = desk.raised(sensitivity="hr", service=a_service("Laptops", desk.team))
    request = asked(desk, ticket)
    assert facts(ticket)[:3] == ("restricted", "hr", desk.hr)
    with pytest.raises(PermissionDenied):
        decide_opening(request, by=desk.hana, agreed=True)
    for stranger in (desk.ben, desk.dev, desk.asha, desk.cy, Person.objects.get(display_name="Lea")):
        with pytest.raises(PermissionDenied):
            decide_opening(request, by=stranger, agreed=True)
    decide_opening(request, by=desk.hugh, agreed=True)

    assert facts(ticket) == ("shared", "normal", None, desk.team, None, "new")
    assert sees(desk.asha, ticket)
    with pytest.raises(MoveRefused):
        decide_opening(request, by=desk.hugh, agreed=False)


def test_refused_opening_leaves_all_as_it_was_and_may_be_asked_again(desk):
    ticket = desk.raised(sensitivity="hr")
    request = asked(desk, ticket)
    with pytest.raises(MoveRefused):
        asked(desk, ticket, by=desk.hugh)
    refused = decide_opening(request, by=desk.hugh, agreed=False)

    assert (refused.agreed, refused.decided_by) == (False, desk.hugh)
    assert facts(ticket)[:3] == ("restricted", "hr", desk.hr)
    asked(desk, ticket, by=desk.hugh)


def test_moving_to_another_case_group_takes_two_as_well(desk):
    ticket = desk.raised(sensitivity="hr")
    Ticket.objects.filter(pk=ticket.pk).update(assignee=desk.hana, state="in_progress")
    request = asked(desk, ticket, sharing="restricted", sensitivity="legal")
    decide_opening(request, by=desk.hugh, agreed=True)

    assert facts(ticket) == ("restricted", "legal", desk.legal, desk.legal, None, "assigned")
    assert (sees(desk.hana, ticket), sees(Person.objects.get(display_name="Lea"), ticket)) == (False, True)


@pytest.mark.parametrize("who", ["ben", "dev", "cy"])
def test_nobody_outside_the_case_group_asks(desk, who):
    with pytest.raises(PermissionDenied):
        asked(desk, desk.raised(sensitivity="hr"), by=getattr(desk, who))


def test_cyber_officer_agrees_to_what_is_no_security_problem_after_all(desk):
    ticket = desk.raised(sensitivity="cyber")
    decide_opening(asked(desk, ticket), by=desk.cy, agreed=True)

    assert facts(ticket)[:3] == ("shared", "normal", None)


def test_security_incident_is_never_opened(desk):
    ticket = desk.raised(type="security")

    assert openings_of(ticket) == []
    for fields in ({}, {"sharing": "own_council"}, {"sharing": "restricted", "sensitivity": "hr"}):
        with pytest.raises(MoveRefused):
            asked(desk, ticket, **fields)


def test_ticket_about_a_private_service_moves_between_case_groups_alone(desk):
    ticket = desk.raised(service=a_service("Payroll", desk.team, sensitivity="hr"))
    for sharing in ("shared", "own_council"):
        with pytest.raises(ValidationError):
            asked(desk, ticket, sharing=sharing)

    assert [way[:2] for way in openings_of(ticket)] == [("restricted", "cyber"), ("restricted", "legal")]


def test_ticket_about_a_service_that_a_council_keeps_opens_to_that_council_alone(desk):
    ticket = desk.raised(sensitivity="hr", service=a_service("Elections", desk.team, sharing="own_council"))
    with pytest.raises(ValidationError):
        asked(desk, ticket)
    decide_opening(asked(desk, ticket, sharing="own_council"), by=desk.hugh, agreed=True)

    assert (sees(desk.dev, ticket), sees(desk.asha, ticket)) == (True, False)


def test_opening_that_is_no_longer_possible_is_refused_when_decided(desk):
    ticket = desk.raised(sensitivity="hr")
    request = asked(desk, ticket)
    change(ticket, by=desk.hana, version=ticket.version, service=a_service(sensitivity="hr"))
    with pytest.raises(ValidationError):
        decide_opening(request, by=desk.hugh, agreed=True)

    request.refresh_from_db()
    assert (request.decided_at, facts(ticket)[0]) == (None, "restricted")


def test_opening_without_a_reason_or_of_what_is_open_is_refused(desk):
    with pytest.raises(ValidationError):
        asked(desk, desk.raised(sensitivity="hr"), reason="  ")
    with pytest.raises(MoveRefused):
        asked(desk, desk.raised(), by=desk.dev)


def test_database_takes_no_decision_of_who_asked(desk):
    request = asked(desk, desk.raised(sensitivity="hr"))
    with pytest.raises(IntegrityError), transaction.atomic():
        OpeningRequest.objects.filter(pk=request.pk).update(decided_by=desk.hana)


def test_security_incident_is_told_to_the_other_council_without_detail(desk):
    ticket = desk.raised(type="security", title="Stolen laptop")
    mia, occ_desk = a_person(desk.occ, "queue_manager"), desk.asha
    own = a_person(desk.cdc, "queue_manager")
    alert = alert_council(ticket, by=desk.cy, council=desk.occ, now=MONDAY)

    seen = [list(Alert.objects.visible_to(person)) for person in (mia, desk.cy, occ_desk, own, desk.ben)]
    assert seen == [[alert], [alert], [], [], []]
    assert not sees(mia, ticket)
    with pytest.raises(MoveRefused):
        alert_council(ticket, by=desk.cy, council=desk.occ)
    with pytest.raises(ValidationError):
        alert_council(ticket, by=desk.cy, council=desk.cdc)


def test_warning_is_mailed_at_once_though_it_is_night_and_says_nothing_of_the_incident(desk):
    ticket = desk.raised(type="security", title="Stolen laptop")
    mia, officer = a_person(desk.occ, "queue_manager"), a_person(desk.occ, "cyber_officer")
    Message.objects.all().delete()
    night = datetime(2026, 11, 22, 23, tzinfo=UTC)

    alert_council(ticket, by=desk.cy, council=desk.occ, now=night)
    send_waiting(lambda: night)

    told = {letter.to[0]: letter.body for letter in mail.outbox}
    assert {mia.email, officer.email} <= set(told)
    assert [address for address, body in told.items() if "laptop" in body] == []


def test_only_who_answers_for_cyber_security_warns_and_only_of_that(desk):
    with pytest.raises(PermissionDenied):
        alert_council(desk.raised(type="security"), by=desk.hana, council=desk.occ)
    with pytest.raises(PermissionDenied):
        alert_council(desk.raised(sensitivity="hr"), by=desk.cy, council=desk.occ)

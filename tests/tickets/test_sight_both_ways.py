"""Who sees a ticket is the same asked from the person and asked from the ticket, for everybody and every ticket."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assets.register.registering import link_ticket
from servicedesk.people.models import Council, Grant, Person, StandIn
from servicedesk.people.roles import ROLES
from servicedesk.tickets.grounds import grounds
from servicedesk.tickets.models import BreakGlass, Ticket
from servicedesk.tickets.sight import everyone_who_sees, why
from tests.factories import (
    LONG_AGO,
    a_case_group,
    a_council,
    a_council_alone,
    a_grant,
    a_person,
    a_requester,
    a_service,
    a_team,
    a_ticket,
    an_agreement,
    an_asset,
    an_engineer,
)

pytestmark = [pytest.mark.django_db, pytest.mark.once]
KINDS = ("hr", "safeguarding", "cyber", "member", "audit_fraud", "legal")


def everybody() -> None:
    """Two councils that share the desk, one that is served, one alone; each role at each, and some no longer."""
    hosted, alone = a_council_alone("VAL", "Vale"), a_council_alone("SND", "South Northants")
    councils = [a_council("OCC"), a_council("CDC"), hosted, alone]
    an_agreement("Hosting", hosted, provider=councils[0])
    for council in councils:
        for role in ROLES:
            a_person(council, role, name=f"{role} of {council.code}")
        a_person(council, name=f"Nobody of {council.code}")
        an_engineer(council, name=f"Left {council.code}", is_active=False)
        ended = an_engineer(council, name=f"Was engineer of {council.code}")
        Grant.objects.filter(person=ended).update(ends_at=LONG_AGO + timedelta(days=1))
    a_grant(Person.objects.get(display_name="service_owner of OCC"), "engineer", councils[1])
    a_grant(Person.objects.get(display_name="auditor of OCC"), "engineer", councils[1])
    approver, stand_in = (
        Person.objects.get(display_name=f"{role} of OCC") for role in ("budget_approver", "requester")
    )
    tomorrow = timezone.now() + timedelta(days=1)
    StandIn.objects.create(person=approver, stand_in=stand_in, starts_at=LONG_AGO, ends_at=tomorrow)


def every_ticket() -> None:
    """At each council one of every kind of sharing and sensitivity, as it lies and in all that gives somebody sight."""
    for council in Council.objects.all():
        ben, eve = a_requester(council), a_requester(council)
        for kind in KINDS:
            group = a_case_group(
                kind, council, a_requester(council), Person.objects.get(display_name="Left OCC")
            )
            _in_all_ways(ben, eve, sharing="restricted", sensitivity=kind, case_group=group, team=group)
        for sharing in ("shared", "own_council"):
            _in_all_ways(ben, eve, sharing=sharing)
        a_ticket(ben, sharing="own_council", sensitivity="cyber")


def _in_all_ways(ben: Person, eve: Person, **fields) -> None:
    council = ben.council
    owner = Person.objects.get(display_name=f"service_owner of {council.code}")
    elsewhere = (
        Person.objects.exclude(council=council).filter(display_name__startswith="service_owner").first()
    )
    contact = Person.objects.get(display_name=f"supplier_contact of {council.code}")
    firm = a_team("", council, kind="supplier", members=(contact, eve))
    a_ticket(ben, **fields)
    a_ticket(ben, **{**fields, "affected_person": eve, "assignee": an_engineer(council)})
    a_ticket(ben, **{**fields, "assignee": Person.objects.get(display_name="Was engineer of OCC")})
    for one in (owner, elsewhere):
        a_ticket(ben, **{**fields, "service": a_service(owner=one)})
    for state in ("in_progress", "waiting_supplier"):
        a_ticket(ben, **{**fields, "supplier_team": firm, "state": state})
    a_ticket(ben, **{"team": firm, **fields})
    approver = Person.objects.get(display_name="budget_approver of OCC")
    for state in ("waiting_approval", "assigned"):
        a_ticket(ben, **{**fields, "approver": approver, "state": state})
    about = a_ticket(ben, **fields)
    for other in Council.objects.exclude(pk=council.pk):
        link_ticket(an_asset(other), about, by=None)
    link_ticket(an_asset(council), a_ticket(ben, **fields), by=None)
    _glasses(a_ticket(ben, **fields))


def _glasses(ticket: Ticket) -> None:
    """Everybody has broken its glass, for half of them that was long ago."""
    now = timezone.now()
    for number, person in enumerate(Person.objects.exclude(display_name__startswith="Person")):
        ends = now + timedelta(hours=1) if number % 3 else now - timedelta(hours=1)
        BreakGlass.objects.create(
            person=person, ticket=ticket, reason="x", starts_at=now - timedelta(hours=3), ends_at=ends
        )


def test_everyone_listed_is_everyone_who_sees():
    everybody()
    every_ticket()
    by_person = {
        person.pk: set(Ticket.objects.visible_to(person).values_list("pk", flat=True))
        for person in Person.objects.all()
    }
    given, wrong = set(), {}
    for ticket in Ticket.objects.all():
        seers = everyone_who_sees(ticket)
        given |= {group.sentence for group in seers}
        listed = {person.pk for group in seers for person in group.people}
        sees = {person for person, seen in by_person.items() if ticket.pk in seen}
        if listed != sees:
            wrong[ticket] = Person.objects.filter(pk__in=listed ^ sees)

    assert wrong == {}
    assert given == {ground.sentence for ground in grounds()}  # the world leaves no reason untried


def test_reasons_of_a_person_are_those_under_which_they_are_listed():
    everybody()
    ben = a_requester(a_council("CDC"))
    eve = Person.objects.get(display_name="engineer of CDC")
    _in_all_ways(ben, eve, sharing="own_council")
    _in_all_ways(ben, eve, sharing="restricted", case_group=a_case_group("hr", ben.council, eve))
    people = Person.objects.exclude(display_name__startswith="Person")

    for ticket in Ticket.objects.all():
        seers = everyone_who_sees(ticket)
        assert {person: why(person, ticket) for person in people} == {
            person: [group.sentence for group in seers if person in group.people] for person in people
        }


def test_it_is_asked_as_often_for_many_people_as_for_few():
    ticket = a_ticket()
    with CaptureQueriesContext(
        connection,
    ) as few:
        everyone_who_sees(ticket)
    for _ in range(5):
        an_engineer()
    with CaptureQueriesContext(connection) as many:
        found = everyone_who_sees(ticket)

    assert len(many) == len(few) <= 12
    assert [(group.sentence, len(group.people)) for group in found] == [
        ("it is their own request, or one made for them", 1),
        ("they see the requests that the councils share", 5),
    ]

"""What the pages of administration ask of rows that have no door of their own: always of one's own councils' alone."""

from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone

from servicedesk.catalogue.models import Service
from servicedesk.people.access import councils_of
from servicedesk.people.grants import requests_for_councils, requests_for_officer
from servicedesk.people.models import (
    Absence,
    Agreement,
    Grant,
    GrantRequest,
    Membership,
    Person,
    StandIn,
    Team,
)
from servicedesk.people.querysets import in_force
from servicedesk.people.roles import ROLES, Permission
from servicedesk.service_levels.models import ServiceLevel

MOST_TOLD = 20


class Belonging(NamedTuple):
    """What belongs to somebody, as far as an administrator may know of it, the newest first."""

    grants: list[Grant]
    places: list[Membership]
    asked: list[GrantRequest]
    absences: list[Absence]
    standing_in: list[StandIn]


def belonging_to(person: Person, by: Person) -> Belonging:
    """The roles, places, absences and stand-ins of somebody, and the roles and places that were asked for."""
    administered = councils_of(by, Permission.ADMINISTER)
    teams = Team.objects.visible_to(by).values("pk")
    grants = person.grants.filter(council__in=administered).select_related("council", "granted_by")
    asked = person.grant_requests.filter(Q(council__in=administered) | Q(team__in=teams))
    return Belonging(
        list(grants.order_by("-starts_at")),
        list(person.memberships.filter(team__in=teams).select_related("team").order_by("-starts_at")),
        list(asked.select_related("council", "team", "asked_by")),
        list(person.absences.filter(cancelled_at=None).order_by("-first_day")[:MOST_TOLD]),
        list(person.stood_in_for_by.select_related("stand_in").order_by("-starts_at")[:MOST_TOLD]),
    )


def grants_at_councils_of(person: Person) -> QuerySet[Grant]:
    """The roles that anybody has at the councils that the person administers."""
    administered = councils_of(person, Permission.ADMINISTER)
    return Grant.objects.filter(council__in=administered).select_related("person", "council")


def grants_read_by(person: Person) -> QuerySet[Grant]:
    """The roles that the person may know of, whether they administer the council or check what is done there."""
    read = councils_of(person, Permission.SEE_SETTINGS)
    return Grant.objects.filter(council__in=read).select_related("person", "council")


def grants_in_force(person: Person, role: str = "") -> QuerySet[Grant]:
    """Of those the ones that hold now: of one role, or of all but that which everybody has."""
    held = grants_read_by(person).filter(in_force())
    return held.filter(role=role) if role in ROLES else held.exclude(role="requester")


def requests_at_councils_of(person: Person) -> QuerySet[GrantRequest]:
    """The roles and places that an administrator of the person's councils asked for, and nobody has decided on; and the
    second administrators to whom the person agrees as a cyber security officer; and councils that they or another
    administrator of theirs would add."""
    administered = councils_of(person, Permission.ADMINISTER)
    teams = Team.objects.filter(councils__in=administered).values("pk")
    officers = requests_for_officer(person).values("pk")
    added = Q(pk__in=requests_for_councils(person).values("pk")) | Q(asked_by=person.pk, person=person.pk)
    there = Q(council__in=administered) | Q(team__in=teams) | Q(pk__in=officers) | added
    asked = GrantRequest.objects.filter(there, decided_at=None)
    return asked.select_related("person", "council", "team", "asked_by")


def absences_in(team: Team) -> QuerySet[Absence]:
    """When its members are away, today or later."""
    members = team.memberships.filter(in_force()).values("person")
    noted = Absence.objects.filter(person__in=members, cancelled_at=None, last_day__gte=timezone.localdate())
    return noted.select_related("person")


def services_of(agreement: Agreement) -> QuerySet[Service]:
    """What the agreement brings to its councils while it holds, withdrawn ones too: its targets hold for these."""
    return Service.objects.filter(agreements=agreement).select_related("support_team")


def levels_of(agreement: Agreement) -> QuerySet[ServiceLevel]:
    """Its targets that have not ended; the promises that hold without it are no matter of it."""
    running = Q(ended_on=None) | Q(ended_on__gt=timezone.localdate())
    targets = ServiceLevel.objects.filter(running, agreement=agreement).select_related("council", "service")
    return targets.order_by("ticket_type", "priority", "metric", "service", "council", "starts_on")

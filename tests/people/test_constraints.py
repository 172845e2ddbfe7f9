"""What the database refuses about people."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from servicedesk.people.models import Department, Grant, GrantRequest, Membership, Person, Site, Team
from tests.factories import LONG_AGO, a_council, a_person, a_team

pytestmark = pytest.mark.django_db


def refused(name: str, fields: tuple[str, ...], make) -> None:
    """The database refuses, and names the constraint, or on SQLite its columns."""
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        make()
    said = str(error.value)
    assert name in said or all(field in said for field in fields), said


def a_span(kind, **fields):
    return kind.objects.create(**{"starts_at": LONG_AGO, **fields})


def test_email_is_null_rather_than_empty():
    refused("person_email_null_not_empty", (), lambda: a_person(email=""))


def test_email_is_used_once_whatever_its_case():
    a_person(email="nadia@occ.example")

    refused("person_email_whatever_case", (), lambda: a_person(email="Nadia@OCC.example"))


def test_many_people_have_no_email():
    assert [a_person(email=None).email, a_person(email=None).email] == [None, None]


@pytest.mark.parametrize(
    ("kind", "name"), [(Department, "department_name_in_council"), (Site, "site_name_in_council")]
)
def test_name_is_used_once_in_a_council_whatever_its_case(kind, name):
    kind.objects.create(council=a_council("OCC"), name="Town Hall")
    kind.objects.create(council=a_council("CDC"), name="Town Hall")

    refused(name, (), lambda: kind.objects.create(council=a_council("OCC"), name="TOWN HALL"))


def test_case_group_says_what_it_is_for_and_no_other_team_does():
    refused("case_group_has_sensitivity", (), lambda: Team.objects.create(name="A", kind="case_group"))
    refused("case_group_has_sensitivity", (), lambda: Team.objects.create(name="B", sensitivity="hr"))


def test_person_is_in_a_team_once_at_a_time():
    person, team = a_person(), a_team()
    a_span(Membership, person=person, team=team, ends_at=timezone.now())
    a_span(Membership, person=person, team=team)

    columns = ("membership.person_id", "membership.team_id")
    refused("one_open_membership", columns, lambda: a_span(Membership, person=person, team=team))


def test_person_has_a_role_at_a_council_once_at_a_time():
    person = a_person()
    given = {"person": person, "role": "engineer", "council": person.council}
    a_span(Grant, **given, ends_at=timezone.now())
    a_span(Grant, **given)

    refused("one_open_grant", ("grant.person_id", "grant.role"), lambda: a_span(Grant, **given))


def test_role_or_place_is_asked_for_and_never_both_or_neither():
    person, nadia, team = a_person(), a_person(), a_team()
    asked = {"person": person, "asked_by": nadia, "asked_at": LONG_AGO}
    for what in ({}, {"role": "engineer"}, {"role": "engineer", "council": person.council, "team": team}):
        refused(
            "grant_request_of_role_or_place",
            (),
            lambda what=what: a_span(GrantRequest, **asked, **what),
        )


def test_place_is_asked_for_once_at_a_time():
    person, nadia, team = a_person(), a_person(), a_team()
    asked = {"person": person, "team": team, "asked_by": nadia, "asked_at": LONG_AGO}
    a_span(GrantRequest, **asked, decided_at=LONG_AGO)
    a_span(GrantRequest, **asked)

    columns = ("grantrequest.person_id", "grantrequest.team_id")
    refused("one_open_place_request", columns, lambda: a_span(GrantRequest, **asked))


@pytest.mark.parametrize(("kind", "name"), [(Grant, "grant_span"), (Membership, "membership_span")])
def test_nothing_ends_before_it_begins(kind, name):
    person = a_person()
    other = {"role": "engineer", "council": person.council} if kind is Grant else {"team": a_team()}
    before = LONG_AGO - timedelta(seconds=1)

    refused(name, (), lambda: a_span(kind, person=person, ends_at=before, **other))


def test_nobody_gives_themselves_a_role():
    person = a_person(None, "administrator")
    given = {"person": person, "granted_by": person, "role": "engineer", "council": person.council}

    refused("grant_not_to_oneself", (), lambda: a_span(Grant, **given))


def test_signing_in_finds_the_address_whatever_its_case():
    person = a_person(email="nadia@occ.example")

    assert Person.objects.get_by_natural_key("NADIA@occ.example") == person

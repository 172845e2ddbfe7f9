"""Stand-ins: who names them, who may be one, and for how long."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from servicedesk.history.models import Change
from servicedesk.people.access import stood_in_for
from servicedesk.people.models import Person, StandIn
from servicedesk.people.standing_in import end_stand_in, name_stand_in
from tests.factories import a_council, a_person, a_requester

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


@pytest.fixture
def cleo():
    return a_requester(a_council("CDC"), name="Cleo", email="cleo@cdc.example")


@pytest.fixture
def eve(cleo):
    return a_requester(cleo.council, name="Eve", email="eve@cdc.example")


def named(person, stand_in, by=None, begins=None, **given) -> StandIn:
    ends_at = given.pop("ends_at", timezone.now() + WEEK)
    return name_stand_in(person, stand_in, by=by or person, starts_at=begins, ends_at=ends_at, **given)


def stands_in_for(person: Person) -> frozenset[int]:
    return stood_in_for(Person.objects.get(pk=person.pk))


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_somebody_names_another_and_ends_it(cleo, eve):
    row = named(cleo, eve)
    assert stands_in_for(eve) == {cleo.pk}

    end_stand_in(row, by=cleo)

    assert stands_in_for(eve) == frozenset()
    assert list(Change.objects.filter(kind="people.standin").values_list("action", flat=True)) == [
        "create",
        "update",
    ]


def test_it_lasts_from_and_to_what_was_said(cleo, eve):
    now = timezone.now()
    named(cleo, eve, begins=now + WEEK, ends_at=now + 2 * WEEK)
    assert stands_in_for(eve) == frozenset()

    named(cleo, eve, begins=now - WEEK, ends_at=now, now=now - 2 * WEEK)
    assert stands_in_for(eve) == frozenset()


def test_it_is_not_handed_on(cleo, eve):
    faye = a_requester(cleo.council)
    named(cleo, eve)
    named(eve, faye)

    assert stands_in_for(faye) == {eve.pk}


def test_administrator_of_the_council_names_one_but_never_themselves(cleo, eve):
    admin = a_person(cleo.council, "administrator")
    named(cleo, eve, by=admin)

    with pytest.raises(PermissionDenied, match="cannot name yourself"):
        named(eve, admin, by=admin)


def test_nobody_else_names_or_ends_one(cleo, eve):
    row = named(cleo, eve)
    others = [eve, a_person(cleo.council, "queue_manager"), a_person(a_council("OCC"), "administrator")]
    for other in others:
        with pytest.raises(PermissionDenied):
            named(cleo, a_requester(cleo.council), by=other)
        with pytest.raises(PermissionDenied):
            end_stand_in(row, by=other)


def test_stand_in_works_at_the_same_council(cleo):
    for other in (
        cleo,
        a_requester(a_council("OCC")),
        a_person(cleo.council),
        a_person(cleo.council, "auditor"),
        a_requester(cleo.council, is_active=False),
    ):
        with pytest.raises((ValidationError, PermissionDenied)):
            named(cleo, other)


def test_there_is_one_at_a_time_and_it_ends(cleo, eve):
    now = timezone.now()
    named(cleo, eve)
    with pytest.raises(ValidationError, match="Eve stands in for Cleo then already"):
        named(cleo, a_requester(cleo.council))
    named(cleo, a_requester(cleo.council), begins=now + 2 * WEEK, ends_at=now + 3 * WEEK)
    with pytest.raises(ValidationError, match="Enter the last day"):
        named(eve, a_requester(cleo.council), ends_at=None)


def test_one_is_named_and_ended_by_page(cleo, eve):
    client, address = signed_in(cleo), reverse("people:stand_ins", args=[cleo.pk])
    last = f"{timezone.localdate() + WEEK:%d/%m/%Y}"

    refused = client.post(address, {"stand_in": "nobody@cdc.example", "ends": last})
    assert (refused.status_code, "has the email address nobody@cdc.example" in refused.content.decode()) == (
        422,
        True,
    )
    own = client.post(address, {"stand_in": cleo.email, "ends": last})
    assert (own.status_code, "Enter the email address of somebody else" in own.content.decode()) == (
        422,
        True,
    )
    done = client.post(address, {"stand_in": "EVE@cdc.example", "ends": last}, follow=True)
    assert "Eve decides in the place of Cleo." in done.content.decode()
    row = StandIn.objects.get()
    assert row.last_day == timezone.localdate() + WEEK
    ended = client.post(reverse("people:end_stand_in", args=[cleo.pk, row.pk]), follow=True)

    assert "Nobody stands in" in ended.content.decode()
    assert address in client.get("/account/").content.decode()


def test_page_of_somebody_is_for_who_administers_their_council(cleo):
    address = reverse("people:stand_ins", args=[cleo.pk])
    asked = {
        "administrator": 200,
        "queue_manager": 404,
        "requester": 404,
    }
    assert {role: signed_in(a_person(cleo.council, role)).get(address).status_code for role in asked} == asked


def test_programs_name_see_and_end_one(cleo, eve):
    client, address = signed_in(cleo), reverse("api:stand-in-list")
    sent = {"stand_in": "eve@cdc.example", "ends_at": (timezone.now() + WEEK).isoformat()}

    made = client.post(address, sent, content_type="application/json")
    assert (made.status_code, made.json()["person"]["name"], made.json()["stand_in"]["name"]) == (
        201,
        "Cleo",
        "Eve",
    )
    end = reverse("api:stand-in-end", args=[made.json()["id"]])
    assert [row["id"] for row in signed_in(eve).get(address).json()["results"]] == [made.json()["id"]]
    assert signed_in(a_requester(cleo.council)).get(address).json()["results"] == []
    assert [signed_in(eve).post(end).status_code, client.post(end).status_code] == [403, 200]
    assert stands_in_for(eve) == frozenset()

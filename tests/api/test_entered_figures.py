"""Figures from elsewhere, for programs: a telephone system may send its own."""

import pytest
from django.urls import reverse

from tests.factories import a_council, a_person

pytestmark = pytest.mark.django_db
CALLS = {
    "council": "OCC",
    "kind": "calls",
    "month": "2026-01-01",
    "part": 120,
    "whole": 4000,
    "source": "Telephone system",
    "read_on": "2026-02-02",
}


@pytest.fixture
def owner(client):
    a_council("CDC")
    person = a_person(a_council("OCC"), "service_owner")
    client.force_login(person)
    return person


def send(client, body: dict, *given, method: str = "post"):
    address = reverse(f"api:entered-figure-{'detail' if given else 'list'}", args=given)
    return getattr(client, method)(address, body, content_type="application/json")


def test_one_is_entered_and_corrected(client, owner):
    made = send(client, CALLS)
    assert made.status_code == 201
    assert {name: made.json()[name] for name in CALLS} == CALLS
    assert made.json()["entered_by"]["name"] == str(owner)
    key = made.json()["id"]

    changed = send(client, {"version": 1, "part": 130}, key, method="patch")
    assert (changed.json()["part"], changed.json()["version"]) == (130, 2)
    stale = send(client, {"version": 1, "part": 140}, key, method="patch")
    assert (stale.status_code, stale.json()["current"]["part"]) == (409, 130)


@pytest.mark.parametrize(
    "given, field", [({"part": 4001}, "part"), ({"month": "2026-01-02"}, "month"), ({"kind": "x"}, "kind")]
)
def test_what_cannot_be_is_said_by_field(client, owner, given, field):
    refused = send(client, CALLS | given)
    assert (refused.status_code, list(refused.json()["errors"])) == (400, [field])


def test_nobody_else_enters_or_learns_of_it(client, owner):
    key = send(client, CALLS).json()["id"]
    assert send(client, CALLS | {"council": "CDC"}).status_code == 400
    client.force_login(a_person(a_council("CDC"), "service_owner"))
    assert client.get(reverse("api:entered-figure-list")).json()["results"] == []
    assert send(client, {"version": 1, "part": 1}, key, method="patch").status_code == 404
    client.force_login(a_person(a_council("OCC"), "auditor"))
    assert client.get(reverse("api:entered-figure-detail", args=[key])).json()["part"] == 120
    assert send(client, {"version": 1, "part": 1}, key, method="patch").status_code == 403

"""Scenarios for programs."""

import pytest
from django.urls import reverse

from tests.factories import a_council
from tests.register.pages import manager

pytestmark = pytest.mark.django_db
WHAT_IF = {"council": "OCC", "name": "Longer", "inflation": "0.0300", "levers": {"laptop": {"life": 12}}}


@pytest.fixture
def ours(client):
    a_council("CDC")
    client.force_login(manager("OCC"))
    return client


def send(client, name: str, body: dict, *given, method: str = "post"):
    address = reverse(f"api:scenario-{name}", args=given)
    return getattr(client, method)(address, body, content_type="application/json")


def test_one_is_made_changed_archived_and_brought_back(ours):
    made = send(ours, "list", WHAT_IF)
    assert made.status_code == 201
    assert {name: made.json()[name] for name in WHAT_IF} == WHAT_IF
    key = made.json()["id"]

    changed = send(ours, "detail", {"version": 1, "yearly_cap": "5000.00"}, key, method="patch")
    assert (changed.json()["yearly_cap"], changed.json()["version"]) == ("5000.00", 2)
    stale = send(ours, "detail", {"version": 1, "name": "Late"}, key, method="patch")
    assert (stale.status_code, stale.json()["current"]["name"]) == (409, "Longer")

    archived = send(ours, "archive", {"version": 2}, key)
    assert archived.json()["archived_at"] is not None
    assert send(ours, "archive", {"version": 3}, key).status_code == 400
    assert "Longer" not in ours.get(reverse("refresh:scenarios")).content.decode()
    assert "Longer" in ours.get(reverse("refresh:scenarios"), {"archived": "true"}).content.decode()
    assert "Longer" not in ours.get(reverse("refresh:baselines")).content.decode()
    assert send(ours, "bring-back", {"version": 3}, key).json()["archived_at"] is None


def test_what_is_no_lever_is_refused(ours):
    odd = send(ours, "list", WHAT_IF | {"levers": {"laptop": {"colour": "red"}}})
    assert (odd.status_code, list(odd.json()["errors"])) == (400, ["levers"])


def test_the_other_council_learns_of_none(ours, client):
    key = send(ours, "list", WHAT_IF).json()["id"]
    assert send(ours, "list", WHAT_IF | {"council": "CDC", "name": "Theirs"}).status_code == 400
    client.force_login(manager("CDC"))
    assert client.get(reverse("api:scenario-list")).json()["results"] == []
    assert client.get(reverse("api:scenario-detail", args=[key])).status_code == 404
    assert send(client, "archive", {"version": 1}, key).status_code == 404


def test_it_is_archived_and_brought_back_from_its_page(ours):
    key = send(ours, "list", WHAT_IF).json()["id"]
    assert "Archive it" in ours.get(reverse("refresh:scenario", args=[key])).content.decode()
    ours.post(reverse("refresh:archive_scenario", args=[key]))
    assert "Offer it again" in ours.get(reverse("refresh:scenario", args=[key])).content.decode()
    ours.post(reverse("refresh:bring_back_scenario", args=[key]))
    assert "Archive it" in ours.get(reverse("refresh:scenario", args=[key])).content.decode()

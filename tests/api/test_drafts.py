"""Drafts from outside: kept, read and thrown away, by who wrote them and nobody else."""

import pytest

from servicedesk.tickets.models import Draft
from tests.factories import a_requester, a_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def ben(client):
    ben = a_requester(name="Ben")
    client.force_login(ben)
    return ben


def put(client, form: str, values):
    return client.put(f"/api/v1/drafts/{form}/", {"values": values}, content_type="application/json")


def test_draft_is_kept_where_the_page_finds_it(client, ben):
    ticket = a_ticket(ben)
    form = f"reply-{ticket}"

    kept = put(client, form, {"body": "It is silent", "files": ["a", "b"], "token": "x"})
    put(client, form, {"body": "It is silent again"})

    listed = client.get("/api/v1/drafts/").json()["results"]
    assert kept.json()["values"] == {"body": "It is silent", "files": ["a", "b"]}
    assert [(each["form"], each["values"]) for each in listed] == [(form, {"body": "It is silent again"})]
    assert "It is silent again" in client.get(f"/requests/{ticket}/").content.decode()


def test_draft_is_nobody_elses(client, ben):
    put(client, "help", {"title": "No sound"})
    client.force_login(a_requester())

    assert client.get("/api/v1/drafts/").json()["results"] == []
    assert client.get("/api/v1/drafts/help/").status_code == 404
    client.post("/api/v1/drafts/help/discard/")
    assert Draft.objects.get().person == ben


def test_draft_is_thrown_away(client, ben):
    put(client, "help", {"title": "No sound"})
    assert client.get("/api/v1/drafts/help/").json()["values"] == {"title": "No sound"}
    assert client.post("/api/v1/drafts/help/discard/").status_code == 204
    assert client.get("/api/v1/drafts/help/").status_code == 404


@pytest.mark.parametrize("values", [None, [], "text", {"title": 1}, {"title": ["a", None]}, {"title": {}}])
def test_what_is_no_text_is_refused_in_a_sentence(client, ben, values):
    refused = put(client, "help", values)
    assert refused.status_code == 400
    assert list(refused.json()["errors"]) == ["values"]
    assert not Draft.objects.exists()


def test_what_is_too_long_or_of_no_form_is_refused(client, ben):
    assert put(client, "help", {"title": "x" * 100_001}).status_code == 400
    assert put(client, "Not-A-Form", {"title": "x"}).status_code == 404
    assert not Draft.objects.exists()

"""A manager is told the titles of what their people have asked for, and nothing more."""

import pytest
from django.test import Client
from django.urls import reverse

from servicedesk.tickets.models import Ticket
from tests.factories import a_case_group, a_council, a_requester, a_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def cleo():
    return a_requester(a_council("CDC"), name="Cleo")


@pytest.fixture
def ben(cleo):
    return a_requester(cleo.council, name="Ben", line_manager=cleo)


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def titles(person) -> list[str]:
    told = signed_in(person).get(reverse("api:team-request-list")).json()["results"]
    page = signed_in(person).get("/requests/team/").content.decode()
    assert all(row["title"] in page for row in told)
    return sorted(row["title"] for row in told)


def test_manager_reads_titles_and_where_each_is(cleo, ben):
    a_ticket(ben, title="No sound", description="In room 4")

    page = signed_in(cleo).get("/requests/team/").content.decode()

    assert all(words in page for words in ("No sound", "Ben", "We have it"))
    assert "In room 4" not in page
    assert "/requests/team/" in signed_in(cleo).get("/requests/").content.decode()
    assert "/requests/team/" not in signed_in(ben).get("/requests/").content.decode()


def test_manager_opens_none_of_them(cleo, ben):
    ticket = a_ticket(ben, title="No sound")

    assert not Ticket.objects.visible_to(cleo).exists()
    assert signed_in(cleo).get(f"/requests/{ticket}/").status_code == 404
    assert signed_in(cleo).get(f"/api/v1/tickets/{ticket}/").status_code == 404


def test_what_is_private_finished_or_not_of_their_people_is_not_told(cleo, ben):
    group = a_case_group("hr", cleo.council)
    a_ticket(ben, title="A quarrel", sharing="restricted", sensitivity="hr", case_group=group)
    a_ticket(ben, title="Long done", state="cancelled")
    a_ticket(a_requester(cleo.council), title="Of somebody else")
    a_ticket(a_requester(a_council("OCC"), line_manager=cleo), title="Of another council")
    a_ticket(ben, title="Kept to the council", sharing="own_council")

    assert titles(cleo) == ["Kept to the council"]
    assert titles(ben) == []

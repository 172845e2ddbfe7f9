"""One page that searches everything, and never tells of what is hidden."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from servicedesk.search.searching import search
from servicedesk.tickets.finding import index_tickets
from tests.factories import a_case_group, a_council, a_person, a_requester, a_ticket, an_asset, an_engineer

pytestmark = pytest.mark.django_db


def found(client, person, words: str) -> str:
    client.force_login(person)
    response = client.get("/search/", {"q": words})
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def kestrels():
    """A shared, an own-council and a restricted ticket of each council, all by one word."""
    tickets = {}
    for code in ("OCC", "CDC"):
        council = a_council(code)
        requester, group = a_requester(council), a_case_group("hr", council)
        tickets[f"{code} shared"] = a_ticket(requester, title="Kestrel")
        tickets[f"{code} own"] = a_ticket(requester, title="Kestrel", sharing="own_council")
        tickets[f"{code} sealed"] = a_ticket(
            requester, title="Kestrel", sharing="restricted", sensitivity="hr", case_group=group
        )
    index_tickets(tickets.values())
    return tickets


def test_what_is_hidden_is_never_found(client, kestrels):
    occ, cdc = a_council("OCC"), a_council("CDC")

    def seen(person):
        page = found(client, person, "kestrel")
        return [name for name, ticket in kestrels.items() if ticket.reference in page]

    assert seen(an_engineer(occ)) == ["OCC shared", "OCC own", "CDC shared"]
    assert seen(a_person(cdc, "cyber_officer")) == ["OCC shared", "OCC own", "CDC shared", "CDC own"]
    assert seen(kestrels["CDC sealed"].requester) == ["CDC shared", "CDC own", "CDC sealed"]
    assert seen(a_requester(occ)) == []
    assert seen(a_person(occ, "administrator")) == []
    assert seen(a_person(occ)) == []


def test_the_page_groups_what_it_found(client):
    ticket = a_ticket(title="Kestrel will not start")
    index_tickets([ticket])
    asset = an_asset(hostname="KESTREL")

    page = found(client, an_engineer(), "KESTREL")

    assert page.index("Requests</h2>") < page.index(ticket.reference) < page.index("Assets</h2>")
    assert f'href="/assets/{asset.pk}/"' in page


def test_the_page_shows_fifty_of_a_kind_and_where_more_are(client):
    for number in range(51):
        an_asset(tag=f"T{number:02}", hostname="KESTREL")

    page = found(client, an_engineer(), "kestrel")
    (assets,) = search(an_engineer(), "kestrel")

    assert page.count("Laptop, OCC, in use") == 50
    assert 'href="/assets/?q=kestrel"' in page
    assert (str(assets.rows[0]), len(assets.rows), assets.more) == ("T50", 50, True)


def test_nothing_asked_and_nothing_found(client):
    person = an_engineer()

    assert "Nothing that you may see holds these words" in found(client, person, "kestrel")
    assert "Nothing that you may see" not in found(client, person, "")


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ("x" * 201, "Search must be 200 characters or fewer"),
        ("a\0b", "Remove the character that cannot be shown (number 2 of the text) and try again"),
    ],
)
def test_what_cannot_be_asked_gets_a_sentence(client, asked, sentence):
    client.force_login(an_engineer())

    response = client.get("/search/", {"q": asked})

    assert (response.status_code, sentence in response.content.decode()) == (422, True)


def test_the_page_costs_the_same_however_much_it_finds(client):
    client.force_login(an_engineer())

    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get("/search/?q=kestrel")
        return len(queries)

    index_tickets([a_ticket(title="Kestrel")])
    an_asset(hostname="KESTREL")
    one = cost()
    for _ in range(2):
        index_tickets([a_ticket(title="Kestrel")])
        an_asset(hostname="KESTREL", holder=a_person())

    assert cost() == one

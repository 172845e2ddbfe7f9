"""The search of the whole site for programs: what its page finds, and never what is hidden."""

import pytest
from django.conf import settings
from django.urls import reverse

from api.search import LOOKED_UP
from assets.batches.choosing import create_batch
from servicedesk.search.searching import sources
from servicedesk.tickets.finding import index_tickets
from servicedesk.tickets.models import Sighting
from tests.api.calling import as_person, as_program, invalid, one_page
from tests.factories import a_case_group, a_council, a_person, a_requester, a_ticket, an_asset, an_engineer

pytestmark = pytest.mark.django_db


def references(person) -> list[str]:
    """The tickets that a search for kestrels finds, by title and in the order of the answer."""
    found = as_person(person).get("search/?q=kestrel").json()["results"]
    return [row["title"].split(": ")[1] for kind in found for row in kind["found"]]


def test_each_kind_is_told_with_its_page_and_where_this_interface_tells_of_it():
    ticket = a_ticket(a_requester(a_council("CDC")), title="Kestrel will not start")
    index_tickets([ticket])
    asset = an_asset(tag="T1", hostname="KESTREL")

    answer = as_program(an_engineer()).get("search/?q=KESTREL")

    assert answer.json() == one_page(
        {
            "kind": "ticket",
            "words": "Requests",
            "found": [
                {
                    "id": ticket.pk,
                    "title": f"{ticket.reference}: Kestrel will not start",
                    "detail": "Cherwell District Council, new",
                    "page": f"/tickets/{ticket.reference}/",
                    "resource": f"/api/v1/tickets/{ticket.reference}/",
                }
            ],
            "more": False,
            "list": "/api/v1/tickets/?q=KESTREL",
        },
        {
            "kind": "asset",
            "words": "Assets",
            "found": [
                {
                    "id": asset.pk,
                    "title": str(asset),
                    "detail": "Laptop, OCC, in use",
                    "page": f"/assets/{asset.pk}/",
                    "resource": f"/api/v1/assets/{asset.pk}/",
                }
            ],
            "more": False,
            "list": "/api/v1/assets/?q=KESTREL",
        },
    )


def test_every_address_that_is_told_leads_to_what_was_found():
    kim = a_person(None, "asset_manager", "engineer")
    index_tickets([a_ticket(title="Kestrel")])
    asset = an_asset(hostname="KESTREL")
    create_batch(by=kim, title="Kestrel", rule={"tags": [asset.asset_tag]})
    caller = as_person(kim)

    results = caller.get("search/?q=kestrel").json()["results"]

    assert [one["kind"] for one in results] == ["ticket", "asset", "batch"]
    told = [address for one in results for address in (one["list"], one["found"][0]["resource"])]
    assert [caller.get(address).status_code for address in told] == [200] * 6
    assert [len(caller.get(one["list"]).json()["results"]) for one in results] == [1, 1, 1]


def test_every_kind_that_the_page_finds_is_told():
    assert sorted(source.rows().model._meta.model_name for source in sources()) == sorted(LOOKED_UP)
    assert len(settings.SEARCH_SOURCES) == len(LOOKED_UP)
    assert all(reverse(f"api:{kind}-list") for kind in LOOKED_UP)


def test_what_is_hidden_is_never_found_and_never_counted():
    occ, cdc = a_council("OCC"), a_council("CDC")
    hana = a_requester(cdc)
    group = a_case_group("hr", cdc)
    tickets = [
        a_ticket(a_requester(cdc), title="Kestrel shared"),
        a_ticket(a_requester(cdc), title="Kestrel own", sharing="own_council"),
        *(
            a_ticket(hana, title="Kestrel sealed", sharing="restricted", sensitivity="hr", case_group=group)
            for _ in range(51)
        ),
    ]
    index_tickets(tickets)

    assert references(an_engineer(occ)) == ["Kestrel shared"]
    assert references(an_engineer(cdc)) == ["Kestrel own", "Kestrel shared"]
    assert references(a_requester(occ)) == []
    assert references(a_person(occ, "administrator")) == []
    assert references(a_person(occ)) == []
    assert as_person(an_engineer(occ)).get("search/?q=kestrel").json()["results"][0]["more"] is False


def test_that_a_sealed_title_was_found_is_written_down():
    cdc = a_council("CDC")
    hana = a_requester(cdc)
    sealed = a_ticket(
        a_requester(cdc),
        title="Kestrel",
        sharing="restricted",
        sensitivity="hr",
        case_group=a_case_group("hr", cdc, hana),
    )
    index_tickets([sealed])

    assert references(hana) == ["Kestrel"]

    assert list(Sighting.objects.values_list("person", "ticket", "how")) == [(hana.pk, sealed.pk, "search")]


def test_fifty_of_a_kind_are_told_and_that_there_are_more():
    for number in range(51):
        an_asset(tag=f"T{number:02}", hostname="KESTREL")

    [assets] = as_person(an_engineer()).get("search/?q=kestrel").json()["results"]

    assert (len(assets["found"]), assets["found"][0]["title"], assets["more"]) == (50, "T50", True)


def test_nothing_asked_finds_nothing():
    an_asset(hostname="KESTREL")

    assert as_person(an_engineer()).get("search/").json() == one_page()
    assert as_person(an_engineer()).get("search/?q=").json() == one_page()


@pytest.mark.parametrize(
    ("query", "errors"),
    [
        ("q=" + "x" * 201, {"q": ["Search must be 200 characters or fewer"]}),
        ("words=kestrel", {"words": ["This list has no such filter. It has: q."]}),
    ],
)
def test_what_cannot_be_asked_gets_a_sentence(query, errors):
    answer = as_person(an_engineer()).get(f"search/?{query}")

    assert (answer.status_code, answer.json()) == (400, invalid(**errors))

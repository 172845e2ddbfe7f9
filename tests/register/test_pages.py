"""The pages of the register: what stands on them, what they refuse, and what they cost."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assets.register.models import Asset
from assets.register.registering import change_asset, link_ticket
from tests.factories import (
    a_council,
    a_person,
    a_requester,
    a_ticket,
    an_asset,
    an_engineer,
)
from tests.register.pages import a_full_asset, manager, text_of

pytestmark = pytest.mark.django_db


def tags_listed(response) -> list[str]:
    return re.findall(r'href="/assets/\d+/">([^<]*)</a>', text_of(response))


def queries_of(client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


# The list


def test_list_pages_through_ties_without_losing_a_row(client):
    council = a_council("OCC")
    Asset.objects.bulk_create(
        Asset(
            council=council,
            asset_tag="" if number < 110 else f"T{number}",
            serial_number=f"S{number:03}",
            category="laptop",
            registered_at="2026-01-01T00:00:00Z",
        )
        for number in range(120)
    )
    client.force_login(an_engineer(council))

    pages, address = [], "/assets/?category=laptop"
    while address:
        response = client.get(address)
        pages.append(tags_listed(response))
        following = re.search(r'href="(\?[^"]*)" rel="next"', text_of(response))
        address = "/assets/" + following[1].replace("&amp;", "&") if following else ""

    assert [len(page) for page in pages] == [50, 50, 20]
    assert [tag for page in pages for tag in page] == [f"S{n:03}" for n in range(110)] + [
        f"T{n}" for n in range(110, 120)
    ]


def test_list_counts_no_further_than_a_thousand(client):
    council = a_council("OCC")
    Asset.objects.bulk_create(
        Asset(council=council, asset_tag=f"T{n}", category="laptop", registered_at="2026-01-01T00:00:00Z")
        for n in range(1001)
    )
    client.force_login(an_engineer(council))

    assert "1,000+ assets" in text_of(client.get("/assets/"))
    assert "1,000 assets" not in text_of(client.get("/assets/"))


def test_list_costs_the_same_however_many_rows(client):
    client.force_login(manager("OCC"))
    a_full_asset("OCC", "A")
    one = queries_of(client, "/assets/")
    a_full_asset("OCC", "B")
    a_full_asset("CDC", "C")

    assert queries_of(client, "/assets/") == one


def test_list_answers_a_broken_cursor_with_a_sentence(client):
    client.force_login(an_engineer(a_council("OCC")))

    assert [client.get("/assets/", {"cursor": cursor}).status_code for cursor in ("x", "e30", "\0")] == [
        400
    ] * 3


def test_list_of_a_requester_is_their_devices_and_little_of_each(client):
    person = a_requester(a_council("OCC"))
    an_asset(
        a_council("OCC"), "MINE", holder=person, serial_number="SECRETSERIAL", warranty_end=date(2027, 3, 1)
    )
    an_asset(a_council("OCC"), "NOT-MINE")
    client.force_login(person)

    page = text_of(client.get("/assets/"))

    assert tags_listed(client.get("/assets/")) == ["MINE"]
    assert ["My devices" in page, "1 device<" in page, "SECRETSERIAL" in page, "Filters" in page] == [
        True,
        True,
        False,
        False,
    ]


# Finding by tag


@pytest.mark.parametrize("asked", ["LT/17", "lt/17", " LT/17 ", "001234", "SN-9"])
def test_find_leads_to_the_one(client, asked):
    council = a_council("OCC")
    assets = [
        an_asset(council, "LT/17"),
        an_asset(council, "001234"),
        an_asset(council, "X", serial_number="SN-9"),
    ]
    an_asset(council, "1234")
    client.force_login(an_engineer(council))

    response = client.get("/assets/find/", {"q": asked})

    expected = {"001234": assets[1], "SN-9": assets[2]}.get(asked, assets[0])
    assert (response.status_code, response["Location"]) == (302, f"/assets/{expected.pk}/")


def test_find_lists_the_several_that_i_may_see(client):
    both = [an_asset(a_council(code), "LT/17") for code in ("CDC", "OCC")]
    client.force_login(an_engineer(a_council("OCC")))
    engineers = client.get("/assets/find/", {"q": "LT/17"})
    client.force_login(a_person(a_council("OCC"), "auditor"))
    auditors = client.get("/assets/find/", {"q": "LT/17"})
    client.force_login(a_requester(a_council("CDC")))
    requesters = client.get("/assets/find/", {"q": "LT/17"})

    assert tags_listed(engineers) == ["LT/17", "LT/17"]
    assert "2 assets are called LT/17" in text_of(engineers)
    assert auditors["Location"] == f"/assets/{both[1].pk}/"
    assert requesters["Location"] == "/assets/?q=LT%2F17"


@pytest.mark.parametrize("asked", ["", "\0", "' OR 1=1", "%", "x" * 5000, "../../etc"])
def test_find_nothing_leads_to_the_list(client, asked):
    an_asset(a_council("OCC"), "LT/17")
    client.force_login(an_engineer(a_council("OCC")))

    response = client.get("/assets/find/", {"q": asked})

    assert (response.status_code, response["Location"].split("?")[0]) == (302, "/assets/")
    assert client.get(response["Location"]).status_code in (200, 422)


# One asset


def test_asset_page_says_what_is_known(client):
    asset = a_full_asset(
        "OCC", "LT/17", serial_number="PF1", room="2.14", legal_hold_reason="", encrypted=True
    )
    ticket = a_ticket(title="No sound")
    link_ticket(asset, ticket, by=None)
    client.force_login(manager("OCC"))

    page = text_of(client.get(f"/assets/{asset.pk}/"))

    for words in (
        "LT/17",
        "PF1",
        "In use",
        str(asset.model),
        str(asset.holder),
        str(asset.site),
        "2.14",
        "1 March 2027",
        "£700.00",
        ticket.reference,
        "No sound",
        f'href="/help/?asset={asset.pk}"',
        f'href="/assets/{asset.pk}/edit/"',
    ):
        assert words in page
    assert "Evidence missing</dt>" not in page


def test_asset_page_lists_only_tickets_that_the_viewer_may_see(client):
    occ = a_council("OCC")
    holder = a_requester(occ)
    asset = an_asset(occ, "LT/17", holder=holder)
    own, others = a_ticket(holder), a_ticket(a_requester(occ))
    for ticket in (own, others):
        link_ticket(asset, ticket, by=None)

    def seen(person):
        client.force_login(person)
        page = text_of(client.get(f"/assets/{asset.pk}/"))
        return {ticket.reference for ticket in (own, others) if ticket.reference in page}

    assert seen(holder) == {own.reference}
    assert seen(an_engineer(occ)) == {own.reference, others.reference}
    assert seen(manager("OCC")) == {own.reference, others.reference}
    assert seen(manager("CDC")) == set()
    assert seen(a_person(occ, "budget_approver")) == set()


def test_asset_page_of_a_holder_says_little(client):
    holder = a_requester(a_council("OCC"))
    asset = a_full_asset("OCC", "LT/17", notes="Was dropped", hostname="OCC-1")
    Asset.objects.filter(pk=asset.pk).update(holder=holder)
    client.force_login(holder)

    page = text_of(client.get(f"/assets/{asset.pk}/"))

    assert "LT/17" in page
    for words in ("700", "Was dropped", "OCC-1", "March", "History", "In use", "/edit/"):
        assert words not in page


def test_asset_page_costs_the_same_however_much_happened(client):
    asset = a_full_asset("OCC", "LT/17")
    client.force_login(manager("OCC"))
    link_ticket(asset, a_ticket(), by=None)
    one = queries_of(client, f"/assets/{asset.pk}/")
    for version in (1, 2):
        change_asset(asset, by=None, version=version, room=str(version))
        link_ticket(asset, a_ticket(), by=None)

    assert queries_of(client, f"/assets/{asset.pk}/") == one


@pytest.mark.parametrize("tail", ["", "edit/"])
@pytest.mark.parametrize("method", ["get", "head", "post", "put", "delete", "options"])
def test_the_door_answers_the_same_for_hidden_and_for_none(client, tail, method):
    hidden = an_asset(a_council("CDC"), "LT/17")
    client.force_login(a_person(a_council("OCC"), "budget_approver"))
    send = getattr(client, method)
    send("/assets/1/")
    answers = []
    for key in (hidden.pk, hidden.pk + 1000, 2**63, 10**30):
        with CaptureQueriesContext(connection) as queries:
            response = send(f"/assets/{key}/{tail}")
        headers = {name: value for name, value in response.headers.items() if name != "Date"}
        answers.append((response.status_code, headers, response.content, len(queries)))

    assert answers[0] == answers[1]
    assert [status for status, *_ in answers] == [404 if answers[0][0] == 404 else 405] * 4


def test_who_reads_but_may_not_write_is_refused(client):
    asset = an_asset(a_council("CDC"), "LT/17")
    statuses = {}
    for role in ("engineer", "queue_manager", "cyber_officer", "asset_manager"):
        client.force_login(a_person(a_council("OCC"), role))
        statuses[role] = [client.get(f"/assets/{asset.pk}/edit/").status_code]
        statuses[role] += [client.post(f"/assets/{asset.pk}/edit/", {"version": 1}).status_code]

    assert statuses == dict.fromkeys(statuses, [403, 403])
    assert Asset.objects.get().version == 1

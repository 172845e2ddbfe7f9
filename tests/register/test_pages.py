"""The pages of the register: what stands on them, what they refuse, and what they cost."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assets.register.models import Asset
from assets.register.registering import change_asset, link_ticket
from servicedesk.history.models import Change
from tests.factories import (
    a_council,
    a_grant,
    a_model,
    a_person,
    a_requester,
    a_site,
    a_ticket,
    an_asset,
    an_engineer,
)

pytestmark = pytest.mark.django_db


def manager(*councils: str):
    person = a_person(a_council(councils[0]), "asset_manager")
    for code in councils[1:]:
        a_grant(person, "asset_manager", a_council(code))
    return person


def text_of(response) -> str:
    return response.content.decode()


def tags_listed(response) -> list[str]:
    return re.findall(r'href="/assets/\d+/">([^<]*)</a>', text_of(response))


def queries_of(client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def a_full_asset(code: str, tag: str, **fields) -> Asset:
    council = a_council(code)
    model = a_model(end_of_support=date(2028, 10, 10))
    return an_asset(
        council,
        tag,
        model=model,
        manufacturer=model.manufacturer,
        holder=a_person(council),
        site=a_site(council),
        warranty_end=date(2027, 3, 1),
        purchase_cost_ex_vat=Decimal("700.00"),
        **fields,
    )


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


# Changing and registering


def filled(client, address: str, **typed) -> dict[str, str]:
    """What a browser would send from the form at an address, with some of it typed over."""
    page = text_of(client.get(address))
    form = page[page.rindex('<form method="post" novalidate') :]
    values = dict(re.findall(r'<input[^>]* name="([^"]*)"[^>]* value="([^"]*)"', form))
    for name, options in re.findall(r'<select[^>]* name="([^"]*)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        values[name] = chosen[1] if chosen else ""
    return values | typed


def test_edit_changes_what_was_typed_and_nothing_else(client):
    asset = a_full_asset("OCC", "LT/17")
    before = Asset.objects.values().get()
    client.force_login(manager("OCC"))

    response = client.post(
        f"/assets/{asset.pk}/edit/",
        filled(client, f"/assets/{asset.pk}/edit/", room="2.14", reason="Moved desk"),
    )

    assert (response.status_code, response["Location"]) == (302, f"/assets/{asset.pk}/")
    assert Asset.objects.values().get() == {**before, "room": "2.14", "version": 2}
    change = Change.objects.filter(kind="register.asset").latest("id")
    assert (change.fields, change.change_set.reason, change.change_set.source) == (
        {"room": ["", "2.14", "", "2.14"]},
        "Moved desk",
        "page",
    )


def test_edit_of_a_newer_version_shows_both_values_and_keeps_what_was_typed(client):
    asset = an_asset(a_council("OCC"), "LT/17", room="1")
    client.force_login(manager("OCC"))
    address = f"/assets/{asset.pk}/edit/"
    typed = filled(client, address, room="Mine", notes="And a note")
    change_asset(asset, by=None, version=1, room="Theirs")

    refused = client.post(address, typed)

    page = re.sub(r"\s+", " ", text_of(refused))
    assert refused.status_code == 409
    assert Asset.objects.get().room == "Theirs"
    assert "Somebody has changed this asset while you were looking at it" in page
    assert re.findall(r'role="(?:rowheader|cell)"[^>]*>(?:<span>)?([^<]*)<', page) == [
        "Room",
        "Theirs",
        "Mine",
        "Notes",
        "nothing",
        "And a note",
    ]
    assert 'name="version" value="2"' in page
    assert 'value="Mine"' in page
    assert client.post(address, {**typed, "version": "2"}).status_code == 302
    assert (Asset.objects.get().room, Asset.objects.get().version) == ("Mine", 3)


MESSAGES = [
    ({"category": ""}, "Select the category"),
    ({"category": "spaceship"}, "Select the category from the list"),
    ({"category": "monitor"}, "is of the category Laptop"),
    ({"asset_tag": "x" * 61}, "Asset tag must be 60 characters or fewer"),
    ({"asset_tag": "TAKEN"}, "Oxfordshire County Council already has an asset with the tag TAKEN"),
    ({"asset_tag": ""}, "Enter an asset tag, a serial number or a hostname"),
    ({"asset_tag": "a\0b"}, "Remove the character that cannot be shown"),
    ({"holder": "nobody"}, "Nobody at Oxfordshire County Council has the email address or name nobody"),
    ({"holder": "Sam Smith"}, "2 people at Oxfordshire County Council are called Sam Smith"),
    ({"holder": "other@cdc.example"}, "Nobody at Oxfordshire County Council has the email address or name"),
    ({"site": "999999"}, "Select the site from the list"),
    ({"department": "x"}, "Select the department from the list"),
    ({"purchase_date": "31/2/2026"}, "Purchase date must be a real date, like 27/3/2026"),
    ({"purchase_cost_ex_vat": "£1"}, "Purchase cost excluding VAT must be a number, like 1250.50"),
    ({"purchase_cost_ex_vat": "1.234"}, "Purchase cost excluding VAT must have 2 decimal places or fewer"),
    ({"purchase_cost_ex_vat": "-1"}, "Purchase cost excluding VAT must be 0 or more"),
    ({"warranty_months": "99999"}, "Warranty in months must be 600 or less"),
    ({"warranty_months": "-1"}, "Warranty in months must be 0 or more"),
    ({"ip_address": "10.0.0.999"}, "IP address must be like 10.20.30.40"),
    ({"encrypted": "perhaps"}, "Select whether it is encrypted"),
    ({"notes": "x" * 10001}, "Notes must be 10000 characters or fewer"),
    ({"version": ""}, "Enter the version"),
]


@pytest.mark.parametrize(("typed", "sentence"), MESSAGES, ids=lambda value: str(value)[:40])
def test_edit_says_what_is_wrong(client, typed, sentence):
    occ = a_council("OCC")
    asset = a_full_asset("OCC", "LT/17")
    an_asset(occ, "TAKEN")
    for email in ("sam1@occ.example", "sam2@occ.example"):
        a_person(occ, name="Sam Smith", email=email)
    a_person(a_council("CDC"), email="other@cdc.example")
    client.force_login(manager("OCC"))
    address = f"/assets/{asset.pk}/edit/"

    response = client.post(address, filled(client, address, **typed))

    assert response.status_code == 422
    assert sentence in text_of(response)
    assert Asset.objects.get(pk=asset.pk).version == 1


def test_edit_takes_a_holder_by_name_or_email_and_nobody(client):
    occ = a_council("OCC")
    asset = an_asset(occ, "LT/17")
    known = a_person(occ, name="Siân Pritchard", email="sian@occ.example")
    nameless = a_person(occ, name="Old Register Name", email=None)
    client.force_login(manager("OCC"))
    address = f"/assets/{asset.pk}/edit/"

    holders = []
    for typed in ("SIAN@occ.example", "old register name", "siân pritchard", ""):
        assert client.post(address, filled(client, address, holder=typed)).status_code == 302
        holders.append(Asset.objects.get().holder)

    assert holders == [known, nameless, known, None]


def test_register_an_asset_from_the_page(client):
    client.force_login(manager("OCC"))
    typed = filled(client, "/assets/new/", asset_tag="NEW-1", category="laptop", state="in_stock")

    response = client.post("/assets/new/", typed)

    asset = Asset.objects.get()
    assert (response.status_code, response["Location"]) == (302, f"/assets/{asset.pk}/")
    assert (asset.council.code, asset.asset_tag, asset.state) == ("OCC", "NEW-1", "in_stock")
    assert client.post("/assets/new/", typed).status_code == 422
    assert (
        client.post("/assets/new/", {**typed, "asset_tag": "NEW-2", "state": "disposed"}).status_code == 422
    )


def test_register_asks_which_council_where_there_are_several(client):
    client.force_login(manager("OCC", "CDC"))

    asked = text_of(client.get("/assets/new/"))
    typed = filled(client, "/assets/new/?council=CDC", asset_tag="NEW-1", category="laptop", state="in_stock")
    client.post("/assets/new/?council=CDC", typed)

    assert re.findall(r'href="(\?council=\w+)"', asked) == ["?council=CDC", "?council=OCC"]
    assert Asset.objects.get().council.code == "CDC"


@pytest.mark.parametrize("role", ["requester", "engineer", "budget_approver", "auditor"])
def test_register_is_for_asset_managers(client, role):
    client.force_login(a_person(a_council("OCC"), role))

    assert client.get("/assets/new/").status_code == client.post("/assets/new/").status_code == 403


def test_register_into_another_council_by_its_code_is_not_open(client):
    a_council("CDC")
    client.force_login(manager("OCC"))
    typed = filled(client, "/assets/new/", asset_tag="NEW-1", category="laptop", state="in_stock")

    client.post("/assets/new/?council=CDC", {**typed, "council": a_council("CDC").pk})

    assert [asset.council.code for asset in Asset.objects.all()] == ["OCC"]

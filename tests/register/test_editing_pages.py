"""Changing and registering an asset from its pages: what is written, what is refused and in which words."""

import re

import pytest

from assets.register.models import Asset
from assets.register.registering import change_asset
from servicedesk.history.models import Change
from tests.factories import (
    a_council,
    a_person,
    an_asset,
)
from tests.register.pages import a_full_asset, manager, text_of

pytestmark = pytest.mark.django_db


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
    assert "Somebody has changed this while you were looking at it" in page
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

"""Which role sees which asset and which money, from one council or the other: the whole table."""

import re
from decimal import Decimal

import pytest
from django.db import connection

from assets.register.models import Asset
from servicedesk.people.roles import ROLES
from tests.factories import a_council, a_person, an_asset

pytestmark = [pytest.mark.django_db, pytest.mark.once]

COSTS = {"OCC": Decimal("1111.11"), "CDC": Decimal("2222.22")}
BOTH, OWN_COUNCIL, NONE = {"OCC", "CDC"}, {"OCC"}, set()
# Role at OCC: whose assets it sees, and whose money.
SIGHT = {
    "requester": (NONE, NONE),
    "engineer": (BOTH, NONE),
    "queue_manager": (BOTH, NONE),
    "asset_manager": (BOTH, OWN_COUNCIL),
    "cyber_officer": (BOTH, NONE),
    "service_owner": (NONE, NONE),
    "supplier_contact": (NONE, NONE),
    "budget_approver": (OWN_COUNCIL, OWN_COUNCIL),
    "administrator": (NONE, NONE),
    "auditor": (OWN_COUNCIL, NONE),
}
HOLDERS = set(SIGHT) - {"supplier_contact", "administrator", "auditor"}
"""Roles that let a person see what they hold, whatever its council."""


@pytest.fixture
def estate():
    return {
        code: an_asset(
            a_council(code),
            f"{code}-tag",
            purchase_cost_ex_vat=cost,
            po_number=f"{code}-canary-po",
            cost_centre=f"{code}-canary-centre",
        )
        for code, cost in COSTS.items()
    }


def test_the_table_names_every_role():
    assert set(SIGHT) == set(ROLES)


@pytest.mark.parametrize("role", SIGHT)
def test_visible_to_and_cost_by_role(estate, role):
    sees, knows_cost = SIGHT[role]
    person = a_person(a_council("OCC"), role)

    rows = Asset.objects.visible_to(person).with_cost_for(person)

    assert {row.council.code: row.cost for row in rows} == {
        code: COSTS[code] if code in knows_cost else None for code in sees
    }


@pytest.mark.parametrize("role", SIGHT)
def test_a_holder_sees_what_they_hold(estate, role):
    person = a_person(a_council("OCC"), role)
    Asset.objects.filter(pk=estate["CDC"].pk).update(holder=person)

    seen = estate["CDC"] in Asset.objects.visible_to(person)

    assert seen == (role in HOLDERS)


def test_nobody_without_a_grant_sees_anything(estate):
    person = a_person(a_council("OCC"))
    Asset.objects.update(holder=person)

    assert list(Asset.objects.visible_to(person)) == []


@pytest.mark.parametrize("role", SIGHT)
def test_pages_by_role_show_no_money_that_is_not_theirs(client, estate, role):
    sees, knows_cost = SIGHT[role]
    person = a_person(a_council("OCC"), role)
    client.force_login(person)
    pages = [f"/assets/{asset.pk}/" for asset in estate.values()]

    listed = client.get("/assets/").content.decode()
    shown = {code: client.get(page) for code, page in zip(estate, pages, strict=True)}

    assert {code for code in COSTS if f"{code}-tag" in listed} == sees
    assert {code for code, cost in COSTS.items() if f"£{cost:,}" in listed} == knows_cost
    assert {code for code, page in shown.items() if page.status_code == 200} == sees
    assert {code for code, page in shown.items() if page.status_code == 404} == BOTH - sees
    for code, page in shown.items():
        text = page.content.decode()
        told = [f"{COSTS[code]:,}" in text, f"{code}-canary-po" in text, f"{code}-canary-centre" in text]
        assert told == [code in knows_cost] * 3


def tags_in(response) -> list[str]:
    """The tags that a page names, each once: the box that ticks a row names it too."""
    return list(dict.fromkeys(re.findall(r"(?:OCC|CDC)-tag", response.content.decode())))


def test_money_neither_filters_nor_orders(client, estate):
    client.force_login(a_person(a_council("OCC"), "asset_manager"))
    asked = "?purchase_cost_ex_vat=2222.22&purchase_cost_ex_vat__gt=1500&cost=1&ordering=-cost&po_number=x"

    assert (
        tags_in(client.get("/assets/" + asked)) == tags_in(client.get("/assets/")) == ["CDC-tag", "OCC-tag"]
    )


@pytest.mark.parametrize("word", ["2222.22", "2222", "canary", "CDC-canary-po", "centre"])
def test_money_is_not_found(client, estate, word):
    client.force_login(a_person(a_council("OCC"), "asset_manager"))

    assert tags_in(client.get("/assets/", {"q": word})) == []
    assert tags_in(client.get("/search/", {"q": word})) == []
    assert tags_in(client.get("/search/", {"q": "OCC-t"})) == ["OCC-tag"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by statistics")
def test_a_register_is_walked_in_its_own_order(estate):
    engineer, holder = a_person(a_council("OCC"), "engineer"), a_person(a_council("OCC"), "requester")

    plans = [
        Asset.objects.visible_to(person).order_by("asset_tag", "id").explain()
        for person in (engineer, holder)
    ]

    assert plans[0].endswith("SCAN register_asset USING INDEX asset_by_tag_everywhere")
    assert "SEARCH register_asset USING INDEX asset_by_holder" in plans[1]

"""What the page of an asset tells of its past, and to whom."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from assets.register.history import changes_of, lines
from assets.register.registering import change_asset, link_ticket
from servicedesk.people.models import Site
from tests.factories import (
    a_case_group,
    a_council,
    a_person,
    a_requester,
    a_site,
    a_ticket,
    an_asset,
    an_engineer,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def asset():
    """Bought, moved, named at another price, and its old site renamed since."""
    occ = a_council("OCC")
    old, new = a_site(occ, "Bodicote House"), a_site(occ, "County Hall")
    asset = an_asset(occ, "LT/17", site=old, encrypted=False, purchase_cost_ex_vat=Decimal("700.00"))
    asset = change_asset(
        asset,
        by=None,
        version=1,
        now=NOW,
        site=new,
        warranty_end=date(2027, 3, 31),
        encrypted=True,
        purchase_cost_ex_vat=Decimal("1812.50"),
    )
    asset = change_asset(asset, by=None, version=2, purchase_cost_ex_vat=Decimal("99.00"))
    Site.objects.filter(pk=old.pk).update(name="Renamed")
    return asset


def told(person, asset) -> list[list[tuple[str, str, str]]]:
    return [[tuple(line) for line in lines(change)] for change in changes_of(person, asset)]


MOVED = [
    ("Encrypted", "No", "Yes"),
    ("End of warranty", "", "31 March 2027"),
    ("Site", "Bodicote House", "County Hall"),
]
COST = ("Purchase cost excluding VAT", "£700.00", "£1,812.50")


def test_history_reads_as_things_were_called(asset):
    newest, moved, created = told(a_person(a_council("OCC"), "asset_manager"), asset)

    assert newest == [("Purchase cost excluding VAT", "£1,812.50", "£99.00")]
    assert sorted(moved) == sorted([*MOVED, COST])
    assert ("Site", "", "Bodicote House") in created
    assert ("Purchase cost excluding VAT", "", "£700.00") in created


@pytest.mark.parametrize("role", ["engineer", "queue_manager", "cyber_officer", "auditor"])
def test_history_without_money_leaves_out_what_was_money_alone(asset, role):
    moved, created = told(a_person(a_council("OCC"), role), asset)

    assert sorted(moved) == MOVED
    assert [line for line in created if "cost" in line[0]] == []


def test_history_of_the_other_councils_asset_has_no_money(asset):
    moved, created = told(a_person(a_council("CDC"), "asset_manager"), asset)

    assert sorted(moved) == MOVED
    assert [line for line in created if "cost" in line[0]] == []


def test_who_only_holds_it_is_told_no_history(asset):
    holder = a_requester(a_council("OCC"))

    assert told(holder, asset) == []


def test_links_to_tickets_are_told_to_who_may_see_the_ticket(asset):
    occ = a_council("OCC")
    group = a_case_group("hr", occ)
    shared = a_ticket(a_requester(occ))
    sealed = a_ticket(a_requester(occ), sharing="restricted", sensitivity="hr", case_group=group)
    for ticket in (shared, sealed):
        link_ticket(asset, ticket, by=None)
    insider = an_engineer(occ)
    group.memberships.create(person=insider, starts_at=NOW)

    assert told(an_engineer(occ), asset)[:-2] == [[("Ticket", "", shared.reference)]]
    assert told(insider, asset)[:-2] == [
        [("Ticket", "", sealed.reference)],
        [("Ticket", "", shared.reference)],
    ]
    assert told(a_person(occ, "auditor"), asset)[:-2] == [[("Ticket", "", shared.reference)]]
    assert told(a_person(occ, "budget_approver"), asset)[0][0][0] != "Ticket"

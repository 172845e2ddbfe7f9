"""What is taken out holds what its taker may see, and says who sees nothing that they may take nothing out."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.http import urlencode

from servicedesk.people.roles import ROLES, Permission
from servicedesk.spreadsheets.kinds import kinds
from tests.sweeps.asking import as_roles, ask, everything_said, signed_in
from tests.sweeps.marks import COUNCILS, KINDS, MARK, owners_of_money
from tests.sweeps.world import World

pytestmark = pytest.mark.django_db
MAY_EXPORT = [role for role in ROLES if Permission.EXPORT in ROLES[role].permissions]
# What is taken out on a page of its own, and of which reports.
WORKBOOKS = ("orders:export", "refresh:export", "disposal:export_register", "register:as_at_export")
REPORTS = ("service", "equipment")


def taken(
    world: World, council: str, role: str, format: str, filters: dict[str, str]
) -> dict[str, tuple[int, str]]:
    """Status and all that comes back of each kind that can be taken out."""
    client, codes = (
        signed_in(world.person(council, role)),
        [kind.code for kind in kinds().values() if kind.filtered],
    )
    address = reverse("spreadsheets:exports")
    return {code: sent(client, address, {"kind": code, "format": format, **filters}) for code in codes}


def workbooks(world: World, council: str, role: str, filters: dict[str, str]) -> dict[str, tuple[int, str]]:
    """Status and all that comes back of each page that is taken out."""
    client, month = signed_in(world.person(council, role)), {"month": "2026-11", "council": "joint"}
    came = {name: sent(client, reverse(name), filters) for name in WORKBOOKS}
    reports = {code: reverse("reports:export", kwargs={"code": code}) for code in REPORTS}
    return came | {code: sent(client, address, month | filters) for code, address in reports.items()}


def sent(client: Client, address: str, given: dict[str, str]) -> tuple[int, str]:
    form = "application/x-www-form-urlencoded"
    response, answer, _ = ask(client, "POST", address, data=urlencode(given), content_type=form)
    return answer.status, everything_said(response, answer.body)


@pytest.mark.parametrize("format", ["xlsx", "csv"])
@pytest.mark.parametrize("role", as_roles(MAY_EXPORT))
def test_sheet_holds_nothing_that_its_taker_may_not_see(world, role, format):
    """The councils are each other's mirror image: a role takes one format out at the one, the other at the other."""
    council = COUNCILS[(MAY_EXPORT.index(role) + (format == "csv")) % 2]
    for filters in ({}, {"q": "canary"}, {"council": "CDC"}):
        came = taken(world, council, role, format, filters)

        assert {kind: world.hidden_marks(council, role, said) for kind, (_, said) in came.items()} == {
            kind: [] for kind in came
        }
        assert {status for status, _ in came.values()} <= {200, 400}


@pytest.mark.parametrize("role", as_roles(MAY_EXPORT))
@pytest.mark.parametrize("council", COUNCILS)
def test_workbook_of_a_page_holds_nothing_that_its_taker_may_not_see(world, council, role):
    for filters in ({}, *({"council": code} for code in COUNCILS)):
        came = workbooks(world, council, role, filters)

        assert {name: world.hidden_marks(council, role, said) for name, (_, said) in came.items()} == {
            name: [] for name in came
        }
        assert {status for status, _ in came.values()} <= {200, 400, 403}


def test_workbook_of_who_sees_money_does_hold_their_own(world):
    came = workbooks(world, "OCC", "asset_manager", {"council": "OCC"})

    told = {name: owners_of_money(said) for name, (status, said) in came.items() if status == 200}
    assert {name for name, owners in told.items() if owners == {1}} == {
        "orders:export",
        "refresh:export",
        "disposal:export_register",
    }


def test_sheet_of_who_sees_the_register_does_hold_it(world):
    [(status, said)] = [
        came for kind, came in taken(world, "OCC", "asset_manager", "xlsx", {}).items() if kind == "assets"
    ]

    assert status == 200
    asset, money = KINDS["asset"], KINDS["money"]
    assert {f"1{asset}", f"2{asset}", f"1{money}"} <= {"".join(found).lower() for found in MARK.findall(said)}


@pytest.mark.parametrize("role", sorted(set(ROLES) - set(MAY_EXPORT)))
def test_who_may_not_export_is_told_so(world, role):
    assert {status for status, _ in taken(world, "OCC", role, "csv", {}).values()} == {403}

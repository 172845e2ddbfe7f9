"""What is taken out holds what its taker may see, and says who sees nothing that they may take nothing out."""

import pytest
from django.urls import reverse
from django.utils.http import urlencode

from servicedesk.people.roles import ROLES, Permission
from servicedesk.spreadsheets.kinds import kinds
from tests.sweeps.asking import ask, everything_said, signed_in
from tests.sweeps.marks import COUNCILS, KINDS, MARK
from tests.sweeps.world import World

pytestmark = pytest.mark.django_db
MAY_EXPORT = [role for role in ROLES if Permission.EXPORT in ROLES[role].permissions]


def taken(
    world: World, council: str, role: str, format: str, filters: dict[str, str]
) -> dict[str, tuple[int, str]]:
    """Status and all that comes back of each kind that can be taken out."""
    client, came = signed_in(world.person(council, role)), {}
    for kind in kinds().values():
        if kind.filtered:
            given = urlencode({"kind": kind.code, "format": format, **filters})
            response, answer, _ = ask(
                client,
                "POST",
                reverse("spreadsheets:exports"),
                data=given,
                content_type="application/x-www-form-urlencoded",
            )
            came[kind.code] = answer.status, everything_said(response, answer.body)
    return came


@pytest.mark.usefixtures("as_everybody")
@pytest.mark.parametrize("format", ["xlsx", "csv"])
@pytest.mark.parametrize("role", MAY_EXPORT)
def test_sheet_holds_nothing_that_its_taker_may_not_see(world, role, format):
    """The councils are each other's mirror image: a role takes one format out at the one, the other at the other."""
    council = COUNCILS[(MAY_EXPORT.index(role) + (format == "csv")) % 2]
    for filters in ({}, {"q": "canary"}, {"council": "CDC"}):
        came = taken(world, council, role, format, filters)

        assert {kind: world.hidden_marks(council, role, said) for kind, (_, said) in came.items()} == {
            kind: [] for kind in came
        }
        assert {status for status, _ in came.values()} <= {200, 400}


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

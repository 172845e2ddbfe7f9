"""The sweeps see a leak when there is one."""

import pytest
from django.urls import reverse

from assets.batches.standing import Money, money_of, standings_of
from servicedesk.people.models import Person
from tests.factories import a_grant
from tests.sweeps.asking import ask, everything_said, signed_in
from tests.sweeps.marks import RATES, mark, owners_of_money
from tests.sweeps.registry import REGISTRY

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("role", "text", "found"),
    [
        ("requester", f"<td>{mark(2, 'shared')}</td>", ["shared of the other council"]),
        ("requester", mark(1, "asset").upper(), ["asset of its own council"]),
        (
            "engineer",
            f"{mark(1, 'hr')} {mark(2, 'hr')}",
            ["hr of its own council", "hr of the other council"],
        ),
        (
            "engineer",
            f"{mark(1, 'own_council')} {mark(2, 'own_council')}",
            ["own_council of the other council"],
        ),
        ("engineer", "£41,417.13", ["money of its own council"]),
        ("asset_manager", "£41,417.13 and 52528.26", ["money of the other council"]),
        ("asset_manager", "£52,528.26", ["money of the other council"]),
        ("asset_manager", "1,41417.13,124251.39\n-£828,342.60 and 41417.00 kWh at 41.417", []),
        ("asset_manager", "2,210113.04", ["money of the other council"]),
        ("asset_manager", "£525,280.00", ["money of the other council"]),
        ("asset_manager", "\u2212£262,641.3", ["money of the other council"]),
        ("asset_manager", "93,945.39", ["money of the other council"]),
        ("budget_approver", "£11,111.13", ["money of the other council"]),
        ("budget_approver", "−13.33%", ["money of the other council"]),
        ("engineer", "7.14", ["money of its own council"]),
        ("auditor", "52.528 pence", ["money of the other council"]),
        ("cyber_officer", f"{mark(2, 'cyber')} {mark(2, 'asset')}", []),
        ("auditor", mark(1, "private person"), ["private person of its own council"]),
        ("auditor", "nothing of note, £1.00", []),
    ],
)
def test_what_a_role_may_not_see_is_found_in_a_text(world, role, text, found):
    assert world.hidden_marks("OCC", role, text) == found


# Where what the councils do together is told with what it costs.
TOGETHER = {
    **dict.fromkeys(
        ("batches:batch", "api:batch-detail", "api:batch-lines", "api:batch-energy-lines"), "joint batch"
    ),
    **dict.fromkeys(("batches:programme", "api:programme-years", "api:programme-budgets"), "joint programme"),
}


def told(person: Person, world) -> dict[str, str]:
    """All that comes back of each of those pages, of the batch that is closed and its programme."""
    client, rows, came = signed_in(person), world.sides["OCC"].rows, {}
    for name, kind in TOGETHER.items():
        response, answer, _ = ask(client, "GET", reverse(name, kwargs=REGISTRY[name].given(rows[kind])))
        came[name] = everything_said(response, answer.body)
    return came


def test_each_council_is_told_its_own_money_of_what_both_do_together_and_who_sees_both_all(world):
    ours, theirs = (world.person(code, "asset_manager") for code in ("OCC", "CDC"))
    both = world.person("OCC", "budget_approver")
    for role in ("asset_manager", "budget_approver"):
        a_grant(both, role, theirs.council)
    both = world.person("OCC", "budget_approver")
    seen = {
        person: {name: owners_of_money(said) for name, said in told(person, world).items()}
        for person in (ours, theirs, both)
    }

    assert seen == {
        ours: dict.fromkeys(TOGETHER, {1}),
        theirs: dict.fromkeys(TOGETHER, {2}),
        both: dict.fromkeys(TOGETHER, {1, 2}),
    }


def money_of_all(world, batch) -> list[Money]:
    """What it comes to for each council, as its own budget approver is told."""
    standing = standings_of([batch])[0]
    return [row for code in world.sides for row in money_of(world.person(code, "budget_approver"), standing)]


def test_rates_that_are_looked_for_are_those_of_the_batch(world):
    batch = world.sides["OCC"].rows["joint batch"]
    variances = {
        str(abs(row.variance.percent)): number for number, row in enumerate(money_of_all(world, batch), 1)
    }
    tariffs = {str(side.rows["tariff"].pence): side.number for side in world.sides.values()}

    assert variances | tariffs == RATES

"""A small batch in one call, as its page makes it: reviewed, priced, dated and submitted, all of it or nothing."""

from decimal import Decimal

import pytest
from django.utils import timezone

from assets.batches.models import Batch
from assets.register.holding import set_hold
from servicedesk.history.models import ChangeSet
from tests.api.calling import as_program
from tests.batches.test_moves import world
from tests.batches.waves import NOW, items_of, line_of

pytestmark = pytest.mark.django_db
__all__ = ["world"]
PATH = "refresh/batches/"


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def asked(**more) -> dict:
    return {"title": "Front desk", "tags": ["O-01", "O-02", "O-03"], "submit": True, **more}


def test_what_becomes_of_each_and_what_it_costs_is_said_in_the_one_call(world):
    held, second, third = world.old[:3]
    set_hold(held, by=world.ada, reason="An inquiry")
    outcomes = {str(held.pk): "leave_out", str(second.pk): "replace", str(third.pk): "retire"}
    prices = [{"council": "OCC", "category": "laptop", "purchase": "750.00", "spares": 1}]

    made = as_program(world.ada).ask(
        "POST",
        PATH,
        asked(
            outcomes=outcomes,
            left_out="On legal hold",
            prices=prices,
            planned_from="2026-12-07",
            planned_to="2026-12-11",
        ),
    )

    assert (made.status_code, made.json()["state"], made.json()["waits"]) == (201, "submitted", "")
    batch = Batch.objects.get()
    assert [(str(item.asset), item.state, item.outcome, item.reason) for item in items_of(batch)] == [
        ("O-01", "excluded", "replace", "On legal hold"),
        ("O-02", "confirmed", "replace", ""),
        ("O-03", "confirmed", "retire", ""),
    ]
    line = line_of(batch, world.county)
    assert (line.spares, line.purchase, line.deploy) == (1, Decimal("750.00"), Decimal("38.50"))
    assert ChangeSet.objects.filter(changes__kind="batches.batchitem").distinct().count() == 1


def test_what_is_the_other_councils_waits_for_it_and_its_prices_are_not_said(world):
    mine, theirs = world.old[0], world.old[3]
    body = asked(tags=["O-01", "C-01"], outcomes={str(mine.pk): "replace"})
    district = {"council": "CDC", "category": "laptop", "purchase": "1.00"}

    refused = as_program(world.ada).ask("POST", PATH, body | {"prices": [district]})
    assert (refused.status_code, "CDC" in str(refused.json()["errors"]["prices"])) == (400, True)
    assert not Batch.objects.exists()

    made = as_program(world.ada).ask("POST", PATH, body)
    assert (made.status_code, made.json()["state"]) == (201, "draft")
    assert made.json()["waits"] == "Cherwell District Council must review what is theirs first."
    assert {str(item.asset): item.state for item in items_of(Batch.objects.get())} == {
        "O-01": "confirmed",
        str(theirs): "candidate",
    }


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"outcomes": {"x": "replace"}}, "outcomes"),
        ({"outcomes": {"1": "burn"}}, "outcomes"),
        ({"left_out": "Why", "submit": False}, "left_out"),
        ({"prices": [{"council": "OCC", "category": "switch", "purchase": "1.00"}]}, "prices"),
        ({"prices": [{"council": "OCC", "category": "laptop"}] * 2}, "prices"),
    ],
)
def test_what_is_not_understood_is_refused_and_nothing_is_made(world, more, field):
    refused = as_program(world.ada).ask("POST", PATH, asked(**more))

    assert (refused.status_code, list(refused.json()["errors"])) == (400, [field])
    assert not Batch.objects.exists()


def test_an_asset_that_nobody_has_looked_at_is_not_submitted(world):
    some = {str(world.old[0].pk): "replace"}

    refused = as_program(world.ada).ask("POST", PATH, asked(outcomes=some))

    assert (refused.status_code, "has changed while you were looking" in str(refused.json())) == (400, True)
    assert not Batch.objects.exists()


def test_what_cannot_be_confirmed_is_said_of_its_asset(world):
    set_hold(world.old[0], by=world.ada, reason="An inquiry")

    refused = as_program(world.ada).ask("POST", PATH, asked())

    assert refused.status_code == 400
    assert refused.json()["errors"] == {
        "outcomes": ["O-01 is on legal hold, so it cannot be replaced until the hold is lifted."]
    }
    assert not Batch.objects.exists()


def test_the_list_is_narrowed_by_the_filters_of_its_page(world):
    program = as_program(world.ada)
    front, back = (
        program.ask("POST", PATH, asked(title=title, tags=tags, submit=False)).json()["reference"]
        for title, tags in (("Front desk", ["O-01"]), ("Back office", ["O-02", "C-01"]))
    )
    as_program(world.ada).ask("POST", f"{PATH}{front}/moves/cancel/", {"reason": "Not now"})

    def listed(query: str) -> list[str]:
        return [one["reference"] for one in program.get(f"{PATH}?{query}").json()["results"]]

    assert {
        query: listed(query) for query in ("", "q=front", "state=open", "council=CDC", "year=2020/21")
    } == {
        "": [back, front],
        "q=front": [front],
        "state=open": [back],
        "council=CDC": [back],
        "year=2020/21": [],
    }
    odd = program.get(f"{PATH}?council=XX")
    assert (odd.status_code, odd.json()["errors"]) == (400, {"council": ["Select the council from the list"]})

"""Up to ten assets are chosen, reviewed, priced and submitted on one page: all of it or nothing."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.utils import timezone

from assets.batches.models import Batch
from assets.refresh.models import UnitCosts
from servicedesk.history.models import ChangeSet
from tests.api.calling import as_person
from tests.batches.test_wave_pages import Desk
from tests.batches.waves import NOW, items_of, line_of, tags, the_wave

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def test_small_batch_needs_one_page_and_one_approval_of_each_council():
    """Chosen, reviewed, priced, dated and submitted on one page; then one word of who pays, and it is approved."""
    world = the_wave()
    desk = Desk(world)
    few = {
        "title": "Three",
        "rule": "tags",
        "tags": "O-01\nO-02\nO-03",
        "as_at": "23/11/2026",
        "planned_from": "7/12/2026",
        "planned_to": "11/12/2026",
        "tolerance_percent": 10,
    }
    page = desk.send("ada", "new_batch", status=200, do="look", **few).content.decode()
    sent = said_on(page)
    held, second, third = (f"outcome_{asset.pk}" for asset in world.old[:3])
    assert {name: sent[name] for name in (held, second, third)} == {
        held: "leave_out",
        second: "replace",
        third: "replace",
    }
    price = f"purchase_{world.county.pk}_laptop"
    assert sent[price] == "742.00"
    spares = {f"spares_{world.county.pk}_laptop": "1", price: "750.00"}

    desk.send("ada", "new_batch", do="submit", **few, **{**sent, **spares}, left_out="On legal hold")

    batch = Batch.objects.get()
    assert (batch.state, batch.submitted_by, batch.planned_from) == (
        "submitted",
        world.ada,
        date(2026, 12, 7),
    )
    assert [(str(item.asset), item.state, item.reason) for item in items_of(batch)] == [
        ("O-01", "excluded", "On legal hold"),
        ("O-02", "confirmed", ""),
        ("O-03", "confirmed", ""),
    ]
    line = line_of(batch, world.county)
    assert (line.spares, line.purchase, line.deploy) == (1, Decimal("750.00"), Decimal("38.50"))
    assert ChangeSet.objects.filter(changes__kind="batches.batchitem").distinct().count() == 1
    desk.approve("bea", batch)
    batch.refresh_from_db()
    assert batch.state == "approved"


def said_on(page: str) -> dict[str, str]:
    """What stands in the fields of the page's own choices and prices, as a browser would send it."""
    boxes = dict(
        re.findall(
            r'<input[^>]* name="((?:spares_|purchase_|deploy_|disposal_|residual_|shown)[^"]*)"[^>]* value="([^"]*)"',
            page,
        )
    )
    chosen = re.findall(
        r'<select[^>]* name="(outcome_[^"]+)".*?<option value="([^"]*)" selected', page, re.DOTALL
    )
    return {**boxes, **dict(chosen)}


def test_a_small_batch_is_made_whole_or_not_at_all():
    world = the_wave()
    desk = Desk(world)
    few = {
        "title": "Two",
        "rule": "tags",
        "tags": "O-01\nO-02",
        "as_at": "23/11/2026",
        "tolerance_percent": 10,
    }
    held, second = (f"outcome_{asset.pk}" for asset in world.old[:2])
    costs = said_on(desk.send("ada", "new_batch", status=200, do="look", **few).content.decode())

    def refused(**sent) -> str:
        page = desk.send(
            "ada", "new_batch", status=422, do="submit", **few, **{**costs, **sent}
        ).content.decode()
        assert not Batch.objects.exists()
        return page

    assert "O-01 is on legal hold, so it cannot be replaced" in refused(
        **{held: "replace", second: "replace"}
    )
    assert "Enter why something is left out" in refused(**{held: "leave_out", second: "replace"})
    assert "Nothing is confirmed" in refused(**{held: "leave_out", second: "leave_out"}, left_out="No need")
    UnitCosts.objects.all().delete()
    unpriced = f"purchase_{world.county.pk}_laptop"
    assert "Enter what a new one costs" in refused(
        **{held: "leave_out", second: "replace", unpriced: ""}, left_out="Held"
    )


def test_of_a_small_batch_nothing_is_left_out_or_priced_unsaid():
    """What the page did not show, or was not told, is asked again: it is never left out, nor priced by the forecast."""
    world = the_wave()
    desk = Desk(world)
    few = {"title": "Two", "rule": "tags", "as_at": "23/11/2026", "tolerance_percent": 10}
    two, three = "O-02\nO-03", "O-02\nO-03\nO-04"
    second, third, fourth = (f"outcome_{asset.pk}" for asset in world.old[1:4])
    price, deploy = (f"{name}_{world.county.pk}_laptop" for name in ("purchase", "deploy"))
    sent = said_on(desk.send("ada", "new_batch", status=200, do="look", tags=two, **few).content.decode())
    sent |= {third: "leave_out", "left_out": "On loan", price: "750.00"}

    def refused(listed: str = two, **more) -> str:
        sending = {"do": "submit", "tags": listed, **few, **sent, **more}
        page = desk.send("ada", "new_batch", status=422, **sending).content.decode()
        assert not Batch.objects.exists()
        return page

    page = refused(three)
    assert "What matches has changed while you were looking at it" in page
    again = said_on(page)
    assert {name: again[name] for name in (second, third, fourth, price)} == {
        second: "replace",
        third: "leave_out",
        fourth: "replace",
        price: "750.00",
    }
    assert "Select what becomes of O-02" in refused(**{second: ""})
    assert "Enter what a new one costs" in refused(**{price: ""})
    assert "Putting one in place must be an amount, or 0" in refused(**{deploy: ""})

    desk.send("ada", "new_batch", do="submit", tags=three, **few, **again, left_out="On loan")
    assert [item.state for item in items_of(Batch.objects.get())] == ["confirmed", "excluded", "confirmed"]


def test_of_a_small_batch_of_two_councils_each_reviews_its_own():
    world = the_wave()
    desk = Desk(world)
    few = {
        "title": "Two",
        "rule": "tags",
        "tags": "O-02\nC-01",
        "as_at": "23/11/2026",
        "tolerance_percent": 10,
    }
    page = desk.send("ada", "new_batch", status=200, do="look", **few).content.decode()
    sent = said_on(page)
    assert f"outcome_{world.old[1].pk}" in sent and f"outcome_{world.old[19].pk}" not in page
    assert f"_{world.district.pk}_laptop" not in page

    desk.send("ada", "new_batch", do="submit", **few, **sent)

    batch = Batch.objects.get()
    assert (batch.state, [item.state for item in items_of(batch)]) == ("draft", ["confirmed", "candidate"])
    assert "Cherwell District Council must review what is theirs first" in desk.read(
        "ada", "batch", batch.reference
    )


def test_more_than_ten_are_reviewed_on_the_page_of_their_batch():
    world = the_wave()
    desk = Desk(world)
    many = {"title": "All", "rule": "tags", "tags": "\n".join(tags(world.old)), "as_at": "23/11/2026"}
    page = desk.send("ada", "new_batch", status=200, do="look", tolerance_percent=10, **many).content.decode()
    assert "submit it for approval" not in page
    many["tolerance_percent"] = 10
    page = desk.send("ada", "new_batch", status=422, do="submit", **many).content.decode()
    assert "27 assets match. Up to 10 are submitted at once" in page
    none = {**many, "tags": "NOWHERE"}
    page = desk.send("ada", "new_batch", status=422, do="submit", **none).content.decode()
    assert "Nothing that is free for a batch matches" in page
    assert not Batch.objects.exists()


def test_programs_make_a_small_batch_and_submit_it_at_once():
    world = the_wave()
    asked = {"title": "Two", "tags": ["O-02", "O-03"], "as_at": "2026-11-23", "submit": True}

    made = as_person(world.ada).ask("POST", "refresh/batches/", asked)

    assert (made.status_code, made.json()["state"], made.json()["counts"]["confirmed"]) == (
        201,
        "submitted",
        2,
    )
    assert made.json()["waits"] == ""
    both = as_person(world.ada).ask("POST", "refresh/batches/", {**asked, "tags": ["O-16", "C-01"]}).json()
    said = "Cherwell District Council must review what is theirs first."
    assert (both["state"], both["waits"]) == ("draft", said)
    many = {**asked, "tags": tags(world.old[3:14])}
    refused = as_person(world.ada).ask("POST", "refresh/batches/", many)
    assert (refused.status_code, Batch.objects.count()) == (400, 2)
    assert "11 assets match. Up to 10 are submitted at once" in str(refused.json())

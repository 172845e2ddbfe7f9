"""Wave 7 at its end as whoever may see the money of both councils reads it: a page and a program."""

import copy
from datetime import date
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from assets.batches.models import Batch, Programme
from assets.batches.planning import add_programme
from assets.batches.workflow import move
from assets.orders.models import OrderLine
from assets.orders.receiving import Box, receive
from tests.api.calling import as_program
from tests.batches.test_wave import gone_wave
from tests.batches.waves import LATER, VECTOR, for_both, line_of
from tests.reports.test_pages import cells

pytestmark = [pytest.mark.django_db, pytest.mark.once]
SAVED = VECTOR["energy_saved_a_year"]


@pytest.fixture(autouse=True)
def afterwards(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: LATER)


@pytest.fixture(scope="module")
def closed_once(make_once) -> tuple[SimpleNamespace, Batch]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "now", lambda: LATER)
        return make_once(closed_wave)


@pytest.fixture
def closed(closed_once, db) -> tuple[SimpleNamespace, Batch]:
    """Wave 7 at its end, and the world of it."""
    return copy.deepcopy(closed_once)


def read(person, path: str) -> tuple[str, dict]:
    """A page, and what a program is told at the same path."""
    client = Client()
    client.force_login(person)
    page, told = client.get(f"/{path}"), as_program(person).get(path)
    assert (page.status_code, told.status_code) == (200, 200)
    return page.content.decode(), told.json()


def closed_wave() -> tuple[SimpleNamespace, Batch]:
    world = for_both()
    batch = gone_wave(world)
    bought = OrderLine.objects.get(for_batch__line=line_of(batch, world.county))
    receive(bought, [Box("REPLACED")], by=world.ada, now=LATER)
    return world, move(batch, "close", by=world.ada, now=LATER)


def test_both_together_come_to_the_penny(closed):
    world, batch = closed

    page, told = read(world.flo, f"refresh/batches/{batch}/")

    money = cells(page, "Money, excluding VAT")
    assert {who: row[1:] for who, row in money.items()} == {
        "Cherwell District Council": [
            *("£5,400.50", "£5,194.00", "£269.50", "£36.00", "£75.00"),
            *("£5,424.50", "+£24.00 (+0.44%)"),
        ],
        "Oxfordshire County Council": [
            *("£14,629.00", "£14,098.00", "£654.50", "£78.00", "£180.00"),
            *("£14,650.50", "+£21.50 (+0.15%)"),
        ],
        "All councils together": [
            *("£20,029.50", "£19,292.00", "£924.00", "£114.00", "£255.00"),
            *("£20,075.00", "+£45.50 (+0.23%)"),
        ],
    }
    [whole] = [row for row in told["money"] if row["council"] is None]
    whole.pop("planned")
    assert whole == {
        "council": None,
        "approved": VECTOR["approved"]["total"],
        "purchase": VECTOR["order"]["value"],
        "deploy": "924.00",
        "disposal": "114.00",
        "income": "255.00",
        "actual": VECTOR["actual"]["total"],
        "variance": VECTOR["variance"]["gbp"],
        "variance_percent": VECTOR["variance"]["percent"],
    }
    assert 'New devices left in stock</dt> <dd class="govuk-summary-list__value">2</dd>' in squeezed(page)


def squeezed(page: str) -> str:
    return " ".join(page.split())


def test_both_together_save_the_energy_and_the_pounds_of_a_year(closed):
    world, batch = closed
    saved = "139.2 kWh, £34.80, 24.64 kgCO2e"

    page, told = read(world.flo, f"refresh/batches/{batch}/")

    energy = cells(page, "Energy and carbon, as it was when the batch was closed")
    [energy] = [row for who, row in energy.items() if who.startswith("All councils together")]
    assert energy[:3] == [saved, "0.0 kWh, £0.00, 0.00 kgCO2e", f"{saved} less"]
    [whole] = [row for row in told["energy"] if row["council"] is None]
    assert whole["net"] == {name: SAVED[name] for name in ("kwh", "gbp", "kgco2e")}


def test_a_programme_adds_up_the_energy_of_its_batches(closed):
    world, batch = closed
    years = {"from_fy": "2026/27", "to_fy": "2030/31"}
    window = {"window_from": date(2026, 4, 1), "window_to": date(2028, 3, 31)}
    programme = add_programme(
        Programme(name="Five years", **years, **window), by=world.ada, councils=[world.county, world.district]
    )
    Batch.objects.filter(pk=batch.pk).update(programme=programme)
    at = f"refresh/programmes/{programme.pk}/"

    client = Client()
    client.force_login(world.flo)
    page = client.get(f"/{at}").content.decode()
    told = as_program(world.flo).get(f"{at}years/").json()["energy"]

    nets = {
        who.removesuffix(": its batches"): row[2]
        for who, row in cells(page, "Energy and carbon of its batches").items()
    }
    assert nets == {
        "Cherwell District Council": "40.6 kWh, £10.15, 7.19 kgCO2e less",
        "Oxfordshire County Council": "98.6 kWh, £24.65, 17.45 kgCO2e less",
        "All councils together": "139.2 kWh, £34.80, 24.64 kgCO2e less",
    }
    assert [(row["council"], *row["net"].values()) for row in told] == [
        ("CDC", "40.6", "10.15", "7.19"),
        ("OCC", "98.6", "24.65", "17.45"),
        (None, "139.2", "34.80", "24.64"),
    ]

"""The figures of a programme open the batches behind them, and the list of batches is narrowed to those."""

from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from lxml import html

from assets.batches.choosing import create_batch
from assets.batches.models import Programme
from assets.batches.planning import add_programme, set_budget
from assets.batches.workflow import move
from tests.batches.test_wave_pages import Desk
from tests.batches.waves import NOW, tags, the_wave
from tests.factories import a_council, a_model, a_person, an_asset
from tests.reports.test_pages import cells

pytestmark = pytest.mark.django_db


def test_figures_of_a_programme_open_its_batches_of_that_council():
    world = the_wave()
    desk = Desk(world)
    first, second = (
        add_programme(
            Programme(
                name=name,
                from_fy="2026/27",
                to_fy="2030/31",
                window_from=date(2026, 4, 1),
                window_to=date(2028, 3, 31),
            ),
            by=world.ada,
            councils=[world.county, world.district],
        )
        for name in ("Five years", "Another")
    )
    batches = [
        create_batch(
            by=world.ada,
            title="Two",
            rule={"tags": tags(assets)},
            as_at=NOW.date(),
            programme=programme,
            now=NOW,
        )
        for programme, assets in (
            (first, world.old[1:3]),
            (first, world.old[-2:]),
            (second, world.old[3:5]),
        )
    ]
    for batch in batches:
        batch.items.update(state="confirmed")

    def listed(way: str) -> set[str]:
        answer = desk.clients["ada"].get(way)
        assert answer.status_code == 200
        return {batch.reference for batch in batches if batch.reference in answer.content.decode()}

    page = html.fromstring(desk.read("ada", "programme", first.pk))
    ways = {
        link.text.strip(): link.get("href")
        for link in page.xpath("//section[@aria-label='Energy and carbon']//a")
    }
    ours, theirs, _ = (batch.reference for batch in batches)
    assert {words: listed(way) for words, way in ways.items()} == {
        "Oxfordshire County Council": {ours},
        "Cherwell District Council": {theirs},
        "All councils together": {ours, theirs},
    }
    money = {way for way in page.xpath("//a/@href") if way.startswith(reverse("batches:batches") + "?")}
    by_year = {way for way in money if "year=" in way}
    assert by_year and all(listed(way) <= {ours, theirs} for way in by_year)


@pytest.fixture
def eight_years(monkeypatch):
    """A programme that began last year and goes on beyond the forecast, with laptops that are due in three years."""
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    council = a_council("OCC")
    model = a_model(useful_life_months=60, replacement_cost_ex_vat=Decimal(1000), price_base_fy="2026/27")
    for tag, came in (("LATE", date(2019, 5, 1)), ("SOON", date(2022, 5, 1)), ("FAR", date(2026, 5, 1))):
        an_asset(council, tag, model=model, in_service_date=came)
    ada = a_person(council, "asset_manager")
    programme = add_programme(
        Programme(
            name="Eight years",
            from_fy="2025/26",
            to_fy="2032/33",
            window_from=date(2026, 4, 1),
            window_to=date(2028, 3, 31),
        ),
        by=ada,
        councils=[council],
    )
    for year, amount in (("2026/27", 1500), ("2031/32", 1200)):
        set_budget(programme, council, year, Decimal(amount), by=ada)
    client = Client()
    client.force_login(ada)
    return client, reverse("batches:programme", args=[programme.pk])


def test_every_year_of_a_programme_says_what_falls_due_also_beyond_the_forecast_and_all_together(eight_years):
    client, at = eight_years
    page = client.get(at).content.decode()

    rows = cells(page, "Oxfordshire County Council")
    nothing = ["0", "0", "–", "–", "£0.00", "–"]
    assert rows == {
        "2025/26": ["Over", "0", "Over", "–", "£0.00", "–"],
        "2026/27": ["1", "0", "£1,000.00", "£1,500.00", "£0.00", "£1,500.00"],
        "2027/28": ["1", "0", "£1,030.00", "–", "£0.00", "–"],
        **dict.fromkeys(("2028/29", "2029/30", "2030/31"), nothing),
        "2031/32": ["1", "0", "£1,159.27", "£1,200.00", "£0.00", "£1,200.00"],
        "2032/33": nothing,
        "All": ["3", "0", "£3,189.27", "£2,700.00", "£0.00", "£2,700.00"],
    }
    assert "What fell due in a year that is over, and is not replaced, counts in the present one" in page
    listed = client.get("/refresh/assets/?council=OCC&year=2031/32").content.decode()
    assert "/refresh/assets/?council=OCC&amp;year=2031%2F32" in page
    assert [tag in listed for tag in (">FAR<", ">SOON<", ">LATE<")] == [True, False, False]
    for odd in ("2031/33", "2099/00", "9999/00", "x"):
        assert ">FAR<" not in client.get("/refresh/assets/", {"year": odd}).content.decode()


def test_every_figure_of_a_council_opens_the_batches_that_it_counts_and_no_others(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    world = the_wave()
    desk = Desk(world)
    programme = add_programme(
        Programme(
            name="Two years",
            from_fy="2026/27",
            to_fy="2027/28",
            window_from=date(2026, 4, 1),
            window_to=date(2028, 3, 31),
        ),
        by=world.ada,
        councils=[world.county],
    )
    planned = {
        "THIS": (None, 1),
        "NEXT": (date(2028, 3, 31), 2),
        "BEYOND": (date(2028, 5, 1), 3),
        "CANCELLED": (date(2027, 5, 1), 4),
    }
    names, left = {}, iter(world.old[1:])
    for name, (first, count) in planned.items():
        batch = create_batch(
            by=world.ada,
            title=name,
            rule={"tags": tags([next(left) for _ in range(count)])},
            as_at=NOW.date(),
            programme=programme,
            planned_from=first,
            now=NOW,
        )
        batch.items.update(state="confirmed")
        names[batch.reference] = name
    move(batch, "cancel", by=world.ada, given={"reason": "No money"}, now=NOW)

    def listed(way: str) -> set[str]:
        answer = desk.clients["ada"].get(way).content.decode()
        return {name for reference, name in names.items() if reference in answer}

    page = desk.read("ada", "programme", programme.pk)
    figures = {row: found[1] for row, found in cells(page, "Oxfordshire County Council").items()}
    assert figures == {"2026/27": "1", "2027/28": "2", "All": "3"}
    opened = {}
    for row in html.fromstring(page).xpath("//tr[th][td]"):
        ways = row.xpath(f".//a[starts-with(@href, '{reverse('batches:batches')}?')]/@href")
        opened[row.xpath("string(th)").strip()] = [listed(way) for way in ways]
    both = {"THIS", "NEXT"}
    assert {row: opened[row] for row in figures} == {
        "2026/27": [{"THIS"}] * 2,
        "2027/28": [{"NEXT"}] * 2,
        "All": [both] * 2,
    }
    energy = html.fromstring(page).xpath("//section[@aria-label='Energy and carbon']//a/@href")
    assert energy and [listed(way) for way in energy] == [both | {"BEYOND"}] * len(energy)

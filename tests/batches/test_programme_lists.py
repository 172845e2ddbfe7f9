"""The figures of a programme open the batches behind them, and the list of batches is narrowed to those."""

from datetime import date

import pytest
from django.urls import reverse
from lxml import html

from assets.batches.choosing import create_batch
from assets.batches.models import Programme
from assets.batches.planning import add_programme
from tests.batches.test_wave_pages import Desk
from tests.batches.waves import NOW, tags, the_wave

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

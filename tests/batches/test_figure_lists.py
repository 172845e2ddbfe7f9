"""Figures of one batch open what they are made of: as many as they say, and no money or words of another council."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from assets.batches.energy import figures_of
from assets.batches.models import BatchCouncil, SwapSurvey
from assets.batches.states import Outcome
from assets.refresh.estate_energy import Assumptions
from assets.refresh.models import Tariff
from assets.register.models import Asset
from tests.api.calling import as_person
from tests.batches.test_appointments import as_, text, world
from tests.batches.test_energy import DESKTOP, LAPTOP, a_batch
from tests.batches.test_surveys import FRIDAY, surveys
from tests.factories import a_council, a_council_alone, a_model, a_person, a_requester, an_asset

pytestmark = pytest.mark.django_db
__all__ = ["world"]
PENCE = Decimal("43.219")


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: FRIDAY)


def listed(page: str) -> int:
    return int(re.search(r">(\d+) (?:devices?|swaps?|answers?)[,.]", page)[1])


def opened(person, batch, part: str) -> list[tuple[str, int, int]]:
    """The figures of a batch that open a list of this part: the figure, and how many the list says."""
    page = text(as_(person).get(reverse("batches:batch", args=[batch.reference])))
    links = re.findall(rf'href="([^"]*/{part}/[^"]*)">(\d+)<', page)
    return [(at, int(said), listed(text(as_(person).get(at)))) for at, said in links]


def test_energy_opens_the_swaps_behind_it_with_what_goes_and_what_comes():
    ada = a_person(a_council("OCC"), "asset_manager")
    new = a_model("E14", annual_kwh=LAPTOP, embodied_kgco2e=Decimal(236))
    old = a_model("Tower", category="desktop", annual_kwh=DESKTOP, replacement_model=new)
    batch = a_batch(ada, old, 3)
    batch.items.filter(pk=batch.items.first().pk).update(outcome=Outcome.RETIRE)
    at = reverse("batches:energy_lines", args=[batch.reference])

    assert f'href="{at}?council=OCC"' in text(as_(ada).get(reverse("batches:batch", args=[batch.reference])))
    page = text(as_(ada).get(f"{at}?council=OCC"))

    assert listed(page) == 3
    maker, other = old.manufacturer, new.manufacturer
    assert f"{maker} Tower → {other} E14" in page and f"{maker} Tower, retire without replacement" in page
    rows = as_person(ada).ask("GET", f"refresh/batches/{batch.reference}/energy-lines/").json()["results"]
    whole = as_person(ada).ask("GET", f"refresh/batches/{batch.reference}/").json()["energy"][0]["net"]
    assert [(row["count"], row["old_kwh"], row["new_kwh"], row["retired"]) for row in rows] == [
        (1, "56.5", None, True),
        (2, "56.5", "18.8", False),
    ]
    assert sum(Decimal(row["change"]["kwh"]) for row in rows) == Decimal(whole["kwh"])
    assert as_(ada).get(f"{at}?council=CDC").status_code == 404


def test_pounds_of_the_other_council_are_in_no_line():
    ada = a_person(a_council("OCC"), "asset_manager")
    dee = a_person(a_council("CDC"), "asset_manager")
    Tariff.objects.create(council=dee.council, pence=PENCE, starts_on=FRIDAY.date().replace(month=4, day=1))
    new = a_model("E14", annual_kwh=LAPTOP)
    batch = a_batch(ada, a_model("Tower", category="desktop", annual_kwh=DESKTOP, replacement_model=new), 1)
    theirs = Asset.objects.get(pk=batch.items.get().asset_id)
    theirs.pk, theirs.asset_tag, theirs.council = None, "C-1", dee.council
    theirs.save(force_insert=True)
    item = batch.items.get()
    item.pk, item.asset, item.council = None, theirs, dee.council
    item.save(force_insert=True)
    BatchCouncil.objects.create(batch=batch, council=dee.council)
    at = reverse("batches:energy_lines", args=[batch.reference])
    gbp = figures_of([batch], Assumptions(2026, [dee.council_id]))[batch.pk, dee.council_id].energy.net.gbp

    ours, full = text(as_(ada).get(at)), text(as_(dee).get(f"{at}?council=CDC"))
    told = as_person(ada).ask("GET", f"refresh/batches/{batch.reference}/energy-lines/").json()["results"]

    assert (str(gbp) in full, str(gbp) in ours, ours.count("£"), listed(ours)) == (True, False, 1, 2)
    assert [(row["council"], row["change"]["gbp"] is None) for row in told] == [("CDC", True), ("OCC", False)]
    assert [row["change"]["kwh"] for row in told] == ["37.7", "37.7"]


def test_devices_of_a_council_whose_register_one_does_not_read_are_counted_and_not_named():
    ada = a_person(a_council("OCC"), "asset_manager")
    alone = a_council_alone("ALN")
    new = a_model("E14", annual_kwh=LAPTOP)
    batch = a_batch(ada, a_model("Tower", category="desktop", annual_kwh=DESKTOP, replacement_model=new), 1)
    secret = a_model("Hidden", category="desktop", annual_kwh=DESKTOP, replacement_model=new)
    for tag in ("A-1", "A-2"):
        asset = an_asset(alone, tag, category="desktop", model=secret)
        item = batch.items.order_by("pk")[0]
        item.pk, item.asset, item.council = None, asset, alone
        item.save(force_insert=True)
    BatchCouncil.objects.create(batch=batch, council=alone)
    at = reverse("batches:energy_lines", args=[batch.reference])

    pages = [text(as_(ada).get(one)) for one in (at, f"{at}?council=ALN")]
    told = as_person(ada).ask("GET", f"refresh/batches/{batch.reference}/energy-lines/").json()["results"]

    assert ["Tower" in page for page in pages] == [True, False] and [row["council"] for row in told] == [
        "OCC"
    ]
    for page in pages:
        assert "Hidden" not in page
        assert "2 devices of councils whose register you do not read are in the figures" in page
    links = text(as_(ada).get(reverse("batches:batch", args=[batch.reference])))
    assert (f'href="{at}?council=OCC"' in links, f'href="{at}?council=ALN"' in links) == (True, False)


def test_a_closed_batch_opens_what_it_was_closed_with():
    ada = a_person(a_council("OCC"), "asset_manager")
    new = a_model("E14", annual_kwh=LAPTOP)
    batch = a_batch(ada, a_model("Tower", category="desktop", annual_kwh=DESKTOP, replacement_model=new), 2)
    part = batch.paying.get()
    part.energy = figures_of([batch], Assumptions(2026, [ada.council_id]))[batch.pk, ada.council_id].kept()
    part.save()
    type(new).objects.filter(pk=new.pk).update(annual_kwh=1, name="Another")
    at = reverse("batches:energy_lines", args=[batch.reference])

    page = text(as_(ada).get(at))
    assert "E14" in page and "37.7" not in page and "75.4 kWh" in page and listed(page) == 2
    del part.energy["names"]
    part.save()
    assert "Swapped before this was written down" in text(as_(ada).get(at))


def test_asked_answered_and_content_open_lists_of_as_many_without_a_name(world):
    BatchCouncil.objects.create(batch=world.batch, council=world.county)
    surveys(world, world.county, [5, 4, 2, None])

    found = opened(world.ada, world.batch, "content/(?:asked|answered|content)")

    assert [(said, number) for _, said, number in found] == [(4, 4), (3, 3), (2, 2)]
    asked, answered, content = (text(as_(world.ada).get(at)) for at, *_ in found)
    assert "SOCC-01" in asked and "SOCC 5" not in asked
    for page in (answered, content):
        assert "SOCC 5" in page and "SOCC-0" not in page and "Jo" not in page.split("<main")[1]
    assert ("SOCC 2" in answered, "SOCC 2" in content) == (True, False)
    path = f"refresh/batches/{world.batch.reference}/content/"
    told = as_person(world.ada).ask("GET", f"{path}?of=answered").json()["results"]
    assert [(row["asset"], row["score"], row["comment"]) for row in told] == [
        (None, 5, "SOCC 5"),
        (None, 4, "SOCC 4"),
        (None, 2, "SOCC 2"),
    ]
    told = as_person(world.ada).ask("GET", path).json()["results"]
    assert {(row["score"], row["comment"]) for row in told} == {(None, None)} and len(told) == 4
    assert as_person(world.ada).ask("GET", f"{path}?of=all").status_code == 400


def test_what_people_of_the_other_council_said_opens_for_nobody_else(world):
    for council in (world.county, world.district):
        BatchCouncil.objects.get_or_create(batch=world.batch, council=council)
    surveys(world, world.county, [5] * 3)
    surveys(world, world.district, [5] * 13 + [1])
    at = reverse("batches:content_lines", args=[world.batch.reference, "answered"])
    path = f"refresh/batches/{world.batch.reference}/content/?of=answered"

    assert [(one[1], one[2]) for one in opened(world.ada, world.batch, "content/answered")] == [(3, 3)]
    assert "SCDC" not in text(as_(world.ada).get(at)) and "SOCC" not in text(as_(world.dee).get(at))
    assert as_(world.ada).get(f"{at}?council=CDC").status_code == 403
    assert as_person(world.ada).ask("GET", f"{path}&council=CDC").status_code == 403
    assert "SCDC" not in as_person(world.ada).ask("GET", path).content.decode()
    for other in (world.eng, world.bea):
        assert as_(other).get(at).status_code == 403
    assert as_(a_requester(world.county)).get(at).status_code == 404


def test_what_was_answered_of_a_swap_that_was_taken_back_is_in_no_list(world):
    BatchCouncil.objects.create(batch=world.batch, council=world.county)
    surveys(world, world.county, [5, 4])
    gone = SwapSurvey.objects.get(score=4)
    gone.item.swapped_at = None
    gone.item.save()

    assert [said for _, said, _ in opened(world.ada, world.batch, "content/asked")] == [1]

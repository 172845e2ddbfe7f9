"""The monthly equipment report: what it counts, that a month which is over stays what it was, and what is kept back."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from assets.register.equipment_report import EquipmentReport
from assets.register.models import Asset
from assets.register.registering import change_asset, register_assets
from assets.register.workflow import move
from servicedesk.history import editing
from tests.factories import a_model, a_person, a_requester
from tests.register.life import a_world, consigned, given_for
from tests.reports.test_pages import Links, cells, opened, worked_out_of

pytestmark = pytest.mark.django_db
PAGE = "/reports/equipment/?month=2026-11&council={}"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def registered(council, number: int = 1, **fields) -> list[Asset]:
    """So many alike, in the register since October."""
    fields = {"category": "laptop", "state": "in_stock", **fields}
    tags = [f"{council.code}-{Asset.objects.count() + n}" for n in range(number)]
    rows = [Asset(council=council, asset_tag=tag, **fields) for tag in tags]
    return register_assets(rows, by=None, now=at("2026-10-01T09:00"))


@pytest.fixture
def november(monkeypatch) -> SimpleNamespace:
    """Of the county: two laptops that a maker supports no longer, one by its model, one that nothing is known of, and a
    good one; of a leaver one is back in time and one is not; of two that went, one was wiped by certificate. Two more
    are the district's.
    """
    world = a_world()
    monkeypatch.setattr(timezone, "now", lambda: at("2026-12-31T09:00"))
    world.old_model = a_model(end_of_support=date(2026, 11, 1))
    registered(world.county, vendor_end_of_support=date(2026, 11, 29))
    [world.old] = registered(world.county, model=world.old_model)
    [world.unknown] = registered(world.county)
    [world.good] = registered(world.county, purchase_date=date(2026, 9, 1))
    registered(world.district, 2)
    known = {"purchase_date": date(2025, 1, 1)}
    held = registered(world.county, 2, **known)
    world.leaver = a_requester(world.county, employed_to=date(2026, 11, 5))
    for asset in held:
        move(asset, "issue", by=world.engineer, given={"person": world.leaver}, now=at("2026-10-02T09:00"))
    back = Asset.objects.get(pk=held[0].pk)
    move(back, "return", by=world.engineer, given={"condition": "B"}, now=at("2026-11-19T09:00"))
    world.kept = Asset.objects.get(pk=held[1].pk)
    [gone] = registered(world.county, state="returned", **known)
    gone = move(
        gone, "sanitise", by=world.engineer, now=at("2026-11-09T09:00"), given=given_for("sanitise", world)
    )
    registered(world.county, state="disposed", disposal_date=date(2026, 11, 2), **known)
    move(gone, "dispose", by=world.keeper, now=at("2026-11-10T09:00"), given=consigned(gone))
    return world


def told(world, now: str = "2026-12-31T09:00", scope: str = "joint", role: str = "cyber_officer") -> dict:
    reader = a_person(world.county, role)
    report = EquipmentReport(reader, date(2026, 11, 1), scope, at(now))
    return {
        table.code: {row.code: [cell.text for cell in row.cells] for row in table.rows}
        for table in report.tables
    }


def test_what_is_counted(november):
    glance = told(november)["glance"]

    assert {code: row[:4] for code, row in glance.items()} == {
        "kept": ["8", "–", "–", "9"],
        "unsupported": ["25.0%", "2", "8", "0.0%"],
        "overdue": ["25.0%", "2", "8", "0.0%"],
        "undated": ["37.5%", "3", "8", "33.3%"],
        "certified": ["50.0%", "1", "2", "–"],
        "returned": ["50.0%", "1", "2", "–"],
    }
    assert told(november)["category"]["laptop"] == ["2", "2", "3"]


def test_month_stays_what_it_was(november):
    before = told(november)
    now, admin = at("2026-12-05T09:00"), a_person(november.county, "administrator")

    bought = {"purchase_date": date(2026, 1, 1), "version": november.unknown.version}
    change_asset(november.unknown, by=november.keeper, now=now, **bought)
    editing.change(
        november.old_model, by=admin, version=november.old_model.version, end_of_support=None, now=now
    )
    leaver = type(november.leaver).objects.get(pk=november.leaver.pk)
    editing.change(leaver, by=admin, version=leaver.version, employed_to=date(2027, 1, 31), now=now)
    move(november.kept, "return", by=november.engineer, given={"condition": "B"}, now=now)
    register_assets([Asset(council=november.county, asset_tag="NEW", category="laptop")], by=None, now=now)

    assert told(november) == before


def test_every_number_opens_a_list_of_exactly_that_many(november):
    client = Client()
    client.force_login(a_person(november.county, "cyber_officer"))

    links = Links(client.get(PAGE.format("joint")).content.decode()).found
    listed = [(href, text) for href, text in links if href.startswith("/reports/equipment/list/")]
    numbers = [(href, int(text)) for href, text in listed if text.isdecimal()]
    rates = [(href, text) for href, text in listed if text.endswith("%")]

    assert (len(numbers) > 15, len(rates) > 4, len(numbers) + len(rates)) == (True, True, len(listed))
    for href, number in numbers:
        page = client.get(href).content.decode()
        told = client.get(f"/api/v1{href}").json()["results"]
        assert (href, page.count('scope="row"'), len(told)) == (href, number, number)
    for href, rate in rates:
        _, rows = opened(client, href)
        assert (href, worked_out_of("", "", True, rows)) == (href, rate)


def test_small_numbers_of_the_other_council_are_kept_back_also_in_what_both_add_up_to(november):
    client = Client()
    client.force_login(a_person(november.county, "queue_manager"))
    pages = {code: client.get(PAGE.format(code)).content.decode() for code in ("OCC", "CDC", "joint")}

    assert cells(pages["OCC"], "At a glance")["In the register"][0] == "6"
    marks = {"<5", "kept back", "–"}
    for code in ("CDC", "joint"):
        assert {text for row in cells(pages[code], "At a glance").values() for text in row} <= marks
    assert set(cells(pages["joint"], "By council")["Cherwell District Council"]) <= marks
    for code in ("CDC", "joint"):
        where = f"month=2026-11&council={code}&figure=kept"
        for address in (f"/reports/equipment/list/?{where}", f"/api/v1/reports/equipment/list/?{where}"):
            assert client.get(address).status_code == 403
    taken = client.post("/reports/equipment/export/", {"month": "2026-11", "council": "joint"})
    assert taken.status_code == 200


@pytest.mark.parametrize("role, status", [("auditor", 200), ("service_owner", 403), ("asset_manager", 403)])
def test_it_is_for_who_sees_figures_and_registers(november, role, status):
    client = Client()
    client.force_login(a_person(november.county, role))

    answers = [client.get(f"{base}/reports/equipment/").status_code for base in ("", "/api/v1")]

    assert answers == [status, status]
    assert client.get("/reports/nothing/").status_code == 404

"""A refresh from the forecast to the last wiped disk, by browser alone: each does their part, two councils pay apart.

The figures are those of the worked example, but for what the people in it do otherwise.
"""

import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils import timezone

from assets.batches.models import Batch
from assets.batches.surveying import follow_up
from assets.disposal.chasing import keep_chasing
from assets.disposal.models import DueBack
from assets.register.models import Asset, Supplier
from servicedesk import wording
from servicedesk.notifications.models import Message
from servicedesk.people.models import Person
from tests.batches.waves import NOW, VECTOR, laptops, people
from tests.factories import a_grant, a_model, a_person, a_site
from tests.journeys.keyboard import Hands
from tests.journeys.refreshing import (
    COUNTY,
    DISTRICT,
    Desk,
    allocate,
    begin,
    consign,
    destroy,
    order,
    receive_the_first,
    receive_the_rest,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DESK, PHONE = 1280, 375
OLD_ENOUGH, NEW = date(2022, 6, 1), date(2025, 6, 1)
SWAP_DAY = datetime(2026, 12, 8, 8, 50, tzinfo=UTC)
AFTERWARDS = datetime(2026, 12, 10, 13, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch):
    """The time of day, which a test may move."""
    clock = SimpleNamespace(now=NOW)
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


@pytest.fixture
def world():
    """27 laptops that are due, 19 of the county and 8 of the district, and three that are not."""
    world = people()
    a_grant(world.ada, "budget_approver")
    world.kit = a_person(world.county, "requester", name="Kit")
    hall, house = a_site(world.county, "County Hall"), a_site(world.district, "Bodicote House")
    Supplier.objects.create(name="Reseller")
    Supplier.objects.create(name="Clear IT")
    old = a_model("E14", annual_kwh="22.5", useful_life_months=48)
    a_model("T16", annual_kwh="16.7", embodied_kgco2e="236")
    of_old = {"model": old, "state": "in_use"}
    due = {**of_old, "purchase_date": OLD_ENOUGH}
    county = laptops(world.county, 19, "O", holder=world.kit, site=hall, **due)
    laptops(world.district, 8, "C", holder=world.di, site=house, **due)
    laptops(world.county, 3, "Y", holder=world.kit, site=hall, purchase_date=NEW, **of_old)
    county[0].legal_hold_reason, county[0].legal_hold_since = "An inquiry", NOW
    county[0].save()
    county[1].holder = world.jo
    county[1].save()
    return world


def test_refresh_goes_from_the_forecast_to_the_last_wiped_disk(browser, live_server, world, clock):
    def signed_in(name: str, width: int = DESK) -> Desk:
        return Desk(browser, live_server.url, getattr(world, name), width)

    ada, dee, eng = signed_in("ada"), signed_in("dee"), signed_in("eng")
    plan(ada, dee)
    approve(ada, signed_in("bea"), signed_in("bob"))
    order(ada, dee)
    receive_the_first(eng)
    begin(ada)
    receive_the_rest(eng)
    allocate(ada, dee)
    offer_times(ada, eng)
    choose_a_time(signed_in("jo", PHONE))
    clock.now = SWAP_DAY
    eng = signed_in("eng")
    pairs = print_the_day_sheet(eng)
    first, *others = pairs.items()
    swap(Hands(browser, live_server.url, world.eng, PHONE), [first])
    swap(signed_in("eng", PHONE), others[:1])
    swap_without_the_old_one(signed_in("eng", PHONE), *others[-1])
    send_what_a_swap_sends(world.eng, others[1:-1])
    follow_up(SWAP_DAY + timedelta(hours=2))
    clock.now = AFTERWARDS
    eng = signed_in("eng")
    say_how_it_went(signed_in("jo", PHONE), signed_in("ada"))
    chase(signed_in("kit", PHONE), others[-1][0])
    bring_back(eng)
    assert not DueBack.objects.open().exists()
    wipe(eng)
    ada, dee = signed_in("ada"), signed_in("dee")
    dee.council = DISTRICT
    destroy(ada, "O-04", left=2)
    destroy(dee, "C-01", left=1)
    consign(ada, left=21, sold=12, donated=3, income="180.00")
    consign(dee, left=6, sold=5, donated=1, income="75.00")
    close(ada)
    tell_each_their_own_money(ada, dee)
    keep_what_became_of_them(ada)
    jo = signed_in("jo", PHONE)
    jo.go("/")
    jo.sees("N-01")


def plan(ada: Desk, dee: Desk) -> None:
    ada.go("/refresh/")
    ada.press("Batches")
    ada.press("New batch")
    ada.write("Title", "Wave 7")
    ada.select("Category (optional)", "Laptop")
    ada.select("Financial year (optional)", "2026/27")
    ada.press("Show what matches")
    ada.sees("27 assets match")
    assert ada.page.locator("main .govuk-list--bullet li").all_inner_texts() == [
        f"{DISTRICT}: 8",
        f"{COUNTY}: 19",
    ]
    ada.press("Make the batch")
    ada.sees("Review each of its assets next")
    assert ada.said() == ["0 of 27 reviewed", "0 of 27 ended"]

    ada.together("27 assets to review", "Choose these 19 that are to review", "Confirm")
    ada.sees("O-01 is on legal hold, so it cannot be replaced until the hold is lifted.")
    ada.tick("Choose O-01")
    ada.press("Exclude")
    ada.write("Reason", "On legal hold")
    ada.press("Exclude")
    dee.batch()
    dee.press("8 assets to review")
    dee.tick("Choose C-08")
    dee.press("Exclude")
    dee.write("Reason", "Leaves in December")
    dee.press("Exclude")
    dee.together("7 assets to review", "Choose all 7 that are to review", "Confirm")

    ada.batch()
    ada.press(f"Spares and prices of {Batch.objects.get()}, {COUNTY}, laptop")
    ada.write("Spares", "1")
    ada.press("Save")
    ada.press("Submit for approval")
    ada.press("Submit for approval")
    assert ada.waits() == [
        f"approval of {one} (with the budget approver of {one})" for one in (DISTRICT, COUNTY)
    ]


def approve(ada: Desk, bea: Desk, bob: Desk) -> None:
    """Ada approves her council's spending too, but not that of a batch of her own."""
    ada.batch()
    assert ada.page.get_by_role("button", name="Approve").count() == 0
    assert ada.page.goto(f"{ada.site}/refresh/batches/{Batch.objects.get()}/moves/approve/").status == 403
    for approver, council, code in ((bea, COUNTY, "OCC"), (bob, DISTRICT, "CDC")):
        approver.go("/")
        approver.press(f"{Batch.objects.get()} Wave 7")
        asked = wording.money(Decimal(VECTOR["approved"][code]))
        approver.sees(f"{council} is asked for {asked}, excluding VAT.")
        approver.press("Approve")
    ada.batch()
    assert ada.rows("Approval") == [
        [DISTRICT, "Approved", "Bob, 23 November 2026", "–"],
        [COUNTY, "Approved, £14,629.00", "Bea, 23 November 2026", "–"],
    ]
    assert ada.waits() == ["26 to be ordered (with Ada)"]


def offer_times(ada: Desk, eng: Desk) -> None:
    ada.go("/refresh/appointments/")
    ada.press("Times that sites offer")
    ada.write("Site", "County Hall (OCC)")
    ada.write("Day", "8/12/2026")
    ada.write("First swap begins", "9:00")
    ada.write("Last swap ends", "10:00")
    ada.write("Engineers there", "1")
    ada.press("Offer them")
    assert [row[:4] for row in ada.rows("Times")] == [
        ["8 Dec 2026, 9am to 9:30am", "County Hall", "OCC", "0 of 1"],
        ["8 Dec 2026, 9:30am to 10am", "County Hall", "OCC", "0 of 1"],
    ]
    eng.go("/refresh/appointments/")
    eng.select("Batch", "RB")
    eng.press("Ask them")
    eng.sees("24 appointments offered")


def choose_a_time(jo: Desk) -> None:
    jo.go("/")
    jo.press("E14, O-02")
    jo.choose("Tuesday 8 December 2026, 9:30am, County Hall")
    jo.press("Book this time")
    jo.sees("Booked: Tuesday 8 December 2026, 9:30am, County Hall")
    assert jo.faults() == []


def print_the_day_sheet(eng: Desk) -> dict[str, str]:
    """Returns which new device takes the place of which old one."""
    eng.go("/refresh/appointments/")
    eng.press("Day sheet")
    assert eng.rows("Left to do") == [["9:30am", "County Hall", "Jo", "O-02", "N-01", "", ""]]
    pairs = {}
    for waiting, state in (
        ("1 to be swapped by appointment", "Scheduled"),
        ("23 to be swapped", "Allocated"),
    ):
        eng.batch()
        eng.press(waiting)
        pairs |= {row[1]: row[5] for row in eng.rows(state)}
    return pairs


def swap(eng: Hands, pairs: list[tuple[str, str]]) -> None:
    """Scan the old one, scan the new one, and have it signed for, with a phone in the hand."""
    eng.go("/refresh/appointments/")
    eng.press("Swap a device")
    for old, new in pairs:
        eng.page.keyboard.type(old)
        eng.enter()
        if old == "O-02":
            assert eng.faults() == []
            refuse_another(eng)
        eng.write("New device: scan or type its tag", new)
        eng.tick("My data are saved")
        eng.tick(
            "I have taken over the new device, and handed in the old one or bring it back by the day above"
        )
        eng.press("Swap")
        eng.sees(f"{old} is swapped for {new}")


def swap_without_the_old_one(eng: Hands, old: str, new: str) -> None:
    """It was not brought: whoever has it keeps it until a day."""
    eng.go("/refresh/appointments/")
    eng.press("Swap a device")
    eng.page.keyboard.type(old)
    eng.enter()
    eng.write("New device: scan or type its tag", new)
    eng.choose("It was not brought, and stays where it is for now")
    eng.write("Brought back by (optional)", "9/12/2026")
    eng.tick("My data are saved")
    eng.tick("I have taken over the new device, and handed in the old one or bring it back by the day above")
    eng.press("Swap")
    eng.sees(f"{old} is swapped for {new}")


def say_how_it_went(jo: Desk, ada: Desk) -> None:
    """Asked by mail on a working day after, Jo says so by the address in it, and Ada reads how many were content."""
    follow_up(AFTERWARDS)
    asked = Message.objects.filter(person__display_name="Jo", event="swap_followed").latest("pk")
    jo.go(re.search(r"/refresh/swaps/\d+/", asked.body)[0])
    jo.sees("How did the replacement of your equipment go?")
    assert jo.faults() == []
    jo.choose("Content")
    jo.press("Send")
    jo.sees("Thank you. We have your answer")
    ada.batch()
    rows = [[cell.split("\n")[0] for cell in row] for row in ada.rows("How content people were")]
    assert rows == [[DISTRICT, "<5", "<5", "<5"], [COUNTY, "2", "1", "1"]]
    ada.sees("(100.0%)")
    ada.press("2 asked at " + COUNTY)
    ada.sees("2 swaps.")


def chase(kit: Desk, tag: str) -> None:
    """Who keeps an old one beyond the day is reminded, and sees it first thing."""
    keep_chasing(AFTERWARDS)
    reminded = Message.objects.filter(person__display_name="Kit", about_kind="disposal.dueback")
    assert [tag in message.body for message in reminded] == [True]
    kit.go("/")
    kit.sees("To bring back to the IT desk")
    kit.sees(f"{tag}: was due back on")


def send_what_a_swap_sends(eng: Person, pairs: list[tuple[str, str]]) -> None:
    """The same form to the same page, without a browser: the swaps by hand have shown that one can fill it in."""
    client = Client()
    client.force_login(eng)
    for old, new in pairs:
        sent = {"old": old, "new": new, "signed_by": str(Asset.objects.get(asset_tag=old).holder)}
        ticked = {"stays": "no", "data_saved": "on", "signed": "on"}
        done = client.post("/refresh/appointments/swap/", {**sent, **ticked}, follow=True)
        assert f"{old} is swapped for {new}" in done.content.decode()


def refuse_another(eng: Hands) -> None:
    """The device that is kept for somebody else is not given away."""
    eng.page.keyboard.type("N-02")
    eng.enter()
    eng.sees("This is not N-01, which is kept for O-02")


def bring_back(eng: Desk) -> None:
    eng.batch()
    assert eng.waits() == [
        "24 swapped, and the old one is not back yet (with the desk)",
        "1 of 26 to be delivered (with the supplier)",
    ]
    eng.press("24 swapped, and the old one is not back yet")
    eng.tick("Choose O-03")
    eng.press("Report lost or stolen")
    eng.write("What happened?", "Left on the bus")
    eng.press("Report lost or stolen")
    eng.together("23 swapped, and the old one is not back yet", "Choose all 23 that are swapped", "Return")
    eng.select("Condition", "B")
    eng.press("Return")
    eng.sees("23 assets: returned")


def wipe(eng: Desk) -> None:
    """A disk by itself, two that fail, and the others together; never is the one who wiped it the one who looks."""
    eng.batch()
    eng.press("23 to be wiped")
    eng.press("O-02")
    eng.press("O-02 in the register")
    eng.press("Add a medium")
    eng.select("What it is", "Solid")
    eng.write("Serial number (optional)", "DISK1")
    eng.press("Add it")
    eng.press("Wiped or destroyed Solid-state drive DISK1")
    eng.select("How it was wiped", "Purge")
    eng.select("Who looked at the result", "Eng")  # is not among them
    eng.write("Number of the certificate", "W-1")
    eng.press("Wiped or destroyed")
    eng.sees("Enter who looked at the result")
    eng.select("Who looked at the result", "Sam")
    eng.press("Wiped or destroyed")
    eng.sees("O-02 is wiped")

    eng.batch()
    eng.press("22 to be wiped")
    eng.tick("Choose O-04")
    eng.tick("Choose C-01")
    eng.press("Wipe failed")
    eng.select("Method", "Clear")
    eng.write("Note", "The disk does not answer")
    eng.press("Wipe failed")
    eng.together("20 to be wiped", "Choose all 20 that are returned", "Wipe")
    eng.select("Method", "Purge")
    eng.select("Who looked at the result", "Sam")
    eng.write("Number of the certificate", "W-2")
    eng.press("Wipe")
    eng.sees("20 assets: wiped")
    eng.go("/refresh/disposals/wiping/?show=certificates")
    assert Counter((row[2], *row[5:]) for row in eng.rows("Certificates")) == {
        ("Solid-state drive DISK1", "Eng", "Sam", "W-1"): 1,
        ("All of it", "Eng", "Sam", "W-1"): 1,
        ("All of it", "Eng", "Sam", "W-2"): 20,
    }


def close(ada: Desk) -> None:
    ada.batch()
    assert ada.waits() == ["1 of 26 to be delivered (with the supplier)", "to be closed (with Ada)"]
    ada.press("Close")
    ada.press("Close")
    assert ada.said() == [
        "27 of 27 reviewed",
        "25 of 26 received",
        "24 of 24 allocated",
        "24 of 24 deployed",
        "23 of 24 returned",
        "23 of 23 wiped or destroyed",
        "27 of 27 ended",
    ]
    ended = ["Excluded: 2", "Deferred: 1", "Lost: 1", "Destroyed: 2", "Donated: 4", "Sold: 17"]
    assert ada.page.locator("main summary").all_inner_texts() == [*ended, "What happened to the batch"]
    assert ada.faults() == []


def tell_each_their_own_money(ada: Desk, dee: Desk) -> None:
    """To the penny, and nothing of the other council's."""
    money = {}
    for keeper, code in ((ada, "OCC"), (dee, "CDC")):
        keeper.batch()
        money[code] = keeper.rows("Money, excluding VAT")
    ours = ["£14,599.50", "£14,629.00", "£14,098.00", "£654.50", "£78.00", "£180.00", "£14,650.50"]
    theirs = ["£5,400.50", "£5,400.50", "£5,194.00", "£269.50", "£36.00", "£75.00", "£5,424.50"]
    assert money == {
        "OCC": [[COUNTY, *ours, "+£21.50 (+0.15%)"]],
        "CDC": [[DISTRICT, *theirs, "+£24.00 (+0.44%)"]],
    }
    assert [one for one in theirs if one in ada.reads()] == []
    assert [one for one in ours if one in dee.reads()] == []


def keep_what_became_of_them(ada: Desk) -> None:
    """The disposal register knows each, with its certificates and, for one's own, what it brought."""
    ada.go("/refresh/disposals/register/")
    rows = ada.rows("Disposal register")
    assert Counter((row[2], row[3], row[10]) for row in rows) == {
        ("OCC", "Sold", "£15.00"): 12,
        ("OCC", "Donated", ""): 3,
        ("OCC", "Destroyed", ""): 1,
        ("OCC", "Lost or stolen", ""): 1,
        ("CDC", "Sold", ""): 5,
        ("CDC", "Donated", ""): 1,
        ("CDC", "Destroyed", ""): 1,
    }
    assert next(row[5] for row in rows if row[0] == "O-02") == "W-1\nR-O-02"
    assert ada.rows("Weight by year") == [
        ["2026", "CDC", "48.00", "1", "0"],
        ["2026", "OCC", "48.00", "1", "0"],
    ]

"""Wave 7 through the pages: planned by two councils, approved by both, swapped, wiped, sold, closed, to the penny."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assets.batches.choosing import create_batch
from assets.batches.models import Batch, BatchLine, Programme
from assets.batches.planning import add_programme
from assets.orders.models import OrderLine
from assets.register.models import Supplier
from servicedesk.history.models import Change
from tests.batches.waves import NOW, VECTOR, boxes, items_of, line_of, tags, the_wave
from tests.factories import a_grant

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


class Desk:
    """Who is signed in, by name, and what they send."""

    def __init__(self, world):
        self.clients = {}
        for name in ("ada", "dee", "bea", "bob", "eng"):
            self.clients[name] = Client()
            self.clients[name].force_login(getattr(world, name))

    def read(self, who: str, name: str, *args) -> str:
        response = self.clients[who].get(reverse(f"batches:{name}", args=args))
        assert response.status_code == 200
        return " ".join(response.content.decode().split())

    def send(self, who: str, name: str, *args, status: int = 302, **data):
        address = reverse(name if ":" in name else f"batches:{name}", args=args)
        response = self.clients[who].post(address, data)
        assert response.status_code == status, response.content.decode()
        return response

    def approve(self, who: str, batch: Batch) -> None:
        """Read what is asked for, and approve just that."""
        asked = re.findall(
            r'name="(amount_\d+)" value="([^"]+)"', self.read(who, "move_batch", batch.reference, "approve")
        )
        self.send(who, "move_batch", batch.reference, "approve", **dict(asked))

    def together(self, who: str, batch: Batch, name: str, items, **data) -> None:
        keys = [f"{item.pk}-{item.version}" for item in items]
        self.send(who, "items_together", batch.reference, name, item=keys, do="move", **data)


def the_batch(world, desk: Desk) -> Batch:
    asked = {"title": "Wave 7", "rule": "tags", "tags": "\n".join(tags(world.old)), "as_at": "23/11/2026"}
    looked = desk.send("ada", "new_batch", status=200, do="look", tolerance_percent=10, **asked)
    assert "27 assets match" in looked.content.decode()
    desk.send("ada", "new_batch", do="create", tolerance_percent=10, **asked)
    return Batch.objects.get()


def planned(world, desk: Desk) -> Batch:
    batch = the_batch(world, desk)
    county, district = (items_of(batch, council=one) for one in (world.county, world.district))
    desk.together("ada", batch, "exclude", county[:1], reason="On legal hold")
    desk.together("dee", batch, "exclude", district[:1], reason="Leaves in December")
    desk.together("ada", batch, "confirm", county[1:])
    desk.together("dee", batch, "confirm", district[1:])
    line = line_of(batch, world.county)
    prices = {"purchase": "742.00", "deploy": "38.50", "disposal": "6.00", "residual": "15.00"}
    desk.send("ada", "line", batch.reference, line.pk, version=line.version, spares=1, **prices)
    desk.send("ada", "move_batch", batch.reference, "submit")
    return batch


def delivered(world, desk: Desk, batch: Batch) -> None:
    supplier = Supplier.objects.create(name="Reseller")
    for who, council, number, broken in (("ada", world.county, 19, 1), ("dee", world.district, 7, 0)):
        line = line_of(batch, council)
        asked = {"supplier": supplier.pk, "model": world.new_model.pk}
        form = desk.read(who, "order_for_line", batch.reference, line.pk)
        assert (f'value="{number}"' in form, 'value="742.00"' in form) == (True, True)
        sent = desk.send(
            who, "order_for_line", batch.reference, line.pk, quantity=number, unit_price="742.00", **asked
        )
        bought = OrderLine.objects.get(for_batch__line=line)
        assert sent["Location"] == reverse("orders:order", args=[bought.order_id])
        desk.send(who, "orders:move", bought.order_id, "place")
        came = [
            f"{box.serial_number},{box.asset_tag}{',DOA' if box.dead_on_arrival else ''}"
            for box in boxes(council, number, broken)
        ]
        desk.send(who, "orders:receive", bought.pk, pasted="\n".join(came))


def swapped(world, desk: Desk, batch: Batch) -> None:
    for who, council in (("ada", world.county), ("dee", world.district)):
        desk.together(who, batch, "allocate", items_of(batch, "confirmed", council=council))
    away, *rest = items_of(batch, "allocated", council=world.county)
    until = {"reason": "Long absence", "deferred_until": "1/9/2027"}
    desk.send("ada", "move_item", batch.reference, away.pk, "defer", **until)
    missing = [rest[0], items_of(batch, "allocated", council=world.district)[0]]
    for _ in range(2):
        at = {"scheduled_for": "1/12/2026 10:30"}
        desk.together("eng", batch, "schedule", [*map(again, missing)], **at)
        if _ == 0:
            desk.together("eng", batch, "miss", [*map(again, missing)])
    for item in items_of(batch, "allocated", "scheduled"):
        item = again(item)
        given = {
            "old": item.asset.asset_tag,
            "new": item.replacement.asset_tag,
            "signed_by": "Whoever has it",
        }
        desk.send("eng", "move_item", batch.reference, item.pk, "swap", **given)


def again(item):
    return type(item).objects.select_related("asset", "replacement").get(pk=item.pk)


def ended(world, desk: Desk, batch: Batch) -> None:
    lost = items_of(batch, "swapped", council=world.county)[0]
    desk.send("eng", "move_item", batch.reference, lost.pk, "lose", what_happened="Left on the bus")
    desk.together("eng", batch, "return", items_of(batch, "swapped"), condition="B")
    for who, council in (("ada", world.county), ("dee", world.district)):
        broken = items_of(batch, "returned", council=council)[0]
        failed = {"method": "clear", "note": "The disk does not answer"}
        desk.send("eng", "move_item", batch.reference, broken.pk, "fail_sanitising", **failed)
        desk.send(who, "move_item", batch.reference, broken.pk, "destroy", certificate_number="D-1")
    wiped = {"method": "purge", "verified_by": world.sam.pk, "certificate_number": "C-1"}
    desk.together("eng", batch, "sanitise", items_of(batch, "returned"), **wiped)
    for who, council, number in (("ada", world.county, 3), ("dee", world.district, 1)):
        good = items_of(batch, "sanitised", council=council)
        desk.together(who, batch, "donate", good[:number], recipient="A school")
        desk.together(who, batch, "sell", good[number:], buyer="A reseller", income="15.00")


@pytest.mark.once
def test_wave_goes_through_the_pages_to_the_penny():
    world = the_wave()
    desk = Desk(world)
    batch = planned(world, desk)
    asked = desk.read("bea", "move_batch", batch.reference, "approve")
    told = ("£14,629.00", ">Wave 7</dd>", ">25</dd>", ">Ada</dd>")
    assert [one in asked for one in told] == [True] * 4
    assert "5,400.50" not in asked
    desk.approve("bea", batch)
    assert "approval of Cherwell District Council" in desk.read("ada", "batch", batch.reference)
    desk.approve("bob", batch)
    delivered(world, desk, batch)
    desk.send("ada", "move_batch", batch.reference, "order")
    assert "25 of 26</strong> received" in desk.read("ada", "batch", batch.reference)
    desk.send("ada", "move_batch", batch.reference, "begin")
    swapped(world, desk, batch)
    ended(world, desk, batch)
    bought = OrderLine.objects.get(for_batch__line=line_of(batch, world.county))
    desk.send("ada", "orders:receive", bought.pk, serial_number="REPLACED")
    desk.send("ada", "move_batch", batch.reference, "close")

    page = desk.read("ada", "batch", batch.reference)
    for told in (
        "91.7%",
        "95.8%",
        "24 of 24</strong> deployed",
        "23 of 23</strong> wiped",
        "27 of 27</strong> ended",
    ):
        assert told in page
    assert "£14,629.00" in page
    assert "£14,650.50" in page
    assert "+£21.50 (+0.15%)" in page
    assert "98.6 kWh, £24.65, 17.45 kgCO2e less" in page
    assert "139.2 kWh, 24.64 kgCO2e less" in page
    assert "34.80" not in page
    actual = {part.council.code: part.actual for part in batch.paying.all()}
    assert actual == {code: Decimal(VECTOR["actual"][code]) for code in ("OCC", "CDC")}


def test_money_of_the_other_council_is_on_no_page():
    world = the_wave()
    desk = Desk(world)
    batch = planned(world, desk)
    for who in ("bea", "bob"):
        desk.approve(who, batch)
    theirs = line_of(batch, world.district)
    theirs.purchase = Decimal("731.37")
    theirs.save()

    ours = desk.read("ada", "batch", batch.reference) + desk.read("ada", "batches")
    for sum_of_money in ("731.37", "5,400.50", "5,326", "20,029.50"):
        assert sum_of_money not in ours
    assert "14,629.00" in ours
    assert "731.37" in desk.read("dee", "batch", batch.reference)
    engineer = desk.read("eng", "batch", batch.reference)
    assert "£" not in engineer


def test_many_are_kept_one_more_year_for_one_reason():
    world = the_wave()
    desk = Desk(world)
    batch = planned(world, desk)
    desk.approve("bea", batch)
    desk.approve("bob", batch)
    few = items_of(batch, "confirmed", council=world.county)[:3]
    keys = [f"{item.pk}-{item.version}" for item in few]
    asked = desk.send(
        "ada", "items_together", batch.reference, "defer", status=200, item=keys
    ).content.decode()
    assert 'value="23/11/2027"' in asked and "One more year, unless you choose another day" in asked

    desk.together("ada", batch, "defer", few, reason="Good for longer", deferred_until="23/11/2027")

    told = [(item.state, item.reason, item.deferred_until) for item in items_of(batch)[1:5]]
    kept = ("deferred", "Good for longer", date(2027, 11, 23))
    assert told == [kept, kept, kept, ("confirmed", "", None)]
    deed = Change.objects.filter(kind="batches.batchitem", move="defer").values_list("change_set__reason")
    assert set(deed.distinct()) == {("Good for longer",)}


def test_what_was_just_done_to_many_is_taken_back():
    world = the_wave()
    desk = Desk(world)
    batch = the_batch(world, desk)
    county = items_of(batch, council=world.county)
    desk.together("ada", batch, "confirm", county[1:])
    page = desk.read("ada", "batch", batch.reference)
    address = page.split("/undo/")[1].split("/")[0]
    desk.send("ada", "undo_items", batch.reference, int(address))

    assert len(items_of(batch, "candidate")) == 27
    assert not batch.items.filter(locked=True).exists()
    desk.send("dee", "undo_items", batch.reference, int(address), status=404)


def test_assets_of_the_other_council_are_shown_to_those_alone_who_read_its_register():
    world = the_wave()
    desk = Desk(world)
    batch = planned(world, desk)
    theirs = items_of(batch, council=world.district)
    key = f"{theirs[0].pk}-{theirs[0].version}"

    ours = desk.read("bea", "batch", batch.reference)

    assert [tag in ours for tag in ("O-02", "C-01", "Leaves in December")] == [True, False, False]
    assert ("Confirmed: 25" in ours, "7 of another council" in ours) == (True, True)
    item = reverse("batches:item", args=[batch.reference, theirs[0].pk])
    assert desk.clients["bea"].get(item).status_code == 404
    assert desk.clients["bob"].get(item).status_code == 200
    assert "7 of another council" not in desk.read("ada", "batch", batch.reference)
    sent = reverse("batches:items_together", args=[batch.reference, "defer"])
    assert "C-01" not in desk.clients["bea"].post(sent, {"item": key}).content.decode()


def test_no_key_of_an_item_and_no_year_is_an_error_of_ours():
    world = the_wave()
    desk = Desk(world)
    batch = the_batch(world, desk)
    odd = ["²-1", "1-²", "99999999999999999999999-1", "1", "-"]

    desk.send("ada", "items_together", batch.reference, "confirm", item=odd)

    assert len(items_of(batch, "candidate")) == 27
    for year in ("9999/00", "0000/01", "2026/27"):
        assert desk.clients["ada"].get("/refresh/batches/", {"year": year}).status_code == 200


def test_who_approves_for_two_councils_approves_what_was_read_of_each():
    world = the_wave()
    desk = Desk(world)
    batch = planned(world, desk)
    a_grant(world.bea, "budget_approver", council=world.district)
    asked = desk.read("bea", "move_batch", batch.reference, "approve")
    names = [f"amount_{council.pk}" for council in (world.county, world.district)]
    sums = {name: Decimal(re.search(rf'name="{name}" value="([^"]+)"', asked)[1]) for name in names}
    line = line_of(batch, world.county)
    BatchLine.objects.filter(pk=line.pk).update(purchase=Decimal("800.00"))

    page = desk.send("bea", "move_batch", batch.reference, "approve", status=409, council="OCC", **sums)
    desk.send("bea", "move_batch", batch.reference, "approve", council="CDC", **sums)

    assert "What it costs was changed while you were looking at it" in page.content.decode()
    assert list(sums.values()) == [Decimal(VECTOR["approved"][code]) for code in ("OCC", "CDC")]
    assert [word.council.code for word in batch.approvals.all()] == ["CDC"]


def test_an_approval_that_does_not_say_what_was_read_is_none():
    world = the_wave()
    desk = Desk(world)
    batch = planned(world, desk)
    sums = {f"amount_{world.county.pk}": "14629.00"}

    unread = desk.send("bea", "move_batch", batch.reference, "approve", status=422)
    BatchLine.objects.filter(batch=batch, council=world.county).update(purchase=Decimal("800.00"))
    changed = desk.send("bea", "move_batch", batch.reference, "approve", status=409, **sums)

    assert "Read what it costs, as this page says it, before you approve it" in unread.content.decode()
    assert f'name="amount_{world.county.pk}" value="14629.00"' in unread.content.decode()
    assert "What it costs was changed while you were looking at it" in changed.content.decode()
    assert f'name="amount_{world.county.pk}" value="15731.00"' in changed.content.decode()
    assert not batch.approvals.exists()
    desk.approve("bea", batch)
    assert batch.approvals.get().amount == Decimal("15731.00")


def test_who_confirmed_its_assets_reads_who_approves_instead_of_a_button():
    world = the_wave()
    a_grant(world.bea, "asset_manager")
    desk = Desk(world)
    batch = planned(world, desk)
    desk.send("ada", "move_batch", batch.reference, "send_back", reason="One more")
    item = items_of(batch, "excluded", council=world.county)[0]
    type(item).objects.filter(pk=item.pk).update(state="candidate", locked=False)
    type(item.asset).objects.filter(pk=item.asset_id).update(legal_hold_since=None, legal_hold_reason="")
    desk.together("bea", batch, "confirm", items_of(batch, "candidate"))
    desk.send("ada", "move_batch", batch.reference, "submit")
    address = reverse("batches:move_batch", args=[batch.reference, "approve"])

    page = desk.read("bea", "batch", batch.reference)

    assert "because you confirmed assets for it. Nobody else approves its budget" in page
    assert (address in page, desk.clients["bea"].get(address).status_code) == (False, 403)
    assert address in desk.read("bob", "batch", batch.reference)


def test_a_budget_is_not_set_over_what_another_has_set_meanwhile():
    world = the_wave()
    desk = Desk(world)
    programme = add_programme(
        Programme(
            name="Refresh",
            from_fy="2026/27",
            to_fy="2030/31",
            window_from=date(2026, 4, 1),
            window_to=date(2028, 3, 31),
        ),
        by=world.ada,
        councils=[world.county],
    )

    def read() -> dict:
        page = desk.read("ada", "programme", programme.pk)
        return dict(re.findall(r'name="(version_[^"]+)" value="([^"]+)"', page))

    asked = {"council": "OCC", "financial_year": "2027/28"}
    first = read()
    unread = desk.send("ada", "set_budget", programme.pk, status=422, **asked, amount="1")
    desk.send("ada", "set_budget", programme.pk, **asked, **first, amount="20000")
    late = desk.send("ada", "set_budget", programme.pk, status=409, **asked, **first, amount="30000")

    assert (len(first), set(first.values())) == (5, {"0"})
    assert "Read the page again before you set a budget" in unread.content.decode()
    assert "was changed while you were looking at it" in late.content.decode()
    assert programme.budgets.get().amount == Decimal("20000")
    desk.send("ada", "set_budget", programme.pk, **asked, **read(), amount="30000")
    assert programme.budgets.get().amount == Decimal("30000")


def test_a_batch_asks_as_often_for_many_assets_as_for_few():
    world = the_wave()
    desk = Desk(world)
    asked = []
    for chosen in (world.old[1:3], world.old[3:19]):
        rule = {"tags": tags(chosen)}
        batch = create_batch(by=world.ada, title="A wave", rule=rule, as_at=NOW.date(), now=NOW)
        desk.read("ada", "batch", batch.reference)
        with CaptureQueriesContext(connection) as queries:
            desk.read("ada", "batch", batch.reference)
        asked.append(len(queries))

    assert asked[0] == asked[1]

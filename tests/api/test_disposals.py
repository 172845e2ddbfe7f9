"""What comes back and leaves, for programs."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from assets.disposal import chasing, consigning
from assets.disposal.models import Consignment
from assets.register.models import Asset, Medium
from servicedesk.tickets.models import Ticket
from tests.disposal.leaving import NOW, PAPERS, TODAY, a_disposing_world, collected, wiped
from tests.factories import an_asset

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(client):
    made = a_disposing_world()
    client.force_login(made.keeper)
    return made


def send(client, name: str, body: dict, *given, method: str = "post"):
    address = reverse(f"api:{name}", args=given)
    return getattr(client, method)(address, body, content_type="application/json")


def test_a_consignment_from_its_beginning_to_its_end(world, client):
    one, two = wiped(world.county, "A"), wiped(world.county, "B")
    made = send(client, "consignment-list", {"council": "OCC", "supplier": world.firm.pk})
    assert made.status_code == 201
    key = made.json()["id"]
    scanned = send(client, "consignment-scan", {"names": ["SNA", "B", "nothing"]}, key)
    assert scanned.json() == {"added": [one.pk, two.pk], "refused": ["nothing is not in the register."]}

    version = Consignment.objects.get().version
    unread = send(client, "consignment-collect", PAPERS, key)
    assert (unread.status_code, list(unread.json()["errors"])) == (400, ["version"])
    early = send(client, "consignment-collect", {"version": version}, key)
    assert (early.status_code, "transfer_note" in early.json()["errors"]) == (400, True)
    papers = {**PAPERS, "items_on_note": 2, "income": "7.00", "weight_kg": "3", "version": version}
    assert send(client, "consignment-collect", papers, key).json()["state"] == "collected"

    line = {"certificate_number": "C-1", "outcome": "resold"}
    half = send(client, "consignment-certify", {"lines": [{"name": "SNA", **line}]}, key)
    assert half.json() == {"differences": ["B was scanned but is not certified"]}
    refused = send(client, "consignment-close", {}, key)
    assert (refused.status_code, refused.json()["detail"]) == (
        409,
        "The lists do not agree: B was scanned but is not certified.",
    )
    whole = [{"name": name, **line} for name in ("SNA", "SNB")]
    assert send(client, "consignment-certify", {"lines": whole}, key).json() == {"differences": []}
    assert send(client, "consignment-close", {}, key).json()["state"] == "closed"

    told = client.get(reverse("api:disposal-detail", args=[one.pk])).json()
    assert {name: told[name] for name in ("how", "facility_certificate", "firm", "income", "weight_kg")} == {
        "how": "sold",
        "facility_certificate": "C-1",
        "firm": "Clear IT",
        "income": "3.50",
        "weight_kg": "1.50",
    }
    items = client.get(reverse("api:consignment-items", args=[key])).json()["results"]
    assert [(one["asset_tag"], one["outcome"]) for one in items] == [("A", "resold"), ("B", "resold")]

    client.force_login(world.other_keeper)
    assert "income" not in client.get(reverse("api:disposal-detail", args=[one.pk])).json()
    assert "income" not in client.get(reverse("api:consignment-detail", args=[key])).json()
    assert send(client, "consignment-cancel", {}, key).status_code == 403


def test_a_stale_version_is_a_conflict(world, client):
    row = consigning.make(by=world.keeper, council=world.county, supplier=world.firm, now=NOW)
    consigning.change(row, by=world.keeper, version=1, weight_kg=Decimal(2), now=NOW)
    stale = send(client, "consignment-detail", {"notes": "Gate 2", "version": 1}, row.pk, method="patch")
    assert stale.status_code == 409
    unread = send(client, "consignment-detail", {"notes": "Gate 2"}, row.pk, method="patch")
    assert (unread.status_code, list(unread.json()["errors"])) == (400, ["version"])


def test_what_the_firm_has_is_cancelled_for_a_reason(world, client):
    row = collected(world, wiped(world.county, "A"))
    assert list(send(client, "consignment-cancel", {}, row.pk).json()["errors"]) == ["reason"]
    told = send(client, "consignment-cancel", {"reason": "It came back"}, row.pk)
    assert told.json()["state"] == "cancelled"


def test_what_is_due_back_is_chased_lost_and_back(world, client):
    things = [an_asset(world.county, tag, holder=world.jo) for tag in ("L1", "L2")]
    first, second = chasing.expect(things, by=world.keeper, why="swapped", due_on=TODAY, now=NOW)

    send(client, "due-back-chase", {"note": "Rang"}, first.pk)
    listed = client.get(reverse("api:due-back-list"), {"open": "true"}).json()["results"]
    assert [(row["asset"], [chase["note"] for chase in row["chases"]]) for row in listed] == [
        (things[0].pk, ["Rang"]),
        (things[1].pk, []),
    ]
    assert send(client, "due-back-back", {"condition": "B"}, first.pk).json()["state"] == "back"
    assert send(client, "due-back-lost", {"what_happened": "Bus"}, second.pk).json()["state"] == "lost"
    assert Ticket.objects.get().type == "security"
    assert send(client, "due-back-back", {"condition": "B"}, first.pk).status_code == 409


def test_something_is_asked_back(world, client):
    asset = an_asset(world.county, "L1", holder=world.jo)
    next_week = timezone.localdate() + timedelta(days=7)
    given = {"asset": asset.pk, "due_on": next_week.isoformat(), "note": "Audit"}

    made = send(client, "due-back-list", given)

    told = {name: made.json()[name] for name in ("asset", "why", "note", "due_on", "state")}
    assert (made.status_code, told) == (201, {**given, "why": "other", "state": "open"})
    assert send(client, "due-back-list", given).status_code == 409
    assert set(send(client, "due-back-list", {}).json()["errors"]) == {"asset", "due_on", "note"}
    assert send(client, "due-back-list", {**given, "asset": 2**40}).status_code == 404


def test_media_are_wiped_one_by_one(world, client):
    asset = an_asset(world.county, "SRV", category="server", state="returned")
    made = send(client, "medium-list", {"asset": asset.pk, "kind": "hard_disk", "serial_number": "wd1"})
    key = made.json()["id"]
    bare = send(client, "medium-wipe", {"passed": True, "method": "purge"}, key)
    assert set(bare.json()["errors"]) == {"verified_by", "certificate_number"}
    given = {"passed": True, "method": "purge", "verified_by": world.second.pk, "certificate_number": "M"}
    assert send(client, "medium-wipe", given, key).json()["wiped"] is True
    assert (Asset.objects.get().state, Medium.objects.get().serial_number) == ("sanitised", "WD1")

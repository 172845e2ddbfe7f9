"""Many assets at once: scanned or pasted, changed together with each refusal in a sentence, and taken back."""

import contextlib
import re
from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from lxml import html

from assets.register import changes, transferring
from assets.register.addresses import address_of
from assets.register.finding import sort_out
from assets.register.models import Asset, Disposal, Sanitisation, Supplier
from assets.register.registering import change_asset, register_assets
from assets.register.together import MOST, STALE, change_all, look
from assets.register.workflow import move
from servicedesk.bulk import FEW
from servicedesk.history.models import Change, ChangeSet
from servicedesk.search.searching import matching
from tests.factories import (
    a_council,
    a_council_alone,
    a_person,
    a_requester,
    a_site,
    an_asset,
    an_engineer,
)
from tests.register.life import a_world, given_for
from tests.register.pages import manager, text_of

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)


def words(response) -> str:
    return " ".join(html.fromstring(text_of(response)).xpath("//main")[0].text_content().split())


def sent_by(response, button: str) -> dict[str, list[str]]:
    """What the form with this button sends when it is pressed, as a browser does."""
    (pressed,) = html.fromstring(text_of(response)).xpath(f"//button[normalize-space()='{button}']")
    form = pressed.iterancestors("form").__next__()
    sent: dict[str, list[str]] = {}
    for box in form.xpath(".//input[not(@type='checkbox') or @checked]"):
        sent.setdefault(box.get("name"), []).append(box.get("value"))
    if pressed.get("name"):
        sent[pressed.get("name")] = [pressed.get("value")]
    return sent


def places() -> list[tuple[str, str, str]]:
    rows = Asset.objects.select_related("site").order_by("asset_tag")
    return [(asset.asset_tag, str(asset.site or ""), asset.room) for asset in rows]


def test_thirty_tags_of_which_three_are_wrong_are_changed_together_and_taken_back(client):
    """27 found, 3 named, changed, undone: the way that an asset manager goes."""
    county = a_council("OCC")
    old, new = a_site(county, "Speedwell House"), a_site(county, "County Hall")
    tags = [f"LT{number:03}" for number in range(27)]
    register_assets(
        [
            Asset(council=county, asset_tag=tag, category="laptop", state="in_use", site=old, room=tag[-1])
            for tag in tags
        ],
        by=None,
    )
    an_asset(a_council_alone("SND", "South Northants"), "SND-1")
    before = places()
    client.force_login(manager("OCC"))

    found = client.post("/assets/scan/", {"names": "\r\n".join([*tags, "WRONG-1", "SND-1", "WR<b>NG"])})
    assert "27 found, 0 match more than one, 3 not found" in words(found)
    assert html.fromstring(text_of(found)).xpath("//main//ul/li/text()") == ["WRONG-1", "SND-1", "WR<b>NG"]
    chosen = client.post("/assets/together/", sent_by(found, "Change or move the ticked ones"))
    assert "27 assets chosen" in words(chosen)
    filled = {
        **sent_by(chosen, "Check"),
        "site": new.pk,
        "clear": "room",
        "reason": "Move of the third floor",
    }
    checked = client.post("/assets/together/", filled)
    assert "27 change, 0 are so already, 0 refused" in words(checked)
    assert "Site: Speedwell House → County Hall" in words(checked)
    assert places() == before

    changed = client.post("/assets/together/", sent_by(checked, "Change 27 assets"), follow=True)
    assert "27 assets changed" in words(changed) and "Move of the third floor" in words(changed)
    assert [row[1:] for row in places() if row[0] in tags] == [("County Hall", "")] * 27
    deed = ChangeSet.objects.get(reason="Move of the third floor")
    assert deed.changes.count() == 27
    assert matching(Asset.objects.all(), "LT001 county hall").count() == 1

    undone = client.post(changed.redirect_chain[-1][0] + "undo/", follow=True)
    assert "Undone: 27 assets as before" in words(undone) and "Undo this" not in words(undone)
    assert places() == before
    assert matching(Asset.objects.all(), "LT001 speedwell").count() == 1


def test_undo_leaves_what_somebody_changed_since_and_says_who(client):
    county = a_council("OCC")
    kim, lee = manager("OCC"), manager("OCC")
    assets = [an_asset(county, tag, room="1") for tag in ("A", "B", "C")]
    done = change_all({asset.pk: 1 for asset in assets}, {"room": "2"}, by=kim, now=NOON)
    change_asset(assets[0], by=lee, version=2, room="9", now=datetime(2026, 12, 1, 9, tzinfo=UTC))
    change_asset(assets[1], by=lee, version=2, supplier=Supplier.objects.create(name="XMA"))
    client.force_login(kim)

    page = client.get(f"/assets/changes/{done.deed.pk}/")
    assert f"A: Room. It was changed since. {lee}, Tuesday 1 December 2026, 9am" in words(page)
    undone = client.post(f"/assets/changes/{done.deed.pk}/undo/", follow=True)

    assert "Undone: 2 assets as before" in words(undone)
    assert places() == [("A", "", "9"), ("B", "", "1"), ("C", "", "1")]
    assert Asset.objects.get(asset_tag="B").supplier.name == "XMA"
    assert "Left as it is" in words(undone) and f"{lee}, Tuesday 1 December" in words(undone)
    again = client.post(f"/assets/changes/{done.deed.pk}/undo/", follow=True)
    assert "Nothing was left to undo" in words(again)


def test_each_asset_that_cannot_be_changed_says_why_and_the_others_go_on():
    county, district = a_council("OCC"), a_council("CDC")
    kim, hall = manager("OCC"), a_site(county, "County Hall")
    good, same = an_asset(county, "GOOD"), an_asset(county, "SAME", site=hall)
    stale, theirs = an_asset(county, "STALE"), an_asset(district, "THEIRS")
    hidden = an_asset(a_council_alone("SND", "South Northants"), "HIDDEN")
    change_asset(stale, by=None, version=1, room="2")
    chosen = {asset.pk: 1 for asset in (good, same, stale, theirs, hidden)} | {999_999: 1}

    seen, deeds = look(chosen, {"site": hall}, by=kim), ChangeSet.objects.count()
    done = change_all(chosen, {"site": hall}, by=kim)

    for each in (seen, done):
        assert [str(row.asset) for row in each.changing] == ["GOOD"]
        assert each.same == [same]
        assert sorted((str(row.asset), row.why) for row in each.refused) == [
            ("STALE", STALE),
            ("THEIRS", "You need the right to change the assets of Cherwell District Council"),
        ]
        assert each.missing == 2
    assert ChangeSet.objects.count() == deeds + 1
    nothing = change_all({good.pk: 2}, {"site": hall}, by=kim)
    assert (nothing.deed, ChangeSet.objects.count()) == (None, deeds + 1)


def test_who_keeps_two_registers_is_told_of_a_site_of_the_other():
    county, district = a_council("OCC"), a_council("CDC")
    both = manager("OCC", "CDC")
    ours, theirs = an_asset(county, "OURS"), an_asset(district, "THEIRS")

    done = change_all({ours.pk: 1, theirs.pk: 1}, {"site": a_site(district, "Bodicote House")}, by=both)

    assert [str(row.asset) for row in done.changing] == ["THEIRS"]
    assert [row.why for row in done.refused] == [
        "Bodicote House does not belong to Oxfordshire County Council"
    ]


@pytest.mark.parametrize(
    "values", [{}, {"asset_tag": "X"}, {"state": "disposed"}, {"purchase_cost_ex_vat": 1}]
)
def test_only_what_many_can_have_in_common_is_changed(values):
    asset = an_asset(a_council("OCC"), "A")

    with pytest.raises(ValidationError):
        change_all({asset.pk: 1}, values, by=manager("OCC"))
    with pytest.raises(ValidationError):
        look(dict.fromkeys(range(1, MOST + 2), 1), {"room": "1"}, by=manager("OCC"))
    assert Asset.objects.get().version == 1


def test_changing_more_assets_asks_no_more_of_the_database():
    county, kim = a_council("OCC"), manager("OCC")
    few, many = ([an_asset(county) for _ in range(number)] for number in (FEW + 1, 2 * FEW))
    asked = []
    for assets in (few, many):
        kim._access = None
        del kim._access
        with CaptureQueriesContext(connection) as queries:
            change_all({asset.pk: 1 for asset in assets}, {"room": "1"}, by=kim)
        asked.append(len(queries))

    assert asked[0] == asked[1]


# Finding


def test_an_asset_named_twice_is_found_once_and_labels_name_their_asset():
    county = a_council("OCC")
    asset, twin = an_asset(county, "A", serial_number="PF1"), an_asset(county, "PF2", serial_number="S")
    an_asset(county, "B", serial_number="PF2")
    typed = [
        "pf1",
        "a",
        address_of(asset.pk).upper(),
        address_of(asset.pk).rstrip("/"),
        "PF2",
        "http://x/assets/1/",
    ]

    found = sort_out(an_engineer(county), typed)

    assert found.one == {"pf1": asset}
    assert [(name, str(each)) for name, each in found.lines()] == [("PF2", "PF2"), ("PF2", "B")]
    assert (found.none, found.lines()[0][1]) == (["http://x/assets/1/"], twin)


def test_one_name_by_itself_leads_to_its_asset(client):
    asset = an_asset(a_council("OCC"), "LT/17")
    client.force_login(manager("OCC"))

    assert client.post("/assets/scan/", {"names": " lt/17 \r\n"})["Location"] == f"/assets/{asset.pk}/"
    assert client.post("/assets/scan/", {"names": address_of(asset.pk)})["Location"] == f"/assets/{asset.pk}/"
    nothing = client.post("/assets/scan/", {"names": " \r\n"})
    assert (nothing.status_code, "Scan or paste at least one tag" in words(nothing)) == (422, True)
    many = client.post("/assets/scan/", {"names": "\r\n".join(f"N{number}" for number in range(203))})
    assert "3 were left out" in words(many)


def test_the_list_gives_its_ticked_rows_or_all_of_them(client):
    county = a_council("OCC")
    laptops = [an_asset(county, f"L{number:02}") for number in range(60)]
    an_asset(county, "M", category="monitor")
    client.force_login(manager("OCC"))
    page = client.get("/assets/?category=laptop")
    ticked = html.fromstring(text_of(page)).xpath("//input[@form='chosen']/@value")

    assert ticked == [f"{asset.pk}-1" for asset in laptops[:50]]
    sent = sent_by(page, "Change or move all in this list")
    assert "60 assets chosen" in words(client.post("/assets/together/", sent))
    assert "2 assets chosen" in words(client.post("/assets/together/", {"asset": ticked[:2]}))
    labels = client.post("/assets/together/", {"asset": ticked[:2], "do": "labels"})
    assert labels["Location"] == f"/assets/labels/?asset={laptops[0].pk}&asset={laptops[1].pk}"
    client.force_login(a_person(county, "auditor"))
    assert html.fromstring(text_of(client.get("/assets/"))).xpath("//input[@form='chosen']") == []


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Fill in what is to be changed, or tick what is to be emptied"),
        ({"room": "1", "clear": "room"}, "Room is filled in and ticked to be emptied"),
        ({"holder": "nobody@x.example"}, "Nobody has the email address or name nobody@x.example"),
        ({"holder": "Sam"}, "2 people are called Sam: enter an email address"),
        ({"site": "{theirs}"}, "Select the site from the list"),
        ({"lease_end": "31/2/2027"}, "End of lease must be a real date"),
        ({"clear": "asset_tag"}, "Select the make empty from the list"),
    ],
)
def test_what_cannot_be_asked_for_is_said_and_nothing_is_lost(client, typed, sentence):
    county = a_council("OCC")
    asset = an_asset(county, "A")
    theirs = a_site(a_council_alone("SND", "South Northants"))
    for _ in range(2):
        a_person(county, name="Sam")
    client.force_login(manager("OCC"))
    typed = {name: str(value).replace("{theirs}", str(theirs.pk)) for name, value in typed.items()}

    page = client.post(
        "/assets/together/", {"asset": f"{asset.pk}-1", "do": "check", "supplier": "", **typed}
    )

    assert (page.status_code, sentence in words(page)) == (422, True)
    assert sent_by(page, "Check")["asset"] == [f"{asset.pk}-1"]


@pytest.mark.parametrize("asset", ["", "x", "1", "1-", "-1", "1-x", "9" * 30 + "-1", "٣-١", "0-0"])
def test_what_names_no_asset_is_no_choice(client, asset):
    client.force_login(manager("OCC"))

    page = client.post("/assets/together/", {"asset": asset}, follow=True)

    assert "Choose between 1 and 500 assets" in words(page)


# Rights and doors


def test_only_who_keeps_a_register_changes_many(client):
    asset = an_asset(a_council("OCC"), "A")
    statuses = {}
    for role in ("requester", "engineer", "auditor", "cyber_officer"):
        client.force_login(a_person(a_council("OCC"), role))
        sent = {"asset": f"{asset.pk}-1", "do": "change", "room": "1"}
        scanned = client.post("/assets/scan/", {"names": "A\nB"})
        statuses[role] = client.post("/assets/together/", sent).status_code, scanned.status_code
        assert ("Change or move" in text_of(scanned)) == (role == "engineer")

    assert statuses == {role: (403, 403 if role == "requester" else 200) for role in statuses}
    assert Asset.objects.get().room == ""


def test_a_hidden_asset_is_chosen_like_none(client):
    hidden = an_asset(a_council_alone("SND", "South Northants"), "HIDDEN", room="7")
    own = an_asset(a_council("OCC"), "OWN")
    client.force_login(manager("OCC"))
    pages = []
    for key in (hidden.pk, hidden.pk + 999):
        sent = {"asset": [f"{own.pk}-1", f"{key}-1"], "do": "check", "room": "1"}
        pages.append(re.sub(r'value="[\w-]{64}"', "", text_of(client.post("/assets/together/", sent))))

    assert pages[0] == pages[1]
    assert "HIDDEN" not in pages[0] and "1 of those that you chose could not be found" in pages[0]


def test_only_ones_own_deeds_and_corrections_of_ones_own_register_are_undone():
    """Never what registered assets, what another held back for the law, or what touched the other council."""
    county, district = a_council("OCC"), a_council("CDC")
    kim, lee, both = manager("OCC"), manager("OCC"), manager("OCC", "CDC")
    ours, theirs = an_asset(county, "OURS"), an_asset(district, "THEIRS")
    registered = Change.objects.get(object_id=ours.pk).change_set
    own = change_all({ours.pk: 1}, {"room": "1"}, by=kim).deed
    of_lee = change_all({ours.pk: 2}, {"room": "2"}, by=lee).deed
    of_both = change_all({ours.pk: 3, theirs.pk: 1}, {"room": "3"}, by=both).deed
    held = ChangeSet.objects.create(at=NOON, by_id=lee.pk, by_label=str(lee), source="page")
    Change.objects.create(
        change_set=held,
        kind="register.asset",
        object_id=ours.pk,
        label="OURS",
        council_id=county.pk,
        action="update",
        fields={"legal_hold_reason": ["", "Inquest", "", "Inquest"]},
    )

    def opened(person) -> list[ChangeSet]:
        found = []
        for deed in (registered, own, of_lee, of_both, held):
            with contextlib.suppress(Http404):
                found.append(changes.open_deed(person, deed.pk))
        return found

    assert opened(kim) == [own, of_lee]
    assert opened(lee) == [own, of_lee, held]
    assert opened(both) == [own, of_lee, of_both]
    assert [changes.may_undo(lee, deed) for deed in (own, of_lee, held)] == [True, True, False]
    for role in ("engineer", "auditor", "requester"):
        assert opened(a_person(county, role)) == []
    with pytest.raises(Http404):
        changes.undo_deed(of_both, by=kim)


def test_undo_leaves_what_another_council_has_now():
    county, district = a_council("OCC"), a_council("CDC")
    kim, dee = manager("OCC"), manager("CDC")
    asset = an_asset(county, "OURS", state="returned", hostname="old")
    asset = change_asset(asset, by=kim, version=asset.version, hostname="new")
    deed = ChangeSet.objects.filter(by_id=kim.pk).latest("pk")
    offered = transferring.offer_transfer(asset, by=kim, receiver=district, reason="Agreed")
    given = transferring.accept_transfer(offered, by=dee)

    undone = changes.undo_deed(deed, by=kim)

    assert [changes.left_in_words(left) for left in undone.left] == [
        "OURS. It belongs to another council now."
    ]
    now = Asset.objects.get()
    assert (now.hostname, now.version) == ("new", given.version)


@pytest.mark.parametrize("name", ["sanitise", "fail_sanitising", "destroy"])
def test_what_left_evidence_is_not_undone(name):
    world = a_world()
    asset = an_asset(world.county, "W1", state="returned")
    move(asset, name, by=world.keeper, given=given_for(name, world))
    deed = ChangeSet.objects.filter(by_id=world.keeper.pk).latest("pk")

    with pytest.raises(PermissionDenied):
        changes.undo_deed(deed, by=world.keeper)
    assert Sanitisation.objects.count() + Disposal.objects.count() == 1


def test_the_page_of_a_deed_is_behind_the_door(client):
    theirs = an_asset(a_council("CDC"), "THEIRS")
    deed = change_all({theirs.pk: 1}, {"room": "SECRET"}, by=manager("CDC")).deed
    for person in (manager("OCC"), a_requester(a_council("CDC")), an_engineer(a_council("CDC"))):
        client.force_login(person)
        for send, tail in ((client.get, ""), (client.post, "undo/")):
            hidden, missing = (send(f"/assets/changes/{key}/{tail}") for key in (deed.pk, deed.pk + 999))
            assert (hidden.status_code, hidden.content) == (404, missing.content)
    assert Asset.objects.get().room == "SECRET"

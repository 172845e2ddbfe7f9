"""Many assets are moved together, each refusal with its sentence, and the deed is taken back."""

import pytest

from assets.register.lifecycle import MOVES
from assets.register.models import Asset, Custody
from assets.register.registering import change_asset
from tests.factories import (
    a_case_group,
    a_council,
    a_person,
    a_requester,
    a_site,
    an_asset,
    an_engineer,
)
from tests.register.pages import manager
from tests.register.test_together import sent_by, words

pytestmark = pytest.mark.django_db


def test_many_are_moved_together_with_a_sentence_for_each_that_is_not_and_taken_back(client):
    county, district = a_council("OCC"), a_council("CDC")
    jo, hall = a_requester(county, name="Jo Okoro", email="jo@occ.example"), a_site(county, "County Hall")
    held = [an_asset(county, f"H{number:02}", holder=jo, site=hall, room="1") for number in range(27)]
    gone, theirs = an_asset(county, "GONE", state="sold"), an_asset(district, "THEIRS")
    client.force_login(manager("OCC"))
    keys = [f"{asset.pk}-{asset.version}" for asset in [*held, gone, theirs]]

    chosen = client.post("/assets/together/", {"asset": keys})
    assert "Return (27 of them can be)" in words(chosen)
    asked = client.post("/assets/together/moves/return/", sent_by(chosen, "Return"))
    assert "Return: 29 assets" in words(asked)
    bare = client.post("/assets/together/moves/return/", sent_by(asked, "Check"))
    assert (bare.status_code, "Select the condition" in words(bare)) == (422, True)
    checked = client.post("/assets/together/moves/return/", {**sent_by(asked, "Check"), "condition": "B"})
    assert "Return: 27 can be moved, 2 refused" in words(checked)
    assert "GONE is sold, so “Return” is not possible." in words(checked)
    assert "You may not do this with the assets of Cherwell District Council." in words(checked)
    assert Asset.objects.filter(holder=jo).count() == 27
    change_asset(held[0], by=None, version=1, room="2")
    moved = client.post("/assets/together/moves/return/", sent_by(checked, "Move 27 assets"), follow=True)

    assert "26 assets moved" in words(moved)
    assert "H00 was left as it is. H00 was changed while you were looking at it." in words(moved)
    assert Asset.objects.filter(state="returned", holder=None, condition="B").count() == 26
    assert Custody.objects.filter(person=jo, ended_at=None).count() == 1

    undone = client.post(moved.redirect_chain[-1][0] + "undo/", follow=True)

    assert "Undone: 26 assets as before" in words(undone)
    assert Asset.objects.filter(state="in_use", holder=jo, condition="").count() == 27
    assert Custody.objects.filter(person=jo, ended_at=None).count() == 27


def test_every_move_can_be_asked_for_of_many(client):
    county = a_council("OCC")
    assets = [an_asset(county, state=state) for state in ("on_order", "in_stock", "returned", "lost_stolen")]
    client.force_login(manager("OCC"))
    keys = [f"{asset.pk}-1" for asset in assets]

    for name, step in MOVES.items():
        page = client.post(f"/assets/together/moves/{name}/", {"asset": keys})
        assert (page.status_code, f"{step.words}: 4 assets" in words(page)) == (200, True), name
    assert client.post("/assets/together/moves/fly/", {"asset": keys}).status_code == 404
    assert "Choose between 1 and 500" in words(client.post("/assets/together/moves/issue/", follow=True))


def test_an_engineer_moves_many_and_corrects_none(client):
    county, district = a_council("OCC"), a_council("CDC")
    jo = a_requester(district, email="jo@cdc.example")
    stock = [an_asset(district, f"S{number}", state="in_stock") for number in range(3)]
    client.force_login(an_engineer(county))
    keys = [f"{asset.pk}-1" for asset in stock]
    chosen = client.post("/assets/together/", {"asset": keys})
    assert "Issue" in words(chosen) and "Change what the register says" not in words(chosen)

    sent = {"asset": keys, "do": "move", "person": "jo@cdc.example"}
    moved = client.post("/assets/together/moves/issue/", sent, follow=True)
    nobody = client.post("/assets/together/moves/issue/", {**sent, "person": "who@cdc.example"})

    assert "3 assets moved" in words(moved) and "Undo this" in words(moved)
    assert Asset.objects.filter(holder=jo, state="in_use").count() == 3
    assert "Nobody has the email address or name who@cdc.example" in words(nobody)
    assert client.post("/assets/together/moves/cancel_order/", {"asset": keys}).status_code == 403


def test_what_raises_an_incident_is_shown_and_not_undone_here(client):
    county = a_council("OCC")
    a_case_group("cyber", county, a_requester(county))
    lost = an_asset(county, "L1")
    client.force_login(a_person(county, "requester", "asset_manager"))

    sent = {"asset": f"{lost.pk}-1", "do": "move", "what_happened": "Left on the train"}
    moved = client.post("/assets/together/moves/lose/", sent, follow=True)

    assert "1 asset moved" in words(moved) and "Undo this" not in words(moved)
    assert "Left on the train" not in words(moved)
    assert client.post(moved.redirect_chain[-1][0] + "undo/").status_code == 403
    assert Asset.objects.get().state == "lost_stolen"

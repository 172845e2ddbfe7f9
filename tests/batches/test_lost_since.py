"""What came back and was lost before it was wiped: its batch closes, and says in which incident it ended."""

import re
from io import BytesIO

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from assets.batches.counting import counts_of
from assets.batches.standing import standings_of
from assets.batches.workflow import move
from assets.disposal import leaving, sheets
from assets.register.lifecycle import MoveRefused
from assets.register.models import Asset
from assets.register.workflow import move as move_asset
from servicedesk.history.models import Change
from servicedesk.people.models import Person
from tests.api.calling import as_person
from tests.batches.sums import broken_sums
from tests.batches.test_appointments import as_
from tests.batches.test_moves import go, under_way, world
from tests.batches.waves import LATER, items_of
from tests.factories import a_person

pytestmark = pytest.mark.django_db
__all__ = ["world"]


def lost(world, count: int = 1):
    """A batch whose first item came back, and was lost on the way to be wiped."""
    batch = under_way(world, count)
    item = go(items_of(batch)[0], world, "allocate", "swap", "return")
    move_asset(item.asset, "lose", by=world.eng, given={"what_happened": "Gone from the van"}, now=LATER)
    return batch, items_of(batch)[0]


def test_its_batch_is_closed_and_it_is_free(world):
    batch, item = lost(world)
    assert (item.state, item.incident.type, item.locked) == ("returned", "security", True)
    assert [one.words for one in standings_of([batch])[0].waiting] == ["to be closed"]

    closed = move(batch, "close", by=world.ada, now=LATER)

    item.refresh_from_db()
    counts = counts_of(closed)
    assert (closed.state, item.state, item.locked) == ("closed", "returned", False)
    assert (counts.matched, counts.ended, counts.lost_since, counts.outcomes) == (1, 1, 1, {})
    assert counts.returned == counts.certified + counts.lost_since and broken_sums(closed) == []


def test_written_off_since_it_ends_there_too(world):
    batch, item = lost(world)
    Asset.objects.filter(pk=item.asset_id).update(state="written_off")

    assert move(batch, "close", by=world.ada, now=LATER).state == "closed"


def test_found_again_it_waits_to_be_wiped_and_its_batch_with_it(world):
    batch, item = lost(world)
    move_asset(item.asset, "find", by=world.eng, given={"note": "Under a seat"}, now=LATER)

    assert [one.words for one in standings_of([batch])[0].waiting] == ["1 to be wiped"]
    with pytest.raises(MoveRefused, match="1 asset of RB-.* is still on the way"):
        move(batch, "close", by=world.ada, now=LATER)
    go(items_of(batch)[0], world, "sanitise", "redeploy")
    assert move(batch, "close", by=world.ada, now=LATER).state == "closed"


def test_without_an_incident_its_batch_is_not_closed(world):
    batch, item = lost(world)
    type(item).objects.filter(pk=item.pk).update(incident=None)

    with pytest.raises(MoveRefused, match="There is no security incident for O-01"):
        move(batch, "close", by=world.ada, now=LATER)


def test_others_still_on_the_way_keep_the_batch_open(world):
    batch, _ = lost(world, 2)

    with pytest.raises(MoveRefused, match="1 asset of RB-.* is still on the way"):
        move(batch, "close", by=world.ada, now=LATER)


def test_the_page_of_the_batch_names_it_and_its_incident_to_whoever_may_read_that(world):
    batch, item = lost(world)
    at = reverse("batches:batch", args=[batch.reference])
    reference = item.incident.reference
    cas = a_person(world.county, "asset_manager", "cyber_officer")

    officer, planner = (words_of(as_(one).get(at)) for one in (cas, world.ada))

    assert f"O-01 , OCC: security incident {reference}" in officer
    assert "O-01 , OCC: its security incident is open to who deals with it" in planner
    assert reference not in planner
    told = as_person(world.ada).ask("GET", f"refresh/batches/{batch.reference}/").json()["counts"]
    assert (told["returned"], told["lost"], told["lost_since"], told["certified"]) == (1, 0, 1, 0)


def test_the_disposal_register_has_it_with_its_incident_until_it_is_found(world):
    _, item = lost(world)
    officer = a_person(world.county, "asset_manager", "cyber_officer")
    said = [
        [(str(line.asset), line.how, line.incident, line.evidence_missing) for line in lines_for(person)]
        for person in (officer, world.ada, world.dee)
    ]
    named = ("O-01", "Lost or stolen")
    assert said[0] == [(*named, item.incident.reference, False)]
    assert said[1] == [(*named, "Security incident raised", False)]
    assert [line.on for line in lines_for(world.ada)] == [LATER.date()]
    assert list(leaving.left(world.ada, until=LATER.date()).values_list("asset_tag", flat=True)) == ["O-01"]
    assert not leaving.left(world.ada, until=item.state_since.date().replace(day=1)).exists()
    book = load_workbook(BytesIO(sheets.workbook(lines_for(world.ada), world.ada)))
    assert [cell.value for cell in book["Disposals"][2]][4:9] == [
        "Lost or stolen",
        *(book["Disposals"]["F2"].value, None, None, "Security incident raised"),
    ]

    move_asset(item.asset, "find", by=world.eng, given={"note": "Under a seat"}, now=LATER)
    assert lines_for(officer) == []


def test_history_says_what_became_of_the_item(world):
    _, item = lost(world)
    change = Change.objects.filter(kind="batches.batchitem", object_id=item.pk).latest("pk")
    assert (change.change_set.by_id, set(change.fields)) == (world.eng.pk, {"incident"})


def lines_for(person: Person) -> list[leaving.Line]:
    return leaving.lines(person, leaving.left(person))


def words_of(answer) -> str:
    return " ".join(re.sub("<[^>]+>", " ", answer.content.decode()).split())

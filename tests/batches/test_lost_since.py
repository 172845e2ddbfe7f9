"""What came back and was lost before it was wiped: its batch closes, and says in which incident it ended."""

import re
from datetime import timedelta
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from assets.batches.counting import counts_of
from assets.batches.standing import standings_of
from assets.batches.workflow import move
from assets.disposal import leaving, sheets
from assets.register.lifecycle import MoveRefused
from assets.register.models import Asset, ServiceRecord
from assets.register.workflow import move as move_asset
from assets.register.workflow import move_all
from servicedesk import wording
from servicedesk.history.models import Change
from servicedesk.people.models import Person
from tests.api.calling import as_person
from tests.batches.sums import broken_sums
from tests.batches.test_appointments import as_
from tests.batches.test_moves import WIPING, at, go, under_way, world
from tests.batches.waves import LATER, items_of
from tests.factories import a_person, a_ticket, an_asset

pytestmark = [pytest.mark.django_db, pytest.mark.once]
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


def test_found_again_it_has_no_incident_until_it_is_lost_again(world):
    batch, item = lost(world)
    first = item.incident
    move_asset(item.asset, "find", by=world.eng, given={"note": "Under a seat"}, now=LATER)
    assert items_of(batch)[0].incident is None

    move_asset(item.asset, "lose", by=world.eng, given={"what_happened": "Gone for good"}, now=LATER)
    again = items_of(batch)[0].incident
    assert again.type == "security" and again != first


def test_a_closed_batch_stays_as_it_was_closed_when_the_lost_device_is_found_and_wiped(world):
    batch, item = lost(world)
    closed = move(batch, "close", by=world.ada, now=LATER)
    before = counts_of(closed), standings_of([closed])[0].in_words
    move_asset(item.asset, "find", by=world.eng, given={"note": "Under a seat"}, now=LATER)
    move_asset(item.asset, "sanitise", by=world.eng, given=WIPING | {"verified_by": world.sam}, now=LATER)

    counts = counts_of(closed)
    assert (counts, standings_of([closed])[0].in_words) == before
    assert (counts.ended, counts.open, counts.certified, counts.lost_since) == (1, 0, 0, 1)
    assert items_of(batch)[0].incident == item.incident
    page = words_of(as_(world.ada).get(reverse("batches:batch", args=[batch.reference])))
    assert f"Found again on {wording.day(LATER)}, after the batch was closed" in page


def test_what_is_lost_together_is_asked_for_its_incidents_at_once(world):
    batch = under_way(world, 3)
    for item in items_of(batch):
        at(item, "returned")
    items = items_of(batch)
    story = {"what_happened": "Gone from the van"}

    with CaptureQueriesContext(connection) as asked:
        move_all([item.asset for item in items], "lose", by=world.eng, given=story, now=LATER)

    assert {item.incident.type for item in items_of(batch)} == {"security"}
    incidents = [query for query in asked if "lost_in" in query["sql"]]
    assert len(incidents) == 1


def test_another_security_ticket_about_a_lost_device_changes_neither_its_day_nor_its_incident(world):
    _, item = lost(world)
    officer = a_person(world.county, "asset_manager", "cyber_officer")
    before = [(line.on, line.incident) for line in lines_for(officer)]
    assert before == [(LATER.date(), item.incident.reference)]
    later = a_ticket(world.jo, council=world.county, type="security")
    type(later).objects.filter(pk=later.pk).update(logged_at=LATER + timedelta(days=40))
    ServiceRecord.objects.create(asset=item.asset, ticket=later, council=world.county)
    came_lost = an_asset(world.county, "L-1", state="lost_stolen")
    ServiceRecord.objects.create(asset=came_lost, ticket=later, council=world.county)

    assert [(line.on, line.incident) for line in lines_for(officer)] == [(None, ""), *before]
    assert items_of(item.batch)[0].incident == item.incident


def test_what_left_on_no_known_day_is_printed_last(world):
    lost(world)
    an_asset(world.county, "A-1", state="lost_stolen")

    page = words_of(as_(world.ada).get(reverse("disposal:print_register")))
    assert 0 < page.index("O-01") < page.index("A-1")


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
    page = reverse("batches:batch", args=[batch.reference])
    reference = item.incident.reference
    cas = a_person(world.county, "asset_manager", "cyber_officer")

    officer, planner = (words_of(as_(one).get(page)) for one in (cas, world.ada))

    assert f"O-01 , OCC: security incident {reference}" in officer
    assert "O-01 , OCC: its security incident is open to who deals with it" in planner
    assert reference not in planner
    told = as_person(world.ada).ask("GET", f"refresh/batches/{batch.reference}/").json()["counts"]
    assert (told["returned"], told["lost"], told["lost_since"], told["certified"]) == (1, 0, 1, 0)


def test_the_disposal_register_has_it_with_its_incident_until_it_is_found(world):
    _, item = lost(world)
    officer = a_person(world.county, "asset_manager", "cyber_officer")
    said = [
        [
            (str(line.asset), line.how, line.incident_in_words, line.evidence_missing)
            for line in lines_for(person)
        ]
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

    for person, reference in ((officer, item.incident.reference), (world.ada, "")):
        line = as_person(person).ask("GET", f"disposals/{item.asset_id}/").json()
        assert (line["incident"], line["incident_raised"]) == (reference, True)

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

"""What is swapped must come in: whoever keeps the old one for now, or took it away, is asked for it until it does."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from assets.batches.freezing import add_freeze
from assets.batches.items import move_item
from assets.batches.models import BatchItem, ChangeFreeze
from assets.batches.swapping import swap
from assets.batches.undoing import last_deed, take_back
from assets.disposal.chasing import keep_chasing
from assets.disposal.models import DueBack
from assets.register.models import Asset
from assets.register.workflow import move as move_asset
from servicedesk.history.models import Change
from servicedesk.history.undoing import Overtaken
from servicedesk.notifications.models import Message
from servicedesk.people.models import Person
from tests.batches.test_appointments import as_, text, world
from tests.batches.waves import NOW
from tests.factories import a_person

pytestmark = [pytest.mark.django_db, pytest.mark.once]
__all__ = ["world"]
FRIDAY = date(2026, 11, 27)
SIGNED = {"signed_by": "Jo", "data_saved": True}


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def swapped(world, **more) -> BatchItem:
    given = {"old": "O-01", "new": "N-01", **SIGNED, **more}
    return swap(world.items[0], by=world.eng, now=NOW, **given).item


def due() -> list[tuple]:
    names = "asset__asset_tag", "person__display_name", "why", "due_on", "state", "note"
    return list(DueBack.objects.values_list(*names))


def test_an_old_device_that_was_not_brought_stays_with_its_person_until_a_day(world):
    item = swapped(world, back_on=FRIDAY)

    old, new = Asset.objects.get(asset_tag="O-01"), Asset.objects.get(asset_tag="N-01")
    assert (item.state, old.state, old.holder, new.holder) == ("swapped", "in_use", world.jo, world.jo)
    assert due() == [("O-01", "Jo", "swapped", FRIDAY, "open", f"Swapped in {world.batch}")]
    deed = Change.objects.get(kind="batches.batchitem", move="swap").change_set
    assert deed.changes.filter(kind="disposal.dueback").count() == 1


def test_whoever_keeps_it_is_reminded_then_their_manager_then_who_keeps_the_register(world):
    Person.objects.filter(pk=world.jo.pk).update(line_manager=a_person(world.county, name="Mo"))
    swapped(world, back_on=FRIDAY)

    for days in range(30):
        keep_chasing(NOW + timedelta(days=days))

    assert [(str(one.person), one.subject) for one in Message.objects.order_by("id")] == [
        ("Jo", "Laptop, E14 is due back"),
        ("Mo", "Reminder: Laptop, E14 is due back"),
        ("Ada", "Reminder: Laptop, E14 is due back"),
    ]


def test_what_was_taken_away_is_asked_of_whoever_took_it(world):
    swapped(world)

    assert due() == [("O-01", "Eng", "taken", date(2026, 11, 30), "open", f"Swapped in {world.batch}")]
    keep_chasing(NOW + timedelta(days=6))
    assert Message.objects.count() == 0
    keep_chasing(NOW + timedelta(days=7))
    assert [str(one.person) for one in Message.objects.all()] == ["Eng"]


@pytest.mark.parametrize("kept", [{}, {"back_on": FRIDAY}])
@pytest.mark.parametrize(
    ("name", "given", "ends"),
    [("return", {"condition": "B"}, "back"), ("lose", {"what_happened": "Left on a bus"}, "lost")],
)
def test_it_ends_with_the_item_and_with_the_asset_alike(world, kept, name, given, ends):
    item = swapped(world, **kept)

    move_item(item, name, by=world.eng, given=given, now=NOW)

    assert [row[4] for row in due()] == [ends]
    other = swap(world.items[1], by=world.eng, old="O-02", new="N-02", now=NOW, **SIGNED, **kept).item
    move_asset(other.asset, name, by=world.sam, given=given, now=NOW)
    assert [row[4] for row in due()] == [ends, ends]


def test_taking_a_swap_back_asks_for_nothing_any_more(world):
    item = swapped(world, back_on=FRIDAY)

    undone = take_back(last_deed(world.eng, item.batch), item.batch, by=world.eng, now=NOW)

    assert (undone.left, due()) == ([], [])
    assert BatchItem.objects.get(pk=item.pk).state == "allocated"


def test_taking_a_return_back_asks_for_it_again(world):
    item = move_item(swapped(world), "return", by=world.eng, given={"condition": "B"}, now=NOW)

    take_back(last_deed(world.eng, item.batch), item.batch, by=world.eng, now=NOW)

    assert [row[4] for row in due()] == ["open"]


def test_a_swap_about_which_somebody_was_reminded_stays(world):
    item = swapped(world, back_on=FRIDAY)
    deed = last_deed(world.eng, item.batch)
    keep_chasing(NOW + timedelta(days=4))

    with pytest.raises(Overtaken, match="Nothing was taken back"):
        take_back(deed, item.batch, by=world.eng, now=NOW)
    assert BatchItem.objects.get(pk=item.pk).state == "swapped"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"back_on": FRIDAY - timedelta(days=5)}, "The day must not be in the past"),
        ({"back_on": date(2099, 1, 1)}, "The day must be within 60 working days, by 18 February 2027"),
        ({"outcome": "retire"}, "Nobody can keep O-01 for now: it is swapped when it is handed in"),
        ({"holder": None}, "Nobody can keep O-01 for now: it is swapped when it is handed in"),
    ],
)
def test_what_nobody_can_keep_is_not_left_with_them(world, change, said):
    item, given = world.items[0], {"back_on": FRIDAY, "person": world.kim, **change}
    if "outcome" in given:
        item.outcome, item.replacement = given.pop("outcome"), None
        item.save()
    if "holder" in given:
        Asset.objects.filter(pk=item.asset_id).update(holder=given.pop("holder"), holder_note="Front desk")
    new = {"new": "N-01"} if item.replacement else {}

    with pytest.raises(ValidationError) as refused:
        move_item(
            item, "swap", by=world.eng, given={"old": "O-01", "signed_by": "Jo", **new, **given}, now=NOW
        )

    assert refused.value.message_dict["back_on"] == [said]


def test_the_swap_page_leaves_the_old_one_where_it_is_and_says_until_when(world):
    eng, at = as_(world.eng), reverse("batches:swap")
    sent = {
        "old": "O-01",
        "new": "N-01",
        "signed_by": "Jo",
        "signed": "on",
        "data_saved": "on",
        "stays": "yes",
    }

    assert 'value="30/11/2026"' in text(eng.get(f"{at}?old=O-01"))
    bare = eng.post(at, sent)
    assert (bare.status_code, "Enter by when it is brought back" in text(bare)) == (422, True)
    done = eng.post(at, {**sent, "back_on": "27/11/2026"}, follow=True)

    assert "O-01 is due back on 27 November 2026" in text(done)
    assert [row[1:5] for row in due()] == [("Jo", "swapped", FRIDAY, "open")]
    mine = text(as_(world.jo).get("/"))
    assert "To bring back to the IT desk" in mine and "Laptop, E14, O-01: by" in mine
    listed = text(as_(world.ada).get(reverse("disposal:due_back")))
    assert "O-01" in listed and "It was replaced" in listed
    page = text(as_(world.eng).get(reverse("register:asset", args=[world.items[0].asset_id])))
    assert "Jo must bring it back by 27 November 2026" in page


def test_what_is_taken_away_by_the_page_needs_no_day(world):
    sent = {"old": "O-01", "new": "N-01", "signed_by": "Jo", "signed": "on", "data_saved": "on"}

    as_(world.eng).post(reverse("batches:swap"), {**sent, "stays": "no", "back_on": "27/11/2026"})

    assert [row[1:4] for row in due()] == [("Eng", "taken", date(2026, 11, 30))]


def test_a_swap_on_a_frozen_day_takes_the_reason_that_an_appointment_takes(world):
    add_freeze(
        ChangeFreeze(council=world.county, starts_on=NOW.date(), ends_on=NOW.date(), why="Elections"),
        by=world.ada,
        now=NOW,
    )
    frozen = "Changes are frozen at Oxfordshire County Council on 23 November 2026: Elections"
    why = f"{frozen}. Enter why it is done all the same"
    given = {"old": "O-01", "new": "N-01", "signed_by": "Jo"}
    with pytest.raises(ValidationError) as refused:
        move_item(world.items[0], "swap", by=world.eng, given=given, now=NOW)
    assert refused.value.message_dict == {"freeze_reason": [why]}
    eng, at = as_(world.eng), reverse("batches:swap")
    sent = {**given, "signed": "on", "data_saved": "on", "stays": "no"}

    bare = eng.post(at, sent)
    assert (bare.status_code, why in text(bare)) == (422, True)
    eng.post(at, {**sent, "freeze_reason": "Its disk is failing", "note": "In the hall"})

    deed = Change.objects.get(kind="batches.batchitem", move="swap").change_set
    assert (deed.reason, BatchItem.objects.get(pk=world.items[0].pk).note) == (
        "Its disk is failing",
        "In the hall",
    )

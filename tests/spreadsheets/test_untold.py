"""What is brought in by the hundred thousand has its whole history a moment later, whatever happens in between."""

from datetime import UTC, datetime

import pytest

from assets.register.models import Asset
from assets.register.registering import change_asset
from servicedesk.history.models import Change
from servicedesk.history.recording import WRITTEN
from servicedesk.history.undoing import Overtaken
from servicedesk.people.models import Council
from servicedesk.search import later
from servicedesk.spreadsheets import checking, untold
from servicedesk.spreadsheets.applying import write
from servicedesk.spreadsheets.models import Import, Untold
from servicedesk.spreadsheets.taking_back import take_back
from tests.factories import a_council, an_asset
from tests.spreadsheets.incoming import a_csv, bring

pytestmark = pytest.mark.django_db

HEADINGS = ("Asset tag", "Category", "Make", "Model", "Site", "Cost", "Purchased", "Encrypted", "Room")
ROWS = [
    ("T0", "Laptop", "Dell", "Latitude", "Depot", "9.99", "2024-03-01", "yes", "1"),
    ("T1", "Laptop", "Dell", "Latitude", "", "", "", "", ""),
    ("OURS", "", "", "", "", "", "", "", "new"),
    ("T2", "Monitor", "", "", "Annexe", "", "2024-03-02", "", ""),
    ("T3", "Laptop", "Dell", "Other", "Depot", "1.00", "", "no", "2"),
    ("T4", "Monitor", "", "", "", "", "", "", ""),
]
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
POINTING = {"council", "site", "model", "manufacturer"}
NEW = ["T0", "T1", "T2", "T3", "T4"]


@pytest.fixture
def many_is_three(monkeypatch):
    """Of three new rows on their history follows, in parts of two; on PostgreSQL too, so that it is tried there."""
    monkeypatch.setattr(later, "is_for_later", lambda model, count: model is Asset and count > 2)
    monkeypatch.setattr(checking, "BATCH", 2)


@pytest.fixture
def killed(monkeypatch):
    """Nobody goes on: the process ended with the transaction. What the schedule runs then."""
    tell_now = untold.tell_now
    monkeypatch.setattr(untold, "tell_now", lambda started: None)

    def the_schedule() -> None:
        monkeypatch.setattr(untold, "tell_now", tell_now)
        untold.catch_up()

    return the_schedule


def brought(council=None, rows=ROWS) -> Import:
    started = bring(a_csv(HEADINGS, *rows), council or a_council(), create=["sites", "asset-models"])
    return write(started, by=None, now=NOON)


def history(applied: Import) -> list[tuple]:
    """All that history says of the assets of an import, in its order. For the key of another row it says whether the
    asset has it, and for what its council reads as whether that is how it is called."""
    told = Change.objects.filter(change_set=applied.change_set, kind="register.asset").order_by("pk")
    names = [name for name in WRITTEN if name not in ("change_set", "object_id", "council_id", "fields")]
    lines = []
    for *values, key, council, fields in told.values_list(*names, "object_id", "council_id", "fields"):
        asset = Asset.objects.get(pk=key)
        said = {
            name: [old, getattr(asset, f"{name}_id") == new, was, reads]
            if name in POINTING
            else [old, new, was, reads]
            for name, (old, new, was, reads) in fields.items()
        }
        if "council" in said:
            said["council"][3] = said["council"][3] == str(applied.council)
        lines.append((*values, asset.asset_tag, council == applied.council_id, said))
    return lines


def told() -> list[str]:
    made = Change.objects.filter(kind="register.asset", action="create", label__startswith="T")
    return [label.partition(",")[0] for label in made.order_by("pk").values_list("label", flat=True)]


def test_a_large_import_tells_what_a_small_one_tells(monkeypatch, request):
    here, there = a_council("OCC"), a_council("CDC")
    for council in (here, there):
        an_asset(tag="OURS", council=council, room="old")
    small = history(brought(here))

    request.getfixturevalue("many_is_three")
    large = brought(there)

    assert history(large) == small
    assert len(small) == 6
    assert not Untold.objects.exists()


def test_what_a_killed_import_left_untold_is_told_once_somebody_catches_up(many_is_three, killed):
    an_asset(tag="OURS", room="old")
    applied = brought()
    assert (applied.state, Asset.objects.count(), told()) == ("applied", 6, [])

    killed()
    killed()

    assert told() == NEW
    assert not Untold.objects.exists()


def test_who_is_killed_between_two_parts_has_told_the_first_and_the_schedule_tells_the_rest(
    many_is_three, monkeypatch
):
    an_asset(tag="OURS", room="old")
    made, parts = untold._history, []

    def killed_at_the_second(started, note, data):
        parts.append(note.batch)
        if len(parts) == 2:
            raise KeyboardInterrupt
        return made(started, note, data)

    monkeypatch.setattr(untold, "_history", killed_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        brought()
    assert told() == NEW[:2]

    untold.catch_up()

    assert told() == NEW


def test_history_says_how_the_council_read_when_the_rows_were_written(many_is_three, killed):
    an_asset(tag="OURS", room="old")
    applied = brought()
    before = str(applied.council)
    Council.objects.filter(pk=applied.council_id).update(name="Renamed since")

    killed()

    made = Change.objects.filter(change_set=applied.change_set, kind="register.asset", action="create")
    assert {change.fields["council"][3] for change in made} == {before}


def test_an_import_whose_history_cannot_be_told_holds_up_no_other(many_is_three, killed, monkeypatch):
    first, second = (brought(a_council(code), [*ROWS[:2], *ROWS[3:]]) for code in ("OCC", "CDC"))
    made = untold._history

    def broken_for_the_first(started, note, data):
        if started == first:
            raise RuntimeError
        return made(started, note, data)

    monkeypatch.setattr(untold, "_history", broken_for_the_first)
    killed()

    assert told() == NEW
    assert list(Untold.objects.values_list("started", flat=True)) == [first.pk]
    with pytest.raises(Overtaken, match="the history of this import is not complete yet"):
        take_back(first, by=None)
    assert take_back(second, by=None).undone["removed"] == 5


def test_what_happens_to_a_row_meanwhile_comes_after_its_making(many_is_three, killed):
    an_asset(tag="OURS", room="old")
    brought()
    asset = Asset.objects.get(asset_tag="T2")
    change_asset(asset, by=None, version=1, room="theirs")

    killed()

    of_asset = Change.objects.filter(kind="register.asset", object_id=asset.pk).order_by("pk")
    assert [(change.action, change.fields.get("room", [])[1:2]) for change in of_asset] == [
        ("create", []),
        ("update", ["theirs"]),
    ]


def test_an_undo_tells_first_what_is_untold(many_is_three, killed):
    an_asset(tag="OURS", room="old")
    applied = brought()
    change_asset(Asset.objects.get(asset_tag="T2"), by=None, version=1, room="theirs")

    undone = take_back(applied, by=None)

    assert (undone.undone["removed"], undone.undone["restored"]) == (4, 1)
    assert [each["label"].partition(",")[0] for each in undone.undone["left"]][:1] == ["T2"]
    assert sorted(Asset.objects.values_list("asset_tag", flat=True)) == ["OURS", "T2"]
    made_and_removed = Change.objects.filter(kind="register.asset", change_set__in=_deeds(applied))
    assert sorted(made_and_removed.values_list("action", flat=True)) == [
        *["create"] * 5,
        *["remove"] * 4,
        *["update"] * 2,
    ]


def _deeds(applied: Import) -> list[int]:
    return [applied.change_set_id, applied.change_set.undone_by.get().pk]


def test_two_who_catch_up_at_once_tell_each_part_once(many_is_three, killed, monkeypatch):
    an_asset(tag="OURS", room="old")
    brought()
    made = untold._history

    def overtaken(started, note, data):
        lines = made(started, note, data)
        monkeypatch.setattr(untold, "_history", made)
        # Somebody else is quicker with the same part.
        untold._tell_part(started, Untold.objects.get(pk=note.pk))
        return lines

    monkeypatch.setattr(untold, "_history", overtaken)
    killed()

    assert told() == NEW


def test_what_cannot_be_told_yet_fails_no_import_that_is_done(many_is_three, monkeypatch):
    an_asset(tag="OURS", room="old")

    def broken(*args):
        raise RuntimeError

    with monkeypatch.context() as broken_for_now:
        broken_for_now.setattr(untold, "_history", broken)
        applied = brought()
    assert (applied.state, told()) == ("applied", [])

    untold.catch_up()

    assert told() == NEW


def test_few_rows_are_told_at_once(killed):
    an_asset(tag="OURS", room="old")

    brought()

    assert told() == NEW

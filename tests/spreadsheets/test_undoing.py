"""An import is taken back: what nobody has changed since; the rest stays and is listed."""

import pytest

from assets.register.models import Asset, AssetModel, Manufacturer
from assets.register.registering import change_asset
from servicedesk.history.models import Change
from servicedesk.jobs.running import run
from servicedesk.people.models import Council, Person, Site, Team
from servicedesk.search.models import SearchDocument
from servicedesk.spreadsheets import importing
from servicedesk.spreadsheets.applying import write
from servicedesk.spreadsheets.models import Import, WrongStep
from servicedesk.spreadsheets.taking_back import take_back
from servicedesk.tickets.models import Ticket
from tests.factories import a_council, a_person, an_asset
from tests.spreadsheets.incoming import a_csv, bring

pytestmark = pytest.mark.django_db


def estate() -> list[dict]:
    """All that a register holds, but for how often it was written."""
    return [{**row, "version": 0} for row in Asset.objects.order_by("pk").values()]


def brought(*rows: tuple, by: Person | None = None, **options) -> Import:
    return write(bring(a_csv(*rows), a_council(), by, **options), by=by)


def test_undo_gives_back_the_estate():
    an_asset(tag="1", room="old", purchase_cost_ex_vat="5.00", purchase_date="2024-02-29", encrypted=True)
    before = estate()
    documents = SearchDocument.objects.filter(kind="register.asset").values_list("text", flat=True)
    words = list(documents)
    applied = brought(
        ("Tag", "Category", "Room", "Cost", "Purchased", "Encrypted", "Make", "Model", "Site"),
        ("1", "", "new", "9.99", "1/3/2024", "no", "Dell", "Latitude", "Depot"),
        ("2", "Laptop", "1", "1.00", "1/3/2024", "yes", "Dell", "Latitude", "Depot"),
        create=["sites", "asset-models"],
    )
    assert (Asset.objects.count(), Site.objects.count(), AssetModel.objects.count()) == (2, 1, 1)

    undone = take_back(applied, by=None)

    told = {"restored": 1, "removed": 1, "besides": 3, "left": [], "not_listed": 0}
    assert (undone.state, undone.undone) == ("undone", told)
    assert estate() == before
    assert list(documents.all()) == words
    assert (Site.objects.count(), AssetModel.objects.count(), Manufacturer.objects.count()) == (0, 0, 0)


def test_what_somebody_changed_since_stays_and_is_listed_with_who_and_when():
    tom = a_person(a_council(), "asset_manager", name="Tom Hill")
    an_asset(tag="1", room="old", notes="old")
    applied = brought(("Tag", "Category", "Room", "Notes"), ("1", "", "new", "new"), ("2", "Laptop", "", ""))
    for asset in Asset.objects.all():
        change_asset(asset, by=tom, version=asset.version, room="theirs")

    undone = take_back(applied, by=None)

    assert Asset.objects.order_by("asset_tag").values_list("room", "notes")[0] == ("theirs", "old")
    left = {(each["label"], *each["fields"], each["by"]) for each in undone.undone["left"]}
    assert left == {("1", "room", "Tom Hill"), ("2", "room", "Tom Hill")}
    assert all(each["at"] for each in undone.undone["left"])
    assert (undone.undone["restored"], undone.undone["removed"]) == (1, 0)


def test_undo_is_a_job_that_whoever_may_import_asks_for_once():
    nadia = a_person(a_council(), "asset_manager", name="Nadia Rahman")
    applied = brought(("Tag", "Category"), ("1", "Laptop"), by=nadia)

    undoing = importing.undo(applied, by=nadia, version=applied.version)
    assert undoing.state == "undoing"
    assert importing.undo(undoing, by=nadia, version=undoing.version).job == undoing.job
    run(undoing.job.pk)

    undone = Import.objects.get()
    assert (undone.state, Asset.objects.count()) == ("undone", 0)
    assert importing.undo(undone, by=nadia, version=undone.version).state == "undone"
    removal = Change.objects.get(kind="register.asset", action="remove")
    assert (removal.change_set.by_label, removal.change_set.undoes) == ("Nadia Rahman", applied.change_set)


def test_only_what_was_written_can_be_undone():
    checked = bring(a_csv(("Tag",), ("1",)), a_council())

    with pytest.raises(WrongStep, match="nothing to undo"):
        importing.undo(checked, by=None, version=checked.version)


def test_the_same_file_again_creates_again_what_was_removed():
    rows = (("Tag", "Category"), ("1", "Laptop"))
    take_back(brought(*rows), by=None)

    assert brought(*rows).counts["create"] == 1
    assert Asset.objects.count() == 1


def test_a_log_of_tickets_is_taken_back_with_the_people_and_teams_that_it_made():
    rows = (
        ("Number", "State", "Caller", "Assignment group", "Opened"),
        ("INC1", "New", "Caller 1", "Group 1", "1/3/2024 09:00"),
        ("INC2", "New", "Caller 2", "Group 1", "1/3/2024 10:00"),
    )
    a_council()
    people, councils = Person.objects.count(), Council.objects.count()
    applied = brought(*rows, kind="tickets")
    assert (Ticket.objects.count(), Team.objects.count()) == (2, 1)

    take_back(applied, by=None)

    assert (Ticket.objects.count(), Team.objects.count()) == (0, 0)
    assert (Person.objects.count(), Council.objects.count()) == (people, councils)
    assert not SearchDocument.objects.filter(kind="tickets.ticket").exists()

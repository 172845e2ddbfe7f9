"""An import is taken back: what nobody has changed since; the rest stays and is listed."""

import pytest

from assets.register import transferring
from assets.register.models import Asset, AssetModel, Disposal, Manufacturer
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


def test_what_another_council_has_now_stays_and_nothing_is_told_of_it():
    county, district = a_council("OCC"), a_council("CDC")
    kim, dee = a_person(county, "asset_manager"), a_person(district, "asset_manager", name="Dee of CDC")
    an_asset(county, "1", state="returned", hostname="old", room="1")
    applied = brought(
        ("Tag", "Category", "State", "Host name", "Room"),
        ("1", "", "", "new", ""),
        ("2", "Laptop", "", "h2", ""),
    )
    for asset in Asset.objects.all():
        offered = transferring.offer_transfer(asset, by=kim, receiver=district, reason="Agreed")
        given = transferring.accept_transfer(offered, by=dee)
        change_asset(given, by=dee, version=given.version, notes="Ours")

    undone = take_back(applied, by=kim)

    assert list(Asset.objects.order_by("asset_tag").values_list("hostname", "notes")) == [
        ("new", "Ours"),
        ("h2", "Ours"),
    ]
    assert (undone.undone["restored"], undone.undone["removed"]) == (0, 0)
    left = {
        (each["label"], *each["fields"], each["why"], each["by"], each["at"])
        for each in undone.undone["left"]
    }
    assert left == {(tag, "It belongs to another council now.", "", None) for tag in "12"}


def test_evidence_stays_and_what_it_proves():
    keeper = a_person(a_council(), "asset_manager")
    gone, other = an_asset(tag="1", state="returned"), an_asset(tag="2", state="returned", room="1")
    applied = brought(
        ("Tag", "State", "Certificate no", "Room"),
        ("1", "Destroyed", "C-1", ""),
        ("2", "", "", "2"),
        by=keeper,
    )

    undone = take_back(applied, by=keeper)

    gone.refresh_from_db()
    other.refresh_from_db()
    assert (gone.state, other.room) == ("destroyed", "1")
    assert Disposal.objects.get().certificate_number == "C-1"
    assert {(each["kind"], each["why"]) for each in undone.undone["left"]} == {
        ("register.disposal", "It is evidence, and stays."),
        ("register.asset", "There is evidence of it, which stays."),
    }

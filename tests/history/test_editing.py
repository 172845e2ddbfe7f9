"""What is edited is saved over no newer version, and never unrecorded."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from servicedesk.history import editing
from servicedesk.history.models import Change
from servicedesk.people.models import Council, Site
from tests.factories import a_council, a_person, a_site, a_team

pytestmark = pytest.mark.django_db


def refuse_taken(site: Site) -> None:
    editing.refuse_taken(site, "name", within="council_id")


def test_change_saves_records_and_grows_the_version():
    site, by = a_site(name="Old Hall"), a_person(name="Nadia")

    saved = editing.change(site, by=by, version=1, name="New Hall", reason="Renamed")

    change = Change.objects.get()
    assert (saved.name, saved.version) == ("New Hall", 2)
    assert change.fields == {"name": ["Old Hall", "New Hall", "Old Hall", "New Hall"]}
    assert (change.change_set.by_label, change.change_set.reason) == ("Nadia", "Renamed")


def test_what_is_the_same_already_is_no_change():
    site = a_site(name="Old Hall")

    assert editing.change(site, by=None, version=1, name="Old Hall").version == 1
    assert Change.objects.count() == 0


def test_newer_version_is_not_written_over_and_is_shown():
    site = a_site(name="Old Hall")
    editing.change(site, by=None, version=1, name="New Hall")

    with pytest.raises(editing.Stale, match="New Hall was changed while you were looking at it") as stale:
        editing.change(site, by=None, version=1, name="My Hall")

    assert stale.value.row.name == Site.objects.get().name == "New Hall"


def test_links_are_saved_and_recorded_with_their_names():
    county, district = a_council("OCC"), a_council("CDC")
    team = a_team("Desk", county)

    saved = editing.change(team, by=None, version=1, councils=Council.objects.all())

    assert set(team.councils.all()) == {county, district}
    assert saved.version == 2
    assert Change.objects.get().fields == {
        "councils": [
            [county.pk],
            [district.pk, county.pk],
            "Oxfordshire County Council",
            "Cherwell District Council, Oxfordshire County Council",
        ]
    }


def test_new_row_is_recorded_with_its_council():
    site = editing.add(Site(council=a_council(), name="Old Hall"), by=None)

    change = Change.objects.get()
    assert (change.action, change.council_id, change.object_id) == ("create", site.council_id, site.pk)


def test_refused_row_is_not_written_and_its_version_stays():
    site = a_site(name="Old Hall")
    a_site(name="New Hall")

    with pytest.raises(ValidationError, match="Name is already in use"):
        editing.change(site, by=None, version=1, check=refuse_taken, name="NEW HALL")

    site.refresh_from_db()
    assert (site.name, site.version, Change.objects.count()) == ("Old Hall", 1, 0)


def test_row_that_came_in_between_is_refused_in_the_same_words():
    a_site(name="New Hall")
    asked = []

    def late(site: Site) -> None:
        """Sees the other row only when it looks again, as when two are saved at once."""
        asked.append(site)
        if len(asked) > 1:
            refuse_taken(site)

    with pytest.raises(ValidationError, match="Name is already in use"):
        editing.add(Site(council=a_council(), name="New Hall"), by=None, check=late)


def test_what_no_check_explains_is_raised_as_it_is():
    a_site(name="New Hall")

    with pytest.raises(IntegrityError):
        editing.add(Site(council=a_council(), name="New Hall"), by=None)

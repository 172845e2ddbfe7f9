"""Two people edit one row at once: history tells whose each edit is."""

from datetime import UTC, date, datetime

import pytest

from servicedesk.history import editing
from servicedesk.history.merging import in_words, save_beside
from servicedesk.history.models import Change
from servicedesk.history.recording import change_set
from servicedesk.people.models import Council, Site, Team
from tests.factories import a_council, a_person, a_site, a_team

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def ben():
    return a_person(name="Ben")


def site_of(name: str = "Old Hall", **fields) -> Site:
    return editing.add(Site(council=a_council(), name=name, kind="office", **fields), by=None)


def settled(row, version: int, **values):
    with change_set(by=None):
        return editing.settled(row, version, values)


def test_only_what_somebody_edited_themselves_is_theirs(ben):
    site = site_of(postcode="OX1")
    editing.change(site, by=ben, version=1, now=NOON, postcode="OX2", address="High Street")

    row, own = settled(site, 1, name="New Hall", postcode="OX1", address="", kind="office")

    assert (row.version, row.postcode, own) == (2, "OX2", {"name": "New Hall"})


def test_what_both_changed_is_shown_with_who_and_when(ben):
    site = site_of()
    editing.change(site, by=ben, version=1, now=NOON, name="Town Hall", postcode="OX2")

    with pytest.raises(editing.Clash) as clash:
        settled(site, 1, name="New Hall", postcode="", uprn="100")

    [difference] = clash.value.differences
    assert difference == ("name", "New Hall", "Town Hall", "Ben", NOON)
    assert (
        difference.said("Town Hall") == "Ben changed this to “Town Hall” on Monday 23 November 2026, midday"
    )
    assert str(clash.value) == "Town Hall was changed by Ben while you were looking at it."
    assert (clash.value.row.version, clash.value.mine) == (2, {"name", "uprn"})


def test_both_wrote_the_same_and_nothing_clashes(ben):
    site = site_of()
    editing.change(site, by=ben, version=1, name="New Hall")

    assert settled(site, 1, name="New Hall")[1] == {"name": "New Hall"}


def test_what_was_put_back_to_what_was_read_was_changed_all_the_same(ben):
    site = site_of()
    editing.change(site, by=ben, version=1, name="Town Hall")
    editing.change(site, by=ben, version=2, name="Old Hall")

    with pytest.raises(editing.Clash):
        settled(site, 1, name="New Hall")


def test_links_are_compared_in_whatever_order_and_a_row_by_its_number(ben):
    occ, cdc, asha = a_council("OCC"), a_council("CDC"), a_person(name="Asha")
    team = editing.add(Team(name="Desk", kind="in_house"), by=None, councils=[occ, cdc])
    editing.change(team, by=ben, version=1, name="First line")

    assert settled(team, 1, councils=[cdc, occ], tier=2)[1] == {"tier": 2}
    editing.change(team, by=ben, version=2, councils=[occ])
    with pytest.raises(editing.Clash) as clash:
        settled(team, 1, councils=[cdc])
    assert in_words(clash.value.differences[0].present) == str(occ)
    person = editing.add(type(asha)(display_name="Eve", council=occ, line_manager=asha), by=None)
    editing.change(person, by=ben, version=1, employed_from=date(2026, 1, 5))
    unedited = {"line_manager": asha, "employed_from": None}
    assert settled(person, 1, **unedited, job_title="Clerk")[1] == {"job_title": "Clerk"}


@pytest.mark.parametrize("version", [0, -1, 9])
def test_version_that_never_was_is_refused(ben, version):
    site = site_of()
    editing.change(site, by=ben, version=1, name="Town Hall")

    with pytest.raises(editing.Stale):
        settled(site, version, postcode="OX2")


def test_what_history_does_not_tell_is_not_guessed(ben):
    site = site_of()
    editing.change(site, by=ben, version=1, name="Town Hall")
    Site.objects.filter(pk=site.pk).update(postcode="OX9", version=3)

    with pytest.raises(editing.Stale):
        settled(site, 1, address="High Street")


def forget_the_version() -> None:
    """The last change as it was written before versions were kept."""
    last = Change.objects.latest("pk")
    Change.objects.filter(pk=last.pk)._raw_delete("default")
    last.pk, last.version = None, None
    Change.objects.bulk_create([last])


def test_changes_from_before_versions_were_kept_count_as_later(ben):
    site = site_of()
    editing.change(site, by=ben, version=1, name="Town Hall")
    forget_the_version()

    assert settled(site, 1, postcode="OX2")[1] == {"postcode": "OX2"}
    with pytest.raises(editing.Clash):
        settled(site, 1, name="New Hall")


def test_name_that_is_given_back_is_not_lost_where_it_is_unknown_whether_its_change_was_read(ben):
    site = site_of("Old Hall")
    editing.change(site, by=ben, version=1, now=NOON, name="Town Hall")
    forget_the_version()
    editing.change(site, by=ben, version=2, postcode="OX2")

    with pytest.raises(editing.Clash) as clash:
        settled(site, 2, name="Old Hall", postcode="")

    assert clash.value.differences == [("name", "Old Hall", "Town Hall", "Ben", NOON)]
    assert settled(site, 2, name="Town Hall", uprn="100")[1] == {"uprn": "100"}


def saved(site: Site, by, version: int, **values) -> str:
    """What somebody who read the site at that version is told as they save these values."""

    def change(site, *, by, version, **values):
        row, own = editing.settled(site, version, values)
        return editing.change(row, by=by, version=row.version, **own)

    return save_beside(change, site, by=by, version=version, **values).meanwhile


def test_what_others_changed_meanwhile_is_said_without_ones_own_deed(ben):
    site, asha = site_of(), a_person(name="Asha")
    editing.change(site, by=ben, version=1, name="Town Hall", postcode="OX2")

    said = saved(site, asha, 1, address="High Street")

    assert said == "Ben changed the name and postcode meanwhile. Both are kept."
    assert saved(site, asha, 3, uprn="100") == ""


def test_all_that_others_did_is_said_to_whoever_changed_nothing(ben):
    site = site_of()
    editing.change(site, by=ben, version=1, name="Town Hall")
    editing.change(site, by=ben, version=2, postcode="OX2")

    said = saved(site, a_person(name="Asha"), 1, name="Old Hall", postcode="")

    assert said == "Ben changed the name and postcode meanwhile. Both are kept."


def test_change_of_long_ago_is_not_told_as_news(ben):
    site, asha = site_of(), a_person(name="Asha")
    editing.change(site, by=ben, version=1, name="Town Hall")
    forget_the_version()
    editing.change(site, by=ben, version=2, postcode="OX2")

    said = saved(site, asha, 2, address="High Street")

    assert said == "Ben changed the postcode meanwhile. Both are kept."


def test_values_are_said_in_words():
    councils = [a_council("OCC"), a_council("CDC")]
    team = a_team("Desk", *councils)

    said = [in_words(value) for value in (True, False, None, "", 1, a_site(name="Hall"), team.councils)]

    assert said == ["yes", "no", "", "", "1", "Hall", ", ".join(sorted(map(str, Council.objects.all())))]

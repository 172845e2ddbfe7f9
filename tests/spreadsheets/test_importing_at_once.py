"""Two imports of one council that are written at the same moment, on real connections: no row twice, none lost."""

import pytest

from assets.register.models import Asset
from servicedesk.spreadsheets.applying import Overtaken, write
from servicedesk.spreadsheets.models import Import
from tests.at_once import at_once
from tests.factories import a_council, an_asset
from tests.spreadsheets.incoming import a_csv, bring

pytestmark = pytest.mark.django_db(transaction=True)


def both_written(*sheets: tuple) -> tuple[list[Import], list]:
    """What came of sheets that were checked before either was written, then written at once."""
    checked = [bring(a_csv(("Asset tag", "Category", "Room"), *rows), a_council()) for rows in sheets]
    outcomes = at_once(*(lambda one=one: write(one, by=None) for one in checked), refusals=Overtaken)
    return checked, outcomes


def test_of_two_that_bring_the_same_assets_one_is_written_and_the_other_says_why():
    shared = ("SAME", "Laptop", "")

    _, outcomes = both_written(
        (shared, *((f"A{number}", "Laptop", "") for number in range(30))),
        (shared, *((f"B{number}", "Laptop", "") for number in range(30))),
    )

    refused = [each for each in outcomes if isinstance(each, Overtaken)]
    (winner,) = (place for place, each in enumerate(outcomes) if isinstance(each, Import))
    assert len(refused) == 1
    assert str(refused[0]).endswith("Nothing was imported. Check the rows again.")
    letter = "AB"[winner]
    assert set(Asset.objects.values_list("asset_tag", flat=True)) == {
        "SAME",
        *(f"{letter}{number}" for number in range(30)),
    }


def test_two_that_have_nothing_in_common_are_both_written():
    _, outcomes = both_written(
        tuple((f"A{number}", "Laptop", "") for number in range(30)),
        tuple((f"B{number}", "Laptop", "") for number in range(30)),
    )

    assert [each.state for each in outcomes] == ["applied", "applied"]
    assert Asset.objects.count() == 60


def test_two_that_change_one_asset_change_it_once():
    an_asset(a_council(), "1", room="old")

    _, outcomes = both_written((("1", "", "one"),), (("1", "", "two"),))

    (written,) = (place for place, each in enumerate(outcomes) if isinstance(each, Import))
    asset = Asset.objects.get()
    assert (asset.room, asset.version) == (("one", "two")[written], 2)

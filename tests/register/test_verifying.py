"""Who looks at the result of a wiping is a second person who handles the assets of that council, by every door."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from assets.register.models import Sanitisation
from assets.register.together_moves import MoveTogetherForm
from assets.register.workflow import move, move_all
from tests.api.calling import as_program
from tests.factories import a_person, an_asset
from tests.register.life import NOW, a_world

pytestmark = pytest.mark.django_db
WIPED = {"method": "purge", "certificate_number": "C-1"}
STRANGER = (
    "Somebody who handles assets of Oxfordshire County Council must look at the result: enter another person"
)


@pytest.fixture
def world():
    world = a_world()
    world.asset = an_asset(world.county, "LT", state="returned")
    return world


def refused(world, second) -> list[str]:
    given = WIPED | {"verified_by": second}
    with pytest.raises(ValidationError) as said:
        move(world.asset, "sanitise", by=world.engineer, given=given, now=NOW)
    return said.value.message_dict["verified_by"]


def test_neither_who_wiped_nor_who_handles_no_assets_of_the_council_nor_who_has_left(world):
    gone = a_person(world.county, "engineer", name="Gus")
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)
    gone.refresh_from_db()

    assert refused(world, world.engineer) == ["Somebody else must look at the result: enter another person"]
    assert refused(world, world.jo) == [STRANGER]
    assert refused(world, world.other_keeper) == [STRANGER]
    assert refused(world, gone) == [STRANGER]
    assert Sanitisation.objects.count() == 0


@pytest.mark.parametrize("second", ["second", "keeper"])
def test_an_engineer_or_whoever_keeps_the_register_looks_at_it(world, second):
    given = WIPED | {"verified_by": getattr(world, second)}

    assert move(world.asset, "sanitise", by=world.engineer, given=given, now=NOW).state == "sanitised"

    assert Sanitisation.objects.get().verified_by == getattr(world, second)


def test_of_many_at_once_they_are_chosen_and_asked_of_each(world):
    other = an_asset(world.district, "THEIRS", state="returned")
    form = MoveTogetherForm("sanitise", by=world.engineer)
    assert [str(one) for one in form.fields["verified_by"].queryset] == ["Ada", "Dee", "Sam"]

    given = WIPED | {"verified_by": world.keeper}
    done = move_all([world.asset, other], "sanitise", by=world.engineer, given=given, now=NOW)

    assert [one.asset_tag for one in done.moved] == ["LT"]
    assert [one.sentence for one in done.refused] == [
        "Somebody who handles assets of Cherwell District Council must look at the result: enter another person"
    ]


def test_a_program_and_the_page_are_told_so(world):
    at = f"assets/{world.asset.pk}/moves/sanitise/"
    client = Client()
    client.force_login(world.engineer)

    told = as_program(world.engineer).ask("POST", at, WIPED | {"verified_by": world.jo.pk})
    page = client.post(f"/{at}", WIPED | {"verified_by": world.jo.pk, "version": 1})

    assert (told.status_code, told.json()["errors"]) == (400, {"verified_by": [STRANGER]})
    assert (page.status_code, Sanitisation.objects.count()) == (422, 0)

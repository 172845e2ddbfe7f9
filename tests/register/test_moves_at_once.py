"""Two people at once on one asset, on real connections: one wins, and the other is told by whom."""

import pytest

from assets.register.lifecycle import MoveRefused
from assets.register.models import Asset, Custody
from assets.register.workflow import move, move_all
from servicedesk.history.models import Change
from servicedesk.people.models import Person
from tests.at_once import at_once
from tests.factories import a_person, an_asset, an_engineer

pytestmark = pytest.mark.django_db(transaction=True)


def test_one_asset_is_issued_once():
    asha, dev, jo = an_engineer(name="Asha"), an_engineer(name="Dev"), a_person(name="Jo")
    asset = an_asset(asha.council, "A-1", state="in_stock")

    def issuing(person: Person):
        by = Person.objects.get(pk=person.pk)
        return lambda: move(Asset.objects.get(pk=asset.pk), "issue", by=by, given={"person": jo})

    outcomes = at_once(issuing(asha), issuing(dev), refusals=MoveRefused)

    winner = Change.objects.select_related("change_set").get(move="issue").change_set.by_label
    assert sorted(map(str, outcomes)) == sorted(
        ["A-1", f"A-1 is in use, so “Issue” is not possible. {winner} was the last to change it."]
    )
    assert Custody.objects.get().person == jo


def test_a_hundred_in_opposite_orders_are_moved_once_and_nobody_waits_for_ever():
    asha, dev = an_engineer(name="Asha"), an_engineer(name="Dev")
    many = [an_asset(asha.council, state="staged") for _ in range(100)]

    def moving(person: Person, assets: list[Asset]):
        by = Person.objects.get(pk=person.pk)
        return lambda: move_all(assets, "unstage", by=by)

    first, second = at_once(moving(asha, many), moving(dev, many[::-1]), refusals=MoveRefused)

    assert sorted(len(outcome.moved) for outcome in (first, second)) == [0, 100]
    assert sorted(len(outcome.refused) for outcome in (first, second)) == [0, 100]
    assert Change.objects.filter(move="unstage").count() == 100

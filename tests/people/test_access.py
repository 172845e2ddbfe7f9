"""The door fails closed, and reaches as far as the grant and no further. Three councils: nothing counts on two."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assets.register.models import Asset, Manufacturer
from servicedesk.history.models import ChangeSet
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.jobs.models import Job
from servicedesk.people.access import access_of, councils_of, history_of, may, open_door, require, teams_of
from servicedesk.people.grants import end, give_role, join_team
from servicedesk.people.models import Grant, Person
from servicedesk.people.roles import Permission
from servicedesk.tickets.models import Ticket
from tests.factories import LONG_AGO, a_council, a_grant, a_person, a_team

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def councils():
    return [a_council("OCC"), a_council("CDC"), a_council("WODC", "West Oxfordshire District Council")]


def again(person: Person) -> Person:
    """The person as the next request finds them."""
    return Person.objects.get(pk=person.pk)


def an_asset(council, tag="LT1", **fields) -> Asset:
    return Asset.objects.create(
        council=council, asset_tag=tag, category="laptop", registered_at=timezone.now(), **fields
    )


def without_a_right() -> dict:
    inactive = a_person(None, "engineer", is_active=False)
    ended = a_person()
    Grant.objects.create(
        person=ended, role="engineer", council=ended.council, starts_at=LONG_AGO, ends_at=LONG_AGO
    )
    later = a_person()
    Grant.objects.create(
        person=later, role="engineer", council=later.council, starts_at=timezone.now() + HOUR
    )
    return {
        "nobody": None,
        "a stranger": AnonymousUser(),
        "inactive": inactive,
        "no grant": a_person(),
        "ended": ended,
        "later": later,
    }


def test_who_has_no_grant_in_force_may_and_sees_nothing(councils):
    an_asset(councils[0])

    for who, person in without_a_right().items():
        seen = {
            "councils": councils_of(person, Permission.SEE_ASSETS),
            "teams": teams_of(person),
            "may": may(person, Permission.RAISE_TICKET),
            "assets": list(Asset.objects.visible_to(person)),
            "tickets": list(Ticket.objects.visible_to(person)),
            "jobs": list(Job.objects.visible_to(person)),
        }
        assert seen == {
            "councils": frozenset(),
            "teams": frozenset(),
            "may": False,
            "assets": [],
            "tickets": [],
            "jobs": [],
        }, who
        with pytest.raises(PermissionDenied):
            require(person, Permission.RAISE_TICKET)
        with pytest.raises(Http404):
            open_door(person, Asset.objects, asset_tag="LT1")


def test_team_place_lasts_as_long_as_it_says(councils):
    person, team, other = a_person(councils[0], "engineer"), a_team(), a_team()
    place = join_team(person, team, by=None)
    join_team(person, other, by=None, now=timezone.now() + HOUR)
    assert teams_of(again(person)) == {team.pk}

    end(place, by=None)

    assert teams_of(again(person)) == frozenset()


def test_joint_permission_reaches_every_council(councils):
    engineer = a_person(councils[1], "engineer")

    assert councils_of(engineer, Permission.WORK_TICKETS) == {council.pk for council in councils}


def test_council_permission_reaches_the_council_of_the_grant(councils):
    manager = a_person(councils[1], "asset_manager")

    assert councils_of(manager, Permission.EDIT_ASSETS) == {councils[1].pk}
    assert councils_of(manager, Permission.SEE_ASSET_MONEY) == {councils[1].pk}
    assert councils_of(manager, Permission.SEE_ASSETS) == {council.pk for council in councils}


def test_permission_for_ones_own_names_the_council_of_the_grant_alone(councils):
    requester = a_person(councils[1], "requester")

    assert councils_of(requester, Permission.RAISE_TICKET) == {councils[1].pk}
    assert may(requester, Permission.RAISE_TICKET, councils[0].pk) is False


def test_grants_at_several_councils_add_up(councils):
    person = a_person(councils[0], "asset_manager")
    a_grant(person, "asset_manager", councils[2])

    assert councils_of(person, Permission.EDIT_ASSETS) == {councils[0].pk, councils[2].pk}


def test_grant_counts_where_it_was_given_not_where_the_person_works(councils):
    person = a_person(councils[0])
    a_grant(person, "budget_approver", councils[2])

    assert councils_of(person, Permission.SEE_ASSETS) == {councils[2].pk}


def test_council_that_comes_later_is_reached_too(councils):
    engineer = a_person(councils[0], "engineer")
    fourth = a_council("VWHDC", "Vale of White Horse District Council")

    assert fourth.pk in councils_of(engineer, Permission.SEE_SHARED_TICKETS)


def test_access_is_read_once_for_a_request(councils, django_assert_num_queries):
    engineer = a_person(councils[0], "engineer")

    with django_assert_num_queries(3):
        for permission in Permission:
            may(engineer, permission)
        teams_of(engineer)


def test_role_taken_away_holds_from_the_next_request(councils):
    nadia, person = a_person(councils[0], "administrator"), a_person(councils[0])
    grant = give_role(person, "engineer", councils[0], by=nadia)
    assert may(again(person), Permission.WORK_TICKETS)

    end(grant, by=nadia, reason="Moved to another council")

    assert not may(again(person), Permission.WORK_TICKETS)
    assert list(ChangeSet.objects.order_by("id").values_list("by_label", "reason")) == [
        (str(nadia), ""),
        (str(nadia), "Moved to another council"),
    ]


def test_role_ended_twice_keeps_its_first_end(councils):
    grant = give_role(a_person(councils[0]), "engineer", councils[0], by=None)
    end(grant, by=None)
    first = Grant.objects.get(pk=grant.pk).ends_at

    end(grant, by=None, now=timezone.now() + HOUR)

    assert Grant.objects.get(pk=grant.pk).ends_at == first


def test_role_that_has_not_begun_ends_where_it_would_begin(councils):
    begins = timezone.now() + HOUR
    grant = give_role(a_person(councils[0]), "engineer", councils[0], by=None, now=begins)

    end(grant, by=None)

    assert Grant.objects.get(pk=grant.pk).ends_at == begins


def test_inactive_person_loses_everything_at_once(councils):
    engineer = a_person(councils[0], "engineer")
    Person.objects.filter(pk=engineer.pk).update(is_active=False)

    assert access_of(again(engineer)) is None


def test_door_gives_the_row_that_the_person_may_see(councils):
    asset = an_asset(councils[1])

    assert open_door(a_person(councils[0], "engineer"), Asset.objects, pk=asset.pk) == asset


def test_door_asks_the_same_of_a_hidden_row_as_of_none(councils):
    hidden = an_asset(councils[2])
    approver = a_person(councils[0], "budget_approver")
    may(approver, Permission.EXPORT)

    queries = []
    for key in (hidden.pk, hidden.pk + 1):
        with (
            CaptureQueriesContext(
                connection,
            ) as asked,
            pytest.raises(Http404) as refused,
        ):
            open_door(approver, Asset.objects, pk=key)
        queries.append((len(asked), str(refused.value)))

    assert queries == [(1, ""), (1, "")]


@pytest.mark.parametrize("lookup", [{"asset_tag": "a\0b"}, {"pk": 2**70}, {"pk": -1}])
def test_door_answers_what_no_row_can_hold(councils, lookup):
    with pytest.raises(Http404):
        open_door(a_person(councils[0], "engineer"), Asset.objects, **lookup)


def test_require_names_the_missing_right_in_words(councils):
    with pytest.raises(
        PermissionDenied, match="You need the right to: change the council's assets and import"
    ):
        require(a_person(councils[0], "engineer"), Permission.EDIT_ASSETS)


def test_require_goes_by_the_council_of_the_row(councils):
    manager = a_person(councils[0], "asset_manager")
    require(manager, Permission.EDIT_ASSETS, an_asset(councils[0]))

    with pytest.raises(PermissionDenied):
        require(manager, Permission.EDIT_ASSETS, an_asset(councils[1]))


def test_council_is_its_own_row(councils):
    administrator = a_person(councils[0], "administrator")
    require(administrator, Permission.ADMINISTER, councils[0])

    with pytest.raises(PermissionDenied):
        require(administrator, Permission.ADMINISTER, councils[1])


def test_row_that_all_share_needs_the_right_anywhere(councils):
    maker = Manufacturer.objects.create(name="Lenovo")
    require(a_person(councils[1], "asset_manager"), Permission.EDIT_ASSETS, maker)

    with pytest.raises(PermissionDenied):
        require(a_person(councils[1], "engineer"), Permission.EDIT_ASSETS, maker)


class TestHistory:
    @pytest.fixture
    def asset(self, councils):
        asset = an_asset(councils[0], po_number="PO-1")
        with change_set(by=None) as deed:
            record(deed, [asset])
        self.change(asset, purchase_cost_ex_vat="899.00", notes="Dented")
        self.change(asset, cost_centre="R12")
        return asset

    def change(self, asset, **fields):
        before = snapshot([asset])
        for name, value in fields.items():
            setattr(asset, name, value)
        with change_set(by=None) as deed:
            record(deed, [asset], before)

    def fields_seen_by(self, person, asset) -> list[list[str]]:
        return [sorted(change.fields) for change in history_of(person, asset)]

    def test_is_told_newest_first_and_whole_to_who_sees_money(self, councils, asset):
        manager = a_person(councils[0], "asset_manager")

        assert self.fields_seen_by(manager, asset)[:2] == [["cost_centre"], ["notes", "purchase_cost_ex_vat"]]

    def test_leaves_out_money_and_changes_of_nothing_else(self, councils, asset):
        seen = self.fields_seen_by(a_person(councils[0], "engineer"), asset)

        assert [fields for fields in seen if "notes" in fields] == [["notes"]]
        assert len(seen) == 2
        assert not {"purchase_cost_ex_vat", "po_number", "cost_centre"} & {
            name for fields in seen for name in fields
        }

    def test_leaves_out_money_of_another_council(self, councils, asset):
        manager = a_person(councils[1], "asset_manager")

        assert self.fields_seen_by(manager, asset) == self.fields_seen_by(
            a_person(councils[0], "engineer"), asset
        )

    def test_of_one_row_is_not_mixed_with_another_of_its_number(self, councils, asset):
        maker = Manufacturer.objects.create(pk=asset.pk, name="Lenovo")

        assert history_of(a_person(councils[0], "asset_manager"), maker) == []

    def test_is_read_in_one_query(self, councils, asset, django_assert_num_queries):
        manager = a_person(councils[0], "asset_manager")
        may(manager, Permission.EXPORT)

        with django_assert_num_queries(1):
            [str(change.change_set) for change in history_of(manager, asset)]

"""Roles and team places: who gives them, what is kept apart, and what a second administrator decides."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from servicedesk.history.models import Change
from servicedesk.notifications.models import Message
from servicedesk.people.access import may
from servicedesk.people.grants import agree, end, give_role, join_team, refuse, withdraw
from servicedesk.people.models import Grant, GrantRequest, Person
from servicedesk.people.roles import Permission
from tests.factories import LONG_AGO, a_case_group, a_council, a_grant, a_person, a_requester, a_team

pytestmark = pytest.mark.django_db
JUNE, JULY, AUGUST = (datetime(2030, month, 1, tzinfo=UTC) for month in (6, 7, 8))


@pytest.fixture
def county():
    return a_council("OCC")


@pytest.fixture
def nadia(county):
    return a_person(county, "administrator", name="Nadia")


def again(person: Person) -> Person:
    return Person.objects.get(pk=person.pk)


def recorded(kind: str) -> list[str]:
    return list(Change.objects.filter(kind=kind).order_by("id").values_list("action", flat=True))


def told() -> set[str]:
    return set(Message.objects.values_list("person__email", flat=True))


class TestGiving:
    def test_is_recorded_and_says_who_gave_it(self, county, nadia):
        grant = give_role(a_person(county), "engineer", county, by=nadia)

        assert (grant.granted_by, grant.ends_at, recorded("people.grant")) == (nadia, None, ["create"])

    def test_lasts_from_and_to_what_was_said(self, county, nadia):
        person = a_person(county)
        grant = give_role(person, "engineer", county, by=nadia, starts_at=JUNE, ends_at=JULY)

        assert (grant.starts_at, grant.ends_at) == (JUNE, JULY)
        assert may(again(person), Permission.WORK_TICKETS) is False

    def test_nobody_is_said_to_have_had_one_before(self, county, nadia):
        grant = give_role(a_person(county), "engineer", county, by=nadia, starts_at=LONG_AGO, now=JUNE)
        place = join_team(a_person(county), a_team("Desk", county), by=nadia, starts_at=LONG_AGO, now=JUNE)

        assert (grant.starts_at, place.starts_at) == (JUNE, JUNE)

    def test_nobody_gives_one_to_themselves(self, county, nadia):
        with pytest.raises(PermissionDenied, match="to yourself"):
            give_role(nadia, "engineer", county, by=nadia)

    def test_takes_an_administrator_of_that_council(self, county, nadia):
        other = a_council("CDC")
        for by, where in [(nadia, other), (a_person(county, "engineer"), county)]:
            with pytest.raises(PermissionDenied):
                give_role(a_person(county), "engineer", where, by=by)

    @pytest.mark.parametrize(
        ("held", "wanted", "sentence"),
        [
            ("supplier_contact", "requester", "A supplier contact has no other role"),
            ("engineer", "supplier_contact", "A supplier contact has no other role"),
            ("auditor", "engineer", "An auditor does none of the work"),
            ("administrator", "auditor", "An auditor does none of the work"),
            ("engineer", "engineer", "has this role at Oxfordshire County Council already"),
        ],
    )
    def test_keeps_duties_apart(self, county, nadia, held, wanted, sentence):
        with pytest.raises(ValidationError, match=sentence):
            give_role(a_person(county, held), wanted, county, by=nadia)

    def test_auditor_may_ask_for_help_and_work_elsewhere(self, county, nadia):
        there = a_council("CDC")
        auditor = a_person(county, "auditor")
        a_grant(nadia, "administrator", there)

        give_role(auditor, "requester", county, by=nadia)
        give_role(auditor, "engineer", there, by=again(nadia))

        assert auditor.grants.count() == 3

    def test_roles_that_do_not_meet_in_time_are_not_beside_one_another(self, county, nadia):
        person = a_person(county)
        give_role(person, "engineer", county, by=nadia, starts_at=JUNE, ends_at=JULY)
        give_role(person, "auditor", county, by=nadia, starts_at=JULY, ends_at=AUGUST)

        with pytest.raises(ValidationError, match="An auditor"):
            give_role(person, "engineer", county, by=nadia, starts_at=JUNE + timedelta(days=40))

    def test_last_day_before_the_first_is_refused(self, county, nadia):
        with pytest.raises(ValidationError, match="The last day must not be before the first"):
            give_role(a_person(county), "engineer", county, by=nadia, starts_at=JULY, ends_at=JUNE)


class TestTakingAway:
    def test_takes_an_administrator_of_that_council(self, county):
        grant = a_grant(a_person(county), "engineer")

        with pytest.raises(PermissionDenied):
            end(grant, by=a_person(a_council("CDC"), "administrator"))

    def test_last_administrator_stays(self, county, nadia):
        leaving = a_person(county, "administrator", employed_to=JUNE.date())
        a_person(county, "administrator", is_active=False)
        for_a_while = a_person(county)
        Grant.objects.create(
            person=for_a_while, role="administrator", council=county, starts_at=timezone.now(), ends_at=JUNE
        )
        a_person(a_council("CDC"), "administrator")

        with pytest.raises(ValidationError, match="Oxfordshire County Council would have no administrator"):
            end(nadia.grants.get(), by=leaving)

        a_person(county, "administrator")
        end(nadia.grants.get(), by=leaving)
        assert may(again(nadia), Permission.ADMINISTER) is False

    def test_role_with_an_end_to_come_can_be_taken_away_at_once(self, county, nadia):
        person = a_person(county)
        grant = give_role(person, "engineer", county, by=nadia, ends_at=JUNE)

        end(grant, by=nadia)

        assert may(again(person), Permission.WORK_TICKETS) is False


class TestSecondAdministrator:
    @pytest.fixture(autouse=True)
    def second_needed(self, settings):
        settings.GRANTS_NEED_SECOND_ADMINISTRATOR = True

    @pytest.fixture
    def second(self, county):
        return a_person(county, "administrator", name="Sam")

    @pytest.fixture
    def asked(self, county, nadia, second) -> GrantRequest:
        request = give_role(a_person(county), "engineer", county, by=nadia)
        assert isinstance(request, GrantRequest)
        return request

    def test_role_waits_and_gives_nothing_yet(self, asked):
        assert may(asked.person, Permission.WORK_TICKETS) is False
        assert recorded("people.grantrequest") == ["create"]

    def test_agreed_to_it_is_given(self, asked, nadia, second):
        grant = agree(asked, by=second)

        asked.refresh_from_db()
        assert (asked.grant, asked.decided_by, grant.granted_by) == (grant, second, nadia)
        assert may(again(asked.person), Permission.WORK_TICKETS) is True
        assert recorded("people.grantrequest") == ["create", "update"]

    def test_refused_it_is_not(self, asked, second):
        refuse(asked, by=second)

        asked.refresh_from_db()
        assert (asked.grant, asked.decided_by, Grant.objects.filter(person=asked.person).count()) == (
            None,
            second,
            0,
        )

    def test_withdrawn_it_is_not(self, asked, nadia, second):
        with pytest.raises(PermissionDenied):
            withdraw(asked, by=second)

        withdraw(asked, by=nadia)

        with pytest.raises(ValidationError, match="decided already"):
            agree(asked, by=second)

    def test_is_decided_by_nobody_concerned(self, county, asked, nadia):
        elsewhere = a_person(a_council("CDC"), "administrator")
        a_grant(asked.person, "administrator")
        for by in (nadia, elsewhere, again(asked.person)):
            for decide in (agree, refuse):
                with pytest.raises(PermissionDenied):
                    decide(asked, by=by)

    def test_is_decided_once(self, asked, second):
        refuse(asked, by=second)

        with pytest.raises(ValidationError, match="decided already"):
            agree(asked, by=second)

    def test_is_asked_for_once(self, county, asked, nadia):
        with pytest.raises(ValidationError, match="asked for"):
            give_role(asked.person, "engineer", county, by=nadia)

    def test_what_came_between_is_looked_at_again(self, county, asked, second):
        a_grant(asked.person, "auditor")

        with pytest.raises(ValidationError, match="An auditor"):
            agree(asked, by=second)


class TestSoleAdministrator:
    """Where nobody else administers a council, somebody else than its administrator says who becomes the second one."""

    @pytest.fixture(autouse=True)
    def second_needed(self, settings):
        settings.GRANTS_NEED_SECOND_ADMINISTRATOR = True

    @pytest.fixture
    def sam(self, county):
        return a_person(county, name="Sam")

    def asked(self, person, by, role="administrator") -> GrantRequest:
        request = give_role(person, role, by.council, by=by)
        assert isinstance(request, GrantRequest)
        return request

    def test_cyber_officer_agrees_to_the_second_one(self, county, nadia, sam):
        officer, asked = a_person(county, "cyber_officer"), self.asked(sam, nadia)
        assert told() == {officer.email}

        grant = agree(asked, by=officer)

        asked.refresh_from_db()
        assert (asked.decided_by, grant.granted_by, may(again(sam), Permission.ADMINISTER)) == (
            officer,
            nadia,
            True,
        )

    def test_cyber_officer_refuses_it_as_well(self, county, nadia, sam):
        officer, asked = a_person(county, "cyber_officer"), self.asked(sam, nadia)

        refuse(asked, by=officer)

        assert may(again(sam), Permission.ADMINISTER) is False

    def test_cyber_officer_decides_on_no_other_role_and_on_none_where_an_administrator_can(
        self, county, nadia, sam
    ):
        officer, engineer = a_person(county, "cyber_officer"), self.asked(sam, nadia, "engineer")
        asked = self.asked(sam, nadia)
        a_person(county, "administrator")
        for request in (engineer, asked):
            with pytest.raises(PermissionDenied):
                agree(request, by=officer)

    def test_cyber_officer_never_becomes_it_by_their_own_word(self, county, nadia):
        officer = a_person(county, "cyber_officer")
        asked = self.asked(officer, nadia)

        with pytest.raises(PermissionDenied):
            agree(asked, by=officer)

    def test_where_nobody_can_agree_it_waits_three_days_and_who_watches_is_told(self, county, nadia, sam):
        manager, asked = a_person(county, "queue_manager"), self.asked(sam, nadia)
        assert told() == {manager.email}

        with pytest.raises(
            ValidationError, match="Nobody else can agree to this, so you can give the role from"
        ):
            agree(asked, by=nadia, now=asked.asked_at + timedelta(days=3, seconds=-1))
        agree(asked, by=nadia, now=asked.asked_at + timedelta(days=3))

        asked.refresh_from_db()
        assert (asked.decided_by, asked.grant.person) == (None, sam)

    def test_who_asked_never_agrees_where_somebody_else_can_however_long_they_wait(self, county, nadia, sam):
        asked = self.asked(sam, nadia)
        a_person(a_council("CDC"), "cyber_officer")

        with pytest.raises(PermissionDenied):
            agree(asked, by=nadia, now=asked.asked_at + timedelta(days=30))


class TestTeams:
    def test_administrator_of_any_of_its_councils_adds_and_takes_out(self, county, nadia):
        team, person = a_team("", county, a_council("CDC")), a_requester(county)

        place = join_team(person, team, by=nadia)
        end(place, by=nadia)

        assert recorded("people.membership") == ["create", "update"]

    def test_nobody_else_does(self, county):
        team = a_team("", county)
        for by in (a_person(a_council("CDC"), "administrator"), a_person(county, "queue_manager")):
            with pytest.raises(PermissionDenied):
                join_team(a_requester(county), team, by=by)

    def test_nobody_puts_themselves_into_a_case_group(self, county, nadia):
        with pytest.raises(PermissionDenied, match="yourself into a case group"):
            join_team(nadia, a_case_group("hr", county), by=nadia)

    def test_place_is_taken_once(self, county, nadia):
        team, person = a_team("", county), a_requester(county)
        join_team(person, team, by=nadia)

        with pytest.raises(ValidationError, match="already"):
            join_team(person, team, by=nadia)

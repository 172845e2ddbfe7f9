"""Targets of an agreement between councils: for whom, about what and until when they hold, and before what."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from servicedesk.people.agreements import end_agreement
from servicedesk.service_levels.keeping import councils_kept, may_keep, save_level
from servicedesk.service_levels.models import Calendar, CouncilCalendar, ServiceLevel
from servicedesk.service_levels.promises import Matter, Promises, promises_for
from tests.factories import a_council_alone, a_grant, a_person, a_service, a_team, an_agreement

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
USUAL = 28 * 3600 + 1800


@pytest.fixture
def county():
    return a_council_alone("OCC")


@pytest.fixture
def district():
    return a_council_alone("CDC")


@pytest.fixture
def both(county, district):
    """An administrator of both councils."""
    admin = a_person(district, "administrator")
    a_grant(admin, "administrator", county)
    return admin


@pytest.fixture
def hosted(county, district):
    return an_agreement("Hosted", district, provider=county)


@pytest.fixture
def payroll(county, hosted):
    service = a_service("Payroll", a_team("Host desk", county))
    service.agreements.add(hosted)
    return service


def a_target(agreement, hours: int, **more) -> ServiceLevel:
    given = {
        "ticket_type": "incident",
        "priority": "P3",
        "metric": "resolution",
        "target_seconds": hours * 3600,
    }
    return ServiceLevel.objects.create(agreement=agreement, **given | more)


def promised(council, service, at=NOON) -> int:
    return promises_for(Matter("incident", "P3", council.pk, service, at))["resolution"].level.target_seconds


def test_target_holds_for_the_customers_of_a_host_alone(county, district, hosted, payroll):
    a_target(hosted, 5)

    assert [promised(council, payroll) for council in (district, county)] == [5 * 3600, USUAL]


def test_target_holds_for_each_of_those_who_share(county, district):
    a_target(an_agreement("Joint", county, district), 5)
    third = a_council_alone("WODC")

    assert [promised(one, None) for one in (county, district, third)] == [5 * 3600, 5 * 3600, USUAL]


def test_target_holds_for_the_services_that_the_agreement_brings_alone(district, hosted, payroll):
    a_target(hosted, 5)
    email = a_service("E-mail", a_team("Host desk"))

    assert [promised(district, one) for one in (payroll, email, None)] == [5 * 3600, USUAL, USUAL]


def test_what_it_says_of_a_service_is_before_what_it_says_of_all_and_both_before_any_other(
    district, hosted, payroll
):
    a_target(None, 1, council=district, service=payroll)
    a_target(hosted, 5)
    assert promised(district, payroll) == 5 * 3600

    a_target(hosted, 6, service=payroll)
    a_target(hosted, 7, council=district)

    assert promised(district, payroll) == 6 * 3600


def test_of_two_agreements_the_one_that_began_later_counts(county, district, hosted, payroll):
    joint = an_agreement("Joint", county, district)
    joint.starts_at = NOON - timedelta(days=1)
    joint.save()
    a_target(hosted, 5)
    a_target(joint, 6)

    assert promised(district, payroll) == 6 * 3600


def test_what_is_reported_after_its_end_goes_by_the_ordinary_promises(district, hosted, payroll):
    a_target(hosted, 5)
    end_agreement(
        hosted, by=a_person(district, "administrator"), version=1, at=NOON, now=NOON - timedelta(days=1)
    )
    moments = [NOON - timedelta(seconds=1), NOON, NOON + timedelta(days=1)]

    assert [promised(district, payroll, at) for at in moments] == [5 * 3600, USUAL, USUAL]


def test_it_promises_nothing_until_all_have_agreed_and_it_has_begun(district, hosted, payroll):
    a_target(hosted, 5)
    hosted.awaiting.add(district)
    assert promised(district, payroll) == USUAL
    hosted.awaiting.clear()
    hosted.starts_at = NOON + timedelta(seconds=1)
    hosted.save()

    assert promised(district, payroll) == USUAL


def test_what_the_agreement_does_not_say_goes_by_the_ordinary_promises(district, hosted, payroll):
    a_target(hosted, 5)

    promises = promises_for(Matter("incident", "P3", district.pk, payroll, NOON))

    found = {metric: promise.level.agreement for metric, promise in promises.items()}
    assert found == {"response": None, "resolution": hosted}


def test_many_requests_of_one_kind_ask_the_database_as_often_as_one(
    district, hosted, payroll, django_assert_num_queries
):
    a_target(hosted, 5)
    matters = [Matter("incident", "P3", district.pk, payroll, NOON + timedelta(minutes=n)) for n in range(9)]
    for count in (1, 9):
        with django_assert_num_queries(3):  # the levels, and the hours of the council
            promises = Promises()
            for matter in matters[:count]:
                promises(matter)


def saved(agreement, by, **more) -> ServiceLevel:
    given = {"ticket_type": "incident", "priority": "P3", "metric": "resolution", "target_seconds": 3600}
    return save_level(ServiceLevel(), by=by, agreement=agreement, **given | more)


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        (
            {"kind": "uc", "metric": "supplier"},
            {
                "team": ["Select the team or supplier that promises it"],
                "agreement": ["A target of an agreement is a promise to the customer"],
            },
        ),
        ({"council": "OCC"}, {"council": ["Oxfordshire County Council is not promised anything by Hosted"]}),
        ({"service": "E-mail"}, {"service": ["Hosted does not cover E-mail"]}),
    ],
)
def test_target_that_makes_no_sense_is_refused(county, both, hosted, payroll, given, refused):
    named = {"council": {"OCC": county}, "service": {"E-mail": a_service("E-mail", a_team("Host desk"))}}

    with pytest.raises(ValidationError) as wrong:
        saved(hosted, both, **{name: named.get(name, {}).get(value, value) for name, value in given.items()})

    assert wrong.value.message_dict == refused


def test_an_agreement_that_has_ended_takes_no_more_targets_and_those_it_has_can_be_ended(both, hosted):
    admin = both
    level = saved(hosted, admin)
    end_agreement(hosted, by=admin, version=1)
    hosted.refresh_from_db()

    with pytest.raises(ValidationError) as wrong:
        saved(hosted, admin, priority="P2")
    changed = save_level(ServiceLevel.objects.get(pk=level.pk), by=admin, version=1, goal_percent=80)

    assert wrong.value.message_dict == {"agreement": ["Hosted has ended. Choose another, or none"]}
    assert changed.goal_percent == 80


def test_target_for_a_service_that_the_agreement_brings_no_longer_can_be_ended(both, hosted, payroll):
    level = saved(hosted, both, service=payroll)
    payroll.agreements.remove(hosted)
    a_service("E-mail", a_team("Host desk")).agreements.add(hosted)

    ended = save_level(level, by=both, version=1, ended_on=NOON.date() + timedelta(days=999))

    assert ended.ended_on == NOON.date() + timedelta(days=999)
    with pytest.raises(ValidationError):
        saved(hosted, both, service=payroll, priority="P2")


def test_same_promise_twice_of_one_agreement_is_refused_and_beside_one_of_none_is_not(district, both, hosted):
    admin = both
    saved(None, admin, council=district)
    saved(hosted, admin, council=district)

    with pytest.raises(ValidationError):
        saved(hosted, admin, council=district)


@pytest.mark.parametrize("of_whom", [{}, {"council": "CDC"}, {"council": "OCC"}])
def test_no_council_alone_sets_what_all_agreed_on_even_for_itself(county, district, both, hosted, of_whom):
    joint = an_agreement("Joint", county, district)
    named = {name: a_council_alone(code) for name, code in of_whom.items()}

    for agreement in (joint, hosted):
        for council in (county, district):
            with pytest.raises(PermissionDenied, match="all councils of an agreement"):
                saved(agreement, a_person(council, "administrator"), **named)

    level = saved(joint, both, **named)
    with pytest.raises(PermissionDenied):
        save_level(level, by=a_person(district, "administrator"), version=1, target_seconds=99 * 3600)


def test_what_is_archived_has_no_say_in_a_target(county, district):
    joint = an_agreement("Joint", county, district, a_council_alone("WODC"))
    admin = a_person(district, "administrator")
    a_grant(admin, "administrator", county)
    with pytest.raises(PermissionDenied):
        saved(joint, admin)
    joint.councils.filter(code="WODC").update(archived_at=NOON)

    assert saved(joint, admin).agreement == joint


def test_hours_that_measure_a_target_stay_with_the_councils_that_agreed_on_it(county, district, both, hosted):
    admin = a_person(district, "administrator")
    a_council_alone("WODC")
    hours = Calendar.objects.create(
        code="CDCX", name="Hours of the district", windows={"0": [["09:00", "17:00"]]}
    )
    CouncilCalendar.objects.create(council=district, calendar=hours)
    a_target(None, 5, calendar=hours, council=district)
    assert may_keep(admin, councils_kept(hours))

    saved(hosted, both, calendar=hours)

    assert councils_kept(hours) == {county.pk, district.pk}
    assert may_keep(both, councils_kept(hours))


def test_database_keeps_targets_for_customers(district, hosted):
    with pytest.raises(IntegrityError), transaction.atomic():
        a_target(hosted, 5, kind="ola", team=a_team("Desk", district))

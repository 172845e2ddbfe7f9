"""Calendars and service levels from outside: what a change does is answered first, and done when asked."""

from datetime import timedelta

import pytest
from django.utils import timezone

from servicedesk.catalogue.models import Service
from servicedesk.people.models import Council, Team
from servicedesk.service_levels.models import Calendar, CouncilCalendar, ServiceLevel
from servicedesk.tickets.raising import raise_ticket
from tests.factories import (
    a_council,
    a_grant,
    a_person,
    a_requester,
    a_service,
    a_team,
    an_agreement,
    an_engineer,
)

pytestmark = pytest.mark.django_db
PROMISE = {
    "ticket_type": "incident",
    "priority": "P4",
    "metric": "resolution",
    "council": "CDC",
    "target_seconds": 7200,
    "starts_on": "2020-01-01",
    "apply": True,
}

NINE_TO_FIVE = {str(day): [["09:00", "17:00"]] for day in range(5)}


@pytest.fixture
def cdc():
    return a_council("CDC")


@pytest.fixture
def hours(cdc):
    calendar = Calendar.objects.create(code="CDC", name="Cherwell hours", windows=NINE_TO_FIVE)
    CouncilCalendar.objects.create(council=cdc, calendar=calendar)
    return calendar


@pytest.fixture
def ticket(cdc, hours):
    ben = a_requester(cdc)
    return raise_ticket(by=ben, requester=ben, type="incident", title="Secret words")


@pytest.fixture
def ada(cdc, client):
    ada = a_person(cdc, "administrator")
    client.force_login(ada)
    return ada


def post(client, path: str, **given):
    return client.post(f"/api/v1/{path}", given, content_type="application/json")


def test_hours_are_told_to_administrators_alone(client, hours, ada, cdc):
    told = client.get(f"/api/v1/calendars/{hours.pk}/").json()

    assert told == {
        "id": hours.pk,
        "code": "CDC",
        "name": "Cherwell hours",
        "hours": {
            "timezone": "Europe/London",
            "exceptions": {},
            "versions": [],
            "windows": NINE_TO_FIVE,
            "holidays": "england-and-wales",
        },
        "reasons": {},
        "councils": ["CDC"],
        "teams": [],
        "version": 1,
    }
    client.force_login(an_engineer(cdc))
    assert client.get(f"/api/v1/calendars/{hours.pk}/").status_code == 404
    assert client.get("/api/v1/service-levels/").json()["results"] == []


def test_calendar_is_added_given_to_a_team_and_told_with_what_happened(client, ada, cdc):
    given = {"code": "CDC-LIB", "name": "Library hours", "windows": NINE_TO_FIVE, "bank_holidays": False}

    answer = post(client, "calendars/", **given)
    made = answer.json()
    hours = {"timezone": "Europe/London", "exceptions": {}, "versions": [], "windows": NINE_TO_FIVE}
    told = {"code": "CDC-LIB", "name": "Library hours", "councils": [], "teams": [], "version": 1}
    told["reasons"] = {}
    assert (answer.status_code, made) == (201, {"id": made["id"], "hours": hours, **told})
    path, team = f"calendars/{made['id']}/", a_team("Libraries", cdc)
    assert post(client, f"{path}keep/", team=team.pk, apply=True).status_code == 200
    later = {"version": 1, "always": True, "starts_on": "2036-04-01", "apply": True}
    assert post(client, f"{path}hours/", **later).status_code == 200
    closed = {"day": "2036-12-27", "windows": [], "reason": "Between the years", "apply": True}
    assert post(client, f"{path}day/", version=2, **closed).status_code == 200

    kept = client.get(f"/api/v1/{path}").json()
    happened = client.get(f"/api/v1/{path}history/").json()["results"]

    assert kept["teams"] == [{"id": team.pk, "name": "Libraries"}]
    assert [one["starts_on"] for one in kept["hours"]["versions"]] == ["2036-04-01"]
    assert kept["hours"]["exceptions"] == {"2036-12-27": None}
    assert kept["reasons"] == {"2036-12-27": "Between the years"}
    assert [one["action"] for one in happened] == ["create", "update", "create", "update", "create"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"code": "CDC", "name": "Other", "always": True}, "code"),
        ({"code": "lib", "name": "Other", "always": True}, "code"),
        ({"code": "LIB", "name": "Cherwell hours", "always": True}, "name"),
        ({"code": "LIB", "name": "Other"}, "windows"),
        ({"code": "LIB", "name": "Other", "windows": {"0": []}}, "windows"),
        ({"code": "LIB", "name": "Other", "windows": {"0": [["17:00", "09:00"]]}}, "__all__"),
    ],
)
def test_calendar_that_cannot_be_is_refused_at_its_field(client, ada, hours, given, field):
    answer = post(client, "calendars/", **given)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    assert not Calendar.objects.filter(code__in=["LIB", "lib"]).exists()


@pytest.mark.parametrize("role", ["engineer", "queue_manager", "auditor"])
def test_who_administers_nothing_adds_no_calendar(client, cdc, role):
    client.force_login(a_person(cdc, role))

    assert post(client, "calendars/", code="LIB", name="Library", always=True).status_code == 403


def test_promise_is_measured_by_a_calendar_and_by_another_afterwards(client, ada, hours):
    given = {
        "ticket_type": "incident",
        "priority": "P4",
        "metric": "resolution",
        "council": "CDC",
        "target_seconds": 3600,
        "starts_on": "2020-01-01",
        "ended_on": "2036-01-01",
        "apply": True,
    }
    assert post(client, "service-levels/", calendar="CDC", **given).status_code == 200
    level = ServiceLevel.objects.get(council__code="CDC")
    assert (level.calendar, f"{level.ended_on}") == (hours, "2036-01-01")

    changed = {"version": 1, "calendar": None, "apply": True}
    path = f"/api/v1/service-levels/{level.pk}/"
    assert client.patch(path, changed, content_type="application/json").status_code == 200

    level.refresh_from_db()
    assert (level.calendar, level.target_seconds) == (None, 3600)


def test_closing_a_day_is_answered_and_then_done(client, hours, ada, ticket):
    due, day = ticket.due_at, ticket.due_at.date().isoformat()
    given = {"version": 1, "day": day, "windows": [], "reason": "Snow"}

    looked = post(client, f"calendars/{hours.pk}/day/", **given).json()
    ticket.refresh_from_db()
    assert ticket.due_at == due
    done = post(client, f"calendars/{hours.pk}/day/", apply=True, most_late=0, **given).json()
    again = post(client, f"calendars/{hours.pk}/day/", apply=True, **given)

    ticket.refresh_from_db()
    assert (looked["applied"], done["applied"], again.status_code) == (False, True, 409)
    assert looked["effects"] == done["effects"]
    assert [one["metric"] for one in done["effects"]] == ["resolution"]
    assert done["effects"][0]["reference"] == ticket.reference
    assert ticket.due_at > due


def test_closed_day_becomes_an_ordinary_one_again(client, hours, ada, ticket):
    due, day = ticket.due_at, ticket.due_at.date().isoformat()
    post(client, f"calendars/{hours.pk}/day/", version=1, day=day, windows=[], apply=True)

    looked = post(client, f"calendars/{hours.pk}/clear-day/", version=2, day=day).json()
    done = post(client, f"calendars/{hours.pk}/clear-day/", version=2, day=day, apply=True).json()
    again = post(client, f"calendars/{hours.pk}/clear-day/", version=3, day=day, apply=True)

    ticket.refresh_from_db()
    assert (looked["applied"], done["applied"], again.status_code) == (False, True, 400)
    assert looked["effects"] == done["effects"]
    assert again.json()["errors"] == {"day": ["It has the hours of its weekday already"]}
    assert (ticket.due_at, hours.exceptions.count()) == (due, 0)


def test_hours_from_a_day_on_and_whose_they_are(client, hours, ada, cdc):
    firm = a_team("Acme", cdc, kind="supplier")
    week = {"version": 1, "windows": NINE_TO_FIVE, "starts_on": "2030-01-01", "apply": True}

    changed = post(client, f"calendars/{hours.pk}/hours/", **week)
    kept = post(client, f"calendars/{hours.pk}/keep/", team=firm.pk, apply=True)
    both = post(client, f"calendars/{hours.pk}/keep/", team=firm.pk, council="CDC")

    assert [one.status_code for one in (changed, kept, both)] == [200, 200, 400]
    assert (hours.versions.count(), firm.calendar_link.calendar) == (1, hours)


def test_promise_is_made_and_changed(client, ada, ticket, cdc):

    made = post(client, "service-levels/", **PROMISE).json()
    level = ServiceLevel.objects.get(council=cdc)
    changed = client.patch(
        f"/api/v1/service-levels/{level.pk}/",
        {"version": 1, "target_seconds": 3600, "apply": True},
        content_type="application/json",
    ).json()

    assert (made["applied"], changed["applied"]) == (True, True)
    assert ticket.clocks.get(metric="resolution").target_seconds == 3600


def test_promise_is_made_of_other_tickets_instead_and_both_follow(client, ada, ticket, cdc):
    ben, tills = a_requester(cdc), a_service("Tills", team=a_team("Tills", cdc))
    urgent = raise_ticket(
        by=ben, requester=ben, type="incident", title="Down", service=tills, impact=2, urgency=2
    )
    usual = {one: one.clocks.get(metric="resolution").target_seconds for one in (ticket, urgent)}
    post(client, "service-levels/", **PROMISE)
    level = ServiceLevel.objects.get(council=cdc)
    path = f"/api/v1/service-levels/{level.pk}/"
    changed = {"version": 1, "priority": "P3", "service": tills.pk, "starts_on": "2020-02-01"}

    looked = client.patch(path, changed, content_type="application/json").json()
    done = client.patch(path, {**changed, "apply": True}, content_type="application/json").json()

    now = {one: one.clocks.get(metric="resolution").target_seconds for one in (ticket, urgent)}
    told = client.get(path).json()
    assert urgent.priority == "P3"
    assert sorted(one["reference"] for one in looked["effects"]) == sorted(
        [ticket.reference, urgent.reference]
    )
    assert (looked["applied"], done["applied"], done["effects"]) == (False, True, looked["effects"])
    assert now == {ticket: usual[ticket], urgent: 7200}
    assert told == {
        "id": level.pk,
        "kind": "sla",
        "ticket_type": "incident",
        "priority": "P3",
        "metric": "resolution",
        "council": "CDC",
        "service": {"id": tills.pk, "name": "Tills"},
        "team": None,
        "agreement": None,
        "calendar": None,
        "starts_on": "2020-02-01",
        "ended_on": None,
        "target_seconds": 7200,
        "goal_percent": 90,
        "warn_percent": 75,
        "pausing": told["pausing"],
        "version": 2,
    }


def test_promise_of_what_is_archived_is_sent_back_whole_and_given_to_nothing_else_that_is(client, ada, cdc):
    tills, lamps = (a_service(name, team=a_team(name, cdc)) for name in ("Tills", "Lamps"))
    firm, other = (a_team(name, cdc, kind="supplier") for name in ("Acme", "Other"))
    of_firm = {"kind": "uc", "metric": "supplier", "team": firm.pk, "service": tills.pk}
    post(client, "service-levels/", **PROMISE | of_firm)
    for model in (Service, Team, Council):
        model.objects.update(archived_at=timezone.now())
    path = f"/api/v1/service-levels/{ServiceLevel.objects.get(council=cdc).pk}/"
    whole = {"version": 1, "council": "CDC", **of_firm, "target_seconds": 60, "apply": True}

    done, *refused = (
        client.patch(path, whole | {"version": 2} | given, content_type="application/json")
        for given in ({"version": 1}, {"service": lamps.pk}, {"team": other.pk})
    )

    assert [answer.status_code for answer in (done, *refused)] == [200, 400, 400]
    assert [[*answer.json()["errors"]] for answer in refused] == [["service"], ["team"]]
    level = ServiceLevel.objects.get(council=cdc)
    assert (level.council, level.team, level.service, level.target_seconds) == (cdc, firm, tills, 60)


def test_promise_is_not_moved_to_a_council_that_one_does_not_administer(client, ada, cdc):
    a_council("OCC")
    level = ServiceLevel.objects.filter(council=None).first()
    level.pk, level.council, level.version = None, cdc, 1
    level.save()
    path = f"/api/v1/service-levels/{level.pk}/"

    answers = [
        client.patch(path, {"version": 1, "council": code, "apply": True}, content_type="application/json")
        for code in ("OCC", "XYZ", None)
    ]

    level.refresh_from_db()
    assert [answer.status_code for answer in answers] == [400, 400, 403]
    assert [answers[number].json()["errors"] for number in (0, 1)] == [
        {"council": [f"Object with code={code} does not exist."]} for code in ("OCC", "XYZ")
    ]
    assert (level.council, level.version) == (cdc, 1)


@pytest.mark.parametrize("seconds", [0, 36_000_001, 2**40])
def test_target_is_no_longer_than_the_page_takes(client, ada, cdc, seconds):
    level = ServiceLevel.objects.filter(council=None).first()
    changed = {"version": 1, "target_seconds": seconds}

    refused = client.patch(f"/api/v1/service-levels/{level.pk}/", changed, content_type="application/json")

    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["target_seconds"])


def test_hours_are_not_given_to_a_team_or_a_council_that_is_archived(client, ada, hours, cdc):
    firm = a_team("Acme", cdc, kind="supplier", archived_at=timezone.now())

    refused = post(client, f"calendars/{hours.pk}/keep/", team=firm.pk)

    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["team"])


def test_target_of_an_agreement_is_made_and_listed_and_explains_to_the_desk_what_it_promises(
    client, ada, ticket, cdc
):
    hosted = an_agreement("Hosted", cdc, provider=a_council("OCC"))
    a_grant(ada, "administrator", a_council("OCC"))
    given = {
        "ticket_type": "incident",
        "priority": "P4",
        "metric": "resolution",
        "agreement": hosted.pk,
        "target_seconds": 7200,
        "starts_on": "2020-01-01",
        "apply": True,
    }

    made = post(client, "service-levels/", **given).json()
    listed = client.get(f"/api/v1/service-levels/?agreement={hosted.pk}").json()["results"]
    told = []
    for reader in (an_engineer(cdc), ticket.requester):
        client.force_login(reader)
        deadlines = client.get(f"/api/v1/tickets/{ticket.reference}/deadlines/").json()["results"]
        told.append({one["metric"]: one["agreement"] for one in deadlines})

    assert [one["reference"] for one in made["effects"]] == [ticket.reference]
    assert [one["agreement"] for one in listed] == [{"id": hosted.pk, "name": "Hosted"}]
    assert told == [{"response": "", "resolution": "Hosted"}, {"response": "", "resolution": ""}]


def test_promise_to_all_is_not_one_administrators_to_change(client, ada, ticket):
    a_council("OCC")
    level = ServiceLevel.objects.filter(council=None).first()

    refused = client.patch(
        f"/api/v1/service-levels/{level.pk}/",
        {"version": 1, "target_seconds": 1, "apply": True},
        content_type="application/json",
    )

    assert refused.status_code == 403


def test_cover_of_a_service_is_answered_and_then_done(client, ada, hours, cdc):
    hours.windows = {str((timezone.localdate() + timedelta(days=2)).weekday()): [["08:00", "17:30"]]}
    hours.save()
    ben, tills = a_requester(cdc), a_service("Library tills", team=a_team("Tills", cdc))
    ticket = raise_ticket(
        by=ben, requester=ben, type="incident", title="Down", service=tills, impact=1, urgency=1
    )
    path, given = f"services/{tills.pk}/cover/", {"version": 1, "covered": True}

    looked = post(client, path, **given).json()
    tills.refresh_from_db()
    assert not tills.out_of_hours_cover
    done = post(client, path, apply=True, most_late=0, **given).json()
    again = post(client, path, apply=True, **given)

    tills.refresh_from_db()
    ticket.refresh_from_db()
    assert (looked["applied"], done["applied"], again.status_code) == (False, True, 409)
    assert looked["summary"] == "1 open request gets another deadline; 0 promises are late at once."
    assert [one["metric"] for one in done["effects"]] == ["response", "next_update", "resolution"]
    assert tills.out_of_hours_cover
    assert timedelta(0) <= ticket.due_at - (ticket.reported_at + timedelta(hours=4)) < timedelta(minutes=1)


def test_cover_is_not_changed_among_the_other_facts_of_a_service(client, ada, cdc):
    tills = a_service("Library tills", team=a_team("Tills", cdc))
    given = {"version": 1, "sentence": "Where books are paid for", "out_of_hours_cover": True}

    refused = client.patch(f"/api/v1/services/{tills.pk}/", given, content_type="application/json")

    tills.refresh_from_db()
    assert refused.status_code == 400
    assert refused.json()["errors"]["out_of_hours_cover"] == [
        "Change it at services/{id}/cover/, which says first what it does to open tickets."
    ]
    assert (tills.sentence, tills.out_of_hours_cover, tills.version) == ("", False, 1)

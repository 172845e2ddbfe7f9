"""Announcements, agreements, duty and more for programs: the same deeds and the same doors as at the pages."""

from datetime import UTC, datetime

import pytest

from servicedesk.knowledge.announcing import draft
from servicedesk.knowledge.models import Announcement
from servicedesk.people.models import Absence, Agreement, RotaSlot
from tests.api.calling import NOTHING, as_person, named, one_page
from tests.factories import (
    a_council,
    a_council_alone,
    a_person,
    a_requester,
    a_site,
    a_team,
    a_ticket,
    an_agreement,
    an_engineer,
)

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.fixture
def county():
    return a_council("OCC")


@pytest.fixture
def mia(county):
    return a_person(county, "queue_manager", name="Mia")


def ask(person, method: str, path: str, body=None):
    answer = as_person(person).ask(method, path, body)
    return answer.status_code, answer.json() if answer.content else None


def test_announcement_from_draft_to_its_end(mia, county):
    hall = a_site(county, "County Hall")
    sent = {
        "title": "Email is down",
        "councils": ["OCC"],
        "sites": [hall.pk],
        "starts_at": "2026-11-23T09:00:00Z",
    }

    status, row = ask(mia, "POST", "announcements/", sent)

    path = f"announcements/{row['id']}/"
    assert (status, row) == (
        201,
        {
            "id": row["id"],
            "kind": "outage",
            "title": "Email is down",
            "text": "",
            "public_text": "",
            "councils": ["OCC"],
            "sites": [named(hall)],
            "service": None,
            "starts_at": "2026-11-23T09:00:00Z",
            "ends_at": None,
            "state": "draft",
            "published_at": None,
            "version": 1,
            "moves": ["publish", "discard"],
        },
    )
    ben = a_requester(county)
    assert ask(ben, "GET", path) == (404, NOTHING)
    assert ask(mia, "POST", f"{path}moves/publish/", {"version": 1})[1]["state"] == "published"
    assert ask(ben, "GET", path)[1]["moves"] == []
    assert [each["title"] for each in ask(ben, "GET", "announcements/?when=now")[1]["results"]] == [
        "Email is down"
    ]
    assert ask(ben, "GET", "announcements/?when=coming")[1] == one_page()
    assert ask(ben, "GET", "announcements/?when=ever")[0] == 400

    status, stale = ask(mia, "PATCH", path, {"title": "Slow", "version": 1})
    assert (status, stale["current"]["version"]) == (409, 2)
    assert ask(mia, "PATCH", path, {"title": "Slow", "version": 2})[1]["title"] == "Slow"
    status, over = ask(mia, "POST", f"{path}moves/end/", {"version": 3})
    assert (status, over["state"], over["ends_at"] is not None) == (200, "ended", True)
    assert ask(mia, "POST", f"{path}moves/withdraw/", {"version": 4})[0] == 409
    assert ask(mia, "POST", f"{path}moves/explode/", {"version": 4})[0] == 404


def test_announcement_takes_what_may_be_said_and_no_more(mia, county):
    sent = {
        "title": "Email is down",
        "councils": ["OCC"],
        "state": "published",
        "published_by": mia.pk,
        "written_by": 1,
        "version": 9,
    }

    status, row = ask(mia, "POST", "announcements/", sent)

    kept = Announcement.objects.get()
    assert (status, kept.state, kept.written_by, kept.published_by, kept.version) == (
        201,
        "draft",
        mia,
        None,
        1,
    )
    assert ask(a_requester(county), "POST", "announcements/", sent)[0] == 403
    alone = a_council_alone("WODC")
    assert ask(mia, "POST", "announcements/", {**sent, "councils": [alone.code]})[0] == 400
    elsewhere = draft(Announcement(title="Theirs", starts_at=MONDAY), [alone], by=None)
    assert ask(mia, "GET", f"announcements/{elsewhere.pk}/") == (404, NOTHING)


def test_agreement_is_proposed_agreed_to_and_ended(county):
    vale = a_council_alone("VALE")
    nadia, vic = a_person(county, "administrator"), a_person(vale, "administrator")
    sent = {"name": "Hosting", "kind": "host", "provider": "OCC", "councils": ["OCC", "VALE"]}

    status, row = ask(nadia, "POST", "agreements/", sent)

    path = f"agreements/{row['id']}/"
    begins = row.pop("starts_at")
    assert (status, begins is not None, row) == (
        201,
        True,
        {
            "id": row["id"],
            "name": "Hosting",
            "kind": "host",
            "provider": "OCC",
            "councils": ["OCC", "VALE"],
            "awaiting": ["VALE"],
            "ends_at": None,
            "version": 1,
        },
    )
    assert ask(nadia, "POST", f"{path}agree/", {"council": "VALE"})[0] == 400
    assert ask(vic, "POST", f"{path}agree/", {"council": "VALE"})[1]["awaiting"] == []
    assert ask(vic, "GET", f"{path}services/") == (200, one_page())
    assert ask(an_engineer(county), "GET", path) == (404, NOTHING)
    assert ask(nadia, "POST", f"{path}end/", {"version": 1})[0] == 409
    status, over = ask(nadia, "POST", f"{path}end/", {"version": 2})
    assert (status, over["ends_at"] is not None) == (200, True)
    assert not Agreement.objects.in_force().filter(name="Hosting").exists()


def test_agreement_is_proposed_by_who_takes_part_alone(county):
    nadia = a_person(county, "administrator")
    others = [a_council_alone(code).code for code in ("VALE", "WODC")]

    sent = {"name": "Theirs", "kind": "joint", "councils": others}
    assert ask(nadia, "POST", "agreements/", sent)[0] == 403
    assert ask(nadia, "POST", "agreements/", {**sent, "councils": ["OCC"]})[0] == 400
    assert ask(an_engineer(county), "POST", "agreements/", {**sent, "councils": ["OCC", "VALE"]})[0] == 403


def test_rota_of_a_team(mia, county):
    asha = an_engineer(county, name="Asha")
    team = a_team("Service desk", county, members=(asha,))
    path = f"teams/{team.pk}/rota/"
    slot = {"person": asha.pk, "weekday": 0, "begins": "08:00", "ends": "17:30"}

    status, made = ask(mia, "POST", path, slot)

    told = {
        "id": made["id"],
        "person": named(asha),
        "weekday": 0,
        "begins": "08:00:00",
        "ends": "17:30:00",
    }
    assert (status, made) == (201, told)
    assert ask(mia, "GET", path) == (200, one_page(told))
    assert list(ask(mia, "POST", path, slot)[1]["errors"]) == ["begins"]
    assert ask(mia, "POST", path, {**slot, "weekday": 7})[0] == 400
    assert ask(mia, "GET", f"teams/{team.pk}/on-duty/")[0] == 200
    assert ask(asha, "GET", path)[0] == 403
    assert ask(a_requester(county), "GET", path) == (404, NOTHING)
    assert ask(mia, "POST", f"{path}{made['id']}/remove/")[0] == 204
    assert ask(mia, "POST", f"{path}{made['id']}/remove/") == (404, NOTHING)
    assert RotaSlot.objects.count() == 0


def test_members_of_a_team(county):
    nadia, asha = a_person(county, "administrator"), an_engineer(county, name="Asha")
    team = a_team("Service desk", county)
    path = f"teams/{team.pk}/members/"

    status, place = ask(nadia, "POST", path, {"person": asha.pk})

    assert (status, place["person"], place["ends_at"]) == (201, named(asha), None)
    assert ask(nadia, "POST", path, {"person": asha.pk})[0] == 400
    status, left = ask(nadia, "POST", f"{path}{place['id']}/end/")
    assert (status, left["ends_at"] is not None) == (200, True)
    assert [each["id"] for each in ask(nadia, "GET", path)[1]["results"]] == [place["id"]]
    assert ask(nadia, "POST", f"{path}999999/end/") == (404, NOTHING)


def test_absences_of_a_person(mia, county):
    asha = an_engineer(county, name="Asha")
    path = f"people/{asha.pk}/absences/"

    status, away = ask(mia, "POST", path, {"first_day": "2026-12-01", "last_day": "2026-12-04"})

    assert (status, away) == (
        201,
        {"id": away["id"], "first_day": "2026-12-01", "last_day": "2026-12-04", "cancelled_at": None},
    )
    assert ask(mia, "POST", path, {"first_day": "2026-12-04", "last_day": "2026-12-01"})[0] == 400
    status, back = ask(mia, "POST", f"{path}{away['id']}/cancel/")
    assert (status, back["cancelled_at"] is not None) == (200, True)
    assert ask(mia, "GET", path) == (200, one_page(back))
    assert ask(asha, "POST", path, {"first_day": "2026-12-01", "last_day": "2026-12-04"})[0] == 403
    assert Absence.objects.count() == 1


def test_another_councils_rotas_and_absences_are_not_there(mia):
    far = a_council_alone("VALE")
    stranger, team = an_engineer(far), a_team("Theirs", far)

    assert ask(mia, "GET", f"teams/{team.pk}/rota/") == (404, NOTHING)
    assert ask(mia, "GET", f"people/{stranger.pk}/absences/") == (404, NOTHING)
    an_agreement("Hosting", far, provider=mia.council)
    assert ask(mia, "GET", f"people/{stranger.pk}/absences/")[0] == 200


def test_department_is_added_changed_and_archived(county):
    nadia = a_person(county, "administrator")

    status, row = ask(
        nadia, "POST", "departments/", {"council": "OCC", "name": "Highways", "cost_centre": "H1"}
    )

    assert (status, row) == (
        201,
        {
            "id": row["id"],
            "council": "OCC",
            "name": "Highways",
            "cost_centre": "H1",
            "archived_at": None,
            "version": 1,
        },
    )
    path = f"departments/{row['id']}/"
    assert ask(nadia, "PATCH", path, {"cost_centre": "H2", "version": 1})[1]["cost_centre"] == "H2"
    assert ask(nadia, "POST", f"{path}archive/", {"version": 2})[0] == 200
    assert ask(a_requester(a_council_alone("VALE")), "GET", path) == (404, NOTHING)
    assert ask(an_engineer(county), "PATCH", path, {"name": "Roads", "version": 3})[0] == 403


def test_role_that_waits_is_decided_by_another_administrator(county, settings):
    settings.GRANTS_NEED_SECOND_ADMINISTRATOR = True
    nadia, oli = (
        a_person(county, "administrator", name="Nadia"),
        a_person(county, "administrator", name="Oli"),
    )
    grace = a_person(county, name="Grace")
    asked = [
        ask(nadia, "POST", f"people/{grace.pk}/roles/", {"role": role, "council": "OCC"})[1]["id"]
        for role in ("engineer", "asset_manager", "requester")
    ]

    listed = ask(oli, "GET", "role-requests/")[1]["results"]
    assert [(each["id"], each["role"], each["asked_by"]["name"]) for each in listed] == [
        (asked[0], "engineer", "Nadia"),
        (asked[1], "asset_manager", "Nadia"),
        (asked[2], "requester", "Nadia"),
    ]
    assert ask(nadia, "POST", f"role-requests/{asked[0]}/agree/")[0] == 403
    status, agreed = ask(oli, "POST", f"role-requests/{asked[0]}/agree/")
    assert (status, agreed["decided_by"]["name"]) == (200, "Oli")
    assert ask(oli, "POST", f"role-requests/{asked[1]}/refuse/")[0] == 200
    assert ask(oli, "POST", f"role-requests/{asked[2]}/withdraw/")[0] == 403
    assert ask(nadia, "POST", f"role-requests/{asked[2]}/withdraw/")[0] == 200
    assert [grant.role for grant in grace.grants.all()] == ["engineer"]
    assert ask(oli, "POST", f"role-requests/{asked[0]}/agree/") == (404, NOTHING)
    assert ask(a_person(a_council("CDC"), "administrator"), "GET", "role-requests/")[1] == one_page()


def test_requester_says_how_content_they_are(county):
    ben, asha = a_requester(county, name="Ben"), an_engineer(county)
    ticket = a_ticket(ben, state="resolved", resolved_at=MONDAY)
    path = f"tickets/{ticket}/satisfaction/"
    assert ask(ben, "GET", path) == (404, NOTHING)

    status, answer = ask(ben, "POST", path, {"score": 4, "comment": "Quick"})

    at = answer.pop("at")
    assert (status, at is not None, answer) == (
        200,
        True,
        {"score": 4, "comment": "Quick", "by": named(ben), "version": 1},
    )
    assert ask(asha, "GET", path)[1]["score"] == 4
    assert ask(asha, "POST", path, {"score": 1})[0] == 403
    assert ask(ben, "POST", path, {"score": 6})[0] == 400
    assert ask(ben, "POST", path, {"score": 2})[0] == 409
    assert ask(ben, "POST", path, {"score": 2, "version": 1})[1]["score"] == 2
    assert ask(a_requester(county), "GET", path) == (404, NOTHING)

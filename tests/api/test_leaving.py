"""The last day of somebody from outside: what they have in hand as far as one may know, and setting it."""

from datetime import date

import pytest

from assets.disposal.chasing import expect
from servicedesk.people.models import Person
from tests.factories import (
    a_case_group,
    a_council,
    a_grant,
    a_person,
    a_requester,
    a_service,
    a_team,
    a_ticket,
    an_asset,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def occ():
    return a_council("OCC")


@pytest.fixture
def ada(occ, client):
    a_person(occ, "administrator")
    ada = a_person(occ, "administrator", name="Ada")
    client.force_login(ada)
    return ada


@pytest.fixture
def grace(occ):
    manager = a_requester(occ, name="Mary")
    return a_person(occ, "engineer", name="Grace", line_manager=manager)


def named(row) -> dict:
    return {"id": row.pk, "name": str(row)}


def test_it_tells_kit_tickets_and_approvals_as_far_as_one_may_know(client, ada, grace, occ):
    team, ben = a_team("Desk", members=(grace,)), a_requester(occ)
    payroll = a_service("Payroll", team, owner=grace)
    tag = an_asset(occ, "TAG-7", holder=grace)
    (due,) = expect([tag], by=None, why="swapped", due_on=date(2026, 11, 27))
    group = a_case_group("hr", occ, grace)
    asked = a_ticket(grace)
    a_ticket(grace, sharing="restricted", sensitivity="hr", case_group=group)
    working = a_ticket(ben, state="in_progress", team=team, assignee=grace)
    approving = a_ticket(ben, state="waiting_approval", approver=grace)
    path = f"/api/v1/people/{grace.pk}/leaving/"

    told = client.get(path).json()
    a_grant(ada, "engineer")
    told_to_the_desk = client.get(path).json()

    role = told["roles"][0]
    assert told == {
        "employed_to": None,
        "is_active": True,
        "version": 1,
        "passes_to": named(grace.line_manager),
        "kit": [{"category": "laptop", "model": None, "asset": None}],
        "due_back": [],
        "tickets": [
            {"name": "asked_for", "count": 1, "references": []},
            {"name": "working_on", "count": 1, "references": []},
            {"name": "approving", "count": 1, "references": []},
        ],
        "tasks": 0,
        "teams": [named(team), named(group)],
        "roles": [role],
        "services": [named(payroll)],
        "reports": [],
        "tokens": 0,
        "webhooks": [],
        "batches": {"count": 0, "references": []},
        "elsewhere": 0,
    }
    assert (role["role"], role["council"]) == ("engineer", "OCC")
    assert told_to_the_desk["kit"] == [{"category": "laptop", "model": None, "asset": named(tag)}]
    asked_for = {"id": due.pk, "asset": named(tag), "due_on": "2026-11-27", "why": "swapped"}
    assert told_to_the_desk["due_back"] == [asked_for]
    assert [one["references"] for one in told_to_the_desk["tickets"]] == [
        [str(asked)],
        [str(working)],
        [str(approving)],
    ]


def test_last_day_is_set_and_what_is_stale_is_refused(client, ada, grace):
    path, given = f"/api/v1/people/{grace.pk}/leaving/", {"employed_to": "2030-12-31", "version": 1}

    done = client.post(path, given, content_type="application/json")
    stale = client.post(path, given | {"employed_to": "2031-01-01"}, content_type="application/json")

    grace.refresh_from_db()
    assert (done.status_code, done.json()["employed_to"]) == (200, "2030-12-31")
    assert (stale.status_code, stale.json()["current"]["employed_to"]) == (409, "2030-12-31")
    assert grace.employed_to == date(2030, 12, 31)


@pytest.mark.parametrize(("who", "status"), [("engineer", 403), ("requester", 404)])
def test_it_is_for_who_administers_their_council(client, ada, grace, occ, who, status):
    client.force_login(a_person(occ, who))
    path, given = f"/api/v1/people/{grace.pk}/leaving/", {"employed_to": "2030-12-31", "version": 1}
    answers = client.get(path), client.post(path, given, content_type="application/json")
    assert [answer.status_code for answer in answers] == [status, status]
    assert Person.objects.get(pk=grace.pk).employed_to is None

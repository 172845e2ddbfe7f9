"""Who asks, and what they may do: what the pages would let them."""

from datetime import UTC, datetime

import pytest
from django.test import RequestFactory

from servicedesk.config.shell import Shell
from servicedesk.people.access import councils_of
from servicedesk.people.grants import end, give_role, join_team
from servicedesk.people.models import Council
from servicedesk.people.roles import ROLES, Permission
from servicedesk.spreadsheets.export_forms import exported_kinds
from servicedesk.spreadsheets.forms import UploadForm
from tests.api.calling import as_person, as_program, named
from tests.factories import a_council, a_council_alone, a_person, a_requester, a_team, an_engineer

pytestmark = pytest.mark.django_db
MAY = datetime(2026, 5, 3, 9, tzinfo=UTC)
SINCE = "2026-05-03T10:00:00+01:00"


def me(person) -> dict:
    return as_person(person).get("me/").json()


def test_a_requester_is_told_who_they_are_and_what_they_may_do():
    ada = a_person(None, "administrator", name="Ada")
    ben = a_person(name="Ben", email="ben@occ.example")
    role = give_role(ben, "requester", ben.council, by=ada)
    role.starts_at = MAY
    role.save()

    assert as_program(ben).get("me/").json() == {
        "id": ben.pk,
        "name": "Ben",
        "email": "ben@occ.example",
        "council": "OCC",
        "roles": [
            {
                "id": role.pk,
                "role": "requester",
                "council": "OCC",
                "starts_at": SINCE,
                "ends_at": None,
                "name": "Requester",
                "given_by": named(ada),
            }
        ],
        "teams": [],
        "rights": [
            {
                "permission": "raise_ticket",
                "words": "Ask the IT desk for help, and follow your own requests",
                "councils": ["OCC"],
                "only_own": True,
            },
            {
                "permission": "see_own_assets",
                "words": "See the equipment that you hold",
                "councils": ["OCC"],
                "only_own": True,
            },
            {
                "permission": "export",
                "words": "Export what you can see to a spreadsheet",
                "councils": ["OCC"],
                "only_own": True,
            },
        ],
        "imports": [],
        "exports": [{"kind": kind.code, "words": kind.many} for kind in exported_kinds()],
        "places": [
            {"words": "Home", "page": "/home/"},
            {"words": "Get help", "page": "/help/"},
            {"words": "My requests", "page": "/requests/"},
            {"words": "Announcements", "page": "/announcements/"},
        ],
    }


def test_rights_reach_the_councils_that_the_desk_serves_and_no_others():
    a_council("CDC")
    a_council_alone("VWH")
    told = me(an_engineer(a_council("OCC")))["rights"]

    rights = {one["permission"]: (one["councils"], one["only_own"]) for one in told}

    assert rights == {
        "raise_ticket": (["OCC"], True),
        "see_shared_tickets": (["CDC", "OCC"], False),
        "see_council_tickets": (["OCC"], False),
        "work_tickets": (["CDC", "OCC"], False),
        "see_own_assets": (["OCC"], True),
        "see_assets": (["CDC", "OCC"], False),
        "move_assets": (["CDC", "OCC"], False),
        "export": (["CDC", "OCC"], False),
        "draft_announcements": (["CDC", "OCC"], False),
    }


@pytest.mark.parametrize("role", ROLES)
def test_what_is_told_is_what_the_pages_go_by(role):
    a_council("CDC")
    person = a_person(a_council("OCC"), role)
    request = RequestFactory().get("/")
    request.user = person
    form = UploadForm(person)
    codes = dict(Council.objects.values_list("pk", "code"))

    told = me(person)

    assert {one["permission"]: one["councils"] for one in told["rights"]} == {
        each.value: sorted(codes[key] for key in councils_of(person, each))
        for each in Permission
        if councils_of(person, each)
    }
    assert [(one["words"], one["page"]) for one in told["places"]] == [
        (place["text"], place["href"]) for place in Shell(request).navigation
    ]
    imported = {one["kind"]: one["councils"] for one in told["imports"]}
    assert form.kinds.keys() <= imported.keys()
    assert {
        kind: sorted(codes[key] for key in form.kinds[kind].may_import(person)) for kind in form.kinds
    } == {kind: imported[kind] for kind in form.kinds}
    opened = as_person(person).ask("POST", "exports/", {"kind": "assets", "format": "csv"}).status_code
    assert (opened == 201) is bool(told["exports"])


def test_an_asset_manager_brings_in_assets_of_their_own_council_alone():
    a_council("CDC")

    imports = {
        one["kind"]: one["councils"] for one in me(a_person(a_council("OCC"), "asset_manager"))["imports"]
    }

    assert imports["assets"] == ["OCC"]
    assert {code for codes in imports.values() for code in codes} == {"OCC"}


def test_what_has_ended_is_told_no_more():
    ada = a_person(None, "administrator")
    ben, team = a_requester(), a_team("Desk")
    place = join_team(ben, team, by=ada)
    assert me(ben)["teams"] == [
        {"team": named(team), "starts_at": me(ben)["teams"][0]["starts_at"], "ends_at": None}
    ]

    end(place, by=ada)
    end(ben.grants.get(), by=ada)

    told = me(ben)
    assert [told[name] for name in ("roles", "teams", "rights", "imports", "exports")] == [[]] * 5
    assert told["places"] == [{"words": "Home", "page": "/home/"}]


def test_a_stranger_is_told_nothing(client):
    assert client.get("/api/v1/me/").status_code == 401

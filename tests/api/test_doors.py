"""Role by council by endpoint: who is let in, and that a hidden row is answered as one that is not there."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from servicedesk.people.grants import end
from servicedesk.people.roles import ROLES
from tests.api.calling import NOTHING, as_person, as_program
from tests.factories import (
    a_case_group,
    a_council,
    a_grant,
    a_model,
    a_person,
    a_requester,
    a_service,
    a_site,
    a_team,
    a_ticket,
    an_asset,
    an_engineer,
)

pytestmark = pytest.mark.django_db

COUNCILS = ("OCC", "CDC")
BOTH, OWN, NONE = {"OCC", "CDC"}, {"OCC"}, set()
# Role at OCC: the councils whose shared tickets, own tickets, private tickets, assets and sites it sees.
SIGHT = {
    "requester": (NONE, NONE, NONE, NONE, OWN),
    "engineer": (BOTH, OWN, NONE, BOTH, BOTH),
    "queue_manager": (BOTH, OWN, NONE, BOTH, BOTH),
    "asset_manager": (NONE, NONE, NONE, BOTH, BOTH),
    "cyber_officer": (BOTH, BOTH, NONE, BOTH, BOTH),
    "service_owner": (NONE, NONE, NONE, NONE, OWN),
    "supplier_contact": (NONE, NONE, NONE, NONE, OWN),
    "budget_approver": (NONE, NONE, NONE, OWN, OWN),
    "administrator": (NONE, NONE, NONE, NONE, OWN),
    "auditor": (OWN, OWN, NONE, OWN, OWN),
}


@pytest.fixture
def world():
    """For each council a ticket of each sharing, an asset and a site: {(noun, council): (path, key)}."""
    for code in COUNCILS:
        a_council(code)
    paths = {}
    for code in COUNCILS:
        council = a_council(code)
        person = a_requester(council)
        group = a_case_group("hr", council)
        tickets = {
            "shared": a_ticket(person),
            "own": a_ticket(person, sharing="own_council"),
            "private": a_ticket(person, sharing="restricted", sensitivity="hr", case_group=group),
        }
        paths |= {(noun, code): f"tickets/{ticket.reference}/" for noun, ticket in tickets.items()}
        paths["asset", code] = f"assets/{an_asset(council, holder=person).pk}/"
        paths["site", code] = f"sites/{a_site(council).pk}/"
    return paths


def test_the_table_names_every_role():
    assert set(SIGHT) == set(ROLES)


@pytest.mark.parametrize("role", SIGHT)
def test_each_role_is_let_in_where_the_table_says(world, role):
    caller = as_program(a_person(a_council("OCC"), role))
    nouns = dict(zip(("shared", "own", "private", "asset", "site"), SIGHT[role], strict=True))

    answers = {key: caller.get(path) for key, path in world.items()}

    assert {key: answer.status_code for key, answer in answers.items()} == {
        (noun, code): 200 if code in nouns[noun] else 404 for noun, code in world
    }
    assert [answer.json() for answer in answers.values() if answer.status_code == 404] == [NOTHING] * sum(
        answer.status_code == 404 for answer in answers.values()
    )


@pytest.mark.parametrize("role", SIGHT)
def test_lists_hold_what_can_be_opened_and_nothing_else(world, role):
    caller = as_person(a_person(a_council("OCC"), role))
    opened = {path for path in world.values() if caller.get(path).status_code == 200}

    listed = {f"tickets/{row['reference']}/" for row in caller.get("tickets/").json()["results"]}
    for noun in ("assets", "sites"):
        listed |= {f"{noun}/{row['id']}/" for row in caller.get(f"{noun}/").json()["results"]}

    assert listed == opened


# Everything that can be asked of one row.
OF_A_TICKET = [
    ("GET", "", None),
    ("HEAD", "", None),
    ("PATCH", "", {"version": 1, "title": "Mine"}),
    ("GET", "comments/", None),
    ("POST", "comments/", {"visibility": "public", "body": "Hello"}),
    ("GET", "deadlines/", None),
    ("POST", "moves/take/", {}),
    ("POST", "moves/cancel/", {"reason": "Mine"}),
]
OF_AN_ASSET = [
    ("GET", "", None),
    ("PATCH", "", {"version": 1, "room": "Mine"}),
    ("GET", "history/", None),
    ("GET", "tickets/", None),
]


def answered(caller, method: str, path: str, body) -> tuple:
    """All of an answer that a person could tell apart, and how many questions it took."""
    with CaptureQueriesContext(connection) as queries:
        answer = caller.ask(method, path, body)
    headers = {name: value for name, value in answer.headers.items() if name != "Date"}
    return answer.status_code, headers, answer.content, len(queries)


@pytest.mark.parametrize(("method", "below", "body"), OF_A_TICKET)
@pytest.mark.parametrize("hidden", ["private", "own"])
def test_a_hidden_ticket_is_answered_as_none(world, method, below, body, hidden):
    caller = as_person(an_engineer(a_council("OCC")))
    path = world[hidden, "CDC"]

    answers = [answered(caller, method, f"{row}{below}", body) for row in (path, "tickets/INC-2026-999999/")]

    assert answers[0] == answers[1]
    assert answers[0][0] == 404


@pytest.mark.parametrize(("method", "below", "body"), OF_AN_ASSET)
def test_a_hidden_asset_is_answered_as_none(world, method, below, body):
    caller = as_person(a_person(a_council("OCC"), "budget_approver"))

    answers = [
        answered(caller, method, f"{row}{below}", body) for row in (world["asset", "CDC"], "assets/999999/")
    ]

    assert answers[0] == answers[1]
    assert answers[0][0] == 404


def test_hidden_rows_of_the_other_nouns_are_answered_as_none():
    county, district = a_council("OCC"), a_council("CDC")
    ben, asha = a_requester(county), an_engineer(county)
    theirs = a_service("Theirs")
    theirs.councils.set([district])
    hidden = [
        (ben, f"people/{a_requester(county).pk}/"),
        (ben, f"people/{a_requester(district).pk}/"),
        (ben, f"sites/{a_site(district).pk}/"),
        (ben, f"teams/{a_team().pk}/"),
        (ben, f"services/{theirs.pk}/"),
        (ben, f"asset-models/{a_model().pk}/"),
        (ben, "manufacturers/1/"),
        (asha, f"teams/{a_case_group('hr', county).pk}/"),
    ]
    for person, path in hidden:
        noun = path.split("/")[0]
        caller = as_person(person)
        assert answered(caller, "GET", path, None) == answered(caller, "GET", f"{noun}/999999/", None)
        assert caller.get(path).json() == NOTHING


def test_a_person_without_a_grant_sees_nothing_at_all(world):
    caller = as_person(a_person(a_council("OCC")))
    nouns = ("tickets", "assets", "asset-models", "manufacturers", "councils", "sites", "teams", "people")
    for noun in (*nouns, "imports", "exports"):
        assert caller.get(f"{noun}/").json()["results"] == []
    assert {caller.get(path).status_code for path in world.values()} == {404}


def test_a_token_loses_its_rights_with_the_grant_and_dies_with_the_account(world):
    asha = an_engineer(a_council("OCC"))
    program = as_program(asha)
    path = world["shared", "CDC"]
    assert program.get(path).status_code == 200

    end(asha.grants.get(), by=None)
    assert program.get(path).json() == NOTHING
    a_grant(asha, "engineer")
    assert program.get(path).status_code == 200
    asha.is_active = False
    asha.save()
    assert program.get(path).status_code == 401


def test_a_session_loses_its_rights_with_the_grant_and_dies_with_the_account(world):
    asha = an_engineer(a_council("OCC"))
    caller = as_person(asha)
    end(asha.grants.get(), by=None)
    assert caller.get(world["shared", "CDC"]).json() == NOTHING
    asha.is_active = False
    asha.save()
    assert caller.get(world["shared", "CDC"]).status_code == 401


@pytest.mark.parametrize("named", ["service", "requester"])
def test_a_ticket_names_only_what_the_person_may_see(named):
    ben = a_requester(a_council("OCC"))
    theirs = a_service("Theirs")
    theirs.councils.set([a_council("CDC")])
    hidden = {"service": theirs, "requester": a_requester(a_council("CDC"))}[named]

    answers = [
        as_person(ben)
        .ask("POST", "tickets/", {"type": "incident", "title": "x", named: key})
        .content.replace(str(key).encode(), b"KEY")
        for key in (hidden.pk, 999999)
    ]

    assert answers[0] == answers[1]


@pytest.mark.parametrize("named", ["site", "department", "holder"])
def test_an_asset_names_only_what_belongs_to_its_council(named):
    county, district = a_council("OCC"), a_council("CDC")
    asset = an_asset(county)
    others = {
        "site": a_site(district),
        "holder": a_requester(district),
        "department": district.departments.create(name="Planning"),
    }
    caller = as_person(a_person(county, "asset_manager"))

    answers = [
        caller.ask("PATCH", f"assets/{asset.pk}/", {"version": 1, named: key}).json()["errors"]
        for key in (others[named].pk, 999999)
    ]

    assert answers == [
        {named: [f'Invalid pk "{key}" - object does not exist.']} for key in (others[named].pk, 999999)
    ]


def test_a_duplicate_names_only_a_ticket_that_the_person_may_see(world):
    mia = a_person(a_council("OCC"), "queue_manager")
    reference = world["private", "CDC"].split("/")[1]
    path = f"{world['shared', 'OCC']}moves/cancel/"

    answers = [
        as_person(mia).ask("POST", path, {"reason": "Twice", "duplicate_of": other}).json()["errors"]
        for other in (reference, "INC-2026-999999")
    ]

    assert answers == [
        {"duplicate_of": [f"Object with reference={other} does not exist."]}
        for other in (reference, "INC-2026-999999")
    ]

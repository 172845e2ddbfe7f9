from datetime import UTC, datetime

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from servicedesk.people.grants import end, give_role, join_team
from servicedesk.people.rights import Ground, Right, rights_of
from tests.factories import a_council, a_person, a_requester, a_team

MAY = datetime(2026, 5, 3, 9, tzinfo=UTC)


def page_of(person) -> str:
    client = Client()
    client.force_login(person)
    return " ".join(client.get("/account/").content.decode().split())


def test_rights_say_where_they_reach_and_which_grant_gives_them(db):
    county, district = a_council("OCC"), a_council("CDC")
    person = a_person(county, name="Nadia Rahman")
    here = give_role(person, "requester", county, by=None, now=MAY)
    there = give_role(person, "auditor", district, by=None, now=MAY)

    assert rights_of(person) == [
        Right("Ask the IT desk for help, and follow your own requests", [Ground("What concerns you", here)]),
        Right("See the requests that the councils share", [Ground("Cherwell District Council", there)]),
        Right(
            "See the requests that a council keeps to itself", [Ground("Cherwell District Council", there)]
        ),
        Right("See the equipment that you hold", [Ground("What concerns you", here)]),
        Right(
            "See the asset register, without what anything cost", [Ground("Cherwell District Council", there)]
        ),
        Right(
            "Open a private request for four hours, for a reason that others are told",
            [Ground("Cherwell District Council", there)],
        ),
        Right("See the figures of the council's requests", [Ground("Cherwell District Council", there)]),
        Right(
            "Export what you can see to a spreadsheet",
            [Ground("What concerns you", here), Ground("Cherwell District Council", there)],
        ),
        Right(
            "See who works for the council and in which role, and the calendars and service levels",
            [Ground("Cherwell District Council", there)],
        ),
    ]


def test_a_right_that_two_roles_give_names_both_grounds(db):
    county, district = a_council("OCC"), a_council("CDC")
    person = a_person(county)
    grants = [give_role(person, "engineer", council, by=None, now=MAY) for council in (county, district)]

    keeps_to_itself = rights_of(person)[2]

    assert keeps_to_itself == Right(
        "See the requests that a council keeps to itself",
        [Ground("Oxfordshire County Council", grants[0]), Ground("Cherwell District Council", grants[1])],
    )


def test_account_page_says_who_gave_the_role_and_since_when(db):
    administrator = a_person(None, "administrator", name="Oluwaseun Adeyemi")
    person = a_person(name="Kwame Boateng")
    give_role(person, "engineer", person.council, by=administrator, now=MAY)
    join_team(person, a_team("Service Desk"), by=administrator, now=MAY)

    page = page_of(person)

    assert "Kwame Boateng" in page
    assert "Engineer at Oxfordshire County Council since 3 May 2026, given by Oluwaseun Adeyemi" in page
    assert "Service Desk, since 3 May 2026" in page


def test_account_page_leaves_out_what_has_ended(db):
    person = a_requester()
    team = a_team("Network Team", members=(person,))
    end(person.grants.get(), by=None)
    end(team.memberships.get(), by=None)

    page = page_of(person)

    assert "You have no role yet" in page
    assert "You are in no team." in page
    assert "Network Team" not in page


def queries_of(person) -> int:
    client = Client()
    client.force_login(person)
    client.get("/account/")
    with CaptureQueriesContext(connection) as queries:
        client.get("/account/")
    return len(queries)


def test_account_page_asks_as_much_for_three_grants_as_for_one(db):
    giver = a_person(None, "administrator")
    people = a_person(), a_person()
    roles_of = ["engineer"], ["engineer", "asset_manager", "requester"]
    for person, roles in zip(people, roles_of, strict=True):
        for role in roles:
            give_role(person, role, person.council, by=giver, now=MAY)

    assert queries_of(people[0]) == queries_of(people[1])


def test_account_page_is_closed_to_strangers(db):
    response = Client().get("/account/")

    assert (response.status_code, response["Location"]) == (302, "/account/login/?next=/account/")

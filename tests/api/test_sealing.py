"""Sealed tickets through the API: the same deeds and the same doors as at the pages."""

import pytest

from servicedesk.tickets.models import BreakGlass, OpeningRequest, RefusedGlass, Sighting, Ticket
from servicedesk.tickets.raising import raise_ticket
from tests.api.calling import NOTHING, as_person, named, problem
from tests.factories import a_case_group, a_council, a_person, a_requester, an_engineer

pytestmark = pytest.mark.django_db
REASON = "The case group is away"


@pytest.fixture
def people():
    cdc = a_council("CDC")
    found = {
        "ben": a_requester(cdc, name="Ben"),
        "dev": an_engineer(cdc, name="Dev"),
        "hana": a_requester(cdc, name="Hana"),
        "hugh": a_requester(cdc, name="Hugh"),
        "audrey": a_person(cdc, "auditor", name="Audrey"),
        "cy": a_person(a_council("OCC"), "cyber_officer", name="Cy"),
    }
    for kind in ("hr", "cyber"):
        a_case_group(kind, cdc, found["hana"], found["hugh"])
    return found


def raised(people, **fields) -> Ticket:
    given = {"by": people["ben"], "requester": people["ben"], "type": "incident", "title": "Payslip"}
    return raise_ticket(**{**given, **fields})


def test_ticket_is_made_private(people):
    ticket = raised(people)
    path = f"tickets/{ticket}/private/"

    assert as_person(people["dev"]).ask("POST", path, {"sensitivity": "normal"}).status_code == 400
    assert as_person(people["dev"]).ask("POST", path, {"sensitivity": "hr"}).status_code == 204
    assert as_person(people["dev"]).ask("POST", path, {"sensitivity": "hr"}).json() == NOTHING
    assert as_person(people["ben"]).ask("POST", path, {"sensitivity": "hr"}).status_code == 409


def test_requester_makes_it_private_and_still_sees_it(people):
    ticket = raised(people)
    answer = as_person(people["ben"]).ask("POST", f"tickets/{ticket}/private/", {"sensitivity": "hr"})

    assert (answer.status_code, answer.json()["sharing"], answer.json()["sensitivity"]) == (
        200,
        "restricted",
        "hr",
    )


def test_opening_is_asked_by_one_and_decided_by_another(people):
    ticket = raised(people, sensitivity="hr")
    hana, hugh = as_person(people["hana"]), as_person(people["hugh"])
    path = f"tickets/{ticket}/openings/"
    body = {"sharing": "shared", "sensitivity": "normal", "reason": REASON}
    answer = hana.ask("POST", path, body)
    asked = OpeningRequest.objects.get()

    assert answer.status_code == 201
    assert answer.json() == {
        **body,
        "id": asked.pk,
        "asked_by": named(people["hana"]),
        "asked_at": answer.json()["asked_at"],
        "decided_by": None,
        "decided_at": None,
        "agreed": None,
    }
    assert hugh.get(path).json()["results"] == [answer.json()]
    assert as_person(people["ben"]).get(path).status_code == 403
    decide = f"{path}{asked.pk}/decide/"
    assert hana.ask("POST", decide, {"agreed": True}).status_code == 403
    assert hugh.ask("POST", f"{path}{asked.pk + 1}/decide/", {"agreed": True}).status_code == 404
    assert hugh.ask("POST", decide, {"agreed": True}).json()["agreed"] is True
    assert as_person(people["dev"]).get(f"tickets/{ticket}/").status_code == 200


def test_who_can_see_names_people_to_those_who_read_its_notes(people):
    ticket = raised(people, sensitivity="hr")
    own = "it is their own request, or one made for them"
    group = "they are in its case group"

    def asked(name):
        return as_person(people[name]).get(f"tickets/{ticket}/who-can-see/").json()["results"]

    assert asked("ben") == [
        {"because": own, "number": 1, "people": None},
        {"because": group, "number": 2, "people": None},
    ]
    assert asked("hana") == [
        {"because": own, "number": 1, "people": [named(people["ben"])]},
        {"because": group, "number": 2, "people": [named(people["hana"]), named(people["hugh"])]},
    ]
    assert as_person(people["dev"]).get(f"tickets/{ticket}/who-can-see/").json() == NOTHING


def test_readers_are_told_to_the_case_group_alone(people):
    ticket = raised(people, sensitivity="hr")
    as_person(people["ben"]).get(f"tickets/{ticket}/")
    path = f"tickets/{ticket}/readers/"
    read = as_person(people["hana"]).get(path).json()["results"]

    assert [(row["person"]["name"], row["how"]) for row in read] == [("Hana", "api"), ("Ben", "api")]
    assert as_person(people["ben"]).get(path).status_code == 403
    assert Sighting.objects.count() == 2
    assert as_person(people["dev"]).get(f"tickets/{raised(people)}/readers/").status_code == 403


def test_glass_is_broken_and_ended(people):
    ticket = raised(people, sensitivity="hr")
    audrey = as_person(people["audrey"])
    answer = audrey.ask("POST", "break-glass/", {"reference": ticket.reference, "reason": REASON})
    glass = BreakGlass.objects.get()

    assert answer.status_code == 201
    assert answer.json() == {
        "id": glass.pk,
        "reference": ticket.reference,
        "person": named(people["audrey"]),
        "reason": REASON,
        "starts_at": answer.json()["starts_at"],
        "ends_at": answer.json()["ends_at"],
    }
    audrey = as_person(people["audrey"])
    assert audrey.get(f"tickets/{ticket}/").json()["moves"] == []
    assert as_person(people["cy"]).get("break-glass/").json()["results"] == [answer.json()]
    assert as_person(people["dev"]).get("break-glass/").json()["results"] == []
    assert as_person(people["dev"]).get(f"break-glass/{glass.pk}/").json() == NOTHING
    assert as_person(people["cy"]).ask("POST", f"break-glass/{glass.pk}/end/").status_code == 200
    assert as_person(people["audrey"]).get(f"tickets/{ticket}/").json() == NOTHING
    assert as_person(people["cy"]).ask("POST", f"break-glass/{glass.pk}/end/").status_code == 409


def test_tries_that_fail_are_kept_and_come_to_an_end(people):
    audrey, body = as_person(people["audrey"]), {"reference": "REQ-2026-999999", "reason": REASON}
    answers = [audrey.ask("POST", "break-glass/", body) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [404] * 5 + [429]
    assert answers[5].json() == problem(
        429,
        "Too Many Requests",
        "You have tried five times within the hour. Wait, or call the cyber security officer.",
    )
    assert RefusedGlass.objects.count() == 5
    assert as_person(people["dev"]).ask("POST", "break-glass/", body).status_code == 403


def test_another_council_is_warned(people):
    ticket = raised(people, type="security")
    cy, path = as_person(people["cy"]), f"tickets/{ticket}/alerts/"

    assert as_person(people["hana"]).ask("POST", path, {"council": "OCC"}).status_code == 403
    assert cy.ask("POST", path, {"council": "CDC"}).status_code == 400
    answer = cy.ask("POST", path, {"council": "OCC"})
    assert (answer.status_code, answer.json()["council"], answer.json()["by"]) == (
        201,
        "OCC",
        named(people["cy"]),
    )
    assert cy.ask("POST", path, {"council": "OCC"}).status_code == 409
    assert cy.get(path).json()["results"] == [answer.json()]

"""What a write answers: how it stands now, what cannot be held, and what follows from what was sent."""

import pytest

from servicedesk.tickets.models import Ticket
from tests.api.calling import as_person, invalid
from tests.factories import a_case_group, a_model, a_requester

pytestmark = pytest.mark.django_db


def test_a_stale_asset_is_refused_with_how_it_stands_now(register):
    kim, asset, _ = register
    caller = as_person(kim)
    caller.ask("PATCH", f"assets/{asset.pk}/", {"version": 1, "room": "First"})

    answer = caller.ask("PATCH", f"assets/{asset.pk}/", {"version": 1, "room": "Second"})

    body = answer.json()
    assert (answer.status_code, body["detail"]) == (409, "T1 was changed while you were looking at it.")
    assert body["current"] == caller.get(f"assets/{asset.pk}/").json()
    assert (body["current"]["room"], body["current"]["version"]) == ("First", 2)


def test_a_stale_ticket_is_refused_with_how_it_stands_now(desk):
    asha, _, ticket, _ = desk
    caller = as_person(asha)
    path = f"tickets/{ticket.reference}/"
    caller.ask("PATCH", path, {"version": 1, "title": "First"})

    answer = caller.ask("PATCH", path, {"version": 1, "title": "Second"})

    body = answer.json()
    assert (answer.status_code, body["current"]) == (409, caller.get(path).json())
    assert body["detail"] == f"{ticket.reference} was changed by {asha} while you were looking at it."


@pytest.mark.parametrize(
    ("sent", "errors"),
    [
        ({"room": "x"}, {"version": ["This field is required."]}),
        (
            {"version": 1, "asset_tag": "T2"},
            {"asset_tag": ["Oxfordshire County Council already has an asset with the tag T2"]},
        ),
        (
            {"version": 1, "asset_tag": ""},
            {"asset_tag": ["Enter an asset tag, a serial number or a hostname"]},
        ),
        (
            {"version": 1, "purchase_cost_ex_vat": "12.345"},
            {"purchase_cost_ex_vat": ["Ensure that there are no more than 2 decimal places."]},
        ),
        (
            {"version": 1, "purchase_date": "27/3/2026"},
            {"purchase_date": ["Date has wrong format. Use one of these formats instead: YYYY-MM-DD."]},
        ),
        ({"version": 1, "category": "spoon"}, {"category": ['"spoon" is not a valid choice.']}),
    ],
)
def test_what_the_register_cannot_hold_is_refused_by_field(register, sent, errors):
    kim, asset, _ = register
    answer = as_person(kim).ask("PATCH", f"assets/{asset.pk}/", sent)
    assert (answer.status_code, answer.json()) == (400, invalid(**errors))


def test_a_model_brings_its_maker_and_its_category(register):
    kim, asset, other = register
    switch = a_model("Catalyst", "Cisco", category="switch")
    caller = as_person(kim)

    wrong = caller.ask(
        "PATCH", f"assets/{asset.pk}/", {"version": 1, "model": switch.pk, "category": "laptop"}
    )
    right = caller.ask("PATCH", f"assets/{asset.pk}/", {"version": 1, "model": switch.pk})
    alone = caller.ask("PATCH", f"assets/{other.pk}/", {"version": other.version, "category": "switch"})

    assert wrong.json() == invalid(category=["Catalyst is of the category switch."])
    assert (right.json()["category"], right.json()["manufacturer"]["name"]) == ("switch", "Cisco")
    assert alone.json() == invalid(category=["Latitude is of the category laptop."])


def test_staff_cannot_say_that_all_is_lost(desk):
    asha, ben, _, _ = desk
    lost = {"type": "incident", "title": "All is lost", "impact": 1, "urgency": 1}

    refused = as_person(ben).ask("POST", "tickets/", lost).json()
    taken = as_person(asha).ask("POST", "tickets/", lost).json()

    assert refused == invalid(impact=["Only an engineer can say this. If many people cannot work, call us."])
    assert taken["priority"] == "P1"


def test_an_engineer_raises_a_ticket_for_a_colleague(desk):
    asha, ben, _, _ = desk
    sent = {"type": "request", "title": "A mouse", "requester": ben.pk, "channel": "phone"}
    made = as_person(asha).ask("POST", "tickets/", sent).json()
    assert (made["requester"]["id"], made["channel"], made["reference"][:4]) == (ben.pk, "phone", "REQ-")


def test_private_ticket_that_is_raised_for_a_colleague_is_out_of_sight_at_once(desk):
    asha, ben, _, _ = desk
    group = a_case_group("hr", ben.council, a_requester(ben.council))
    sent = {"type": "request", "title": "A grievance", "requester": ben.pk, "sensitivity": "hr"}

    answer = as_person(asha).ask("POST", "tickets/", sent)

    assert (answer.status_code, answer.content) == (204, b"")
    assert Ticket.objects.filter(requester=ben, case_group=group).count() == 1

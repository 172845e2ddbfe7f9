"""The whole body of each noun, so that a field that comes or goes is a decision."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.workflow import move
from tests.api.calling import as_person
from tests.factories import (
    a_council,
    a_model,
    a_person,
    a_requester,
    a_service,
    a_site,
    a_team,
    an_asset,
    an_engineer,
)

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 6, 22, 8, 12, tzinfo=UTC)


@pytest.fixture
def asha():
    return an_engineer(name="Asha", email="asha@occ.example", phone="01865 1")


def one_page(*results) -> dict:
    return {"next": None, "previous": None, "results": list(results)}


def named(row) -> dict:
    return {"id": row.pk, "name": str(row)}


def both(person, path: str, row) -> list[dict]:
    """What the list says of its one row, and what the row says of itself."""
    caller = as_person(person)
    return [caller.get(path).json(), caller.get(f"{path}{row.pk}/").json()]


def test_council(asha):
    council = asha.council
    body = {
        "id": council.pk,
        "code": "OCC",
        "name": "Oxfordshire County Council",
        "desk_phone": "01865 000000",
        "desk_hours": "",
    }
    assert both(asha, "councils/", council) == [one_page(body), body]


def test_site(asha):
    site = a_site(asha.council, "County Hall")
    body = {
        "id": site.pk,
        "council": "OCC",
        "name": "County Hall",
        "kind": "office",
        "address": "",
        "postcode": "",
        "uprn": "",
    }
    assert both(asha, "sites/", site) == [one_page(body), body]


def test_team(asha):
    team = a_team("Networks", members=(asha,))
    body = {"id": team.pk, "name": "Networks", "kind": "in_house", "tier": 1, "councils": ["OCC"]}
    assert both(asha, "teams/", team) == [one_page(body), body]


def test_person_says_what_the_other_council_may_know_and_no_more(asha):
    site = a_site(asha.council, "County Hall")
    asha.site = site
    asha.payroll_number, asha.vip = "canary", True
    asha.save()
    body = {
        "id": asha.pk,
        "display_name": "Asha",
        "email": "asha@occ.example",
        "phone": "01865 1",
        "council": "OCC",
        "site": named(site),
    }
    assert both(asha, "people/", asha) == [one_page(body), body]


def test_service(asha):
    service = a_service("Email", a_team("Desk"), criticality=2)
    body = {
        "id": service.pk,
        "name": "Email",
        "sentence": "",
        "support_team": named(service.support_team),
        "criticality": 2,
        "public_facing": False,
        "out_of_hours_cover": False,
    }
    assert both(asha, "services/", service) == [one_page(body), body]


def test_manufacturer_and_asset_model(asha):
    model = a_model("Latitude 5440", "Dell", annual_kwh=Decimal("32.5"), end_of_support=date(2030, 1, 31))
    maker = {"id": model.manufacturer.pk, "name": "Dell"}
    body = {
        "id": model.pk,
        "manufacturer": maker,
        "name": "Latitude 5440",
        "model_number": "",
        "category": "laptop",
        "useful_life_months": None,
        "end_of_sale": None,
        "end_of_support": "2030-01-31",
        "annual_kwh": "32.5",
    }
    assert both(asha, "asset-models/", model) == [one_page(body), body]
    assert both(asha, "manufacturers/", model.manufacturer) == [one_page(maker), maker]


def asset_body(asset) -> dict:
    """All that an asset says to whoever keeps the register of its council."""
    return {
        "id": asset.pk,
        "council": "OCC",
        "asset_tag": "T/1",
        "serial_number": "ABC",
        "category": "laptop",
        "model": named(asset.model),
        "manufacturer": named(asset.manufacturer),
        "ownership": "owned",
        "managed_by": "",
        "condition": "",
        "hostname": "",
        "ip_address": None,
        "mac_address": "",
        "imei": "",
        "phone_number": "",
        "os_name": "",
        "os_version": "",
        "os_upgradeable": "unknown",
        "encrypted": None,
        "data_classification": "",
        "purchase_date": "2024-02-29",
        "in_service_date": None,
        "date_precision": "day",
        "purchase_cost_ex_vat": "812.50",
        "po_number": "PO1",
        "supplier": "",
        "cost_centre": "CC1",
        "department": None,
        "warranty_months": None,
        "warranty_end": None,
        "support_contract_end": None,
        "lease_end": None,
        "vendor_end_of_support": None,
        "holder": named(asset.holder),
        "holder_note": "",
        "site": named(asset.site),
        "room": "",
        "last_audit_at": None,
        "annual_kwh_override": None,
        "notes": "",
        "state": "in_use",
        "last_seen_at": None,
        "disposal_date": None,
        "certificate_number": "",
        "evidence_missing": False,
        "legal_hold_reason": "",
        "legal_hold_by": None,
        "legal_hold_since": None,
        "registered_at": asset.registered_at.isoformat().replace("+00:00", "Z"),
        "version": 1,
    }


@pytest.fixture
def laptop():
    model = a_model("Latitude 5440", "Dell")
    return an_asset(
        a_council(),
        "T/1",
        serial_number="ABC",
        model=model,
        manufacturer=model.manufacturer,
        purchase_date=date(2024, 2, 29),
        purchase_cost_ex_vat=Decimal("812.5"),
        po_number="PO1",
        cost_centre="CC1",
        holder=a_requester(name="Ben"),
        site=a_site(name="Library"),
        registered_at=MONDAY,
    )


MONEY = ("purchase_cost_ex_vat", "po_number", "cost_centre")


def test_asset_with_its_money(laptop):
    keeper = a_person(None, "asset_manager")
    body = asset_body(laptop)
    assert both(keeper, "assets/", laptop) == [one_page(body), body]


@pytest.mark.parametrize("role", ["engineer", "auditor"])
def test_asset_without_its_money_has_no_keys_for_it(laptop, role):
    body = {name: value for name, value in asset_body(laptop).items() if name not in MONEY}
    assert both(a_person(None, role), "assets/", laptop) == [one_page(body), body]


def test_asset_says_to_its_holder_what_it_is_and_no_more(laptop):
    body = asset_body(laptop)
    told = ("asset_tag", "serial_number", "category", "model", "manufacturer", "holder", "site", "room")
    short = {name: body[name] for name in ("id", "council", *told)}
    assert both(laptop.holder, "assets/", laptop) == [one_page(short), short]
    assert as_person(laptop.holder).get(f"assets/{laptop.pk}/history/").json() == one_page()


def test_history_of_an_asset(laptop):
    keeper = a_person(None, "asset_manager", name="Kim")
    caller = as_person(keeper)
    caller.ask(
        "PATCH", f"assets/{laptop.pk}/", {"version": 1, "po_number": "PO2", "room": "G1", "reason": "Moved"}
    )

    body = caller.get(f"assets/{laptop.pk}/history/").json()

    changed, made = body["results"]
    at, identity = changed.pop("at"), changed.pop("id")
    assert identity > made["id"]
    assert datetime.fromisoformat(at).tzinfo is not None
    changed["changes"].sort(key=lambda change: change["field"])
    assert changed == {
        "by": "Kim",
        "source": "api",
        "reason": "Moved",
        "action": "update",
        "move": "",
        "changes": [
            {"field": "po_number", "old": "PO1", "new": "PO2", "old_words": "PO1", "new_words": "PO2"},
            {"field": "room", "old": "", "new": "G1", "old_words": "", "new_words": "G1"},
        ],
    }
    assert (body["next"], body["previous"], made["action"]) == (None, None, "create")
    engineers = as_person(an_engineer()).get(f"assets/{laptop.pk}/history/").json()["results"]
    assert [change["field"] for change in engineers[0]["changes"]] == ["room"]
    assert not {"PO1", "CC1", "812.50"} & {change["new"] for change in engineers[1]["changes"]}


@pytest.fixture
def life(asha):
    """A ticket that was raised on a summer Monday, taken, and asked about."""
    ben = a_requester(name="Ben")
    service = a_service("Email", a_team("Desk", members=(asha,)))
    ticket = raise_ticket(
        by=ben,
        requester=ben,
        type="incident",
        title="No sound",
        description="In calls",
        service=service,
        impact=3,
        urgency=1,
        now=MONDAY,
    )
    move(ticket, "take", by=asha, now=datetime(2026, 6, 22, 9, tzinfo=UTC))
    return move(
        ticket,
        "ask_customer",
        by=asha,
        question="Which headset?",
        now=datetime(2026, 6, 22, 13, tzinfo=UTC),
    )


def ticket_body(ticket) -> dict:
    return {
        "reference": ticket.reference,
        "type": "incident",
        "council": "OCC",
        "sharing": "shared",
        "sensitivity": "normal",
        "requester": {"id": ticket.requester_id, "name": "Ben"},
        "affected_person": None,
        "channel": "portal",
        "title": "No sound",
        "service": {"id": ticket.service_id, "name": "Email"},
        "category": "",
        "subcategory": "",
        "site": None,
        "impact": 3,
        "urgency": 1,
        "priority": "P3",
        "state": "waiting_customer",
        "team": {"id": ticket.team_id, "name": "Desk"},
        "assignee": {"id": ticket.assignee_id, "name": "Asha"},
        "supplier_team": None,
        "booked_for": None,
        "reported_at": "2026-06-22T09:12:00+01:00",
        "logged_at": "2026-06-22T09:12:00+01:00",
        "first_response_at": "2026-06-22T14:00:00+01:00",
        "response_due_at": "2026-06-22T13:12:00+01:00",
        "due_at": None,
        "breached_at": None,
        "resolved_at": None,
        "closed_at": None,
        "reopen_count": 0,
        "resolution_code": "",
        "version": 3,
    }


def test_ticket(life, asha):
    caller, body = as_person(asha), ticket_body(life)
    moves = ["hand_over", "customer_replied", "resolve"]

    assert caller.get("tickets/").json() == one_page(body)
    assert caller.get(f"tickets/{life.reference}/").json() == {
        **body,
        "description": "In calls",
        "resolution_note": "",
        "moves": moves,
    }


def test_comments_as_far_as_the_person_may_read_them(life, asha):
    note = say(
        life,
        by=asha,
        body="Try another socket",
        visibility="internal",
        now=datetime(2026, 6, 22, 14, tzinfo=UTC),
    )
    question = {
        "id": life.comments.first().pk,
        "author": {"id": asha.pk, "name": "Asha"},
        "visibility": "public",
        "body": "Which headset?",
        "at": "2026-06-22T14:00:00+01:00",
    }
    internal = {
        "id": note.pk,
        "author": {"id": asha.pk, "name": "Asha"},
        "visibility": "internal",
        "body": "Try another socket",
        "at": "2026-06-22T15:00:00+01:00",
    }
    path = f"tickets/{life.reference}/comments/"

    assert as_person(asha).get(path).json() == one_page(question, internal)
    assert as_person(life.requester).get(path).json() == one_page(question)


def test_deadlines_of_a_ticket_that_waits(life, asha):
    say(
        life,
        by=life.requester,
        body="The grey one",
        visibility="public",
        now=datetime(2026, 6, 23, 9, tzinfo=UTC),
    )

    response, resolution = as_person(asha).get(f"tickets/{life.reference}/deadlines/").json()["results"]

    assert response == {
        "metric": "response",
        "state": "missed",
        "calendar": "STD",
        "started_at": "2026-06-22T09:12:00+01:00",
        "target_seconds": 14400,
        "due_at": "2026-06-22T13:12:00+01:00",
        "breached_at": "2026-06-22T13:12:00+01:00",
        "breach_kind": "normal",
        "stopped_at": "2026-06-22T14:00:00+01:00",
        "elapsed_seconds": 17280,
        "paused_seconds": 0,
        "slots": [["2026-06-22T09:12:00+01:00", "2026-06-22T13:12:00+01:00"]],
        "pauses": [],
    }
    assert resolution["due_at"] == "2026-06-25T14:42:00+01:00"
    assert resolution["pauses"] == [["2026-06-22T14:00:00+01:00", "2026-06-23T10:00:00+01:00"]]
    assert resolution["slots"][:2] == [
        ["2026-06-22T09:12:00+01:00", "2026-06-22T14:00:00+01:00"],
        ["2026-06-23T10:00:00+01:00", "2026-06-23T17:30:00+01:00"],
    ]


def test_tickets_of_an_asset_are_those_that_the_person_may_see(life, asha, laptop):
    laptop.service_records.create(ticket=life)
    path = f"assets/{laptop.pk}/tickets/"

    assert as_person(asha).get(path).json() == one_page(ticket_body(life))
    assert as_person(a_person(None, "budget_approver")).get(path).json() == one_page()


def test_explanation_of_a_deadline_from_elsewhere(asha):
    document = {
        "calendars": {"STD": {"open": "08:00", "close": "17:30", "weekdays": [0, 1, 2, 3, 4]}},
        "cases": [
            {"id": "A", "calendar": "STD", "start": "2026-11-23T09:12:00+00:00", "target_seconds": 14400}
        ],
    }
    assert as_person(asha).ask("POST", "deadlines/explain/", document).json() == [
        {
            "id": "A",
            "due": "2026-11-23T13:12:00+00:00",
            "paused_seconds": 0,
            "slots": [["2026-11-23T09:12:00+00:00", "2026-11-23T13:12:00+00:00"]],
        }
    ]

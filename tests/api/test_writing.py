"""Nothing is written but what is meant: every column of every model is sent, and the rows are compared."""

from decimal import Decimal

import pytest
from django.db import models

from assets.register.models import Asset
from assets.register.registering import EDITABLE as OF_AN_ASSET
from servicedesk.history.models import Change
from servicedesk.people.models import Person
from servicedesk.people.roles import ROLES
from servicedesk.tickets.models import Comment, Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.workflow import EDITABLE as OF_A_TICKET
from tests.api.calling import as_person, invalid, problem
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

# What a program might hope to set, beside the columns themselves.
HOPES = {
    "pk": 1,
    "org": 1,
    "is_staff": True,
    "is_superuser": True,
    "groups": [1],
    "created_by": 1,
    "deleted_at": None,
    "password": "x",
    "role": "administrator",
    "moves": ["close"],
    "by": 1,
    "now": "2020-01-01T00:00:00Z",
    "source_ref": "x",
}


def columns(row: models.Model) -> dict:
    row = type(row)._base_manager.get(pk=row.pk)
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def changed(before: dict, after: dict) -> set[str]:
    return {name for name in before if before[name] != after[name]}


def every_column(model: type[models.Model], other: models.Model) -> dict:
    """Each column with a value that the row does not have: that of another row, in JSON."""
    sent = dict(HOPES)
    for field in model._meta.concrete_fields:
        value = field.value_from_object(other)
        sent[field.name] = sent[field.attname] = (
            value if isinstance(value, int | str | bool) else str(value or "x")
        )
    return sent


@pytest.fixture
def desk():
    asha, ben = an_engineer(), a_requester()
    service = a_service(team=a_team(members=(asha,)))
    ticket = raise_ticket(by=ben, requester=ben, type="incident", title="No sound", service=service)
    long_ago = ticket.reported_at.replace(year=2020)
    other = Ticket.objects.create(
        reference="SEC-2026-000001",
        type="security",
        council=a_council("CDC"),
        sharing="own_council",
        sensitivity="cyber",
        requester=a_requester(a_council("CDC")),
        channel="phone",
        title="Strange mail",
        description="From nobody",
        service=service,
        category="Mail",
        subcategory="Spam",
        site=a_site(a_council("OCC")),
        impact=2,
        urgency=2,
        priority="P1",
        state="closed",
        assignee=ben,
        approver=ben,
        reported_at=long_ago,
        logged_at=long_ago,
        resolved_at=long_ago,
        closed_at=long_ago,
        reopen_count=7,
        reassign_count=7,
        resolution_code="fixed",
        resolution_note="x",
        lessons="x",
        source_ref="x",
        version=99,
    )
    return asha, ben, ticket, other


def test_correcting_a_ticket_writes_what_may_be_corrected_and_no_more(desk):
    asha, _, ticket, other = desk
    before = columns(ticket)
    sent = {**every_column(Ticket, other), "version": ticket.version}

    answer = as_person(asha).ask("PATCH", f"tickets/{ticket.reference}/", sent)

    assert answer.status_code == 200, answer.content
    follows = {"priority", "response_due_at", "due_at", "sort_due", "version", "breached_at"}
    written = changed(before, columns(ticket))
    meant = {Ticket._meta.get_field(name).attname for name in OF_A_TICKET}
    assert written - follows == meant - {"service_id"}
    assert columns(ticket)["version"] == before["version"] + 1


def test_moving_a_ticket_writes_what_the_move_changes_and_no_more(desk):
    asha, _, ticket, other = desk
    before = columns(ticket)
    takes = ("team", "assignee", "supplier_team", "booked_for", "duplicate_of", "reason", "note", "message")
    lessons = (
        "containment",
        "recovery",
        "lessons",
        "booked_by_customer",
        "resolution_code",
        "resolution_note",
    )
    sent = {
        name: value
        for name, value in every_column(Ticket, other).items()
        if name not in (*takes, *lessons, "version", "question", "supplier_note")
    }

    answer = as_person(asha).ask("POST", f"tickets/{ticket.reference}/moves/take/", sent)

    assert answer.status_code == 200, answer.content
    assert changed(before, columns(ticket)) == {"state", "assignee_id", "version"}


def test_raising_a_ticket_writes_what_is_asked_and_no_more(desk):
    _, ben, _, other = desk
    sent = {**every_column(Ticket, other), "type": "incident", "sensitivity": "normal", "requester": ben.pk}

    answer = as_person(ben).ask("POST", "tickets/", sent)

    assert answer.status_code == 201, answer.content
    made = columns(Ticket.objects.latest("id"))
    same = {
        name
        for name, value in columns(other).items()
        if made[name] == value and value not in (None, "", False)
    }
    assert same == {
        "title",
        "description",
        "channel",
        "service_id",
        "impact",
        "urgency",
    }
    assert (made["state"], made["priority"], made["council_id"]) == ("new", "P3", ben.council_id)
    assert made["reported_at"].year > 2020


def test_speaking_writes_who_spoke_and_when_and_no_more(desk):
    asha, ben, ticket, _ = desk
    sent = {
        **HOPES,
        "visibility": "public",
        "body": "Hello",
        "author": ben.pk,
        "at": "2020-01-01T00:00:00Z",
        "id": 77,
    }

    answer = as_person(asha).ask("POST", f"tickets/{ticket.reference}/comments/", sent)

    assert answer.status_code == 201
    comment = Comment.objects.get()
    assert (comment.author, comment.ticket, comment.body) == (asha, ticket, "Hello")
    assert comment.at.year > 2020


@pytest.fixture
def register():
    council = a_council("OCC")
    model = a_model("Latitude", "Dell")
    asset = an_asset(council, "T1")
    other = an_asset(
        council,
        "T2",
        serial_number="S2",
        category="laptop",
        model=model,
        manufacturer=model.manufacturer,
        ownership="leased",
        managed_by="Firm",
        state="disposed",
        condition="B",
        hostname="h",
        ip_address="10.0.0.1",
        mac_address="00:00:00:00:00:01",
        imei="1",
        phone_number="1",
        os_name="x",
        os_version="1",
        os_upgradeable="yes",
        encrypted=True,
        data_classification="x",
        purchase_date="2020-01-01",
        in_service_date="2020-01-02",
        date_precision="month",
        purchase_cost_ex_vat=Decimal("5.00"),
        po_number="1",
        supplier="x",
        cost_centre="1",
        department=council.departments.create(name="Planning"),
        warranty_months=3,
        warranty_end="2020-01-03",
        support_contract_end="2020-01-03",
        lease_end="2020-01-03",
        vendor_end_of_support="2020-01-03",
        holder=a_requester(council),
        holder_note="x",
        site=a_site(council),
        room="1",
        last_seen_at="2020-01-01T00:00:00Z",
        last_audit_at="2020-01-01",
        disposal_date="2020-01-01",
        certificate_number="1",
        evidence_missing=True,
        annual_kwh_override=Decimal("1.0"),
        notes="x",
        version=99,
    )
    other.refresh_from_db()
    return a_person(council, "asset_manager"), asset, other


def test_correcting_an_asset_writes_what_may_be_corrected_and_no_more(register):
    kim, asset, other = register
    before = columns(asset)
    sent = every_column(Asset, other)
    sent |= {"asset_tag": "T3", "serial_number": "S3", "category": "laptop", "version": 1}

    answer = as_person(kim).ask("PATCH", f"assets/{asset.pk}/", sent)

    assert answer.status_code == 200, answer.content
    meant = {Asset._meta.get_field(name).attname for name in OF_AN_ASSET} - {"category"}
    assert changed(before, columns(asset)) == meant | {"version"}


def test_registering_an_asset_writes_what_may_be_written_and_no_more(register):
    kim, _, other = register
    sent = every_column(Asset, other)
    sent |= {"asset_tag": "T3", "serial_number": "S3", "council": "OCC", "state": "in_stock"}

    answer = as_person(kim).ask("POST", "assets/", sent)

    assert answer.status_code == 201, answer.content
    made = columns(Asset.objects.latest("id"))
    known = columns(other)
    meant = {Asset._meta.get_field(name).attname for name in OF_AN_ASSET} - {"asset_tag", "serial_number"}
    assert {
        name for name in known if made[name] == known[name] and known[name] not in (None, "")
    } == meant | {"council_id"}
    assert made["version"] == 1
    change = Change.objects.filter(kind="register.asset", object_id=made["id"]).get()
    assert (change.action, change.change_set.by_id) == ("create", kim.pk)


READ_ONLY = ["councils", "sites", "teams", "people", "services", "asset-models", "manufacturers"]


@pytest.mark.parametrize("role", [*ROLES, "every"])
def test_nobody_writes_people_or_what_others_point_at(role):
    council = a_council("OCC")
    person = a_person(council, *(ROLES if role == "every" else [role]))
    a_site(council), a_team(), a_service(), a_model()
    caller = as_person(person)
    before = (columns(person), Person.objects.count(), person.grants.count())

    codes = {
        caller.ask(method, path, {**HOPES, "display_name": "x", "name": "x"}).status_code
        for noun in READ_ONLY
        for method, path in (
            ("POST", f"{noun}/"),
            *((each, f"{noun}/{person.pk}/") for each in ("PUT", "PATCH", "DELETE")),
        )
    }

    assert codes == {405}
    assert (columns(person), Person.objects.count(), person.grants.count()) == before


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"asset_manager"}))
def test_only_asset_managers_write_assets(role, register):
    _, asset, _ = register
    before, count = columns(asset), Asset.objects.count()
    caller = as_person(a_person(a_council("OCC"), role))

    new = caller.ask(
        "POST", "assets/", {"council": "OCC", "state": "in_stock", "category": "laptop", "asset_tag": "N"}
    )
    edit = caller.ask("PATCH", f"assets/{asset.pk}/", {"version": 1, "room": "x"})

    assert new.status_code == 403
    assert edit.status_code in (403, 404)
    assert (columns(asset), Asset.objects.count()) == (before, count)


def test_an_asset_manager_writes_nothing_of_the_other_council(register):
    kim, _, _ = register
    theirs = an_asset(a_council("CDC"), "T9")
    caller = as_person(kim)

    new = caller.ask(
        "POST", "assets/", {"council": "CDC", "state": "in_stock", "category": "laptop", "asset_tag": "N"}
    )
    edit = caller.ask("PATCH", f"assets/{theirs.pk}/", {"version": 1, "room": "x"})

    assert new.json() == invalid(council=["Object with code=CDC does not exist."])
    detail = "You need the right to: change the council's assets and import spreadsheets of them."
    assert (edit.status_code, edit.json()) == (403, problem(403, "Forbidden", detail))


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

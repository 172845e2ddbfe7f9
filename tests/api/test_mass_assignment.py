"""Nothing is written but what is meant: every column of every model is sent, and the rows are compared."""

import pytest
from django.db import models

from assets.register.models import Asset
from assets.register.registering import EDITABLE as OF_AN_ASSET
from servicedesk.history.models import Change
from servicedesk.people.roles import ROLES
from servicedesk.tickets.models import Comment, Ticket
from servicedesk.tickets.workflow import EDITABLE as OF_A_TICKET
from tests.api.calling import as_person, invalid, problem
from tests.factories import (
    a_council,
    a_model,
    a_person,
    a_service,
    a_site,
    a_team,
    an_asset,
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
    takes = (
        *("team", "assignee", "supplier_team", "booked_for", "duplicate_of", "approver"),
        *("reason", "note", "message"),
    )
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


READ_ONLY = ("manufacturers",)
ADMINISTERED = ("councils", "sites", "teams", "people", "services")


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"administrator"}))
def test_only_administrators_write_people_and_what_others_point_at(role):
    council = a_council("OCC")
    person = a_person(council, role)
    caller = as_person(person)
    rows = {
        "councils": council,
        "sites": a_site(council),
        "teams": a_team(),
        "people": person,
        "services": a_service(),
        "manufacturers": a_model().manufacturer,
    }
    before = {noun: (columns(row), type(row).objects.count()) for noun, row in rows.items()}
    sent = {**HOPES, "display_name": "x", "name": "x", "code": "x", "version": 1}

    def codes(nouns) -> set[int]:
        return {
            caller.ask(method, path, sent).status_code
            for noun in nouns
            for method, path in (
                ("POST", f"{noun}/"),
                *((each, f"{noun}/{rows[noun].pk}/") for each in ("PUT", "PATCH", "DELETE")),
            )
        }

    assert codes(READ_ONLY) == {405}
    assert codes(ADMINISTERED) <= {403, 404, 405}
    assert {noun: (columns(row), type(row).objects.count()) for noun, row in rows.items()} == before
    assert person.grants.count() == 1


@pytest.mark.parametrize("noun", ADMINISTERED)
def test_an_administrator_writes_of_these_what_the_noun_takes_and_no_more(noun):
    council = a_council("OCC")
    nadia, known = a_person(council, "administrator"), a_person(council)
    team = a_team("Desk", council)
    rows = {
        "councils": council,
        "sites": a_site(council),
        "teams": team,
        "people": known,
        "services": a_service("Payroll", team),
    }
    row, name = rows[noun], "display_name" if noun == "people" else "name"
    before = columns(row)

    answer = as_person(nadia).ask("PATCH", f"{noun}/{row.pk}/", {**HOPES, name: "Another name", "version": 1})

    assert answer.status_code == 200, answer.content
    assert columns(row) == {**before, name: "Another name", "version": 2}


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

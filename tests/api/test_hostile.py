"""Whatever is sent is taken or refused in words; no database and no parser is made to stumble."""

import json

import pytest
from django.db import transaction

from servicedesk.people.models import Person
from tests.api.calling import PROBLEM, as_person, invalid
from tests.factories import a_council, a_model, a_person, a_ticket, an_asset

pytestmark = pytest.mark.django_db

# As JSON text, because Python's own encoder would not write some of them.
VALUES = [
    r'"\u0000"',
    r'"a\u0000b"',
    r'"\ud800"',
    r'"\udfff\ud800"',
    r'"\u0007"',
    r'"\u202e"',
    '"' + "x" * 10_000 + '"',
    '"' + "é" * 10_000 + '"',
    "\"=cmd|' /C calc'!A0\"",
    '"\'; DROP TABLE tickets_ticket; --"',
    '"<script>alert(1)</script>"',
    '"{{ 7*7 }}"',
    '""',
    '"   "',
    "null",
    "true",
    "-1",
    "0",
    "9223372036854775808",
    "-9223372036854775809",
    "1" + "0" * 400,
    "1e999",
    "-1e999",
    "1e-999",
    "0.1",
    "[]",
    "[1]",
    '[["x"]]',
    "{}",
    '{"pk": 1}',
    '{"__class__": "x"}',
    '"NaN"',
    '"Infinity"',
    '"1e400"',
    '"9999-12-31T23:59:59-14:00"',
    '"0001-01-01T00:00:00+14:00"',
    '"2026-13-45"',
    '"2026-02-30T25:61:61Z"',
    "[" * 500 + "]" * 500,
    '{"a":' * 200 + "1" + "}" * 200,
]
FIELDS = {
    "tickets/": ["type", "title", "description", "service", "impact", "sensitivity", "channel", "requester"],
    "tickets/{ref}/": ["version", "title", "description", "service", "category", "site", "impact"],
    "tickets/{ref}/comments/": ["visibility", "body"],
    "tickets/{ref}/moves/assign/": ["version", "team", "assignee"],
    "tickets/{ref}/moves/resolve/": ["resolution_code", "resolution_note", "lessons"],
    "tickets/{ref}/moves/cancel/": ["reason", "duplicate_of"],
    "tickets/{ref}/moves/book/": ["booked_for", "booked_by_customer"],
    "assets/": ["council", "state", "category", "asset_tag", "model", "holder"],
    "assets/{pk}/": [
        "version",
        "asset_tag",
        "serial_number",
        "ip_address",
        "encrypted",
        "purchase_date",
        "purchase_cost_ex_vat",
        "warranty_months",
        "annual_kwh_override",
        "site",
        "department",
        "manufacturer",
        "notes",
        "reason",
    ],
    "exports/": ["kind", "format", "filters"],
    "deadlines/explain/": ["calendars", "cases", "timezone"],
}
WHOLE = {
    "tickets/": {"type": "incident", "title": "No sound"},
    "tickets/{ref}/": {"version": 1},
    "tickets/{ref}/comments/": {"visibility": "public", "body": "Hello"},
    "tickets/{ref}/moves/resolve/": {"resolution_code": "fixed", "resolution_note": "Done"},
    "tickets/{ref}/moves/cancel/": {"reason": "Twice"},
    "assets/": {"council": "OCC", "state": "in_stock", "category": "laptop", "asset_tag": "N1"},
    "assets/{pk}/": {"version": 1},
    "exports/": {"kind": "assets"},
    "deadlines/explain/": {"calendars": {"A": {"always": True}}, "cases": []},
}
ROLES = ("engineer", "queue_manager", "asset_manager")


@pytest.fixture
def world():
    """Somebody who may do all of it, and the rows to do it to."""
    eve = a_person(a_council("OCC"), *ROLES, name="Eve")
    a_model()
    return as_person(eve), {
        "ref": a_ticket(eve, reference="INC-2020-000001", state="in_progress").reference,
        "pk": an_asset(eve.council).pk,
    }


@pytest.mark.parametrize("path", FIELDS)
def test_no_value_of_a_field_is_an_error_of_ours(world, path):
    """Each value stands in every field together, and then alone in those fields that have not refused it."""
    caller, rows = world
    method = "PATCH" if path in ("tickets/{ref}/", "assets/{pk}/") else "POST"
    address, whole = path.format(**rows), WHOLE.get(path, {})

    def send(value: str, fields: list[str]) -> set[str]:
        """Which fields refused it; whatever was written is taken back."""
        body = json.dumps({**whole, **dict.fromkeys(fields, "VALUE")}).replace('"VALUE"', value)
        with transaction.atomic():
            answer = caller.generic(method, address, body)
            transaction.set_rollback(True)
        assert answer.status_code < 500, (fields, value)
        assert answer.status_code < 300 or answer["Content-Type"] == PROBLEM, (fields, value)
        # Without errors by field the body was refused whole, before any field was looked at.
        return set(answer.json().get("errors", fields)) if answer.status_code == 400 else set()

    for value in VALUES:
        refused = send(value, FIELDS[path])
        for field in [field for field in FIELDS[path] if field not in refused]:
            send(value, [field])


@pytest.mark.parametrize("value", [r"a\u0000b", r"a\u0007b", r"a\ud800b", r"a\u009fb"])
def test_a_character_that_cannot_be_shown_is_named_by_field_and_place(world, value):
    caller, _ = world
    answer = caller.generic("POST", "tickets/", f'{{"type": "incident", "title": "{value}"}}')
    sentence = "Remove the character that cannot be shown (number 2 of the text) and try again"
    assert (answer.status_code, answer.json()) == (400, invalid(title=[sentence]))


def test_text_is_composed_before_it_is_kept(world):
    caller, _ = world
    sent = {"type": "incident", "title": "Cafe\u0301 down", "description": "One\r\nTwo\rThree"}
    body = caller.ask("POST", "tickets/", sent).json()
    assert (body["title"], body["description"]) == ("Café down", "One\nTwo\nThree")


def test_markup_comes_back_as_it_went_in(world):
    caller, _ = world
    title = "<script>alert(1)</script> & “quotes” 🙂"
    assert caller.ask("POST", "tickets/", {"type": "incident", "title": title}).json()["title"] == title


@pytest.mark.parametrize(
    "path",
    [
        "tickets/",
        "assets/",
        "people/",
        "tickets/{ref}/comments/",
        "assets/{pk}/tickets/",
        "imports/",
        "exports/",
    ],
)
def test_no_query_is_an_error_of_ours(world, path):
    caller, rows = world
    values = [
        "",
        "\0",
        "'",
        '"',
        "%",
        "_",
        "\\",
        "x" * 10_000,
        "9" * 400,
        "-1",
        "1e999",
        "é",
        "🙂",
        "NaN",
        "a\nb",
        "%00",
    ]
    for name in (
        "q",
        "state",
        "council",
        "team",
        "site",
        "holder",
        "asset_tag",
        "mine",
        "cursor",
        "ordering",
        "format",
    ):
        for value in values:
            answer = caller.get(path.format(**rows), {name: value})
            assert answer.status_code in (200, 400, 404), (name, value)


@pytest.mark.parametrize("charset", ["utf-16", "zlib", "rot13", "base64", "x", "idna", "punycode"])
def test_no_charset_is_an_error_of_ours(world, charset):
    caller, _ = world
    body = b'{"type": "incident", "title": "x"}'
    answer = caller.generic("POST", "tickets/", body, f"application/json; charset={charset}")
    assert answer.status_code in (201, 400, 415)


@pytest.mark.parametrize(
    "path", ["tickets/INC-2026-%00/", "people/%00/", "people/٣/", "people/99999999999999999/", "%ff/"]
)
def test_no_path_is_an_error_of_ours(world, path):
    assert world[0].get(path).status_code == 404


def test_nothing_that_was_sent_made_a_person(world):
    assert Person.objects.count() == 1

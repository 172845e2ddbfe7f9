"""Very many rows are checked part by part, and come to what they would together."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from servicedesk.spreadsheets import checking
from tests.factories import a_site, an_asset
from tests.spreadsheets.incoming import actions, codes, rows_of
from tests.spreadsheets.test_checking import changes, checked

pytestmark = pytest.mark.django_db


def test_many_rows_are_compared_part_by_part_and_come_to_the_same(monkeypatch):
    for tag in "123":
        an_asset(tag=tag, serial_number="S" + tag, room="old")
    rows = [
        ("Tag", "Serial", "Room"),
        ("1", "S1", "old"),
        ("2", "S2", "new"),
        ("9", "S9", "new"),
        ("3", "S1", "new"),
        ("2", "S2", "newer"),
        ("3", "S3", "new"),
        ("", "", ""),
        ("8", "S9", "new"),
    ]

    def outcome() -> tuple:
        started = checked(*rows)
        return actions(started), codes(started), changes(started), started.counts, started.warnings

    whole = outcome()
    monkeypatch.setattr(checking, "PART", 2)

    assert outcome() == whole
    assert whole[0] == {2: "unchanged", 3: "update", 4: "create"} | dict.fromkeys((5, 6, 7, 9), "error")


def test_names_are_looked_up_once_for_all_rows(monkeypatch):
    site = a_site(name="Depot")
    monkeypatch.setattr(checking, "PART", 1)

    with CaptureQueriesContext(connection) as asked:
        started = checked(("Tag", "Site"), ("1", "Depot"), ("2", "depot"), ("3", "Elsewhere"))

    assert [row.values.get("site") for row in rows_of(started)] == [[site.pk, "Depot"]] * 2 + [None]
    names = [query["sql"] for query in asked if 'SELECT "people_site"."id"' in query["sql"]]
    assert len(names) == 1

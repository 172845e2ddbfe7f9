"""Rows written in bulk are the rows that the ORM would have written."""

from contextlib import nullcontext
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import DataError, IntegrityError, connection, transaction

from assets.register.models import Asset
from servicedesk import bulk
from servicedesk.history.models import Change
from servicedesk.history.recording import change_set
from servicedesk.people.models import Council
from servicedesk.search.models import SearchDocument
from servicedesk.spreadsheets.models import Untold
from tests.factories import a_council, a_model, a_person, a_site, an_asset

pytestmark = pytest.mark.django_db

SEEN = datetime(2026, 10, 25, 0, 30, 15, 250, tzinfo=UTC)


def values() -> dict:
    model = a_model()
    return {
        "council": a_council().pk,
        "asset_tag": "LT/17 'x' \\ \"y\" 😀\ttab\nline",
        "serial_number": "",
        "category": "laptop",
        "model": model.pk,
        "manufacturer": None,
        "encrypted": True,
        "purchase_date": date(2024, 2, 29),
        "purchase_cost_ex_vat": Decimal("742.50"),
        "ip_address": "10.20.0.1",
        "site": a_site().pk,
        "holder": a_person().pk,
        "last_seen_at": SEEN,
        "registered_at": SEEN,
        "notes": "",
    }


def stored(pk: int) -> dict:
    row = Asset.objects.filter(pk=pk).values().get()
    del row["id"], row["asset_tag"]
    return row


def test_insert_writes_what_the_orm_writes():
    given = values()
    fields = [field for field in Asset._meta.concrete_fields if not field.primary_key]
    key = bulk.take_keys(Asset, 1)[0]
    full = {field.name: given.get(field.name, field.get_default()) for field in fields} | {"id": key}

    bulk.insert(Asset, list(full), [list(full.values())])

    attributes = {Asset._meta.get_field(name).attname: value for name, value in given.items()}
    saved = Asset.objects.create(**{**attributes, "asset_tag": "other"})
    assert stored(key) == stored(saved.pk)
    assert Asset.objects.get(pk=key).asset_tag == given["asset_tag"]


def test_keys_follow_on_and_the_orm_follows_them():
    first = bulk.take_keys(SearchDocument, 3)
    bulk.insert(
        SearchDocument,
        ("id", "kind", "object_id", "text"),
        [(key, "a.b", key, "x") for key in first],
    )

    added = SearchDocument.objects.create(kind="a.b", object_id=99_999, text="y")

    assert len(set(first)) == 3
    assert added.pk > max(first)


@pytest.mark.parametrize("model", [SearchDocument, Untold])
def test_keys_that_are_taken_and_not_used_yet_are_not_taken_again(model):
    first, second = bulk.take_keys(model, 3), bulk.take_keys(model, 2)

    assert (len({*first, *second}), max(first) < min(second)) == (5, True)


def test_keys_that_are_taken_and_not_used_yet_are_not_given_by_the_orm():
    taken = bulk.take_keys(SearchDocument, 3)

    assert SearchDocument.objects.create(kind="a.b", object_id=1, text="y").pk > max(taken)


@pytest.mark.parametrize("many", [bulk.FEW, bulk.FEW + 1, 2 * bulk.AT_ONCE + 1])
def test_rows_are_added_and_those_that_are_there_overwritten_at_once(many):
    names = ("kind", "object_id", "text")
    bulk.insert(SearchDocument, names, [("a.b", key, "old") for key in range(0, many, 2)])
    bulk.insert(SearchDocument, names, [("a.c", key, "another") for key in range(many)])

    bulk.insert(SearchDocument, names, [("a.b", key, "new") for key in range(many)], unique=names[:2])

    found = SearchDocument.objects.order_by("kind", "object_id").values_list(*names)
    assert [*found] == [
        *(("a.b", key, "new") for key in range(many)),
        *(("a.c", key, "another") for key in range(many)),
    ]


def test_rows_that_are_refused_leave_the_database_as_watchful_as_before():
    ready = bulk.Ready(Change, ["label", "fields"], lambda: [("A", {})])
    with pytest.raises(IntegrityError), transaction.atomic():
        ready.insert({"kind": "a.b", "action": "create", "move": ""}, ("object_id", [1]))
    ready.drop()

    with change_set(by=None) as deed, connection.cursor() as cursor:
        told = "INSERT INTO history_change (change_set_id, kind, object_id, label, action, move, fields)"
        with pytest.raises((IntegrityError, DataError)), transaction.atomic():
            cursor.execute(f"{told} VALUES (%s, 'a.b', 1, 'A', 'create', '', 'no JSON')", [deed.pk])


def test_insert_over_what_is_there_replaces_it():
    names = ("kind", "object_id", "text")
    bulk.insert(SearchDocument, names, [("a.b", 1, "old"), ("a.b", 2, "stays")])

    bulk.insert(SearchDocument, names, [("a.b", 3, "added"), ("a.b", 1, "new")], unique=("kind", "object_id"))

    assert list(SearchDocument.objects.order_by("object_id").values_list(*names)) == [
        ("a.b", 1, "new"),
        ("a.b", 2, "stays"),
        ("a.b", 3, "added"),
    ]


def test_rows_are_found_by_very_many_keys_also_of_what_points_at_them():
    first, second, third = (an_asset(tag=tag) for tag in "123")
    keys = {first.pk, third.pk, *range(10**6, 10**6 + 50_000)}

    assert set(Asset.objects.filter(bulk.Among("pk", keys))) == {first, third}
    assert set(Asset.objects.exclude(bulk.Among("pk", keys))) == {second}
    councils = Council.objects.filter(bulk.Among("assets__pk", keys)).distinct()
    assert set(councils) == {first.council, third.council}
    assert not Asset.objects.filter(bulk.Among("pk", [])).exists()


def test_insert_of_nothing_does_nothing():
    bulk.insert(SearchDocument, ("kind",), [])

    assert SearchDocument.objects.count() == 0


def test_update_writes_values_and_raises_the_version():
    one, other = an_asset(tag="1"), an_asset(tag="2")
    site = a_site()

    written = bulk.update(
        Asset,
        ("site", "purchase_cost_ex_vat", "last_seen_at", "purchase_date"),
        [
            (one.pk, 1, site.pk, Decimal("1.50"), SEEN, date(2020, 1, 2)),
            (other.pk, 1, None, None, None, None),
        ],
    )

    one.refresh_from_db()
    other.refresh_from_db()
    assert written == 2
    assert (one.site, one.purchase_cost_ex_vat, one.last_seen_at) == (site, Decimal("1.50"), SEEN)
    assert (one.version, other.version, other.site) == (2, 2, None)


def test_update_leaves_rows_of_another_version():
    asset = an_asset()

    assert bulk.update(Asset, ("room",), [(asset.pk, 7, "2.01")]) == 0
    assert Asset.objects.get(pk=asset.pk).room == ""


def test_history_keeps_nested_json():
    fields = {"notes": [None, "é \" ' \n", "", "x"], "cost": [None, 1.5, "", "1.5"]}
    names = ("change_set", "kind", "object_id", "label", "council_id", "action", "move", "fields")
    with change_set(by=None) as deed:
        bulk.insert(Change, names, [(deed.pk, "a.b", 1, "A", None, "create", "", fields)])

    assert Change.objects.get(kind="a.b").fields == fields


def test_row_that_is_there_already_is_refused_in_the_words_of_django():
    row = ("register.asset", 1, "x")
    names = ("kind", "object_id", "text")

    with pytest.raises(IntegrityError), transaction.atomic():
        bulk.insert(SearchDocument, names, [row, row])


def test_whoever_reads_over_the_connection_that_copies_rows_is_told_and_waits_for_nothing():
    def rows():
        for key in range(2 * bulk.AT_ONCE):
            if key == bulk.AT_ONCE:
                SearchDocument.objects.exists()
            yield "a.b", key, "x"

    told = pytest.raises(RuntimeError, match="Read it beforehand")
    with told if connection.vendor == "postgresql" else nullcontext(), transaction.atomic():
        bulk.insert(SearchDocument, ("kind", "object_id", "text"), rows())

    written = {"postgresql": 0, "sqlite": 2 * bulk.AT_ONCE}[connection.vendor]
    assert SearchDocument.objects.count() == written

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import BadRequest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assets.register.models import Asset, Manufacturer
from servicedesk.lists.keyset import keyset_page
from servicedesk.people.models import Grant
from servicedesk.tickets.models import Ticket
from tests.factories import LONG_AGO, a_council, a_person

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
BY_TAG = ("asset_tag", "id")
MOST_PAGES = 20
DIRECTIONS = [BY_TAG, ("-asset_tag", "-id")]


def assets(*tags: str) -> None:
    council = a_council()
    Asset.objects.bulk_create(
        Asset(council=council, hostname=f"H{number}", asset_tag=tag, category="laptop", registered_at=NOON)
        for number, tag in enumerate(tags)
    )


def councils_assets(*tags: str) -> None:
    """Assets of one tag each in a council of its own, so that tags may be equal."""
    for number, tag in enumerate(tags):
        council = a_council(f"C{number}")
        Asset.objects.create(
            council=council, asset_tag=tag, hostname="h", category="laptop", registered_at=NOON
        )


def walk(queryset, order, size, backwards=False) -> list[list]:
    """The rows of every page, from one end to the other."""
    page = keyset_page(queryset, order, size=size)
    if backwards:
        while page.next:
            page = keyset_page(queryset, order, page.next, size)
    pages = [page.rows]
    while cursor := page.previous if backwards else page.next:
        page = keyset_page(queryset, order, cursor, size)
        pages.append(page.rows)
        assert len(pages) < MOST_PAGES, "the pages go round in a circle"
    return pages


def keys(pages) -> list[int]:
    return [row.pk for rows in pages for row in rows]


def cursor_of(values) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode()


@pytest.mark.parametrize("order", DIRECTIONS)
def test_pages_go_through_ties_in_order(order):
    councils_assets(*"BABBACB")
    expected = list(Asset.objects.order_by(*order).values_list("pk", flat=True))

    assert keys(walk(Asset.objects, order, 2)) == expected


@pytest.mark.parametrize("order", DIRECTIONS)
def test_pages_go_back_as_they_came(order):
    councils_assets(*"BABBACB")
    forwards = keys(walk(Asset.objects, order, 3))

    pages = walk(Asset.objects, order, 3, backwards=True)

    assert keys(reversed(pages)) == forwards


@pytest.mark.parametrize(
    ("count", "lengths"), [(0, [0]), (1, [1]), (2, [2]), (3, [2, 1]), (4, [2, 2]), (5, [2, 2, 1])]
)
def test_last_page_leads_nowhere_and_is_never_empty(count, lengths):
    councils_assets(*"ABCDE"[:count])

    assert [len(rows) for rows in walk(Asset.objects, BY_TAG, 2)] == lengths


def test_first_page_leads_to_none_before_it_and_the_last_to_none_after():
    councils_assets(*"ABC")
    first = keyset_page(Asset.objects, BY_TAG, size=2)
    last = keyset_page(Asset.objects, BY_TAG, first.next, size=2)
    again = keyset_page(Asset.objects, BY_TAG, last.previous, size=2)

    assert (first.previous, last.next, again.previous) == ("", "", "")
    assert again.rows == first.rows


def test_order_by_moments_keeps_their_microseconds():
    person = a_person()
    moments = [LONG_AGO + timedelta(microseconds=step) for step in (0, 1, 1, 500_000, 1_000_000)]
    for number, moment in enumerate(moments):
        Grant.objects.create(
            person=person, role="engineer", council=a_council(f"C{number}"), starts_at=moment
        )

    pages = walk(Grant.objects, ("-starts_at", "-id"), 2)

    assert [row.starts_at for rows in pages for row in rows] == sorted(moments, reverse=True)


def test_rows_without_a_date_come_last_by_the_column_made_for_it():
    person = a_person()
    for number, due in enumerate([NOON, None, None, NOON - timedelta(days=1), None]):
        Ticket.objects.create(
            reference=f"INC-{number}",
            type="incident",
            council=person.council,
            requester=person,
            title="t",
            reported_at=NOON,
            logged_at=NOON,
            due_at=due,
        )

    for size in (1, 2):
        pages = walk(Ticket.objects, ("sort_due", "id"), size)
        assert [row.reference for rows in pages for row in rows] == [
            "INC-3",
            "INC-0",
            "INC-1",
            "INC-2",
            "INC-4",
        ]
        back = walk(Ticket.objects, ("sort_due", "id"), size, backwards=True)
        assert keys(reversed(back)) == keys(pages)


def test_letters_of_any_case_and_kind_are_gone_through_once():
    councils_assets("a", "B", "é", "E", "Z", "", "10", "9", "ä", "ß", "資", "a")

    for order in DIRECTIONS:
        pages = walk(Asset.objects, order, 3)
        assert keys(pages) == list(Asset.objects.order_by(*order).values_list("pk", flat=True))


def test_works_on_values():
    councils_assets(*"CAB")
    rows = Asset.objects.values("id", "asset_tag")

    pages = walk(rows, BY_TAG, 2)

    assert [row["asset_tag"] for page in pages for row in page] == ["A", "B", "C"]


def test_row_that_comes_in_between_moves_no_other():
    councils_assets(*"ACE")
    first = keyset_page(Asset.objects, BY_TAG, size=2)
    assets("B", "D")

    rest = keyset_page(Asset.objects, BY_TAG, first.next, size=9)

    assert [row.asset_tag for row in first.rows + rest.rows] == ["A", "C", "D", "E"]


def test_page_costs_one_query(django_assert_num_queries):
    councils_assets(*"ABC")
    first = keyset_page(Asset.objects, BY_TAG, size=1)

    with django_assert_num_queries(1):
        keyset_page(Asset.objects, BY_TAG, first.next, size=1)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    names=st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=3), max_size=12
    ),
    size=st.integers(1, 5),
    falling=st.booleans(),
)
def test_pages_hold_every_row_once_and_in_order(db, names, size, falling):
    Asset.objects.all().delete()
    council = a_council()
    Asset.objects.bulk_create(
        Asset(council=council, asset_tag=str(number), room=name, category="laptop", registered_at=NOON)
        for number, name in enumerate(names)
    )
    order = ("-room", "-id") if falling else ("room", "id")

    pages = walk(Asset.objects, order, size)

    assert keys(pages) == list(Asset.objects.order_by(*order).values_list("pk", flat=True))
    assert [len(rows) for rows in pages[:-1]] == [size] * (len(pages) - 1)
    assert keys(reversed(walk(Asset.objects, order, size, backwards=True))) == keys(pages)


HOSTILE = {
    "not base64": "%%%",
    "not ascii": "é",
    "NUL": "\0",
    "not json": base64.urlsafe_b64encode(b"{").decode(),
    "not text": base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    "a number": cursor_of(7),
    "nothing": cursor_of(None),
    "an object": cursor_of({"a": 1, "b": 2, "c": 3}),
    "too few": cursor_of([0, "A"]),
    "too many": cursor_of([0, "A", 1, 2]),
    "an empty list": cursor_of([]),
    "null": cursor_of([0, None, 1]),
    "no key": cursor_of([0, "A", None]),
    "key of text": cursor_of([0, "A", "x"]),
    "key of a list": cursor_of([0, "A", [1]]),
    "key beyond any": cursor_of([0, "A", 2**63]),
    "key far beyond": cursor_of([0, "A", 10**400]),
    "infinite key": base64.urlsafe_b64encode(b'[0, "A", Infinity]').decode(),
    "no number": base64.urlsafe_b64encode(b'[0, "A", NaN]').decode(),
    "NUL inside": cursor_of([0, "A\0B", 1]),
    "half a letter": cursor_of([0, "\ud800", 1]),
    "very deep": base64.urlsafe_b64encode(b"[" * 100_000).decode(),
    "very long number": base64.urlsafe_b64encode(b"[0, 1, " + b"9" * 5000 + b"]").decode(),
}


@pytest.mark.parametrize("cursor", HOSTILE.values(), ids=HOSTILE)
def test_cursor_that_nobody_gave_out_is_refused_with_a_sentence(cursor):
    councils_assets("A")

    with pytest.raises(BadRequest, match="That page does not exist: begin again at the first."):
        keyset_page(Asset.objects, BY_TAG, cursor)


HOSTILE_MOMENTS = {
    "a word": "soon",
    "a number": 1,
    "a list": [],
    "no such day": "2026-02-30T00:00:00+00:00",
    "no zone": "2026-11-30T12:00:00",
    "a day": "2026-11-30",
    "before the first": "0001-01-01T00:00:00+14:00",
    "after the last": "9999-12-31T23:59:59-14:00",
}


@pytest.mark.parametrize("moment", HOSTILE_MOMENTS.values(), ids=HOSTILE_MOMENTS)
def test_cursor_of_a_moment_that_nobody_gave_out_is_refused(moment):
    with pytest.raises(BadRequest):
        keyset_page(Ticket.objects, ("sort_due", "id"), cursor_of([0, moment, 1]))


def test_cursor_of_another_list_shows_no_more_than_the_list():
    councils_assets("A", "B")
    Manufacturer.objects.create(name="Lenovo")
    other = keyset_page(Asset.objects, BY_TAG, size=1).next

    page = keyset_page(Manufacturer.objects, ("name", "id"), other)

    assert set(page.rows) <= set(Manufacturer.objects.all())

"""What is indexed is found: the same by both databases, and never by whoever may not see the row."""

import pytest
from django.db import connection, transaction

from servicedesk.people.models import Site
from servicedesk.search.full_text import make_index
from servicedesk.search.index import index
from servicedesk.search.models import SearchDocument
from servicedesk.search.searching import matching
from servicedesk.search.words import words
from tests.factories import a_council, a_site

pytestmark = pytest.mark.django_db

TEXTS = {
    "laptop": "LT/17 SN-5CG1234XYZ HP EliteBook 840 Bodicote House",
    "other laptop": "LT/171 17 inch SN-77 Café in Banbury",
    "printer": "001234 Printer on floor 2, out of toner; its tray is café-brown",
    "accents": "Zoë Brontë Straße naïve İstanbul",
    "numbers": "1e5 0x1f 12abc -7 3.14 10.0.0.17 jane.doe@occ.example https://example.org/a_b?c=d",
}


@pytest.fixture
def texts():
    council = a_council()
    rows = {name: a_site(council, name) for name in TEXTS}
    index(Site, {site.pk: TEXTS[name] for name, site in rows.items()})
    return rows


def found(text: str) -> set[str]:
    return set(matching(Site.objects.all(), text).values_list("name", flat=True))


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("printer", {"printer"}),
        ("PRINTER", {"printer"}),
        ("print", {"printer"}),
        ("rinter", set()),
        ("lt/17", {"laptop", "other laptop"}),
        ("lt/17 hp", {"laptop"}),
        ("17/lt", set()),
        ("001234", {"printer"}),
        ("0012", {"printer"}),
        ("1234", set()),
        ("5cg12", {"laptop"}),
        ("cafe", {"other laptop", "printer"}),
        ("CAFÉ", {"other laptop", "printer"}),
        ("Cafe\u0301", {"other laptop", "printer"}),
        ("toner tray", {"printer"}),
        ("tray toner", {"printer"}),
        ("toner banbury", set()),
        ("ton tray", set()),
        ("bronte zoe", {"accents"}),
        ("strasse", {"accents"}),
        ("istanbul", {"accents"}),
        ("1e5", {"numbers"}),
        ("0x1f 12abc", {"numbers"}),
        ("12ab", {"numbers"}),
        ("-7 3.14", {"numbers"}),
        ("10.0.0", {"numbers"}),
        ("jane.doe@occ", {"numbers"}),
        ("a_b", {"numbers"}),
        ("nothing here", set()),
    ],
)
def test_matching_finds_words_and_beginnings_of_the_last(texts, asked, names):
    assert found(asked) == names


HOSTILE = [
    "",
    " ",
    "'",
    '"',
    "''",
    "\\",
    "*",
    "(",
    ")",
    "AND",
    "printer AND",
    "OR printer",
    "NOT printer",
    "NEAR(printer tray)",
    "text:printer",
    "text : printer",
    "-printer",
    "^printer",
    "printer:*",
    "printer & !tray",
    "printer <-> floor",
    "%",
    "%s",
    "%(x)s",
    "_",
    ";--",
    "'; DROP TABLE search_searchdocument; --",
    "\0",
    "printer\0",
    "\ud800",
    "\u202eprinter",
    "😀",
    "\u0301",
    "١٢٣",
    "x" * 5000,
    "x " * 5000,
    "x/" * 5000,
]


@pytest.mark.parametrize("asked", HOSTILE, ids=lambda value: ascii(value)[:20])
def test_matching_never_raises_on_what_is_no_question(texts, asked):
    assert found(asked) <= set(TEXTS)


def test_matching_takes_operators_for_words(texts):
    assert found("printer AND") == set()
    assert found("printer:*") == {"printer"}
    assert found("floor-2") == {"printer"}
    assert found('"') == set()


def test_index_replaces_what_was_there(texts):
    site = texts["printer"]
    index(Site, {site.pk: "now a kettle"})

    assert found("printer") == set()
    assert found("kettle") == {"printer"}
    assert list(SearchDocument.objects.filter(object_id=site.pk).values_list("kind", "text")) == [
        ("people.site", "now a kettle")
    ]


def test_index_belongs_to_the_transaction(texts):
    site = texts["printer"]
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        index(Site, {site.pk: "kettle"})
        1 / 0  # noqa: B018

    assert found("kettle") == set()
    assert found("printer") == {"printer"}


def test_index_writes_many_in_few_queries(django_assert_max_num_queries):
    # SQLite takes 999 values in a statement, so it writes about 200 rows in each.
    with django_assert_max_num_queries(30):
        index(Site, {number: f"row {number}" for number in range(4000)})

    assert SearchDocument.objects.count() == 4000


def test_kinds_do_not_find_each_other(texts):
    council = a_council()

    assert list(matching(type(council).objects.all(), "printer")) == []


def test_make_index_mends_what_a_rebuilt_table_lost(texts):
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER search_text_added")
        else:
            cursor.execute("ALTER TABLE search_searchdocument DROP COLUMN words")
    index(Site, {10**9: "written meanwhile"})
    late = Site.objects.create(pk=10**9, council=texts["printer"].council, name="late")

    make_index()
    make_index()

    assert found("meanwhile") == {late.name}
    assert found("printer") == {"printer"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("LT/17", ["lt", "17"]),
        ("Café Straße", ["cafe", "strasse"]),
        ("a_b-c.d", ["a", "b", "c", "d"]),
        ("ﬁne ½ x²", ["fine", "1", "2", "x2"]),
        ("x" * 150, ["x" * 100]),
        ("\0\ud800 '", []),
    ],
)
def test_words_folds_case_accents_and_signs(text, expected):
    assert words(text) == expected


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL plans by statistics")
def test_the_words_are_asked_before_the_documents(texts):
    plan = matching(Site.objects.all(), "printer").explain()

    assert plan.index("SCAN search_text") < plan.index("SEARCH document USING INTEGER PRIMARY KEY")

"""What is taken out comes back: as it was, and with exactly what somebody changed in between."""

import shutil
import subprocess
from datetime import date
from decimal import Decimal
from io import BytesIO
from itertools import count
from pathlib import Path

import pytest
from django.core.files import File
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from assets.register.models import Asset
from servicedesk.people.models import Council
from servicedesk.spreadsheets.applying import write as apply
from servicedesk.spreadsheets.exporting import write
from servicedesk.spreadsheets.headers import match
from servicedesk.spreadsheets.kinds import Kind, kinds
from servicedesk.spreadsheets.models import Export
from servicedesk.spreadsheets.outgoing import outgoing
from servicedesk.spreadsheets.taking_back import take_back
from servicedesk.spreadsheets.values import clean
from tests.factories import a_council, a_model, a_person, a_site
from tests.spreadsheets.incoming import bring, rows_of
from tests.spreadsheets.test_exporting import AWKWARD, an_estate
from tests.sweeps.marks import COUNCILS
from tests.sweeps.world import build

pytestmark = pytest.mark.django_db
SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
EXPORTED = [kind for kind in kinds().values() if kind.filtered]
numbers = count(1)


def taken_out(kind: Kind, council: Council, format: str = "xlsx") -> bytes:
    """All rows of a council, or of a kind that councils share, as the system takes them out."""
    target = BytesIO()
    rows = kind.rows(None, {})
    export = Export(kind=kind.code, format=format, wanted_at=timezone.now())
    given = outgoing(kind, None, council=council if kind.has_council else None)
    write(given, rows.filter(council=council) if kind.has_council else rows, target, export)
    return target.getvalue()


def told(started) -> tuple[dict, dict]:
    """How many rows there are of each sort, and what is said of those that would change something."""
    counts = {action: number for action, number in started.counts.items() if number}
    odd = [row for row in rows_of(started) if row.action != "unchanged"]
    return counts, {row.number: (row.action, row.changes, row.problems) for row in odd}


@pytest.mark.parametrize("format", [pytest.param("xlsx", marks=pytest.mark.once), "csv"])
def test_every_kind_that_goes_out_comes_back_unchanged(format):
    build()
    came, expected = {}, {}
    for kind in EXPORTED:
        for code in COUNCILS:
            council = Council.objects.get(code=code)
            content = taken_out(kind, council, format)
            rows = kind.rows(None, {})
            rows = rows.filter(council=council) if kind.has_council else rows
            started = bring(File(BytesIO(content), f"a.{format}"), council, kind=kind.code)
            came[kind.code, code] = (*told(started), started.mapping["sheet"] == started.sheets[0]["name"])
            assert rows.exists(), f"the world has no {kind.many}"
            expected[kind.code, code] = ({"unchanged": rows.count()}, {}, True)

    assert came == expected


@pytest.mark.parametrize("kind", EXPORTED, ids=lambda kind: kind.code)
def test_headings_of_exports_are_words_that_the_import_knows(kind):
    headings = [field.heading for field in kind.exported]
    found = match(headings, [[]] * len(headings), kind.synonyms)

    named = [kind.by_name[each.field].name if each.field else each.why for each in found]
    assert named == ["never" if field in kind.told else field.name for field in kind.exported]
    assert [each.question for each in found if each.question] == []


@pytest.mark.parametrize("kind", EXPORTED, ids=lambda kind: kind.code)
def test_fields_that_are_closed_are_fields_of_the_kind(kind):
    """A misspelt name would leave open what it should close."""
    engineer = a_person(None, "engineer")
    named = {name for each in (kind.open_to(engineer) if kind.open_to else []) for name in each.fields}
    assert named <= {field.name for field in (*kind.fields, *kind.told)}


@pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not here: apt-get install libreoffice-calc-nogui")
def test_libreoffice_opens_and_saves_an_export_and_it_comes_back_unchanged(tmp_path):
    council = a_council()
    an_estate(council)
    a_site(council, "A, B")
    exported = tmp_path / "assets.xlsx"
    exported.write_bytes(taken_out(kinds()["assets"], council))

    saved = through_libreoffice(exported, tmp_path)

    started = bring(File(BytesIO(saved), "assets.xlsx"), council)
    assert told(started) == ({"unchanged": len(AWKWARD) + 3}, {})
    book = load_workbook(BytesIO(saved))
    assert book.sheetnames == ["Assets", "About", "Lists"]
    lists = [rule.formula1 for rule in book["Assets"].data_validations.dataValidation if rule.formula1]
    assert {"Lists!$A$2:$A$2", "Lists!$B$2:$B$3"} <= set(lists)


def through_libreoffice(path: Path, folder: Path) -> bytes:
    """The workbook as LibreOffice opens and saves it."""
    command = [
        str(SOFFICE),
        f"-env:UserInstallation=file://{folder}/profile",
        *("--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", f"{folder}/saved"),
        str(path),
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)  # noqa: S603
    return (folder / "saved" / path.name).read_bytes()


def as_cleaned(kind: str) -> st.SearchStrategy:
    """A text that could be kept: one that cleaning leaves as it is."""
    texts = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=12) | st.sampled_from(
        AWKWARD
    )
    return texts.filter(lambda text: clean(kind, text).value == text)


VALUES = {
    "notes": as_cleaned("note") | st.just(""),
    "room": as_cleaned("text").filter(lambda text: "\n" not in text) | st.just(""),
    "managed_by": st.sampled_from(["", "Softcat", "=cmd", "-1", "'quoted"]),
    "purchase_date": st.none() | st.dates(date(1995, 1, 1), date(2026, 1, 1)),
    "purchase_cost_ex_vat": st.none() | st.decimals(0, 9999, places=2),
    "warranty_months": st.none() | st.integers(0, 120),
    "encrypted": st.none() | st.booleans(),
    "condition": st.sampled_from(["", "A", "D"]),
    "os_upgradeable": st.sampled_from(["yes", "no", "unknown"]),
    "category": st.sampled_from(["laptop", "monitor", "ups"]),
    "state": st.sampled_from(["in_stock", "in_use", "disposed"]),
    "site": st.sampled_from([None, 0, 1]),
    "model": st.sampled_from([None, 0]),
    "holder": st.sampled_from([None, 0]),
}
EDITS = {
    "notes": st.sampled_from(["edited", "+44 1865", "0012", "two\nlines"]),
    "room": st.sampled_from(["9.99", "Annexe"]),
    "purchase_date": st.dates(date(1995, 1, 1), date(2026, 1, 1)),
    "purchase_cost_ex_vat": st.decimals(0, 9999, places=2),
    "warranty_months": st.integers(0, 120),
    "encrypted": st.booleans(),
    "condition": st.sampled_from(["A", "B", "C", "D"]),
    "site": st.sampled_from([0, 1]),
}
estates = st.lists(st.fixed_dictionaries(VALUES), min_size=1, max_size=6)
edits = st.lists(
    st.sampled_from(list(EDITS)).flatmap(
        lambda name: st.tuples(st.integers(0, 5), st.just(name), EDITS[name])
    ),
    max_size=6,
    unique_by=lambda edit: edit[:2],
)


@given(estates, edits, st.randoms(use_true_random=False))
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    print_blob=True,
)
def test_any_estate_shuffled_and_edited_gives_exactly_the_edits_and_undo_gives_it_back(
    estate, changed, random
):
    council = a_council(f"H{next(numbers)}")
    sites = [a_site(council, f"Site {number}, {council.code}") for number in (1, 2)]
    assets = build_estate(council, estate, sites)
    changed = [edit for edit in changed if edit[0] < len(assets)]

    content = shuffled(taken_out(kinds()["assets"], council), assets, changed, sites, random)

    started = bring(File(BytesIO(content), "a.xlsx"), council)
    found = {
        (row.target_id, name): change[1] for row in rows_of(started) for name, change in row.changes.items()
    }
    expected = {
        (assets[at].pk, name): sites[value].pk if name == "site" else plain(value)
        for at, name, value in changed
        if getattr(assets[at], name) != (sites[value] if name == "site" else value)
    }
    assert (found, started.counts["create"], started.counts["error"]) == (expected, 0, 0)
    before = as_it_is(council)
    take_back(apply(started, by=None), by=None)
    assert as_it_is(council) == before


def as_it_is(council: Council) -> list[dict]:
    """All that the register holds of a council, but for how often it was written."""
    return [{**row, "version": 0} for row in Asset.objects.filter(council=council).order_by("pk").values()]


def build_estate(council: Council, estate: list[dict], sites: list) -> list[Asset]:
    model = a_model(f"T14 {council.code}")
    holder = a_person(council)
    points_at = {"site": sites, "model": [model], "holder": [holder]}
    made = []
    for number, values in enumerate(estate):
        pointed = {
            name: None if values[name] is None else rows[values[name]] for name, rows in points_at.items()
        }
        made.append(
            Asset(
                council=council,
                asset_tag=f"{number:05}",
                registered_at=timezone.now(),
                manufacturer=model.manufacturer if pointed["model"] else None,
                **(values | pointed),
            )
        )
    return Asset.objects.bulk_create(made)


def shuffled(content: bytes, assets: list[Asset], changed: list[tuple], sites: list, random) -> bytes:
    """The workbook with its rows in another order, and cells typed over, as somebody leaves it."""
    book = load_workbook(BytesIO(content))
    sheet = book["Assets"]
    fields = {field.name: field.heading for field in kinds()["assets"].fields}
    letters = {cell.value: cell.column for cell in sheet[1]}
    for at, name, value in changed:
        cell = sheet.cell(at + 2, letters[fields[name]])
        cell.value = typed(name, value, sites)
        cell.data_type = "s" if isinstance(cell.value, str) else cell.data_type
    rows = [[(cell.value, cell.data_type) for cell in row] for row in sheet.iter_rows(min_row=2)]
    random.shuffle(rows)
    for row, cells in zip(sheet.iter_rows(min_row=2), rows, strict=True):
        for cell, (value, kind) in zip(row, cells, strict=True):
            cell.value, cell.data_type = value, kind
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def typed(name: str, value, sites: list):
    if name == "site":
        return sites[value].name
    if name == "condition":
        return kinds()["assets"].choices("condition")[value]
    return ("Yes" if value else "No") if name == "encrypted" else value


def plain(value):
    """As imports keep it."""
    return str(value) if isinstance(value, date | Decimal) else value

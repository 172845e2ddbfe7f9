"""The steps of an import as their pages show them: where one is, what a file holds, what each column says, in words."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils import timezone

from servicedesk import wording
from servicedesk.history.recording import as_json
from servicedesk.people.models import Person
from servicedesk.spreadsheets.columns import as_cell
from servicedesk.spreadsheets.evidence import Known
from servicedesk.spreadsheets.kinds import Field, Kind
from servicedesk.spreadsheets.models import Import
from servicedesk.spreadsheets.problems import describe
from servicedesk.spreadsheets.showing import reads
from servicedesk.spreadsheets.staging import fold
from servicedesk.spreadsheets.step_forms import MappingForm
from servicedesk.spreadsheets.values import Context, clean

STEPS = (("sheet", "Sheet"), ("mapping", "Columns"), ("values", "Values"), ("import", "Check"))
SKIPPED = {
    "blank": ("blank row", "blank rows"),
    "subtotal_or_total": ("row of totals", "rows of totals"),
    "repeated_header": ("repeat of the headings", "repeats of the headings"),
}
WHY = {
    "exact": "By its heading",
    "values": "By its values",
    "ambiguous": "The heading can mean two things",
    "duplicate": "Another column has the same heading",
    "taken": "Another column is taken for this",
    "never": "Never imported: a row number, a sum or a legend",
    "not_kept": "We keep no such thing",
    "unknown": "We do not know this heading",
    "empty": "No heading",
}
HIDDEN = "You may not see these values"


class Step(NamedTuple):
    """A step and its page, "" where it cannot be opened yet."""

    words: str
    href: str
    current: bool


class Becomes(NamedTuple):
    """A cell as the file has it, what it becomes, and what is to be said about that."""

    cell: str
    value: str
    problem: str


class Line(NamedTuple):
    """A column for the page. What is asked of it is said with its field."""

    letter: str
    heading: str
    fill: str
    why: str
    samples: list[Becomes]
    field: Any
    policy: Any
    order: Any


def steps(started: Import, current: str) -> list[Step]:
    """The steps in order, each with its page once it can be opened."""
    open_ = started.is_open
    reached = {
        "sheet": bool(started.sheets),
        "mapping": open_ and bool(started.mapping),
        "values": open_ and started.unknown is not None,
        "import": started.state not in (Import.State.UPLOADED, Import.State.MAPPED, Import.State.REFUSED),
    }
    return [
        Step(
            words,
            reverse(f"spreadsheets:{name}", args=[started.pk]) if reached[name] else "",
            name == current,
        )
        for name, words in STEPS
    ]


def skipped_in_words(sheet: Mapping[str, Any]) -> str:
    """What below the headings is no data: “3 blank rows, 1 row of totals”."""
    skipped = sheet["skipped"]
    told = (wording.counted(skipped[name], *words) for name, words in SKIPPED.items() if skipped.get(name))
    return ", ".join(told)


def lines(form: MappingForm, person: Person) -> list[Line]:
    """Every column of the chosen sheet as the page stands: also one that was chosen otherwise and not yet kept."""
    started, kind = form.started, form.started.kind_of_row
    known = Known(kind, started.council, person)
    hidden = kind.hidden_from(person, started.council_id)
    return [_line(column, form, known, hidden) for column in form.columns]


def _line(column: Mapping[str, Any], form: MappingForm, known: Known, hidden: frozenset[str]) -> Line:
    letter, rows = column["letter"], form.started.table["data_rows"]
    name = form.chosen(letter)
    asked = name == (column["field"] or "") == (form.started.mapping["columns"].get(letter) or "")
    why = column.get("because") or WHY[column["why"]] if asked or not name else "As chosen"
    samples = (
        [Becomes(HIDDEN, "", "")]
        if {name, column["field"]} & hidden
        else [_becomes(sample, cell, form, name, letter, known) for sample, cell in _cells(column)]
    )
    field, order = form[f"column_{letter}"], None
    field.help_text = column["question"] if asked else ""
    if f"order_{letter}" in form.fields and form.is_date(letter):
        order = form[f"order_{letter}"]
        order.help_text = reason_for_order(column.get("written") or {})
    return Line(
        letter,
        column["heading"],
        _fill(column.get("filled", 0), rows),
        why,
        samples,
        field,
        form[f"policy_{letter}"],
        order,
    )


def _cells(column: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return list(zip(column["samples"], column.get("cells", column["samples"]), strict=True))


def _fill(filled: int, rows: int) -> str:
    """How full a column is: “Filled in 24 of 30 rows (80%)”."""
    if not rows:
        return "No rows"
    if not filled:
        return "Empty"
    percent = 100 if filled == rows else min(99, max(1, round(100 * filled / rows)))
    return f"Filled in {filled:,} of {rows:,} rows ({percent}%)"


def _becomes(sample: str, kept: Any, form: MappingForm, name: str, letter: str, known: Known) -> Becomes:
    field = form.kind.by_name.get(name)
    if field is None:
        return Becomes(sample, "", "")
    table = form.started.table
    context = Context(
        date_order=form.order(letter),
        date_1904=table.get("date_1904", False),
        as_at=timezone.localdate(),
        words=form.kind.words(field),
    )
    meant = form.started.mapping.get("values", {}).get(name, {})
    cell = as_cell(kept)
    if isinstance(cell, str):
        cell = {fold(written): to for written, to in meant.items()}.get(fold(cell), cell)
    value, codes = clean(field.kind, cell, context)
    said = [describe(code, sample).message for code in codes]
    if value is None:
        return Becomes(sample, "", "; ".join(said) or "Nothing")
    return Becomes(
        sample, _in_words(form.kind, field, value), "; ".join([*said, *_unknown(field, value, known)])
    )


def _in_words(kind: Kind, field: Field, value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and field.kind == "warranty":
        return wording.counted(value, "month")
    kept = as_json(value)
    return reads(kind, field.name, f"{kept}+00:00" if field.kind == "datetime" else kept)


def _unknown(field: Field, value: Any, known: Known) -> list[str]:
    """That a name is not ours yet, which is decided in the next step. A model is found with its maker, and what may be
    another row of the sheet is found there."""
    if field.name not in known.kind.asks_about or field.name in ("model", *known.kind.tied):
        return []
    return (
        []
        if fold(str(value)) in known.names(field.name)
        else ["not known yet: say in the next step what it means"]
    )


def reason_for_order(written: Mapping[str, int]) -> str:
    """Why the dates of a column are read as they are."""
    if not written:
        return ""
    day, month, either = written["dmy"], written["mdy"], written["either"]
    total = day + month + either
    of_all = f"of {total:,} {'date' if total == 1 else 'dates'}"
    if day and month:
        return f"{day:,} {of_all} can only be day first, {month:,} only month first: some are written the other way"
    if day:
        return f"{day:,} {of_all} can only be day first, none only month first"
    if month:
        return f"{month:,} {of_all} can only be month first, none only day first: they look American"
    return f"All {total:,} could be read either way: we take the day first, as written here"

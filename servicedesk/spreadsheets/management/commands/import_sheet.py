"""Bring a spreadsheet in from the command line: check it, or check and apply it."""

import json
import sys
from argparse import ArgumentParser
from itertools import takewhile
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.core.management.base import BaseCommand, CommandError

from servicedesk.people.models import Council, Person
from servicedesk.spreadsheets import importing
from servicedesk.spreadsheets.applying import Overtaken, write
from servicedesk.spreadsheets.comparing import BEFORE, WHOSE
from servicedesk.spreadsheets.kinds import Kind, kinds
from servicedesk.spreadsheets.models import Import, WrongStep
from servicedesk.spreadsheets.outcome import outcome
from servicedesk.spreadsheets.reading import Refused
from servicedesk.spreadsheets.rejects import write_rejects
from servicedesk.spreadsheets.stored_rows import rows_of

ALL_FINE, REFUSED, SOME_NOT = 0, 1, 2
MOST_LISTED = 50
TWICE = "Look at it, and say --confirmed if that is what you want."
MAPPING = {
    "sheet",
    "header_row",
    "columns",
    "dates",
    "values",
    "creates",
    "policies",
    "keys",
    "given",
    "profile",
    "encoding",
}
SHAPE = (
    '{"sheet": "Register", "header_row": 1, "columns": {"A": "asset_tag", "B": null}, "dates": {"C": "dmy"},'
    ' "values": {"site": {"as written": "as meant"}}, "creates": {"site": ["as written"]},'
    ' "policies": {"notes": "fill"}, "keys": ["serial_number"], "given": {"site": "what all rows say"},'
    ' "profile": "a saved mapping",'
    ' "encoding": "cp1252"}'
)
CHOICES = '{"rows": {"12": {"target": 345}, "13": {"stale": "yours"}}, "stale": "theirs"}'


class Command(BaseCommand):
    help = (
        "Checks a spreadsheet (dry run) or, with --apply, imports it. "
        "Exit status: 0 every row is fine, 2 some are not, 1 the file is refused."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", help="assets, tickets, …")
        kinds = (
            "a workbook (.xlsx, .xlsb, .xls or .ods), a text (.csv or .tsv), or a .zip that holds one text"
        )
        parser.add_argument("file", type=Path, help=kinds)
        parser.add_argument("--council", required=True, help="the code of the council whose rows these are")
        parser.add_argument(
            "--by", help="the e-mail address of whoever brings it in, by their rights; else it is the system"
        )
        parser.add_argument("--sheet", help="the sheet to import, where there are several")
        parser.add_argument("--mapping", type=Path, help="a .json file that says what the columns are")
        parser.add_argument("--profile", help="the name of a saved mapping to begin from")
        parser.add_argument(
            "--create", default="", help="kinds that may be created where unknown: sites,asset-models"
        )
        parser.add_argument(
            "--choices",
            type=Path,
            help="a .json file that says which of ours a row is, or whose value counts where two have changed one",
        )
        parser.add_argument("--apply", action="store_true", help="write the good rows")
        parser.add_argument("--whole", action="store_true", help="with --apply: all of the rows, or none")
        parser.add_argument(
            "--confirmed", action="store_true", help="with --apply: also what has to be looked at twice"
        )
        parser.add_argument("--rejects", type=Path, help="where to write the refused rows, as a workbook")
        parser.add_argument("--json", action="store_true", help="print the outcome as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        kind, council, by = _kind(options["kind"]), _council(options["council"]), person(options["by"])
        create = frozenset(filter(None, options["create"].split(",")))
        if unknown := create - set(kind.creatable):
            raise CommandError(f"{', '.join(sorted(unknown))} cannot be created with {kind.many}.")
        path, said = (
            options["file"],
            _mapping(options["mapping"], sheet=options["sheet"], profile=options["profile"]),
        )
        try:
            with path.open("rb") as file:
                started = importing.start(
                    File(file), path.name, kind, council, by=by, create=create, said=said
                )
            started = self._carry_on(started, _choices(options["choices"]), by, options)
        except PermissionDenied as denied:
            raise CommandError(str(denied)) from denied
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}") from error
        if options["rejects"] and not started.refused:
            write_rejects(started, options["rejects"])
        self._print(started, options["json"])
        not_fine = started.counts.get("error", 0) + started.counts.get("ambiguous", 0)
        sys.exit(REFUSED if started.refused else SOME_NOT if not_fine else ALL_FINE)

    def _carry_on(
        self, started: Import, choices: dict[str, Any], by: Person | None, options: dict[str, Any]
    ) -> Import:
        if started.state == Import.State.REFUSED:
            return started
        try:
            started.choices = choices
            started = importing.check(started, by=by)
            if not options["apply"]:
                return started
            return write_checked(started, by, whole=options["whole"], confirmed=options["confirmed"])
        except (Refused, Overtaken, WrongStep) as refusal:
            started.refused = str(refusal)
            return started

    def _print(self, started: Import, as_json: bool) -> None:
        told = outcome(started)
        if as_json:
            self.stdout.write(json.dumps(told, indent=1, ensure_ascii=False))
            return
        if told["refused"]:
            self.stdout.write(told["refused"])
            return
        self.stdout.write(f"Import {started.pk}")
        for warning in started.warnings:
            self.stdout.write(f"Look twice: {warning}")
        if started.profile:
            self.stdout.write(f"Mapped by itself, as {started.profile}")
        for sheet in told["sheets"]:
            headings = (
                f"headings in row {sheet['header_row']}" if sheet["header_row"] else "no headings found"
            )
            self.stdout.write(f"Sheet {sheet['name'] or '1'}: {headings}, {sheet['data_rows']} rows")
        listed = told["problems"][:MOST_LISTED]
        lines = _lines(started, max((problem["row"] or 0 for problem in listed), default=0))
        for problem in listed:
            where = f"row {problem['row']}" if problem["row"] else "the file"
            where += f" (line {lines[problem['row']]})" if problem["row"] in lines else ""
            column = f", column {problem['column']}" if problem["column"] else ""
            self.stdout.write(
                f"{where}{column}: {problem['severity']}: {problem['message']}. {problem['remedy']}."
            )
        if len(told["problems"]) > MOST_LISTED:
            self.stdout.write(
                f"and {len(told['problems']) - MOST_LISTED} more problems; --json lists them all"
            )
        counts = ", ".join(f"{count} {name}" for name, count in told["counts"].items())
        self.stdout.write(f"{'Imported' if told['applied'] else 'Checked, nothing written'}: {counts}")


def _lines(started: Import, last: int) -> dict[int, int]:
    """Where the rows up to the last one that is listed begin in a text, if that is not their number."""
    rows = takewhile(lambda row: row.number <= last, rows_of(started)) if last else ()
    return {row.number: row.line for row in rows if row.line}


def write_checked(started: Import, by: Person | None, *, whole: bool, confirmed: bool) -> Import:
    """Write the good rows of what was checked. Raises WrongStep, or Overtaken."""
    importing.refuse_part(started, whole)
    if started.warnings and not confirmed:
        raise WrongStep(f"{' '.join(started.warnings)} Nothing was imported. {TWICE}")
    return write(started, by=by)


def _kind(code: str) -> Kind:
    if code not in kinds():
        raise CommandError(f"There is no kind {code}. There are: {', '.join(kinds())}.")
    return kinds()[code]


def person(address: str | None) -> Person | None:
    """Whose deed it is: somebody who may sign in; the system where nobody is named. Raises CommandError."""
    if not address:
        return None
    found = Person.objects.filter(email__iexact=address, is_active=True).first()
    if found is None:
        raise CommandError(f"Nobody signs in as {address}.")
    return found


def _council(code: str) -> Council:
    council = Council.objects.filter(code=code).first()
    if council is None:
        raise CommandError(
            f"There is no council {code}. There are: {', '.join(Council.objects.values_list('code', flat=True))}."
        )
    return council


def _mapping(path: Path | None, **named: str | None) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text(encoding="utf-8")) if path else {}
    except (OSError, ValueError) as error:
        raise CommandError(f"The mapping {path} cannot be read: {error}") from error
    if not _is_mapping(said):
        raise CommandError(f"The mapping {path} does not look like {SHAPE}")
    return said | {part: name for part, name in named.items() if name}


def _choices(path: Path | None) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text(encoding="utf-8")) if path else {}
    except (OSError, ValueError) as error:
        raise CommandError(f"The choices {path} cannot be read: {error}") from error
    if not _is_choices(said):
        raise CommandError(f"The choices {path} do not look like {CHOICES}")
    return said


def _is_choices(said: Any) -> bool:
    if not (
        isinstance(said, dict) and said.keys() <= {"rows", "stale"} and said.get("stale", BEFORE) in WHOSE
    ):
        return False
    rows = said.get("rows", {})
    return isinstance(rows, dict) and all(
        isinstance(each, dict)
        and each.keys() <= {"target", "stale"}
        and type(each.get("target", 1)) is int
        and each.get("stale", BEFORE) in WHOSE
        for each in rows.values()
    )


def _is_mapping(said: Any) -> bool:
    return (
        isinstance(said, dict)
        and said.keys() <= MAPPING
        and all(isinstance(said.get(name, ""), str) for name in ("sheet", "profile", "encoding"))
        and type(said.get("header_row", 1)) is int
        and all(_is_texts(said.get(name, {})) for name in ("columns", "dates", "policies", "given"))
        and isinstance(said.get("values", {}), dict)
        and all(map(_is_texts, said.get("values", {}).values()))
        and isinstance(said.get("creates", {}), dict)
        and all(_is_listed(names) for names in (said.get("keys", []), *said.get("creates", {}).values()))
    )


def _is_texts(said: Any) -> bool:
    return isinstance(said, dict) and all(value is None or isinstance(value, str) for value in said.values())


def _is_listed(said: Any) -> bool:
    return isinstance(said, list) and all(isinstance(value, str) for value in said)

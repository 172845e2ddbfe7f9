"""Take rows out as a spreadsheet from the command line."""

from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.text import capfirst

from servicedesk.history.recording import change_set, record
from servicedesk.people.access import may
from servicedesk.people.models import Council, Grant, Person
from servicedesk.people.roles import Permission
from servicedesk.spreadsheets.exporting import FORMATS, keep_record, wanted, write
from servicedesk.spreadsheets.kinds import Kind, kinds, narrowed
from servicedesk.spreadsheets.management.commands.import_sheet import person
from servicedesk.spreadsheets.models import Export
from servicedesk.spreadsheets.outgoing import Outgoing, check_columns, outgoing


class Command(BaseCommand):
    help = "Writes the rows that the named council owns (or every council's) to an .xlsx or .csv file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", help="assets, tickets and the like")
        parser.add_argument("out", type=Path, help="the file to write, .xlsx or .csv")
        parser.add_argument("--council", help="the code of the council whose rows are wanted")
        parser.add_argument(
            "--columns", help="the columns that are wanted, by their names with commas between"
        )
        parser.add_argument(
            "--filter",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="what narrows the list of them, as in its address; may be said several times",
        )
        parser.add_argument(
            "--by",
            help="the e-mail address of whoever takes them out, by their rights; else it is the system",
        )
        parser.add_argument(
            "--as-at", type=date.fromisoformat, metavar="DATE", help="rows as they were on 2026-03-31"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        kind, out = kinds().get(options["kind"]), options["out"]
        if kind is None or kind.filtered is None:
            listed = ", ".join(kind.code for kind in kinds().values() if kind.filtered)
            raise CommandError(f"{options['kind']} cannot be exported. What can be: {listed}.")
        format = out.suffix.lower().removeprefix(".")
        if format not in FORMATS:
            raise CommandError("Name a file that ends in .xlsx or .csv.")
        columns, by = options["columns"].split(",") if options["columns"] else [], person(options["by"])
        if by and not may(by, Permission.EXPORT):
            raise CommandError(f"{by} may not take anything out.")
        council = _council(kind, options["council"])
        filters = dict(map(_parted, options["filter"]))
        try:
            check_columns(kind, by, columns)
            given = outgoing(kind, by, columns, council)
            rows = _rows(kind, council, options["as_at"], filters, by)
            if options["as_at"] and any(each.blank for each in given.fields):
                raise CommandError("Columns that are to be filled in go out with rows as they are now alone.")
        except ValidationError as wrong:
            raise CommandError(_why(kind, wrong, by)) from wrong
        export = Export(kind=kind.code, columns=columns, format=format, wanted_at=timezone.now())
        export.filters = filters | ({"council": council.code} if council else {})
        if options["as_at"]:
            export.filters["as_at"] = options["as_at"].isoformat()
        try:
            with out.open("wb") as target:
                count = write(given, rows, target, export)
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}") from error
        if by:
            _record(export, given, count, by)
        self.stdout.write(f"{count} {kind.many} written to {out}")


def _council(kind: Kind, code: str | None) -> Council | None:
    if not code:
        return None
    if not kind.has_council:
        raise CommandError(f"{capfirst(kind.many)} are shared by all councils: leave --council out.")
    council = Council.objects.filter(code=code).first()
    if council is None:
        raise CommandError(f"There is no council {code}.")
    return council


def _why(kind: Kind, wrong: ValidationError, by: Person | None) -> str:
    """Why nothing goes out; of a filter with its name. What one may choose from depends on who asks."""
    if not hasattr(wrong, "error_dict"):
        return " ".join(wrong.messages)
    known = kind.filters.base_filters if kind.filters else {}
    said = []
    for name, sentences in wrong.message_dict.items():
        is_personal = by is None and callable(getattr(known.get(name), "queryset", None))
        said.append(f"{name}: {'--by is needed for this filter.' if is_personal else ' '.join(sentences)}")
    return " ".join(said)


def _record(export: Export, given: Outgoing, count: int, by: Person) -> None:
    """Write down what somebody took out, as its page does; the file is theirs alone."""
    export.rows, export.wanted_by = count, by
    with change_set(by=by, reason=f"Export of {given.kind.many}") as deed:
        keep_record(export, given, Grant.objects.in_force().filter(person=by))
        record(deed, [export])


def _parted(said: str) -> tuple[str, str]:
    name, _, value = said.partition("=")
    return name, value


def _rows(
    kind: Kind, council: Council | None, day: date | None, filters: dict[str, str], by: Person | None
) -> Any:
    """The rows of a council, or of all, as they are or as they were at the end of a day. Raises ValidationError."""
    if day is None:
        rows = wanted(kind, by, filters) if by else kind.rows(None, {})
        if filters and by is None:
            if kind.filters is None:
                raise CommandError(f"{capfirst(kind.many)} are narrowed by nothing.")
            rows = narrowed(kind.filters, rows, None, filters)
        return rows.filter(council=council) if council else rows
    if filters or by:
        raise CommandError("Rows as they were on a day are taken out whole, by the system.")
    if kind.as_at is None:
        raise CommandError(f"{capfirst(kind.many)} can only be taken out as they are now.")
    if day > timezone.localdate():
        raise CommandError("Name a day that is not in the future.")
    return kind.as_at(day, council)

"""The imports there were, and taking one back, from the command line."""

from argparse import ArgumentParser
from io import BytesIO
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from servicedesk import wording
from servicedesk.history.undoing import Overtaken
from servicedesk.people.models import Person
from servicedesk.spreadsheets.management.commands.import_sheet import person, write_checked
from servicedesk.spreadsheets.models import Action, Import, WrongStep
from servicedesk.spreadsheets.outcome import counted
from servicedesk.spreadsheets.reading import Refused
from servicedesk.spreadsheets.rejects import write_rejects
from servicedesk.spreadsheets.taking_back import take_back

NEWEST = 50


class Command(BaseCommand):
    help = (
        "Lists the newest imports, whoever began them; imports what was checked, takes one back as far as nobody has "
        "changed it since, or writes the rows that it held back."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--council", help="the code of the council whose imports are wanted")
        parser.add_argument(
            "--apply",
            type=int,
            metavar="NUMBER",
            help="write the good rows of this import, which was checked",
        )
        parser.add_argument("--whole", action="store_true", help="with --apply: all of the rows, or none")
        parser.add_argument(
            "--confirmed", action="store_true", help="with --apply: also what has to be looked at twice"
        )
        parser.add_argument("--undo", type=int, metavar="NUMBER", help="take this import back")
        parser.add_argument(
            "--by",
            help="with --apply or --undo: the e-mail address of whoever does it; else it is the system",
        )
        parser.add_argument(
            "--rejects", nargs=2, metavar=("NUMBER", "OUT"), help="write the rows held back, as a workbook"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["apply"]:
            started = _import(options["apply"], withdrawn_at=None)
            self._apply(started, person(options["by"]), options["whole"], options["confirmed"])
        elif options["undo"]:
            self._undo(_import(options["undo"], withdrawn_at=None), person(options["by"]))
        elif options["rejects"]:
            self._write_rejects(*options["rejects"])
        else:
            self._list(options["council"])

    def _list(self, council: str | None) -> None:
        found = Import.objects.select_related("council", "file", "started_by").filter(withdrawn_at=None)
        found = found.order_by("-pk")
        for each in found.filter(**({"council__code": council} if council else {}))[:NEWEST]:
            counts = ", ".join(
                f"{each.counts[name]} {name}" for name in (*Action, "missing") if each.counts.get(name)
            )
            words = (each.council.code, each.kind, each.file.name, each.get_state_display(), counts)
            by = f"by {each.started_by or 'the system'}, {wording.moment(each.started_at)}"
            self.stdout.write(f"{each.pk}: {'; '.join(filter(None, words))}; {by}")

    def _write_rejects(self, number: str, out: str) -> None:
        if not number.isdecimal():
            raise CommandError(f"“{number}” is not the number of an import.")
        book = BytesIO()
        try:
            count = write_rejects(_import(number, withdrawn_at=None), book)
        except (WrongStep, Refused) as refused:
            raise CommandError(str(refused)) from refused
        Path(out).write_bytes(book.getvalue())
        self.stdout.write(f"{wording.counted(count, 'row')} held back")

    def _apply(self, started: Import, by: Person | None, whole: bool, confirmed: bool) -> None:
        _refuse(started, by, "import it", "changes", "changes")
        if started.state != Import.State.CHECKED:
            state = started.get_state_display().lower()
            raise CommandError(f"This import is {state}. Only what was checked can be imported.")
        try:
            applied = write_checked(started, by, whole=whole, confirmed=confirmed)
        except (WrongStep, Overtaken) as refused:
            raise CommandError(str(refused)) from refused
        counts = ", ".join(f"{count} {name}" for name, count in counted(applied).items())
        self.stdout.write(f"Imported: {counts}")

    def _undo(self, started: Import, by: Person | None) -> None:
        _refuse(started, by, "take it back", "changed", "takes back")
        if not started.may_be_undone:
            raise CommandError("There is nothing to undo: this import has written nothing.")
        try:
            undone = take_back(started, by=by).undone
        except Overtaken as overtaken:
            raise CommandError(str(overtaken)) from overtaken
        self.stdout.write(f"Restored: {undone['restored']}, removed: {undone['removed']}")
        for left in undone["left"]:
            self.stdout.write(f"Left as it is: {left['label']}: {left['why']} {left['by']}".rstrip())


def _refuse(started: Import, by: Person | None, deed: str, did: str, does: str) -> None:
    """Refuse who may not do it, and the system where somebody does it by their rights."""
    kind = started.kind_of_row
    if by and started.council_id not in kind.may_import(by):
        raise CommandError(f"{by} may not {deed}.")
    if kind.deeds and started.counts.get("update") and by is None:
        raise CommandError(f"It {did} {kind.many}, which somebody {does} by their rights: say --by.")


def _import(number: Any, **also: Any) -> Import:
    found = Import.objects.select_related("council", "file", "job", "change_set")
    started = found.filter(pk=number, **also).first()
    if started is None:
        raise CommandError(f"There is no import {number}.")
    return started

"""Take rows out as a spreadsheet from the command line."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from servicedesk import wording
from servicedesk.people.models import Council
from servicedesk.spreadsheets.exporting import FORMATS, write
from servicedesk.spreadsheets.kinds import kinds


class Command(BaseCommand):
    help = "Writes the rows that the named council owns (or every council's) to an .xlsx or .csv file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", help="assets")
        parser.add_argument("out", type=Path, help="the file to write, .xlsx or .csv")
        parser.add_argument("--council", help="the code of the council whose rows are wanted")

    def handle(self, *args: Any, **options: Any) -> None:
        kind, out = kinds().get(options["kind"]), options["out"]
        format = out.suffix.lower().removeprefix(".")
        if kind is None or kind.filtered is None:
            listed = ", ".join(kind.code for kind in kinds().values() if kind.filtered)
            raise CommandError(f"{options['kind']} cannot be exported. What can be: {listed}.")
        if format not in FORMATS:
            raise CommandError("Name a file that ends in .xlsx or .csv.")
        rows = kind.model._default_manager.all()
        if options["council"]:
            council = Council.objects.filter(code=options["council"]).first()
            if council is None:
                raise CommandError(f"There is no council {options['council']}.")
            rows = rows.filter(council=council)
        about = [
            f"{kind.many} of {options['council'] or 'every council'}",
            f"As at {wording.moment(timezone.now())}",
        ]
        try:
            with out.open("wb") as target:
                count = write(kind, rows, target, format, None, about)
        except OSError as error:
            raise CommandError(f"{out} cannot be written: {error.strerror}") from error
        self.stdout.write(f"{count} {kind.many} written to {out}")

"""Load reference data from the command line: say what it would do, or do it."""

import json
import sys
from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from assets.register.models import Category
from assets.register.reference.closing import KIND as BANK_HOLIDAY
from assets.register.reference.loading import Outcome, load
from assets.register.reference.planning import Action, Line
from assets.register.reference.shapes import Options
from servicedesk.tickets.remeasuring import in_words

ALL_CLEAR, REFUSED, SOME_NOT = 0, 1, 2
MOST_LISTED = 50
WORDS = {
    Action.CREATE: "added",
    Action.CHANGE: "changed",
    Action.LEAVE: "as it is already",
    Action.KEPT: "kept as it is",
    Action.AMBIGUOUS: "not clear",
    Action.UNMATCHED: "none of ours",
}


class Command(BaseCommand):
    help = (
        "Reads ends of support, footprints, device types and bank holidays from a file or a folder and says what "
        "they would change (dry run) or, with --apply, changes it. Exit status: 0 all is clear, 2 something is "
        "ambiguous and was left out, 1 a file is refused and nothing is written."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="a file or a folder")
        parser.add_argument("--apply", action="store_true", help="write it")
        parser.add_argument(
            "--checked",
            type=_day,
            help="the day on which the files were taken from their source, such as 2026-08-14; "
            "unless said, what a file says itself, else the day on which it was last written",
        )
        parser.add_argument(
            "--overwrite", action="store_true", help="replace what people entered and what other sources say"
        )
        parser.add_argument(
            "--category",
            choices=Category.values,
            default="",
            help="add device types that are new, as of this category",
        )
        parser.add_argument("--json", action="store_true", help="print the outcome as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = Options(options["checked"], options["overwrite"], options["category"])
        outcome = load(options["path"], wanted, apply=options["apply"])
        if options["json"]:
            self.stdout.write(json.dumps(outcome.as_json(), indent=1, ensure_ascii=False))
        else:
            self._print(outcome)
        unclear = any(line.action == Action.AMBIGUOUS for line in outcome.lines)
        sys.exit(REFUSED if outcome.refused else SOME_NOT if unclear else ALL_CLEAR)

    def _print(self, outcome: Outcome) -> None:
        for sentence in outcome.refused:
            self.stdout.write(f"Refused: {sentence}")
        for one in outcome.files:
            self.stdout.write(
                f"{one.path.name}: {one.kind}, {len(one.rows)} from {one.source}, checked {one.checked}"
            )
        self._some([f"Left out: {note}" for note in outcome.notes])
        for action, words in WORDS.items():
            lines = [line for line in outcome.lines if line.action == action]
            if lines and action not in (Action.LEAVE, Action.UNMATCHED):
                self.stdout.write(f"\n{words.capitalize()}:")
                self._some([_in_words(line) for line in lines])
        if any(line.write for line in outcome.lines if line.kind == BANK_HOLIDAY):
            self.stdout.write(f"\nBank holidays: {in_words(outcome.effects)} What has ended stays as it was.")
        counts = ", ".join(f"{count} {WORDS[Action(name)]}" for name, count in outcome.counts.items())
        done = "Loaded" if outcome.applied else "Checked, nothing written"
        self.stdout.write(f"{done}: {counts or 'nothing'}")

    def _some(self, sentences: list[str]) -> None:
        for sentence in sentences[:MOST_LISTED]:
            self.stdout.write(sentence)
        if len(sentences) > MOST_LISTED:
            self.stdout.write(f"and {len(sentences) - MOST_LISTED} more; --json lists them all")


def _in_words(line: Line) -> str:
    values = "; ".join(
        f"{value.name} {value.old or 'empty'} → {value.new}{f' ({value.why})' if value.why else ''}"
        for value in line.values
    )
    return f"  {line.name}: {line.why}{f': {values}' if values else ''}{f' [{line.where}]' if line.where else ''}"


def _day(text: str) -> date:
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text} is not a date such as 2026-08-14") from error
    if found > timezone.localdate():
        raise ArgumentTypeError(f"{text} has not come yet")
    return found

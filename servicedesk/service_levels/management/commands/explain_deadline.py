"""Says how deadlines come about, for cases on standard input."""

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from servicedesk import wording
from servicedesk.service_levels.explanation import explain_cases, read_cases
from servicedesk.service_levels.working_time import DeadlineError


class Command(BaseCommand):
    """Needs no database: the calendars come with the cases."""

    help = (
        'Reads {"calendars", "cases"} on standard input; prints when each is due and the working slots used.'
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the list as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            document = json.loads(sys.stdin.read().removeprefix("\ufeff"))
            text = json.dumps(explain_cases(document), indent=1) if options["json"] else _in_words(document)
        except DeadlineError as problem:
            raise CommandError(str(problem)) from problem
        except (ValueError, RecursionError) as problem:
            raise CommandError(f"Standard input is not JSON in UTF-8: {problem}.") from problem
        self.stdout.write(text)


def _in_words(document: object) -> str:
    lines = []
    for name, explanation in read_cases(document):
        lines.append(f"{name}: due {wording.moment(explanation.due) or 'when the pause has ended'}")
        lines += [f"  {line}" for line in explanation.words()]
    return "\n".join(lines)

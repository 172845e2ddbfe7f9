"""The command that runs the jobs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from servicedesk.jobs.working import be_a_worker, keep_workers


class Command(BaseCommand):
    help = "Runs the jobs and what is due by itself, with as many workers as JOB_WORKERS says, until it is stopped."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--one", action="store_true", help="be one of the workers, until standard input closes"
        )

    def handle(self, *args: Any, one: bool, **options: Any) -> None:
        if one:
            be_a_worker()
        else:
            keep_workers()

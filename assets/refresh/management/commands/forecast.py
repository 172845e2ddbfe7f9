"""Say from the command line when the councils' assets fall due, and what replacing them costs."""

import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from assets.refresh.figures import EstateForecast, whole_forecast
from assets.register.models import Category
from servicedesk import wording
from servicedesk.people.models import Council


class Command(BaseCommand):
    help = "The refresh forecast: how many assets fall due in each financial year, and what that costs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as-at", type=date.fromisoformat, metavar="DATE", help="today, unless given")
        parser.add_argument("--council", help="the code of the one council that is wanted")
        parser.add_argument("--json", action="store_true", help="for programs")

    def handle(self, *args: Any, **options: Any) -> None:
        councils = Council.objects.order_by("code")
        if options["council"]:
            councils = councils.filter(code=options["council"])
            if not councils:
                raise CommandError(f"There is no council {options['council']}.")
        as_at = options["as_at"] or timezone.localdate()
        forecast = whole_forecast(list(councils), as_at, timezone.now())
        self.stdout.write(json.dumps(forecast.told(), indent=1) if options["json"] else _in_words(forecast))


def _in_words(forecast: EstateForecast) -> str:
    lines = [
        f"{row['financial_year']:8}  {row['council']:8}  {Category(row['category']).label:17}  "
        f"{row['count']:>7,}  {wording.money(row['cost']):>16}"
        for row in forecast.rows()
    ]
    total = f"{'Total':45}{wording.money(forecast.total):>18}"
    return "\n".join(
        [
            f"As at {wording.day(forecast.as_at)}, with {wording.percent(forecast.inflation)} inflation a year",
            *lines,
            total,
        ]
    )

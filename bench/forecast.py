"""The refresh forecast of 200,000 assets, beside a bare SQL aggregate of the same assets."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from assets.refresh.calendar_sql import year_sql
from assets.refresh.estate_forecast import IN_SERVICE
from assets.refresh.figures import whole_forecast
from assets.register.models import Asset
from bench.measuring import Figure, ratio
from demo import loading
from demo.bulk_assets import AssetMaker
from demo.inserting import insert, number_rows
from servicedesk.people.models import Council

ASSETS, CHUNK = 200_000, 5000


def figures() -> Iterator[Figure]:
    if not Council.objects.exists():
        loading.load()
    _grow()
    councils = list(Council.objects.all())
    now = timezone.now()
    yield ratio(
        f"The refresh forecast of {ASSETS:,} assets, to a bare SQL aggregate of them",
        3,
        lambda: whole_forecast(councils, timezone.localdate(now), now).rows(),
        _aggregate,
        detail="By council, category, model and financial year; the aggregate takes the year of the purchase.",
    )


def _grow() -> None:
    """Assets that came on many days, a third of them with a system that they cannot leave."""
    maker = AssetMaker(timezone.now())
    for start in range(maker.count(), ASSETS, CHUNK):
        made = [maker.make(number) for number in range(start, start + CHUNK)]
        for number, asset in enumerate(made, start):
            if asset.purchase_date:
                asset.in_service_date = asset.purchase_date + timedelta(days=number * 7919 % 60)
            if asset.category in ("laptop", "desktop"):
                asset.os_name, asset.os_version = "Windows 10", "22H2"
                asset.os_upgradeable = "yes" if number % 3 else "no"
        number_rows(made)
        insert(made)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _aggregate() -> None:
    """As bare as it can be and still count by year: no joins, no rules, no Python."""
    year = year_sql("purchase_date")
    inner, parameters = (
        Asset.objects.filter(IN_SERVICE)
        .order_by()
        .values("council_id", "category", "model_id", "purchase_date")
    ).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT council_id, category, model_id, {year}, COUNT(*) FROM ({inner}) AS a GROUP BY 1, 2, 3, 4",  # noqa: S608
            parameters,
        )
        cursor.fetchall()

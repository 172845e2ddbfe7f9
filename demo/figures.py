"""What the service owners entered of the last months: calls of every council, changes and projects of the first."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone

from servicedesk.people.models import Grant
from servicedesk.reports.entering import enter_figure
from servicedesk.reports.models import EnteredFigure
from servicedesk.reports.months import month_before, next_month

# By kind: where it is read, and the two numbers of the last months, latest first.
ENTERED = {
    "calls": ("Monthly statistics of the telephone system", [(164, 3180), (152, 2990), (171, 3040)]),
    "changes": ("Register of changes", [(31, 33), (27, 28), (35, 38)]),
    "projects": ("Time sheets", [(412, 1120), (388, 1090), (371, 1075)]),
}
SMALLER = 6
"""How many times fewer calls the second council has."""


def load_figures(now: datetime) -> None:
    """Enter them, each a few days after its month."""
    owners = Grant.objects.filter(role="service_owner").order_by("pk").select_related("person", "council")
    for at, grant in enumerate(owners):
        for kind, (source, numbers) in ENTERED.items():
            if at and kind != EnteredFigure.Kind.CALLS:
                continue
            first = month_before(timezone.localdate(now).replace(day=1))
            for part, whole in numbers:
                read_on = min(next_month(first) + timedelta(days=1), timezone.localdate(now))
                figure = EnteredFigure(
                    council=grant.council,
                    kind=kind,
                    month=first,
                    part=part // SMALLER if at else part,
                    whole=whole // SMALLER if at else whole,
                    source=source,
                    read_on=read_on,
                )
                enter_figure(figure, by=grant.person, now=min(_noon(read_on), now))
                first = month_before(first)


def _noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))

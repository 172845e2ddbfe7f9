"""Which services an agreement brings to its councils decides what its targets hold for.

So it stays as it is while there are any, and for what was reported under them: deadlines would move with nobody shown.
"""

from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.utils import timezone

from servicedesk.catalogue import offering
from servicedesk.catalogue.models import Service
from servicedesk.history.recording import change_set
from servicedesk.people.models import Agreement, Council, Person
from servicedesk.service_levels.models import ServiceLevel
from servicedesk.service_levels.promises import customers_of
from servicedesk.tickets.models import Ticket

DECIDED = (
    "{} has targets, and which services it brings decides what they hold for. End its targets first, and close what "
    "was reported until then"
)


def add_service(
    service: Service,
    councils: Iterable[Council],
    agreements: Iterable[Agreement] = (),
    *,
    by: Person | None,
    now: datetime | None = None,
) -> Service:
    """Offer a new service as `catalogue.offering` does; never as the first that an agreement with targets brings, since
    these held for everything until then."""
    agreements = list(agreements)
    with change_set(by=by, now=now):
        without = [one for one in agreements if not one.services.exists()]
        added = offering.add_service(service, councils, agreements, by=by, now=now)
        refuse_where_targets_hold(without, now)
    return added


def refuse_where_targets_hold(agreements: Iterable[Agreement], now: datetime | None = None) -> None:
    """Raises ValidationError where another service would change what a target of these agreements holds for."""
    today = timezone.localdate(now)
    for agreement in agreements:
        if any(_holds(level, agreement, today) for level in agreement.service_levels.all()):
            raise ValidationError({"agreements": DECIDED.format(agreement)})


def _holds(level: ServiceLevel, agreement: Agreement, today: date) -> bool:
    if level.ended_on is None or level.ended_on > today:
        return True
    promised = Ticket.objects.filter(council__in=customers_of(agreement), type=level.ticket_type)
    return promised.filter(
        priority=level.priority, is_open=True, reported_at__date__lt=level.ended_on
    ).exists()

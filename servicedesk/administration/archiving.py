"""Offering something no longer, with what several apps know of who would miss it."""

from typing import Any

from django.core.exceptions import ValidationError

from servicedesk.catalogue import offering
from servicedesk.catalogue.models import Service
from servicedesk.people import organising
from servicedesk.people.models import Person, Team
from servicedesk.tickets.models import Ticket


def archive(row: Any, *, by: Person, version: int) -> Any:
    """Offer a row no longer; it is still read.

    A team that supports a service on offer, or has open requests, is missed: it is refused.
    Raises PermissionDenied, history.editing.Stale, or ValidationError.
    """
    if isinstance(row, Service):
        return offering.withdraw(row, by=by, version=version)
    if isinstance(row, Team):
        _refuse_missed(row)
    return organising.archive(row, by=by, version=version)


def bring_back(row: Any, *, by: Person, version: int) -> Any:
    """Offer an archived row again. Raises as `archive` does."""
    if isinstance(row, Service):
        return offering.offer_again(row, by=by, version=version)
    return organising.bring_back(row, by=by, version=version)


def _refuse_missed(team: Team) -> None:
    service = Service.objects.on_offer().filter(support_team=team).first()
    if service:
        raise ValidationError(f"{team} supports {service}. Choose another team for it first.")
    if Ticket.objects.filter(team=team, is_open=True).exists():
        raise ValidationError(
            f"{team} has open requests. They must be finished, or go to another team, first."
        )

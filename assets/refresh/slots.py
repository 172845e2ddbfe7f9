"""What the refresh puts into the pages of the register, its report and the first screen."""

from collections.abc import Collection
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils import timezone

from assets.refresh.estate_forecast import Basis
from assets.refresh.figures import forecast_for
from assets.refresh.filters import due_filters
from assets.refresh.past_due import Past, past_at
from assets.refresh.tables import ForecastTables
from assets.refresh.using import SOURCES, use_of_one
from assets.refresh.why import why
from assets.register.lifecycle import TERMINAL
from assets.register.models import Asset
from servicedesk.lists.savable import Savable
from servicedesk.people.access import may
from servicedesk.people.models import Council
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission

# SAVED_LISTS
DUE_LIST = Savable("due", "Assets in the forecast", "refresh:assets", Permission.SEE_ASSETS, due_filters)


def why_due(request: SignedInRequest, asset: Asset) -> dict[str, Any] | None:
    """ASSET_PANELS: why it is due, for whoever reads the register."""
    found = why(request.user, asset, timezone.localdate())
    if found is None:
        return None
    return {
        "template": "refresh/why_panel.html",
        "context": {"why": found, "cost": found.cost(request.user)},
    }


def energy_of_asset(request: SignedInRequest, asset: Asset) -> dict[str, Any] | None:
    """ASSET_PANELS: what it uses in a year and from where that is known, for whoever reads the register."""
    if asset.state in TERMINAL or not may(request.user, Permission.SEE_ASSETS, asset.council_id):
        return None
    known = use_of_one(asset)
    shown = {"asset": asset, "known": known, "source": SOURCES.get(known.source)}
    return {"template": "refresh/energy_panel.html", "context": shown}


def past(day: date, councils: Collection[int]) -> Past:
    """PAST_ASSETS: the assets of these councils that were overdue for replacement at the end of a day, and those that
    were supported no longer."""
    return past_at(day, councils)


def unsupported(day: date) -> Q:
    """UNSUPPORTED: what is supported no longer on a day, of any council."""
    return Basis(Council.objects.values_list("pk", flat=True)).unsupported(day)


def what_falls_due(request: SignedInRequest) -> dict[str, Any] | None:
    """HOME_CARDS: five financial years, of the councils whose refresh the person plans and with their money alone."""
    forecast = forecast_for(request.user, where=Permission.PLAN_REFRESH)
    if not forecast.lines:
        return None
    return {"template": "refresh/home_card.html", "context": {"tables": ForecastTables(forecast).at_home}}


def no_longer_supported(request: SignedInRequest) -> dict[str, Any] | None:
    """HOME_CARDS: what its maker, or that of its operating system, mends no more, for whoever answers for security."""
    forecast = forecast_for(request.user, where=Permission.SEE_CYBER_TICKETS)
    counts = ForecastTables(forecast).unsupported
    if not counts:
        return None
    context = {"heading": "Devices without support", "councils": counts}
    return {"template": "register/counts_card.html", "context": context}

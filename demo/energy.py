"""What the councils say of energy: what a kWh costs from when on, a machine room, a factor, a year that is closed."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from assets.refresh.closing import close_year
from assets.refresh.forecast import FIRST_MONTH, year_of
from assets.refresh.models import EnergyFactor, RoomOverhead, Tariff
from assets.refresh.planning import add_row
from servicedesk.people.models import Council

PENCE = {"OCC": ("24.350", "26.120"), "CDC": ("27.900", "25.480")}
"""By council, what a kWh cost in the financial year that has ended, and what it costs since."""
PUE = {"OCC": "1.55"}
FACTOR = "0.131"
SOURCE = "Assumed for the demo, 26% below 2025: enter what GOV.UK publishes"


def load_energy(now: datetime) -> None:
    """By each council's asset manager, who then closes the year that ended last."""
    year, then = year_of(now.date()), now - timedelta(days=20)
    begins, began = date(year, FIRST_MONTH, 1), date(year - 1, FIRST_MONTH, 1)
    managers = {
        council: council.people.get(email__startswith="asset.manager@")
        for council in Council.objects.order_by("pk")
    }
    for council, manager in managers.items():
        before, since = map(Decimal, PENCE[council.code])
        last_day = begins - timedelta(days=1)
        add_row(
            Tariff(council=council, pence=before, starts_on=began, ends_on=last_day), by=manager, now=then
        )
        add_row(Tariff(council=council, pence=since, starts_on=begins), by=manager, now=then)
        if pue := PUE.get(council.code):
            site = council.sites.order_by("pk")[0]
            room = RoomOverhead(council=council, site=site, pue=Decimal(pue), starts_on=began)
            add_row(room, by=manager, now=then)
    if not EnergyFactor.objects.filter(year=year).exists():
        row = EnergyFactor(year=year, generation=Decimal(FACTOR), source=SOURCE, checked_on=then.date())
        add_row(row, by=next(iter(managers.values())), now=then)
    for council, manager in managers.items():
        close_year(council, by=manager, now=now)

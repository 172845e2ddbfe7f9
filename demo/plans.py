"""What the councils plan the refresh of their assets with: costs, ends of support, a what if, a plan that was told."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from assets.refresh.forecast import financial_year, year_of
from assets.refresh.models import Scenario, UnitCosts
from assets.refresh.planning import add_row, take_baseline
from assets.register.models import Announced, Asset, OperatingSystemRelease
from assets.register.registering import change_asset
from demo.reading import table
from servicedesk.history import editing
from servicedesk.history.recording import change_set
from servicedesk.people.models import Council

EVERY = 4
"""One in so many of what runs Windows 10 cannot take the next."""
SCENARIOS = {
    "OCC": ("Laptops a year longer", None, {"laptop": {"life": 12}}),
    "CDC": ("At most £5,000 a year", Decimal(5000), {}),
}


def load_plans(now: datetime) -> None:
    """Costs, scenarios and a baseline of each council, by its asset manager."""
    then = now - timedelta(days=30)
    with change_set(by=None, reason="Ends of support from endoflife.date", now=then):
        for row in table("systems"):
            _add_system(row, then.date())
    for council in Council.objects.order_by("pk"):
        manager = council.people.get(email__startswith="asset.manager@")
        with change_set(by=manager, reason="What cannot take Windows 11", now=then):
            stuck = Asset.objects.filter(council=council, os_name__startswith="Windows 10").order_by("pk")
            for asset in stuck[::EVERY]:
                change_asset(asset, by=manager, version=asset.version, now=then, os_upgradeable="no")
        for row in table("unit_costs"):
            if row["council"] == council.code:
                add_row(_costs(row, council, then.date()), by=manager, now=then)
        name, cap, levers = SCENARIOS[council.code]
        scenario = Scenario(
            council=council, name=name, inflation=Decimal("0.03"), yearly_cap=cap, levers=levers
        )
        add_row(scenario, by=manager, now=then)
        take_baseline(by=manager, council=council, name="Budget paper", as_at=then.date(), now=then)


def _add_system(row: dict[str, str], checked: date) -> None:
    extended = row["extended"]
    release = OperatingSystemRelease(
        product=row["product"],
        cycle=row["cycle"],
        name=row["name"],
        edition=row["edition"],
        released_on=date.fromisoformat(row["released"]),
        end_of_active_support_known=Announced.UNKNOWN,
        end_of_security_support=date.fromisoformat(row["ends"]),
        end_of_security_support_known=Announced.DATE,
        end_of_extended_support=date.fromisoformat(extended) if extended else None,
        end_of_extended_support_known=Announced.DATE if extended else Announced.UNKNOWN,
        source="endoflife.date",
        checked_on=checked,
    )
    editing.add(release, by=None)


def _costs(row: dict[str, str], council: Council, today: date) -> UnitCosts:
    amounts = ("price", "deploy", "disposal", "residual", "engineer_days")
    told = {name: Decimal(row[name]) for name in amounts if row[name]}
    base = financial_year(year_of(today))
    return UnitCosts(council=council, category=row["category"], base_fy=base, **told)

"""From whom the councils buy, their circuits and lines, and how their network hangs together."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from assets.register.keeping import add_row, change_row, with_source
from assets.register.lifecycle import AssetState
from assets.register.models import (
    Asset,
    AssetModel,
    Category,
    Circuit,
    Contract,
    LifecyclePolicy,
    Line,
    Relation,
    Supplier,
)
from assets.register.registering import change_asset
from assets.register.relating import relate
from demo.reading import table
from servicedesk.catalogue.models import Service
from servicedesk.history.models import ChangeSet
from servicedesk.history.recording import change_set
from servicedesk.people.models import Council, Person, Site

HEADQUARTERS = {"OCC": "County Hall", "CDC": "Bodicote House"}
ROLES: dict[str, str] = {
    Category.FIREWALL: "security",
    Category.SWITCH: "access",
    Category.ACCESS_POINT: "wireless",
    Category.ROUTER: "edge",
}
SHORT: dict[str, str] = {
    Category.FIREWALL: "fw",
    Category.SWITCH: "sw",
    Category.ACCESS_POINT: "ap",
    Category.PRINTER: "mfd",
}
CARRIED = {"OCC": ("Website", "Social care system"), "CDC": ("Benefits system",)}


def load_suppliers(deed: ChangeSet) -> None:
    """Suppliers, before the assets that name them."""
    for row in table("suppliers"):
        expires = row.pop("expires_in")
        expiry = _day(deed.at + timedelta(days=120), expires)
        add_row(Supplier(**row, certificate_expiry=expiry), by=None)


def load_network(now: datetime) -> None:
    """What comes into the buildings, what the makers say of it, and what hangs off what."""
    then = now - timedelta(days=40)
    with change_set(by=None, reason="What the makers have announced", now=then):
        _say_vendor_dates()
    for council in Council.objects.order_by("pk"):
        manager = council.people.get(email__startswith="asset.manager@")
        with change_set(by=manager, reason="The network as it is wired", now=then):
            _add_connections(council, manager, now)
            _Network(council, manager).build()
    county = Council.objects.get(code="OCC")
    policy = LifecyclePolicy(council=county, category=Category.LAPTOP, useful_life_months=48)
    add_row(policy, by=county.people.get(email__startswith="asset.manager@"), now=then)


def _say_vendor_dates() -> None:
    for row in table("vendor_dates"):
        model = AssetModel.objects.get(name=row["model"])
        day = date.fromisoformat(row["date"]) if row["date"] else None
        checked = date.fromisoformat(row["checked"])
        sources = with_source(model, row["field"], row["source"], checked, announced=day is not None)
        said: dict[str, Any] = {row["field"]: day, "sources": sources}
        change_row(model, by=None, version=model.version, **said)


def _add_connections(council: Council, manager: Person, now: datetime) -> None:
    sites = {site.name: site for site in council.sites.all()}
    suppliers = {supplier.name: supplier for supplier in Supplier.objects.all()}
    for row in table("contracts"):
        if row["council"] == council.code:
            contract = Contract(
                council=council,
                supplier=suppliers[row["supplier"]],
                reference=row["reference"],
                subject=row["subject"],
                starts_on=_day(now, f"-{row['began_ago']}"),
                ends_on=_day(now, row["ends_in"]),
                notice_months=int(row["notice_months"]),
            )
            add_row(contract, by=manager)
    for row in table("circuits"):
        if row["council"] == council.code:
            add_row(Circuit(**_connection(row, council, sites, suppliers, now)), by=manager)
    for row in table("lines"):
        if row["council"] == council.code:
            add_row(Line(**_connection(row, council, sites, suppliers, now)), by=manager)


def _connection(
    row: dict[str, str],
    council: Council,
    sites: dict[str, Site],
    suppliers: dict[str, Supplier],
    now: datetime,
) -> dict:
    """The columns of a circuit or a line."""
    told: dict = {
        **row,
        "council": council,
        "site": sites[row["site"]],
        "provider": suppliers[row["provider"]],
        "critical": bool(row["critical"]),
    }
    if "ends_in" in told:
        told["contract_end"] = _day(now, told.pop("ends_in"))
        told["resilient"] = bool(told["resilient"])
    if "migrate_by" in told:
        told["migrate_by"] = date.fromisoformat(told["migrate_by"]) if told["migrate_by"] else None
    return told


class _Network:
    """The equipment of one council: everything hangs off the core at its headquarters."""

    def __init__(self, council: Council, manager: Person):
        self.council, self.manager = council, manager
        self.home = council.sites.get(name=HEADQUARTERS[council.code])
        self.places = [self.home, *council.sites.exclude(pk=self.home.pk).order_by("pk")]

    def build(self) -> None:
        firewalls, switches = self._used(Category.FIREWALL), self._used(Category.SWITCH)
        edge = (
            self._place(firewalls[:1], self.places[:1], None, rack=("Rack A", 40), stack="")
            if firewalls
            else []
        )
        stack = f"stk-{self._short(self.home)}-core"
        core = self._place(
            switches[:2], [self.home], edge[0] if edge else None, rack=("Rack A", 30), stack=stack
        )
        access = self._place(switches[2:], self.places, core[0], rack=("Cabinet 1", 10), stack="")
        by_site = {switch.site_id: switch for switch in access}
        for category in (Category.ACCESS_POINT, Category.PRINTER):
            for number, asset in enumerate(self._used(category)):
                switch = by_site.get(asset.site_id) or (access or core)[number % len(access or core)]
                place = switch.site or self.home
                self._place([asset], [place], switch, rack=("", 0), stack="", start=number)
        for name in CARRIED[self.council.code]:
            relate(Service.objects.get(name=name), Relation.RUNS_ON, core[0], by=self.manager)
        for server in self._used(Category.SERVER):
            relate(server, Relation.CONNECTS_TO, core[0], by=self.manager)

    def _used(self, category: str) -> list[Asset]:
        used = self.council.assets.filter(category=category, state=AssetState.IN_USE)
        return list(used.select_related("site", "council").order_by("asset_tag"))

    def _place(
        self,
        assets: Iterable[Asset],
        sites: list[Site],
        uplink: Asset | None,
        *,
        rack: tuple[str, int],
        stack: str,
        start: int = 0,
    ) -> list[Asset]:
        """Put equipment into sites in turn, each hanging off the uplink."""
        placed = []
        for number, asset in enumerate(assets, start):
            site = sites[number % len(sites)]
            net, part = 20 + list(CARRIED).index(self.council.code), 1 + self.places.index(site)
            host = 10 + number + 50 * list(SHORT).index(asset.category)
            placed.append(
                change_asset(
                    asset,
                    by=self.manager,
                    version=asset.version,
                    site=site,
                    hostname=f"{SHORT[asset.category]}-{self._short(site)}-{number + 1:02}",
                    management_address=f"10.{net}.{part}.{host}",
                    network_role="core" if stack else ROLES.get(asset.category, ""),
                    rack=rack[0],
                    rack_unit=rack[1] - number if rack[1] > number else None,
                    stack_name=stack,
                    stack_member=number + 1 if stack else None,
                    uplink=uplink,
                )
            )
        return placed

    @staticmethod
    def _short(site: Site) -> str:
        return site.name[:3].lower()


def _day(now: datetime, days: str) -> date | None:
    return (now + timedelta(days=int(days))).date() if days else None

"""What the councils own: makers, models, and assets in every state of their life.

Nothing is random: what varies goes by the number of the asset, so that every load makes the same estate.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal

from assets.refresh.forecast import financial_year, year_of
from assets.register.lifecycle import TERMINAL, AssetState
from assets.register.models import HOLDS_NO_DATA, Asset, AssetModel, Category, Manufacturer, Supplier
from assets.register.registering import change_asset, register_assets
from demo.reading import table
from servicedesk.history.models import ChangeSet
from servicedesk.history.recording import record
from servicedesk.people.models import Council

HELD = (
    Category.LAPTOP,
    Category.DESKTOP,
    Category.MONITOR,
    Category.MOBILE_PHONE,
    Category.DESK_PHONE,
    Category.DOCK,
)
COMPUTERS = (Category.LAPTOP, Category.DESKTOP)
WITH_SOMEBODY = (AssetState.IN_USE, AssetState.IN_REPAIR, AssetState.LOST_STOLEN)
WIPED = (AssetState.SANITISED, AssetState.DISPOSED, AssetState.DONATED, AssetState.SOLD, AssetState.DESTROYED)
NEVER_CAME = (AssetState.ON_ORDER, AssetState.CANCELLED)
# Each council numbers as it likes, so the same tag may be on a thing of each.
SHARED_TAGS = {("CDC", 2): "001234", ("OCC", 3): "LT/17"}
RESELLERS = ("Specialist Computer Supplies", "Thames Valley IT", "Cotswold Networks")
DIGITS = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
SYSTEMS = [
    ("Windows 11 Enterprise", "24H2"),
    ("Windows 11 Enterprise", "23H2"),
    ("Windows 10 Enterprise", "22H2"),
]


def load_models(deed: ChangeSet) -> list[AssetModel]:
    """Makers and models, in the order of the fixture."""
    rows = table("models")
    makers = {name: Manufacturer(name=name) for name in dict.fromkeys(row["manufacturer"] for row in rows)}
    Manufacturer.objects.bulk_create(makers.values())
    record(deed, makers.values())
    models = [
        AssetModel(
            manufacturer=makers[row["manufacturer"]],
            name=row["model"],
            model_number=row["model_number"],
            category=row["category"],
            useful_life_months=int(row["useful_life_months"]),
            annual_kwh=Decimal(row["annual_kwh"]),
            embodied_kgco2e=Decimal(row["embodied_kgco2e"]) if row["embodied_kgco2e"] else None,
            replacement_cost_ex_vat=Decimal(row["price"]),
            price_base_fy=financial_year(year_of(deed.at.date())),
        )
        for row in rows
    ]
    AssetModel.objects.bulk_create(models)
    record(deed, models)
    return models


def load_estate(models: list[AssetModel], since: datetime, now: datetime) -> None:
    """Register the assets by council and model, what was there and what came since, then let some change hands."""
    kinds = [
        (model, Decimal(row["price"]))
        for model, row in zip(models, table("models"), strict=True)
        for _ in range(int(row["assets"]))
    ]
    councils = {council.code: _Stock(council, now) for council in Council.objects.all()}
    for number, ((model, price), state) in enumerate(zip(kinds, states(), strict=True)):
        councils["CDC" if number % 4 == 3 else "OCC"].add(model, state, price)
    for stock in councils.values():
        stock.register(since)
        stock.change_hands()


def states() -> list[str]:
    """As many of each state as the fixture says, spread over the models."""
    states = [row["state"] for row in table("states") for _ in range(int(row["of_400"]))]
    return [states[number * 37 % len(states)] for number in range(len(states))]


class _Stock:
    """The assets of one council while they are being made."""

    def __init__(self, council: Council, now: datetime):
        self.council, self.now = council, now
        self.manager = council.people.get(email__startswith="asset.manager@")
        self.people = list(
            council.people.exclude(site=None).select_related("site", "department").order_by("pk")
        )
        self.sites = list(council.sites.order_by("pk"))
        self.suppliers = [Supplier.objects.get(name=name) for name in RESELLERS]
        self.assets: list[Asset] = []

    def add(self, model: AssetModel, state: str, price: Decimal) -> None:
        """One more asset."""
        number = len(self.assets)
        came = state not in NEVER_CAME
        bought = self._bought(number, state) if came else None
        asset = Asset(
            council=self.council,
            asset_tag=self._tag(number, model.category),
            serial_number=_serial(number, self.council.pk) if came else "",
            category=model.category,
            model=model,
            manufacturer=model.manufacturer,
            state=state,
            condition="ABBC"[number % 4] if came else "",
            purchase_date=bought,
            in_service_date=bought + timedelta(days=14 + number % 30) if bought else None,
            purchase_cost_ex_vat=price,
            po_number=f"PO-{self.council.code}-{4100 + number // 12}",
            supplier=self.suppliers[number % len(self.suppliers)],
            warranty_months=36 if came else None,
            warranty_end=bought + timedelta(days=3 * 365) if bought else None,
            site=self.sites[number % len(self.sites)],
        )
        self._place(asset, number)
        _wipe(asset, number)
        if model.category in COMPUTERS:
            asset.os_name, asset.os_version = SYSTEMS[0 if number % 3 == 0 else 1 if number % 5 else 2]
            asset.hostname, asset.encrypted = (
                f"{self.council.code}-{asset.serial_number or number}",
                number % 17 != 0,
            )
        self.assets.append(asset)

    def register(self, since: datetime) -> None:
        """Put them into the register: of each model those that were there already, then those that came since."""
        for model in dict.fromkeys(asset.model for asset in self.assets):
            of_model = [asset for asset in self.assets if asset.model == model]
            there = [asset for asset in of_model if self._came(asset) <= since]
            later = [asset for asset in of_model if asset not in there]
            if there:
                register_assets(there, by=self.manager, reason=f"The {model}s that we have", now=since)
            if later:
                came = max(map(self._came, later))
                register_assets(later, by=self.manager, reason=f"{model}s that came", now=came)

    def _came(self, asset: Asset) -> datetime:
        """When it came into service; what never came was ordered four months ago."""
        day = asset.in_service_date
        return self.now - ((self.now.date() - day) if day else timedelta(days=120))

    def change_hands(self) -> None:
        """Every ninth thing that somebody holds came from a colleague."""
        held = [asset for asset in self.assets if asset.holder]
        for number, asset in enumerate(held[::9]):
            colleague = self.people[(number * 5 + 1) % len(self.people)]
            then = self.now - timedelta(days=3 + number * 4)
            change_asset(
                asset,
                by=self.manager,
                version=asset.version,
                now=then,
                reason="Passed on within the team",
                holder=colleague,
                site=colleague.site,
            )

    def _bought(self, number: int, state: str) -> date:
        """What has left is older than what is here, so that it was disposed of before today."""
        days = 1600 + number * 61 % 900 if state in TERMINAL else 150 + number * 61 % 1700
        return self.now.date() - timedelta(days=days)

    def _tag(self, number: int, category: str) -> str:
        if (self.council.code, number) in SHARED_TAGS:
            return SHARED_TAGS[self.council.code, number]
        if self.council.code == "CDC":
            return f"LT/{number + 1}" if category == Category.LAPTOP else f"C{number + 1:05}"
        return f"{1101 + number:06}"

    def _place(self, asset: Asset, number: int) -> None:
        """With somebody when it is something that people hold, else in a room of a site."""
        if asset.category in HELD and asset.state in WITH_SOMEBODY:
            holder = self.people[number % len(self.people)]
            asset.holder, asset.site, asset.department = holder, holder.site, holder.department
        else:
            asset.room = "Comms room" if asset.category not in HELD else f"Store {1 + number % 3}"
        if asset.state == AssetState.IN_USE:
            asset.last_seen_at = self.now - timedelta(hours=2 + number * 29 % 1500)


def _wipe(asset: Asset, number: int) -> None:
    """What has left was wiped; for one in eight nobody can find the certificate."""
    if asset.state not in WIPED:
        return
    asset.disposal_date = asset.purchase_date + timedelta(days=1500) if asset.state in TERMINAL else None
    if asset.category not in HOLDS_NO_DATA:
        asset.evidence_missing = number % 8 == 0
        asset.certificate_number = "" if asset.evidence_missing else f"CERT-{7000 + number}"


def _serial(number: int, council_id: int) -> str:
    """Seven letters and digits that look like a maker's and are the same for no two numbers."""
    value, letters = (number * 104_729_117 + council_id * 7_919) % 34**7, ""
    for _ in range(7):
        value, digit = divmod(value, 34)
        letters += DIGITS[digit]
    return letters

"""Assets by their number, for an estate of any size."""

from datetime import datetime, timedelta
from decimal import Decimal

from assets.register.models import Asset, AssetModel, Supplier
from demo.estate import states
from demo.reading import table
from servicedesk.people.models import Council

MARK = "ESTATE-"
HELD = ("laptop", "mobile_phone", "monitor")


class AssetMaker:
    """Makes the asset of any number, always the same one."""

    def __init__(self, now: datetime):
        self.now = now
        self.councils = list(Council.objects.order_by("-code"))
        self.people = {council.pk: list(council.people.exclude(site=None)) for council in self.councils}
        self.sites = {council.pk: list(council.sites.all()) for council in self.councils}
        prices = {row["model"]: Decimal(row["price"]) for row in table("models")}
        self.models = [
            (model, prices[model.name])
            for model in AssetModel.objects.select_related("manufacturer")
            if model.name in prices
        ]
        self.states = states()
        self.supplier = Supplier.objects.order_by("pk").first()

    def count(self) -> int:
        """How many there are already."""
        return Asset.objects.filter(asset_tag__startswith=MARK).count()

    def make(self, number: int) -> Asset:
        """A row that is not yet saved."""
        council = self.councils[0 if number % 10 else -1]
        model, price = self.models[number % len(self.models)]
        state = self.states[number * 37 % len(self.states)]
        bought = self.now.date() - timedelta(days=30 + number * 61 % 2400)
        people, sites = self.people[council.pk], self.sites[council.pk]
        held = state == "in_use" and model.category in HELD
        return Asset(
            council=council,
            asset_tag=f"{MARK}{number + 1:07}",
            serial_number=f"SN{number:08}",
            category=model.category,
            model=model,
            manufacturer=model.manufacturer,
            state=state,
            purchase_date=bought,
            in_service_date=bought + timedelta(days=21),
            purchase_cost_ex_vat=price,
            po_number=f"PO-{number // 50:05}",
            supplier=self.supplier,
            warranty_months=36,
            warranty_end=bought + timedelta(days=1095),
            holder=people[number % len(people)] if held else None,
            site=sites[number % len(sites)],
            hostname=f"{council.code}-{number:07}" if model.category in ("laptop", "desktop") else "",
            registered_at=self.now,
        )

"""Makers and their models, and the kinds of thing that a council may own: shared by all councils."""

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Upper

from assets.register.querysets import SharedQuerySet
from servicedesk.people.roles import Permission

HOURS_OF_A_YEAR = 8760
ODD_YEAR = "Enter the financial year like 2026/27"


def is_financial_year(text: str) -> bool:
    """Whether it is written like 2026/27, the second year following the first."""
    found = re.fullmatch(r"(20\d\d)/(\d\d)", text, re.ASCII)
    return found is not None and int(found[2]) == (int(found[1]) + 1) % 100


def check_financial_year(text: str) -> None:
    """The validator of every financial year that is taken in."""
    if not is_financial_year(text):
        raise ValidationError(ODD_YEAR)


class Category(models.TextChoices):
    """What kind of thing it is; useful life, energy and wiping follow from it."""

    LAPTOP = "laptop", "Laptop"
    DESKTOP = "desktop", "Desktop"
    THIN_CLIENT = "thin_client", "Thin client"
    MONITOR = "monitor", "Monitor"
    MOBILE_PHONE = "mobile_phone", "Mobile phone"
    TABLET = "tablet", "Tablet"
    DESK_PHONE = "desk_phone", "Desk phone"
    PRINTER = "printer", "Printer"
    SWITCH = "switch", "Switch"
    ACCESS_POINT = "access_point", "Access point"
    FIREWALL = "firewall", "Firewall"
    ROUTER = "router", "Router"
    SERVER = "server", "Server"
    STORAGE = "storage", "Storage"
    UPS = "ups", "UPS"
    DOCK = "dock", "Dock"
    MEETING_ROOM = "meeting_room", "Meeting-room kit"
    PERIPHERAL = "peripheral", "Peripheral"


HOLDS_NO_DATA = ("monitor", "dock", "ups", "peripheral")
"""Kinds that hold nothing to wipe. Of printers it depends on the model."""


def holds_no_data(category: str, holds_data: bool | None) -> bool:
    """Whether something of this category, of a model of which it is said whether it holds data, has nothing to wipe."""
    return category in HOLDS_NO_DATA or category == Category.PRINTER and holds_data is False


VENDOR_DATES = ("end_of_sale", "end_of_software_releases", "end_of_security_patches", "end_of_support")
"""The dates that a maker announces, in the order in which they come."""
SOURCED = (*VENDOR_DATES, "annual_kwh", "watts", "embodied_kgco2e", "useful_life_months")
"""The values of a model of which `sources` says where they come from."""


class Manufacturer(models.Model):
    """Who makes it."""

    name = models.CharField(max_length=100)

    objects = SharedQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(Upper("name"), name="manufacturer_name_whatever_case")]

    def __str__(self) -> str:
        return self.name


class Known(StrEnum):
    """How much is known of a date that a maker announces. That none is announced is knowledge too."""

    DATE = "date"
    NOT_ANNOUNCED = "not_announced"
    UNKNOWN = "unknown"


class Said(NamedTuple):
    """A value of a model, how much is known of it, who says so, and when that was last looked at."""

    value: date | Decimal | int | None
    known: Known
    source: str
    checked: date | None


class AssetModel(models.Model):
    """What a maker calls it. Shared by all councils.

    `sources` says of single values where they come from. It is a JSON object by the name of the value, one of SOURCED:

        {"end_of_support": {"source": "endoflife.date", "checked": "2026-08-14"},
         "end_of_sale":    {"source": "maker's web site", "checked": "2026-08-14", "announced": false}}

    `source` is a text of up to 200 characters, `checked` an ISO date, both may be left out. `announced` is false, and
    the date itself empty, where somebody looked and the maker has announced none: that is not the same as an empty
    date of which nothing is said, which nobody has looked up. It is never stored as true. `said` reads it,
    `modelling.with_source` makes it; `modelling.change_model` and `add_model` refuse any other shape, so that a loader
    of reference data calls `change_model(model, by=None, version=model.version, end_of_support=…, sources=…)`.
    """

    manufacturer = models.ForeignKey(Manufacturer, on_delete=models.PROTECT, related_name="asset_models")
    name = models.CharField(max_length=100)
    model_number = models.CharField(max_length=60, blank=True)
    part_number = models.CharField(max_length=60, blank=True)
    category = models.CharField(max_length=20, choices=Category)
    useful_life_months = models.PositiveSmallIntegerField("useful life in months", null=True, blank=True)
    holds_data = models.BooleanField("can hold data", null=True, blank=True)
    end_of_sale = models.DateField(null=True, blank=True)
    end_of_software_releases = models.DateField(null=True, blank=True)
    end_of_security_patches = models.DateField(null=True, blank=True)
    end_of_support = models.DateField(null=True, blank=True)
    watts = models.DecimalField("power in watts", max_digits=7, decimal_places=1, null=True, blank=True)
    annual_kwh = models.DecimalField(
        "energy in kWh a year", max_digits=8, decimal_places=1, null=True, blank=True
    )
    embodied_kgco2e = models.DecimalField(
        "embodied carbon in kgCO2e", max_digits=9, decimal_places=2, null=True, blank=True
    )
    replacement_model = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaces"
    )
    replacement_cost_ex_vat = models.DecimalField(
        "replacement price excluding VAT", max_digits=12, decimal_places=2, null=True, blank=True
    )
    price_base_fy = models.CharField(
        "financial year of the price", max_length=7, blank=True, validators=[check_financial_year]
    )
    sources = models.JSONField(default=dict, blank=True)
    notes = models.TextField(blank=True)
    version = models.PositiveIntegerField(default=1)

    guarded_fields = {"replacement_cost_ex_vat": Permission.SEE_ASSET_MONEY}

    objects = SharedQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint("manufacturer", Upper("name"), name="asset_model_name_of_manufacturer")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def may_hold_data(self) -> bool:
        """Whether one must be wiped before it leaves: as is said of the model, else as its category has it."""
        return self.category not in HOLDS_NO_DATA if self.holds_data is None else self.holds_data

    @property
    def energy(self) -> Decimal | None:
        """kWh a year: as measured or reported, else what its watts use day and night."""
        if self.annual_kwh is not None or self.watts is None:
            return self.annual_kwh
        return (self.watts * HOURS_OF_A_YEAR / 1000).quantize(Decimal("0.1"))

    def said(self, name: str) -> Said:
        """What is known of a value of SOURCED, and from where."""
        value, told = getattr(self, name), self.sources.get(name, {})
        nothing = Known.NOT_ANNOUNCED if told.get("announced") is False else Known.UNKNOWN
        checked = told.get("checked")
        return Said(
            value,
            nothing if value is None else Known.DATE,
            told.get("source", ""),
            date.fromisoformat(checked) if checked else None,
        )

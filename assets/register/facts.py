"""What is known of an asset, in words: under which headings it stands, and who may read which of it."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.utils.text import capfirst

from assets.register.models import Asset
from servicedesk import wording
from servicedesk.people.access import may
from servicedesk.people.roles import Permission

COLUMNS = {field.name: field for field in Asset._meta.concrete_fields}
GROUPS = {
    "What it is called": ("asset_tag", "serial_number", "hostname"),
    "What it is": ("state", "category", "model", "manufacturer", "ownership", "managed_by", "condition"),
    "Who has it and where": (
        "council",
        "holder",
        "holder_note",
        "department",
        "site",
        "room",
        "last_seen_at",
        "last_audit_at",
    ),
    "Dates": (
        "purchase_date",
        "in_service_date",
        "date_precision",
        "warranty_months",
        "warranty_end",
        "support_contract_end",
        "lease_end",
        "vendor_end_of_support",
    ),
    "What it cost": ("purchase_cost_ex_vat", "po_number", "cost_centre", "supplier"),
    "Technical": (
        "os_name",
        "os_version",
        "os_upgradeable",
        "encrypted",
        "data_classification",
        "ip_address",
        "mac_address",
        "imei",
        "phone_number",
        "annual_kwh_override",
    ),
    "Network": (
        "network_role",
        "management_address",
        "firmware_version",
        "rack",
        "rack_unit",
        "stack_name",
        "stack_member",
        "uplink",
    ),
    "Wiping, disposal and legal hold": (
        "certificate_number",
        "disposal_date",
        "evidence_missing",
        "legal_hold_reason",
        "legal_hold_by",
        "legal_hold_since",
    ),
    "Notes": ("notes",),
}
# Values that say nothing worth a line.
UNREMARKABLE = {"evidence_missing": False, "os_upgradeable": "unknown", "date_precision": "day"}
# What staff are told of the things they hold, in their own words.
FOR_ITS_HOLDER = ("asset_tag", "serial_number", "category", "model", "manufacturer", "holder", "site", "room")

Facts = list[tuple[str, str]]


def facts_of(person, asset: Asset) -> dict[str, Facts]:
    """What the person, who has been let in to the asset, may read of it, under its headings; only what is known."""
    if not may(person, Permission.SEE_ASSETS, asset.council_id):
        return {"Your device": _known(asset, FOR_ITS_HOLDER)}
    facts = {
        heading: _known(asset, [name for name in names if may_read(person, asset, name)])
        for heading, names in GROUPS.items()
    }
    return {heading: known for heading, known in facts.items() if known}


def may_read(person, asset: Asset, name: str) -> bool:
    """Whether a column is open to the person, beside sight of the row."""
    needed = Asset.guarded_fields.get(name)
    return needed is None or may(person, needed, asset.council_id)


def label(name: str) -> str:
    """The heading of a column: "Serial number", "IP address"."""
    return capfirst(str(COLUMNS[name].verbose_name) if name in COLUMNS else name.replace("_", " "))


def what_it_is(asset: Asset) -> str:
    """Laptop, HP EliteBook 840"""
    made = " ".join(str(part) for part in (asset.manufacturer, asset.model) if part)
    return ", ".join(part for part in (asset.get_category_display(), made) if part)


def value_of(asset: Asset, name: str) -> str:
    """A value of an asset as people read it; nothing where nothing is known."""
    display = getattr(asset, f"get_{name}_display", None)
    value = getattr(asset, name)
    return in_words(name, value, str(display() if display else value))


def in_words(name: str, value: Any, words: str) -> str:
    """A value as pages write such values, whether as it is or as history keeps it; else the words given."""
    column = COLUMNS.get(name)
    if value is None or value == "":
        return ""
    match column:
        case models.BooleanField():
            return "Yes" if value else "No"
        case models.DateTimeField():
            return wording.short_moment(column.to_python(value))
        case models.DateField():
            return wording.day(column.to_python(value))
        case models.DecimalField(name="purchase_cost_ex_vat"):
            return wording.money(column.to_python(value))
    return words or str(value)


def _known(asset: Asset, names: Iterable[str]) -> Facts:
    told = (name for name in names if getattr(asset, name) != UNREMARKABLE.get(name))
    values = ((label(name), value_of(asset, name)) for name in told)
    return [(heading, value) for heading, value in values if value]

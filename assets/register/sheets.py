"""What a row of a spreadsheet means to the register: its columns, what it is known by, and the rules it must obey."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from assets.register import sheet_evidence
from assets.register.as_at import Rows
from assets.register.facts import FOR_ITS_HOLDER
from assets.register.filters import AssetFilters
from assets.register.lifecycle import TERMINAL, AssetState
from assets.register.models import HOLDS_NO_DATA, Asset, Category
from assets.register.sheet_look_ups import (
    ASKS,
    complete,
    find_catalogue,
    find_holders,
    find_places,
    find_suppliers,
)
from assets.register.sheet_moves import OF_CUSTODY, gives_up, run
from assets.register.sheet_uplinks import find_uplinks
from assets.register.sheet_written import written
from servicedesk.history.recording import as_json
from servicedesk.people.access import councils_of
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission
from servicedesk.spreadsheets import headers
from servicedesk.spreadsheets.kinds import Field, Key, Kind, Opening, narrowed
from servicedesk.spreadsheets.matching import changed, refuse_other_councils
from servicedesk.spreadsheets.staging import Check, StagedRow

FIELDS = (
    Field("asset_tag", "Asset tag", "tag", "asset_tag"),
    Field("serial_number", "Serial number", "serial", "serial_number"),
    Field("hostname", "Hostname", known_as="hostname"),
    Field("council", "Council", known_as="council", label="council__code", serves=True, fixed=True),
    Field("category", "Category", "category", "category"),
    Field("manufacturer", "Manufacturer", known_as="manufacturer", label="manufacturer__name"),
    Field("model", "Model", known_as="model", label="model__name"),
    Field("state", "State", "status", "status"),
    Field("condition", "Condition", "coded", "condition"),
    Field("ownership", "Ownership", "coded", "ownership"),
    Field("managed_by", "Managed by"),
    Field("department", "Department", known_as="department", label="department__name"),
    Field("cost_centre", "Cost centre", known_as="cost_centre"),
    Field("site", "Site", known_as="location_site", label="site__name"),
    Field("room", "Room", known_as="location_room"),
    Field("holder", "Holder", "person", "assigned_user_name", label="holder__display_name"),
    Field(
        "holder_email", "Holder e-mail", "email", "assigned_user_email", label="holder__email", serves=True
    ),
    Field("holder_note", "Holder note"),
    Field("purchase_date", "Purchase date", "date", "purchase_date"),
    Field("in_service_date", "In service date", "date", "in_service_date"),
    Field("purchase_cost_ex_vat", "Purchase cost (ex VAT)", "money", "purchase_cost"),
    Field("po_number", "Purchase order", known_as="purchase_order"),
    Field("supplier", "Supplier", known_as="supplier", label="supplier__name"),
    Field("warranty_end", "Warranty end", "warranty", "warranty_end"),
    Field("warranty_months", "Warranty months", "months", "warranty_months"),
    Field("support_contract_end", "Support contract end", "end_date"),
    Field("vendor_end_of_support", "End of support", "end_date", "vendor_end_of_support"),
    Field("lease_end", "Lease end", "end_date", "lease_end"),
    Field("os_name", "OS", known_as="os_name"),
    Field("os_version", "OS version", known_as="os_version"),
    Field("os_upgradeable", "Can take the next OS", "coded"),
    Field("encrypted", "Encrypted", "yesno"),
    Field("data_classification", "Data classification", known_as="criticality"),
    Field("ip_address", "IP address", "ip", "ip_address"),
    Field("mac_address", "MAC address", "mac", "mac_address"),
    Field("management_address", "Management address", "ip"),
    Field("firmware_version", "Device firmware version"),
    Field("network_role", "Network role", "coded"),
    Field("rack", "Rack name"),
    Field("rack_unit", "Rack unit", "integer"),
    Field("stack_name", "Stack or HA pair"),
    Field("stack_member", "Number in the stack", "integer"),
    Field("uplink", "Uplink", label="uplink__asset_tag"),
    Field("imei", "IMEI", "tag", "imei"),
    Field("phone_number", "Phone number", known_as="phone_number"),
    Field("last_seen_at", "Last seen", "datetime", "last_seen"),
    Field("last_audit_at", "Last audit", "date", "last_audit_date"),
    Field("disposal_date", "Disposal date", "date", "disposal_date"),
    Field("certificate_number", "Certificate number", known_as="certificate_ref"),
    Field("notes", "Notes", "note", "notes"),
    *sheet_evidence.FIELDS,
    Field("version", "Version", "integer", serves=True, fixed=True),
)
ENERGY = (
    Field("kwh", "kWh a year", "decimal", label="kwh"),
    Field("kwh_source", "kWh known from", label="kwh_source"),
)
"""What an asset uses, which follows from itself, its model and its category, so that no sheet changes it."""
OWN_HEADINGS = {
    "_ignore": (*headers.ASSETS.fields["_ignore"], *(field.heading for field in ENERGY)),
    "managed_by": ("managed by", "managed by supplier"),
    "holder_note": ("holder note",),
    "assigned_user_email": (*headers.ASSETS.fields["assigned_user_email"], "holder e-mail", "holder email"),
    "support_contract_end": (
        "support contract end",
        "contract end",
        "contract end date",
        "support contract expiry",
    ),
    "os_upgradeable": ("can take the next os", "os upgradeable", "upgradeable"),
    "encrypted": ("encrypted", "encryption", "bitlocker", "disk encrypted"),
    "management_address": ("management address", "mgmt address", "mgmt ip"),
    "firmware_version": ("device firmware version", "device firmware"),
    "network_role": ("network role", "device role"),
    "rack": ("rack name",),
    "rack_unit": ("rack unit", "rack position", "u position"),
    "stack_name": ("stack or ha pair", "stack", "stack name", "ha pair"),
    "stack_member": ("number in the stack", "stack member", "stack position"),
    "uplink": ("uplink", "uplink to", "upstream device"),
    "version": ("version",),
    **sheet_evidence.HEADINGS,
}
PRECISION = {"month_only": "month", "year_only": "year", "financial_year_only": "financial_year"}
COARSEST = ("year", "financial_year", "month")
STARTS = ("purchase_date", "in_service_date")
SEARCHED = (
    *("asset_tag", "serial_number", "hostname", "category", "manufacturer", "model", "holder", "holder_note"),
    *("site", "room", "phone_number", "imei", "mac_address", "ip_address"),
)
UNKNOWN_HOLDER = {
    "message": "We know nobody of this council by this name alone. The name is kept as a note",
    "remedy": "Add the person, or give their e-mail address",
}


def interpret(rows: Sequence[StagedRow], check: Check) -> None:
    """Turn names into rows of ours, within the council, and say of a date how exactly it is known."""
    refuse_other_councils(rows, check)
    find_places(rows, check)
    find_catalogue(rows, check)
    find_holders(rows, check)
    find_suppliers(rows, check)
    find_uplinks(rows, check)
    sheet_evidence.doubt(rows, check)
    for row in rows:
        if type(row.values.get("warranty_end")) is int:
            row.values.setdefault("warranty_months", row.values.pop("warranty_end"))
        for name in check.hidden & row.values.keys():
            del row.values[name]


def settle(row: StagedRow, current: Mapping[str, Any] | None, check: Check) -> None:
    """The rules of the register: how states may change, and what must be known of what is gone."""
    if current is None:
        _settle_new(row, check)
    else:
        _settle_changed(row, current, check)
    if check.memo.get("evidence") and "move" not in row.values:
        sheet_evidence.keep(row)


def _settle_new(row: StagedRow, check: Check) -> None:
    values, model = row.values, row.values.get("model")
    if values.get("holder", [1])[0] is None:
        name = values.pop("holder")[1]
        values.setdefault("holder_note", name)
        check.problem(row, "holder", "look_up_unknown", name, **UNKNOWN_HOLDER)
    if model:
        values.setdefault("manufacturer", model[2:4])
        if model[4]:
            values.setdefault("category", model[4])
    if not values.get("category"):
        values["category"] = ""
        _say(
            row,
            check,
            "category",
            "category_not_known",
            "No category: registered without one",
            "Enter a category",
        )
    if "state" not in values:
        _suppose_state(row, check)
    values["date_precision"] = _precision(row) or "day"
    values["evidence_missing"] = (
        values["state"] in TERMINAL
        and not values.get("certificate_number")
        and values["category"] not in HOLDS_NO_DATA
    )
    row.jumps = values["evidence_missing"]


def _suppose_state(row: StagedRow, check: Check) -> None:
    """An asset is in some state: without one it is gone if it says when it went, else in stock; we say so."""
    gone = "disposal_date" in row.values
    row.values["state"] = AssetState.DISPOSED if gone else AssetState.IN_STOCK
    supposed = AssetState(row.values["state"]).label.lower()
    _say(
        row,
        check,
        "state",
        "status_not_known",
        f"No state: taken as {supposed}",
        "Enter the state, like In use",
    )


def _say(row: StagedRow, check: Check, name: str, code: str, message: str, remedy: str) -> None:
    """Of a row, or once of the sheet where it has no such column."""
    if name in check.letters:
        if not any(problem["field"] == name for problem in row.problems):
            check.problem(row, name, code, message=message, remedy=remedy)
    else:
        check.note(code, message=f"The sheet has no column for the {name}. {message}", remedy=remedy)


def _precision(row: StagedRow) -> str:
    """How exactly the purchase or start of service is known, "" where the row says neither."""
    if not row.problems:
        return ""
    told = {PRECISION.get(problem["code"]) for problem in row.problems if problem["field"] in STARTS}
    return next((name for name in COARSEST if name in told), "")


def _settle_changed(row: StagedRow, current: Mapping[str, Any], check: Check) -> None:
    changes, model = row.changes, row.values.get("model")
    if "model" in changes and model and "manufacturer" not in row.values:
        _change(row, "manufacturer", changed(KIND, "manufacturer", current, model[2:4]))
    if any(name in changes for name in STARTS):
        _derive(row, current, "date_precision", _precision(row) or "day")
    if "holder" in changes and "holder" in row.values:
        _change_holder(row, current, check)
    if changes.get("certificate_number") and current["state"] == AssetState.DESTROYED:
        # Of what else is gone, a wiping is the evidence, which takes two.
        _derive(row, current, "evidence_missing", False)
    if "state" in changes:
        _move(row, current, check)


def _change_holder(row: StagedRow, current: Mapping[str, Any], check: Check) -> None:
    """A holder whom we know takes the place of the note; one whom we do not know is noted where there is no other."""
    holder, note = row.values["holder"], row.values.get("holder_note", "")
    if holder[0] is None:
        del row.changes["holder"]
        check.problem(row, "holder", "look_up_unknown", holder[1], **UNKNOWN_HOLDER)
        note = note or ("" if current["holder"] else holder[1])
    _change(row, "holder_note", changed(KIND, "holder_note", current, note))


def _change(row: StagedRow, name: str, change: list | None) -> None:
    if change:
        row.changes[name] = change
    else:
        row.changes.pop(name, None)


def _derive(row: StagedRow, current: Mapping[str, Any], name: str, value: Any) -> None:
    old, choices = current[name], KIND.choices(name)
    if old != value:
        row.changes[name] = [old, value, choices.get(old, str(old)), choices.get(value, str(value))]


def _move(row: StagedRow, current: Mapping[str, Any], check: Check) -> None:
    """A changed state runs the move that leads there, or the row is refused with the moves that there are."""
    name = run(row, current, check)
    if "later" in row.values:
        return  # what follows is the move's own
    if name and gives_up(name, row):
        _end_custody(row, current)
    if name in ("destroy", "write_off") and "disposal_date" not in row.values:
        today = timezone.localdate(check.now).isoformat()
        row.changes["disposal_date"] = [as_json(current["disposal_date"]), today, "", today]


def _end_custody(row: StagedRow, current: Mapping[str, Any]) -> None:
    row.changes.pop("holder", None)
    if current["holder"]:
        row.changes["holder"] = [current["holder"], None, current["holder label"], ""]
    _change(row, "holder_note", changed(KIND, "holder_note", current, ""))


def title(values: Mapping[str, Any]) -> str:
    """How an asset is called in history."""
    return values.get("asset_tag") or values.get("serial_number") or values["hostname"]


def search_text(values: Mapping[str, Any]) -> str:
    """The words of `finding.search_text`, from the values of a row."""
    parts = []
    for name in SEARCHED:
        value = values.get(name)
        if value:
            parts.append(
                CATEGORIES[value] if name == "category" else value[1] if type(value) is list else value
            )
    return " ".join(parts)


def filtered(person: Person, filters: Mapping[str, Any]) -> QuerySet[Asset]:
    """The assets that the person may see, with these filters. Raises ValidationError by filter."""
    return narrowed(AssetFilters, Asset.objects.visible_to(person), person, filters)


def open_to(person: Person) -> list[Opening]:
    """Staff read of what they hold what its page tells them; who reads a register reads all but what it cost."""
    councils = councils_of(person, Permission.SEE_ASSETS)
    rest = frozenset(field.name for field in (*FIELDS, *ENERGY)) - {*FOR_ITS_HOLDER, "council"}
    return [Opening(rest, Q(council__in=councils) if councils else None)]


def energy_columns() -> Mapping[str, Any]:
    """How the columns of energy are worked out."""
    return import_string(settings.ASSET_ENERGY)()


CATEGORIES = dict(Category.choices)
KIND = Kind(
    code="assets",
    one="asset",
    many="assets",
    model=Asset,
    permission=Permission.EDIT_ASSETS,
    synonyms=replace(headers.ASSETS, fields={**headers.ASSETS.fields, **OWN_HEADINGS}),
    fields=FIELDS,
    keys=(Key("asset_tag"), Key("serial_number", "manufacturer"), Key("hostname", last=True)),
    interpret=interpret,
    settle=settle,
    filtered=filtered,
    filters=AssetFilters,
    open_to=open_to,
    told=ENERGY,
    reckoned=energy_columns,
    as_at=Rows,
    complete=complete,
    written=written,
    title=title,
    search_text=search_text,
    derived=("date_precision", "evidence_missing", "legal_hold_reason"),
    creatable=("sites", "departments", "asset-models", "suppliers"),
    asks=ASKS,
    stamped=("registered_at",),
    tied=("uplink",),
    heeds=frozenset(OF_CUSTODY),
    secret=sheet_evidence.SECRET,
    keeps=("tickets",),
)

"""What the register holds beside assets, looked after in one way: listed, opened, and where people write it, added
and changed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import django_filters as filters
from django.db.models import DateField, DecimalField, Model
from django.utils import timezone
from django.utils.text import capfirst

from assets.register.estate_filters import (
    SOON,
    CircuitFilters,
    ContractFilters,
    LineFilters,
    ModelFilters,
    OperatingSystemFilters,
    PolicyFilters,
    SupplierFilters,
)
from assets.register.estate_forms import (
    AssetModelForm,
    CircuitForm,
    ContractForm,
    EstateForm,
    LineForm,
    PolicyForm,
    SupplierForm,
)
from assets.register.keeping import EDITABLE, add_model, add_row, change_model, change_row
from assets.register.models import (
    ENDS,
    VENDOR_DATES,
    Announced,
    AssetModel,
    Circuit,
    Contract,
    Known,
    LifecyclePolicy,
    Line,
    OperatingSystemRelease,
    Supplier,
)
from servicedesk import wording
from servicedesk.people.access import may
from servicedesk.people.roles import Permission

Column = tuple[str, Callable[[Any], Any]]
Fact = tuple[str, Any]


@dataclass(frozen=True)
class Noun:
    """A kind of row: its words, what a list shows, what narrows it, its form, and the functions that write it.

    Where it has no form nobody writes it by hand: it is loaded, listed and read.
    """

    one: str
    many: str
    page: str
    model: type[Model]
    form: type[EstateForm] | None
    filters: type[filters.FilterSet]
    columns: tuple[Column, ...]
    order: tuple[str, str] = ("name", "id")
    related: tuple[str, ...] = ()
    heading: str = "Name"
    sheet: str = ""
    add: Callable[..., Any] = add_row
    change: Callable[..., Any] = change_row
    facts: Callable[[Any, Any], list[Fact]] | None = None

    @property
    def plural(self) -> str:
        """Its name in addresses."""
        return "policies" if self.page == "policy" else f"{self.page}s"

    @property
    def pages(self) -> str:
        """The name of the page that lists them."""
        return f"register:{self.plural}"

    @property
    def shared(self) -> bool:
        """Whether its rows belong to no council."""
        return self.page in ("model", "supplier", "system")

    def told(self, person, row: Any) -> list[Fact]:
        """What the person, who has been let in to the row, may read of it."""
        return (self.facts or _plain_facts)(person, row)

    def may_change(self, person, row: Any) -> bool:
        """Whether the person keeps it."""
        if self.form is None:
            return False
        if self.shared:
            return may(person, Permission.EDIT_ASSETS)
        return row.council_id is not None and may(person, Permission.EDIT_ASSETS, row.council_id)


def ending(day: date | None) -> str:
    """A day on which something ends, and how near that is."""
    if day is None:
        return ""
    left = (day - timezone.localdate()).days
    if left < 0:
        return f"{wording.short_day(day)}, ended"
    return f"{wording.short_day(day)}, {left} days left" if left <= SOON.days else wording.short_day(day)


def vendor_date(model: AssetModel, name: str) -> str:
    """A date of the maker's, that there is none, or that nobody has looked it up."""
    said = model.said(name)
    if isinstance(said.value, date):
        return wording.short_day(said.value)
    return "Not announced" if said.known == Known.NOT_ANNOUNCED else "Not known"


def _plain_facts(person, row: Any) -> list[Fact]:
    council = [("Council", row.council)] if hasattr(row, "council_id") else []
    return [*council, *(_fact(row, name) for name in EDITABLE[type(row)])]


def _fact(row: Any, name: str) -> Fact:
    column = row._meta.get_field(name)
    display = getattr(row, f"get_{name}_display", None)
    value = display() if display else getattr(row, name)
    if isinstance(value, bool):
        value = "Yes" if value else "No"
    elif isinstance(column, DateField):
        value = ending(value)
    elif isinstance(column, DecimalField) and value is not None:
        value = wording.money(value) if name == "replacement_cost_ex_vat" else f"{value.normalize():f}"
    return capfirst(str(column.verbose_name)), "" if value is None else value


def _facts_of_a_model(person, row: AssetModel) -> list[Fact]:
    """What is known of a model, each value with where it comes from."""
    found: list[Fact] = []
    for name in EDITABLE[AssetModel]:
        guard = AssetModel.guarded_fields.get(name)
        if name == "sources" or (guard and not may(person, guard)):
            continue
        label, value = _fact(row, name)
        said = row.said(name) if name in row.sources else None
        if name in VENDOR_DATES:
            value = vendor_date(row, name)
        elif name == "holds_data":
            value = "Yes" if row.may_hold_data else "No"
        elif name == "annual_kwh" and row.annual_kwh is None and row.energy is not None:
            value = f"{row.energy}, by its watts"
        if said and value:
            checked = f"checked {wording.short_day(said.checked)}" if said.checked else ""
            value = f"{value} ({', '.join(filter(None, (said.source, checked)))})".replace(" ()", "")
        found.append((label, value))
    return found


def days_left(line: Line) -> str:
    """How long an analogue line still works."""
    left = line.days_left(timezone.localdate()) if line.must_go else None
    if left is None:
        return ""
    return f"{left} days" if left >= 0 else f"{-left} days late"


def _facts_of_a_line(person, row: Line) -> list[Fact]:
    return [*_plain_facts(person, row), ("Days left", days_left(row))]


def end_of(release: OperatingSystemRelease, name: str) -> str:
    """When a support ends, or how much is known of that."""
    day, known = release.end(name)
    return ending(day) if day else Announced(known).label


def _facts_of_a_system(person, row: OperatingSystemRelease) -> list[Fact]:
    """What is known of a release, and who says so."""
    ends = [(capfirst(name.replace("_", " ")), end_of(row, name)) for name in ENDS]
    return [
        _fact(row, "edition"),
        _fact(row, "cycle"),
        ("Released", wording.short_day(row.released_on) if row.released_on else ""),
        *ends,
        ("Source", f"{row.source}, checked {wording.short_day(row.checked_on)}"),
    ]


MODEL = Noun(
    "model",
    "Models",
    "model",
    AssetModel,
    AssetModelForm,
    ModelFilters,
    (
        ("Manufacturer", lambda row: row.manufacturer),
        ("Category", lambda row: row.get_category_display()),
        ("End of sale", lambda row: vendor_date(row, "end_of_sale")),
        ("End of support", lambda row: vendor_date(row, "end_of_support")),
        ("kWh a year", lambda row: row.energy),
    ),
    related=("manufacturer", "replacement_model"),
    sheet="asset-models",
    add=add_model,
    change=change_model,
    facts=_facts_of_a_model,
)
SUPPLIER = Noun(
    "supplier",
    "Suppliers",
    "supplier",
    Supplier,
    SupplierForm,
    SupplierFilters,
    (
        ("Standing", lambda row: row.get_status_display()),
        ("Contact", lambda row: row.contact_name),
        ("Telephone", lambda row: row.contact_phone),
        ("Certificate", lambda row: row.get_certificate_display()),
        ("Certificate expiry", lambda row: ending(row.certificate_expiry)),
    ),
    sheet="suppliers",
)
CONTRACT = Noun(
    "contract",
    "Contracts",
    "contract",
    Contract,
    ContractForm,
    ContractFilters,
    (
        ("Council", lambda row: row.council.code),
        ("Supplier", lambda row: row.supplier),
        ("What it is for", lambda row: row.subject),
        ("End", lambda row: ending(row.ends_on)),
        ("Notice", lambda row: wording.counted(row.notice_months, "month") if row.notice_months else ""),
    ),
    order=("reference", "id"),
    related=("council", "supplier"),
    heading="Reference",
)
CIRCUIT = Noun(
    "circuit",
    "Circuits",
    "circuit",
    Circuit,
    CircuitForm,
    CircuitFilters,
    (
        ("Council", lambda row: row.council.code),
        ("Site", lambda row: row.site),
        ("Provider", lambda row: row.provider),
        ("Mbps", lambda row: row.mbps_down),
        ("Critical", lambda row: "Critical" if row.critical else ""),
        ("Status", lambda row: row.get_status_display()),
        ("End of contract", lambda row: ending(row.contract_end)),
    ),
    order=("number", "id"),
    related=("council", "site", "provider", "asset"),
    heading="Number",
    sheet="circuits",
)
LINE = Noun(
    "line",
    "Telephone lines",
    "line",
    Line,
    LineForm,
    LineFilters,
    (
        ("Council", lambda row: row.council.code),
        ("Type", lambda row: row.get_type_display()),
        ("Used for", lambda row: row.use),
        ("Site", lambda row: row.site),
        ("Critical", lambda row: "Critical" if row.critical else ""),
        ("Status", lambda row: row.get_status_display()),
        ("Days left", days_left),
    ),
    order=("rank", "id"),
    related=("council", "site", "provider"),
    heading="Number",
    sheet="lines",
    facts=_facts_of_a_line,
)
POLICY = Noun(
    "useful life",
    "Useful lives",
    "policy",
    LifecyclePolicy,
    PolicyForm,
    PolicyFilters,
    (
        ("Decided by", lambda row: row.council or "The product’s default"),
        ("Months", lambda row: row.useful_life_months),
        ("Due when the warranty ends", lambda row: "Yes" if row.use_warranty_as_driver else "No"),
    ),
    order=("category", "id"),
    related=("council",),
    heading="Category",
)
SYSTEM = Noun(
    "operating system",
    "Operating systems",
    "system",
    OperatingSystemRelease,
    None,
    OperatingSystemFilters,
    (
        ("Edition", lambda row: row.get_edition_display()),
        ("End of security support", lambda row: end_of(row, "end_of_security_support")),
        ("End of extended support", lambda row: end_of(row, "end_of_extended_support")),
        ("Source", lambda row: row.source),
        ("Checked", lambda row: wording.short_day(row.checked_on)),
    ),
    facts=_facts_of_a_system,
)
NOUNS = (MODEL, SUPPLIER, CONTRACT, CIRCUIT, LINE, POLICY, SYSTEM)

"""Models, suppliers, contracts, circuits, lines and how long things last: every write to them but those of imports.

Models and suppliers are shared: whoever keeps the register of any council may write them. What belongs to a council
is written by who keeps that council's register. The product's own policies are laid down with it and stay as they are.
"""

from datetime import date, datetime
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models

from assets.register.models import (
    SOURCED,
    VENDOR_DATES,
    AssetModel,
    Circuit,
    Contract,
    LifecyclePolicy,
    Line,
    Manufacturer,
    Supplier,
)
from servicedesk.history import editing
from servicedesk.history.recording import change_set, record
from servicedesk.people.access import require
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission

Row = TypeVar("Row", AssetModel, Supplier, Contract, Circuit, Line, LifecyclePolicy)
LONGEST_LIFE, LONGEST_SOURCE = 600, 200
STAYS = "What the product lays down stays as it is. Decide for your council instead."
ODD_SOURCES = "Say of each value where it comes from, when that was checked and whether it is announced"
CONNECTION = (
    *("provider", "product", "use", "critical", "contract_end", "migrate_by", "status", "notes"),
    *("number", "site"),
)

EDITABLE: dict[type[models.Model], tuple[str, ...]] = {
    AssetModel: (
        *("manufacturer", "name", "model_number", "part_number", "category"),
        *("useful_life_months", "holds_data", *VENDOR_DATES),
        *("watts", "annual_kwh", "embodied_kgco2e"),
        *("replacement_model", "replacement_cost_ex_vat", "price_base_fy", "sources", "notes"),
    ),
    Supplier: (
        *("name", "status", "contact_name", "contact_phone", "contact_email"),
        *("certificate", "certificate_number", "certificate_expiry", "notes"),
    ),
    Contract: ("supplier", "reference", "subject", "starts_on", "ends_on", "notice_months", "notes"),
    Circuit: (*CONNECTION, "asset", "mbps_down", "mbps_up", "resilient"),
    Line: (*CONNECTION, "type"),
    LifecyclePolicy: ("useful_life_months", "use_warranty_as_driver"),
}
"""What may be changed of each; whose it is, it stays."""


def add_row(row: Row, *, by: Person | None, now: datetime | None = None) -> Row:
    """Write down a new one. Raises PermissionDenied, or ValidationError by field."""
    _check_right(by, row)
    return editing.add(row, by=by, check=_check, now=now)


def change_row(
    row: Row, *, by: Person | None, version: int, reason: str = "", now: datetime | None = None, **values: Any
) -> Row:
    """Change one that was read at `version`. Returns it as it now is.

    Raises PermissionDenied, history.editing.Stale, or ValidationError by field.
    """
    if unknown := set(values) - set(EDITABLE[type(row)]):
        raise ValidationError({name: "This cannot be changed here." for name in unknown})
    _check_right(by, row)
    return editing.change(row, by=by, version=version, check=_check, reason=reason, now=now, **values)


def add_model(row: AssetModel, *, by: Person | None, now: datetime | None = None) -> AssetModel:
    """Write down a new model, and its maker where nobody knows it yet. Raises as `add_row` does."""
    with change_set(by=by, now=now):
        if row.manufacturer.pk is None:
            row.manufacturer = maker_named(row.manufacturer.name, by=by, now=now)
        return add_row(row, by=by, now=now)


def change_model(row: AssetModel, *, by: Person | None, version: int, **values: Any) -> AssetModel:
    """Change a model, and write down its new maker where nobody knows it yet. Raises as `change_row` does."""
    with change_set(by=by, now=values.get("now")):
        maker = values.get("manufacturer")
        if maker and maker.pk is None:
            values["manufacturer"] = maker_named(maker.name, by=by, now=values.get("now"))
        return change_row(row, by=by, version=version, **values)


def maker_named(name: str, *, by: Person | None, now: datetime | None = None) -> Manufacturer:
    """The maker of this name, whatever its case; a new one where there is none. Raises PermissionDenied."""
    found = Manufacturer.objects.filter(name__iexact=name).first()
    if found:
        return found
    if by is not None:
        require(by, Permission.EDIT_ASSETS)
    with change_set(by=by, now=now) as deed:
        maker = Manufacturer.objects.create(name=name)
        record(deed, [maker])
    return maker


def with_source(
    model: AssetModel, name: str, source: str, checked: date | None, *, announced: bool = True
) -> dict[str, dict[str, Any]]:
    """The `sources` of a model with what is now known of where one value comes from; `AssetModel` says the shape."""
    told: dict[str, Any] = {"source": source} if source else {}
    if checked:
        told["checked"] = checked.isoformat()
    if not announced:
        told["announced"] = False
    others = {each: said for each, said in model.sources.items() if each != name}
    return {**others, **({name: told} if told else {})}


def _check_right(by: Person | None, row: Row) -> None:
    if by is None:
        return
    if isinstance(row, LifecyclePolicy) and row.council_id is None:
        raise PermissionDenied(STAYS)
    require(by, Permission.EDIT_ASSETS, row)


def _check(row: Row) -> None:
    """What would be refused by the database, or can not be, in words. Raises ValidationError by field."""
    row.clean_fields()
    match row:
        case AssetModel():
            _check_model(row)
        case Supplier():
            editing.refuse_taken(row, "name")
        case Contract():
            editing.refuse_taken(row, "reference", within="council_id")
            if row.starts_on and row.ends_on and row.ends_on < row.starts_on:
                raise ValidationError({"ends_on": "The end must be the same as or after the start"})
        case Circuit() | Line():
            editing.refuse_taken(row, "number", within="council_id")
            _check_place(row)
        case LifecyclePolicy():
            _check_policy(row)


def _check_model(row: AssetModel) -> None:
    editing.refuse_taken(row, "name", within="manufacturer_id")
    if row.replacement_model_id and row.replacement_model_id == row.pk:
        raise ValidationError({"replacement_model": "Choose another model than this one"})
    if not isinstance(row.sources, dict) or not all(map(_is_source, row.sources.items())):
        raise ValidationError({"sources": ODD_SOURCES})
    problems = {
        name: "Leave the date empty where the maker has announced none"
        for name in VENDOR_DATES
        if getattr(row, name) and row.sources.get(name, {}).get("announced") is False
    }
    if problems:
        raise ValidationError(problems)


def _is_source(one: tuple[str, Any]) -> bool:
    """Whether this is what `AssetModel` says that a source is."""
    name, told = one
    if name not in SOURCED or not isinstance(told, dict) or not told:
        return False
    if set(told) - {"source", "checked", "announced"}:
        return False
    if "announced" in told and (told["announced"] is not False or name not in VENDOR_DATES):
        return False
    source = told.get("source", "-")
    return isinstance(source, str) and 0 < len(source) <= LONGEST_SOURCE and _is_day(told.get("checked"))


def _is_day(text: Any) -> bool:
    if text is None:
        return True
    try:
        return isinstance(text, str) and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _check_place(row: Circuit | Line) -> None:
    """A connection ends at a site, and a circuit at an asset, of its own council."""
    problems = {
        name: f"Choose one that belongs to {row.council}"
        for name in ("site", "asset")
        if getattr(row, name, None) and getattr(row, name).council_id != row.council_id
    }
    if problems:
        raise ValidationError(problems)


def _check_policy(row: LifecyclePolicy) -> None:
    others = LifecyclePolicy.objects.filter(council=row.council, category=row.category).exclude(pk=row.pk)
    if others.exists():
        raise ValidationError({"category": f"{row.council} has decided on this category already"})
    if not 0 < row.useful_life_months <= LONGEST_LIFE:
        raise ValidationError(
            {"useful_life_months": f"The useful life must be between 1 and {LONGEST_LIFE} months"}
        )

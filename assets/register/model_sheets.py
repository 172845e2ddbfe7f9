"""What rows of a spreadsheet mean as models, with where each value comes from.

Models are shared by all councils, so whoever keeps any register brings them in for all. Makers that a sheet names are
made only where that was allowed. What `AssetModel.sources` holds stands in columns of its own: of each value its source
and the day on which it was checked, of a date of the maker's also whether it is announced.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from assets.register.estate_filters import ModelFilters
from assets.register.estate_sheets import VERSION, Current, by_title, filtered, needs
from assets.register.keeping import LONGEST_SOURCE
from assets.register.models import SOURCED, VENDOR_DATES, AssetModel, Manufacturer
from assets.register.models.catalogue import ODD_YEAR, is_financial_year
from assets.register.sheet_look_ups import (
    NEW_MAKERS,
    Known,
    create_named,
    known_names,
    maker_names,
    model_names,
)
from assets.register.sheet_uplinks import give_keys
from servicedesk.history.models import ChangeSet
from servicedesk.people.models import Council
from servicedesk.people.roles import Permission
from servicedesk.spreadsheets.applying import GoodRow
from servicedesk.spreadsheets.headers import Synonyms
from servicedesk.spreadsheets.kinds import Ask, Field, Key, Kind
from servicedesk.spreadsheets.staging import Check, StagedRow, fold

DECIMALS = ("watts", "annual_kwh", "embodied_kgco2e", "replacement_cost_ex_vat")
Sources = dict[str, dict[str, Any]]
WORDS = {each.name: str(each.verbose_name) for each in AssetModel._meta.fields if each.name in SOURCED}
SOURCE_FIELDS = tuple(
    Field(f"{name}_{part}", heading.format(words), kind, label=f"sources__{name}__{part}", serves=True)
    for name, words in WORDS.items()
    for part, heading, kind in (
        ("announced", "Is the {} announced", "yesno"),
        ("source", "Source of the {}", "text"),
        ("checked", "Date on which the {} was checked", "date"),
    )
    if part != "announced" or name in VENDOR_DATES
)
"""A column for each part of what `sources` says of a value."""


def interpret_models(rows: Sequence[StagedRow], check: Check) -> None:
    """Makers; what replaces a model, known or in the sheet; numbers as their columns hold them."""
    makers, models = known_names(Manufacturer), _models_to_follow(rows)
    for row in rows:
        _find_maker(row, makers, check)
        after = row.values.pop("replacement_model", None)
        found = models.get(fold(after)) if after else None
        if found:
            row.values["replacement_model"] = [found[0] or None, found[1]]
        elif after:
            check.problem(row, "replacement_model", "look_up_unknown", after)
        _fit_numbers(row, check)
        _gather_sources(row, check)
        for name in check.hidden & row.values.keys():
            del row.values[name]


def _find_maker(row: StagedRow, makers: Known, check: Check) -> None:
    """A maker, known or to be made. A row with any other is refused: by its name alone it might be another's model."""
    written = row.values.get("manufacturer")
    if not written:
        return
    found = makers.get(fold(written))
    if found or check.may_create(NEW_MAKERS, "manufacturer", written):
        row.values["manufacturer"] = list(found or (None, written))
    else:
        del row.values["manufacturer"]
        check.problem(row, "manufacturer", "look_up_unknown", written, severity="error")


def _models_to_follow(rows: Sequence[StagedRow]) -> Known:
    """Our models by their names, with and without their makers; and those of the sheet, whose key is 0 as yet."""
    models: Known = {}
    held = AssetModel.objects.order_by("-pk").values_list("pk", "name", "manufacturer__name")
    for pk, name, maker in held:
        models[fold(f"{maker} {name}")] = models[fold(name)] = (pk, name)
    for row in rows:
        if row.values.get("name"):
            models.setdefault(fold(row.values["name"]), (0, row.values["name"]))
    return models


def _fit_numbers(row: StagedRow, check: Check) -> None:
    for name in DECIMALS:
        written = row.values.get(name)
        if written is None:
            continue
        column: Any = check.kind.column(name)
        value = Decimal(written).quantize(Decimal(1).scaleb(-column.decimal_places))
        if value < 0 or len(value.as_tuple().digits) > column.max_digits:
            del row.values[name]
            check.problem(row, name, "number_out_of_range", written)
        else:
            row.values[name] = str(value)
    year = row.values.get("price_base_fy")
    if year and not is_financial_year(year):
        del row.values["price_base_fy"]
        check.problem(
            row,
            "price_base_fy",
            "date_not_understood",
            year,
            remedy=ODD_YEAR,
        )


def _gather_sources(row: StagedRow, check: Check) -> None:
    """What the columns of sources say of a row, as `sources` has it."""
    said: Sources = {}
    for name in SOURCED:
        told = {part: row.values.get(f"{name}_{part}") for part in ("announced", "source", "checked")}
        if told["source"] and len(told["source"]) > LONGEST_SOURCE:
            check.problem(row, f"{name}_source", "text_too_long", told["source"])
            told["source"] = None
        if found := {part: value for part, value in told.items() if value is not None}:
            said[name] = found
    if said:
        row.values["sources"] = said


def join_sources(row: StagedRow, current: Mapping[str, Any], check: Check) -> dict[str, list]:
    """What a row changes of the sources of a model that we have: what it says nothing of stays."""
    old: Sources = current["sources"] or {}
    said: Sources = row.values.pop("sources", {})
    new = {name: {**told} for name, told in old.items()}
    for name in SOURCED:
        told = new.setdefault(name, {})
        for part in ("announced", "source", "checked"):
            field = f"{name}_{part}"
            policy = check.policies.get(field, "overwrite")
            if policy == "never" or (policy == "fill" and part in told):
                continue
            if part in said.get(name, {}):
                told[part] = said[name][part]
            elif field in row.clears:
                told.pop(part, None)
    return _changed_sources(old, _as_kept(new))


def _as_kept(sources: Sources) -> Sources:
    """Sources as a model has them: that a date is announced is not written down, and of nothing nothing."""
    kept = {
        name: {part: value for part, value in told.items() if (part, value) != ("announced", True)}
        for name, told in sources.items()
    }
    return {name: told for name, told in kept.items() if told}


def _changed_sources(old: Sources, new: Sources) -> dict[str, list]:
    return {"sources": [old, new, _in_words(old), _in_words(new)]} if new != old else {}


def _in_words(sources: Sources) -> str:
    """Such as “End of support: endoflife.date, checked 2026-08-14”."""
    said = []
    for name, told in sources.items():
        parts = [told.get("source", "")]
        parts += [f"checked {told['checked']}"] if "checked" in told else []
        parts += ["not announced"] if "announced" in told else []
        said.append(f"{WORDS[name].capitalize()}: {', '.join(filter(None, parts))}")
    return "; ".join(said)


def settle_model(row: StagedRow, current: Current, check: Check) -> None:
    """A new model has a maker, a name and a category; none has a date of which is said that none is announced.

    A date that comes where none was announced until now is announced after all.
    """
    needs("manufacturer", "name", "category")(row, current, check)
    old: Sources = (current["sources"] or {}) if current else {}
    new: Sources = (
        row.changes["sources"][1] if "sources" in row.changes else _as_kept(row.values.get("sources", old))
    )
    for name in VENDOR_DATES:
        day = row.changes[name][1] if name in row.changes else (current or row.values).get(name)
        if "announced" not in new.get(name, {}) or not day:
            continue
        if name in row.changes and "announced" in old.get(name, {}):
            told = {part: value for part, value in new[name].items() if part != "announced"}
            new = {
                **{each: said for each, said in new.items() if each != name},
                **({name: told} if told else {}),
            }
        else:
            check.problem(
                row,
                f"{name}_announced",
                "breaks_a_rule",
                message=f"The {WORDS[name]} cannot be a date and not be announced",
                remedy="Enter the date, or (clear) in its place and No here",
            )
    if current is None:
        row.values["sources"] = new
    else:
        row.changes.pop("sources", None)
        row.changes |= _changed_sources(old, new)


def complete_models(rows: Sequence[GoodRow], deed: ChangeSet, council: Council) -> None:
    """Make the makers that were allowed, and point at the models of the same sheet."""
    create_named(
        [row.values["manufacturer"] for row in rows if "manufacturer" in row.values], deed, Manufacturer
    )
    give_keys(rows, "replacement_model", ("name",))


KIND = Kind(
    code="asset-models",
    one="asset model",
    many="asset models",
    model=AssetModel,
    permission=Permission.EDIT_ASSETS,
    synonyms=Synonyms(
        {
            "manufacturer": ("manufacturer", "make", "brand", "vendor", "maker"),
            "name": ("model", "model name", "product name", "product"),
            "model_number": ("model number", "model no"),
            "part_number": ("part number", "part no", "sku", "product code"),
            "category": ("category", "type", "device type"),
            "useful_life_months": ("useful life in months", "useful life", "life (months)", "lifetime"),
            "holds_data": ("can hold data", "holds data", "data bearing"),
            "end_of_sale": ("end of sale", "eos", "eol announced"),
            "end_of_software_releases": ("end of software releases", "end of software maintenance"),
            "end_of_security_patches": ("end of security patches", "end of vulnerability support"),
            "end_of_support": ("end of support", "ldos", "last date of support", "eosl", "eol"),
            "watts": ("power in watts", "watts", "power (w)", "watts (typ)"),
            "annual_kwh": ("energy in kwh a year", "annual kwh", "kwh a year", "kwh"),
            "embodied_kgco2e": ("embodied carbon in kgco2e", "embodied carbon", "kgco2e"),
            "replacement_model": ("replacement model", "replaced by"),
            "replacement_cost_ex_vat": ("replacement price (ex vat)", "replacement price", "price"),
            "price_base_fy": ("financial year of the price", "price year"),
            "notes": ("notes", "comments"),
            **{field.name: (field.heading.lower(),) for field in SOURCE_FIELDS},
            "version": ("version",),
        }
    ),
    fields=(
        Field("manufacturer", "Manufacturer", label="manufacturer__name"),
        Field("name", "Model"),
        Field("model_number", "Model number"),
        Field("part_number", "Part number", "tag"),
        Field("category", "Category", "category"),
        Field("useful_life_months", "Useful life in months", "months"),
        Field("holds_data", "Can hold data", "yesno"),
        Field("end_of_sale", "End of sale", "end_date"),
        Field("end_of_software_releases", "End of software releases", "end_date"),
        Field("end_of_security_patches", "End of security patches", "end_date"),
        Field("end_of_support", "End of support", "end_date"),
        Field("watts", "Power in watts", "decimal"),
        Field("annual_kwh", "Energy in kWh a year", "decimal"),
        Field("embodied_kgco2e", "Embodied carbon in kgCO2e", "decimal"),
        Field("replacement_model", "Replacement model", label="replacement_model__name"),
        Field("replacement_cost_ex_vat", "Replacement price (ex VAT)", "money"),
        Field("price_base_fy", "Financial year of the price"),
        Field("notes", "Notes", "note"),
        *SOURCE_FIELDS,
        VERSION,
    ),
    keys=(Key("name", "manufacturer"),),
    interpret=interpret_models,
    settle=settle_model,
    join=join_sources,
    filtered=filtered(ModelFilters, AssetModel),
    complete=complete_models,
    derived=("sources",),
    creatable=(NEW_MAKERS,),
    asks=(
        Ask("manufacturer", maker_names, NEW_MAKERS),
        Ask("replacement_model", model_names, beside=("name",)),
    ),
    tied=("replacement_model",),
    **by_title("name"),
)

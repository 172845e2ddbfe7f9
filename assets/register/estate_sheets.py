"""What rows of a spreadsheet mean as models, suppliers, circuits and telephone lines.

Models and suppliers are shared by all councils, so whoever keeps any register brings them in for all. Makers that a
sheet of models names, and suppliers that one of circuits or lines names, are made only where that was allowed.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet

from assets.register.estate_filters import CircuitFilters, LineFilters, ModelFilters, SupplierFilters
from assets.register.models import VENDOR_DATES, Asset, AssetModel, Circuit, Line, Manufacturer, Supplier
from assets.register.models.catalogue import YEAR
from assets.register.sheet_look_ups import (
    NEW_MAKERS,
    NEW_SITES,
    NEW_SUPPLIERS,
    Known,
    create_named,
    create_suppliers,
    find_suppliers,
    known_names,
    maker_names,
    model_names,
    supplier_names,
)
from assets.register.sheet_uplinks import give_keys
from servicedesk.history.models import ChangeSet
from servicedesk.people.models import Council, Person, Site
from servicedesk.people.roles import Permission
from servicedesk.spreadsheets.applying import GoodRow
from servicedesk.spreadsheets.council_names import site_names
from servicedesk.spreadsheets.headers import Synonyms
from servicedesk.spreadsheets.kinds import Ask, Field, Key, Kind, narrowed
from servicedesk.spreadsheets.matching import look_up, refuse_other_councils
from servicedesk.spreadsheets.staging import Check, StagedRow, fold

Current = Mapping[str, Any] | None
LINE_WORDS = {
    **dict.fromkeys(("analogue", "analog", "wlr", "wlr3", "copper"), Line.Type.PSTN),
    **dict.fromkeys(("isdn2", "isdn2e", "isdn30", "isdn30e"), Line.Type.ISDN),
    **dict.fromkeys(("voip", "hosted"), Line.Type.SIP),
    **dict.fromkeys(("gsm", "4g", "5g"), Line.Type.MOBILE),
}
STATUS_WORDS = {
    **dict.fromkeys(("live", "active", "in service", "installed"), "in_use"),
    **dict.fromkeys(("ordered", "on order"), "planned"),
    **dict.fromkeys(("cancelled", "ceased", "disconnected"), "ceased"),
}
CERTIFICATE_WORDS = {"ce": "cyber_essentials", "ce+": "cyber_essentials_plus", "iso 27001:2022": "iso27001"}
DECIMALS = ("watts", "annual_kwh", "embodied_kgco2e", "replacement_cost_ex_vat")


def filtered(filters: Any, model: Any) -> Callable[[Person, Mapping[str, Any]], QuerySet]:
    """The rows that a person may see and that pass these filters. The function raises ValidationError by filter."""

    def rows(person: Person, given: Mapping[str, Any]) -> QuerySet:
        return narrowed(filters, model.objects.visible_to(person), person, given)

    return rows


def needs(*names: str) -> Callable[[StagedRow, Current, Check], None]:
    """The rule that a new row says these."""

    def settle(row: StagedRow, current: Current, check: Check) -> None:
        for name in names if current is None else ():
            if not row.values.get(name):
                heading = check.kind.by_name[name].heading.lower()
                check.problem(
                    row,
                    name,
                    "look_up_unknown",
                    severity="error",
                    message=f"A new {check.kind.one} needs a {heading}",
                    remedy=f"Enter the {heading}",
                )

    return settle


def by_title(name: str) -> dict[str, Any]:
    """How a row reads, and what it is found by."""
    return {"title": lambda values: str(values[name]), "search_text": lambda values: str(values[name])}


def interpret_suppliers(rows: Sequence[StagedRow], check: Check) -> None:
    """A supplier points at nothing."""


def complete_nothing(rows: Sequence[GoodRow], deed: ChangeSet, council: Council) -> None:
    """Nothing is lacking."""


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
    if year and not re.fullmatch(YEAR, year):
        del row.values["price_base_fy"]
        check.problem(
            row,
            "price_base_fy",
            "date_not_understood",
            year,
            remedy="Enter the financial year like 2026/27",
        )


def settle_model(row: StagedRow, current: Current, check: Check) -> None:
    """A new model has a maker, a name and a category. A date that is given is announced, whatever was said before."""
    needs("manufacturer", "name", "category")(row, current, check)
    if current is None:
        return
    sources = dict(current["sources"] or {})
    for name in VENDOR_DATES:
        if name in row.changes and "announced" in sources.get(name, {}):
            told = {what: said for what, said in sources[name].items() if what != "announced"}
            sources = {**sources, name: told} if told else {k: v for k, v in sources.items() if k != name}
    if sources != current["sources"]:
        row.changes["sources"] = [current["sources"], sources, str(current["sources"]), str(sources)]


def complete_models(rows: Sequence[GoodRow], deed: ChangeSet, council: Council) -> None:
    """Make the makers that were allowed, and point at the models of the same sheet."""
    create_named(
        [row.values["manufacturer"] for row in rows if "manufacturer" in row.values], deed, Manufacturer
    )
    give_keys(rows, "replacement_model", ("name",))


def interpret_connections(rows: Sequence[StagedRow], check: Check) -> None:
    """Sites and equipment of the council, and suppliers."""
    refuse_other_councils(rows, check)
    look_up(rows, "site", known_names(Site, council=check.council), check, NEW_SITES)
    find_suppliers(rows, check, "provider")
    equipment = Asset.objects.filter(council=check.council).exclude(asset_tag="")
    if any("asset" in row.values for row in rows):
        tags = {fold(tag): (pk, tag) for pk, tag in equipment.values_list("pk", "asset_tag")}
        look_up(rows, "asset", tags, check)


def complete_connections(rows: Sequence[GoodRow], deed: ChangeSet, council: Council) -> None:
    """Make the sites and suppliers that were allowed."""
    create_named([row.values["site"] for row in rows if "site" in row.values], deed, Site, council=council)
    create_suppliers(rows, deed, "provider")


VERSION = Field("version", "Version", "integer", serves=True)
CONNECTION = (
    Field("use", "Used for"),
    Field("critical", "Critical", "yesno"),
    Field("status", "Status", "coded", words=STATUS_WORDS),
    Field("contract_end", "Contract end", "end_date"),
    Field("migrate_by", "Migrate by", "end_date"),
    Field("notes", "Notes", "note"),
    VERSION,
)
CONNECTION_ASKS = (Ask("site", site_names, NEW_SITES), Ask("provider", supplier_names, NEW_SUPPLIERS))
CONNECTION_HEADINGS = {
    "council": ("council", "authority", "organisation"),
    "site": ("site", "location", "building", "premises"),
    "provider": ("provider", "supplier", "carrier", "telco"),
    "product": ("product", "service", "service type"),
    "use": ("used for", "use", "purpose", "what it serves"),
    "critical": ("critical", "business critical"),
    "status": ("status", "state"),
    "contract_end": ("contract end", "contract end date", "term end", "contract expiry"),
    "migrate_by": ("migrate by", "migration date", "switch by"),
    "notes": ("notes", "comments", "remarks"),
    "version": ("version",),
}

MODELS = Kind(
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
        VERSION,
    ),
    keys=(Key("name", "manufacturer"),),
    interpret=interpret_models,
    settle=settle_model,
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
SUPPLIERS = Kind(
    code="suppliers",
    one="supplier",
    many="suppliers",
    model=Supplier,
    permission=Permission.EDIT_ASSETS,
    synonyms=Synonyms(
        {
            "name": ("supplier", "name", "supplier name", "vendor", "company"),
            "status": ("standing", "status"),
            "contact_name": ("contact", "contact name", "account manager"),
            "contact_phone": ("telephone", "phone", "contact phone", "phone number"),
            "contact_email": ("email address", "email", "e-mail", "contact email"),
            "certificate": ("certificate", "certification", "accreditation"),
            "certificate_number": ("certificate number", "certificate no"),
            "certificate_expiry": ("certificate expiry", "certificate expires", "expiry"),
            "notes": ("notes", "comments"),
            "version": ("version",),
        }
    ),
    fields=(
        Field("name", "Supplier"),
        Field("status", "Standing", "coded"),
        Field("contact_name", "Contact"),
        Field("contact_phone", "Telephone", "tag"),
        Field("contact_email", "Email address", "email"),
        Field("certificate", "Certificate", "coded", words=CERTIFICATE_WORDS),
        Field("certificate_number", "Certificate number", "tag"),
        Field("certificate_expiry", "Certificate expiry", "end_date"),
        Field("notes", "Notes", "note"),
        VERSION,
    ),
    keys=(Key("name"),),
    interpret=interpret_suppliers,
    settle=needs("name"),
    filtered=filtered(SupplierFilters, Supplier),
    complete=complete_nothing,
    **by_title("name"),
)
CIRCUITS = Kind(
    code="circuits",
    one="circuit",
    many="circuits",
    model=Circuit,
    permission=Permission.EDIT_ASSETS,
    synonyms=Synonyms(
        {
            "number": ("circuit number", "circuit", "circuit id", "circuit reference", "number"),
            "asset": ("ends at", "router", "terminates at"),
            "mbps_down": ("mbps down", "download", "speed", "bandwidth", "mbps", "speed (mbps)"),
            "mbps_up": ("mbps up", "upload"),
            "resilient": ("resilient", "resilience"),
            **CONNECTION_HEADINGS,
        }
    ),
    fields=(
        Field("number", "Circuit number", "tag"),
        Field("council", "Council", label="council__code", serves=True),
        Field("site", "Site", label="site__name"),
        Field("provider", "Provider", label="provider__name"),
        Field("product", "Product"),
        Field("asset", "Ends at", label="asset__asset_tag"),
        Field("mbps_down", "Mbps down", "integer"),
        Field("mbps_up", "Mbps up", "integer"),
        Field("resilient", "Resilient", "yesno"),
        *CONNECTION,
    ),
    keys=(Key("number"),),
    interpret=interpret_connections,
    settle=needs("number"),
    filtered=filtered(CircuitFilters, Circuit),
    complete=complete_connections,
    creatable=(NEW_SITES, NEW_SUPPLIERS),
    asks=CONNECTION_ASKS,
    **by_title("number"),
)
LINES = Kind(
    code="lines",
    one="telephone line",
    many="telephone lines",
    model=Line,
    permission=Permission.EDIT_ASSETS,
    synonyms=Synonyms(
        {
            "number": ("number", "line number", "telephone number", "phone number", "cli"),
            "type": ("type", "line type", "technology"),
            **CONNECTION_HEADINGS,
        }
    ),
    fields=(
        Field("number", "Number", "tag"),
        Field("council", "Council", label="council__code", serves=True),
        Field("type", "Type", "coded", words=LINE_WORDS),
        Field("site", "Site", label="site__name"),
        Field("provider", "Provider", label="provider__name"),
        Field("product", "Product"),
        *CONNECTION,
    ),
    keys=(Key("number"),),
    interpret=interpret_connections,
    settle=needs("number", "type"),
    filtered=filtered(LineFilters, Line),
    complete=complete_connections,
    creatable=(NEW_SITES, NEW_SUPPLIERS),
    asks=CONNECTION_ASKS,
    **by_title("number"),
)

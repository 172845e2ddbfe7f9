"""What rows of a spreadsheet mean as suppliers, circuits and telephone lines.

Suppliers are shared by all councils, so whoever keeps any register brings them in for all. Those that a sheet of
circuits or lines names are made only where that was allowed.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.db.models import QuerySet

from assets.register.estate_filters import CircuitFilters, LineFilters, SupplierFilters
from assets.register.models import Asset, Circuit, Line, Supplier
from assets.register.sheet_look_ups import (
    NEW_SITES,
    NEW_SUPPLIERS,
    create_named,
    create_suppliers,
    find_suppliers,
    known_names,
    supplier_names,
)
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

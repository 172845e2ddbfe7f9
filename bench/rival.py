"""The same rows by django-import-export, set up as a newcomer would from its first pages, beside our own import.

It is no part of the product: requirements-bench.txt has it, and without it these figures are left out.
"""

import importlib
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

from django.core.files import File
from django.utils import timezone

from assets.register.models import Asset
from bench.imports import a_council, rows_as_texts
from bench.measuring import Figure, seconds, short
from servicedesk.people.models import Council
from servicedesk.spreadsheets import importing
from servicedesk.spreadsheets.applying import write
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.spreadsheets.writing import Column, SheetOut, write_xlsx

ROWS = 10_000
LOOKED_UP = {
    "Site": "site",
    "Manufacturer": "manufacturer",
    "Department": "department",
    "Supplier": "supplier",
}
PLAIN = {
    "Asset tag": "asset_tag",
    "Serial number": "serial_number",
    "Hostname": "hostname",
    "Room": "room",
    "Purchase date": "purchase_date",
    "Purchase cost (ex VAT)": "purchase_cost_ex_vat",
    "Warranty end": "warranty_end",
    "OS": "os_name",
    "OS version": "os_version",
    "Last audit": "last_audit_at",
    "Notes": "notes",
    "Condition": "condition",
    "Holder note": "holder_note",
    "Purchase order": "po_number",
    "MAC address": "mac_address",
    "IP address": "ip_address",
    "In service date": "in_service_date",
}


def figures() -> Iterator[Figure]:
    """How many times as fast we are, in the dry run and in the import."""
    council, rows = a_council("RIVAL"), rows_as_texts(ROWS)
    try:
        resource, data = _resource(council), _data(rows)
    except ModuleNotFoundError:
        return
    theirs = [seconds(lambda: resource.import_data(data, dry_run=True, raise_errors=True))]
    theirs.append(seconds(lambda: resource.import_data(data, dry_run=False, raise_errors=True)))
    Asset.objects.filter(council=council).delete()
    content = _workbook(rows)
    file = File(BytesIO(content))
    checked: list[Any] = []

    def check() -> None:
        started = importing.start(file, "register.xlsx", kinds()["assets"], council, by=None)
        checked.append(importing.check(started, by=None))

    ours = [seconds(check), seconds(lambda: write(checked[0], by=None))]
    for name, goal, our, their in zip(("dry run", "import"), (30, 10), ours, theirs, strict=True):
        yield Figure(
            f"The {name} of {ROWS:,} rows, how many times as fast as django-import-export",
            f"{their / our:.0f}",
            f"at least {goal}",
            f"{short(our)} to {short(their)}. Ours reads the workbook too, and keeps history and search.",
        )


def _resource(council: Council) -> Any:
    """A resource for assets as its documentation shows it: a field a column, look-ups by name."""
    fields, resources, widgets = (
        importlib.import_module(f"import_export.{name}") for name in ("fields", "resources", "widgets")
    )
    declared: dict[str, Any] = {
        name: fields.Field(attribute=name, column_name=heading) for heading, name in PLAIN.items()
    }
    for heading, name in LOOKED_UP.items():
        related = Asset._meta.get_field(name).related_model

        class OfCouncil(widgets.ForeignKeyWidget):  # type: ignore[name-defined, misc]
            def get_queryset(self, value: Any, row: Any, *args: Any, **kwargs: Any) -> Any:
                held = super().get_queryset(value, row, *args, **kwargs)
                own = any(field.name == "council" for field in self.model._meta.fields)
                return held.filter(council=council) if own else held

        declared[name] = fields.Field(
            attribute=name, column_name=heading, widget=OfCouncil(related, field="name")
        )

    class Meta:
        model = Asset
        fields = tuple(declared)
        import_id_fields = ("asset_tag",)

    def before_save_instance(self: Any, instance: Asset, row: Any, **kwargs: Any) -> None:
        instance.council, instance.category = council, "laptop"
        instance.registered_at = timezone.now()

    body = {**declared, "Meta": Meta, "before_save_instance": before_save_instance}
    return type("AssetResource", (resources.ModelResource,), body)()


def _data(rows: Sequence[dict[str, str]]) -> Any:
    table = importlib.import_module("tablib").Dataset(headers=list(rows[0]))
    for row in rows:
        table.append(list(row.values()))
    return table


def _workbook(rows: Sequence[dict[str, str]]) -> bytes:
    target = BytesIO()
    columns = [Column(heading) for heading in rows[0]]
    write_xlsx(target, [SheetOut("Register", columns, (list(row.values()) for row in rows))])
    return target.getvalue()

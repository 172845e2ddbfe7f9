"""Putting assets into the register, changing them, and saying which tickets are about them: every write but imports.

Each is checked, recorded and made findable in one transaction.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from assets.register import custody
from assets.register.finding import index_assets
from assets.register.models import Asset, Loan, ServiceRecord
from assets.register.uplinks import circle_of_uplinks
from servicedesk.history.models import Change, ChangeSet
from servicedesk.history.recording import Entry, change_set, record, record_entries, snapshot
from servicedesk.people.access import require
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.rights import is_its_requester, may_work

BATCH = 1000
RELATED = (
    *("council", "model__manufacturer", "manufacturer", "department", "holder", "site", "legal_hold_by"),
    *("supplier", "uplink"),
)
EDITABLE = (
    "asset_tag",
    "serial_number",
    "category",
    "model",
    "manufacturer",
    "ownership",
    "managed_by",
    "condition",
    "hostname",
    "ip_address",
    "mac_address",
    "management_address",
    "firmware_version",
    "network_role",
    "rack",
    "rack_unit",
    "stack_name",
    "stack_member",
    "uplink",
    "imei",
    "phone_number",
    "os_name",
    "os_version",
    "os_upgradeable",
    "encrypted",
    "data_classification",
    "purchase_date",
    "in_service_date",
    "date_precision",
    "purchase_cost_ex_vat",
    "po_number",
    "supplier",
    "cost_centre",
    "department",
    "warranty_months",
    "warranty_end",
    "support_contract_end",
    "lease_end",
    "vendor_end_of_support",
    "holder",
    "holder_note",
    "site",
    "room",
    "last_audit_at",
    "annual_kwh_override",
    "notes",
)
"""What may be corrected at any time. States change by the moves of `lifecycle`, legal holds by their own deed."""


NAMES = ("asset_tag", "serial_number", "hostname")
NAMELESS = "Enter an asset tag, a serial number or a hostname"
"""What an asset is known by: it has at least one of them."""


class StaleAsset(Exception):
    """Somebody has changed the asset since the person read it. `asset` is how it is now."""

    def __init__(self, asset: Asset):
        super().__init__(f"{asset} was changed while you were looking at it.")
        self.asset = asset


def register_assets(
    assets: Iterable[Asset], *, by: Person | None, reason: str = "", now: datetime | None = None
) -> list[Asset]:
    """Put new assets into the register, however many: rows not yet saved, with what they point at set on them.

    Raises PermissionDenied, and IntegrityError where a tag or a serial number is taken.
    """
    assets = list(assets)
    with change_set(by=by, reason=reason, now=now) as deed:
        for asset in assets:
            _check_right(by, asset)
            asset.registered_at = deed.at
            _tidy(asset)
        Asset.objects.bulk_create(assets, batch_size=BATCH)
        record(deed, assets)
        custody.follow(deed, assets, new=True)
        index_assets(assets)
    return assets


def register_asset(
    asset: Asset, *, by: Person | None, reason: str = "", now: datetime | None = None
) -> Asset:
    """Put one new asset into the register. Raises PermissionDenied, or ValidationError by field."""
    _check_right(by, asset)
    _tidy(asset)
    with _saying_what_is_taken(asset):
        return register_assets([asset], by=by, reason=reason, now=now)[0]


def change_asset(
    asset: Asset,
    *,
    by: Person | None,
    version: int,
    reason: str = "",
    now: datetime | None = None,
    **fields: Any,
) -> Asset:
    """Correct what the register says of an asset, as read at `version`. Returns it as it now is.

    Raises PermissionDenied, StaleAsset when somebody has changed it meanwhile, or ValidationError by field.
    """
    unknown = set(fields) - set(EDITABLE)
    if unknown:
        raise ValidationError({name: "This cannot be changed here." for name in unknown})
    with change_set(by=by, reason=reason, now=now) as deed:
        asset = fresh(asset)
        _check_right(by, asset)
        if asset.version != version:
            raise StaleAsset(asset)
        before = snapshot([asset])
        for name, value in fields.items():
            setattr(asset, name, value)
        _tidy(asset)
        if snapshot([asset]) != before:
            with _saying_what_is_taken(asset):
                _update(asset, {name: getattr(asset, name) for name in fields})
            record(deed, [asset], before)
            custody.follow(deed, [asset], lambda _: custody.Handing(note=reason))
            index_assets([asset])
    return fresh(asset)


def link_ticket(asset: Asset, ticket: Ticket, *, by: Person | None, now: datetime | None = None) -> None:
    """Say that a ticket is about an asset. Once said, saying it again changes nothing. Raises PermissionDenied."""
    _check_may_link(by, asset, ticket)
    link_raised(asset, ticket, by=by, now=now)


def link_raised(asset: Asset, ticket: Ticket, *, by: Person | None, now: datetime | None = None) -> None:
    """Say what a ticket is about as it is raised: whoever raised it may, although they may not see it afterwards."""
    with change_set(by=by, now=now) as deed:
        _, added = ServiceRecord.objects.get_or_create(
            asset=asset, ticket=ticket, defaults={"council_id": asset.council_id}
        )
        if added:
            _record_link(deed, asset, ticket, added=True)


def unlink_ticket(asset: Asset, ticket: Ticket, *, by: Person | None, now: datetime | None = None) -> None:
    """Say that a ticket is not about an asset after all. Raises PermissionDenied."""
    _check_may_link(by, asset, ticket)
    with change_set(by=by, now=now) as deed:
        removed, _ = ServiceRecord.objects.filter(asset=asset, ticket=ticket).delete()
        if removed:
            _record_link(deed, asset, ticket, added=False)


def fresh(asset: Asset) -> Asset:
    """The asset as the database has it now, with what it points at."""
    return Asset.objects.select_related(*RELATED).get(pk=asset.pk)


def refuse(asset: Asset) -> None:
    """Refuse what the register cannot hold. Raises ValidationError by field."""
    problems: dict[str, str] = {}
    others = Asset.objects.filter(council=asset.council_id).exclude(pk=asset.pk)
    if not any(getattr(asset, name) for name in NAMES):
        problems["asset_tag"] = NAMELESS
    if asset.asset_tag and others.filter(asset_tag=asset.asset_tag).exists():
        problems["asset_tag"] = f"{asset.council} already has an asset with the tag {asset.asset_tag}"
    maker = {"manufacturer": asset.manufacturer_id, "serial_number": asset.serial_number}
    if asset.serial_number and asset.manufacturer_id and others.filter(**maker).exists():
        problems["serial_number"] = (
            f"{asset.council} already has an asset of {asset.manufacturer} with the serial number "
            f"{asset.serial_number}"
        )
    problems |= {
        name: f"Choose one that belongs to {asset.council}"
        for name in ("holder", "site", "department", "uplink")
        if getattr(asset, name) and getattr(asset, name).council_id != asset.council_id
        if not (name == "holder" and _is_lent(asset))
    }
    if "uplink" not in problems and (circle := circle_of_uplinks(asset)):
        problems["uplink"] = circle
    if problems:
        raise ValidationError(problems)


def _is_lent(asset: Asset) -> bool:
    """Whether both councils agreed that somebody of the other has it."""
    return Loan.objects.filter(asset=asset.pk, person=asset.holder_id, state=Loan.State.AGREED).exists()


def _tidy(asset: Asset) -> None:
    """One way to write the same thing, so that equal values are equal."""
    asset.serial_number = asset.serial_number.upper()
    asset.ip_address = asset.ip_address or None
    asset.management_address = asset.management_address or None


@contextmanager
def _saying_what_is_taken(asset: Asset) -> Iterator[None]:
    """Refuse before the write what would be refused by the database, and say the same of whoever came first."""
    refuse(asset)
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        refuse(asset)
        raise


def _update(asset: Asset, fields: dict[str, Any]) -> None:
    """Write, unless somebody was quicker."""
    rows = Asset.objects.filter(pk=asset.pk, version=asset.version)
    if not rows.update(version=F("version") + 1, **fields):
        raise StaleAsset(fresh(asset))
    asset.version += 1  # as history keeps it


def _check_right(by: Person | None, asset: Asset) -> None:
    if by is not None:
        require(by, Permission.EDIT_ASSETS, asset)


def _check_may_link(by: Person | None, asset: Asset, ticket: Ticket) -> None:
    """Whoever works on a ticket, or asked for it, may say which of the assets that they see it is about."""
    if by is None:
        return
    concerned = may_work(by, ticket) or is_its_requester(by, ticket)
    if not concerned or not Asset.objects.visible_to(by).filter(pk=asset.pk).exists():
        raise PermissionDenied("You need the right to work on this request.")


def _record_link(deed: ChangeSet, asset: Asset, ticket: Ticket, *, added: bool) -> None:
    """Both histories tell it. That of the asset keeps the ticket's number alone: not everybody may know of a ticket."""
    _record_one(deed, ticket, "asset", asset.pk, str(asset), added)
    _record_one(deed, asset, "ticket", ticket.pk, "", added)


def _record_one(
    deed: ChangeSet, row: Asset | Ticket, field: str, value: int, label: str, added: bool
) -> None:
    change = [None, value, "", label] if added else [value, None, label, ""]
    entry = Entry(row.pk, str(row), row.council_id, Change.Action.UPDATE, {field: change})
    record_entries(deed, type(row), [entry])

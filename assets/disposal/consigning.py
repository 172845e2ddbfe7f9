"""Making up a consignment until the firm has it: what is in it, who takes it, which papers go with it.

Who keeps a council's register makes up its consignments, and writes the income down with the right to its money. Each
write holds the consignment's row, so that two people at once cannot both be the last.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from assets.disposal.models import Consignment, ConsignmentItem, State
from assets.disposal.states import EDITABLE, MOVES
from assets.register.lifecycle import MoveRefused
from assets.register.models import Asset, Category, Supplier
from assets.register.workflow import Refusal, refusals
from servicedesk.history.editing import Stale
from servicedesk.history.models import ChangeSet
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.lists.references import take_references
from servicedesk.people.access import require
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission

PREFIX = "DC"
RELATED = ("council", "supplier", "made_by", "closed_by", "certificate")
PAPERS = ("carrier_licence", "carrier_licence_expiry", "transfer_note", "items_on_note", "weee_facility")
CHANGEABLE = (
    "supplier",
    *PAPERS,
    "hazardous_waste_note",
    "collected_on",
    "weight_kg",
    "dial_rating",
    "recipient",
    "income",
    "notes",
)
HAZARDOUS = (Category.MONITOR, Category.LAPTOP, Category.TABLET, Category.MOBILE_PHONE, Category.UPS)
"""What has a screen or a battery in it: it goes with a hazardous waste note as well."""
WITH_THE_CERTIFICATE = ("consignment_reference",)
"""What disposing asks for, and only closing the consignment can give."""
NEEDED = {
    "carrier_licence": "Enter the number of the waste carrier’s licence",
    "carrier_licence_expiry": "Enter the day on which the licence expires",
    "transfer_note": "Enter the number of the waste transfer note",
    "items_on_note": "Enter how many items the note names",
    "weee_facility": "Enter the facility that treats it",
    "dial_rating": "Select the DIAL rating of the job",
    "collected_on": "Enter the day it was collected",
}


def make(
    *, by: Person, council: Council, supplier: Supplier, now: datetime | None = None, **values: Any
) -> Consignment:
    """Begin a consignment. Raises PermissionDenied, or ValidationError by field."""
    require(by, Permission.EDIT_ASSETS, council)
    _refuse_unknown(values)
    _refuse_money(by, council, values)
    now = now or timezone.now()
    row = Consignment(council=council, supplier=supplier, made_by=by, made_at=now, **values)
    _clean(row)
    with change_set(by=by, now=now) as deed:
        row.reference = take_references(PREFIX, timezone.localdate(now).year)[0]
        row.save(force_insert=True)
        record(deed, [row])
    return row


def change(
    row: Consignment, *, by: Person, version: int, now: datetime | None = None, **values: Any
) -> Consignment:
    """Change what is written of it until it closes. Raises PermissionDenied, Stale, MoveRefused or ValidationError."""
    require(by, Permission.EDIT_ASSETS, row)
    _refuse_unknown(values)
    with change_set(by=by, now=now) as deed:
        row = hold(row, version)
        if row.state not in EDITABLE:
            raise MoveRefused(f"{row} is {row.get_state_display().lower()}: nothing of it changes any more.")
        before = snapshot([row])
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        _refuse_money(by, row, changed)
        for name, value in changed.items():
            setattr(row, name, value)
        if changed:
            _clean(row)
            if row.state != State.DRAFT:
                _refuse_missing(row)
            write(deed, row, before, *changed)
    return row


def add_items(
    row: Consignment, assets: Iterable[Asset], *, by: Person, now: datetime | None = None
) -> tuple[list[Asset], list[Refusal]]:
    """Scan things into it: those that are wiped, or hold nothing to wipe, and that nothing holds back.

    Returns those that are in it now and were not, and those that were refused, each with a sentence. Raises
    PermissionDenied or MoveRefused.
    """
    require(by, Permission.EDIT_ASSETS, row)
    wanted = list({asset.pk: asset for asset in assets}.values())
    with change_set(by=by, now=now) as deed:
        row = hold(row)
        if row.state != State.DRAFT:
            raise MoveRefused(f"{row} is {row.get_state_display().lower()}: nothing more goes into it.")
        keys = [asset.pk for asset in wanted]
        held = list(Asset.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
        refused = _refused(row, held, by, deed.at)
        names = {one.asset.pk for one in refused}
        good = [asset for asset in wanted if asset.pk not in names]
        items = [
            ConsignmentItem(consignment=row, asset=asset, added_by=by, added_at=deed.at) for asset in good
        ]
        try:
            with transaction.atomic():
                ConsignmentItem.objects.bulk_create(items)
        except IntegrityError as error:
            raise MoveRefused("Somebody has just put one of these into a consignment. Try again.") from error
        if items:
            record(deed, items)
            write(deed, row, snapshot([row]), move="scan_in")
    return good, refused


def _refused(row: Consignment, assets: list[Asset], by: Person, now: datetime) -> list[Refusal]:
    """What may not leave, or leaves with another consignment already."""
    own = [asset for asset in assets if asset.council_id == row.council_id]
    found = [
        Refusal(asset, f"{asset} does not belong to {row.council}.") for asset in assets if asset not in own
    ]
    taken = {
        item.asset_id: item.consignment
        for item in ConsignmentItem.objects.filter(asset__in=own, is_current=True).select_related(
            "consignment"
        )
    }
    found += [
        Refusal(asset, f"{asset} is in consignment {taken[asset.pk]} already.")
        for asset in own
        if asset.pk in taken
    ]
    free = [asset for asset in own if asset.pk not in taken]
    return found + refusals(free, "dispose", by=by, later=WITH_THE_CERTIFICATE, now=now)


def remove_item(item: ConsignmentItem, *, by: Person, now: datetime | None = None) -> Consignment:
    """Take a thing out again before it is collected. Raises PermissionDenied or MoveRefused."""
    require(by, Permission.EDIT_ASSETS, item.consignment)
    with change_set(by=by, now=now) as deed:
        row = hold(item.consignment)
        if row.state != State.DRAFT:
            raise MoveRefused(f"{row} is {row.get_state_display().lower()}: what is in it stays in it.")
        item = ConsignmentItem.objects.select_related("asset", "consignment", "added_by").get(pk=item.pk)
        if item.is_current:
            before = snapshot([item])
            item.is_current = False
            item.save(update_fields=["is_current"])
            record(deed, [item], before)
            write(deed, row, snapshot([row]), move="take_out")
    return row


def collect(
    row: Consignment, *, by: Person, version: int | None = None, now: datetime | None = None, **values: Any
) -> Consignment:
    """Say that the firm has it, with the papers that went with it. From then on nothing goes in or out.

    Raises PermissionDenied, Stale, MoveRefused, or ValidationError by field.
    """
    require(by, Permission.EDIT_ASSETS, row)
    _refuse_unknown(values)
    with change_set(by=by, now=now) as deed:
        row = begin(row, "collect", version)
        _refuse_money(by, row, {name: value for name, value in values.items() if getattr(row, name) != value})
        before = snapshot([row])
        for name, value in values.items():
            setattr(row, name, value)
        _clean(row)
        _refuse_missing(row)
        if row.collected_on and row.collected_on > timezone.localdate(deed.at):
            raise ValidationError({"collected_on": "The day it was collected must not be in the future"})
        _refuse_unready(row, by, deed.at)
        row.state = State.COLLECTED
        write(deed, row, before, *values, "state", move="collect")
    return row


def _refuse_unready(row: Consignment, by: Person, now: datetime) -> None:
    """An empty one, or one with something that may not leave any more, is not collected."""
    assets = [item.asset for item in items_of(row)]
    if not assets:
        raise MoveRefused(f"There is nothing in {row} yet.")
    refused = refusals(assets, "dispose", by=by, later=WITH_THE_CERTIFICATE, now=now)
    if refused:
        raise MoveRefused(" ".join(one.sentence for one in refused))


def with_the_firm(rows: Q) -> dict[int, str]:
    """ASSET_KEPT: what the firm has is not here to be moved, until its consignment is closed or cancelled."""
    gone = (State.COLLECTED, State.CERTIFIED)
    items = ConsignmentItem.objects.filter(rows, is_current=True, consignment__state__in=gone)
    return {
        item.asset_id: f"{item.asset} left with consignment {item.consignment}. Close or cancel that first."
        for item in items.select_related("asset", "consignment")
    }


def certified_out(rows: Q) -> Iterable[tuple[int, str]]:
    """ASSET_CONSIGNED: what a facility has certified, each with the reference of its consignment."""
    items = ConsignmentItem.objects.filter(rows).exclude(outcome="")
    return items.exclude(consignment__state=State.CANCELLED).values_list("asset", "consignment__reference")


def cancel(
    row: Consignment,
    *,
    by: Person,
    reason: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> Consignment:
    """Give it up; what was in it is free again. What the firm had already came back for a reason.

    Raises PermissionDenied, Stale, MoveRefused or ValidationError.
    """
    require(by, Permission.EDIT_ASSETS, row)
    with change_set(by=by, reason=reason.strip(), now=now) as deed:
        row = begin(row, "cancel", version)
        if row.state != State.DRAFT and not reason.strip():
            raise ValidationError({"reason": "Enter why it is cancelled although the firm has it"})
        before = snapshot([row])
        row.state = State.CANCELLED
        write(deed, row, before, "state", move="cancel")
        items = items_of(row)
        was = snapshot(items)
        for item in items:
            item.is_current = False
        ConsignmentItem.objects.bulk_update(items, ["is_current"])
        record(deed, items, was)
    return row


def items_of(row: Consignment) -> list[ConsignmentItem]:
    """What is in it, and was when it left."""
    related = ("asset__model", "asset__manufacturer", "asset__council", "added_by")
    return list(row.items.filter(is_current=True).select_related(*related))


def hold(row: Consignment, version: int | None = None) -> Consignment:
    """The row as it is now, held until the transaction ends. Raises Stale when it is not at `version` any more."""
    held = Consignment.objects.select_for_update(of=("self",)).select_related(*RELATED).get(pk=row.pk)
    if version is not None and held.version != version:
        raise Stale(held)
    return held


def begin(row: Consignment, name: str, version: int | None = None) -> Consignment:
    """The same, where the move begins. Raises MoveRefused."""
    held, step = hold(row, version), MOVES[name]
    if held.state not in step.sources:
        raise MoveRefused(f"{held} is {held.get_state_display().lower()}, so “{step.words}” is not possible.")
    return held


def write(deed: ChangeSet, row: Consignment, before, *names: str, move: str = "") -> None:
    """Save what was set, and record it."""
    row.version += 1
    row.save(update_fields=[*names, "version"])
    record(deed, [row], before, move=move)


def _refuse_unknown(values: dict[str, Any]) -> None:
    if unknown := set(values) - set(CHANGEABLE):
        raise ValidationError({name: "This cannot be changed here." for name in unknown})


def _refuse_money(by: Person, row: Any, values: dict[str, Any]) -> None:
    if values.get("income") is not None or "income" in values and getattr(row, "income", None) is not None:
        require(by, Permission.SEE_ASSET_MONEY, row)


def _clean(row: Consignment) -> None:
    row.clean_fields(exclude=["reference", "made_by", "council", "supplier"])


def _refuse_missing(row: Consignment) -> None:
    """The papers without which nothing is handed over. Raises ValidationError by field."""
    missing = {name: words for name, words in NEEDED.items() if getattr(row, name) in (None, "")}
    expiry, day = row.carrier_licence_expiry, row.collected_on
    if expiry and day and expiry < day:
        missing["carrier_licence_expiry"] = "The licence had expired on the day of the collection"
    hazardous = row.items.filter(is_current=True, asset__category__in=HAZARDOUS).exists()
    if hazardous and not row.hazardous_waste_note:
        missing["hazardous_waste_note"] = (
            "There are screens or batteries in it: enter the number of the hazardous waste note"
        )
    if missing:
        raise ValidationError(missing)

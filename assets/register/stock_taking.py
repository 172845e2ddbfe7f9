"""Counting what is at a site: beginning, each thing that is met, taking it in, finishing. Every write of a stock-take.

Who keeps the register begins and ends it; whoever handles its assets may count. Two people may count the same one at
once: a thing is counted by whoever comes first, and the other is told so.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from assets.register import custody
from assets.register.finding import index_assets
from assets.register.lifecycle import AssetState
from assets.register.models import Asset, StockTake, StockTakeLine
from assets.register.querysets import KEPT, AssetQuerySet
from assets.register.registering import RELATED
from servicedesk import bulk
from servicedesk.history.models import Change, ChangeSet
from servicedesk.history.recording import Entry, change_set, record, record_entries, snapshot
from servicedesk.people.access import require
from servicedesk.people.models import Person, Site
from servicedesk.people.roles import Permission

State = StockTake.State
BATCH = 1000
LONGEST_NAME = 200
ELSEWHERE = (AssetState.ON_ORDER, AssetState.IN_REPAIR, AssetState.LOST_STOLEN)
"""States of things that nobody expects to meet where the register has them."""


class Outcome(StrEnum):
    """What is known of a line: each thing of a stock-take has exactly one."""

    FOUND = "found"
    ELSEWHERE = "elsewhere"
    UNKNOWN = "unknown"
    MISSING = "missing"


class Ended(Exception):
    """The stock-take is finished or cancelled: nothing is counted any more."""

    def __init__(self, stock_take: StockTake):
        super().__init__(f"This stock-take is {stock_take.get_state_display().lower()}.")
        self.stock_take = stock_take


class Counted(NamedTuple):
    """What came of one scan. `again` is the person who counted it before; `several` is what else bears the name."""

    name: str
    line: StockTakeLine | None = None
    again: Person | None = None
    several: tuple[Asset, ...] = ()


def begin(*, by: Person, site: Site, room: str = "", now: datetime | None = None) -> StockTake:
    """Begin counting at a site of one's council. Raises PermissionDenied, or ValidationError by field."""
    require(by, Permission.EDIT_ASSETS, site)
    room = room.strip()
    running = StockTake.objects.filter(site=site, room__iexact=room, state=State.OPEN)
    with change_set(by=by, now=now) as deed:
        Site.objects.select_for_update().get(pk=site.pk)  # whoever begins at the same moment waits here
        if running.exists():
            raise ValidationError({"site": f"{site} is being counted already. Join that stock-take"})
        stock_take = StockTake.objects.create(
            council=site.council, site=site, room=room, begun_by=by, begun_at=deed.at
        )
        record(deed, [stock_take])
        lines = [_line(stock_take, asset, expected=True) for asset in _expected(stock_take)]
        StockTakeLine.objects.bulk_create(lines, batch_size=BATCH)
    return stock_take


def _expected(stock_take: StockTake) -> AssetQuerySet:
    there = Asset.objects.filter(KEPT, council=stock_take.council_id, site=stock_take.site_id)
    if stock_take.room:
        there = there.filter(room__iexact=stock_take.room)
    return there.exclude(state__in=ELSEWHERE).select_related("site").order_by("id")


def _line(stock_take: StockTake, asset: Asset, **more) -> StockTakeLine:
    return StockTakeLine(
        stock_take=stock_take,
        asset=asset,
        name=str(asset),
        site_then=str(asset.site or ""),
        room_then=asset.room,
        state_then=asset.state,
        **more,
    )


def count(
    stock_take: StockTake, name: str, *, by: Person, asset: Asset | None = None, now: datetime | None = None
) -> Counted:
    """Take down one scan: a tag, a serial number or the address on a label. `asset` says which, of several.

    What the council's own register does not know is kept as it was read, whosever it may be. Raises PermissionDenied,
    Ended, or ValidationError.
    """
    require(by, Permission.MOVE_ASSETS, stock_take)
    name = name.strip()
    if asset and asset.council_id != stock_take.council_id:
        raise ValidationError({"asset": f"Choose an asset of {stock_take.council}"})
    if not name or len(name) > LONGEST_NAME:
        raise ValidationError(
            {"name": f"Scan or type a tag or serial number of up to {LONGEST_NAME} characters"}
        )
    with transaction.atomic():
        _hold(stock_take)
        named = [asset] if asset else _named(stock_take, name)
        if len(named) > 1:
            return Counted(name, several=tuple(named))
        counted = {"counted_at": now or timezone.now(), "counted_by": by}
        line, fresh = _take_down(stock_take, named[0] if named else None, name, counted)
        return Counted(name, line, None if fresh else line.counted_by)


def _hold(stock_take: StockTake) -> None:
    """Let nobody end it until this is written."""
    held = StockTake.objects.select_for_update().get(pk=stock_take.pk)
    if held.state != State.OPEN:
        raise Ended(held)


def _named(stock_take: StockTake, name: str) -> list[Asset]:
    """What the council's register calls so: where it is several, those that were expected here before all others."""
    own = Asset.objects.filter(council=stock_take.council_id).named(name).select_related("site")
    found = list(own.order_by("id")[:20])
    if len(found) > 1:
        expected = set(
            stock_take.lines.filter(asset__in=found, expected=True).values_list("asset_id", flat=True)
        )
        found = [asset for asset in found if asset.pk in expected] or found
    return found


def _take_down(
    stock_take: StockTake, asset: Asset | None, name: str, counted: dict[str, Any]
) -> tuple[StockTakeLine, bool]:
    """The line, which says itself who counted it and when; and whether that was just now and not before."""
    lines = stock_take.lines.select_related("asset", "counted_by")
    line = (lines.filter(asset=asset) if asset else lines.filter(asset=None, name__iexact=name)).first()
    if line is None:
        line = _line(stock_take, asset) if asset else StockTakeLine(stock_take=stock_take, name=name)
    elif line.counted_at:
        return line, False
    for column, value in counted.items():
        setattr(line, column, value)
    line.save()
    return line, True


def move_here(
    stock_take: StockTake, keys: Iterable[int], *, by: Person, now: datetime | None = None
) -> list[Asset]:
    """Say in the register that things met here are here now. Those lines alone that were counted and not expected.

    Their old room is no room of this site, so it gives way to the stock-take's, or to none. Returns what was moved.
    Raises PermissionDenied.
    """
    require(by, Permission.EDIT_ASSETS, stock_take)
    reason = f"Found in the stock-take of {stock_take}"
    with change_set(by=by, reason=reason, now=now) as deed:
        lines = stock_take.lines.filter(
            pk__in=list(keys), asset__isnull=False, expected=False, moved_here=False
        )
        wanted = lines.exclude(counted_at=None).values_list("asset", flat=True)
        assets = list(
            Asset.objects.select_for_update(of=("self",))
            .select_related(*RELATED)
            .filter(pk__in=list(wanted), council=stock_take.council_id)
            .order_by("id")
        )
        before = snapshot(assets)
        for asset in assets:
            asset.site, asset.room, asset.version = stock_take.site, stock_take.room, asset.version + 1
        Asset.objects.bulk_update(assets, ["site", "room", "version"], batch_size=BATCH)
        record(deed, assets, before)
        custody.follow(deed, assets)
        index_assets(assets)
        lines.filter(asset__in=assets).update(moved_here=True)
    return assets


def finish(stock_take: StockTake, *, by: Person, now: datetime | None = None) -> StockTake:
    """End the counting: what was met was audited on the day it was counted. Raises PermissionDenied or Ended."""
    require(by, Permission.EDIT_ASSETS, stock_take)
    with change_set(by=by, reason=f"Stock-take of {stock_take}", now=now) as deed:
        _hold(stock_take)
        _say_audited(stock_take, deed)
        return _end(stock_take, State.FINISHED, by, deed)


def cancel(stock_take: StockTake, *, by: Person, now: datetime | None = None) -> StockTake:
    """Give it up: the register stays as it is, but for what was moved here. Raises PermissionDenied or Ended."""
    require(by, Permission.EDIT_ASSETS, stock_take)
    with change_set(by=by, reason=f"Stock-take of {stock_take}", now=now) as deed:
        _hold(stock_take)
        return _end(stock_take, State.CANCELLED, by, deed)


def _end(stock_take: StockTake, state: str, by: Person, deed: ChangeSet) -> StockTake:
    ended = StockTake.objects.select_related("council", "site", "begun_by").get(pk=stock_take.pk)
    before = snapshot([ended])
    ended.state, ended.ended_by, ended.ended_at, ended.version = state, by, deed.at, ended.version + 1
    ended.save(update_fields=["state", "ended_by", "ended_at", "version"])
    record(deed, [ended], before)
    return ended


def _say_audited(stock_take: StockTake, deed: ChangeSet) -> None:
    """Write the day of the count into `last_audit_at`, unless a later one stands there. In sets: sites are large."""
    counted = stock_take.lines.exclude(Q(counted_at=None) | Q(asset=None)).filter(
        asset__council=stock_take.council_id
    )
    days = {key: timezone.localdate(at) for key, at in counted.values_list("asset", "counted_at")}
    held = Asset.objects.select_for_update().filter(pk__in=list(days)).order_by("id")
    rows, entries = [], []
    for key, label, serial, hostname, version, last in held.values_list(
        "pk", "asset_tag", "serial_number", "hostname", "version", "last_audit_at"
    ):
        day = days[key]
        if last is None or last < day:
            rows.append((key, version, day))
            old = last.isoformat() if last else None
            fields = {"last_audit_at": [old, day.isoformat(), old or "", day.isoformat()]}
            entries.append(
                Entry(
                    key,
                    label or serial or hostname,
                    stock_take.council_id,
                    Change.Action.UPDATE,
                    fields,
                    version + 1,
                )
            )
    bulk.update(Asset, ("last_audit_at",), rows)
    record_entries(deed, Asset, entries)


def outcome(line: StockTakeLine) -> Outcome:
    """What is known of a line."""
    if line.asset_id is None:
        return Outcome.UNKNOWN
    if not line.expected:
        return Outcome.ELSEWHERE
    return Outcome.FOUND if line.counted_at else Outcome.MISSING


RULES: dict[Outcome, dict[str, bool]] = {
    Outcome.FOUND: {"expected": True, "counted_at__isnull": False},
    Outcome.ELSEWHERE: {"asset__isnull": False, "expected": False},
    Outcome.UNKNOWN: {"asset__isnull": True},
    Outcome.MISSING: {"expected": True, "counted_at__isnull": True},
}
"""The same as `outcome`, as the database is asked it."""

"""The wipe ledger: what waits to be wiped, what failed, what nobody looked at again, certificates, and their lack."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from assets.register.lifecycle import AssetState
from assets.register.models import HOLDS_NO_DATA, Asset, Category, Medium, Sanitisation
from servicedesk.people.models import Council, Person

Result = Sanitisation.Result
HOLDS_DATA = ~Q(category__in=HOLDS_NO_DATA) & ~Q(category=Category.PRINTER, model__holds_data=False)
"""The same as `holds_no_data` says not, as the database is asked it."""
ENDED = (
    *(AssetState.SANITISED, AssetState.DISPOSED, AssetState.DONATED, AssetState.SOLD, AssetState.DESTROYED),
)
"""States that nothing with data is in without a certificate."""
NO_CERTIFICATE = Q(evidence_missing=True) | (HOLDS_DATA & Q(state__in=ENDED, certificate_number=""))


class Part(StrEnum):
    """What the ledger is asked for."""

    WAITING = "waiting"
    FAILED = "failed"
    UNCHECKED = "unchecked"
    CERTIFICATES = "certificates"
    MISSING = "missing"


WORDS = {
    Part.WAITING: "Waiting to be wiped",
    Part.FAILED: "Wiping failed",
    Part.UNCHECKED: "Wiped without a second check",
    Part.CERTIFICATES: "Certificates",
    Part.MISSING: "Evidence missing",
}


class Line(NamedTuple):
    """One line of the ledger: an asset, or one wiping of it."""

    asset: Asset
    wiping: Sanitisation | None
    media: list[Any]
    on: date | None


def rows_of(part: Part, person: Person, council: Council | None = None) -> QuerySet[Any]:
    """Assets or wipings that belong into a part of the ledger, of the registers that the person reads."""
    if part in (Part.UNCHECKED, Part.CERTIFICATES):
        passed = Sanitisation.objects.visible_to(person).filter(result=Result.PASSED)
        unchecked = part == Part.UNCHECKED
        passed = passed.filter(verified_by=None) if unchecked else passed.exclude(certificate_number="")
        related = (
            "asset__council",
            "asset__model",
            "asset__manufacturer",
            "verified_by",
            "recorded_by",
            "medium",
        )
        rows: QuerySet[Any] = passed.select_related(*related)
    else:
        seen = Asset.objects.visible_to(person).select_related("council", "model", "manufacturer", "site")
        rows = seen.filter(_rule(part))
    return rows.filter(council=council) if council else rows


def _rule(part: Part) -> Q:
    if part == Part.MISSING:
        return NO_CERTIFICATE
    if part == Part.WAITING:
        return HOLDS_DATA & Q(state=AssetState.RETURNED)
    failed: QuerySet[Any] = Medium.objects.filter(asset=OuterRef("pk")).unwiped()
    failed = failed.filter(failed=True)
    back = Q(state__in=(AssetState.RETURNED, AssetState.IN_STOCK))
    return Q(state=AssetState.SANITISE_FAILED) | back & Q(Exists(failed))


def order_of(part: Part) -> tuple[str, str]:
    """Wipings the last first, assets by their tags."""
    return ("-id", "-id") if part in (Part.UNCHECKED, Part.CERTIFICATES) else ("asset_tag", "id")


def lines(rows: Iterable[Any]) -> list[Line]:
    """What a page shows of them, with the media of each asset in one question."""
    rows = list(rows)
    if rows and isinstance(rows[0], Sanitisation):
        return [Line(row.asset, row, [], row.done_on) for row in rows]
    found: dict[int, list[Medium]] = {row.pk: [] for row in rows}
    for medium in Medium.objects.filter(asset__in=rows).listed().with_wiping():
        found[medium.asset_id].append(medium)
    return [Line(row, None, found[row.pk], row.disposal_date) for row in rows]

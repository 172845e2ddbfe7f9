"""What batches put into the pages of the register, the first screen and the search."""

from collections.abc import Collection
from typing import Any

from django.urls import reverse

from assets.batches.duties import hands_in, may_decide
from assets.batches.models import Batch, BatchItem
from assets.batches.standing import standings_of
from assets.batches.states import AT_WORK, BATCH_ENDS, BatchState
from assets.register.models import Asset
from servicedesk import bulk
from servicedesk.history.models import Change, ChangeSet
from servicedesk.history.taking_back import Undoable
from servicedesk.people.access import councils_of, may
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.search.searching import Source

Card = dict[str, Any]
MOST = 10
WITH = ("lines", "paying__council", "approvals__council")


def batch_of_asset(request: SignedInRequest, asset: Asset) -> Card | None:
    """ASSET_PANELS: the batches that the asset is or was in, or in which it is the new one."""
    if not may(request.user, Permission.SEE_ASSETS, asset.council_id):
        return None
    seen = BatchItem.objects.visible_to(request.user).select_related("batch", "replacement", "asset")
    old = list(seen.filter(asset=asset).order_by("-pk")[:MOST])
    new = list(seen.filter(replacement=asset).order_by("-pk")[:MOST])
    if not (old or new):
        return None
    return {"template": "batches/asset_panel.html", "context": {"old": old, "new": new}}


def batches_to_move(request: SignedInRequest) -> Card | None:
    """HOME_CARDS: what each batch waits for and with whom, for whoever plans the refresh, and a way to begin one."""
    councils = councils_of(request.user, Permission.PLAN_REFRESH)
    if not councils:
        return None
    seen = Batch.objects.visible_to(request.user).exclude(state__in=BATCH_ENDS)
    mine = seen.filter(paying__council__in=councils).distinct().order_by("state_since", "pk")
    standings = standings_of(mine.select_related("owner").prefetch_related(*WITH)[:MOST])
    return {"template": "batches/home_card.html", "context": {"standings": standings}}


def batches_to_approve(request: SignedInRequest) -> Card | None:
    """HOME_CARDS: what a budget approver is asked to spend, and what for."""
    councils = councils_of(request.user, Permission.APPROVE_SPENDING)
    if not councils:
        return None
    asked = Batch.objects.visible_to(request.user).filter(
        state__in=(BatchState.SUBMITTED, *AT_WORK), paying__council__in=councils
    )
    rows = []
    found = asked.distinct().select_related("owner", "submitted_by").prefetch_related(*WITH)
    standings = standings_of(found.order_by("state_since", "pk"))
    hands = hands_in(standing.batch for standing in standings)
    for standing in standings:
        for one in standing.approvals:
            mine = may_decide(request.user, one.council, hands[standing.batch.pk, one.council.pk])
            if mine and not one.is_given:
                sees = may(request.user, Permission.SEE_ASSET_MONEY, one.council.pk)
                rows.append((standing, one, one.cost if sees else None))
    return {"template": "batches/approve_card.html", "context": {"rows": rows[:MOST]}} if rows else None


def taken_since(deed: ChangeSet, kind: str, keys: Collection[int]) -> dict[int, Change]:
    """TAKEN_SINCE: the assets that are kept in the place of others by what was done after the deed, each with that."""
    if kind != Asset._meta.label_lower:
        return {}
    kept = BatchItem.objects.filter(bulk.Among("replacement_id", keys), locked=True)
    items = dict(kept.values_list("pk", "replacement"))
    found: dict[int, Change] = {}
    changes = Change.objects.filter(
        kind=BatchItem._meta.label_lower,
        object_id__in=items,
        move__in=("allocate", "exchange"),
        change_set__gt=deed.pk,
    )
    for change in changes.select_related("change_set").order_by("pk"):
        if key := items[change.object_id]:
            found[key] = change
    return found


UNDOABLE = Undoable(BatchItem._meta.label_lower, along="asset")
"""UNDOABLE: an item goes back with its old asset, and stays with it."""

FINDABLE = Source(
    heading="Batches",
    rows=lambda: Batch.objects.select_related("council"),
    title=lambda batch: f"{batch.reference}: {batch.title}",
    detail=lambda batch: batch.get_state_display(),
    url=lambda batch: reverse("batches:batch", args=[batch.reference]),
    list_url=lambda: reverse("batches:batches"),
)
"""SEARCH_SOURCES: batches, by reference and title."""

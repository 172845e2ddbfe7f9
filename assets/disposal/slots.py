"""What disposal puts into the first screen, the page of an asset, and its letters."""

from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone

from assets.disposal.chasing import STATES, seen
from assets.disposal.ledger import NO_CERTIFICATE, Part
from assets.disposal.models import DueBack
from assets.register.facts import what_it_is
from assets.register.lifecycle import MOVES, AssetState
from assets.register.models import Asset, Medium
from servicedesk.history.taking_back import Undoable
from servicedesk.notifications.models import Message
from servicedesk.notifications.sending import Letter
from servicedesk.people.access import councils_of, may
from servicedesk.people.models import Council, Person
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission

Card = dict[str, Any]


def to_bring_back_and_wipe(request: SignedInRequest) -> Card | None:
    """HOME_CARDS: returns that are overdue, and what is wiped without certificate, of the registers one keeps."""
    councils = councils_of(request.user, Permission.EDIT_ASSETS)
    if not councils:
        return None
    late = dict(
        seen(request.user)
        .overdue(timezone.localdate())
        .filter(council__in=councils)
        .order_by()
        .values_list("council__code")
        .annotate(Count("pk"))
    )
    uncertified = NO_CERTIFICATE & Q(state=AssetState.SANITISED)
    bare = dict(
        Asset.objects.visible_to(request.user)
        .filter(uncertified, council__in=councils)
        .order_by()
        .values_list("council__code")
        .annotate(Count("pk"))
    )
    rows = [
        (council.name, _counts(council.code, late, bare))
        for council in Council.objects.filter(pk__in=councils).order_by("code")
    ]
    return {
        "template": "register/counts_card.html",
        "context": {"heading": "Coming back and leaving", "councils": rows},
    }


def _counts(code: str, late: dict[str, int], bare: dict[str, int]) -> list[tuple[str, int, str]]:
    overdue = {"overdue": "true", "council": code}
    missing = {"show": Part.MISSING, "council": code, "state": "sanitised"}
    return [
        ("Returns overdue", late.get(code, 0), reverse("disposal:due_back", query=overdue)),
        ("Wiped without certificate", bare.get(code, 0), reverse("disposal:wiping", query=missing)),
    ]


def media_of_asset(request: SignedInRequest, asset: Asset) -> Card | None:
    """ASSET_PANELS: the media that are listed of it, each with what is known of its wiping."""
    if asset.holds_no_data or not may(request.user, Permission.SEE_ASSETS, asset.council_id):
        return None
    rows = Medium.objects.visible_to(request.user).filter(asset=asset).listed().with_wiping()
    context = {
        "asset": asset,
        "media": rows,
        "may_wipe": may(request.user, Permission.MOVE_ASSETS, asset.council_id),
        "may_strike": may(request.user, Permission.EDIT_ASSETS, asset.council_id),
    }
    return {"template": "disposal/media_panel.html", "context": context}


def way_out_of_asset(request: SignedInRequest, asset: Asset) -> Card | None:
    """ASSET_PANELS: by what it leaves, for whoever brings it into a consignment."""
    leaves = asset.state in MOVES["dispose"].sources_of(asset.holds_no_data)
    if not leaves or not may(request.user, Permission.EDIT_ASSETS, asset.council_id):
        return None
    return {"template": "disposal/way_out_panel.html", "context": {}}


def to_bring_back_oneself(request: SignedInRequest) -> Card | None:
    """HOME_CARDS: what the person must bring back, and by when."""
    rows = DueBack.objects.to_bring_back(request.user).select_related("asset__model", "asset__manufacturer")
    mine = [(row, what_it_is(row.asset)) for row in rows]
    context = {"mine": mine, "today": timezone.localdate()}
    return {"template": "disposal/own_card.html", "context": context} if mine else None


def due_back_of_asset(request: SignedInRequest, asset: Asset) -> Card | None:
    """ASSET_PANELS: by when it is due back and from whom, or the way to ask for it."""
    if not may(request.user, Permission.SEE_ASSETS, asset.council_id):
        return None
    row = seen(request.user).open().filter(asset=asset).first()
    out = asset.holder_id is not None and asset.state in STATES
    asks = row is None and out and may(request.user, Permission.MOVE_ASSETS, asset.council_id)
    context = {"asset": asset, "row": row, "asks": asks}
    return {"template": "disposal/due_back_panel.html", "context": context} if row or asks else None


def about_due_back(person: Person, message: Message) -> Letter | None:
    """TOLD_ABOUT: as long as it is still due back, and still with the same person."""
    still = DueBack.objects.open().filter(pk=message.about_id)
    return Letter(message.subject, message.body, []) if still.exists() else None


UNDOABLE = Undoable(DueBack._meta.label_lower, along="asset")
"""UNDOABLE: what is due back is so again where the asset goes back, and else not."""

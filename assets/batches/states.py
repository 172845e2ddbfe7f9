"""States of a batch and of its items, and the moves between them, as tables: the one place that says what follows what.

Buttons, pages, choices of the API and tests are all made from them. Receiving, staging, deploying and recovering are
no states: they overlap, and are counted from items and from what was supplied.
"""

from dataclasses import dataclass

from django.db import models

from servicedesk.people.roles import Permission

P = Permission


class BatchState(models.TextChoices):
    """Where a batch is on its way."""

    DRAFT = "draft", "Draft"
    SUBMITTED = "submitted", "Waiting for approval"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    ORDERED = "ordered", "Ordered"
    UNDER_WAY = "under_way", "Under way"
    CLOSED = "closed", "Closed"
    CANCELLED = "cancelled", "Cancelled"


class ItemState(models.TextChoices):
    """Where one asset of a batch is on its way."""

    CANDIDATE = "candidate", "To review"
    EXCLUDED = "excluded", "Excluded"
    CONFIRMED = "confirmed", "Confirmed"
    DEFERRED = "deferred", "Deferred"
    ALLOCATED = "allocated", "Allocated"
    SCHEDULED = "scheduled", "Scheduled"
    NO_SHOW = "no_show", "Did not come"
    SWAPPED = "swapped", "Swapped"
    LOST = "lost", "Lost"
    RETURNED = "returned", "Returned"
    SANITISED = "sanitised", "Wiped"
    SANITISE_FAILED = "sanitise_failed", "Wipe failed"
    DESTROYED = "destroyed", "Destroyed"
    REDEPLOYED = "redeployed", "Back in stock"
    DONATED = "donated", "Donated"
    SOLD = "sold", "Sold"
    RECYCLED = "recycled", "Recycled"


class Outcome(models.TextChoices):
    """What becomes of an asset of a batch, and so what it costs."""

    REPLACE = "replace", "Replace"
    RETIRE = "retire", "Retire without replacement"
    RETIRE_TO_CLOUD = "retire_to_cloud", "Retire to the cloud"
    EXTEND = "extend", "Keep for longer"


BATCH_ENDS = ("closed", "cancelled")
ITEM_ENDS = ("excluded", "deferred", "lost", "destroyed", "redeployed", "donated", "sold", "recycled")
AT_WORK = ("approved", "ordered", "under_way")


@dataclass(frozen=True)
class BatchMove:
    """From where to where, by which right at the batch's own council, what must be given, and the words on the button.

    `needs` is the guard in words.
    """

    words: str
    sources: tuple[str, ...]
    target: str
    needs: str = ""
    asks: tuple[str, ...] = ()
    permission: Permission = P.PLAN_REFRESH


BATCH_MOVES: dict[str, BatchMove] = {
    "submit": BatchMove(
        "Submit for approval", ("draft",), "submitted", "every candidate reviewed, at least one confirmed"
    ),
    "send_back": BatchMove("Send back to draft", ("submitted",), "draft", "a reason", ("reason",)),
    "approve": BatchMove(
        "Approve",
        ("submitted",),
        "approved",
        "the approval of each paying council, none by somebody who had a hand in it",
        permission=P.APPROVE_SPENDING,
    ),
    "reject": BatchMove(
        "Reject", ("submitted",), "rejected", "a reason", ("reason",), permission=P.APPROVE_SPENDING
    ),
    "redraft": BatchMove("Draft again", ("rejected",), "draft"),
    "order": BatchMove("Say that it is ordered", ("approved",), "ordered", "an order"),
    "begin": BatchMove(
        "Begin swapping", ("approved", "ordered"), "under_way", "a device that was received or is in stock"
    ),
    "close": BatchMove(
        "Close",
        ("under_way",),
        "closed",
        "every item ended, with its certificate, and an incident for each that was lost",
    ),
    "cancel": BatchMove(
        "Cancel",
        ("draft", "submitted", "rejected", "approved", "ordered"),
        "cancelled",
        "a reason",
        ("reason",),
    ),
}


@dataclass(frozen=True)
class ItemMove:
    """From where to where, in which states of the batch, by which right at the item's council, and what is given.

    `asset_move` is the move of the register that the asset makes with it, in the same deed.
    """

    words: str
    sources: tuple[str, ...]
    target: str
    needs: str = ""
    asks: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    permission: Permission = P.MOVE_ASSETS
    batch_states: tuple[str, ...] = ("under_way",)
    asset_move: str = ""

    @property
    def is_consigned(self) -> bool:
        """Made when its consignment is closed, so no button offers it."""
        return "consignment_reference" in self.asks


WIPED = ("technique", "tool", "tool_version", "done_on", "file", "note")
GONE = ("done_on", "note", "file")
ITEM_MOVES: dict[str, ItemMove] = {
    "confirm": ItemMove(
        "Confirm",
        ("candidate",),
        "confirmed",
        "no legal hold, and no other open batch",
        takes=("outcome",),
        permission=P.PLAN_REFRESH,
        batch_states=("draft",),
    ),
    "exclude": ItemMove(
        "Exclude",
        ("candidate", "confirmed"),
        "excluded",
        "a reason",
        ("reason",),
        permission=P.PLAN_REFRESH,
        batch_states=("draft", "submitted"),
    ),
    "allocate": ItemMove(
        "Allocate a replacement",
        ("confirmed",),
        "allocated",
        "a replacement in stock, unless it is retired",
        takes=("replacement",),
        permission=P.PLAN_REFRESH,
        batch_states=AT_WORK,
    ),
    "schedule": ItemMove(
        "Schedule",
        ("allocated", "no_show"),
        "scheduled",
        "an appointment, and a reason where changes are frozen then",
        ("scheduled_for",),
        ("freeze_reason",),
        batch_states=AT_WORK,
    ),
    "miss": ItemMove("Did not come", ("scheduled",), "no_show", takes=("note",)),
    "swap": ItemMove(
        "Swap",
        ("allocated", "scheduled"),
        "swapped",
        "the old and the new scanned, and a signature; by when it is brought back where the person keeps the old one "
        "for now, and a reason where changes are frozen today",
        ("old", "signed_by"),
        ("new", "person", "back_on", "freeze_reason", "note"),
    ),
    "defer": ItemMove(
        "Defer",
        ("confirmed", "allocated", "scheduled", "no_show"),
        "deferred",
        "a reason and until when",
        ("reason", "deferred_until"),
        permission=P.PLAN_REFRESH,
        batch_states=AT_WORK,
    ),
    "return": ItemMove(
        "Return",
        ("swapped",),
        "returned",
        "its condition, A to D",
        ("condition",),
        ("site", "room", "note"),
        asset_move="return",
    ),
    "lose": ItemMove(
        "Report lost or stolen",
        ("swapped",),
        "lost",
        "what happened, for a security incident",
        ("what_happened",),
        asset_move="lose",
    ),
    "sanitise": ItemMove(
        "Wipe",
        ("returned",),
        "sanitised",
        "a certificate",
        ("method", "verified_by", "certificate_number"),
        WIPED,
        asset_move="sanitise",
    ),
    "fail_sanitising": ItemMove(
        "Wipe failed",
        ("returned",),
        "sanitise_failed",
        "the record of the attempt",
        ("method", "note"),
        ("technique", "tool", "tool_version", "done_on", "file"),
        asset_move="fail_sanitising",
    ),
    "destroy": ItemMove(
        "Destroy",
        ("sanitise_failed",),
        "destroyed",
        "a certificate",
        ("certificate_number",),
        ("consignment_reference", *GONE),
        P.EDIT_ASSETS,
        asset_move="destroy",
    ),
    "redeploy": ItemMove(
        "Put back into stock",
        ("sanitised",),
        "redeployed",
        takes=("site", "room", "note"),
        asset_move="restock",
    ),
    "donate": ItemMove(
        "Donate",
        ("sanitised",),
        "donated",
        "a recipient",
        ("recipient",),
        ("consignment_reference", *GONE),
        P.EDIT_ASSETS,
        asset_move="donate",
    ),
    "sell": ItemMove(
        "Sell",
        ("sanitised",),
        "sold",
        "a buyer and the income",
        ("buyer", "income"),
        ("consignment_reference", *GONE),
        P.EDIT_ASSETS,
        asset_move="sell",
    ),
    "recycle": ItemMove(
        "Recycle",
        ("sanitised",),
        "recycled",
        "a consignment",
        ("consignment_reference",),
        ("recipient", *GONE),
        P.EDIT_ASSETS,
        asset_move="dispose",
    ),
}

"""States of an asset and the moves between them, as a table: the one place that says what may follow what.

Buttons, choices of the API, pages, sheets, documentation and tests are all made from it.
"""

from dataclasses import dataclass

from django.db import models

from servicedesk.people.roles import Permission


class AssetState(models.TextChoices):
    """Where an asset is in its life."""

    ON_ORDER = "on_order", "On order"
    IN_STOCK = "in_stock", "In stock"
    STAGED = "staged", "Staged"
    IN_USE = "in_use", "In use"
    IN_REPAIR = "in_repair", "In repair"
    RETURNED = "returned", "Returned"
    SANITISED = "sanitised", "Wiped"
    SANITISE_FAILED = "sanitise_failed", "Wipe failed"
    LOST_STOLEN = "lost_stolen", "Lost or stolen"
    DISPOSED = "disposed", "Disposed of"
    DONATED = "donated", "Donated"
    SOLD = "sold", "Sold"
    DESTROYED = "destroyed", "Destroyed"
    WRITTEN_OFF = "written_off", "Written off"
    CANCELLED = "cancelled", "Cancelled"


TERMINAL = ("disposed", "donated", "sold", "destroyed", "written_off", "cancelled")


class MoveRefused(Exception):
    """The asset does not stand where the move begins, or a guard says no. The text is for the person."""


@dataclass(frozen=True)
class Move:
    """From where to where, by which right, what must be given and may be given, and the words on the button.

    `needs` is the guard in words; `asks` names what must be given and `takes` what may be, of which a guard can ask
    for one or the other. An asset without storage may also go from `exempt_sources`. A legal hold stops a move that
    `destroys` what an inquiry may want to see.
    """

    words: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    needs: str = ""
    exempt_sources: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    permission: Permission = Permission.MOVE_ASSETS
    destroys: bool = False

    def sources_of(self, holds_no_data: bool) -> tuple[str, ...]:
        """Where it may begin, for an asset with storage or without."""
        return self.sources + (self.exempt_sources if holds_no_data else ())

    @property
    def is_consigned(self) -> bool:
        """Made when its consignment is closed, of which alone it takes the reference; so no button offers it."""
        return "consignment_reference" in self.asks


WIPED = ("technique", "tool", "tool_version", "done_on", "file")
GONE = ("done_on", "note", "file")
MOVES: dict[str, Move] = {
    "receive": Move(
        "Receive",
        ("on_order",),
        ("in_stock",),
        "a serial number",
        takes=("serial_number", "site", "room", "note"),
    ),
    "cancel_order": Move(
        "Cancel the order",
        ("on_order",),
        ("cancelled",),
        "a reason",
        asks=("reason",),
        permission=Permission.EDIT_ASSETS,
        destroys=True,
    ),
    "stage": Move(
        "Stage", ("in_stock",), ("staged",), "the check list of its model", takes=("checked", "note")
    ),
    "unstage": Move("Put back into stock", ("staged",), ("in_stock",), takes=("note",)),
    "issue": Move(
        "Issue",
        ("in_stock", "staged"),
        ("in_use",),
        "a person, room or pool of its council",
        takes=("person", "pool", "site", "room", "condition", "note"),
    ),
    "send_for_repair": Move(
        "Send for repair",
        ("in_stock", "in_use", "returned"),
        ("in_repair",),
        "a ticket or supplier reference",
        takes=("ticket", "supplier", "supplier_reference", "note"),
    ),
    "back_from_repair": Move(
        "Back from repair",
        ("in_repair",),
        ("in_stock", "in_use"),
        "its holder, if in use again",
        asks=("to",),
        takes=("condition", "note"),
    ),
    "return": Move(
        "Return",
        ("in_use",),
        ("returned",),
        "its condition, A to D",
        asks=("condition",),
        takes=("site", "room", "note"),
    ),
    "lose": Move(
        "Report lost or stolen",
        ("in_stock", "staged", "in_use", "in_repair", "returned"),
        ("lost_stolen",),
        "what happened, for a security incident",
        asks=("what_happened",),
    ),
    "find": Move(
        "Found again",
        ("lost_stolen",),
        ("returned",),
        "a note",
        asks=("note",),
        takes=("condition", "site", "room"),
    ),
    "write_off": Move(
        "Write off",
        ("lost_stolen",),
        ("written_off",),
        "90 days and the budget approver's approval",
        takes=("note",),
        permission=Permission.EDIT_ASSETS,
        destroys=True,
    ),
    "sanitise": Move(
        "Wipe",
        ("returned", "in_stock"),
        ("sanitised",),
        "a certificate, and no legal hold",
        asks=("method", "verified_by", "certificate_number"),
        takes=(*WIPED, "note"),
        destroys=True,
    ),
    "fail_sanitising": Move(
        "Wipe failed",
        ("returned", "in_stock"),
        ("sanitise_failed",),
        "the record of the attempt",
        asks=("method", "note"),
        takes=WIPED,
    ),
    "destroy": Move(
        "Destroy",
        ("sanitise_failed", "sanitised", "returned"),
        ("destroyed",),
        "a certificate, and no legal hold",
        asks=("certificate_number",),
        takes=("consignment_reference", *GONE),
        permission=Permission.EDIT_ASSETS,
        destroys=True,
    ),
    "restock": Move(
        "Put back into stock",
        ("sanitised",),
        ("in_stock",),
        exempt_sources=("returned",),
        takes=("site", "room", "note"),
    ),
    "dispose": Move(
        "Dispose of",
        ("sanitised",),
        ("disposed",),
        "a consignment, and no legal hold",
        ("returned", "in_stock"),
        asks=("consignment_reference",),
        takes=("recipient", *GONE),
        permission=Permission.EDIT_ASSETS,
        destroys=True,
    ),
    "donate": Move(
        "Donate",
        ("sanitised",),
        ("donated",),
        "a recipient, and no legal hold",
        ("returned", "in_stock"),
        asks=("recipient",),
        takes=("consignment_reference", *GONE),
        permission=Permission.EDIT_ASSETS,
        destroys=True,
    ),
    "sell": Move(
        "Sell",
        ("sanitised",),
        ("sold",),
        "a buyer and the income, and no legal hold",
        ("returned", "in_stock"),
        asks=("buyer", "income"),
        takes=("consignment_reference", *GONE),
        permission=Permission.EDIT_ASSETS,
        destroys=True,
    ),
}
DAYS_LOST = 90
"""How long an asset is looked for before it can be written off."""

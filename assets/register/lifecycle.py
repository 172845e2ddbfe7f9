"""States of an asset and the moves between them, as a table: the one place that says what may follow what."""

from dataclasses import dataclass

from django.db import models


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


@dataclass(frozen=True)
class Move:
    """From where to where, what must be given, and from where an asset without storage may go as well."""

    words: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    needs: str = ""
    exempt_sources: tuple[str, ...] = ()


MOVES: dict[str, Move] = {
    "receive": Move("Receive", ("on_order",), ("in_stock",), "a serial number"),
    "cancel_order": Move("Cancel the order", ("on_order",), ("cancelled",), "a reason"),
    "stage": Move("Stage", ("in_stock",), ("staged",), "the check list of its model"),
    "unstage": Move("Put back into stock", ("staged",), ("in_stock",)),
    "issue": Move("Issue", ("in_stock", "staged"), ("in_use",), "a person, room or pool of its council"),
    "send_for_repair": Move(
        "Send for repair",
        ("in_stock", "in_use", "returned"),
        ("in_repair",),
        "a ticket or supplier reference",
    ),
    "back_from_repair": Move(
        "Back from repair", ("in_repair",), ("in_stock", "in_use"), "its holder, if in use again"
    ),
    "return": Move("Return", ("in_use",), ("returned",), "its condition, A to D"),
    "lose": Move(
        "Report lost or stolen",
        ("in_stock", "staged", "in_use", "in_repair", "returned"),
        ("lost_stolen",),
        "what happened, for a security incident",
    ),
    "find": Move("Found again", ("lost_stolen",), ("returned",), "a note"),
    "write_off": Move(
        "Write off", ("lost_stolen",), ("written_off",), "90 days and the budget approver's approval"
    ),
    "sanitise": Move("Wipe", ("returned", "in_stock"), ("sanitised",), "a certificate, and no legal hold"),
    "fail_sanitising": Move(
        "Wipe failed", ("returned", "in_stock"), ("sanitise_failed",), "the record of the attempt"
    ),
    "destroy": Move(
        "Destroy",
        ("sanitise_failed", "sanitised", "returned"),
        ("destroyed",),
        "a certificate, and no legal hold",
    ),
    "restock": Move("Put back into stock", ("sanitised",), ("in_stock",), exempt_sources=("returned",)),
    "dispose": Move(
        "Dispose of",
        ("sanitised",),
        ("disposed",),
        "a consignment, and no legal hold",
        exempt_sources=("returned", "in_stock"),
    ),
    "donate": Move(
        "Donate",
        ("sanitised",),
        ("donated",),
        "a recipient, and no legal hold",
        exempt_sources=("returned", "in_stock"),
    ),
    "sell": Move(
        "Sell",
        ("sanitised",),
        ("sold",),
        "a buyer and the income, and no legal hold",
        exempt_sources=("returned", "in_stock"),
    ),
}

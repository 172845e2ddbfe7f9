"""States of an order and the moves between them, as a table: pages, the API and tests are made from it."""

from dataclasses import dataclass

from django.db import models

from servicedesk.people.roles import Permission


class OrderState(models.TextChoices):
    """Where an order stands."""

    DRAFT = "draft", "Draft"
    PLACED = "placed", "Placed"
    CLOSED = "closed", "Closed"
    CANCELLED = "cancelled", "Cancelled"


class OrderRefused(Exception):
    """The order does not stand where this begins, or a guard says no. The text is for the person."""


@dataclass(frozen=True)
class Move:
    """From where to where, by which right, and the words on the button. `needs` is the guard in words."""

    words: str
    sources: tuple[str, ...]
    target: str
    needs: str = ""
    asks_why: bool = False
    permission: Permission = Permission.PLAN_REFRESH


MOVES: dict[str, Move] = {
    "place": Move("Place the order", ("draft",), "placed", "a line"),
    "close": Move("Close the order", ("placed",), "closed", "nothing still to come"),
    "cancel": Move(
        "Cancel the order", ("draft", "placed"), "cancelled", "a reason, and nothing received", True
    ),
}

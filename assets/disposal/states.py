"""States of a consignment and the moves between them, as a table."""

from dataclasses import dataclass

from assets.disposal.models import State


@dataclass(frozen=True)
class Move:
    """From where to where, and the words on the button."""

    words: str
    sources: tuple[State, ...]
    target: State
    kind: str = "secondary"


OPEN = (State.DRAFT, State.COLLECTED, State.CERTIFIED)
MOVES: dict[str, Move] = {
    "collect": Move("Say that it was collected", (State.DRAFT,), State.COLLECTED, ""),
    "certify": Move("Take in the certificate", (State.COLLECTED, State.CERTIFIED), State.CERTIFIED, ""),
    "close": Move("Close", (State.CERTIFIED,), State.CLOSED, "warning"),
    "cancel": Move("Cancel", OPEN, State.CANCELLED, "warning"),
}
EDITABLE = OPEN
"""States in which what is written of it may still be changed."""

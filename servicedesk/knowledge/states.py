"""The moves of an announcement, as a table: buttons, the programming interface and tests are made from it."""

from dataclasses import dataclass

from servicedesk.knowledge.models import Announcement

State = Announcement.State


@dataclass(frozen=True)
class Move:
    """From which states it leads where, the words on its button, and whether it is for who may publish alone."""

    name: str
    sources: tuple[State, ...]
    target: State
    words: str
    publishers: bool = True


MOVES = {
    move.name: move
    for move in (
        Move("publish", (State.DRAFT,), State.PUBLISHED, "Publish"),
        Move("end", (State.PUBLISHED,), State.ENDED, "Say that it is over"),
        Move("discard", (State.DRAFT,), State.WITHDRAWN, "Discard the draft", publishers=False),
        Move("withdraw", (State.PUBLISHED,), State.WITHDRAWN, "Withdraw it"),
    )
}
"""By name."""


class MoveRefused(Exception):
    """The announcement cannot make this move now; the message says why, in a sentence."""

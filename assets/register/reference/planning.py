"""What a load would do, line by line, before any of it is done."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Action(StrEnum):
    """What becomes of a row of the file."""

    CREATE = "create"
    CHANGE = "change"
    LEAVE = "leave"
    KEPT = "kept"
    AMBIGUOUS = "ambiguous"
    UNMATCHED = "unmatched"


@dataclass(frozen=True)
class Value:
    """One value: what it was, what it becomes, or why it stays."""

    name: str
    old: Any
    new: Any
    why: str = ""


@dataclass(frozen=True)
class Line:
    """What becomes of one thing, why, and by which place of which file; `write` does it."""

    action: Action
    kind: str
    name: str
    where: str
    why: str = ""
    values: tuple[Value, ...] = ()
    write: Callable[[], Any] | None = field(default=None, compare=False)

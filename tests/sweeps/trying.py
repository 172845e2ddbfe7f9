"""One reference that is tried, and what several kinds of them are sent with."""

from dataclasses import dataclass, field
from typing import Any

API = "/api/v1"


@dataclass(frozen=True)
class Try:
    """Who sends a reference where, in which field of which form, beside what else, and to what it points.

    Where the person may `know` the row, the answer may say why it cannot be chosen.
    """

    form: str
    field: str
    who: str
    address: str
    to: str
    beside: dict[str, Any] = field(default_factory=dict)
    method: str = "POST"
    known: bool = False
    several: bool = False

"""Eleven requests of one November whose figures were worked out by hand."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple


class Row(NamedTuple):
    name: str
    council: str
    priority: str
    opened: str
    resolved: str | None
    pauses: list[tuple[str, str]]
    first_contact: bool
    reopened: int
    status: str
    csat: int | None


AS_AT = "2026-11-30T17:30"
ROWS = [
    Row("K1", "OCC", "P1", "2026-11-02T09:00", "2026-11-02T12:30", [], False, 0, "closed", 4),
    Row("K2", "OCC", "P2", "2026-11-03T10:00", "2026-11-04T11:00", [], False, 0, "closed", 2),
    Row("K3", "CDC", "P3", "2026-11-04T08:30", "2026-11-04T08:45", [], True, 0, "closed", 5),
    Row("K4", "CDC", "P3", "2026-11-05T16:00", "2026-11-10T15:00", [], False, 0, "closed", None),
    Row(
        "K5",
        "OCC",
        "P3",
        "2026-11-06T09:00",
        "2026-11-12T09:00",
        [("2026-11-09T08:00", "2026-11-11T08:00")],
        False,
        0,
        "closed",
        3,
    ),
    Row("K6", "OCC", "P4", "2026-11-09T11:00", "2026-11-17T11:30", [], False, 0, "closed", None),
    Row(
        "K7",
        "OCC",
        "P3",
        "2026-11-10T09:00",
        "2026-11-11T09:00",
        [("2026-11-10T09:10", "2026-11-10T14:00")],
        True,
        1,
        "closed",
        4,
    ),
    Row("K8", "CDC", "P4", "2026-11-11T10:00", None, [], False, 0, "cancelled (duplicate)", None),
    Row("K9", "CDC", "P3", "2026-11-16T09:00", None, [], False, 0, "in_progress", None),
    Row("K10", "OCC", "P2", "2026-11-30T14:00", None, [], False, 0, "in_progress", None),
    Row("K11", "CDC", "P4", "2026-11-02T09:00", None, [], False, 0, "assigned", None),
]
EXPECTED = {
    "resolved": 7,
    "attainment_percent": Decimal("71.4"),
    "attainment_occ": Decimal("60.0"),
    "attainment_cdc": Decimal("100.0"),
    "first_contact_resolution_percent": Decimal("14.3"),
    "csat_percent": Decimal("60.0"),
    "csat_response_percent": Decimal("71.4"),
    "csat_mean": Decimal("3.6"),
    "reopen_percent": Decimal("14.3"),
    "mean_hours_to_resolve": Decimal("17.56"),
    "median_hours_to_resolve": Decimal("10.5"),
    "backlog": 3,
    "backlog_age_working_days": {"K9": "6-10", "K10": "0-5", "K11": "11-20"},
    "open_past_target": ["K9", "K11"],
}


def at(text: str) -> datetime:
    """London has no summer time in November."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)

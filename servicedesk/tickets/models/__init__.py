"""A Ticket and all that hangs on it. Written through the functions of this app alone."""

from servicedesk.tickets.models.clocks import BreachReason, Clock, ClockEvent, TimeHeld
from servicedesk.tickets.models.conversation import Attachment, Comment, Draft, ReadMark
from servicedesk.tickets.models.satisfaction import Satisfaction
from servicedesk.tickets.models.sealing import (
    Alert,
    BreakGlass,
    How,
    OpeningRequest,
    RefusedGlass,
    Sighting,
)
from servicedesk.tickets.models.ticket import (
    DONE,
    ENDED,
    FAR_FUTURE,
    Channel,
    Priority,
    ResolutionCode,
    Sensitivity,
    Sharing,
    Ticket,
    TicketState,
    TicketType,
    Uplift,
)
from servicedesk.tickets.models.work import Link, Merge, Task

__all__ = [
    "Alert",
    "Attachment",
    "BreachReason",
    "BreakGlass",
    "Channel",
    "Clock",
    "ClockEvent",
    "Comment",
    "DONE",
    "Draft",
    "ENDED",
    "FAR_FUTURE",
    "How",
    "Link",
    "Merge",
    "OpeningRequest",
    "Priority",
    "ReadMark",
    "RefusedGlass",
    "ResolutionCode",
    "Satisfaction",
    "Sensitivity",
    "Sharing",
    "Sighting",
    "Task",
    "Ticket",
    "TicketState",
    "TicketType",
    "TimeHeld",
    "Uplift",
]

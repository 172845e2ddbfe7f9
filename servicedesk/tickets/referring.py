"""Work for suppliers that have lapsed goes to them by a cyber security officer alone, for a reason that history keeps.

Whoever gives work to a team asks here. Why a supplier has lapsed is told to the officer alone.
"""

from datetime import datetime

from django.core.exceptions import ValidationError

from servicedesk.people.models import Team
from servicedesk.tickets.lapsing import why_lapsed
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.rights import may_override_supplier, may_work
from servicedesk.tickets.states import MOVES, MoveRefused

ONLY = "Only a cyber security officer can refer this to it, with a reason. Ask them, or choose another."
BY_REFERRAL = f"To give it work all the same, use “{MOVES['refer_to_supplier'].words}” and enter why."


def check_given(ticket: Ticket, team: Team, by, now: datetime) -> None:
    """Raises ValidationError where work would go to a team that has lapsed. Its one way there is the referral."""
    lapsed = why_lapsed(team, ticket.council, now)
    if lapsed:
        raise ValidationError({"team": _told(ticket, team, lapsed, by, BY_REFERRAL)})


def check_referred(ticket: Ticket, supplier: Team, override: str, by, now: datetime) -> None:
    """Raises ValidationError, or MoveRefused, where this person may not refer the ticket to the supplier like that."""
    lapsed = why_lapsed(supplier, ticket.council, now)
    if not lapsed:
        if not may_work(by, ticket):
            raise MoveRefused(f"{supplier} has not lapsed, so whoever works on this refers it.")
        if override:
            raise ValidationError({"override": f"{supplier} has not lapsed, so leave this empty."})
    elif not may_override_supplier(by, ticket):
        raise ValidationError({"supplier_team": _told(ticket, supplier, lapsed, by)})
    elif not override:
        raise ValidationError({"override": f"{lapsed} Enter why it is referred all the same."})


def _told(ticket: Ticket, team: Team, lapsed: str, by, then: str = "") -> str:
    officer = may_override_supplier(by, ticket)
    return f"{lapsed} {then}" if officer else f"{team} has lapsed. {ONLY}"

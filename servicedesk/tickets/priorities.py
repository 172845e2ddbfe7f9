"""From what is stopped, and for how many, to a priority; what raises it a step, and what somebody set instead."""

from servicedesk.people.models import Person
from servicedesk.tickets.models import Priority as P
from servicedesk.tickets.models import Uplift

MATRIX = {
    (1, 1): P.P1,
    (1, 2): P.P2,
    (1, 3): P.P3,
    (2, 1): P.P2,
    (2, 2): P.P3,
    (2, 3): P.P4,
    (3, 1): P.P3,
    (3, 2): P.P4,
    (3, 3): P.P4,
}
"""{(impact, urgency): priority}. Impact 1 is a whole council or a public service, 2 a team or site, 3 one person;
urgency 1 cannot work, 2 works with difficulty, 3 can wait."""

RAISED = {P.P4: P.P3, P.P3: P.P2}
"""One step, and never to P1: what stops a whole council comes first."""

IMPACT_WORDS = {1: "A whole council, or a public service", 2: "A team, site or service", 3: "One person"}
URGENCY_WORDS = {1: "Cannot work", 2: "Can work, with difficulty", 3: "Can wait"}


def priority_of(impact: int, urgency: int) -> P:
    """The priority that the matrix gives."""
    return MATRIX[impact, urgency]


def priority_for(impact: int, urgency: int, uplift: str = "", override: str = "") -> P:
    """The priority: what somebody set by hand, else that of the matrix, a step higher where something raises it."""
    if override:
        return P(override)
    priority = priority_of(impact, urgency)
    return RAISED.get(priority, priority) if uplift else priority


def uplift_of(person: Person) -> Uplift:
    """What raises a request for this person by itself. That somebody's safety is affected, the desk says."""
    if person.vip:
        return Uplift.VIP
    return Uplift.ASSISTIVE if person.uses_assistive_technology else Uplift.NONE

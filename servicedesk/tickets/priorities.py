"""From what is stopped, and for how many, to a priority."""

from servicedesk.tickets.models import Priority as P

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

IMPACT_WORDS = {1: "A whole council, or a public service", 2: "A team, site or service", 3: "One person"}
URGENCY_WORDS = {1: "Cannot work", 2: "Can work, with difficulty", 3: "Can wait"}


def priority_of(impact: int, urgency: int) -> P:
    """The priority that the matrix gives."""
    return MATRIX[impact, urgency]

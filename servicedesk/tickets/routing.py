"""Whose work a ticket is to begin with."""

from datetime import datetime

from servicedesk.catalogue.models import Service
from servicedesk.people.models import Council, Team
from servicedesk.tickets.lapsing import why_lapsed


def team_for(council: Council, service: Service | None, now: datetime) -> Team | None:
    """The team of the service; without one, or where it is a supplier that has lapsed, whoever is the first to answer
    for the council, so that nothing that is asked for stands in no queue. None where nobody works for the council yet.
    """
    if service and not why_lapsed(service.support_team, council, now):
        return service.support_team
    return Team.objects.first_to_answer(council)

"""Whose work a ticket is to begin with."""

from servicedesk.catalogue.models import Service
from servicedesk.people.models import Council, Team


def team_for(council: Council, service: Service | None) -> Team | None:
    """The team of the service; without one, whoever is the first to answer for the council, so that nothing that is
    asked for stands in no queue. None where nobody works for the council yet.
    """
    return service.support_team if service else Team.objects.first_to_answer(council)

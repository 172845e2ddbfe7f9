"""Questions about hours and promises."""

from typing import Self

from django.db import models

from servicedesk.people.access import may
from servicedesk.people.roles import Permission


class HoursQuerySet(models.QuerySet):
    """Calendars and service levels: what the desk promises whom is no secret among those who look after a council, and
    those who check it."""

    def visible_to(self, person) -> Self:
        return self.all() if may(person, Permission.SEE_SETTINGS) else self.none()

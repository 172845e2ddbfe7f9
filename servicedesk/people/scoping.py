"""Rows that belong to a council, narrowed to those that a person may see."""

from typing import Self

from django.db import models

from servicedesk.people.access import councils_of
from servicedesk.people.roles import Permission


class CouncilScopedQuerySet(models.QuerySet):
    """Rows with a `council`. Which permission shows them is named by the subclass; without one, nobody sees any."""

    seen_with: Permission | None = None

    def visible_to(self, person) -> Self:
        """The rows that the person may see, and no other."""
        if self.seen_with is None:
            return self.none()
        return self.filter(council__in=councils_of(person, self.seen_with))

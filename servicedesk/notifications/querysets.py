"""Who may read how sending went: whoever administers the council, who sees nothing of what is said."""

from typing import Self

from django.db import models

from servicedesk.people.access import councils_of
from servicedesk.people.roles import Permission


class AdministeredQuerySet(models.QuerySet):
    """Rows of a council, for its administrators."""

    def visible_to(self, person) -> Self:
        return self.filter(council__in=councils_of(person, Permission.ADMINISTER))


class DeliveryQuerySet(models.QuerySet):
    """Deliveries, through the door of their webhook."""

    def visible_to(self, person) -> Self:
        return self.filter(webhook__council__in=councils_of(person, Permission.ADMINISTER))

"""Questions about what is planned with, and who may see which of it."""

from typing import Self

from django.db import models

from servicedesk.people.access import councils_of
from servicedesk.people.roles import Permission


class MoneyQuerySet(models.QuerySet):
    """Rows that tell what a council pays: seen by whoever sees the money of its assets."""

    def visible_to(self, person) -> Self:
        return self.filter(council__in=councils_of(person, Permission.SEE_ASSET_MONEY))


class ScenarioQuerySet(MoneyQuerySet):
    """Scenarios, none of which is deleted: a baseline may have been taken of it."""

    def living(self) -> Self:
        """Those that are not archived."""
        return self.filter(archived_at=None)

    def archived(self) -> Self:
        """Those that are."""
        return self.exclude(archived_at=None)

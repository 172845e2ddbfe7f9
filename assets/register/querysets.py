"""Questions about assets, and the one answer to who may see which."""

from typing import Self

from django.db import models
from django.db.models import Q

from servicedesk.people.access import councils_of
from servicedesk.people.roles import Permission


class AssetQuerySet(models.QuerySet):
    """Assets. Staff see what they hold; what it cost is seen with `SEE_ASSET_MONEY` at its council alone."""

    def visible_to(self, person) -> Self:
        """The assets that the person may see, and no other."""
        rule = Q(council__in=councils_of(person, Permission.SEE_ASSETS))
        if councils_of(person, Permission.SEE_OWN_ASSETS):
            rule |= Q(holder=person)
        return self.filter(rule)

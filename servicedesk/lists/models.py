"""The counters behind references, and the views of lists that people save."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from servicedesk.lists.savable import Savable, savable_lists
from servicedesk.people.access import councils_of
from servicedesk.people.models import Council, Person

LONGEST_NAME = 60


class ReferenceCounter(models.Model):
    """The last number given out for a prefix in a year. Changed by `lists.references` alone."""

    prefix = models.CharField(max_length=4)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["prefix", "year"], name="one_counter_per_prefix_and_year")
        ]

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year}-{self.last:06}"


class SavedViewQuerySet(models.QuerySet):
    """Saved views: one's own, and what colleagues of one's council share, each of lists that one reads."""

    def visible_to(self, person) -> Self:
        seen = Q(pk__in=())
        for code, listed in savable_lists().items():
            councils = councils_of(person, listed.permission)
            if not councils:
                continue
            shared = Q(shared=True, council__in=councils & {person.council_id})
            seen |= Q(list=code) & (Q(owner=person.pk) | shared)
        return self.filter(seen)

    def of_list(self, code: str) -> Self:
        return self.filter(list=code).select_related("owner").order_by("name", "id")


class SavedView(models.Model):
    """A list as somebody narrowed it, under a name. Changed by `lists.saving` alone.

    It is an address and no more: `query` holds the filters as the list's address has them, and whoever opens it is
    shown their own rows. `council` is the owner's, whose people may see it where it is `shared`.
    """

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="saved_views")
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="saved_views")
    list = models.CharField(max_length=20)
    name = models.CharField(max_length=LONGEST_NAME)
    query = models.JSONField(verbose_name="filters")
    shared = models.BooleanField(default=False)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint("owner", "list", Lower("name"), name="one_saved_view_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def savable(self) -> Savable:
        """The list that it narrows."""
        return savable_lists()[self.list]

    @property
    def address(self) -> str:
        """Where it opens."""
        return self.savable.address(self.query)

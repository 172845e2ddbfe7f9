"""Questions about what is due back and what leaves, and who may see which of it."""

from datetime import date
from typing import Self

from django.db.models import F, Q

from assets.register.querysets import OfRegisterQuerySet
from servicedesk.people.models import Person

REPLACED = ("swapped", "taken")
"""Why something comes in whoever has it by then: it was replaced."""
STILL_THERE = Q(asset__holder=F("person")) | Q(why__in=REPLACED, asset__holder=None)
"""Whoever must bring it has it, or it was replaced and nobody else has it."""
STILL_OUT = Q(STILL_THERE, asset__state__in=("in_use", "in_repair"))


class DueBackQuerySet(OfRegisterQuerySet):
    """What must come back: seen by whoever reads the register of the council whose it is."""

    def open(self) -> Self:
        """What is still with whoever must bring it back, whatever has been written down of that."""
        return self.filter(STILL_OUT, state="open")

    def over(self) -> Self:
        """What is written down as due back, and is so no more."""
        return self.filter(state="open").exclude(pk__in=type(self)(self.model).open().values("pk"))

    def to_bring_back(self, person: Person) -> Self:
        """What somebody must bring back, for their own eyes, the longest due first."""
        return self.open().filter(person=person).order_by("due_on", "id")

    def overdue(self, today: date) -> Self:
        """Of it, that whose day is past."""
        return self.open().filter(due_on__lt=today)


class ConsignmentQuerySet(OfRegisterQuerySet):
    """Consignments: seen by whoever reads the register of their council. What they brought is money."""

    def left(self) -> Self:
        """Those that were collected."""
        return self.exclude(state__in=("draft", "cancelled"))

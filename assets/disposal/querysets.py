"""Questions about what is due back and what leaves, and who may see which of it."""

from datetime import date
from typing import Self

from django.db.models import F

from assets.register.querysets import OfRegisterQuerySet


class DueBackQuerySet(OfRegisterQuerySet):
    """What must come back: seen by whoever reads the register of the council whose it is."""

    def open(self) -> Self:
        """What is still with whoever must bring it back, whatever has been written down of that."""
        return self.filter(state="open", asset__holder=F("person"), asset__state__in=("in_use", "in_repair"))

    def overdue(self, today: date) -> Self:
        """Of it, that whose day is past."""
        return self.open().filter(due_on__lt=today)


class ConsignmentQuerySet(OfRegisterQuerySet):
    """Consignments: seen by whoever reads the register of their council. What they brought is money."""

    def left(self) -> Self:
        """Those that were collected."""
        return self.exclude(state__in=("draft", "cancelled"))

"""Questions about assets, and the one answer to who may see which."""

from typing import Self

from django.db import models
from django.db.models import Case, F, Q, When

from assets.register.lifecycle import TERMINAL
from servicedesk.people.access import councils_of
from servicedesk.people.roles import Permission


class SharedQuerySet(models.QuerySet):
    """Makers and models, which all councils share: open to whoever reads a register."""

    def visible_to(self, person) -> Self:
        return self if councils_of(person, Permission.SEE_ASSETS) else self.none()


class AssetQuerySet(models.QuerySet):
    """Assets. Staff see what they hold; what it cost is seen with `SEE_ASSET_MONEY` at its council alone."""

    def visible_to(self, person) -> Self:
        """The assets that the person may see, and no other.

        Who reads a register walks it in its own order and leaves out what is hidden, so the rule is put as one
        value to compare, which no index answers; who sees a few things of their own gathers those by an index.
        """
        councils = councils_of(person, Permission.SEE_ASSETS)
        rule = Q(council__in=councils)
        if councils_of(person, Permission.SEE_OWN_ASSETS):
            rule |= Q(holder=person)
        return self.filter(Case(When(rule, then=True), default=False) if councils else rule)

    def with_cost_for(self, person) -> Self:
        """`cost` is what was paid, or None where the person may not know: the rest never leaves the database."""
        known = When(
            council__in=councils_of(person, Permission.SEE_ASSET_MONEY), then=F("purchase_cost_ex_vat")
        )
        return self.annotate(cost=Case(known, default=None, output_field=models.DecimalField()))

    def held_by(self, person) -> Self:
        """What the person has now."""
        return self.filter(holder=person).exclude(state__in=TERMINAL)

    def named(self, text: str) -> Self:
        """The assets that have exactly this tag or serial number, whatever the case it was typed in."""
        text = text.strip()
        if not text or "\0" in text:
            return self.none()
        return self.filter(Q(asset_tag__in=[text, text.upper()]) | Q(serial_number=text.upper()))

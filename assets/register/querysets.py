"""Questions about assets, and the one answer to who may see which."""

from datetime import date, datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Case, F, Q, When

from assets.register.addresses import keys_in
from assets.register.lifecycle import TERMINAL
from servicedesk.catalogue.models import Service
from servicedesk.people.access import councils_of
from servicedesk.people.roles import Permission

NOT_SEEN_FOR = timedelta(days=60)
KEPT = ~Q(state__in=TERMINAL)
"""What has not left the council for good."""
UNDATED = KEPT & Q(
    purchase_date=None,
    in_service_date=None,
    vendor_end_of_support=None,
    model__end_of_support=None,
)
"""Nothing says when it will have to be replaced."""


def not_seen(now: datetime) -> Q:
    """It was seen once, and not for 60 days. What has never been seen, such as a monitor, never is."""
    return KEPT & Q(last_seen_at__lt=now - NOT_SEEN_FOR)


class SharedQuerySet(models.QuerySet):
    """Makers and models, which all councils share: open to whoever reads a register."""

    def visible_to(self, person) -> Self:
        return self if councils_of(person, Permission.SEE_ASSETS) else self.none()


class RegisterQuerySet(models.QuerySet):
    """What belongs to one council beside its assets, such as circuits: seen by whoever reads its register."""

    def visible_to(self, person) -> Self:
        return self.filter(council__in=councils_of(person, Permission.SEE_ASSETS))


class PolicyQuerySet(models.QuerySet):
    """How long things last: the product's own defaults, and what each council whose register one reads has decided."""

    def visible_to(self, person) -> Self:
        councils = councils_of(person, Permission.SEE_ASSETS)
        return self.filter(Q(council=None) | Q(council__in=councils)) if councils else self.none()


class LineQuerySet(RegisterQuerySet):
    """Telephone lines."""

    def must_go(self) -> Self:
        """The analogue ones that are still there."""
        return self.filter(type__in=("pstn", "isdn")).exclude(status__in=("migrated", "ceased"))


class RelationQuerySet(models.QuerySet):
    """How things hang together, told to whoever may see both ends of it."""

    def visible_to(self, person) -> Self:
        councils = councils_of(person, Permission.SEE_ASSETS)
        services = Service.objects.visible_to(person)
        ends = Q(source__council__in=councils) | Q(service__in=services)
        return self.filter(ends, target__council__in=councils)


class OfRegisterQuerySet(models.QuerySet):
    """Rows about assets that name the council whose asset it was then: open to whoever reads that register."""

    def visible_to(self, person) -> Self:
        return self.filter(council__in=councils_of(person, Permission.SEE_ASSETS))


class AssetFileQuerySet(OfRegisterQuerySet):
    """Files on assets, none that was taken off; an invoice is open to who sees the money of that council."""

    def visible_to(self, person) -> Self:
        money = councils_of(person, Permission.SEE_ASSET_MONEY)
        return super().visible_to(person).filter(~Q(kind="invoice") | Q(council__in=money), removed_at=None)


class TwoSidedQuerySet(models.QuerySet):
    """Loans and transfers: open to whoever reads the register of either side."""

    def visible_to(self, person) -> Self:
        councils = councils_of(person, Permission.SEE_ASSETS)
        return self.filter(Q(council__in=councils) | Q(receiver__in=councils))

    def overdue(self, today: date) -> Self:
        """Loans whose last day is past and that are not back."""
        return self.filter(state="agreed", ends_on__lt=today)

    def answered_by(self, person) -> Self:
        """Those that the person may agree to for the side that is asked."""
        return self.filter(state="offered", receiver__in=councils_of(person, Permission.EDIT_ASSETS))


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

    def named(self, *names: str) -> Self:
        """The assets that have exactly one of these tags or serial numbers, whatever the case it was typed in.

        The address that a scanned label gives names its asset too.
        """
        asked = {name.strip() for name in names if "\0" not in name} - {""}
        upper = {name.upper() for name in asked}
        called = Q(asset_tag__in=asked | upper) | Q(serial_number__in=upper)
        if scanned := keys_in(asked):
            called |= Q(pk__in=scanned)
        return self.filter(called)

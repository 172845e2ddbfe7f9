"""Questions about orders, in the words of those who ask."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Case, Count, F, Q, Sum, When

from assets.register.lifecycle import AssetState
from servicedesk.people.access import councils_of
from servicedesk.people.roles import Permission

COMING = Q(asset__state=AssetState.ON_ORDER)
CALLED_OFF = Q(asset__state=AssetState.CANCELLED)
RECEIVED = ~COMING & ~CALLED_OFF


class OrderQuerySet(models.QuerySet):
    """Orders: open to whoever reads the register of their council; what they cost to whoever sees its money."""

    def visible_to(self, person) -> Self:
        return self.filter(council__in=councils_of(person, Permission.SEE_ASSETS))

    def overdue(self, today: date) -> Self:
        """Placed, expected before today, and something of them has not come."""
        coming = Q(lines__ordered__asset__state=AssetState.ON_ORDER)
        return self.filter(coming, state="placed", expected_on__lt=today).distinct()

    def tallied(self) -> Self:
        """`of_ordered`, `of_coming` and `of_called_off`: how many assets of all lines there are of each."""
        state = "lines__ordered__asset__state"
        return self.annotate(
            of_ordered=Count("lines__ordered"),
            of_coming=Count("lines__ordered", filter=Q(**{state: AssetState.ON_ORDER})),
            of_called_off=Count("lines__ordered", filter=Q(**{state: AssetState.CANCELLED})),
        )

    def with_total_for(self, person) -> Self:
        """`total` is what the lines come to, or None where the person may not know."""
        lines: Any = self.model._meta.get_field("lines").related_model
        of_line = lines.objects.filter(order=models.OuterRef("pk")).order_by().values("order")
        summed = of_line.annotate(total=Sum(F("quantity") * F("unit_price"))).values("total")
        known = When(
            council__in=councils_of(person, Permission.SEE_ASSET_MONEY), then=models.Subquery(summed)
        )
        money = models.DecimalField(max_digits=16, decimal_places=2)
        return self.annotate(total=Case(known, default=None, output_field=money))


class OrderLineQuerySet(models.QuerySet):
    """Lines: open with their order."""

    def visible_to(self, person) -> Self:
        return self.filter(order__council__in=councils_of(person, Permission.SEE_ASSETS))

    def tallied(self) -> Self:
        """`of_received`, `of_coming`, `of_called_off` and `of_dead`: how many there are of each."""
        state = "ordered__asset__state"
        ordered = Count("ordered", distinct=True)
        coming = Count("ordered", filter=Q(**{state: AssetState.ON_ORDER}), distinct=True)
        called_off = Count("ordered", filter=Q(**{state: AssetState.CANCELLED}), distinct=True)
        return self.annotate(
            of_coming=coming,
            of_called_off=called_off,
            of_received=ordered - coming - called_off,
            of_dead=Count("receipts", filter=Q(receipts__dead_on_arrival=True), distinct=True),
        )


class OutcomeQuerySet(models.QuerySet):
    """The assets of lines, by what became of them."""

    def coming(self) -> Self:
        """Still to come."""
        return self.filter(COMING)

    def received(self) -> Self:
        """Real."""
        return self.filter(RECEIVED)

    def called_off(self) -> Self:
        """Not wanted any more."""
        return self.filter(CALLED_OFF)

"""What was ordered and delivered for batches, counted from real order lines and from what came of them. Nothing of it
is kept, so that nobody writes a delivery down twice."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import NamedTuple

from assets.batches.models import BatchLine, LineOrder
from assets.batches.querysets import LineOrderQuerySet
from assets.orders.ordering import OF_LINE
from assets.orders.standing import Standing, counted
from assets.orders.states import OrderState

NOTHING = Decimal("0.00")
READ = ("line__council", "line__batch", *(f"order_line__{name}" for name in OF_LINE))


class Supply(NamedTuple):
    """How many devices were ordered and delivered, and how many of those were dead on arrival; `value` is what those
    cost that are ordered. What is on a draft is not ordered yet: it is `drafted`, for `drafted_value`."""

    ordered: int = 0
    received: int = 0
    dead_on_arrival: int = 0
    value: Decimal = NOTHING
    drafted: int = 0
    drafted_value: Decimal = NOTHING

    @property
    def usable(self) -> int:
        return self.received - self.dead_on_arrival

    @property
    def outstanding(self) -> int:
        """Ordered and not here in working order yet."""
        return max(self.ordered - self.usable, 0)

    @property
    def written(self) -> int:
        """Ordered, or on a draft."""
        return self.ordered + self.drafted

    @property
    def written_value(self) -> Decimal:
        return self.value + self.drafted_value


Supplies = Mapping[int, Supply]
"""By the key of a line; a line for which nothing is ordered is not among them."""
NONE = Supply()


def linked(lines: Iterable[BatchLine]) -> LineOrderQuerySet:
    """What is ordered for these lines, in the order in which it was linked."""
    keys = [line.pk for line in lines]
    return LineOrder.objects.filter(line__in=keys).select_related(*READ).order_by("pk")


def supplies_of(lines: Iterable[BatchLine]) -> dict[int, Supply]:
    """Of each of these lines, however many of however many batches, in three queries."""
    links = list(linked(lines))
    found: dict[int, Supply] = {}
    for link, standing in zip(links, counted(link.order_line for link in links), strict=True):
        found[link.line_id] = together([found.get(link.line_id, NONE), _of_order(standing)])
    return found


def supply_of(lines: Iterable[BatchLine]) -> Supply:
    """Of these lines together."""
    return together(supplies_of(lines).values())


def together(supplies: Iterable[Supply]) -> Supply:
    return Supply(*(sum(column, start=type(column[0])()) for column in zip(NONE, *supplies, strict=True)))


def _of_order(standing: Standing) -> Supply:
    wanted = standing.line.quantity - standing.called_off
    value = wanted * standing.line.unit_price
    if standing.line.order.state == OrderState.DRAFT:
        return Supply(drafted=wanted, drafted_value=value)
    if standing.line.order.state == OrderState.CANCELLED:
        return NONE
    return Supply(wanted, standing.delivered, standing.dead, value)

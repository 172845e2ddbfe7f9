"""Where each line of an order stands, counted from the assets and receipts of its lines whenever it is asked."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.db.models import Count, QuerySet

from assets.orders.models import GoodsReceipt, OrderedAsset, OrderLine, PurchaseOrder
from assets.register.lifecycle import AssetState
from assets.register.models import Asset
from servicedesk.people.access import may
from servicedesk.people.roles import Permission

NOT_YET = (AssetState.ON_ORDER, AssetState.CANCELLED)


@dataclass(frozen=True)
class Standing:
    """One line: how many of its assets are in each state, and how many boxes of it were dead on arrival."""

    line: OrderLine
    states: Counter[str] = field(default_factory=Counter)
    dead: int = 0
    sees_money: bool = False

    @property
    def coming(self) -> int:
        """Still to come."""
        return self.states[AssetState.ON_ORDER]

    @property
    def called_off(self) -> int:
        return self.states[AssetState.CANCELLED]

    @property
    def received(self) -> int:
        return sum(self.states.values()) - self.states[AssetState.ON_ORDER] - self.called_off

    @property
    def delivered(self) -> int:
        """Boxes that came, those among them that were dead on arrival."""
        return self.received + self.dead

    @property
    def in_stock(self) -> int:
        return self.states[AssetState.IN_STOCK]

    @property
    def price(self) -> Decimal | None:
        """What one costs, for whoever may know that."""
        return self.line.unit_price if self.sees_money else None

    @property
    def cost(self) -> Decimal | None:
        """What the line comes to as ordered, without what was called off, for whoever may know that."""
        return self.line.unit_price * (self.line.quantity - self.called_off) if self.sees_money else None

    @property
    def words(self) -> str:
        """Such as “10 of 26 received, 1 dead on arrival, 15 cancelled”."""
        parts = [f"{self.received} of {self.line.quantity} received"]
        parts += [f"{self.dead} dead on arrival"] if self.dead else []
        parts += [f"{self.called_off} cancelled"] if self.called_off else []
        return ", ".join(parts)

    @property
    def now(self) -> list[tuple[str, int]]:
        """Where those that were received are now, in words, in the order of their life."""
        return [
            (AssetState(state).label, self.states[state])
            for state in AssetState.values
            if self.states[state] and state not in NOT_YET
        ]


def standings(person, lines: Iterable[OrderLine]) -> list[Standing]:
    """Where lines stand. Money is told to who may see that of the council."""
    return [
        replace(one, sees_money=may(person, Permission.SEE_ASSET_MONEY, one.line.council_id))
        for one in counted(lines)
    ]


def counted(lines: Iterable[OrderLine]) -> list[Standing]:
    """Where lines stand, for whoever may not know of money: of however many, in two queries."""
    lines = list(lines)
    states: defaultdict[int, Counter[str]] = defaultdict(Counter)
    rows = OrderedAsset.objects.filter(line__in=lines).order_by()
    for line, state, number in rows.values_list("line", "asset__state").annotate(n=Count("pk")):
        states[line][state] = number
    dead = GoodsReceipt.objects.filter(line__in=lines, dead_on_arrival=True).order_by()
    of_dead = dict(dead.values_list("line").annotate(n=Count("pk")))
    return [Standing(line, states[line.pk], of_dead.get(line.pk, 0)) for line in lines]


def total_of(found: Iterable[Standing]) -> Decimal | None:
    """What lines come to together; None where the person may not know of one of them."""
    costs = [one.cost for one in found]
    return (
        None if not costs or None in costs else sum((cost for cost in costs if cost is not None), Decimal(0))
    )


def receipts_of(order: PurchaseOrder) -> QuerySet[GoodsReceipt]:
    """The boxes that came of an order, newest first."""
    rows = GoodsReceipt.objects.filter(line__order=order).select_related(
        "asset", "received_by", "line__model"
    )
    return rows.order_by("-pk")


def assets_of(order: PurchaseOrder) -> QuerySet[Asset]:
    """What came of an order and became an asset, in the order of its lines."""
    received = OrderedAsset.objects.filter(line__order=order).received()
    rows = Asset.objects.filter(pk__in=received.values("asset")).select_related("model", "site")
    return rows.order_by("pk")

"""What a council orders from a supplier: the order, its lines, and the assets that each line becomes."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from assets.orders.querysets import OrderLineQuerySet, OrderQuerySet, OutcomeQuerySet
from assets.orders.states import OrderState
from assets.register.models import Asset, AssetModel, Supplier
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission

MOST_OF_A_LINE = 1000
"""How many a line may order: each becomes a row of the register as it is placed."""


class PurchaseOrder(models.Model):
    """An order of one council. Changed by `orders.ordering` alone.

    `reference` is ours and everybody's who reads the register; `number` is that of the council's own finance system,
    which tells the way to what it cost, and `note` is free words, in which that may stand.
    """

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="orders")
    reference = models.CharField(max_length=20, unique=True)
    number = models.CharField("purchase order number", max_length=40, blank=True)
    supplier = models.ForeignKey(Supplier, on_delete=models.PROTECT, related_name="orders")
    ordered_on = models.DateField("ordered on", null=True, blank=True)
    expected_on = models.DateField("expected on", null=True, blank=True)
    state = models.CharField(max_length=10, choices=OrderState, default=OrderState.DRAFT)
    note = models.TextField(blank=True)
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    guarded_fields = dict.fromkeys(("number", "note"), Permission.SEE_ASSET_MONEY)

    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["council", "number"], condition=~Q(number=""), name="order_number_once_a_council"
            )
        ]

    def __str__(self) -> str:
        return self.reference


class OrderLine(models.Model):
    """So many of one model at one price. `spares` says how many of them are wanted beside what is replaced.

    What was received, what was cancelled and what is still to come is counted from the assets of the line.
    """

    order = models.ForeignKey(PurchaseOrder, on_delete=models.PROTECT, related_name="lines")
    model = models.ForeignKey(AssetModel, on_delete=models.PROTECT, related_name="order_lines")
    quantity = models.PositiveIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(MOST_OF_A_LINE)]
    )
    unit_price = models.DecimalField(
        "price of one excluding VAT",
        max_digits=12,
        decimal_places=2,
        validators=[MinValueValidator(0)],
    )
    cost_centre = models.CharField(max_length=40, blank=True)
    spares = models.PositiveIntegerField("of them spares", default=0)
    version = models.PositiveIntegerField(default=1)

    guarded_fields = {
        "unit_price": Permission.SEE_ASSET_MONEY,
        "cost_centre": Permission.SEE_ASSET_MONEY,
    }

    objects = OrderLineQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="order_line_orders_something"),
            models.CheckConstraint(
                condition=Q(spares__lte=models.F("quantity")), name="order_line_spares_among_its_own"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order}, {self.model}"

    @property
    def council_id(self) -> int:
        """Whose it is: that of its order."""
        return self.order.council_id


class OrderedAsset(models.Model):
    """An asset of the register that a line becomes: planned while it is on order, real from its receipt."""

    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="ordered")
    asset = models.OneToOneField(Asset, on_delete=models.PROTECT, related_name="ordered")

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return str(self.asset)

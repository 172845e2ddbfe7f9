"""How orders look from outside, and what may be sent about them."""

from typing import Any

from rest_framework import serializers

from api.rows import Named, Shown, code
from api.ticket_shapes import Narrowed
from assets.orders.models import GoodsReceipt, OrderLine, PurchaseOrder
from assets.orders.models.order import MOST_OF_A_LINE
from assets.orders.receiving import LONGEST, MOST_AT_ONCE
from assets.register.models import AssetModel, Supplier
from servicedesk.people.access import councils_of, may
from servicedesk.people.models import Council, Site
from servicedesk.people.roles import Permission


class OfMoney(Shown):
    """A row of which some keys are there for those alone who may see what the assets of its council cost."""

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if may(self.context["person"], Permission.SEE_ASSET_MONEY, instance.council_id):
            return shown
        return {name: value for name, value in shown.items() if name not in self.withheld}


class PurchaseOrderSerializer(OfMoney):
    """An order: how many assets its lines became, and what became of those. `total` excludes VAT."""

    council = code()
    supplier = Named()
    ordered = serializers.IntegerField(source="of_ordered")
    coming = serializers.IntegerField(source="of_coming")
    cancelled = serializers.IntegerField(source="of_called_off")
    total = serializers.DecimalField(max_digits=16, decimal_places=2, allow_null=True)
    withheld = ("number", "note", "total")

    class Meta:
        model = PurchaseOrder
        fields = (
            *(
                "id",
                "reference",
                "council",
                "supplier",
                "number",
                "ordered_on",
                "expected_on",
                "state",
                "note",
            ),
            *("written_at", "ordered", "coming", "cancelled", "total", "version"),
        )


class OrderLineSerializer(OfMoney):
    """So many of one model: how many of them are received, dead on arrival, cancelled, and still to come."""

    order = Named()
    model = Named()
    received = serializers.IntegerField(source="of_received")
    dead_on_arrival = serializers.IntegerField(source="of_dead")
    cancelled = serializers.IntegerField(source="of_called_off")
    coming = serializers.IntegerField(source="of_coming")
    withheld = ("unit_price", "cost_centre")

    class Meta:
        model = OrderLine
        fields = (
            *("id", "order", "model", "quantity", "spares", "unit_price", "cost_centre"),
            *("received", "dead_on_arrival", "cancelled", "coming", "version"),
        )


class ReceiptSerializer(Shown):
    """One box. Without an `asset` it was dead on arrival."""

    asset = Named()
    received_by = Named()

    class Meta:
        model = GoodsReceipt
        fields = (
            *("id", "line", "asset", "serial_number", "dead_on_arrival", "despatch_note", "note"),
            *("received_by", "received_at"),
        )


def _version() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class ChangedOrderSerializer(Narrowed):
    """What is to be said of an order from now on."""

    supplier: Any = serializers.PrimaryKeyRelatedField(queryset=Supplier.objects.none(), required=False)
    number = serializers.CharField(max_length=40, required=False, allow_blank=True)
    ordered_on = serializers.DateField(required=False, allow_null=True)
    expected_on = serializers.DateField(required=False, allow_null=True)
    note = serializers.CharField(max_length=10_000, required=False, allow_blank=True)
    version = _version()

    offered = {"supplier": lambda person: Supplier.objects.visible_to(person)}


class NewOrderSerializer(ChangedOrderSerializer):
    """A draft, of a council whose refresh one plans."""

    council = serializers.SlugRelatedField("code", queryset=Council.objects.none())
    supplier: Any = serializers.PrimaryKeyRelatedField(queryset=Supplier.objects.none())
    version = None  # type: ignore[assignment]

    offered = {
        **ChangedOrderSerializer.offered,
        "council": lambda person: Council.objects.visible_to(person).filter(
            pk__in=councils_of(person, Permission.PLAN_REFRESH), archived_at=None
        ),
    }


class ChangedOrderLineSerializer(Narrowed):
    """What is ordered in a line of a draft."""

    model: Any = serializers.PrimaryKeyRelatedField(queryset=AssetModel.objects.none(), required=False)
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_OF_A_LINE, required=False)
    unit_price = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0, required=False)
    cost_centre = serializers.CharField(max_length=40, required=False, allow_blank=True)
    spares = serializers.IntegerField(min_value=0, max_value=MOST_OF_A_LINE, required=False)
    version = _version()

    offered = {"model": lambda person: AssetModel.objects.visible_to(person)}


class NewLineOfOrderSerializer(ChangedOrderLineSerializer):
    """Another line of a draft."""

    model: Any = serializers.PrimaryKeyRelatedField(queryset=AssetModel.objects.none())
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_OF_A_LINE)
    unit_price = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0)
    version = None  # type: ignore[assignment]


class OrderMoveSerializer(serializers.Serializer):
    """Why, where the move asks for it; and the version that was read, if it matters."""

    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)


class RestSerializer(serializers.Serializer):
    """How many come no more, all of the rest unless said, and why."""

    count = serializers.IntegerField(min_value=1, max_value=MOST_OF_A_LINE, required=False)
    reason = serializers.CharField(max_length=200)


class BoxSerializer(serializers.Serializer):
    """One box that was opened."""

    serial_number = serializers.CharField(max_length=LONGEST)
    asset_tag = serializers.CharField(max_length=LONGEST, required=False, allow_blank=True, default="")
    dead_on_arrival = serializers.BooleanField(required=False, default=False)


class ReceiveSerializer(Narrowed):
    """What came, all of it or none. `extra_because` adds what is too many to the order, for whoever orders."""

    boxes = serializers.ListField(child=BoxSerializer(), min_length=1, max_length=MOST_AT_ONCE)
    site: Any = serializers.PrimaryKeyRelatedField(
        queryset=Site.objects.none(), required=False, allow_null=True
    )
    room = serializers.CharField(max_length=60, required=False, allow_blank=True)
    despatch_note = serializers.CharField(max_length=60, required=False, allow_blank=True)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)
    extra_because = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")

    offered = {"site": lambda person: Site.objects.visible_to(person).on_offer()}

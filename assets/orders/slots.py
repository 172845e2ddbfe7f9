"""What orders put into the first screen, and what undoing has to know of receipts."""

from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from assets.orders.models import GoodsReceipt, PurchaseOrder
from servicedesk.history.taking_back import Undoable
from servicedesk.people.access import councils_of
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission


def orders_overdue(request: SignedInRequest) -> dict[str, Any] | None:
    """HOME_CARDS: orders that should have come, of the councils whose refresh the person plans."""
    councils = councils_of(request.user, Permission.PLAN_REFRESH)
    late = PurchaseOrder.objects.filter(council__in=councils).overdue(timezone.localdate())
    counted = PurchaseOrder.objects.filter(pk__in=late.values("pk")).order_by("council__code")
    rows = counted.values_list("council__code", "council__name").annotate(n=Count("pk"))
    if not rows:
        return None
    found = [
        (
            name,
            [
                (
                    "Order overdue" if number == 1 else "Orders overdue",
                    number,
                    reverse("orders:orders", query={"standing": "overdue", "council": code}),
                )
            ],
        )
        for code, name, number in rows
    ]
    return {"template": "register/counts_card.html", "context": {"heading": "Orders", "councils": found}}


UNDOABLE = Undoable(GoodsReceipt._meta.label_lower, along="asset")
"""UNDOABLE: what came in a box stays written down as long as the asset that it became is there."""

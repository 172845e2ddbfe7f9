"""Orders: list, read, write down, place, receive, cancel the rest, close; with their lines, receipts and history."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.response import Response

from api import order_shapes as shapes
from api.asset_shapes import HistorySerializer
from api.organising import Administered, Writing, described
from api.pages import whole
from assets.orders import ordering, receiving
from assets.orders.models import OrderLine, PurchaseOrder
from assets.orders.ordering import OF_LINE, RELATED
from assets.orders.receiving import Box, Place
from assets.orders.states import MOVES
from servicedesk.people.access import history_of, require
from servicedesk.people.roles import Permission


@described(shapes.NewOrderSerializer, shapes.ChangedOrderSerializer, shapes.PurchaseOrderSerializer)
class OrderViewSet(Administered):
    """Orders of the councils whose register the person reads."""

    serializer_class = shapes.PurchaseOrderSerializer
    permission = Permission.PLAN_REFRESH
    orderings = {"reference": ("reference", "id")}
    ordering = "-reference"
    new, changed = shapes.NewOrderSerializer, shapes.ChangedOrderSerializer

    def rows(self, person) -> QuerySet[PurchaseOrder]:
        seen = PurchaseOrder.objects.visible_to(person)
        return seen.tallied().with_total_for(person).select_related(*RELATED)

    def add(self, given: dict[str, Any]) -> PurchaseOrder:
        return ordering.add_order(PurchaseOrder(**given), by=self.person)

    def change(self, row: PurchaseOrder, given: dict[str, Any]) -> PurchaseOrder:
        return ordering.change_row(row, by=self.person, **given)

    def shown(self, row: Any, code: int = status.HTTP_200_OK) -> Response:
        return super().shown(self.get_queryset().get(pk=row.pk), code)

    @extend_schema(responses=shapes.OrderLineSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def lines(self, request, pk: str) -> Response:
        """What is ordered, and where each line stands."""
        lines = self.get_object().lines.tallied().select_related(*OF_LINE).order_by("pk")
        return whole(list(self._lines(lines, many=True).data))

    @extend_schema(
        request=shapes.NewLineOfOrderSerializer, responses={201: shapes.OrderLineSerializer}, filters=False
    )
    @lines.mapping.post
    def add_line(self, request, pk: str) -> Response:
        """Put another line on a draft."""
        order = self.get_object()
        require(request.user, self.permission, order)
        line = OrderLine(order=order, **self.given(shapes.NewLineOfOrderSerializer))
        added = order.lines.tallied().get(pk=ordering.add_line(line, by=self.person).pk)
        return Response(self._lines(added).data, status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="orders_move",
        request=shapes.OrderMoveSerializer,
        responses=shapes.PurchaseOrderSerializer,
        parameters=[OpenApiParameter("move", str, OpenApiParameter.PATH, enum=list(MOVES))],
    )
    @action(detail=True, methods=["post"], url_path="moves/(?P<move>[a-z_]+)")
    def moves(self, request, pk: str, move: str) -> Response:
        """Place it, close it or cancel it. Cancelling asks for a reason."""
        order = self.get_object()
        if move not in MOVES:
            raise Http404
        require(request.user, MOVES[move].permission, order)
        given = self.given(shapes.OrderMoveSerializer)
        return self.written(lambda: ordering.move(order, move, by=self.person, **given))

    @extend_schema(responses=HistorySerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def history(self, request, pk: str) -> Response:
        """What happened to it and its lines, newest first."""
        order = self.get_object()
        found = history_of(request.user, order, *order.lines.select_related("order"))
        return whole(list(HistorySerializer(found, many=True).data))

    def _lines(self, lines: Any, **options: Any) -> shapes.OrderLineSerializer:
        return shapes.OrderLineSerializer(lines, context=self.get_serializer_context(), **options)


class OrderLineViewSet(Writing):
    """Lines of the orders that the person sees. A new one is put on its order."""

    serializer_class = shapes.OrderLineSerializer
    orderings = {"id": ("id", "id")}
    ordering = "id"
    http_method_names = ["get", "head", "post", "patch"]

    def rows(self, person) -> QuerySet[OrderLine]:
        return OrderLine.objects.visible_to(person).tallied().select_related(*OF_LINE)

    def shown(self, row: Any, code: int = status.HTTP_200_OK) -> Response:
        return super().shown(self.get_queryset().get(pk=row.pk), code)

    @extend_schema(request=shapes.ChangedOrderLineSerializer, responses=shapes.OrderLineSerializer)
    def partial_update(self, request, pk: str) -> Response:
        """Change a line of a draft, as read at `version`. A 409 says in `current` how it stands now."""
        line = self.get_object()
        require(request.user, Permission.PLAN_REFRESH, line)
        given = self.given(shapes.ChangedOrderLineSerializer)
        return self.written(lambda: ordering.change_row(line, by=self.person, **given))

    @extend_schema(responses=shapes.ReceiptSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def receipts(self, request, pk: str) -> Response:
        """The boxes that came."""
        found = self.get_object().receipts.select_related("asset", "received_by").order_by("pk")
        return whole(list(shapes.ReceiptSerializer(found, many=True).data))

    @extend_schema(
        operation_id="order_lines_receive",
        request=shapes.ReceiveSerializer,
        responses={201: shapes.ReceiptSerializer(many=True)},
        filters=False,
    )
    @receipts.mapping.post
    def receive(self, request, pk: str) -> Response:
        """Receive boxes, all or none. Everything that is wrong is said at once, under `boxes`."""
        line = self.get_object()
        require(request.user, Permission.MOVE_ASSETS, line)
        given = self.given(shapes.ReceiveSerializer)
        boxes = [Box(**box) for box in given.pop("boxes")]
        because, place = given.pop("extra_because"), Place(**given)
        if place.site and place.site.council_id != line.council_id:
            raise ValidationError({"site": f"Choose a site of {line.order.council}"})
        made = receiving.receive(line, boxes, by=self.person, place=place, extra_because=because)
        body = whole(list(shapes.ReceiptSerializer(made, many=True).data))
        body.status_code = status.HTTP_201_CREATED
        return body

    @extend_schema(request=shapes.RestSerializer, responses=shapes.OrderLineSerializer)
    @action(detail=True, methods=["post"], url_path="cancel-rest")
    def cancel_rest(self, request, pk: str) -> Response:
        """Cancel what is still to come, or some of it."""
        line = self.get_object()
        require(request.user, Permission.PLAN_REFRESH, line)
        ordering.call_off(line, by=self.person, **self.given(shapes.RestSerializer))
        return self.shown(line)

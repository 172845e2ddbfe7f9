"""What a ticket is about of the register."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from api.asset_shapes import AssetSerializer
from api.endpoints import Endpoint
from api.pages import whole
from api.ticket_shapes import Narrowed
from assets.register.models import Asset
from assets.register.registering import RELATED, link_ticket, unlink_ticket
from servicedesk.people.access import open_door
from servicedesk.tickets.models import How, Ticket
from servicedesk.tickets.sight import open_ticket


class TicketAssetSerializer(Narrowed):
    """An asset that the ticket is about."""

    asset: Any = serializers.PrimaryKeyRelatedField(queryset=Asset.objects.none())

    offered = {"asset": lambda person: Asset.objects.visible_to(person)}


class TicketAssetsViewSet(Endpoint, GenericViewSet):
    """The assets that a ticket is about."""

    lookup_field = "reference"
    lookup_url_kwarg = "ref"
    lookup_value_regex = "[A-Z]{3}-[0-9]{4}-[0-9]{1,12}"
    http_method_names = ["get", "head", "post"]
    queryset = Ticket.objects.none()
    serializer_class = AssetSerializer
    orderings = {"asset_tag": ("asset_tag", "id")}
    ordering = "asset_tag"

    @extend_schema(responses=AssetSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def assets(self, request, ref: str) -> Response:
        """What it is about, as far as the person may see it."""
        ticket = open_ticket(request.user, ref, How.API)
        about = Asset.objects.visible_to(request.user).filter(service_records__ticket=ticket)
        rows = about.select_related(*RELATED).order_by("asset_tag", "id")
        return whole(list(AssetSerializer(rows, many=True, context={"person": request.user}).data))

    @extend_schema(
        operation_id="tickets_about_asset",
        request=TicketAssetSerializer,
        responses={201: AssetSerializer},
    )
    @assets.mapping.post
    def add(self, request, ref: str) -> Response:
        """Say that it is about an asset: for whoever works on it, or asked for it."""
        ticket = open_ticket(request.user, ref, How.API)
        asset = self.given(TicketAssetSerializer)["asset"]
        link_ticket(asset, ticket, by=request.user)
        told = AssetSerializer(asset, context={"person": request.user})
        return Response(told.data, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="tickets_not_about_asset",
        request=None,
        responses={204: None},
        parameters=[OpenApiParameter("pk", OpenApiTypes.INT, OpenApiParameter.PATH)],
    )
    @action(detail=True, methods=["post"], url_path="assets/(?P<pk>[0-9]{1,18})/end")
    def end(self, request, ref: str, pk: str) -> Response:
        """Say that it is not about an asset after all."""
        ticket = open_ticket(request.user, ref, How.API)
        unlink_ticket(open_door(request.user, Asset.objects, pk=pk), ticket, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

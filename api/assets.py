"""Assets and their makers: list, register, read, correct, history, tickets."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.response import Response

from api.asset_life import AssetLife
from api.asset_shapes import (
    AssetChangeSerializer,
    AssetSerializer,
    HistorySerializer,
    ManufacturerSerializer,
    NewAssetSerializer,
)
from api.pages import whole
from api.problems import problem
from api.rows import Rows
from api.ticket_shapes import TicketSerializer
from api.tickets import listed
from assets.register.filters import AssetFilters
from assets.register.history import changes_of
from assets.register.models import Asset, Manufacturer
from assets.register.registering import RELATED, StaleAsset, change_asset, register_asset
from servicedesk.people.access import councils_of, require
from servicedesk.people.models import Council
from servicedesk.people.roles import Permission
from servicedesk.tickets.models import How
from servicedesk.tickets.sight import write_down_titles


class ManufacturerViewSet(Rows):
    """Makers."""

    serializer_class = ManufacturerSerializer

    def rows(self, person) -> QuerySet[Manufacturer]:
        return Manufacturer.objects.visible_to(person)


class AssetViewSet(AssetLife, Rows):
    """Assets that the person may see."""

    serializer_class = AssetSerializer
    filterset_class = AssetFilters
    orderings = {"asset_tag": ("asset_tag", "id"), "registered": ("registered_at", "id")}
    ordering = "asset_tag"

    def rows(self, person) -> QuerySet[Asset]:
        return Asset.objects.visible_to(person).select_related(*RELATED)

    @extend_schema(request=NewAssetSerializer, responses={201: AssetSerializer})
    def create(self, request) -> Response:
        """Put an asset into the register of a council that one keeps it for."""
        require(request.user, Permission.EDIT_ASSETS)
        given = self._given(NewAssetSerializer, council=self._council_named(request.data))
        asset = register_asset(Asset(**given), by=request.user)
        return self._shown(asset, status.HTTP_201_CREATED)

    @extend_schema(request=AssetChangeSerializer, responses=AssetSerializer)
    def partial_update(self, request, pk: str) -> Response:
        """Correct what the register says, as read at `version`. States change by moves alone.

        A 409 says in `current` how the asset stands now.
        """
        asset = self.get_object()
        require(request.user, Permission.EDIT_ASSETS, asset)
        given = self._given(AssetChangeSerializer, asset, council=asset.council)
        try:
            return self._shown(change_asset(asset, by=request.user, **given))
        except StaleAsset as stale:
            return problem(status.HTTP_409_CONFLICT, str(stale), current=self._shown(stale.asset).data)

    @extend_schema(responses=HistorySerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def history(self, request, pk: str) -> Response:
        """What happened to it, newest first. Who only holds it is told nothing."""
        changes = changes_of(request.user, self.get_object())
        return whole(list(HistorySerializer(changes, many=True).data))

    @extend_schema(responses=TicketSerializer(many=True))
    @action(
        detail=True,
        methods=["get"],
        filterset_class=None,
        orderings={"reported": ("reported_at", "id")},
        ordering="-reported",
    )
    def tickets(self, request, pk: str) -> Response:
        """The tickets about it that the person may see: its service history."""
        about = listed(request.user).filter(service_records__asset=self.get_object())
        page = self.paginate_queryset(self.filter_queryset(about))
        write_down_titles(request.user, page or (), How.LIST)
        shown = TicketSerializer(page, many=True, context=self.get_serializer_context())
        return self.get_paginated_response(shown.data)

    def _council_named(self, sent: Any) -> Council | None:
        """The council whose sites, departments and people the new asset may name."""
        code = sent.get("council") if isinstance(sent, dict) else None
        mine = councils_of(self.request.user, Permission.EDIT_ASSETS)
        councils = Council.objects.visible_to(self.request.user).filter(pk__in=mine)
        return councils.filter(code=code).first() if isinstance(code, str) else None

    def _given(self, shape: type, *asset: Asset, council: Council | None) -> dict[str, Any]:
        context = {"person": self.request.user, "council": council}
        given = shape(*asset, data=self.request.data, context=context)
        given.is_valid(raise_exception=True)
        return given.validated_data

    def _shown(self, asset: Asset, code: int = status.HTTP_200_OK) -> Response:
        return Response(AssetSerializer(asset, context=self.get_serializer_context()).data, status=code)

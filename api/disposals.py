"""What comes back and leaves: what is due back, media and their wiping, consignments, the disposal register."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from api import disposal_shapes as shapes
from api.rows import Rows
from assets.disposal import chasing, closing, consigning, leaving, media
from assets.disposal.filters import ConsignmentFilters, DisposalFilters, DueBackFilters, MediumFilters
from assets.disposal.models import Consignment, DueBack
from assets.disposal.reconciling import Certified
from assets.disposal.scanning import scan
from assets.register.models import Asset, Medium
from servicedesk.people.access import open_door, require
from servicedesk.people.roles import Permission


class Given(Rows):
    """Rows to which something is done."""

    orderings = {"id": ("id", "id")}
    ordering = "-id"

    def _told(self, key: int, code: int = status.HTTP_200_OK) -> Response:
        row = self.rows(self.request.user).get(pk=key)
        return Response(self.get_serializer(row).data, status=code)


class ConsignmentViewSet(Given):
    """Consignments of the registers that the person reads; `income` with the right to its council's money."""

    serializer_class = shapes.ConsignmentSerializer
    filterset_class = ConsignmentFilters

    def rows(self, person) -> QuerySet[Consignment]:
        return Consignment.objects.visible_to(person).select_related(*consigning.RELATED)

    @extend_schema(request=shapes.NewConsignmentSerializer, responses={201: shapes.ConsignmentSerializer})
    def create(self, request) -> Response:
        """Begin one."""
        require(request.user, Permission.EDIT_ASSETS)
        made = consigning.make(by=request.user, **self.given(shapes.NewConsignmentSerializer))
        return self._told(made.pk, status.HTTP_201_CREATED)

    @extend_schema(request=shapes.PapersSerializer, responses=shapes.ConsignmentSerializer)
    def partial_update(self, request, pk: str) -> Response:
        """Change what is written of it until it closes."""
        return self._write(consigning.change)

    @extend_schema(request=shapes.PapersSerializer, responses=shapes.ConsignmentSerializer)
    @action(detail=True, methods=["post"])
    def collect(self, request, pk: str) -> Response:
        """Say that the firm has it, with the papers that went with it. Nothing goes in or out afterwards."""
        return self._write(consigning.collect)

    def _write(self, deed: Any) -> Response:
        row = self.get_object()
        require(self.request.user, Permission.EDIT_ASSETS, row)
        given = self.given(shapes.PapersSerializer)
        return self._told(deed(row, by=self.request.user, **given).pk)

    @extend_schema(responses=shapes.ConsignmentItemSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], orderings={"id": ("id", "id")}, ordering="id")
    def items(self, request, pk: str) -> Response:
        """What is in it, or was when it closed."""
        row = self.get_object()
        closed = row.state == "closed"
        kept = row.items.exclude(outcome="") if closed else row.items.filter(is_current=True)
        page = self.paginate_queryset(kept.select_related("asset"))
        return self.get_paginated_response(shapes.ConsignmentItemSerializer(page, many=True).data)

    @extend_schema(
        operation_id="consignments_scan",
        request=shapes.ScannedNamesSerializer,
        responses=shapes.ScannedSerializer,
    )
    @action(detail=True, methods=["post"])
    def scan(self, request, pk: str) -> Response:
        """Put things into it by tag or serial number. What may not leave is told, each with its reason."""
        row = self.get_object()
        require(request.user, Permission.EDIT_ASSETS, row)
        found = scan(row, self.given(shapes.ScannedNamesSerializer)["names"], by=request.user)
        return Response({"added": [asset.pk for asset in found.added], "refused": found.sentences})

    @extend_schema(
        operation_id="consignments_take_out",
        request=shapes.WhichAssetSerializer,
        responses=shapes.ConsignmentSerializer,
    )
    @action(detail=True, methods=["post"], url_path="take-out")
    def take_out(self, request, pk: str) -> Response:
        """Take a thing out again before it is collected."""
        row = self.get_object()
        require(request.user, Permission.EDIT_ASSETS, row)
        wanted = self.given(shapes.WhichAssetSerializer)["asset"]
        item = row.items.filter(asset=wanted, is_current=True).select_related("consignment").first()
        if item is None:
            raise serializers.ValidationError({"asset": ["This asset is not in the consignment."]})
        return self._told(consigning.remove_item(item, by=request.user).pk)

    @extend_schema(request=shapes.CertificateSerializer, responses=shapes.ComparisonSerializer)
    @action(detail=True, methods=["post"])
    def certify(self, request, pk: str) -> Response:
        """Take in what the facility certified, and be told every difference."""
        row = self.get_object()
        require(request.user, Permission.EDIT_ASSETS, row)
        given = self.given(shapes.CertificateSerializer)
        lines = [Certified(at, **line) for at, line in enumerate(given["lines"], 1)]
        taken = closing.take_certificate(row, lines, by=request.user, version=given.get("version"))
        return Response({"differences": closing.comparison_of(taken).differences})

    @extend_schema(responses=shapes.ComparisonSerializer, filters=False)
    @action(detail=True, methods=["get"])
    def differences(self, request, pk: str) -> Response:
        """Where what was scanned out, the certificate and the note differ."""
        return Response({"differences": closing.comparison_of(self.get_object()).differences})

    @extend_schema(request=shapes.AtSerializer, responses=shapes.ConsignmentSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request, pk: str) -> Response:
        """Let everything in it leave the register; 409 names whatever keeps it open."""
        given = self.given(shapes.AtSerializer)
        return self._told(closing.close(self.get_object(), by=request.user, **given).pk)

    @extend_schema(request=shapes.CancelSerializer, responses=shapes.ConsignmentSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request, pk: str) -> Response:
        """Give it up; one that the firm has already, for a reason. What is in it is free again."""
        given = self.given(shapes.CancelSerializer)
        return self._told(consigning.cancel(self.get_object(), by=request.user, **given).pk)


class DueBackViewSet(Given):
    """What is or was due back, of the registers that the person reads."""

    serializer_class = shapes.DueBackSerializer
    orderings = {"due_on": ("due_on", "id")}
    ordering = "due_on"

    filterset_class = DueBackFilters

    def rows(self, person) -> QuerySet[DueBack]:
        return chasing.seen(person).prefetch_related("chases__by")

    @extend_schema(request=shapes.AskBackSerializer, responses={201: shapes.DueBackSerializer})
    def create(self, request) -> Response:
        """Ask whoever has an asset to bring it back by a day."""
        require(request.user, Permission.MOVE_ASSETS)
        given = self.given(shapes.AskBackSerializer)
        asset = open_door(request.user, Asset.objects.select_related("council"), pk=given.pop("asset"))
        return self._told(chasing.ask_back(asset, by=request.user, **given).pk, status.HTTP_201_CREATED)

    @extend_schema(request=shapes.BackSerializer, responses=shapes.DueBackSerializer)
    @action(detail=True, methods=["post"])
    def back(self, request, pk: str) -> Response:
        """It is back, in this condition."""
        return self._done(chasing.bring_back, shapes.BackSerializer)

    @extend_schema(request=shapes.LostSerializer, responses=shapes.DueBackSerializer)
    @action(detail=True, methods=["post"])
    def lost(self, request, pk: str) -> Response:
        """It is lost or stolen: a security incident is opened with it."""
        return self._done(chasing.lose, shapes.LostSerializer)

    @extend_schema(request=shapes.ChaseSerializer, responses=shapes.DueBackSerializer)
    @action(detail=True, methods=["post"])
    def chase(self, request, pk: str) -> Response:
        """Write down that one has asked for it."""
        return self._done(chasing.chased_by_hand, shapes.ChaseSerializer)

    @extend_schema(request=shapes.WhySerializer, responses=shapes.DueBackSerializer)
    @action(detail=True, methods=["post"], url_path="call-off")
    def call_off(self, request, pk: str) -> Response:
        """It need not come back, and why."""
        return self._done(chasing.call_off, shapes.WhySerializer)

    def _done(self, deed: Any, shape: type[serializers.BaseSerializer]) -> Response:
        row = self.get_object()
        deed(row, by=self.request.user, **self.given(shape))
        return self._told(row.pk)


class MediumViewSet(Given):
    """Media of assets, each with whether it is wiped."""

    serializer_class = shapes.MediumSerializer

    filterset_class = MediumFilters

    def rows(self, person) -> QuerySet[Medium]:
        return Medium.objects.visible_to(person).with_wiping().select_related("council", "recorded_by")

    @extend_schema(request=shapes.NewMediumSerializer, responses={201: shapes.MediumSerializer})
    def create(self, request) -> Response:
        """List a medium of an asset."""
        require(request.user, Permission.MOVE_ASSETS)
        given = self.given(shapes.NewMediumSerializer)
        asset = open_door(
            request.user, Asset.objects.select_related("council", "model"), pk=given.pop("asset")
        )
        return self._told(media.add_medium(asset, by=request.user, **given).pk, status.HTTP_201_CREATED)

    @extend_schema(request=shapes.WipeSerializer, responses=shapes.MediumSerializer)
    @action(detail=True, methods=["post"])
    def wipe(self, request, pk: str) -> Response:
        """It was wiped or destroyed, or could not be. With the last of them the asset itself becomes wiped."""
        medium, given = self.get_object(), self.given(shapes.WipeSerializer)
        passed = given.pop("passed")
        media.wipe_medium(medium, by=request.user, given=given, passed=passed)
        return self._told(medium.pk)

    @extend_schema(request=shapes.TakeOutSerializer, responses=shapes.MediumSerializer)
    @action(detail=True, methods=["post"], url_path="take-out")
    def take_out(self, request, pk: str) -> Response:
        """It was taken out of its asset."""
        return self._told(
            media.take_out(self.get_object(), by=request.user, **self.given(shapes.TakeOutSerializer)).pk
        )

    @extend_schema(request=shapes.StrikeOutSerializer, responses=shapes.MediumSerializer)
    @action(detail=True, methods=["post"], url_path="strike-out")
    def strike_out(self, request, pk: str) -> Response:
        """It was listed by mistake."""
        return self._told(
            media.strike_out(self.get_object(), by=request.user, **self.given(shapes.StrikeOutSerializer)).pk
        )


class DisposalRegisterViewSet(Rows):
    """Every asset that has left, how, and what proves it; `income` with the right to its council's money."""

    serializer_class = shapes.DisposalLineSerializer
    filterset_class = DisposalFilters
    orderings = {"asset_tag": ("asset_tag", "id")}
    ordering = "asset_tag"

    def rows(self, person) -> QuerySet[Asset]:
        return leaving.left(person)

    @extend_schema(responses=shapes.DisposalLineSerializer(many=True))
    def list(self, request, *args: Any, **kwargs: Any) -> Response:
        """What has left, of the registers that the person reads."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self._lines(page))

    def retrieve(self, request, *args: Any, **kwargs: Any) -> Response:
        """How one asset left."""
        return Response(self._lines([self.get_object()])[0])

    def _lines(self, assets: Any) -> Any:
        person: Any = self.request.user
        return shapes.DisposalLineSerializer(
            leaving.lines(person, assets), many=True, context={"person": person}
        ).data

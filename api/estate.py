"""Models, suppliers, contracts, circuits, lines and how long things last: list, read, add, change, history."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from api import estate_shapes as shapes
from api.asset_life_shapes import CheckListSerializer
from api.asset_shapes import HistorySerializer
from api.organising import Administered, described
from api.pages import whole
from api.rows import Rows
from assets.register.estate_filters import (
    CircuitFilters,
    ContractFilters,
    LineFilters,
    ModelFilters,
    OperatingSystemFilters,
    PolicyFilters,
    SupplierFilters,
)
from assets.register.handing_over import set_check_list
from assets.register.keeping import add_row, change_row
from assets.register.models import (
    AssetModel,
    CheckList,
    Circuit,
    Contract,
    LifecyclePolicy,
    Line,
    OperatingSystemRelease,
    Supplier,
)
from servicedesk.people.access import history_of, require
from servicedesk.people.roles import Permission


class Kept(Administered):
    """What the register holds beside assets, written by whoever keeps it."""

    permission = Permission.EDIT_ASSETS
    model: Any
    related: tuple[str, ...] = ()

    def rows(self, person) -> QuerySet:
        return self.model.objects.visible_to(person).select_related(*self.related)

    def add(self, given: dict[str, Any]) -> Any:
        return add_row(self.model(**given), by=self.person)

    def change(self, row: Any, given: dict[str, Any]) -> Any:
        return change_row(row, by=self.person, **given)

    @extend_schema(responses=HistorySerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def history(self, request, pk: str) -> Response:
        """What happened to it, newest first."""
        return whole(list(HistorySerializer(history_of(request.user, self.get_object()), many=True).data))


@described(shapes.NewAssetModel, shapes.ChangedAssetModel, shapes.AssetModelSerializer)
class AssetModelViewSet(Kept):
    """Models of all makers, which the councils share."""

    serializer_class = shapes.AssetModelSerializer
    filterset_class = ModelFilters
    model, related = AssetModel, ("manufacturer", "replacement_model")
    new, changed = shapes.NewAssetModel, shapes.ChangedAssetModel

    @extend_schema(responses=CheckListSerializer, filters=False)
    @action(detail=True, methods=["get"], url_path="check-list")
    def check_list(self, request, pk: str) -> Response:
        """What is done to every asset of the model before it is issued; no items where nobody has written any."""
        held = CheckList.objects.visible_to(request.user).filter(model=self.get_object()).first()
        return Response(CheckListSerializer(held).data if held else {"items": ""})

    @extend_schema(request=CheckListSerializer, responses=CheckListSerializer)
    @check_list.mapping.put
    def write_check_list(self, request, pk: str) -> Response:
        """Write it down, as read at `version`."""
        model = self.get_object()
        require(request.user, self.permission)
        given = CheckListSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        written = set_check_list(model, by=request.user, **given.validated_data)
        return Response(CheckListSerializer(written).data)


@described(shapes.NewSupplier, shapes.ChangedSupplier, shapes.SupplierSerializer)
class SupplierViewSet(Kept):
    """Suppliers, which the councils share."""

    serializer_class = shapes.SupplierSerializer
    filterset_class = SupplierFilters
    model = Supplier
    new, changed = shapes.NewSupplier, shapes.ChangedSupplier


@described(shapes.NewContract, shapes.ChangedContract, shapes.ContractSerializer)
class ContractViewSet(Kept):
    """Contracts of the councils whose register the person reads."""

    serializer_class = shapes.ContractSerializer
    filterset_class = ContractFilters
    model, related = Contract, ("council", "supplier")
    orderings = {"reference": ("reference", "id")}
    ordering = "reference"
    new, changed = shapes.NewContract, shapes.ChangedContract


@described(shapes.NewCircuit, shapes.ChangedCircuit, shapes.CircuitSerializer)
class CircuitViewSet(Kept):
    """Data connections of the councils whose register the person reads."""

    serializer_class = shapes.CircuitSerializer
    filterset_class = CircuitFilters
    model, related = Circuit, ("council", "provider", "site", "asset")
    orderings = {"number": ("number", "id")}
    ordering = "number"
    new, changed = shapes.NewCircuit, shapes.ChangedCircuit


@described(shapes.NewLine, shapes.ChangedLine, shapes.LineSerializer)
class LineViewSet(Kept):
    """Telephone lines of the councils whose register the person reads: first those that must go."""

    serializer_class = shapes.LineSerializer
    filterset_class = LineFilters
    model, related = Line, ("council", "provider", "site")
    orderings = {"urgency": ("rank", "id"), "number": ("number", "id")}
    ordering = "urgency"
    new, changed = shapes.NewLine, shapes.ChangedLine


@described(shapes.NewPolicy, shapes.ChangedPolicy, shapes.LifecyclePolicySerializer)
class LifecyclePolicyViewSet(Kept):
    """How long things last: the product's defaults, and what councils decided instead."""

    serializer_class = shapes.LifecyclePolicySerializer
    filterset_class = PolicyFilters
    model, related = LifecyclePolicy, ("council",)
    orderings = {"category": ("category", "id")}
    ordering = "category"
    new, changed = shapes.NewPolicy, shapes.ChangedPolicy


class OperatingSystemViewSet(Rows):
    """How long operating systems are supported, as loaded from their source. Nobody writes it here."""

    serializer_class = shapes.OperatingSystemSerializer
    filterset_class = OperatingSystemFilters

    def rows(self, person) -> QuerySet[OperatingSystemRelease]:
        return OperatingSystemRelease.objects.visible_to(person)

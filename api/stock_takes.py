"""Stock-takes: begin one, count what is met, move it here, finish; and its lines."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from api.rows import Named, Rows, code
from api.ticket_shapes import Narrowed
from assets.register import stock_taking
from assets.register.models import Asset, StockTake, StockTakeLine
from assets.register.stock_take_report import OF_A_LINE, SHOWN, said, tallied
from assets.register.stock_taking import LONGEST_NAME, Outcome, outcome
from servicedesk.people.access import councils_of, require
from servicedesk.people.models import Site
from servicedesk.people.roles import Permission

OUTCOMES = [(each.value, each.value) for each in Outcome]


class StockTakeSerializer(serializers.ModelSerializer):
    """Counting at a site, or in one room of it, and how many lines there are of each outcome."""

    council = code()
    site = Named()
    begun_by = Named()
    ended_by = Named()
    found = serializers.IntegerField(source="of_found", read_only=True)
    elsewhere = serializers.IntegerField(source="of_elsewhere", read_only=True)
    unknown = serializers.IntegerField(source="of_unknown", read_only=True)
    missing = serializers.IntegerField(source="of_missing", read_only=True)

    class Meta:
        model = StockTake
        fields = [
            "id",
            "council",
            "site",
            "room",
            "state",
            "begun_by",
            "begun_at",
            "ended_by",
            "ended_at",
            "found",
            "elsewhere",
            "unknown",
            "missing",
            "version",
        ]
        read_only_fields = fields


class StockTakeLineSerializer(serializers.ModelSerializer):
    """One thing that was expected or met. Without an `asset` it is a name that the register does not know."""

    outcome = serializers.SerializerMethodField()
    counted_by = Named()

    class Meta:
        model = StockTakeLine
        fields = [
            "id",
            "name",
            "asset",
            "outcome",
            "site_then",
            "room_then",
            "state_then",
            "counted_at",
            "counted_by",
            "moved_here",
        ]
        read_only_fields = fields

    def get_outcome(self, line: StockTakeLine) -> str:
        return outcome(line).value


class BeginSerializer(Narrowed):
    """Where to count."""

    site: Any = serializers.PrimaryKeyRelatedField(queryset=Site.objects.none())
    room = serializers.CharField(max_length=60, required=False, allow_blank=True)

    offered = {
        "site": lambda person: (
            Site.objects.visible_to(person)
            .filter(council__in=councils_of(person, Permission.EDIT_ASSETS))
            .on_offer()
        )
    }


class ScanSerializer(serializers.Serializer):
    """A tag, a serial number or the address on a label; `asset` says which, of several with one name."""

    name = serializers.CharField(max_length=LONGEST_NAME)
    asset = serializers.IntegerField(min_value=1, max_value=2**63 - 1, required=False)


class CountedSerializer(serializers.Serializer):
    """What came of a scan, in a sentence. Of several with one name there is no line: count again with one of them."""

    said = serializers.CharField()
    good = serializers.BooleanField()
    line = StockTakeLineSerializer(allow_null=True)
    several = serializers.ListField(child=serializers.IntegerField())


class LinesSerializer(serializers.Serializer):
    """Lines of things that were met and not expected, by id."""

    lines = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), min_length=1, max_length=500
    )


class MovedSerializer(serializers.Serializer):
    """The assets that are here now, by id."""

    moved = serializers.ListField(child=serializers.IntegerField())


class StockTakeViewSet(Rows):
    """Stock-takes of the registers that the person reads."""

    serializer_class = StockTakeSerializer
    orderings = {"begun": ("begun_at", "id")}
    ordering = "-begun"

    def rows(self, person) -> QuerySet[StockTake]:
        return tallied(StockTake.objects.visible_to(person)).select_related(*SHOWN)

    @extend_schema(request=BeginSerializer, responses={201: StockTakeSerializer})
    def create(self, request) -> Response:
        """Begin counting. What is expected is what the register says now."""
        require(request.user, Permission.EDIT_ASSETS)
        begun = stock_taking.begin(by=request.user, **self.given(BeginSerializer))
        return self._told(begun.pk, status.HTTP_201_CREATED)

    @extend_schema(responses=StockTakeLineSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], orderings={"id": ("id", "id")}, ordering="id")
    def lines(self, request, pk: str) -> Response:
        """What was expected and what was met."""
        rows = self.get_object().lines.select_related(*OF_A_LINE)
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(StockTakeLineSerializer(page, many=True).data)

    @extend_schema(operation_id="stock_takes_count", request=ScanSerializer, responses=CountedSerializer)
    @action(detail=True, methods=["post"])
    def counts(self, request, pk: str) -> Response:
        """Take down one scan. Twice is once: the first who counted a thing is said."""
        there = self.get_object()
        require(request.user, Permission.MOVE_ASSETS, there)
        given = self.given(ScanSerializer)
        asset = self._which(there, given["asset"]) if "asset" in given else None
        counted = stock_taking.count(there, given["name"], by=request.user, asset=asset)
        told = said(request.user, there, counted)
        body = {
            "said": told.text,
            "good": told.good,
            "line": counted.line and StockTakeLineSerializer(counted.line).data,
            "several": [each.pk for each in counted.several],
        }
        return Response(body)

    @extend_schema(
        operation_id="stock_takes_move_here", request=LinesSerializer, responses={200: MovedSerializer}
    )
    @action(detail=True, methods=["post"], url_path="move-here")
    def move_here(self, request, pk: str) -> Response:
        """Say in the register that things met here are here now."""
        there = self.get_object()
        require(request.user, Permission.EDIT_ASSETS, there)
        moved = stock_taking.move_here(there, self.given(LinesSerializer)["lines"], by=request.user)
        return Response({"moved": [asset.pk for asset in moved]})

    @extend_schema(request=None, responses=StockTakeSerializer)
    @action(detail=True, methods=["post"])
    def finish(self, request, pk: str) -> Response:
        """End the counting: what was met was audited on the day it was counted."""
        stock_taking.finish(self.get_object(), by=request.user)
        return self._told(int(pk))

    @extend_schema(request=None, responses=StockTakeSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request, pk: str) -> Response:
        """Give it up."""
        stock_taking.cancel(self.get_object(), by=request.user)
        return self._told(int(pk))

    def _which(self, there: StockTake, key: int) -> Asset:
        """The one that was chosen of several; what is of no such council is like none."""
        seen = Asset.objects.visible_to(self.request.user).filter(council=there.council_id, pk=key)
        found = seen.select_related("site").first()
        if found is None:
            raise serializers.ValidationError({"asset": ["There is no such asset here."]})
        return found

    def _told(self, key: int, code: int = status.HTTP_200_OK) -> Response:
        return Response(StockTakeSerializer(self.get_queryset().get(pk=key)).data, status=code)

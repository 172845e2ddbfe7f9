"""How an asset hangs together with others and with services, and what its failure would reach."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from api.endpoints import Endpoint
from api.pages import whole
from api.rows import NamedSerializer
from api.ticket_shapes import Narrowed, one_of
from assets.register.impact import Impact, impact_of
from assets.register.models import Asset, CIRelation, Relation
from assets.register.registering import RELATED
from assets.register.relating import ENDS, Tie, relate, ties_of, unrelate
from servicedesk.catalogue.models import Service
from servicedesk.people.access import open_door, require
from servicedesk.people.roles import Permission


class ConnectionSerializer(serializers.Serializer):
    """A connection as it reads from this asset. `id` is null where it is a column of an asset, or not yours to end."""

    id = serializers.IntegerField(allow_null=True)
    how = serializers.CharField()
    asset = NamedSerializer(allow_null=True)
    service = NamedSerializer(allow_null=True)


class NewConnectionSerializer(Narrowed):
    """This asset hangs on the `asset`, or the `service` hangs on this asset: one of the two is given."""

    kind = serializers.ChoiceField(Relation.choices)
    asset = one_of(Asset)
    service = one_of(Service)

    offered = {
        "asset": lambda person: Asset.objects.visible_to(person).select_related("council", "site"),
        "service": lambda person: Service.objects.visible_to(person),
    }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("asset" in attrs) == ("service" in attrs):
            raise serializers.ValidationError({"asset": "Give the asset or the service, one of the two."})
        return attrs


class HeadcountSerializer(serializers.Serializer):
    """How many people of a council; null for fewer than 5 of another council than yours."""

    council = serializers.CharField()
    people = serializers.IntegerField(allow_null=True)


class ImpactSerializer(serializers.Serializer):
    """What its failure would reach, as far as you may know, and the impact that this proposes."""

    assets = NamedSerializer(many=True)
    services = NamedSerializer(many=True)
    sites = NamedSerializer(many=True)
    people = HeadcountSerializer(many=True)
    councils = serializers.ListField(child=serializers.CharField())
    cut_off = serializers.BooleanField()
    impact = serializers.IntegerField()
    why = serializers.CharField()


class RelationsViewSet(Endpoint, GenericViewSet):
    """What an asset hangs on, what hangs off it."""

    lookup_value_regex = "[0-9]{1,18}"
    http_method_names = ["get", "head", "post"]
    queryset = Asset.objects.none()
    serializer_class = ConnectionSerializer
    orderings = {"id": ("id", "id")}
    ordering = "id"

    @extend_schema(responses=ConnectionSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def relations(self, request, pk: str) -> Response:
        """Its connections with what the person may see."""
        return whole([_told(tie) for tie in ties_of(request.user, self._read(pk))])

    @extend_schema(
        operation_id="assets_relate", request=NewConnectionSerializer, responses={201: ConnectionSerializer}
    )
    @relations.mapping.post
    def relate(self, request, pk: str) -> Response:
        """Say that it hangs on another asset, or that a service hangs on it."""
        asset = self._read(pk)
        require(request.user, Permission.EDIT_ASSETS, asset)
        sent = NewConnectionSerializer(data=request.data, context={"person": request.user})
        sent.is_valid(raise_exception=True)
        given = sent.validated_data
        ends = (asset, given["asset"]) if "asset" in given else (given["service"], asset)
        made = relate(ends[0], given["kind"], ends[1], by=request.user)
        tie = next(each for each in ties_of(request.user, asset) if each.relation == made)
        return Response(_told(tie), status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="assets_end_relation",
        request=None,
        responses={204: None},
        parameters=[OpenApiParameter("relation", OpenApiTypes.INT, OpenApiParameter.PATH)],
    )
    @action(detail=True, methods=["post"], url_path="relations/(?P<relation>[0-9]{1,18})/end")
    def end(self, request, pk: str, relation: str) -> Response:
        """Say that a connection holds no longer. It stays in history."""
        self._read(pk)
        ended = open_door(request.user, CIRelation.objects.select_related(*ENDS), pk=relation)
        unrelate(ended, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses=ImpactSerializer, filters=False)
    @action(detail=True, methods=["get"])
    def impact(self, request, pk: str) -> Response:
        """What its failure would reach."""
        found = impact_of(request.user, [self._read(pk)])
        assert found is not None  # the register is read
        return Response(_reached(found))

    def _read(self, pk: str) -> Asset:
        """The asset, for who reads its register: who only holds it knows nothing of the network."""
        asset = open_door(self.request.user, Asset.objects.select_related(*RELATED), pk=pk)
        require(self.request.user, Permission.SEE_ASSETS, asset)
        return asset


def _named(row: Any) -> dict[str, Any]:
    return {"id": row.pk, "name": str(row)}


def _told(tie: Tie) -> dict[str, Any]:
    return {
        "id": tie.relation.pk if tie.relation else None,
        "how": tie.how,
        "asset": _named(tie.asset) if tie.asset else None,
        "service": _named(tie.service) if tie.service else None,
    }


def _reached(found: Impact) -> dict[str, Any]:
    return {
        "assets": [_named(one) for one in found.assets],
        "services": [_named(one) for one in found.services],
        "sites": [_named(one) for one in found.sites],
        "people": [{"council": council, "people": number} for council, number in found.people],
        "councils": found.councils,
        "cut_off": found.cut_off,
        "impact": found.proposed,
        "why": found.why,
    }

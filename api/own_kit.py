"""Asking holders whether they have their kit, what they answered, and answering."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from api.assets_together import of_own_council
from api.endpoints import Endpoint
from api.rows import Named, Rows, code
from api.ticket_shapes import Narrowed, one_of
from assets.register import own_kit
from assets.register.models import Asset, KitAnswer, KitCheck
from servicedesk.people.access import open_door, require
from servicedesk.people.models import Department, Site
from servicedesk.people.roles import Permission


class KitCheckSerializer(serializers.ModelSerializer):
    """Asking the people of a site, or of a department."""

    council = code()
    site = Named()
    department = Named()
    asked_by = Named()
    ended_by = Named()

    class Meta:
        model = KitCheck
        fields = [
            "id",
            "council",
            "site",
            "department",
            "asked_by",
            "asked_at",
            "answer_by",
            "ended_by",
            "ended_at",
            "version",
        ]
        read_only_fields = fields


class KitAnswerSerializer(serializers.ModelSerializer):
    """What a holder said of one asset; an empty answer still waits."""

    person = Named()

    class Meta:
        model = KitAnswer
        fields = ["id", "asset", "person", "answer", "answered_at", "note", "reminders"]
        read_only_fields = fields


class AskSerializer(Narrowed):
    """Whom to ask: the people of a site, or of a department."""

    site = one_of(Site)
    department = one_of(Department)
    answer_by = serializers.DateField(required=False)

    offered = {
        "site": of_own_council(Site.objects.visible_to),
        "department": of_own_council(Department.objects.visible_to),
    }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("site" in attrs) == ("department" in attrs):
            raise serializers.ValidationError("Choose either a site or a department.")
        return attrs


class OwnAnswerSerializer(serializers.Serializer):
    """Whether one has it, and what one knows of it."""

    have = serializers.BooleanField()
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")


class KitCheckViewSet(Rows):
    """Whom the keepers of the registers have asked."""

    serializer_class = KitCheckSerializer
    orderings = {"asked": ("asked_at", "id")}
    ordering = "-asked"

    def rows(self, person) -> QuerySet[KitCheck]:
        return KitCheck.objects.visible_to(person).select_related(*own_kit.SHOWN)

    @extend_schema(request=AskSerializer, responses={201: KitCheckSerializer})
    def create(self, request) -> Response:
        """Ask them, by e-mail and on their first screen."""
        require(request.user, Permission.EDIT_ASSETS)
        given = AskSerializer(data=request.data, context={"person": request.user})
        given.is_valid(raise_exception=True)
        place = given.validated_data.get("site") or given.validated_data["department"]
        asked = own_kit.ask(by=request.user, council=place.council, **given.validated_data)
        return Response(KitCheckSerializer(asked).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=KitAnswerSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], orderings={"id": ("id", "id")}, ordering="id")
    def answers(self, request, pk: str) -> Response:
        """Who has answered what, and who has not."""
        rows = self.get_object().answers.select_related("person")
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(KitAnswerSerializer(page, many=True).data)

    @extend_schema(request=None, responses=KitCheckSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request, pk: str) -> Response:
        """Ask and remind no more."""
        return Response(KitCheckSerializer(own_kit.end(self.get_object(), by=request.user)).data)


class OwnKitView(Endpoint):
    """What the holder says of an asset."""

    http_method_names = ["post"]

    @extend_schema(
        operation_id="assets_own_kit",
        request=OwnAnswerSerializer,
        responses=KitAnswerSerializer,
        parameters=[OpenApiParameter("pk", OpenApiTypes.INT, OpenApiParameter.PATH)],
    )
    def post(self, request, pk: int) -> Response:
        """Say whether one has it. Who has not raises a request about it."""
        asset = open_door(request.user, Asset.objects.held_by(request.user), pk=pk)
        given = OwnAnswerSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        said = own_kit.answer(asset, by=request.user, **given.validated_data)
        return Response(KitAnswerSerializer(said).data)

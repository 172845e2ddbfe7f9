"""Who decides in somebody's place while they are away."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from api.organising import Writing
from api.rows import Named, Shown
from servicedesk.people.models import Person, StandIn
from servicedesk.people.standing_in import decided_for_by, end_stand_in, name_stand_in, nameable_by


class StandInSerializer(Shown):
    """`stand_in` decides what waits for the approval of `person`, from one moment to another."""

    person = Named()
    stand_in = Named()

    class Meta:
        model = StandIn
        fields = ["id", "person", "stand_in", "starts_at", "ends_at"]


class NewStandInSerializer(serializers.Serializer):
    """In whose place, by default one's own; who, by email address; and until when. It begins now if not said."""

    person: Any = serializers.PrimaryKeyRelatedField(queryset=Person.objects.none(), required=False)
    stand_in: Any = serializers.SlugRelatedField("email", queryset=Person.objects.none())
    starts_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    ends_at = serializers.DateTimeField()

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        person = self.context.get("person")
        fields["person"].queryset = decided_for_by(person)
        fields["stand_in"].queryset = nameable_by(person)
        return fields


class StandInViewSet(Writing):
    """Those for oneself, those where one decides for others, and those of the people whom one administers."""

    serializer_class = StandInSerializer
    http_method_names = ["get", "head", "post"]
    orderings = {"starts_at": ("starts_at", "id")}
    ordering = "-starts_at"

    def rows(self, person) -> QuerySet[StandIn]:
        return StandIn.objects.visible_to(person).select_related("person", "stand_in")

    @extend_schema(request=NewStandInSerializer, responses={201: StandInSerializer})
    def create(self, request) -> Response:
        """Let somebody of the same council decide in one's place, or in that of somebody whom one administers."""
        given = self.given(NewStandInSerializer)
        person = given.pop("person", self.person)
        return self.shown(name_stand_in(person, by=self.person, **given), status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=StandInSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request, pk: str) -> Response:
        """End it now: for whom it is, or who administers them."""
        row = self.get_object()
        end_stand_in(row, by=self.person)
        row.refresh_from_db()
        return self.shown(row)

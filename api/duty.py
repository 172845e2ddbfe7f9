"""Who is in a team, on duty when, and away: for who keeps the rota, an administrator or who manages the queue.

Who is on duty now is for whoever may see the team.
"""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from api.endpoints import Endpoint
from api.pages import whole
from api.role_requests import RoleAskedSerializer
from api.rows import Named, NamedSerializer
from servicedesk.people import duty
from servicedesk.people.access import open_door
from servicedesk.people.grants import end, join_team
from servicedesk.people.models import Absence, Membership, Person, RotaSlot, Team

KEY = "[0-9]{1,18}"


def below(name: str) -> OpenApiParameter:
    """The id of a row below the one that the address begins with."""
    return OpenApiParameter(name, OpenApiTypes.INT, OpenApiParameter.PATH)


class PersonGiven(serializers.Serializer):
    """Names a person whom whoever sends it may see."""

    person: Any = serializers.PrimaryKeyRelatedField(queryset=Person.objects.none())

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        if "person" in self.context:
            fields["person"].queryset = Person.objects.visible_to(self.context["person"]).active()
        return fields


class MemberSerializer(serializers.ModelSerializer):
    """A place in a team, from a moment and perhaps until one."""

    person = Named()

    class Meta:
        model = Membership
        fields = ["id", "person", "starts_at", "ends_at"]
        read_only_fields = fields


class NewMemberSerializer(PersonGiven):
    """Who joins, from now if not said."""

    starts_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    ends_at = serializers.DateTimeField(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs["starts_at"] and attrs["ends_at"] and attrs["ends_at"] < attrs["starts_at"]:
            raise serializers.ValidationError({"ends_at": "The end must not be before the beginning"})
        return attrs


class RotaSerializer(serializers.ModelSerializer):
    """When a member is on duty, each week: `weekday` is 0 on Monday, times are those of the clocks on the wall."""

    person = Named()

    class Meta:
        model = RotaSlot
        fields = ["id", "person", "weekday", "begins", "ends"]
        read_only_fields = fields


class NewRotaSerializer(PersonGiven):
    """A member, a day of the week, and from when to when."""

    weekday = serializers.IntegerField(min_value=0, max_value=6)
    begins = serializers.TimeField()
    ends = serializers.TimeField()


class AbsenceSerializer(serializers.ModelSerializer):
    """When somebody is away, both days included."""

    class Meta:
        model = Absence
        fields = ["id", "first_day", "last_day", "cancelled_at"]
        read_only_fields = ["id", "cancelled_at"]


class Below(Endpoint, GenericViewSet):
    """What hangs on a row that has an address of its own."""

    lookup_value_regex = KEY
    http_method_names = ["get", "head", "post"]
    orderings = {"id": ("id", "id")}
    ordering = "id"

    def given(self, shape: type[serializers.BaseSerializer]) -> dict[str, Any]:
        """What was sent, checked."""
        sent = shape(data=self.request.data, context={"person": self.request.user})
        sent.is_valid(raise_exception=True)
        return dict(sent.validated_data)


def told(shape: type[serializers.BaseSerializer], row: Model, code: int = status.HTTP_200_OK) -> Response:
    """One row."""
    return Response(shape(row).data, status=code)


def found(rows: Any, key: str) -> Any:
    """The row below, or 404."""
    row = rows.filter(pk=key).first()
    if row is None:
        raise Http404
    return row


class TeamDutyViewSet(Below):
    """The members and the rota of a team."""

    queryset = Team.objects.none()
    serializer_class = RotaSerializer

    @extend_schema(responses=MemberSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def members(self, request, pk: str) -> Response:
        """Who is or was in the team, the newest place first."""
        places = self._kept().memberships.select_related("person").order_by("-id")
        return whole(list(MemberSerializer(places, many=True).data))

    @extend_schema(
        operation_id="teams_join",
        request=NewMemberSerializer,
        responses={201: MemberSerializer, 202: RoleAskedSerializer},
    )
    @members.mapping.post
    def join(self, request, pk: str) -> Response:
        """Put somebody into the team. 202 where another administrator has to agree first, as for a case group."""
        team, given = self._kept(), self.given(NewMemberSerializer)
        place = join_team(given.pop("person"), team, by=request.user, **given)
        if isinstance(place, Membership):
            return told(MemberSerializer, place, status.HTTP_201_CREATED)
        return told(RoleAskedSerializer, place, status.HTTP_202_ACCEPTED)

    @extend_schema(
        operation_id="teams_leave", request=None, responses=MemberSerializer, parameters=[below("place")]
    )
    @action(detail=True, methods=["post"], url_path=f"members/(?P<place>{KEY})/end")
    def leave(self, request, pk: str, place: str) -> Response:
        """Take somebody out of the team, from the next request on."""
        held = found(self._kept().memberships, place)
        end(held, by=request.user)
        held.refresh_from_db()
        return told(MemberSerializer, held)

    @extend_schema(responses=RotaSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def rota(self, request, pk: str) -> Response:
        """Who is on duty when, week by week."""
        slots = self._kept().rota.select_related("person")
        return whole(list(RotaSerializer(slots, many=True).data))

    @extend_schema(operation_id="teams_roster", request=NewRotaSerializer, responses={201: RotaSerializer})
    @rota.mapping.post
    def roster(self, request, pk: str) -> Response:
        """Put a member on duty, each week."""
        team, given = self._kept(), self.given(NewRotaSerializer)
        slot = duty.put_on_rota(given.pop("person"), team, by=request.user, **given)
        return told(RotaSerializer, slot, status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="teams_unroster", request=None, responses={204: None}, parameters=[below("slot")]
    )
    @action(detail=True, methods=["post"], url_path=f"rota/(?P<slot>{KEY})/remove")
    def unroster(self, request, pk: str, slot: str) -> Response:
        """Take a slot out of the rota."""
        duty.take_off_rota(found(self._kept().rota, slot), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses=NamedSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], url_path="on-duty")
    def on_duty(self, request, pk: str) -> Response:
        """Which members are on duty at this moment by the rota, and not away: for whoever may see the team."""
        team = open_door(request.user, Team.objects, pk=pk)
        return whole([{"id": each.pk, "name": str(each)} for each in duty.on_duty(team)])

    def _kept(self) -> Team:
        team = open_door(self.request.user, Team.objects, pk=self.kwargs["pk"])
        if not duty.may_keep_rota(self.request.user, team):
            raise PermissionDenied("You need the right to keep the rota of this team.")
        return team


class AbsencesViewSet(Below):
    """When a person is away."""

    queryset = Person.objects.none()
    serializer_class = AbsenceSerializer

    @extend_schema(responses=AbsenceSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def absences(self, request, pk: str) -> Response:
        """When they are or were away, and what of it was cancelled."""
        return whole(list(AbsenceSerializer(self._noted().absences.all(), many=True).data))

    @extend_schema(operation_id="people_away", request=AbsenceSerializer, responses={201: AbsenceSerializer})
    @absences.mapping.post
    def away(self, request, pk: str) -> Response:
        """Write down that they are away, both days included."""
        person, given = self._noted(), self.given(AbsenceSerializer)
        noted = duty.note_absence(person, by=request.user, **given)
        return told(AbsenceSerializer, noted, status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="people_back", request=None, responses=AbsenceSerializer, parameters=[below("absence")]
    )
    @action(detail=True, methods=["post"], url_path=f"absences/(?P<absence>{KEY})/cancel")
    def back(self, request, pk: str, absence: str) -> Response:
        """Say that they are not away after all."""
        noted = found(self._noted().absences, absence)
        duty.cancel_absence(noted, by=request.user)
        return told(AbsenceSerializer, noted)

    def _noted(self) -> Person:
        person = open_door(self.request.user, Person.objects, pk=self.kwargs["pk"])
        if not duty.may_note_absence(self.request.user, person):
            raise PermissionDenied("You need the right to keep the rotas of this person's council.")
        return person

"""Who sees a ticket and why, hiding it, showing it again, and breaking the glass of a sealed one."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from api.endpoints import Endpoint
from api.pages import whole
from api.problems import NOTHING_HERE, problem
from api.rows import Named, NamedSerializer, Rows, code
from api.ticket_shapes import LONGEST_TEXT, TicketDetailSerializer
from servicedesk.people.access import require
from servicedesk.people.models import Council
from servicedesk.people.roles import Permission
from servicedesk.tickets import sealing
from servicedesk.tickets.breaking_glass import TooManyTries, break_glass, end_glass
from servicedesk.tickets.models import (
    Alert,
    BreakGlass,
    How,
    OpeningRequest,
    Sensitivity,
    Sharing,
    Sighting,
    Ticket,
)
from servicedesk.tickets.rights import may_read_notes, may_work
from servicedesk.tickets.sight import everyone_who_sees, open_ticket


class SensitivitySerializer(serializers.Serializer):
    """What is private about a ticket."""

    sensitivity = serializers.ChoiceField(Sensitivity.choices)


class SeersSerializer(serializers.Serializer):
    """A reason to see the ticket, and for how many people it holds; by name to whoever reads the ticket's notes."""

    because = serializers.CharField()
    number = serializers.IntegerField()
    people = NamedSerializer(many=True, allow_null=True)


class SightingSerializer(serializers.ModelSerializer):
    """Somebody read the ticket; of one person and way of reading there is one an hour."""

    person = Named()

    class Meta:
        model = Sighting
        fields = ["id", "person", "how", "at"]
        read_only_fields = ["how", "at"]


class OpeningSerializer(serializers.ModelSerializer):
    """That a private ticket be shown to more people: asked by one of its case group, decided by another."""

    asked_by = Named()
    decided_by = Named()
    reason = serializers.CharField(max_length=LONGEST_TEXT)

    class Meta:
        model = OpeningRequest
        fields = [
            "id",
            "sharing",
            "sensitivity",
            "reason",
            "asked_by",
            "asked_at",
            "decided_by",
            "decided_at",
            "agreed",
        ]
        read_only_fields = ["asked_at", "decided_at", "agreed"]


class DecisionSerializer(serializers.Serializer):
    """Whether a ticket may be shown to more people."""

    agreed = serializers.BooleanField()


class AlertSerializer(serializers.ModelSerializer):
    """Another council was warned of a security incident, and told nothing of it."""

    council = code(queryset=Council.objects.none())
    by = Named()

    class Meta:
        model = Alert
        fields = ["id", "council", "by", "at"]
        read_only_fields = ["at"]

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        if "person" in self.context:
            fields["council"].queryset = Council.objects.visible_to(self.context["person"])
        return fields


class GlassSerializer(serializers.ModelSerializer):
    """Somebody opened a private ticket in an emergency, to read it until `ends_at`."""

    reference = serializers.CharField(source="ticket.reference", max_length=40)
    person = Named()
    reason = serializers.CharField(max_length=LONGEST_TEXT)

    class Meta:
        model = BreakGlass
        fields = ["id", "reference", "person", "reason", "starts_at", "ends_at"]
        read_only_fields = ["starts_at", "ends_at"]


class SealingViewSet(Endpoint, GenericViewSet):
    """Who sees a ticket, and what may be done about that."""

    lookup_field = "reference"
    lookup_url_kwarg = "ref"
    lookup_value_regex = "[A-Z]{3}-[0-9]{4}-[0-9]{1,12}"
    http_method_names = ["get", "head", "post"]
    queryset = Ticket.objects.none()
    serializer_class = SeersSerializer
    orderings = {"at": ("at", "id")}
    ordering = "-at"

    @extend_schema(request=SensitivitySerializer, responses={200: TicketDetailSerializer, 204: None})
    @action(detail=True, methods=["post"])
    def private(self, request, ref: str) -> Response:
        """Make a ticket private, at once. 204 says that it is out of the person's sight now."""
        ticket = self.get_object()
        ticket = sealing.raise_sensitivity(ticket, by=request.user, **self.given(SensitivitySerializer))
        if Ticket.objects.visible_to(request.user).filter(pk=ticket.pk).exists():
            return Response(TicketDetailSerializer(ticket, context={"person": request.user}).data)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses=SeersSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], url_path="who-can-see")
    def who_can_see(self, request, ref: str) -> Response:
        """Who sees a ticket at this moment, and why. Somebody with several reasons stands under each."""
        ticket = self.get_object()
        named = may_read_notes(request.user, ticket)
        return whole(
            [
                {
                    "because": group.sentence,
                    "number": len(group.people),
                    "people": [{"id": each.pk, "name": str(each)} for each in group.people]
                    if named
                    else None,
                }
                for group in everyone_who_sees(ticket)
            ]
        )

    @extend_schema(responses=SightingSerializer(many=True), filters=True)
    @action(detail=True, methods=["get"])
    def readers(self, request, ref: str) -> Response:
        """Who has read a private ticket, for its case group."""
        ticket = self._of_case_group()
        page = self.paginate_queryset(ticket.sightings.select_related("person"))
        return self.get_paginated_response(SightingSerializer(page, many=True).data)

    @extend_schema(responses=OpeningSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def openings(self, request, ref: str) -> Response:
        """What was asked and decided of showing a private ticket to more people, the newest first."""
        asked = self._of_case_group().opening_requests.select_related("asked_by", "decided_by")
        return whole(list(OpeningSerializer(asked, many=True).data))

    @extend_schema(
        operation_id="tickets_ask_to_open", request=OpeningSerializer, responses={201: OpeningSerializer}
    )
    @openings.mapping.post
    def ask_to_open(self, request, ref: str) -> Response:
        """Ask that a private ticket be shown to more people. A second person of its case group decides."""
        asked = sealing.ask_to_open(self._of_case_group(), by=request.user, **self.given(OpeningSerializer))
        return Response(OpeningSerializer(asked).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="tickets_decide_opening",
        request=DecisionSerializer,
        responses=OpeningSerializer,
        parameters=[OpenApiParameter("pk", OpenApiTypes.INT, OpenApiParameter.PATH)],
    )
    @action(detail=True, methods=["post"], url_path="openings/(?P<pk>[0-9]{1,18})/decide")
    def decide(self, request, ref: str, pk: str) -> Response:
        """Agree or refuse, never what one asked for oneself."""
        asked = self._of_case_group().opening_requests.filter(pk=pk).first()
        if asked is None:
            raise Http404
        decided = sealing.decide_opening(asked, by=request.user, **self.given(DecisionSerializer))
        return Response(OpeningSerializer(decided).data)

    @extend_schema(responses=AlertSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def alerts(self, request, ref: str) -> Response:
        """Which other councils were warned of a security incident."""
        warned = self._of_case_group().alerts.select_related("council", "by")
        return whole(list(AlertSerializer(warned, many=True).data))

    @extend_schema(operation_id="tickets_alert", request=AlertSerializer, responses={201: AlertSerializer})
    @alerts.mapping.post
    def alert(self, request, ref: str) -> Response:
        """Warn another council of a security incident, without telling it anything of it."""
        made = sealing.alert_council(self.get_object(), by=request.user, **self.given(AlertSerializer))
        return Response(AlertSerializer(made).data, status=status.HTTP_201_CREATED)

    def get_object(self) -> Ticket:
        return open_ticket(self.request.user, self.kwargs["ref"], How.API)

    def _of_case_group(self) -> Ticket:
        ticket = self.get_object()
        if ticket.sharing != Sharing.RESTRICTED or not may_work(self.request.user, ticket):
            raise PermissionDenied("This is for the case group of a private request.")
        return ticket


class GlassViewSet(Rows):
    """Private tickets that were opened in an emergency: one's own, one's case group's, and the officer's all."""

    serializer_class = GlassSerializer
    orderings = {"starts_at": ("starts_at", "id")}
    ordering = "-starts_at"

    def rows(self, person) -> QuerySet[BreakGlass]:
        return BreakGlass.objects.visible_to(person).select_related("person", "ticket")

    @extend_schema(request=GlassSerializer, responses={201: GlassSerializer})
    def create(self, request) -> Response:
        """Open a private ticket for four hours, to read it, for a reason that its case group and the officer are told.

        404 where there is none to open, which they are told of too; 429 after five tries within the hour.
        """
        require(request.user, Permission.BREAK_GLASS)
        given = GlassSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        reference = given.validated_data["ticket"]["reference"]
        try:
            glass = break_glass(by=request.user, reference=reference, reason=given.validated_data["reason"])
        except TooManyTries as refused:
            return problem(status.HTTP_429_TOO_MANY_REQUESTS, str(refused))
        if glass is None:
            return problem(status.HTTP_404_NOT_FOUND, NOTHING_HERE)
        return Response(GlassSerializer(glass).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=GlassSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request, pk: str) -> Response:
        """End it before its four hours are over."""
        return Response(GlassSerializer(end_glass(self.get_object(), by=request.user)).data)

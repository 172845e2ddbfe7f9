"""Tickets: list, raise, read, move, answer, and why each deadline is what it is."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet
from servicedesk.tickets.filters import TicketFilter

from servicedesk.catalogue.models import Service
from servicedesk.people.access import may, open_door
from servicedesk.people.models import Person, Team
from servicedesk.people.roles import Permission
from servicedesk.service_levels.explanation import explain
from servicedesk.service_levels.promises import hours_of
from servicedesk.tickets import workflow
from servicedesk.tickets.clocks import pauses_of
from servicedesk.tickets.conversation import readable_by
from servicedesk.tickets.models import Comment, Priority, ResolutionCode, Sensitivity, Ticket, TicketType
from servicedesk.tickets.priorities import priority_of
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.rights import moves_open_to
from servicedesk.tickets.states import MOVES

LONGEST_TEXT = 20_000


class TicketSerializer(serializers.ModelSerializer):
    """A ticket as whoever may see it sees it. What moves it is `moves/`; nothing here is written to."""

    council = serializers.SlugRelatedField(slug_field="code", read_only=True)
    requester = serializers.StringRelatedField()
    affected_person = serializers.StringRelatedField()
    service = serializers.StringRelatedField()
    site = serializers.StringRelatedField()
    team = serializers.StringRelatedField()
    assignee = serializers.StringRelatedField()

    class Meta:
        model = Ticket
        fields = [
            "reference",
            "type",
            "council",
            "sharing",
            "requester",
            "affected_person",
            "channel",
            "title",
            "description",
            "service",
            "category",
            "subcategory",
            "site",
            "impact",
            "urgency",
            "priority",
            "state",
            "team",
            "assignee",
            "booked_for",
            "reported_at",
            "logged_at",
            "first_response_at",
            "response_due_at",
            "due_at",
            "breached_at",
            "resolved_at",
            "closed_at",
            "reopen_count",
            "resolution_code",
            "resolution_note",
            "version",
        ]


class TicketDetailSerializer(TicketSerializer):
    """A ticket, with the moves that the person could make."""

    moves = serializers.SerializerMethodField()

    class Meta(TicketSerializer.Meta):
        fields = [*TicketSerializer.Meta.fields, "moves"]

    def get_moves(self, ticket: Ticket) -> list[str]:
        return moves_open_to(self.context["request"].user, ticket)


class NewTicketSerializer(serializers.Serializer):
    """What is wrong or needed. The priority follows from impact and urgency; staff cannot say that all is lost."""

    type = serializers.ChoiceField(TicketType.choices)
    title = serializers.CharField(max_length=200)
    description = serializers.CharField(max_length=LONGEST_TEXT, required=False, default="", allow_blank=True)
    service = serializers.PrimaryKeyRelatedField(
        queryset=Service.objects.none(), required=False, default=None
    )
    impact = serializers.ChoiceField([1, 2, 3], default=3)
    urgency = serializers.ChoiceField([1, 2, 3], default=3)
    sensitivity = serializers.ChoiceField(Sensitivity.choices, default=Sensitivity.NORMAL)
    requester = serializers.PrimaryKeyRelatedField(queryset=Person.objects.none(), required=False)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        person = getattr(self.context.get("request"), "user", None)
        if person is not None:
            fields["service"].queryset = Service.objects.on_offer().visible_to(person)
            fields["requester"].queryset = Person.objects.active().visible_to(person)
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        critical = priority_of(attrs["impact"], attrs["urgency"]) == Priority.P1
        if critical and not may(self.context["request"].user, Permission.WORK_TICKETS):
            raise ValidationError(
                {"impact": "Only an engineer can say this. If many people cannot work, call us."}
            )
        return attrs


class MoveSerializer(serializers.Serializer):
    """What a move needs or takes; the schema of each move is in the list of moves. `version` guards against others."""

    version = serializers.IntegerField(required=False, min_value=1)
    team = serializers.PrimaryKeyRelatedField(queryset=Team.objects.none(), required=False)
    assignee = serializers.PrimaryKeyRelatedField(queryset=Person.objects.none(), required=False)
    supplier_team = serializers.PrimaryKeyRelatedField(queryset=Team.objects.none(), required=False)
    booked_for = serializers.DateTimeField(required=False)
    booked_by_customer = serializers.BooleanField(required=False)
    resolution_code = serializers.ChoiceField(ResolutionCode.choices, required=False)
    resolution_note = serializers.CharField(max_length=LONGEST_TEXT, required=False)
    containment = serializers.CharField(max_length=LONGEST_TEXT, required=False)
    recovery = serializers.CharField(max_length=LONGEST_TEXT, required=False)
    lessons = serializers.CharField(max_length=LONGEST_TEXT, required=False)
    note = serializers.CharField(max_length=LONGEST_TEXT, required=False)
    question = serializers.CharField(max_length=LONGEST_TEXT, required=False)
    message = serializers.CharField(max_length=LONGEST_TEXT, required=False)
    supplier_note = serializers.CharField(max_length=LONGEST_TEXT, required=False)
    reason = serializers.CharField(max_length=LONGEST_TEXT, required=False)
    duplicate_of = serializers.SlugRelatedField("reference", queryset=Ticket.objects.none(), required=False)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        person = getattr(self.context.get("request"), "user", None)
        if person is not None:
            fields["team"].queryset = fields["supplier_team"].queryset = Team.objects.visible_to(person)
            fields["assignee"].queryset = Person.objects.visible_to(person)
            fields["duplicate_of"].queryset = Ticket.objects.visible_to(person)
        return fields


class CommentSerializer(serializers.ModelSerializer):
    """Something said on a ticket. `visibility` says who reads it."""

    author = serializers.StringRelatedField()
    body = serializers.CharField(max_length=LONGEST_TEXT)

    class Meta:
        model = Comment
        fields = ["id", "author", "visibility", "body", "at"]
        read_only_fields = ["at"]


class DeadlineSerializer(serializers.Serializer):
    """A promise on a ticket, and the working time that its deadline counts."""

    metric = serializers.CharField()
    state = serializers.CharField()
    calendar = serializers.CharField()
    started_at = serializers.DateTimeField()
    target_seconds = serializers.IntegerField()
    due_at = serializers.DateTimeField(allow_null=True)
    breached_at = serializers.DateTimeField(allow_null=True)
    breach_kind = serializers.CharField()
    stopped_at = serializers.DateTimeField(allow_null=True)
    elapsed_seconds = serializers.IntegerField()
    paused_seconds = serializers.IntegerField()
    slots = serializers.ListField(child=serializers.ListField(child=serializers.DateTimeField()))


class TicketViewSet(ReadOnlyModelViewSet):
    """Tickets that the person may see."""

    queryset = Ticket.objects.select_related(
        "council", "requester", "affected_person", "service", "site", "team", "assignee"
    )
    serializer_class = TicketSerializer
    filterset_class = TicketFilter
    lookup_field = "reference"
    lookup_url_kwarg = "ref"
    lookup_value_regex = "[A-Z]+-[0-9]+-[0-9]+"
    orderings = {"due": ("sort_due", "id"), "reported": ("reported_at", "id")}

    def get_queryset(self):
        return super().get_queryset().visible_to(self.request.user)

    def get_object(self) -> Ticket:
        return open_door(self.request.user, self.queryset.all(), reference=self.kwargs["ref"])

    @extend_schema(responses=TicketDetailSerializer)
    def retrieve(self, request, *args, **kwargs) -> Response:
        return Response(self._detail(self.get_object()))

    @extend_schema(request=NewTicketSerializer, responses={201: TicketDetailSerializer})
    def create(self, request) -> Response:
        """Raise a ticket, for oneself or, working the desk, for a colleague."""
        new = NewTicketSerializer(data=request.data, context={"request": request})
        new.is_valid(raise_exception=True)
        requester = new.validated_data.pop("requester", request.user)
        ticket = raise_ticket(by=request.user, requester=requester, **new.validated_data)
        return Response(self._detail(ticket), status=status.HTTP_201_CREATED)

    @extend_schema(request=MoveSerializer, responses=TicketDetailSerializer, filters=False)
    @action(detail=True, methods=["post"], url_path=f"moves/(?P<move>{'|'.join(MOVES)})")
    def moves(self, request, ref: str, move: str) -> Response:
        """Make a named move. 409 when the ticket does not stand where the move begins, or was changed meanwhile."""
        ticket = self.get_object()
        given = MoveSerializer(data=request.data, context={"request": request})
        given.is_valid(raise_exception=True)
        return Response(self._detail(workflow.move(ticket, move, by=request.user, **given.validated_data)))

    @extend_schema(responses=CommentSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def comments(self, request, ref: str) -> Response:
        """What was said, as far as the person may read it."""
        said = readable_by(request.user, self.get_object()).select_related("author")
        return Response(CommentSerializer(said, many=True).data)

    @extend_schema(request=CommentSerializer, responses={201: CommentSerializer})
    @comments.mapping.post
    def comment(self, request, ref: str) -> Response:
        """Reply, or leave a note."""
        ticket = self.get_object()
        new = CommentSerializer(data=request.data)
        new.is_valid(raise_exception=True)
        said = say(ticket, by=request.user, **new.validated_data)
        return Response(CommentSerializer(said).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=DeadlineSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def deadlines(self, request, ref: str) -> Response:
        """Each promise on the ticket, and why it is due when it is."""
        clocks = self.get_object().clocks.select_related("calendar").order_by("id")
        return Response([_deadline(clock) for clock in clocks])

    def _detail(self, ticket: Ticket) -> dict:
        return TicketDetailSerializer(ticket, context={"request": self.request}).data


def _deadline(clock) -> dict:
    explanation = explain(hours_of(clock.calendar), clock.started_at, clock.target_seconds, pauses_of(clock))
    shown = {
        name: getattr(clock, name)
        for name in DeadlineSerializer().fields
        if name not in ("calendar", "slots")
    }
    return DeadlineSerializer({**shown, "calendar": clock.calendar.code, "slots": explanation.slots}).data

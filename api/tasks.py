"""Tasks: those of a ticket, and those that wait for a person and their teams."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from api.endpoints import Endpoint
from api.links import worked_on
from api.pages import whole
from api.problems import overtaken
from api.rows import Named, Rows
from api.ticket_shapes import LONGEST_TEXT, Narrowed, one_of, text
from servicedesk.people.models import Person, Team
from servicedesk.tickets import tasking
from servicedesk.tickets.models import How, Task, Ticket
from servicedesk.tickets.sight import open_ticket, write_down
from servicedesk.tickets.states import StaleTicket

SHOWN = ("team", "assignee", "ticket__council", "ticket__case_group")


class TaskSerializer(serializers.ModelSerializer):
    """A piece of the work on a ticket. It waits while those that it comes `after`, by id, have not ended.

    `due_at` is set for a call-back alone, which is done although the ticket has ended.
    """

    ticket: Any = serializers.SlugRelatedField("reference", read_only=True)
    team = Named()
    assignee = Named()
    after: Any = serializers.PrimaryKeyRelatedField(many=True, read_only=True)
    moves = serializers.SerializerMethodField()

    class Meta:
        model = Task
        fields = [
            "id",
            "ticket",
            "position",
            "title",
            "detail",
            "team",
            "assignee",
            "state",
            "after",
            "outcome",
            "created_at",
            "due_at",
            "ended_at",
            "version",
            "moves",
        ]
        read_only_fields = fields

    def get_moves(self, task: Task) -> list[str]:
        return tasking.moves_of(self.context["person"], task)


class TaskChangeSerializer(Narrowed):
    """A correction of a task, as it was read at `version`."""

    version = serializers.IntegerField(min_value=1)
    title = serializers.CharField(max_length=200, required=False)
    detail = text(allow_blank=True)
    team = one_of(Team)
    assignee = one_of(Person, allow_null=True)
    after: Any = serializers.PrimaryKeyRelatedField(queryset=Task.objects.none(), many=True, required=False)

    offered = {
        "team": lambda person: Team.objects.visible_to(person),
        "assignee": lambda person: Person.objects.visible_to(person).active(),
    }

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        if "person" in self.context:
            fields["after"].child_relation.queryset = Task.objects.visible_to(self.context["person"])
        return fields


class NewTaskSerializer(TaskChangeSerializer):
    """What is to be done, and by which team; `after` which others of the ticket, by id."""

    version = None  # type: ignore[assignment]  # nothing was read before
    title = serializers.CharField(max_length=200)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        fields["team"].required = True
        return fields


class TaskMoveSerializer(serializers.Serializer):
    """How it ended, in words, and the `version` at which it was read."""

    version = serializers.IntegerField(required=False, min_value=1)
    outcome = serializers.CharField(max_length=LONGEST_TEXT, required=False, allow_blank=True)


class OrderSerializer(serializers.Serializer):
    """Up or down by one."""

    to = serializers.ChoiceField(["up", "down"])


class TaskViewSet(Rows):
    """What waits for the person, and for their teams where nobody has it; any that they see, by its id."""

    serializer_class = TaskSerializer
    orderings = {"created_at": ("created_at", "id")}
    ordering = "created_at"

    def rows(self, person) -> QuerySet[Task]:
        seen = Task.objects.visible_to(person).select_related(*SHOWN).prefetch_related("after")
        return seen.open().given_to(person) if self.action == "list" else seen

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "person": self.request.user}

    def opened(self) -> Task:
        """The one task, or 404; that it tells of a sealed ticket is written down."""
        task = super().opened()
        write_down(self.request.user, task.ticket, How.API)
        return task

    @extend_schema(request=TaskChangeSerializer, responses=TaskSerializer)
    def partial_update(self, request, pk: str) -> Response:
        """Correct a task, as read at `version`. 409 where it has ended.

        What others changed since is kept, where it is not the same: what both changed is refused with 409, with the
        other value of each in `errors`, and in `current` how the task stands now. Another `team` alone leaves the task
        to nobody where its assignee cannot do it for that team.
        """
        task = self.get_object()
        given = self.given(TaskChangeSerializer)
        try:
            return self._told(tasking.change_task(task, by=request.user, **given))
        except StaleTicket as stale:
            return overtaken(stale, self._told(self.opened()).data)

    @extend_schema(
        operation_id="tasks_move",
        request=TaskMoveSerializer,
        responses=TaskSerializer,
        parameters=[OpenApiParameter("move", str, OpenApiParameter.PATH, enum=list(tasking.TASK_MOVES))],
    )
    @action(detail=True, methods=["post"], url_path=f"moves/(?P<move>{'|'.join(tasking.TASK_MOVES)})")
    def moves(self, request, pk: str, move: str) -> Response:
        """Take a task, end it with its `outcome`, or open it again. 409 where it does not stand there."""
        task = self.get_object()
        given = self.given(TaskMoveSerializer)
        return self._told(tasking.move_task(task, move, by=request.user, **given))

    @extend_schema(operation_id="tasks_order", request=OrderSerializer, responses=TaskSerializer)
    @action(detail=True, methods=["post"])
    def order(self, request, pk: str) -> Response:
        """Exchange a task with the one before it, or after it."""
        task = self.get_object()
        tasking.shift_task(task, by=request.user, up=self.given(OrderSerializer)["to"] == "up")
        return self._told(task)

    def _told(self, task: Task) -> Response:
        seen = Task.objects.visible_to(self.request.user).select_related(*SHOWN)
        fresh = seen.get(pk=task.pk)
        return Response(TaskSerializer(fresh, context={"person": self.request.user}).data)


class TicketTasksViewSet(Endpoint, GenericViewSet):
    """The tasks of one ticket."""

    lookup_field = "reference"
    lookup_url_kwarg = "ref"
    lookup_value_regex = "[A-Z]{3}-[0-9]{4}-[0-9]{1,12}"
    http_method_names = ["get", "head", "post"]
    queryset = Ticket.objects.none()
    serializer_class = TaskSerializer
    orderings = {"position": ("position", "id")}
    ordering = "position"

    @extend_schema(responses=TaskSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def tasks(self, request, ref: str) -> Response:
        """What is to be done, in its order, as far as the person may see it."""
        ticket = open_ticket(request.user, ref, How.API)
        seen = Task.objects.visible_to(request.user).filter(ticket=ticket)
        shown = seen.select_related(*SHOWN).prefetch_related("after").order_by("position")
        return whole(list(TaskSerializer(shown, many=True, context={"person": request.user}).data))

    @extend_schema(
        operation_id="tickets_add_task", request=NewTaskSerializer, responses={201: TaskSerializer}
    )
    @tasks.mapping.post
    def add(self, request, ref: str) -> Response:
        """Add a task, the last in order."""
        task = tasking.add_task(worked_on(self), by=request.user, **self.given(NewTaskSerializer))
        told = TaskSerializer(task, context={"person": request.user}).data
        return Response(told, status=status.HTTP_201_CREATED)

"""Tickets: list, raise, read, correct, take, move, answer, what happened, and why each deadline is what it is."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.response import Response

from api.pages import whole
from api.problems import problem
from api.rows import Rows
from api.ticket_conversation import TicketConversation
from api.ticket_past import TicketPast
from api.ticket_promises import TicketPromises
from api.ticket_shapes import (
    AgainSerializer,
    ChangeSerializer,
    MoveSerializer,
    NewTicketSerializer,
    TicketDetailSerializer,
    TicketSerializer,
)
from servicedesk.history.merging import in_words
from servicedesk.tickets.asking_again import ask_again
from servicedesk.tickets.cascading import CASCADES, move_all
from servicedesk.tickets.editing import Clash, save
from servicedesk.tickets.filters import TicketFilter
from servicedesk.tickets.models import How, Ticket
from servicedesk.tickets.prioritising import SENT_AS
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.rights import may_read_notes
from servicedesk.tickets.sight import open_ticket, write_down, write_down_titles
from servicedesk.tickets.similar import similar_to
from servicedesk.tickets.states import MOVES, StaleTicket
from servicedesk.tickets.taking import take_next

POINTS_AT = (
    "council",
    "requester",
    "affected_person",
    "service",
    "site",
    "team",
    "assignee",
    "supplier_team",
)
NAMES = (
    "council__code",
    "requester__display_name",
    "affected_person__display_name",
    "service__name",
    "site__name",
    "team__name",
    "assignee__display_name",
    "supplier_team__name",
)
LISTED = ("id", "sort_due", "case_group", *TicketSerializer.Meta.fields, *NAMES)


def listed(person) -> QuerySet[Ticket]:
    """The tickets that the person may see, with what a list shows of them and no more."""
    return Ticket.objects.visible_to(person).select_related(*POINTS_AT).only(*LISTED)


def _described() -> str:
    """The table of moves, for the documentation."""
    lines = [
        "Make a named move. 409 when the ticket does not stand where it begins, or was changed meanwhile; "
        "204 when the move took the ticket out of the person's sight.",
        "",
    ]
    for name, move in MOVES.items():
        given = [*(f"`{each}`" for each in move.needs), *(f"`{each}` if wanted" for each in move.takes)]
        who = " or ".join(who.value for who in move.who)
        lines.append(f"- `{name}`: {move.words}, by {who}. Give {', '.join(given) or 'nothing'}.")
    lines += [
        "",
        f"With `children` true, {' and '.join(CASCADES)} take every open child along, or change nothing.",
    ]
    return "\n".join(lines)


class TicketViewSet(TicketConversation, TicketPast, TicketPromises, Rows):
    """Tickets that the person may see."""

    serializer_class = TicketSerializer
    filterset_class = TicketFilter
    lookup_field = "reference"
    lookup_url_kwarg = "ref"
    lookup_value_regex = "[A-Z]{3}-[0-9]{4}-[0-9]{1,12}"
    orderings = {"due": ("sort_due", "id"), "reported": ("reported_at", "id")}
    ordering = "due"

    def rows(self, person) -> QuerySet[Ticket]:
        if self.action == "list":
            return listed(person)
        return Ticket.objects.visible_to(person).select_related(*POINTS_AT, "approver")

    def paginate_queryset(self, queryset: Any) -> list[Any] | None:
        """A page of the list; that titles of sealed ones were read is written down."""
        page = super().paginate_queryset(queryset)
        if self.action == "list":
            write_down_titles(self.request.user, page or (), How.LIST)
        return page

    def opened(self) -> Ticket:
        """The one ticket, or 404; that a sealed one was read is written down."""
        return open_ticket(self.request.user, self.kwargs["ref"], How.API, self.get_queryset())

    @extend_schema(responses=TicketDetailSerializer)
    def retrieve(self, request, *args, **kwargs) -> Response:
        """One ticket, with the moves that the person could make."""
        return self._detail(self.get_object())

    @extend_schema(request=NewTicketSerializer, responses={201: TicketDetailSerializer, 204: None})
    def create(self, request) -> Response:
        """Raise a ticket, for oneself or, working the desk, for a colleague. 204 where it is nobody else's to see."""
        new = self._given(NewTicketSerializer)
        requester = new.pop("requester", request.user)
        ticket = raise_ticket(by=request.user, requester=requester, **new)
        return self._after(ticket, status.HTTP_201_CREATED)

    @extend_schema(request=ChangeSerializer, responses={200: TicketDetailSerializer, 204: None})
    def partial_update(self, request, ref: str) -> Response:
        """Correct what a ticket says, as read at `version`. States change by moves alone.

        What others changed since is kept, where it is not the same: what both changed is refused with 409, with the
        other value of each in `errors`, and in `current` how the ticket stands now. 204 says that it is done, and has
        taken the ticket out of the person's sight.
        """
        ticket = self.get_object()
        fields = self._given(ChangeSerializer, ticket)
        try:
            return self._after(save(ticket, by=request.user, **fields).ticket)
        except StaleTicket as stale:
            return self._overtaken(stale)

    @extend_schema(request=AgainSerializer, responses={201: TicketDetailSerializer})
    @action(detail=True, methods=["post"], url_path="ask-again")
    def ask_again(self, request, ref: str) -> Response:
        """Go on from a ticket that has ended, for whoever asked for it. The answer is a new one, linked to it."""
        asked = ask_again(self.get_object(), by=request.user, **self._given(AgainSerializer))
        return self._detail(asked, status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="tickets_take_next", request=None, responses={200: TicketDetailSerializer, 204: None}
    )
    @action(detail=False, methods=["post"], url_path="take-next")
    def take_next(self, request) -> Response:
        """Take what is due first of all that waits for one's teams. 204 where nothing waits."""
        taken = take_next(by=request.user)
        if taken is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        write_down(request.user, taken, How.API)
        return self._detail(taken)

    @extend_schema(
        operation_id="tickets_move",
        description=_described(),
        request=MoveSerializer,
        responses={200: TicketDetailSerializer, 204: None},
        parameters=[OpenApiParameter("move", str, OpenApiParameter.PATH, enum=list(MOVES))],
    )
    @action(detail=True, methods=["post"], url_path=f"moves/(?P<move>{'|'.join(MOVES)})")
    def moves(self, request, ref: str, move: str) -> Response:
        ticket = self.get_object()
        given = self._given(MoveSerializer)
        return self._after(move_all(ticket, move, by=request.user, **given))

    @extend_schema(responses=TicketSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def similar(self, request, ref: str) -> Response:
        """What says much the same, most alike first, for whoever reads the notes of the ticket."""
        ticket = self.get_object()
        found = similar_to(request.user, ticket) if may_read_notes(request.user, ticket) else []
        keys = [each.pk for each in found]
        rows = sorted(listed(request.user).filter(pk__in=keys), key=lambda each: keys.index(each.pk))
        write_down_titles(request.user, rows, How.LIST)
        return whole([TicketSerializer(each, context=self.get_serializer_context()).data for each in rows])

    def _given(self, shape: type, ticket: Ticket | None = None) -> dict[str, Any]:
        context = {"person": self.request.user, "ticket": ticket}
        given = shape(data=self.request.data, context=context)
        given.is_valid(raise_exception=True)
        return given.validated_data

    def _overtaken(self, stale: StaleTicket) -> Response:
        """How the ticket stands now, and the other value of what both changed."""
        current, errors = self._detail(self.opened()).data, {}
        if isinstance(stale, Clash):
            errors = {
                SENT_AS.get(each.name, each.name): [each.said(in_words(each.present))]
                for each in stale.differences
            }
        return problem(status.HTTP_409_CONFLICT, str(stale), errors=errors, current=current)

    def _after(self, ticket: Ticket, code: int = status.HTTP_200_OK) -> Response:
        """The ticket as a deed left it, or 204 where the deed took it out of the person's sight."""
        if Ticket.objects.visible_to(self.request.user).filter(pk=ticket.pk).exists():
            return self._detail(ticket, code)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _detail(self, ticket: Ticket, code: int = status.HTTP_200_OK) -> Response:
        shown = TicketDetailSerializer(ticket, context={"person": self.request.user})
        return Response(shown.data, status=code)

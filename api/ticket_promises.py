"""What was promised on a ticket: why each deadline is what it is, who held it, why it was late, and its priority."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from api.pages import whole
from api.ticket_shapes import SEEN, DeadlineSerializer, TicketDetailSerializer, deadline
from servicedesk.service_levels.promises import Hours
from servicedesk.tickets.breaches import broken_promise, explain_breach, propose_breach_reason
from servicedesk.tickets.deadlines import clocks_shown, supplier_is_later
from servicedesk.tickets.holding import who_held
from servicedesk.tickets.models import BreachReason, Priority, Ticket, TicketState, Uplift
from servicedesk.tickets.prioritising import (
    LONGEST_REASON,
    may_decide,
    override_priority,
    propose_priority,
    set_uplift,
)
from servicedesk.tickets.rights import may_read_notes
from servicedesk.tickets.states import StaleTicket

OF_A_PROPOSAL = f"Of what is only proposed, in a note. {SEEN}"


class HeldSerializer(serializers.Serializer):
    """Working seconds that a team had a ticket in a state; `promised` is what it agreed with the other teams."""

    team = serializers.IntegerField(source="team_id", allow_null=True)
    name = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(TicketState.choices)
    seconds = serializers.IntegerField()
    promised = serializers.IntegerField(allow_null=True)


class PrioritySerializer(serializers.Serializer):
    """A priority by hand: "" goes back to the matrix."""

    priority = serializers.ChoiceField(Priority.choices, allow_blank=True)
    reason = serializers.CharField(max_length=LONGEST_REASON)
    version = serializers.IntegerField(required=False, min_value=1)
    seen = serializers.IntegerField(required=False, min_value=0, help_text=OF_A_PROPOSAL)


class UpliftSerializer(serializers.Serializer):
    """What raises the priority by a step: "" for nothing."""

    uplift = serializers.ChoiceField(Uplift.choices, allow_blank=True)
    version = serializers.IntegerField(required=False, min_value=1)


class BreachSerializer(serializers.Serializer):
    """Why the promise was broken."""

    reason = serializers.ChoiceField(BreachReason.choices)
    note = serializers.CharField(max_length=20_000, required=False, default="", allow_blank=True)
    version = serializers.IntegerField(required=False, min_value=1)
    seen = serializers.IntegerField(required=False, min_value=0, help_text=OF_A_PROPOSAL)


class TicketPromises:
    """The part of the noun `tickets` that is about promises."""

    get_object: Callable[[], Ticket]
    _given: Callable[[type[serializers.Serializer]], dict[str, Any]]
    _detail: Callable[[Ticket], Response]
    _overtaken: Callable[[StaleTicket], Response]

    @extend_schema(responses=DeadlineSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def deadlines(self, request, ref: str) -> Response:
        """Each promise on the ticket, the reply before the fix, and why it is due when it is."""
        clocks, now, hours = clocks_shown(self.get_object()), timezone.now(), Hours()
        return whole(
            [deadline(one, request.user, now, hours, supplier_is_later(one, clocks)) for one in clocks]
        )

    @extend_schema(responses=HeldSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def holding(self, request, ref: str) -> Response:
        """Who held the ticket: working time by team and state, for whoever reads its history."""
        ticket = self.get_object()
        held = who_held(ticket, timezone.now()) if may_read_notes(request.user, ticket) else []
        return whole([HeldSerializer(one).data for one in held])

    @extend_schema(request=PrioritySerializer, responses=TicketDetailSerializer)
    @action(detail=True, methods=["post"])
    def priority(self, request, ref: str) -> Response:
        """Set the priority by hand, with a reason; from who may not, it is a proposal in an internal note.

        What others changed since `version` is kept, as it is where a ticket is corrected.
        """
        ticket, given = self.get_object(), self._given(PrioritySerializer)
        seen = given.pop("seen", None)
        if may_decide(request.user, ticket):
            return self._edited(lambda: override_priority(ticket, by=request.user, **given))
        given.pop("version", None)
        propose_priority(ticket, by=request.user, seen=seen, **given)
        return self._detail(self.get_object())

    @extend_schema(request=UpliftSerializer, responses=TicketDetailSerializer)
    @action(detail=True, methods=["post"])
    def uplift(self, request, ref: str) -> Response:
        """Say what raises the priority by a step."""
        ticket, given = self.get_object(), self._given(UpliftSerializer)
        return self._edited(lambda: set_uplift(ticket, by=request.user, **given))

    def _edited(self, edit: Callable[[], Ticket]) -> Response:
        try:
            return self._detail(edit())
        except StaleTicket as stale:
            return self._overtaken(stale)

    @extend_schema(
        request=BreachSerializer,
        responses=TicketDetailSerializer,
        parameters=[OpenApiParameter("clock", int, OpenApiParameter.PATH)],
    )
    @action(detail=True, methods=["post"], url_path="breaches/(?P<clock>[0-9]{1,18})")
    def breaches(self, request, ref: str, clock: str) -> Response:
        """Say why a promise was broken; from who may not, it is a proposal in an internal note."""
        ticket = self.get_object()
        broken = broken_promise(ticket, int(clock))
        given = self._given(BreachSerializer)
        seen = given.pop("seen", None)
        if may_decide(request.user, ticket):
            explain_breach(broken, by=request.user, **given)
        else:
            given.pop("version", None)
            propose_breach_reason(broken, by=request.user, seen=seen, **given)
        return self._detail(self.get_object())

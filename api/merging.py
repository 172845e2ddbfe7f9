"""Merging a ticket into another: what would come of it, doing it, and taking it back."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from api.endpoints import Endpoint
from api.links import another, worked_on
from api.rows import NamedSerializer
from api.ticket_shapes import Narrowed, TicketDetailSerializer
from servicedesk.tickets import merging
from servicedesk.tickets.joined import root_of
from servicedesk.tickets.merging_several import MOST, TOO_MANY, merge_several, undo_together
from servicedesk.tickets.merging_views import preview
from servicedesk.tickets.models import How, Ticket
from servicedesk.tickets.rights import may_work, works_a_queue
from servicedesk.tickets.sight import open_ticket, write_down
from servicedesk.tickets.states import MoveRefused

REFERENCE = "[A-Z]{3}-[0-9]{4}-[0-9]{1,12}"


class MergeSerializer(Narrowed):
    """Into which ticket, as this one was read at `version`."""

    into = another()
    version = serializers.IntegerField(required=False, min_value=1)

    offered = {"into": lambda person: Ticket.objects.visible_to(person)}


class PreviewSerializer(serializers.Serializer):
    """What would come of a merge. `refused` says why it cannot be; `newcomers` will hear of replies on `into`."""

    into = serializers.CharField(allow_null=True)
    refused = serializers.ListField(child=serializers.CharField())
    people = NamedSerializer(many=True)
    newcomers = NamedSerializer(many=True)


class SeveralSerializer(Narrowed):
    """Which tickets go on as which one. With `apply` it is done, of all or of none; else only looked at."""

    into = another()
    tickets = another(many=True, allow_empty=False)
    apply = serializers.BooleanField(default=False)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        if "person" in self.context:
            seen = Ticket.objects.visible_to(self.context["person"])
            fields["into"].queryset = fields["tickets"].child_relation.queryset = seen
        return fields


class OneOfSeveralSerializer(serializers.Serializer):
    """What would come of merging one of them; `refused` says why it cannot be."""

    ticket = serializers.CharField()
    refused = serializers.ListField(child=serializers.CharField())
    newcomers = NamedSerializer(many=True)


class SeveralOutcomeSerializer(serializers.Serializer):
    """Whether it was done, into which ticket in the end, and what of each."""

    applied = serializers.BooleanField()
    into = serializers.CharField()
    tickets = OneOfSeveralSerializer(many=True)


class MergingViewSet(Endpoint, GenericViewSet):
    """Merging tickets by a pointer."""

    lookup_field = "reference"
    lookup_url_kwarg = "ref"
    lookup_value_regex = REFERENCE
    http_method_names = ["get", "head", "post"]
    queryset = Ticket.objects.none()
    serializer_class = PreviewSerializer
    orderings = {"id": ("id", "id")}
    ordering = "id"

    @extend_schema(
        responses=PreviewSerializer,
        filters=False,
        parameters=[OpenApiParameter("into", str, required=True, description="The reference of the other.")],
    )
    @action(detail=True, methods=["get"])
    def merge(self, request, ref: str) -> Response:
        """What would come of merging the ticket into another, and for whom. Nothing is written."""
        ticket, asked = worked_on(self), request.query_params.get("into", "")
        if not asked:
            raise ValidationError({"into": "Say which ticket this one would be merged into."})
        other = open_ticket(request.user, asked, How.API)
        shown = preview(request.user, ticket, other, How.API)
        told = {
            "into": shown["target"] and shown["target"].reference,
            "refused": shown["refused"],
            "people": _named(shown.get("people", [])),
            "newcomers": _named(shown.get("newcomers", [])),
        }
        return Response(told)

    @extend_schema(
        operation_id="tickets_merge", request=MergeSerializer, responses={200: TicketDetailSerializer}
    )
    @merge.mapping.post
    def do_merge(self, request, ref: str) -> Response:
        """Let the ticket go on as another. 409 says why, where that would show somebody what they may not see."""
        ticket, given = worked_on(self), self.given(MergeSerializer)
        merged = merging.merge(ticket, given["into"], by=request.user, version=given.get("version"))
        return self._told(merged.source)

    @extend_schema(operation_id="tickets_unmerge", request=None, responses=TicketDetailSerializer)
    @action(detail=True, methods=["post"], url_path="merge/undo")
    def undo(self, request, ref: str) -> Response:
        """Take the merge of this ticket back, within 24 hours."""
        standing = merging.standing_merge(open_ticket(request.user, ref, How.API))
        if standing is None:
            raise Http404
        return self._told(merging.undo(standing, by=request.user))

    @extend_schema(operation_id="tickets_unmerge_together", request=None, responses=TicketDetailSerializer)
    @action(detail=True, methods=["post"], url_path="merge/undo-together")
    def undo_together(self, request, ref: str) -> Response:
        """Take back all that was merged together with this ticket, within 24 hours."""
        ticket = open_ticket(request.user, ref, How.API)
        standing = merging.standing_merge(ticket)
        if standing is None:
            raise Http404
        undo_together(standing, by=request.user)
        return self._told(ticket)

    @extend_schema(
        operation_id="tickets_merge_several", request=SeveralSerializer, responses=SeveralOutcomeSerializer
    )
    @action(detail=False, methods=["post"], url_path="merge-several")
    def several(self, request) -> Response:
        """Let several tickets go on as one, by one deed. 409 says of each that cannot be merged why: then none is."""
        if not works_a_queue(request.user):
            raise PermissionDenied("You need the right to work on requests.")
        given = self.given(SeveralSerializer)
        into, tickets = given["into"], given["tickets"]
        if len(tickets) > MOST:
            raise MoveRefused(TOO_MANY)
        told = [self._looked_at(ticket, into) for ticket in tickets]
        if given["apply"]:
            merge_several(tickets, into, by=request.user)
        return Response({"applied": given["apply"], "into": root_of(into).reference, "tickets": told})

    def _looked_at(self, ticket: Ticket, into: Ticket) -> dict[str, Any]:
        person = self.request.user
        write_down(person, ticket, How.API)
        shown = preview(person, ticket, into, How.API)
        refused = shown["refused"]
        if not may_work(person, ticket):
            refused = [*refused, f"You do not work on {ticket}."]
        return {
            "ticket": ticket.reference,
            "refused": refused,
            "newcomers": _named(shown.get("newcomers", [])),
        }

    def _told(self, ticket: Ticket) -> Response:
        fresh = Ticket.objects.visible_to(self.request.user).filter(pk=ticket.pk).first()
        return Response(TicketDetailSerializer(fresh or ticket, context={"person": self.request.user}).data)


def _named(people) -> list[dict[str, Any]]:
    return [{"id": person.pk, "name": str(person)} for person in people]

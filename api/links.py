"""What a ticket is tied to: links, its parent, its children; and splitting it in two."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from api.endpoints import Endpoint
from api.pages import whole
from api.ticket_shapes import LONGEST_TEXT, SEEN, Narrowed, TicketDetailSerializer
from servicedesk.tickets import linking
from servicedesk.tickets.cascading import tell_children
from servicedesk.tickets.models import How, Link, Ticket
from servicedesk.tickets.related_panels import children_of, ties_of
from servicedesk.tickets.rights import may_read_notes, may_work
from servicedesk.tickets.sight import open_ticket, write_down_titles
from servicedesk.tickets.splitting import split


def another(**options: Any) -> Any:
    """Another ticket by its reference; one that the person may not see is as unknown as one that is not there."""
    return serializers.SlugRelatedField("reference", queryset=Ticket.objects.none(), **options)


class TieSerializer(serializers.Serializer):
    """A link, as it reads from this ticket. `other` is null where the person may not see that one."""

    id = serializers.IntegerField()
    words = serializers.CharField()
    other = serializers.CharField(allow_null=True)


class LinkSerializer(Narrowed):
    """This ticket relates to, is `caused_by` or `blocks` the other: "it must come before the other"."""

    other = another()
    kind = serializers.ChoiceField(Link.Kind.choices)

    offered = {"other": lambda person: Ticket.objects.visible_to(person)}


class ParentSerializer(Narrowed):
    """The ticket that this one is part of; null takes it out."""

    parent = another(allow_null=True)

    offered = {"parent": lambda person: Ticket.objects.visible_to(person)}


class PartSerializer(serializers.Serializer):
    """A ticket that is part of this one."""

    reference = serializers.CharField()
    title = serializers.CharField()
    state = serializers.CharField()


class PartsSerializer(serializers.Serializer):
    """The parts that the person sees, and whether there are restricted records too."""

    parts = PartSerializer(many=True)
    restricted_too = serializers.BooleanField()


class ReplySerializer(serializers.Serializer):
    """What the requesters of all open children are told."""

    body = serializers.CharField(max_length=LONGEST_TEXT)
    seen = serializers.IntegerField(
        required=False, min_value=0, help_text=f"On the ticket or its parts. {SEEN}"
    )


class RefusedSerializer(serializers.Serializer):
    """A ticket on which it could not be said, and why."""

    reference = serializers.CharField()
    reason = serializers.CharField()


class RepliesSerializer(serializers.Serializer):
    """Where it was said, and where not."""

    said = serializers.ListField(child=serializers.CharField())
    refused = RefusedSerializer(many=True)


class SplitSerializer(serializers.Serializer):
    """What the new ticket is about, and the ids of what was said about it."""

    title = serializers.CharField(max_length=200)
    comments = serializers.ListField(
        child=serializers.IntegerField(min_value=1), min_length=1, max_length=500
    )

    def validate_comments(self, value: list[int]) -> list[int]:
        if max(value) >= 2**63:
            raise serializers.ValidationError("Choose what was said about the new request")
        return value


class LinksViewSet(Endpoint, GenericViewSet):
    """What a ticket is tied to."""

    lookup_field = "reference"
    lookup_url_kwarg = "ref"
    lookup_value_regex = "[A-Z]{3}-[0-9]{4}-[0-9]{1,12}"
    http_method_names = ["get", "head", "post"]
    queryset = Ticket.objects.none()
    serializer_class = TieSerializer
    orderings = {"id": ("id", "id")}
    ordering = "id"

    @extend_schema(responses=TieSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def links(self, request, ref: str) -> Response:
        """The links, for whoever reads the ticket's notes."""
        return whole([_tie(tied) for tied in ties_of(request.user, self._read())])

    @extend_schema(operation_id="tickets_link", request=LinkSerializer, responses={201: TieSerializer})
    @links.mapping.post
    def link(self, request, ref: str) -> Response:
        """Tie the ticket to another."""
        ticket, given = worked_on(self), self.given(LinkSerializer)
        link = linking.add_link(ticket, given["other"], given["kind"], by=request.user)
        tied = next(each for each in ties_of(request.user, ticket) if each.link == link)
        return Response(_tie(tied), status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="tickets_end_link",
        request=None,
        responses={204: None},
        parameters=[OpenApiParameter("pk", OpenApiTypes.INT, OpenApiParameter.PATH)],
    )
    @action(detail=True, methods=["post"], url_path="links/(?P<pk>[0-9]{1,18})/end")
    def end(self, request, ref: str, pk: str) -> Response:
        """Take a link away. It stays in history."""
        ticket = worked_on(self)
        tied = next((each for each in ties_of(request.user, ticket) if each.link.pk == int(pk)), None)
        if tied is None:
            raise Http404
        linking.end_link(tied.link, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=ParentSerializer, responses={200: TicketDetailSerializer})
    @action(detail=True, methods=["post"])
    def parent(self, request, ref: str) -> Response:
        """Make the ticket part of another, which then cannot be resolved before it; or take it out."""
        ticket, parent = worked_on(self), self.given(ParentSerializer)["parent"]
        by = request.user
        ticket = linking.adopt(ticket, parent, by=by) if parent else linking.release(ticket, by=by)
        return Response(TicketDetailSerializer(ticket, context={"person": by}).data)

    @extend_schema(responses=PartsSerializer, filters=False)
    @action(detail=True, methods=["get"])
    def children(self, request, ref: str) -> Response:
        """What is part of the ticket, for whoever reads its notes."""
        seen, restricted_too = children_of(request.user, self._read())
        write_down_titles(request.user, seen, How.LIST)
        parts = [{"reference": each.reference, "title": each.title, "state": each.state} for each in seen]
        return Response({"parts": parts, "restricted_too": restricted_too})

    @extend_schema(
        operation_id="tickets_reply_to_children", request=ReplySerializer, responses=RepliesSerializer
    )
    @action(detail=True, methods=["post"], url_path="children/reply")
    def reply(self, request, ref: str) -> Response:
        """Reply to the requesters of all open children."""
        said, refused = tell_children(worked_on(self), by=request.user, **self.given(ReplySerializer))
        told = {
            "said": [comment.ticket.reference for comment in said],
            "refused": [each._asdict() for each in refused],
        }
        return Response(told)

    @extend_schema(request=SplitSerializer, responses={201: TicketDetailSerializer, 204: None})
    @action(detail=True, methods=["post"])
    def split(self, request, ref: str) -> Response:
        """Make a new ticket of some of what was said. 204 says that the person does not see the new one."""
        new = split(worked_on(self), by=request.user, **self.given(SplitSerializer))
        if not Ticket.objects.visible_to(request.user).filter(pk=new.pk).exists():
            return Response(status=status.HTTP_204_NO_CONTENT)
        told = TicketDetailSerializer(new, context={"person": request.user}).data
        return Response(told, status=status.HTTP_201_CREATED)

    def _read(self) -> Ticket:
        ticket = open_ticket(self.request.user, self.kwargs["ref"], How.API)
        if not may_read_notes(self.request.user, ticket):
            raise PermissionDenied("You need the right to read the notes of this request.")
        return ticket


def worked_on(endpoint: Endpoint) -> Ticket:
    """The ticket of an address, for whoever works on it."""
    person = endpoint.request.user
    ticket = open_ticket(person, endpoint.kwargs["ref"], How.API)
    if not may_work(person, ticket):
        raise PermissionDenied("You need the right to work on this request.")
    return ticket


def _tie(tied) -> dict[str, Any]:
    return {"id": tied.link.pk, "words": tied.words, "other": tied.ticket and tied.ticket.reference}

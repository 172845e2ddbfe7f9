"""How content whoever asked for a ticket was with what the desk did."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from api.endpoints import Endpoint
from api.merging import REFERENCE
from api.rows import Named, Shown
from servicedesk.tickets.models import How, Satisfaction, Ticket
from servicedesk.tickets.rights import is_its_requester, may_read_notes
from servicedesk.tickets.satisfying import SCORES, answer_of, say_how_content
from servicedesk.tickets.sight import open_ticket


class SatisfactionSerializer(Shown):
    """The answer: a score, of which 5 is best, and what was said with it."""

    by = Named()

    class Meta:
        model = Satisfaction
        fields = ["score", "comment", "by", "at", "version"]


class AnswerSerializer(serializers.Serializer):
    """What to answer. `version` is that of the answer which it mends, or 0 where there is none yet."""

    score = serializers.ChoiceField([(score, words) for score, words in SCORES.items()])
    comment = serializers.CharField(max_length=20_000, required=False, default="", allow_blank=True)
    version = serializers.IntegerField(min_value=0, default=0)


class SatisfactionViewSet(Endpoint, GenericViewSet):
    """The answer on a ticket: given by its requester, read by them and by whoever reads the notes of the desk."""

    lookup_field = "reference"
    lookup_url_kwarg = "ref"
    lookup_value_regex = REFERENCE
    http_method_names = ["get", "head", "post"]
    queryset = Ticket.objects.none()
    serializer_class = SatisfactionSerializer
    orderings = {"id": ("id", "id")}
    ordering = "id"

    @extend_schema(responses=SatisfactionSerializer, filters=False)
    @action(detail=True, methods=["get"])
    def satisfaction(self, request, ref: str) -> Response:
        """The answer. 404 where there is none yet, and for who follows the ticket without either right."""
        ticket = open_ticket(request.user, ref, How.API)
        answer = answer_of(ticket)
        reads = is_its_requester(request.user, ticket) or may_read_notes(request.user, ticket)
        if answer is None or not reads:
            raise Http404
        return Response(SatisfactionSerializer(answer).data)

    @extend_schema(operation_id="tickets_answer", request=AnswerSerializer, responses=SatisfactionSerializer)
    @satisfaction.mapping.post
    def answer(self, request, ref: str) -> Response:
        """Answer, once the ticket is resolved, or mend one's answer within 12 hours."""
        ticket = open_ticket(request.user, ref, How.API)
        given = AnswerSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        answer = say_how_content(ticket, by=request.user, **given.validated_data)
        return Response(SatisfactionSerializer(answer).data)

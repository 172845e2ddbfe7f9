"""The counts above the queue: the lists that work begins with, and how many open tickets each holds."""

from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.endpoints import Endpoint
from api.filters import refuse_unknown
from api.pages import WholeSerializer, whole
from servicedesk.lists.showing import counted_up_to
from servicedesk.tickets.filters import OPEN, TicketFilter
from servicedesk.tickets.queue import KEPT, MOST_COUNTED, View, found_in_views
from servicedesk.tickets.rights import require_a_queue


class ViewSerializer(serializers.Serializer):
    """A list of the queue, and how many tickets it holds that the person may see."""

    name = serializers.CharField(help_text="The filter of `tickets/` that makes the list what it is.")
    words = serializers.CharField(help_text="What the page calls it.")
    query = serializers.CharField(help_text="The whole query of `tickets/` that lists what is counted here.")
    count = serializers.IntegerField(help_text=f"Counted no further than {MOST_COUNTED}.")
    more = serializers.BooleanField(help_text="Whether there are more than `count` says.")


class ViewsSerializer(WholeSerializer):
    """All of them on one page."""

    results = ViewSerializer(many=True)


WITHIN = {
    "my_teams": "`true`: of what is with one's own teams alone.",
    "council": "Of one council alone, by its code.",
    "team": "Of what is with one team alone, by its id.",
    "service": "Of one service alone, by its id.",
}


class QueueView(Endpoint):
    """The counts above the queue."""

    http_method_names = ["get", "head"]

    @extend_schema(
        operation_id="queue_list",
        responses=ViewsSerializer,
        parameters=[OpenApiParameter(name, str, description=WITHIN[name]) for name in KEPT],
    )
    def get(self, request) -> Response:
        """How many open tickets wait in each list of the queue, for who sees tickets beside their own."""
        require_a_queue(request.user)
        refuse_unknown(request, KEPT)
        return whole([ViewSerializer(_counted(view, found)).data for view, found in found_in_views(request)])


def _counted(view: View, found: TicketFilter) -> dict[str, Any]:
    if not found.is_valid():
        raise ValidationError(found.errors)
    count, more = counted_up_to(found.qs, MOST_COUNTED)
    query = urlencode({**view.filters, "state": OPEN})
    return {"name": view.name, "words": view.words, "query": query, "count": count, "more": more}

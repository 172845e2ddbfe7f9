"""What happened to a ticket, as its page tells it."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from api.rows import Rows
from servicedesk.tickets.happenings import happenings_to, rows_of


class ValueSerializer(serializers.Serializer):
    """One value that changed, in the words of the time."""

    field = serializers.CharField(source="name")
    label = serializers.CharField()  # type: ignore[assignment]
    old = serializers.CharField()
    new = serializers.CharField()


class HappeningSerializer(serializers.Serializer):
    """What one deed did to a ticket. `done` is the words on its button, or what was done to the row."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    by = serializers.CharField()
    done = serializers.CharField(source="words")
    reason = serializers.CharField(allow_blank=True)
    changes = ValueSerializer(source="lines", many=True)


class TicketPast(Rows):
    """The part of the noun `tickets` that is about what was done."""

    @extend_schema(responses=HappeningSerializer(many=True), filters=True)
    @action(
        detail=True, methods=["get"], filterset_class=None, orderings={"id": ("id", "id")}, ordering="-id"
    )
    def history(self, request, ref: str) -> Response:
        """What happened to it, newest first, for whoever reads its notes: nobody else is told any of it."""
        told = {each.id: each for each in happenings_to(request.user, self.get_object())}
        page = self.paginate_queryset(self.filter_queryset(rows_of(told.values())))
        shown = HappeningSerializer([told[row.pk] for row in page or ()], many=True)
        return self.get_paginated_response(shown.data)

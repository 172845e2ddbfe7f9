"""What those whom one manages have asked for: by title alone, as on the page."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.rows import Named, Rows
from servicedesk.portal.own_requests import requests_of_team
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.wording import state_for_requester


class TeamRequestSerializer(serializers.ModelSerializer):
    """What was asked, by whom and when, and in plain words where it is."""

    requester = Named()
    where_it_is = serializers.SerializerMethodField()

    class Meta:
        model = Ticket
        fields = ["title", "requester", "reported_at", "where_it_is"]
        read_only_fields = fields

    def get_where_it_is(self, ticket: Ticket) -> str:
        return state_for_requester(ticket)


class TeamRequestRows(Rows):
    """The open requests of those whom one manages, none of which is private."""

    http_method_names = ["get", "head"]
    serializer_class = TeamRequestSerializer
    orderings = {"reported": ("reported_at", "id")}
    ordering = "-reported"

    def rows(self, person) -> QuerySet[Ticket]:
        return requests_of_team(person)

    @extend_schema(operation_id="team_requests_list")
    def list(self, request, *args, **kwargs) -> Response:
        """What those whom one manages have asked for and is open."""
        return super().list(request, *args, **kwargs)

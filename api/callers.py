"""Who may be calling, found as one types while a call is logged, and what is known of them."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from api.endpoints import Endpoint
from api.filters import refuse_unknown
from api.organisation_shapes import FOR_EVERY_COLLEAGUE
from api.pages import whole
from api.rows import Named, Shown, code
from servicedesk.people.access import open_door, require
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission
from servicedesk.tickets.calling import find_callers, open_requests_of
from servicedesk.tickets.calling_forms import CallForm
from servicedesk.tickets.models import How, TicketState
from servicedesk.tickets.sight import write_down_titles

Q = "Part of a name, telephone number or email, or the tag of what they have."


class CallerSerializer(Shown):
    """Somebody whom one may log a call for."""

    council = code()
    site = Named()

    class Meta:
        model = Person
        fields = FOR_EVERY_COLLEAGUE


class FoundCallerSerializer(serializers.Serializer):
    """Somebody who may be calling; `words` says by what they have, where they were found by that."""

    person = CallerSerializer()
    words = serializers.CharField(allow_blank=True)


class BelongingSerializer(serializers.Serializer):
    """Something that a caller has: `kind` and `id` are what `about` of a call takes."""

    kind = serializers.CharField()
    id = serializers.IntegerField()
    name = serializers.CharField()


class OpenRequestSerializer(serializers.Serializer):
    """A request of the caller that has not ended."""

    reference = serializers.CharField()
    title = serializers.CharField()
    state = serializers.ChoiceField(TicketState.choices)
    reported_at = serializers.DateTimeField()


class CallerDetailSerializer(serializers.Serializer):
    """A caller, what they have that one may see, and their open requests that one may see, the newest first."""

    person = CallerSerializer()
    belongings = BelongingSerializer(many=True)
    requests = OpenRequestSerializer(many=True)


class CallerViewSet(Endpoint, GenericViewSet):
    """People whom one may log a call for."""

    lookup_value_regex = "[0-9]{1,18}"
    http_method_names = ["get", "head"]
    queryset = Person.objects.none()
    serializer_class = FoundCallerSerializer
    orderings = {"display_name": ("display_name", "id")}
    ordering = "display_name"

    @extend_schema(
        responses=FoundCallerSerializer(many=True),
        filters=False,
        parameters=[OpenApiParameter("q", str, description=Q)],
    )
    def list(self, request) -> Response:
        """Who may be calling, ten at most, for whoever works the desk. Fewer than two characters find nobody."""
        require(request.user, Permission.WORK_TICKETS)
        refuse_unknown(request, ["q"])
        found = find_callers(request.user, request.query_params.get("q", ""))
        return whole([FoundCallerSerializer(one).data for one in found])

    @extend_schema(responses=CallerDetailSerializer)
    def retrieve(self, request, pk: str) -> Response:
        """What is known of a caller, for whoever works the desk of their council."""
        require(request.user, Permission.WORK_TICKETS, open_door(request.user, Person.objects, pk=pk))
        form = CallForm(request.user, initial={"caller": pk})
        if form.person is None:
            raise Http404
        requests = open_requests_of(request.user, form.person)
        write_down_titles(request.user, requests, How.LIST)
        told = {"person": form.person, "belongings": _belongings(form), "requests": requests}
        return Response(CallerDetailSerializer(told).data)


def _belongings(form: CallForm) -> list[dict[str, Any]]:
    """What the page offers as that which the call is about."""
    return [
        {"kind": kind, "id": key, "name": name}
        for kind in form.things
        for key, name in form[kind].field.widget.choices
        if key
    ]

"""Roles, and places in case groups, that wait for a second administrator: decided by another than who asked."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from api.rows import Named, Rows, Shown, code
from servicedesk.administration.questions import requests_at_councils_of
from servicedesk.people.grants import agree, refuse, withdraw
from servicedesk.people.models import GrantRequest


class RoleAskedSerializer(Shown):
    """A role at a council, or a place in a team, that one administrator asked for, and what another decided."""

    person = Named()
    council = code(read_only=True, allow_null=True)
    team = Named()
    asked_by = Named()
    decided_by = Named()

    class Meta:
        model = GrantRequest
        fields = [
            "id",
            "person",
            "role",
            "council",
            "team",
            "starts_at",
            "ends_at",
            "asked_by",
            "asked_at",
            "decided_by",
            "decided_at",
        ]


class RoleRequestViewSet(Rows):
    """Roles and places at one's councils that wait to be decided on. What is decided is no longer here."""

    serializer_class = RoleAskedSerializer
    http_method_names = ["get", "head", "post"]
    orderings = {"asked_at": ("asked_at", "id")}
    ordering = "asked_at"

    def rows(self, person) -> QuerySet[GrantRequest]:
        return requests_at_councils_of(person).select_related("decided_by")

    def opened(self) -> GrantRequest:
        """The one request, or 404. `rows` begin with the councils that the person administers: they are the door."""
        asked = self.get_queryset().filter(pk=self.kwargs["pk"]).first()
        if asked is None:
            raise Http404
        return asked

    @extend_schema(request=None, responses=RoleAskedSerializer)
    @action(detail=True, methods=["post"])
    def agree(self, request, pk: str) -> Response:
        """Give the role or the place. Never by whose it is to be; by who asked only where nobody else can."""
        return self._decided(agree)

    @extend_schema(request=None, responses=RoleAskedSerializer)
    @action(detail=True, methods=["post"])
    def refuse(self, request, pk: str) -> Response:
        """Do not give it."""
        return self._decided(refuse)

    @extend_schema(request=None, responses=RoleAskedSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request, pk: str) -> Response:
        """Ask for it no longer, as who asked."""
        return self._decided(withdraw)

    def _decided(self, decide: Callable[..., Any]) -> Response:
        asked = self.get_object()
        decide(asked, by=self.request.user)
        asked.refresh_from_db()
        return Response(RoleAskedSerializer(asked).data)

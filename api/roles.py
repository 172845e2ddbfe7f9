"""Roles at one's councils: who has which, given by address, and taken away."""

import django_filters as filters
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.response import Response

from api.organisation_shapes import HeldRoleSerializer, RoleByAddressSerializer, RoleRequestSerializer
from api.organising import Writing
from servicedesk.administration.questions import grants_in_force, grants_read_by
from servicedesk.forms import FilterForm
from servicedesk.people.access import require
from servicedesk.people.grants import end, give_role
from servicedesk.people.models import Grant, GrantRequest
from servicedesk.people.roles import ROLE_CHOICES, Permission


def told(given: Grant | GrantRequest, shape: type) -> Response:
    """A role that was given, or what has to be agreed to first."""
    if isinstance(given, Grant):
        return Response(shape(given).data, status=status.HTTP_201_CREATED)
    return Response(RoleRequestSerializer(given).data, status=status.HTTP_202_ACCEPTED)


class RoleFilters(filters.FilterSet):
    """Of one role alone; without it, of all but that which everybody has."""

    role = filters.ChoiceFilter(choices=ROLE_CHOICES)

    class Meta:
        model = Grant
        form = FilterForm
        fields: list[str] = []


class RoleViewSet(Writing):
    """Roles at the councils whose roles one may see; in the list, those in force."""

    serializer_class = HeldRoleSerializer
    http_method_names = ["get", "head", "post"]
    filterset_class = RoleFilters
    orderings = {"id": ("id", "id")}
    ordering = "id"

    def rows(self, person) -> QuerySet[Grant]:
        if self.action != "list":
            return grants_read_by(person)
        return grants_in_force(person, self.request.query_params.get("role", "") if self.request else "")

    def opened(self) -> Grant:
        """The one role, or 404. `rows` begin with the councils whose roles the person may see: they are the door."""
        held = self.get_queryset().filter(pk=self.kwargs["pk"]).first()
        if held is None:
            raise Http404
        return held

    @extend_schema(
        request=RoleByAddressSerializer, responses={201: HeldRoleSerializer, 202: RoleRequestSerializer}
    )
    def create(self, request) -> Response:
        """Give a role to somebody whose address one knows. 202 where another administrator has to agree first."""
        require(request.user, Permission.ADMINISTER)
        given = self.given(RoleByAddressSerializer)
        return told(give_role(given.pop("email"), by=self.person, **given), HeldRoleSerializer)

    @extend_schema(request=None, responses=HeldRoleSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request, pk: str) -> Response:
        """Take it away, whoever's it is: it does not hold from the next request on."""
        held = self.get_object()
        require(request.user, Permission.ADMINISTER, held.council)
        end(held, by=self.person)
        held.refresh_from_db()
        return self.shown(held)

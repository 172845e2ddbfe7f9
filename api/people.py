"""Councils, their places, teams, colleagues and services: what records point at and administrators look after."""

from itertools import chain
from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from api import organisation_shapes as shapes
from api.asset_shapes import HistorySerializer
from api.hours import ServiceCover
from api.leaving import Leaving
from api.organisation_shapes import (
    CouncilSerializer,
    DepartmentSerializer,
    PersonSerializer,
    RoleRequestSerializer,
    RoleSerializer,
    ServiceSerializer,
    SiteSerializer,
    TeamSerializer,
    Versioned,
)
from api.organising import Administered, Archivable, described
from api.pages import whole
from api.roles import told
from servicedesk.administration.inviting import invite_by_letter, send_again
from servicedesk.administration.questions import belonging_to, grants_at_councils_of, grants_read_by
from servicedesk.catalogue.models import Service
from servicedesk.forms import FilterForm
from servicedesk.people import organising
from servicedesk.people.access import councils_of, history_of, require
from servicedesk.people.grants import end, give_role
from servicedesk.people.inviting import change_person
from servicedesk.people.leaving import switch_off, switch_on
from servicedesk.people.models import Council, Department, Person, Site, Team
from servicedesk.people.organising import add_council, add_place, add_team
from servicedesk.people.roles import Permission
from servicedesk.tickets.bringing import add_service
from servicedesk.tickets.sealing import change_service


@described(shapes.NewCouncil, shapes.ChangedCouncil, CouncilSerializer)
class CouncilViewSet(Archivable):
    """Councils that share the desk. Who adds one becomes its first administrator."""

    serializer_class = CouncilSerializer
    orderings = {"code": ("code", "id")}
    ordering = "code"
    new, changed = shapes.NewCouncil, shapes.ChangedCouncil

    def rows(self, person) -> QuerySet[Council]:
        return Council.objects.visible_to(person)

    def add(self, given: dict[str, Any]) -> Council:
        return add_council(Council(**given), by=self.person)

    def change(self, row: Council, given: dict[str, Any]) -> Council:
        return organising.change(row, by=self.person, **given)


@described(shapes.NewSite, shapes.ChangedSite, SiteSerializer)
class SiteViewSet(Archivable):
    """Sites of the councils that the person works for."""

    serializer_class = SiteSerializer
    new, changed = shapes.NewSite, shapes.ChangedSite

    def rows(self, person) -> QuerySet[Site]:
        return Site.objects.visible_to(person).select_related("council")

    def add(self, given: dict[str, Any]) -> Any:
        return add_place(Site(**given), by=self.person)

    def change(self, row: Site, given: dict[str, Any]) -> Site:
        return organising.change(row, by=self.person, **given)


@described(shapes.NewDepartment, shapes.ChangedDepartment, DepartmentSerializer)
class DepartmentViewSet(Archivable):
    """Departments of the councils that the person works for."""

    serializer_class = DepartmentSerializer
    new, changed = shapes.NewDepartment, shapes.ChangedDepartment

    def rows(self, person) -> QuerySet[Department]:
        return Department.objects.visible_to(person).select_related("council")

    def add(self, given: dict[str, Any]) -> Any:
        return add_place(Department(**given), by=self.person)

    def change(self, row: Department, given: dict[str, Any]) -> Department:
        return organising.change(row, by=self.person, **given)


@described(shapes.NewTeam, shapes.ChangedTeam, TeamSerializer)
class TeamViewSet(Archivable):
    """Teams that tickets can be given to."""

    serializer_class = TeamSerializer
    new, changed = shapes.NewTeam, shapes.ChangedTeam

    def rows(self, person) -> QuerySet[Team]:
        return Team.objects.visible_to(person).prefetch_related("councils")

    def add(self, given: dict[str, Any]) -> Team:
        councils = given.pop("councils")
        return add_team(Team(**given), councils, by=self.person)

    def change(self, row: Team, given: dict[str, Any]) -> Team:
        return organising.change(row, by=self.person, **given)


@described(shapes.NewService, shapes.ChangedService, ServiceSerializer)
class ServiceViewSet(ServiceCover, Archivable):
    """Services; in the list, those on offer."""

    serializer_class = ServiceSerializer
    new, changed = shapes.NewService, shapes.ChangedService

    def rows(self, person) -> QuerySet[Service]:
        seen = Service.objects.visible_to(person).select_related("support_team", "owner")
        seen = seen.prefetch_related("councils", "agreements")
        return seen.on_offer() if self.action == "list" else seen

    def add(self, given: dict[str, Any]) -> Service:
        councils, agreements = given.pop("councils"), given.pop("agreements", ())
        return add_service(Service(**given), councils, agreements, by=self.person)

    def change(self, row: Service, given: dict[str, Any]) -> Service:
        return change_service(row, by=self.person, **given)


class PersonFilters(filters.FilterSet):
    """Found by part of a name or an address. `off` lists those whose account is closed, for who administers or audits
    their council."""

    q = filters.CharFilter(method="named")
    off = filters.ChoiceFilter(choices=[("true", "true"), ("false", "false")], method="switched_off")

    class Meta:
        model = Person
        form = FilterForm
        fields: list[str] = []

    def named(self, people: QuerySet[Person], name: str, text: str) -> QuerySet[Person]:
        return people.filter(Q(display_name__icontains=text) | Q(email__icontains=text))

    def switched_off(self, people: QuerySet[Person], name: str, off: str) -> QuerySet[Person]:
        """The rows of the list are those already."""
        return people


@described(shapes.NewPerson, shapes.ChangedPerson, PersonSerializer)
class PersonViewSet(Leaving, Administered):
    """Colleagues, for whoever works the desk or the register, and for who administers their council."""

    serializer_class = PersonSerializer
    filterset_class = PersonFilters
    orderings = {"display_name": ("display_name", "id")}
    ordering = "display_name"
    new, changed = shapes.NewPerson, shapes.ChangedPerson

    def rows(self, person) -> QuerySet[Person]:
        seen = Person.objects.visible_to(person).select_related(
            "council", "site", "department", "line_manager"
        )
        if self.action != "list":
            return seen
        if self.request and self.request.query_params.get("off") == "true":
            return seen.filter(is_active=False, council__in=councils_of(person, Permission.SEE_SETTINGS))
        return seen.active()

    def add(self, given: dict[str, Any]) -> Person:
        return invite_by_letter(Person(**given), by=self.person)

    def change(self, row: Person, given: dict[str, Any]) -> Person:
        return change_person(row, by=self.person, **given)

    @extend_schema(request=Versioned, responses=PersonSerializer)
    @action(detail=True, methods=["post"], url_path="switch-off")
    def switch_off(self, request, pk: str) -> Response:
        """Close the account at once."""
        row = self._administered()
        return self.written(lambda: switch_off(row, by=request.user, **self.given(Versioned)))

    @extend_schema(request=Versioned, responses=PersonSerializer)
    @action(detail=True, methods=["post"], url_path="switch-on")
    def switch_on(self, request, pk: str) -> Response:
        """Open the account again."""
        row = self._administered()
        return self.written(lambda: switch_on(row, by=request.user, **self.given(Versioned)))

    @extend_schema(responses=HistorySerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def history(self, request, pk: str) -> Response:
        """What happened to them, their roles, places, absences and stand-ins, newest first, for who administers their
        council."""
        row = self._administered()
        theirs = chain(*belonging_to(row, self.person))
        return whole(list(HistorySerializer(history_of(request.user, row, *theirs), many=True).data))

    @extend_schema(request=None, responses=PersonSerializer)
    @action(detail=True, methods=["post"], url_path="invite-again")
    def invite_again(self, request, pk: str) -> Response:
        """Have the letter of their invitation sent once more."""
        row = self._administered()
        send_again(row, by=self.person)
        row.refresh_from_db()
        return self.shown(row)

    @extend_schema(responses=RoleSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def roles(self, request, pk: str) -> Response:
        """The roles that they have or had at the councils whose roles one may see, newest first."""
        row = self.get_object()
        require(request.user, Permission.SEE_SETTINGS, row)
        held = grants_read_by(request.user).filter(person=row).order_by("-id")
        return whole(list(RoleSerializer(held, many=True).data))

    @extend_schema(
        operation_id="people_give_role",
        request=shapes.NewRole,
        responses={201: RoleSerializer, 202: RoleRequestSerializer},
    )
    @roles.mapping.post
    def give_role(self, request, pk: str) -> Response:
        """Give a role. 202 where another administrator has to agree first."""
        row = self._administered()
        return told(give_role(row, by=request.user, **self.given(shapes.NewRole)), RoleSerializer)

    @extend_schema(operation_id="people_end_role", request=None, responses=RoleSerializer)
    @action(detail=True, methods=["post"], url_path="roles/(?P<role>[0-9]{1,18})/end")
    def end_role(self, request, pk: str, role: str) -> Response:
        """Take a role away: it does not hold from the next request on."""
        row = self._administered()
        held = grants_at_councils_of(request.user).filter(person=row, pk=role).first()
        if held is None:
            raise Http404
        end(held, by=request.user)
        held.refresh_from_db()
        return Response(RoleSerializer(held).data)

    def _administered(self) -> Person:
        row = self.get_object()
        require(self.request.user, Permission.ADMINISTER, row)
        return row

"""Calendars and service levels, for who administers councils: read, and changed in two steps.

What would happen to open tickets is answered first; with `apply` it is done.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.response import Response

from api.asset_shapes import HistorySerializer
from api.hours_shapes import (
    CalendarSerializer,
    ChangedLevelSerializer,
    ClearDaySerializer,
    CoverSerializer,
    DaySerializer,
    HoursSerializer,
    KeepSerializer,
    LevelSerializer,
    NewCalendarSerializer,
    NewLevelSerializer,
    OutcomeSerializer,
)
from api.pages import whole
from api.problems import problem
from api.rows import Rows
from servicedesk.administration.proposing import concerned, cover, give_hours
from servicedesk.catalogue.models import Service
from servicedesk.history.editing import Stale
from servicedesk.people.access import councils_of, history_of, require
from servicedesk.people.roles import Permission
from servicedesk.service_levels import keeping
from servicedesk.service_levels.filters import LevelFilter
from servicedesk.service_levels.models import Calendar, ServiceLevel
from servicedesk.tickets.remeasuring import (
    Effect,
    MoreAreLate,
    Touched,
    carry_out,
    in_words,
    late_at_once,
    named_to,
    what_would,
)


class Proposing:
    """Rows whose changes are shown before they are done."""

    request: Any
    given: Callable[..., dict[str, Any]]

    def _propose(self, given: dict[str, Any], write: Callable[[], Touched], cause: str) -> Response:
        """`given` without what says how far to go is what `write` takes."""
        apply, most_late = given.pop("apply"), given.pop("most_late")
        by, now = self.request.user, timezone.now()
        try:
            if apply:
                effects = carry_out(write, by=by, cause=cause, now=now, most_late=most_late)
            else:
                effects = what_would(write, by=by, cause=cause, now=now)
        except (Stale, MoreAreLate) as refused:
            return problem(status.HTTP_409_CONFLICT, str(refused))
        return Response(_outcome(apply, effects, by))


class ServiceCover(Proposing):
    """The part of the noun `services` that is about hours."""

    get_object: Callable[[], Service]

    @extend_schema(request=CoverSerializer, responses=OutcomeSerializer)
    @action(detail=True, methods=["post"])
    def cover(self, request, pk: str) -> Response:
        """Say whether a critical fault of it is minded round the clock."""
        service, given = self.get_object(), self.given(CoverSerializer)
        cause = f"the cover of {service} was changed"
        return self._propose(given, lambda: cover(service, by=request.user, **given), cause)


class CalendarViewSet(Proposing, Rows):
    """The hours that anything is measured by."""

    serializer_class = CalendarSerializer

    def rows(self, person) -> QuerySet[Calendar]:
        seen = Calendar.objects.visible_to(person)
        return seen.prefetch_related("exceptions", "versions", "councils__council", "teams__team")

    @extend_schema(request=NewCalendarSerializer, responses={201: CalendarSerializer})
    def create(self, request) -> Response:
        """Add hours, which nobody keeps yet."""
        require(request.user, Permission.ADMINISTER)
        made = keeping.new_calendar(by=request.user, **self.given(NewCalendarSerializer))
        return Response(CalendarSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=HistorySerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def history(self, request, pk: str) -> Response:
        """What happened to it, its hours and the days that differ, newest first."""
        calendar = self.get_object()
        changes = history_of(request.user, calendar, *keeping.told_with(calendar))
        return whole(list(HistorySerializer(changes, many=True).data))

    @extend_schema(request=DaySerializer, responses=OutcomeSerializer)
    @action(detail=True, methods=["post"])
    def day(self, request, pk: str) -> Response:
        """Close a day, or give it hours of its own."""
        calendar, given = self.get_object(), self.given(DaySerializer)
        return self._changed(calendar, given, keeping.set_day)

    @extend_schema(request=ClearDaySerializer, responses=OutcomeSerializer)
    @action(detail=True, methods=["post"], url_path="clear-day")
    def clear_day(self, request, pk: str) -> Response:
        """Let a day have the hours of its weekday again."""
        calendar, given = self.get_object(), self.given(ClearDaySerializer)
        return self._changed(calendar, given, keeping.clear_day)

    @extend_schema(request=HoursSerializer, responses=OutcomeSerializer)
    @action(detail=True, methods=["post"])
    def hours(self, request, pk: str) -> Response:
        """Give it other weekly hours."""
        calendar, given = self.get_object(), self.given(HoursSerializer)
        return self._changed(calendar, given, keeping.change_hours)

    @extend_schema(request=KeepSerializer, responses=OutcomeSerializer)
    @action(detail=True, methods=["post"])
    def keep(self, request, pk: str) -> Response:
        """Make them the hours of a council or a team."""
        calendar, given = self.get_object(), self.given(KeepSerializer)

        def write() -> Touched:
            return give_hours(calendar, by=request.user, **given)

        return self._propose(given, write, f"the hours of {calendar} were changed")

    def _changed(
        self, calendar: Calendar, given: dict[str, Any], change: Callable[..., Calendar]
    ) -> Response:
        def write() -> Touched:
            return Touched(calendar=change(calendar, by=self.request.user, **given))

        return self._propose(given, write, f"the hours of {calendar} were changed")


class ServiceLevelViewSet(Proposing, Rows):
    """What is promised."""

    serializer_class = LevelSerializer
    orderings = {"id": ("starts_on", "id")}
    ordering = "id"
    filterset_class = LevelFilter

    def rows(self, person) -> QuerySet[ServiceLevel]:
        levels = ServiceLevel.objects.visible_to(person)
        return levels.select_related("council", "service", "team", "agreement", "calendar")

    @extend_schema(request=NewLevelSerializer, responses=OutcomeSerializer)
    def create(self, request) -> Response:
        """Promise something."""
        if not councils_of(request.user, Permission.ADMINISTER):
            raise PermissionDenied("You need the right to administer a council.")
        given = self.given(NewLevelSerializer)

        def write() -> Touched:
            return Touched(tickets=concerned(keeping.save_level(ServiceLevel(), by=request.user, **given)))

        return self._propose(given, write, "what we promise was changed")

    @extend_schema(request=ChangedLevelSerializer, responses=OutcomeSerializer)
    def partial_update(self, request, pk: str) -> Response:
        """Promise something else instead. Tickets that it was made for and is no longer follow too."""
        level = self.get_object()
        sent = ChangedLevelSerializer(level, data=request.data, context={"person": request.user})
        sent.is_valid(raise_exception=True)
        given = sent.validated_data

        def write() -> Touched:
            old = concerned(level)
            return Touched(tickets=old | concerned(keeping.save_level(level, by=request.user, **given)))

        return self._propose(given, write, "what we promise was changed")


def _outcome(applied: bool, effects: list[Effect], by) -> dict[str, Any]:
    outcome = {
        "applied": applied,
        "summary": in_words(effects),
        "late_at_once": late_at_once(effects),
        "effects": named_to(by, effects),
    }
    return OutcomeSerializer(outcome).data

"""Calendars and service levels, for who administers councils: read, and changed in two steps.

What would happen to open tickets is answered first; with `apply` it is done.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from api.problems import problem
from api.rows import Named, Rows, code
from servicedesk.administration.proposing import concerned, cover, give_hours
from servicedesk.catalogue.models import Service
from servicedesk.history.editing import Stale
from servicedesk.people.access import councils_of
from servicedesk.people.models import Agreement, Council, Team
from servicedesk.people.roles import Permission
from servicedesk.service_levels import keeping
from servicedesk.service_levels.filters import LevelFilter
from servicedesk.service_levels.models import Calendar, Metric, Pausing, ServiceLevel
from servicedesk.service_levels.promises import shape_of
from servicedesk.tickets.models import Priority, TicketType
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

WINDOWS = serializers.ListField(
    child=serializers.ListField(child=serializers.CharField(max_length=5), min_length=2, max_length=2),
    max_length=24,
)


class CalendarSerializer(serializers.ModelSerializer):
    """Working hours; `hours` is their shape, as `deadlines/explain/` takes it."""

    hours = serializers.SerializerMethodField()

    class Meta:
        model = Calendar
        fields = ("id", "code", "name", "hours", "version")
        read_only_fields = fields

    def get_hours(self, calendar: Calendar) -> dict[str, Any]:
        return shape_of(calendar)


class LevelSerializer(serializers.ModelSerializer):
    """A promise: `target_seconds` of working time."""

    council, service, team, agreement, calendar = code(), Named(), Named(), Named(), code()

    class Meta:
        model = ServiceLevel
        fields = (
            "id",
            "kind",
            "ticket_type",
            "priority",
            "metric",
            "council",
            "service",
            "team",
            "agreement",
            "calendar",
            "starts_on",
            "ended_on",
            "target_seconds",
            "goal_percent",
            "warn_percent",
            "pausing",
            "version",
        )
        read_only_fields = fields


class EffectSerializer(serializers.Serializer):
    """What becomes of one open promise."""

    reference = serializers.CharField(source="clock.ticket.reference")
    council = serializers.CharField(source="clock.ticket.council.code")
    metric = serializers.CharField(source="clock.metric")
    due_before = serializers.DateTimeField(source="before", allow_null=True)
    due_after = serializers.DateTimeField(source="after", allow_null=True)
    late_at_once = serializers.BooleanField(source="late")


class OutcomeSerializer(serializers.Serializer):
    """Whether it was done, and what it does to open tickets that are not private: those of other councils are counted
    alone."""

    applied = serializers.BooleanField()
    summary = serializers.CharField()
    late_at_once = serializers.IntegerField()
    effects = EffectSerializer(many=True)


class Proposed(serializers.Serializer):
    """`apply` does it; with `most_late`, only where no more promises would be late at once than that."""

    apply = serializers.BooleanField(default=False)
    most_late = serializers.IntegerField(required=False, allow_null=True, min_value=0, default=None)


def narrow(fields: dict[str, Any], person) -> None:
    """Offer the councils that the person administers, and their teams."""
    administered = councils_of(person, Permission.ADMINISTER)
    fields["council"].queryset = Council.objects.visible_to(person).filter(pk__in=administered)
    teams = Team.objects.visible_to(person).filter(councils__in=administered)
    teams = teams.exclude(kind=Team.Kind.CASE_GROUP)
    fields["team"].queryset = teams.distinct()


class DaySerializer(Proposed):
    """A day that differs: closed without `windows`."""

    version = serializers.IntegerField(min_value=1)
    day = serializers.DateField()
    windows = WINDOWS
    reason = serializers.CharField(max_length=100, default="", allow_blank=True)


class ClearDaySerializer(Proposed):
    """A day that shall differ no longer."""

    version = serializers.IntegerField(min_value=1)
    day = serializers.DateField()


class HoursSerializer(Proposed):
    """Other weekly hours: `windows` by weekday, 0 for Monday; from `starts_on` on, else from the beginning."""

    version = serializers.IntegerField(min_value=1)
    windows = serializers.DictField(child=WINDOWS, default=dict)
    always = serializers.BooleanField(default=False)
    bank_holidays = serializers.BooleanField(default=True)
    starts_on = serializers.DateField(required=False, allow_null=True, default=None)


class KeepSerializer(Proposed):
    """Whose hours they become: a council's, by its code, or a team's."""

    council = serializers.SlugRelatedField(
        "code", queryset=Council.objects.none(), required=False, allow_null=True, default=None
    )
    team = serializers.PrimaryKeyRelatedField(
        queryset=Team.objects.none(), required=False, allow_null=True, default=None
    )

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        if "person" in self.context:
            narrow(fields, self.context["person"])
        return fields

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs["council"]) == bool(attrs["team"]):
            raise serializers.ValidationError("Give a council or a team, not both.")
        return attrs


class CoverSerializer(Proposed):
    """Whether a service is covered out of hours."""

    version = serializers.IntegerField(min_value=1)
    covered = serializers.BooleanField()


class TargetSerializer(Proposed):
    """What is promised; what else it says of the promise stays as it is."""

    version = serializers.IntegerField(min_value=1)
    target_seconds = serializers.IntegerField(min_value=1, required=False)
    goal_percent = serializers.IntegerField(min_value=1, max_value=100, required=False)
    warn_percent = serializers.IntegerField(min_value=1, max_value=99, required=False)
    pausing = serializers.ListField(child=serializers.ChoiceField(Pausing.choices), required=False)
    ended_on = serializers.DateField(required=False, allow_null=True)


class NewLevelSerializer(Proposed):
    """A new promise to one council; without a council, to all, or to the customers of the agreement that it is a target
    of."""

    kind = serializers.ChoiceField(ServiceLevel.Kind.choices, default=ServiceLevel.Kind.SLA)
    ticket_type = serializers.ChoiceField(TicketType.choices)
    priority = serializers.ChoiceField(Priority.choices)
    metric = serializers.ChoiceField(Metric.choices)
    council = serializers.SlugRelatedField(
        "code", queryset=Council.objects.none(), required=False, allow_null=True, default=None
    )
    service = serializers.PrimaryKeyRelatedField(
        queryset=Service.objects.none(), required=False, allow_null=True, default=None
    )
    team = serializers.PrimaryKeyRelatedField(
        queryset=Team.objects.none(), required=False, allow_null=True, default=None
    )
    agreement = serializers.PrimaryKeyRelatedField(
        queryset=Agreement.objects.none(), required=False, allow_null=True, default=None
    )
    target_seconds = serializers.IntegerField(min_value=1)
    starts_on = serializers.DateField()
    goal_percent = serializers.IntegerField(min_value=1, max_value=100, default=90)
    warn_percent = serializers.IntegerField(min_value=1, max_value=99, default=75)
    pausing = serializers.ListField(child=serializers.ChoiceField(Pausing.choices), required=False)

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        if "person" in self.context:
            narrow(fields, self.context["person"])
            fields["agreement"].queryset = Agreement.objects.visible_to(self.context["person"])
            fields["service"].queryset = Service.objects.visible_to(self.context["person"]).on_offer()
        return fields


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
        return Calendar.objects.visible_to(person).prefetch_related("exceptions", "versions")

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
        names = ("windows", "always", "bank_holidays")
        given["week"] = keeping.WeekGiven(**{name: given.pop(name) for name in names})
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

    @extend_schema(request=TargetSerializer, responses=OutcomeSerializer)
    def partial_update(self, request, pk: str) -> Response:
        """Promise something else instead."""
        level, given = self.get_object(), self.given(TargetSerializer)

        def write() -> Touched:
            return Touched(tickets=concerned(keeping.save_level(level, by=request.user, **given)))

        return self._propose(given, write, "what we promise was changed")


def _outcome(applied: bool, effects: list[Effect], by) -> dict[str, Any]:
    outcome = {
        "applied": applied,
        "summary": in_words(effects),
        "late_at_once": late_at_once(effects),
        "effects": named_to(by, effects),
    }
    return OutcomeSerializer(outcome).data

"""How calendars and service levels look from outside, and what may be sent about them."""

from operator import attrgetter
from typing import Any

from django.db.models import Q
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.fields import empty

from api.rows import Named, NamedSerializer, code
from servicedesk.administration.hours_forms import CALENDAR_CODE, LONGEST_HOURS, NO_HOURS
from servicedesk.catalogue.models import Service
from servicedesk.people.access import councils_of
from servicedesk.people.models import Agreement, Council, Team
from servicedesk.people.roles import Permission
from servicedesk.service_levels.keeping import WeekGiven
from servicedesk.service_levels.models import Calendar, Metric, Pausing, ServiceLevel
from servicedesk.service_levels.promises import shape_of
from servicedesk.tickets.models import Priority, TicketType

WINDOWS = serializers.ListField(
    child=serializers.ListField(child=serializers.CharField(max_length=5), min_length=2, max_length=2),
    max_length=24,
)


LONGEST_TARGET = LONGEST_HOURS * 3600


class CalendarSerializer(serializers.ModelSerializer):
    """Working hours, and the councils and teams that keep them; `hours` is their shape, as `deadlines/explain/` takes
    it, and `reasons` says why days differ, by day, where that was said."""

    hours = serializers.SerializerMethodField()
    reasons = serializers.SerializerMethodField()
    councils = serializers.SerializerMethodField()
    teams = serializers.SerializerMethodField()

    class Meta:
        model = Calendar
        fields = ("id", "code", "name", "hours", "reasons", "councils", "teams", "version")
        read_only_fields = fields

    def get_hours(self, calendar: Calendar) -> dict[str, Any]:
        return shape_of(calendar)

    def get_reasons(self, calendar: Calendar) -> dict[str, str]:
        differing = sorted(calendar.exceptions.all(), key=attrgetter("date"))
        return {one.date.isoformat(): one.reason for one in differing if one.reason}

    def get_councils(self, calendar: Calendar) -> list[str]:
        return [kept.council.code for kept in calendar.councils.all()]

    @extend_schema_field(NamedSerializer(many=True))
    def get_teams(self, calendar: Calendar) -> list[dict[str, Any]]:
        return [{"id": kept.team_id, "name": str(kept.team)} for kept in calendar.teams.all()]


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
    """Offer the councils that the person administers, and their teams, as long as they are not archived."""
    administered = councils_of(person, Permission.ADMINISTER)
    fields["council"].queryset = Council.objects.visible_to(person).on_offer().filter(pk__in=administered)
    teams = Team.objects.visible_to(person).on_offer().filter(councils__in=administered)
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


class WeekSerializer(serializers.Serializer):
    """The hours of a week: `windows` by weekday, 0 for Monday, or round the clock."""

    windows = serializers.DictField(child=WINDOWS, default=dict)
    always = serializers.BooleanField(default=False)
    bank_holidays = serializers.BooleanField(default=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        windows, always, bank_holidays = (attrs.pop(each) for each in ("windows", "always", "bank_holidays"))
        if not (always or any(windows.values())):
            raise serializers.ValidationError({"windows": NO_HOURS})
        return attrs | {"week": WeekGiven({} if always else windows, always, bank_holidays)}


class NewCalendarSerializer(WeekSerializer):
    """Hours that a council or a team may then keep."""

    code = serializers.CharField(max_length=20, validators=[CALENDAR_CODE])
    name = serializers.CharField(max_length=100)


class HoursSerializer(WeekSerializer, Proposed):
    """Other weekly hours: from `starts_on` on, else from the beginning."""

    version = serializers.IntegerField(min_value=1)
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
    target_seconds = serializers.IntegerField(min_value=1, max_value=LONGEST_TARGET)
    calendar: Any = code(
        queryset=Calendar.objects.none(),
        required=False,
        allow_null=True,
        default=None,
        help_text="By whose hours it is measured; without one, by the council's.",
    )
    starts_on = serializers.DateField()
    ended_on = serializers.DateField(required=False, allow_null=True, default=None)
    goal_percent = serializers.IntegerField(min_value=1, max_value=100, default=90)
    warn_percent = serializers.IntegerField(min_value=1, max_value=99, default=75)
    pausing = serializers.ListField(child=serializers.ChoiceField(Pausing.choices), required=False)

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        if "person" in self.context:
            narrow(fields, self.context["person"])
            fields["calendar"].queryset = Calendar.objects.visible_to(self.context["person"])
            fields["agreement"].queryset = Agreement.objects.visible_to(self.context["person"])
            fields["service"].queryset = Service.objects.visible_to(self.context["person"]).on_offer()
        return fields


class ChangedLevelSerializer(NewLevelSerializer):
    """Another promise in place of one that was read at `version`; what is left out stays as it is, and what stands may
    stay, though it is archived."""

    version = serializers.IntegerField(min_value=1)

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        for name in fields.keys() - Proposed().get_fields().keys() - {"version"}:
            fields[name].required, fields[name].default = False, empty
        if self.instance:
            self._offer_what_stands(fields, self.instance)
        return fields

    def _offer_what_stands(self, fields: dict[str, Any], level: ServiceLevel) -> None:
        person = self.context["person"]
        seen: dict[str, Any] = {
            "council": Council.objects.visible_to(person),
            "service": Service.objects.visible_to(person),
            "team": Team.objects.visible_to(person),
        }
        for name, rows in seen.items():
            offered = fields[name].queryset.values("pk")
            fields[name].queryset = rows.filter(Q(pk__in=offered) | Q(pk=getattr(level, f"{name}_id")))

"""What is typed about hours and promises."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db.models import Q
from django.utils import timezone

from servicedesk.catalogue.models import Service
from servicedesk.forms import Form, ModelForm
from servicedesk.people.access import councils_of
from servicedesk.people.models import Agreement, Council, Person, Team
from servicedesk.people.roles import Permission
from servicedesk.service_levels.calendar_shape import windows_as_text, windows_from_text
from servicedesk.service_levels.keeping import WeekGiven
from servicedesk.service_levels.models import Calendar, Pausing, ServiceLevel
from servicedesk.service_levels.working_time import DeadlineError
from servicedesk.tickets.models import Priority, TicketType

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOW_TO_WRITE = "Such as 08:30 to 12:00, 13:00 to 17:00. Leave it empty for a closed day."
NO_HOURS = "Enter the hours of one day at least, or choose round the clock"
CALENDAR_CODE = RegexValidator(
    r"^[A-Z0-9][A-Z0-9-]*$", "The code must be capitals, digits and hyphens, like CDC-LIB"
)
EVERY_COUNCIL, EVERY_SERVICE = "Every council", "Every service"
LONGEST_HOURS = 10_000


class HoursField(forms.CharField):
    """The hours of a day, as people write them; a calendar's windows when cleaned."""

    def __init__(self, **options: Any):
        super().__init__(max_length=200, required=False, **options)

    def clean(self, value: Any) -> list[list[str]]:
        try:
            return windows_from_text(super().clean(value))
        except DeadlineError as problem:
            raise ValidationError(f"{self.label}: {problem}") from problem

    def prepare_value(self, value: Any) -> Any:
        return windows_as_text(value) if isinstance(value, list) else value


class WeekForm(Form):
    """The hours of a week, and where it is of a calendar that was read, from which day on they hold."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    always = forms.BooleanField(label="Round the clock, every day", required=False)
    bank_holidays = forms.BooleanField(
        label="Closed on the bank holidays of England and Wales", required=False, initial=True
    )
    starts_on = forms.DateField(
        label="From which day on",
        required=False,
        help_text="What was before that day stays. Leave it empty to correct the hours from the beginning.",
    )

    def __init__(self, data=None, *, calendar: Calendar | None = None):
        super().__init__(data)
        for number, day in enumerate(DAYS):
            self.add(f"day_{number}", HoursField(label=day, help_text=HOW_TO_WRITE if number == 0 else ""))
            self.initial[f"day_{number}"] = (calendar.windows if calendar else {}).get(str(number), [])
        if calendar:
            self.initial.update(
                version=calendar.version, always=calendar.always, bank_holidays=calendar.bank_holidays
            )
        self.order_fields(["name", "code", "always", *(f"day_{n}" for n in range(7)), "bank_holidays"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        windows = {str(n): given[f"day_{n}"] for n in range(7) if given.get(f"day_{n}")}
        if not windows and not given.get("always") and not self.errors:
            raise ValidationError(NO_HOURS)
        self.week = WeekGiven({} if given.get("always") else windows, given["always"], given["bank_holidays"])
        return given


class NewCalendarForm(WeekForm):
    """A calendar of its own name."""

    name = forms.CharField(label="Name", max_length=100)
    code = forms.CharField(
        label="Code", max_length=20, help_text="Short, such as CDC-LIB", validators=[CALENDAR_CODE]
    )

    def __init__(self, data=None):
        super().__init__(data)
        del self.fields["version"], self.fields["starts_on"]


class DayForm(Form):
    """A day that differs."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    day = forms.DateField(label="Day")
    hours = HoursField(label="Hours", help_text=HOW_TO_WRITE)
    reason = forms.CharField(label="Reason", max_length=100, required=False)

    def __init__(self, data=None, *, calendar: Calendar):
        super().__init__(data, initial={"version": calendar.version})


class ClearDayForm(Form):
    """That a day differs no longer."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, data=None, *, calendar: Calendar):
        super().__init__(data, initial={"version": calendar.version})


class KeepForm(Form):
    """Whose hours a calendar is: a council's or a team's."""

    council = forms.ModelChoiceField(Council.objects.none(), label="Council", required=False)
    team = forms.ModelChoiceField(Team.objects.none(), label="Team or supplier", required=False)

    def __init__(self, data=None, *, by: Person):
        super().__init__(data)
        administered = councils_of(by, Permission.ADMINISTER)
        self.fields["council"].queryset = Council.objects.filter(pk__in=administered, archived_at=None)
        teams = Team.objects.filter(councils__in=administered, archived_at=None).distinct()
        self.fields["team"].queryset = teams.exclude(kind=Team.Kind.CASE_GROUP)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors and bool(given.get("council")) == bool(given.get("team")):
            raise ValidationError("Select a council or a team, not both")
        return given


class CoverForm(Form):
    """Whether a service is covered out of hours."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    covered = forms.BooleanField(
        label="Covered out of hours",
        required=False,
        help_text="The time of a P1 then runs round the clock. Of anything else it runs in the council's hours.",
    )

    def __init__(self, data=None, *, service: Service):
        super().__init__(data, initial={"version": service.version, "covered": service.out_of_hours_cover})


class LevelForm(ModelForm):
    """A promise. Its target is working time."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    ticket_type = forms.ChoiceField(label="Type", choices=TicketType.choices)
    priority = forms.ChoiceField(label="Priority", choices=Priority.choices)
    hours = forms.IntegerField(label="Hours", min_value=0, max_value=LONGEST_HOURS, required=False)
    minutes = forms.IntegerField(label="Minutes", min_value=0, max_value=59, required=False)
    goal_percent = forms.IntegerField(label="Goal in per cent", min_value=1, max_value=100, initial=90)
    warn_percent = forms.IntegerField(
        label="Warn at", min_value=1, max_value=99, initial=75, help_text="Per cent of the time used."
    )
    pausing = forms.MultipleChoiceField(
        label="What stops the clock",
        choices=Pausing.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = ServiceLevel
        fields = (
            "kind",
            "ticket_type",
            "priority",
            "metric",
            "council",
            "service",
            "team",
            "agreement",
            "hours",
            "minutes",
            "calendar",
            "starts_on",
            "ended_on",
            "goal_percent",
            "warn_percent",
            "pausing",
        )
        labels = {
            "kind": "Kind",
            "metric": "What is measured",
            "team": "Team or supplier",
            "agreement": "Target of the agreement",
            "calendar": "Measured by",
            "starts_on": "For what is reported from",
            "ended_on": "And no more from",
        }
        help_texts = {
            "agreement": "It then counts before other promises, for what is reported while the agreement is in force."
        }

    def __init__(
        self,
        data=None,
        *,
        by: Person,
        instance: ServiceLevel | None = None,
        agreement: Agreement | None = None,
    ):
        super().__init__(data, instance=instance, initial={"agreement": agreement} if agreement else None)
        level, fields = self.instance, self.fields
        self.initial["version"] = level.version
        if level.pk:
            self.initial["hours"], rest = divmod(level.target_seconds, 3600)
            self.initial["minutes"] = rest // 60
        administered = councils_of(by, Permission.ADMINISTER)
        fields["council"].queryset = Council.objects.filter(Q(pk__in=administered) | Q(pk=level.council_id))
        fields["council"].empty_label = EVERY_COUNCIL
        offered = Service.objects.visible_to(by).on_offer()
        fields["service"].queryset = Service.objects.filter(
            Q(pk__in=offered.values("pk")) | Q(pk=level.service_id)
        )
        fields["service"].empty_label = EVERY_SERVICE
        teams = Team.objects.filter(Q(councils__in=administered, archived_at=None) | Q(pk=level.team_id))
        fields["team"].queryset = teams.exclude(kind=Team.Kind.CASE_GROUP).distinct()
        fields["team"].empty_label = "None: a promise to the customer"
        living = Q(ends_at=None) | Q(ends_at__gt=timezone.now()) | Q(pk=level.agreement_id)
        fields["agreement"].queryset = Agreement.objects.visible_to(by).filter(living)
        fields["agreement"].empty_label = "None: an ordinary promise"
        fields["calendar"].empty_label = "The council's hours"

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        seconds = (given.get("hours") or 0) * 3600 + (given.get("minutes") or 0) * 60
        if not seconds and not self.errors:
            raise ValidationError({"hours": "Enter how long it may take"})
        given["target_seconds"] = seconds
        return given

    def _post_clean(self) -> None:
        """The instance stays as it was read: the domain writes, not the form."""

    def values(self) -> dict[str, Any]:
        given = {name: self.cleaned_data[name] for name in self.Meta.fields}
        del given["hours"], given["minutes"]
        return given | {"target_seconds": self.cleaned_data["target_seconds"]}

"""What administrators type about roles, team places, rotas, absences, agreements and last days."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from servicedesk.administration.forms import of_councils
from servicedesk.forms import Form, ModelForm, SearchSelect
from servicedesk.people.access import councils_of
from servicedesk.people.models import Agreement, Council, Person, Team
from servicedesk.people.organising import known_by_address
from servicedesk.people.querysets import in_force
from servicedesk.people.roles import ROLE_CHOICES, Permission
from servicedesk.wording import ZONE

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class SpanForm(Form):
    """From one day to another, both included, by the clocks on the wall. Left empty: from now, and without an end."""

    begins = forms.DateField(label="First day", required=False, help_text="Leave this empty for now")
    ends = forms.DateField(label="Last day", required=False, help_text="Leave this empty if it has no end")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("ends") and cleaned["ends"] < (cleaned.get("begins") or timezone.localdate()):
            self.add_error("ends", "The last day must not be before the first, or today")
        return cleaned

    def span(self) -> dict[str, Any]:
        """The moments: nothing for now, and for without an end."""
        first, last = self.cleaned_data["begins"], self.cleaned_data["ends"]
        later = first and first > timezone.localdate()
        return {
            "starts_at": midnight(first) if later else None,
            "ends_at": midnight(last + timedelta(days=1)) if last else None,
        }


class RoleForm(SpanForm):
    """Which role, at which of the councils that one administers."""

    role = forms.ChoiceField(label="Role", choices=ROLE_CHOICES)
    council = forms.ModelChoiceField(Council.objects.none(), label="Council", empty_label=None)
    field_order: tuple[str, ...] = ("role", "council")

    def __init__(self, data=None, *, by: Person, council: Council | None = None):
        super().__init__(data, initial={"council": council})
        self.fields["council"].queryset = of_councils(by)


class RoleByEmailForm(RoleForm):
    """A role for somebody whom one knows by their address: of one's own councils, or of one that the desk serves."""

    email = forms.EmailField(label="Email address")
    field_order = ("email", "role", "council")

    def __init__(self, data=None, *, by: Person):
        super().__init__(data, by=by)
        self.by = by

    def clean_email(self) -> Person:
        return known_by_address(self.by, self.cleaned_data["email"])


class MemberForm(SpanForm):
    """Who joins a team: somebody of those of its councils that one administers."""

    person = forms.ModelChoiceField(
        Person.objects.none(), label="Person", empty_label="Choose one", widget=SearchSelect
    )
    field_order = ("person",)

    def __init__(self, data=None, *, team: Team, by: Person):
        super().__init__(data)
        members = team.memberships.filter(in_force()).values("person")
        own = councils_of(by, Permission.ADMINISTER)
        known = Person.objects.active().filter(council__in=team.councils.filter(pk__in=own))
        self.fields["person"].queryset = known.exclude(pk__in=members)


class RotaForm(Form):
    """When a member is on duty, each week."""

    person = forms.ModelChoiceField(Person.objects.none(), label="Member", empty_label="Choose one")
    weekday = forms.TypedChoiceField(label="Day", choices=list(enumerate(DAYS)), coerce=int)
    begins = forms.TimeField(label="From", help_text="For example, 08:00")
    ends = forms.TimeField(label="To", help_text="For example, 17:30")

    def __init__(self, data=None, *, team: Team):
        super().__init__(data)
        self.fields["person"].queryset = members_of(team)


class AbsenceForm(Form):
    """When somebody is away, both days included."""

    first_day = forms.DateField(label="First day away")
    last_day = forms.DateField(label="Last day away")


class MemberAbsenceForm(AbsenceForm):
    """Which member of a team is away, and when."""

    person = forms.ModelChoiceField(Person.objects.none(), label="Member", empty_label="Choose one")
    field_order = ("person",)

    def __init__(self, data=None, *, team: Team):
        super().__init__(data)
        self.fields["person"].queryset = members_of(team)


class LastDayForm(Form):
    """The last day of somebody's employment, or none."""

    employed_to = forms.DateField(
        label="Last day",
        required=False,
        help_text="The account works until the end of it. Empty: there is none",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class AgreementForm(ModelForm):
    """How councils are to share the desk. The others agree by themselves."""

    councils = forms.ModelMultipleChoiceField(
        Council.objects.none(),
        label="Who takes part",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Select who takes part"},
    )
    begins = forms.DateField(label="First day", required=False, help_text="Leave this empty for now")

    class Meta:
        model = Agreement
        fields = ("name", "kind", "provider")
        widgets = {"kind": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        living = Council.objects.filter(archived_at=None)
        self.fields["councils"].queryset = living
        self.fields["provider"].queryset = living
        self.fields["provider"].empty_label = "None: each serves the others"
        self.fields["provider"].help_text = "Who provides for the others, where one of them does"

    def _post_clean(self) -> None:
        """The domain says what cannot be, in its own words."""

    def made(self) -> Agreement:
        """The agreement of what was typed, without who takes part."""
        cleaned = self.cleaned_data
        begins = cleaned["begins"]
        later = begins and begins > timezone.localdate()
        return Agreement(
            name=cleaned["name"],
            kind=cleaned["kind"],
            provider=cleaned["provider"],
            starts_at=midnight(begins) if later else timezone.now(),
        )


class EndForm(Form):
    """When an agreement ends."""

    ends = forms.DateField(label="Last day", required=False, help_text="Leave this empty to end it now")
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def at(self) -> datetime | None:
        """The moment, or nothing for now."""
        last = self.cleaned_data["ends"]
        return midnight(last + timedelta(days=1)) if last else None


def midnight(day: date) -> datetime:
    """When a day begins, by the clocks on the wall."""
    return datetime.combine(day, time.min, ZONE)


def members_of(team: Team) -> QuerySet[Person]:
    """Who is in a team now."""
    return Person.objects.active().filter(pk__in=team.memberships.filter(in_force()).values("person"))

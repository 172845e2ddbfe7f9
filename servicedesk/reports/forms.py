"""What a report is asked with, of which month and council, and what is entered from elsewhere."""

from datetime import date, datetime

from django import forms
from django.utils import timezone

from servicedesk.forms import FilterForm
from servicedesk.people.access import councils_of
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission
from servicedesk.people.row_forms import RowForm
from servicedesk.reports.models import EnteredFigure
from servicedesk.reports.months import month_before
from servicedesk.reports.report import JOINT, JOINT_WORDS, Report, scopes_of

MOST_MONTHS = 60


class ReportForm(FilterForm):
    """A month that has begun, the last whole one unless another is asked for, and a council that the person counts."""

    month = forms.ChoiceField(label="Month", required=False)
    council = forms.ChoiceField(label="Council", required=False)

    def __init__(self, data, person: Person, kind: type[Report], now: datetime | None = None):
        super().__init__(data)
        self.person, self.kind = person, kind
        self.months = _months(now or timezone.now())
        councils = {council.code: council for council in kind.counted_by(person)}
        scopes = scopes_of(list(councils.values()))
        self.fields["month"].choices = [(f"{first:%Y-%m}", f"{first:%B %Y}") for first in self.months]
        self.fields["council"].choices = [
            (scope, JOINT_WORDS if scope == JOINT else councils[scope].name) for scope in scopes
        ]
        usual = {"month": f"{self.months[1]:%Y-%m}", "council": _usual(person, councils)}
        self.data = usual | {name: given for name in usual if (given := self.data.get(name))}

    def report(self) -> Report:
        """The report that was asked for."""
        return self.kind(self.person, self.cleaned_data["month"], self.cleaned_data["council"])

    def clean_month(self) -> date:
        return date.fromisoformat(f"{self.cleaned_data['month']}-01")


class EnteredFigureForm(RowForm):
    """Two numbers of a council's month, and where they were read."""

    new_alone = ("kind", "council", "month")
    month = forms.TypedChoiceField(label="Month", coerce=date.fromisoformat)

    class Meta:
        model = EnteredFigure
        fields = ("kind", "council", "month", "part", "whole", "source", "read_on")
        labels = {
            "kind": "What it tells",
            "part": "Number",
            "whole": "Out of",
            "source": "Where the figure was read",
            "read_on": "When it was read",
        }
        help_texts = {
            "part": "Calls given up, changes that succeeded, or hours on projects",
            "whole": "All calls, all changes implemented, or all hours worked",
            "source": "Such as the telephone system’s monthly statistics",
        }

    def narrow(self) -> None:
        entering = councils_of(self.by, Permission.ENTER_FIGURES)
        self.offer("council", Council.objects.filter(pk__in=entering, archived_at=None))
        month = self.fields.get("month")
        if isinstance(month, forms.TypedChoiceField):
            ended = _months(timezone.now())[1:]
            month.choices = [(first.isoformat(), f"{first:%B %Y}") for first in ended]


def _months(now: datetime) -> list[date]:
    """The present month and those before it, latest first."""
    months = [timezone.localdate(now).replace(day=1)]
    while len(months) < MOST_MONTHS:
        months.append(month_before(months[-1]))
    return months


def _usual(person: Person, councils: dict[str, Council]) -> str:
    """The person's own council where they count it."""
    own = [code for code, council in councils.items() if council.pk == person.council_id]
    return next(iter([*own, *councils]), "")

"""What people choose and type about programmes, their budgets and what they put off."""

from typing import Any

from django import forms

from assets.batches.forms import AsRead
from assets.batches.models import Programme
from assets.batches.planning import years_of
from assets.refresh.forms import planned_councils
from assets.register.life_forms import DeedForm
from servicedesk.forms import FilterForm, Form
from servicedesk.people.access import councils_of
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission
from servicedesk.people.row_forms import RowForm


class ProgrammeForm(RowForm):
    """A programme."""

    class Meta:
        model = Programme
        fields = ("name", "from_fy", "to_fy", "window_from", "window_to", "councils")
        widgets = {"councils": forms.CheckboxSelectMultiple}

    def narrow(self) -> None:
        seen = councils_of(self.by, Permission.SEE_ASSETS)
        self.offer("councils", Council.objects.filter(pk__in=seen, archived_at=None))


class BudgetForm(Form):
    """What a council may spend in a year of a programme, with the version at which each that may be set was read."""

    council = forms.ModelChoiceField(
        Council.objects.none(), label="Council", to_field_name="code", empty_label=None
    )
    financial_year = forms.ChoiceField(label="Financial year")
    amount = forms.DecimalField(label="Budget", min_value=0, max_digits=14, decimal_places=2)

    def __init__(self, data: Any = None, *, programme: Programme, by: Person) -> None:
        super().__init__(data)
        mine = planned_councils(by).filter(pk__in=programme.councils.values("pk"))
        self.fields["council"].queryset = mine
        self.fields["financial_year"].choices = [(year, year) for year in years_of(programme)]
        there = programme.budgets.filter(council__in=mine)
        read = {(row.council_id, row.financial_year): row.version for row in there}
        for council in mine:
            for year in years_of(programme):
                version = AsRead(
                    widget=forms.HiddenInput,
                    initial=read.get((council.pk, year), 0),
                    error_messages={"required": "Read the page again before you set a budget"},
                )
                self.add(f"version_{council.pk}_{year}", version)

    def given(self) -> dict[str, Any]:
        """What was filled in, with the version of just that budget."""
        given = {name: self.cleaned_data[name] for name in ("council", "financial_year", "amount")}
        read = self.cleaned_data[f"version_{given['council'].pk}_{given['financial_year']}"]
        return {**given, "version": int(read)}


class DeferralForm(DeedForm):
    """Why something is not replaced before a day."""

    reason = forms.CharField(label="Reason", max_length=200)
    until = forms.DateField(label="Deferred until")


class GapFilter(FilterForm):
    """Which of what is due within the window of a programme is listed."""

    council = forms.ModelChoiceField(
        Council.objects.none(), label="Council", to_field_name="code", required=False, empty_label="Any"
    )

    def __init__(self, data: Any, programme: Programme, by: Person) -> None:
        super().__init__(data)
        seen = councils_of(by, Permission.SEE_ASSETS)
        self.fields["council"].queryset = programme.councils.filter(pk__in=seen)

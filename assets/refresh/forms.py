"""What people choose and type about the refresh."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from assets.refresh.forecast import INFLATION, financial_year, year_of
from assets.refresh.levers import LONGER, SHORTER
from assets.refresh.models import ExtendedSupport, Scenario, UnitCosts
from assets.register.models import Category, OperatingSystemRelease
from servicedesk.forms import FilterForm, Form, SearchSelect
from servicedesk.people.access import councils_of
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission
from servicedesk.people.row_forms import RowForm

EARLIEST, LATEST = date(2000, 4, 1), date(2100, 3, 31)


class ForecastForm(FilterForm):
    """Of which council a forecast is wanted, and as on which day: of all that the reader sees, and today."""

    council = forms.ModelChoiceField(
        label="Council",
        queryset=Council.objects.none(),
        to_field_name="code",
        required=False,
        empty_label="All",
    )
    as_at = forms.DateField(label="As at", required=False)

    def __init__(self, data, person: Person):
        super().__init__(data)
        seen = councils_of(person, Permission.SEE_ASSETS)
        self.fields["council"].queryset = Council.objects.filter(pk__in=seen)  # type: ignore[attr-defined]

    @property
    def asked(self) -> dict[str, str]:
        """The day, where one was asked for, as an address has it."""
        day = self.cleaned_data["as_at"]
        return {"as_at": day.isoformat()} if day else {}

    def clean_as_at(self) -> date | None:
        day = self.cleaned_data["as_at"]
        if day and not EARLIEST <= day <= LATEST:
            raise forms.ValidationError("As at must be a day between 1 April 2000 and 31 March 2100")
        return day


def planned_councils(person: Person) -> Any:
    """The councils whose refresh somebody plans."""
    return Council.objects.filter(pk__in=councils_of(person, Permission.PLAN_REFRESH), archived_at=None)


def money(label: str, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=0, max_digits=12, decimal_places=2, required=False, **more
    )


class OfCouncilForm(RowForm):
    """A row of a council whose refresh the person plans."""

    def narrow(self) -> None:
        self.offer("council", planned_councils(self.by))
        councils = list(planned_councils(self.by)[:2])
        if "council" in self.fields and len(councils) == 1:
            self.initial["council"] = councils[0].pk


class UnitCostsForm(OfCouncilForm):
    """What replacing one thing of a category costs."""

    new_alone = ("council", "category")

    class Meta:
        model = UnitCosts
        fields = (
            "council",
            "category",
            "base_fy",
            "price",
            "deploy",
            "disposal",
            "residual",
            "engineer_days",
        )

    def narrow(self) -> None:
        super().narrow()
        if not self.instance.pk:
            self.initial["base_fy"] = financial_year(year_of(timezone.localdate()))


class ExtendedSupportForm(OfCouncilForm):
    """Until when a council has bought support for a release."""

    new_alone = ("council", "release")

    class Meta:
        model = ExtendedSupport
        fields = ("council", "release", "until")
        widgets = {"release": SearchSelect}

    def narrow(self) -> None:
        super().narrow()
        self.offer("release", OperatingSystemRelease.objects.visible_to(self.by))


class ScenarioForm(OfCouncilForm):
    """A what if: inflation in per cent, the caps, and three levers for each category."""

    inflation = forms.DecimalField(
        label="Inflation a year", min_value=0, max_value=100, max_digits=5, decimal_places=2
    )
    new_alone = ("council",)

    class Meta:
        model = Scenario
        fields = ("council", "name", "yearly_cap", "engineer_days")

    def narrow(self) -> None:
        super().narrow()
        self.initial["inflation"] = (
            (self.instance.inflation if self.instance.pk else INFLATION) * 100
        ).normalize()
        for category, label in Category.choices:
            said = self.instance.levers.get(category, {})
            months = forms.IntegerField(
                label=f"{label}: months longer, or shorter with a minus",
                min_value=SHORTER,
                max_value=LONGER,
                required=False,
            )
            for part, field in (
                ("life", months),
                ("price", money(f"{label}: price of one")),
                ("cloud", money(f"{label}: moves to the cloud, where one costs a year")),
            ):
                self.add(f"{part}_{category}", field)
                self.initial[f"{part}_{category}"] = said.get(part)

    @property
    def levers(self) -> list[tuple[str, bool, list[forms.BoundField]]]:
        """Of each category its name, whether anything is said of it, and its three fields."""
        found = []
        for category, label in Category.choices:
            fields = [self[f"{part}_{category}"] for part in ("life", "price", "cloud")]
            said = any(field.errors or field.value() not in (None, "") for field in fields)
            found.append((label, said, fields))
        return found

    @property
    def plain(self) -> list[forms.BoundField]:
        """The fields that are not of one category."""
        return [
            self[name]
            for name in ("council", "name", "inflation", "yearly_cap", "engineer_days")
            if name in self.fields
        ]

    def values(self) -> dict[str, Any]:
        typed = super().values()
        said: dict[str, dict[str, Any]] = {}
        for category in Category.values:
            for part in ("life", "price", "cloud"):
                value = typed.pop(f"{part}_{category}")
                if value is not None:
                    said.setdefault(category, {})[part] = str(value) if isinstance(value, Decimal) else value
        return {**typed, "inflation": typed["inflation"] / 100, "levers": said}


class BaselineForm(Form):
    """Which plan is frozen, and for which paper."""

    plan = forms.ChoiceField(label="Plan")
    name = forms.CharField(label="Name of the paper", max_length=100)
    reference = forms.CharField(label="Decision or minute", max_length=60, required=False)

    def __init__(self, data, person: Person):
        super().__init__(data)
        self.councils = {council.code: council for council in planned_councils(person)}
        planned = Scenario.objects.living().filter(council__in=self.councils.values())
        scenarios = planned.select_related("council")
        self.scenarios = {str(scenario.pk): scenario for scenario in scenarios}
        today = [(code, f"{council}: as planned today") for code, council in self.councils.items()]
        others = [(key, f"{scenario.council}: {scenario}") for key, scenario in self.scenarios.items()]
        self.fields["plan"].choices = [*today, *others]  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """As `planning.take_baseline` takes it."""
        plan = self.cleaned_data["plan"]
        scenario = self.scenarios.get(plan)
        council = scenario.council if scenario else self.councils[plan]
        return {
            "council": council,
            "scenario": scenario,
            "name": self.cleaned_data["name"],
            "reference": self.cleaned_data["reference"],
        }

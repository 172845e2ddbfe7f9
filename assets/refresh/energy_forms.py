"""What people type of energy: tariffs, machine rooms, the factors of years."""

from django import forms

from assets.refresh.forms import OfCouncilForm, planned_councils
from assets.refresh.models import EnergyFactor, RoomOverhead, Tariff
from servicedesk.forms import Form, SearchSelect
from servicedesk.people.models import Council, Person, Site
from servicedesk.people.row_forms import RowForm


class OfPlaceForm(OfCouncilForm):
    """What counts at a place of a council whose refresh the person plans, from a day."""

    new_alone = ("council", "site")

    def narrow(self) -> None:
        super().narrow()
        sites = Site.objects.filter(council__in=planned_councils(self.by)).select_related("council")
        self.offer_living("site", sites, none="All that have none of their own")
        if "site" in self.fields:
            self.fields["site"].label_from_instance = lambda site: f"{site} ({site.council.code})"  # type: ignore[attr-defined]


class TariffForm(OfPlaceForm):
    """What a kWh costs."""

    class Meta:
        model = Tariff
        fields = ("council", "site", "pence", "starts_on", "ends_on")
        widgets = {"site": SearchSelect}


class RoomOverheadForm(OfPlaceForm):
    """What a machine room adds."""

    class Meta:
        model = RoomOverhead
        fields = ("council", "site", "pue", "starts_on", "ends_on")
        widgets = {"site": SearchSelect}


class EnergyFactorForm(RowForm):
    """The factor of a year; a correction says why."""

    new_alone = ("year",)

    class Meta:
        model = EnergyFactor
        fields = ("year", "generation", "grid_losses", "source", "checked_on")

    def narrow(self) -> None:
        if self.instance.pk:
            self.add("reason", forms.CharField(label="Why it is corrected", max_length=200))


class CloseYearForm(Form):
    """Of which council the year that ended last is closed."""

    council = forms.ModelChoiceField(
        label="Council", queryset=Council.objects.none(), to_field_name="code", empty_label=None
    )

    def __init__(self, data, person: Person):
        super().__init__(data)
        self.fields["council"].queryset = planned_councils(person)  # type: ignore[attr-defined]

"""What is chosen and typed about appointments and swaps."""

from datetime import date
from typing import Any

from django import forms

from assets.batches.forms import freeze_reason
from assets.batches.item_guards import wrong_new
from assets.batches.models import Appointment, Batch, BatchItem, ChangeFreeze, SwapSlot
from assets.batches.states import AT_WORK, Outcome
from assets.refresh.forms import planned_councils
from assets.register.stock_take_forms import SiteOfCouncilField
from servicedesk import wording
from servicedesk.forms import FilterForm, Form, SearchSelect
from servicedesk.people.access import councils_of
from servicedesk.people.models import Person, Site
from servicedesk.people.roles import Permission
from servicedesk.people.row_forms import RowForm
from servicedesk.tickets.forms import TicketReference


def _sites(person: Person, permission: Permission) -> Any:
    seen = Site.objects.visible_to(person).filter(council__in=councils_of(person, permission))
    return seen.on_offer().select_related("council").order_by("council__code", "name")


class DayForm(FilterForm):
    """Of which site and day."""

    site = SiteOfCouncilField(
        label="Site", queryset=Site.objects.none(), required=False, widget=SearchSelect, empty_label="All"
    )
    day = forms.DateField(label="Day", required=False)

    def __init__(self, data: Any, person: Person):
        super().__init__(data)
        self.fields["site"].queryset = _sites(person, Permission.SEE_ASSETS)


class OfferDayForm(Form):
    """The times that a site offers on one day."""

    site = SiteOfCouncilField(label="Site", queryset=Site.objects.none(), widget=SearchSelect)
    room = forms.CharField(label="Room", max_length=60, required=False)
    day = forms.DateField(label="Day")
    begins = forms.TimeField(label="First swap begins", initial="9:00")
    ends = forms.TimeField(label="Last swap ends", initial="16:00")
    minutes = forms.IntegerField(label="Minutes for each swap", initial=30)
    capacity = forms.IntegerField(label="Engineers there", initial=2, min_value=1, max_value=50)

    def __init__(self, data: Any, person: Person):
        super().__init__(data)
        self.fields["site"].queryset = _sites(person, Permission.PLAN_REFRESH)


class CapacityForm(RowForm):
    """How many engineers are there at a time."""

    class Meta:
        model = SwapSlot
        fields = ("capacity",)


class FreezeForm(RowForm):
    """When nothing is changed at a site, or at all sites of a council."""

    new_alone = ("council", "site")

    class Meta:
        model = ChangeFreeze
        fields = ("council", "site", "starts_on", "ends_on", "why")
        field_classes = {"site": SiteOfCouncilField}
        widgets = {"site": SearchSelect}

    def narrow(self) -> None:
        self.offer("council", planned_councils(self.by))
        self.offer("site", _sites(self.by, Permission.PLAN_REFRESH), none="All sites")


class OfferForm(Form):
    """For which batch people are asked to choose."""

    batch = forms.ModelChoiceField(label="Batch", queryset=Batch.objects.none())

    def __init__(self, data: Any, person: Person):
        super().__init__(data)
        rows = Batch.objects.visible_to(person).filter(state__in=AT_WORK)
        self.fields["batch"].queryset = rows
        self.fields["batch"].label_from_instance = lambda row: f"{row.reference} {row.title}"


class ChooseForm(Form):
    """One of the times that are free."""

    slot = forms.TypedChoiceField(label="When", coerce=int, widget=forms.RadioSelect)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any, *, slots: Any, appointment: Appointment):
        super().__init__(data, initial={"version": appointment.version, "slot": appointment.slot_id})
        self.fields["slot"].choices = [(slot.pk, _time_in_words(slot)) for slot in slots]
        if any(slot.freeze for slot in slots):
            self.add("freeze_reason", freeze_reason())


def _time_in_words(slot: SwapSlot) -> str:
    when = f"{wording.moment(slot.starts_at)}, {slot}"
    return f"{when}. {slot.freeze}" if slot.freeze else when


class AssignForm(Form):
    """Who swaps, and which request is done with it."""

    engineer = forms.ModelChoiceField(
        label="Engineer", queryset=Person.objects.none(), required=False, empty_label="Nobody yet"
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any, *, appointment: Appointment, engineers: list[Person], by: Person):
        names = ("engineer", "ticket", "version")
        super().__init__(data, initial={name: getattr(appointment, name) for name in names})
        keys = [one.pk for one in engineers]
        self.fields["engineer"].queryset = Person.objects.visible_to(by).filter(pk__in=keys)
        self.add(
            "ticket",
            TicketReference(
                by,
                label="Request that is done with it",
                max_length=20,
                required=False,
                help_text="Its reference, such as REQ-2026-000123",
            ),
        )


class CallOffForm(Form):
    """Why there is no appointment."""

    reason = forms.CharField(label="Reason", max_length=200)


class FindForm(Form):
    """What is in the hand."""

    old = forms.CharField(
        label="Old device: scan or type its tag",
        max_length=200,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )


class SwapForm(Form):
    """The swap: both devices, and the word of whoever gets the new one."""

    old = forms.CharField(label="Old device", max_length=200, widget=forms.HiddenInput)
    new = forms.CharField(
        label="New device: scan or type its tag",
        max_length=200,
        widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "off"}),
    )
    stays = forms.ChoiceField(
        label="Old device",
        choices=[("no", "I take it away now"), ("yes", "It was not brought, and stays where it is for now")],
        widget=forms.RadioSelect,
        initial="no",
    )
    back_on = forms.DateField(label="Brought back by", required=False)
    data_saved = forms.BooleanField(label="My data are saved")
    signed_by = forms.CharField(label="Name of whoever takes it over", max_length=100)
    signed = forms.BooleanField(
        label="I have taken over the new device, and handed in the old one or bring it back by the day above"
    )
    note = forms.CharField(label="Note", max_length=200, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, item: BatchItem, frozen: str, **options: Any):
        super().__init__(data, **options)
        self.item = item
        if item.outcome != Outcome.REPLACE:
            del self.fields["new"]
        if item.outcome != Outcome.REPLACE or item.asset.holder is None:
            del self.fields["stays"], self.fields["back_on"]
        if frozen:
            self.add("freeze_reason", freeze_reason(frozen))

    def clean_new(self) -> str:
        """A wrong one is said as soon as it is scanned, before anybody signs for it."""
        scanned = self.cleaned_data["new"]
        if wrong := wrong_new(self.item, scanned):
            raise forms.ValidationError(wrong)
        return scanned

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        stays = cleaned.pop("stays", "no") == "yes"
        if not stays:
            cleaned["back_on"] = None
        elif cleaned.get("back_on") is None and "back_on" not in self.errors:
            self.add_error("back_on", "Enter by when it is brought back")
        return cleaned

    def given(self) -> dict[str, Any]:
        """What is given, as the swap takes it."""
        return {name: said for name, said in self.cleaned_data.items() if name != "signed"}


def first_day(form: DayForm, today: date) -> date:
    """The day that was asked for, today unless another was."""
    return (form.cleaned_data.get("day") if form.is_valid() else None) or today

"""What asset managers type about an asset."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from assets.register.facts import GROUPS, label, value_of
from assets.register.lifecycle import AssetState
from assets.register.models import Asset
from assets.register.registering import EDITABLE, NAMELESS, NAMES, refuse
from servicedesk.forms import Form, ModelForm, SearchSelect
from servicedesk.people.models import Department, Person, Site
from servicedesk.tickets.models import Ticket

LONGEST_WARRANTY, LONGEST_NOTES = 600, 10_000
BEGINNINGS = (
    AssetState.ON_ORDER,
    AssetState.IN_STOCK,
    AssetState.STAGED,
    AssetState.IN_USE,
    AssetState.IN_REPAIR,
    AssetState.RETURNED,
)
"""States that a new entry may stand in; the others are reached by moves alone, which leave their evidence."""


class AssetForm(ModelForm):
    """An asset of one council, whose sites, departments and people alone can be chosen.

    Give it an instance with its council set. The holder is typed, because a list of thousands helps nobody.
    """

    holder = forms.CharField(
        label="Holder",
        max_length=200,
        required=False,
        help_text="Their email address, or their name as the desk knows it",
    )
    uplink = forms.CharField(
        label="Uplink",
        max_length=100,
        required=False,
        help_text="The tag, hostname or serial number of the equipment that it hangs off",
    )
    rack_unit = forms.IntegerField(label=label("rack_unit"), min_value=1, max_value=60, required=False)
    stack_member = forms.IntegerField(label=label("stack_member"), min_value=1, max_value=60, required=False)
    encrypted = forms.TypedChoiceField(
        label="Encrypted",
        choices=[("", "Not known"), ("True", "Yes"), ("False", "No")],
        coerce=lambda value: value == "True",
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": "Select whether it is encrypted"},
    )
    purchase_cost_ex_vat = forms.DecimalField(
        label=label("purchase_cost_ex_vat"), min_value=0, max_digits=12, decimal_places=2, required=False
    )
    warranty_months = forms.IntegerField(
        label=label("warranty_months"), min_value=0, max_value=LONGEST_WARRANTY, required=False
    )
    annual_kwh_override = forms.DecimalField(
        label=label("annual_kwh_override"), min_value=0, max_digits=8, decimal_places=1, required=False
    )
    notes = forms.CharField(label="Notes", max_length=LONGEST_NOTES, widget=forms.Textarea, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    reason = forms.CharField(label="Why is this changed?", max_length=200, required=False)

    class Meta:
        model = Asset
        fields: tuple[str, ...] = EDITABLE
        widgets = {"model": SearchSelect, "site": SearchSelect, "supplier": SearchSelect}
        error_messages = {
            "ip_address": {"invalid": "IP address must be like 10.20.30.40"},
            "management_address": {"invalid": "Management address must be like 10.20.30.40"},
        }

    def __init__(self, *args: Any, instance: Asset, **kwargs: Any) -> None:
        super().__init__(*args, instance=instance, **kwargs)
        self.holder_now = instance.holder
        self.initial["version"] = instance.version
        self.initial["holder"] = _typed(instance.holder)
        self.initial["uplink"] = str(instance.uplink or "")
        self.initial["encrypted"] = "" if instance.encrypted is None else str(instance.encrypted)
        self._offer("site", Site.objects.filter(council=instance.council_id).on_offer(instance.site_id))
        departments = Department.objects.filter(council=instance.council_id)
        self._offer("department", departments.on_offer(instance.department_id))

    def _offer(self, name: str, rows: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = rows

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields under their headings."""
        return [
            (heading, [self[name] for name in names if name in self.fields])
            for heading, names in GROUPS.items()
            if self.fields.keys() & set(names)
        ]

    def clean_holder(self) -> Person | None:
        typed = self.cleaned_data["holder"]
        if typed == self.initial["holder"]:
            return self.holder_now
        return person_named(typed, self.instance.council) if typed else None

    def clean_uplink(self) -> Asset | None:
        typed = self.cleaned_data["uplink"]
        if typed == self.initial["uplink"]:
            return self.instance.uplink
        return equipment_named(typed, self.instance.council_id) if typed else None

    def clean_management_address(self) -> str | None:
        return self.cleaned_data["management_address"] or None

    def clean_serial_number(self) -> str:
        return self.cleaned_data["serial_number"].upper()

    def clean_ip_address(self) -> str | None:
        return self.cleaned_data["ip_address"] or None

    def clean(self) -> dict[str, Any]:
        """A model brings its maker, and is of its category."""
        cleaned = super().clean() or self.cleaned_data
        model = cleaned.get("model")
        if model:
            cleaned["manufacturer"] = model.manufacturer
            if cleaned.get("category") not in (None, model.category):
                self.add_error("category", f"{model} is of the category {model.get_category_display()}")
        if not any(cleaned.get(name) for name in NAMES):
            self.add_error("asset_tag", NAMELESS)
        return cleaned

    def validate_unique(self) -> None:
        """Say in the register's own words what the database would refuse, where nothing else is wrong."""
        try:
            refuse(self.instance)
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                if name not in self.errors:
                    self.add_error(name, messages)

    def read_again(self, now: Asset) -> list[tuple[str, str, str]]:
        """Keep what was typed, as if on top of the asset as it is now: what to save next has seen it.

        Returns where the two differ: the label, how it is now, what was typed.
        """
        typed_in = {name: self.data[name] for name in self.data}
        self.data = {**typed_in, "version": str(now.version)}
        typed = self.instance
        return [
            (str(field.label), value_of(now, name) or "nothing", value_of(typed, name) or "nothing")
            for name, field in self.fields.items()
            if name in EDITABLE and getattr(typed, name) != getattr(now, name)
        ]


class NewAssetForm(AssetForm):
    """An asset that the register does not hold yet."""

    version = None  # type: ignore[assignment]
    reason = None  # type: ignore[assignment]
    state = forms.ChoiceField(label="State", choices=[(state.value, state.label) for state in BEGINNINGS])

    class Meta(AssetForm.Meta):
        fields = ("state", *EDITABLE)


class LinkForm(Form):
    """Which asset a ticket is about: of several with one tag, the one of the ticket's council."""

    asset = forms.CharField(label="Asset tag or serial number", max_length=60)

    def __init__(self, *args: Any, person: Person, ticket: Ticket, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person, self.ticket = person, ticket

    def clean_asset(self) -> Asset:
        typed = self.cleaned_data["asset"]
        named = list(Asset.objects.visible_to(self.person).named(typed)[:10])
        found = [asset for asset in named if asset.council_id == self.ticket.council_id] or named
        if not found:
            raise ValidationError(f"No asset has the tag or serial number {typed}")
        if len(found) > 1:
            raise ValidationError(f"{len(found)} assets are called {typed}: enter the serial number")
        return found[0]


def equipment_named(text: str, council_id: int) -> Asset:
    """The one asset of a council with this tag, hostname or serial number. Raises ValidationError."""
    own = Asset.objects.filter(council=council_id)
    called = Q(pk__in=own.named(text).values("pk")) | Q(hostname__iexact=text)
    found = list(own.filter(called).order_by("pk")[:2])
    if not found:
        raise ValidationError(f"No asset of this council has the tag, hostname or serial number {text}")
    if len(found) > 1:
        raise ValidationError(f"More than one asset is called {text}: enter the serial number")
    return found[0]


def person_named(text: str, council: Any) -> Person:
    """The one person of a council with this e-mail address or name. Raises ValidationError."""
    people = Person.objects.active().filter(council=council)
    found = list(people.filter(Q(email__iexact=text) | Q(display_name__iexact=text))[:10])
    if not found:
        raise ValidationError(f"Nobody at {council} has the email address or name {text}")
    if len(found) > 1:
        raise ValidationError(f"{len(found)} people at {council} are called {text}: enter an email address")
    return found[0]


def _typed(person: Person | None) -> str:
    return (person.email or person.display_name) if person else ""

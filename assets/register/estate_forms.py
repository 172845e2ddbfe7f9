"""What asset managers type about models, suppliers, contracts, circuits, lines and how long things last."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from assets.register.forms import equipment_named
from assets.register.keeping import EDITABLE, LONGEST_LIFE, LONGEST_SOURCE, with_source
from assets.register.models import (
    SOURCED,
    VENDOR_DATES,
    AssetModel,
    Circuit,
    Contract,
    Known,
    LifecyclePolicy,
    Line,
    Manufacturer,
    Supplier,
)
from assets.register.models.catalogue import check_financial_year
from servicedesk.forms import SearchSelect
from servicedesk.people.access import councils_of
from servicedesk.people.models import Council, Person, Site
from servicedesk.people.roles import Permission
from servicedesk.people.row_forms import RowForm

LONGEST_NOTES, MOST_MBPS = 10_000, 1_000_000
DATED = dict(zip(VENDOR_DATES, ("sale", "software releases", "security patches", "support"), strict=True))
NOT_ANNOUNCED = "The maker has announced no date"


def kept_councils(by: Person) -> Any:
    """The councils whose register somebody keeps."""
    return Council.objects.filter(pk__in=councils_of(by, Permission.EDIT_ASSETS), archived_at=None)


def notes() -> forms.CharField:
    return forms.CharField(label="Notes", max_length=LONGEST_NOTES, widget=forms.Textarea, required=False)


def number(label: str, most: int, least: int = 0) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, max_value=most, required=False)


def amount(label: str, digits: int, places: int) -> forms.DecimalField:
    return forms.DecimalField(
        label=label, min_value=0, max_digits=digits, decimal_places=places, required=False
    )


class EstateForm(RowForm):
    """A row of the register beside its assets. `headings` begin a group with the field that they stand above."""

    headings: dict[str, str] = {}

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields in order, under their headings."""
        found: list[tuple[str, list[forms.BoundField]]] = [("", [])]
        for name in self.fields:
            if name in self.headings:
                found.append((self.headings[name], []))
            if name != "version":
                found[-1][1].append(self[name])
        return [group for group in found if group[1]]


class AssetModelForm(EstateForm):
    """A model: the maker is typed, and made where nobody knows it; each value says where it comes from."""

    manufacturer = forms.CharField(label="Manufacturer", max_length=100)
    useful_life_months = number("Useful life in months", LONGEST_LIFE, 1)
    holds_data = forms.TypedChoiceField(
        label="Can hold data",
        choices=[
            ("", "As its category does"),
            ("True", "Yes"),
            ("False", "No, such as a printer without storage"),
        ],
        coerce=lambda value: value == "True",
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": "Select whether it can hold data"},
    )
    watts = amount("Power in watts", 7, 1)
    annual_kwh = amount("Energy in kWh a year", 8, 1)
    embodied_kgco2e = amount("Embodied carbon in kgCO2e", 9, 2)
    replacement_cost_ex_vat = amount("Replacement price excluding VAT", 12, 2)
    price_base_fy = forms.CharField(
        label="Financial year of the price",
        required=False,
        help_text="Like 2026/27",
        max_length=7,
        validators=[check_financial_year],
    )
    notes = notes()
    headings = {
        "manufacturer": "What it is",
        **{name: f"End of {what}" for name, what in DATED.items()},
        "watts": "Energy and carbon",
        "replacement_model": "What replaces it",
    }

    class Meta:
        model = AssetModel
        fields = tuple(name for name in EDITABLE[AssetModel] if name != "sources")
        widgets = {"replacement_model": SearchSelect}

    def narrow(self) -> None:
        self.initial["manufacturer"] = str(self.instance.manufacturer) if self.instance.pk else ""
        self.initial["holds_data"] = {True: "True", False: "False"}.get(self.instance.holds_data, "")
        others = AssetModel.objects.exclude(pk=self.instance.pk).select_related("manufacturer")
        self.offer("replacement_model", others, none="Nothing yet")
        for name in SOURCED:
            self._ask_source(name)
        names = [name for each in self.fields for name in (each, *self._beside(each)) if "__" not in each]
        self.order_fields(names)

    def _beside(self, name: str) -> list[str]:
        return [
            f"{name}__{what}" for what in ("none", "source", "checked") if f"{name}__{what}" in self.fields
        ]

    def _ask_source(self, name: str) -> None:
        """Where a value comes from and when that was looked at; of a date of the maker's, that there is none."""
        said, column = self.instance.said(name), AssetModel._meta.get_field(name)
        words = str(column.verbose_name)  # type: ignore[union-attr]
        if name in VENDOR_DATES:
            self.add(f"{name}__none", forms.BooleanField(label=NOT_ANNOUNCED, required=False))
            self.initial[f"{name}__none"] = said.known == Known.NOT_ANNOUNCED
        self.add(
            f"{name}__source",
            forms.CharField(label=f"Source of the {words}", max_length=LONGEST_SOURCE, required=False),
        )
        self.add(
            f"{name}__checked",
            forms.DateField(label=f"Date on which the {words} was checked", required=False),
        )
        self.initial.update({f"{name}__source": said.source, f"{name}__checked": said.checked})

    def clean_manufacturer(self) -> Manufacturer:
        """The maker, or one that is not written down yet."""
        name = " ".join(self.cleaned_data["manufacturer"].split())
        return Manufacturer.objects.filter(name__iexact=name).first() or Manufacturer(name=name)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in VENDOR_DATES:
            if cleaned.get(name) and cleaned.get(f"{name}__none"):
                self.add_error(name, "Enter the date, or say that none is announced, not both")
        return cleaned

    def values(self) -> dict[str, Any]:
        typed = super().values()
        model = AssetModel(sources={})
        for name in SOURCED:
            announced = not typed.pop(f"{name}__none", False)
            source, checked = typed.pop(f"{name}__source"), typed.pop(f"{name}__checked")
            model.sources = with_source(model, name, source, checked, announced=announced)
        return {**typed, "sources": model.sources}


class SupplierForm(EstateForm):
    """A firm, its contact and its certificate."""

    notes = notes()
    headings = {"contact_name": "Whom to ask", "certificate": "Cyber security certificate"}

    class Meta:
        model = Supplier
        fields = EDITABLE[Supplier]
        help_texts = {
            "name": "The desk refers requests to its team of the same name, while it has not lapsed"
        }


class CouncilsForm(EstateForm):
    """A row of one council, which it belongs to for good."""

    new_alone: tuple[str, ...] = ("council",)

    def narrow(self) -> None:
        self.offer("council", kept_councils(self.by))

    @property
    def council_id(self) -> int | None:
        """Whose row it is or is going to be."""
        chosen = self.cleaned_data.get("council")
        return self.instance.council_id or (chosen.pk if chosen else None)  # type: ignore[attr-defined]


class ContractForm(CouncilsForm):
    """What a council has agreed with a supplier."""

    notice_months = number("Notice in months", 60)
    notes = notes()

    class Meta:
        model = Contract
        fields = ("council", *EDITABLE[Contract])
        widgets = {"supplier": SearchSelect}


class ConnectionForm(CouncilsForm):
    """What circuits and lines have alike."""

    def narrow(self) -> None:
        super().narrow()
        councils = [self.instance.council_id] if self.instance.pk else kept_councils(self.by)  # type: ignore[attr-defined]
        sites = Site.objects.filter(council__in=councils).select_related("council")
        self.offer_living("site", sites, none="Not known")
        field = self.fields["site"]
        field.label_from_instance = lambda site: f"{site} ({site.council.code})"


class CircuitForm(ConnectionForm):
    """A data connection; the equipment that it ends at is typed."""

    asset = forms.CharField(
        label="Ends at",
        max_length=100,
        required=False,
        help_text="The tag, hostname or serial number of the router or firewall",
    )
    mbps_down = number("Mbps down", MOST_MBPS)
    mbps_up = number("Mbps up", MOST_MBPS)
    notes = notes()

    class Meta:
        model = Circuit
        fields = (
            *(
                "council",
                "number",
                "provider",
                "product",
                "site",
                "asset",
                "mbps_down",
                "mbps_up",
                "resilient",
            ),
            *("use", "critical", "status", "contract_end", "migrate_by", "notes"),
        )
        widgets = {"provider": SearchSelect, "site": SearchSelect}

    def narrow(self) -> None:
        super().narrow()
        self.initial["asset"] = str(self.instance.asset or "")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Find the equipment among that of the council, which a new circuit says in the same form."""
        cleaned = super().clean() or self.cleaned_data
        typed = cleaned.get("asset", "")
        cleaned["asset"] = self.instance.asset if typed else None  # type: ignore[attr-defined]
        if typed and typed != self.initial["asset"] and self.council_id:
            try:
                cleaned["asset"] = equipment_named(typed, self.council_id)
            except ValidationError as error:
                self.add_error("asset", error)
        return cleaned


class LineForm(ConnectionForm):
    """A telephone line."""

    notes = notes()

    class Meta:
        model = Line
        fields = (
            *("council", "number", "type", "provider", "product", "site", "use", "critical", "status"),
            *("contract_end", "migrate_by", "notes"),
        )
        widgets = {"provider": SearchSelect, "site": SearchSelect}


class PolicyForm(CouncilsForm):
    """How long the things of a category last at a council."""

    useful_life_months = forms.IntegerField(
        label="Useful life in months", min_value=1, max_value=LONGEST_LIFE
    )
    new_alone = ("council", "category")

    class Meta:
        model = LifecyclePolicy
        fields = ("council", "category", *EDITABLE[LifecyclePolicy])

"""What is typed about what is due back, wiped, and leaves."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from assets.disposal.certificates import is_sheet, lines_of_file, lines_of_text
from assets.disposal.models import Consignment, Outcome, State
from assets.disposal.reconciling import Certified
from assets.register.life_forms import DeedForm, SecondPersonField
from assets.register.models import Condition, Medium, Sanitisation, Supplier
from servicedesk.forms import FilterForm, SearchSelect
from servicedesk.people.access import councils_of, may
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission
from servicedesk.people.row_forms import RowForm

LONGEST = 200_000


def council_field(person: Person) -> forms.ModelChoiceField:
    """The councils whose register somebody reads, or all of them."""
    return forms.ModelChoiceField(
        Council.objects.filter(pk__in=councils_of(person, Permission.SEE_ASSETS)),
        label="Council",
        to_field_name="code",
        required=False,
        empty_label="All",
    )


class CouncilFilterForm(FilterForm):
    """Of which council a list is wanted."""

    def __init__(self, data: Any, person: Person) -> None:
        super().__init__(data)
        self.add("council", council_field(person))


class RegisterFilterForm(CouncilFilterForm):
    """Which part of the disposal register is wanted: of a council, and what left between two days."""

    since = forms.DateField(label="From", required=False)
    until = forms.DateField(label="Until", required=False)

    def clean(self) -> dict[str, Any]:
        """The days stand in their order."""
        given = super().clean() or self.cleaned_data
        since, until = given.get("since"), given.get("until")
        if since and until and until < since:
            self.add_error("until", "Until must be the same day as From, or later")
        return given


def _text(label: str, length: int, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, required=False, **more)


class ConsignmentForm(RowForm):
    """All that is written of a consignment. What the firm pays is there with the right to the council's money."""

    carrier_licence = _text("Waste carrier’s licence", 40, help_text="Such as CBDU12345")
    carrier_licence_expiry = forms.DateField(label="Expiry of the licence", required=False)
    transfer_note = _text("Waste transfer note", 60)
    hazardous_waste_note = _text(
        "Hazardous waste note",
        60,
        help_text="Needed for what has a screen or a battery: monitors, laptops, tablets, phones and UPS. "
        "Where the firm needs none, say so",
    )
    items_on_note = forms.IntegerField(
        label="Items on the note", min_value=0, max_value=1_000_000, required=False
    )
    weee_facility = _text("Treatment facility", 100)
    collected_on = forms.DateField(label="Collected on", required=False)
    weight_kg = forms.DecimalField(
        label="Weight in kg", min_value=0, max_digits=9, decimal_places=2, required=False
    )
    dial_rating = forms.TypedChoiceField(
        label="DIAL rating",
        choices=[("", "Choose one"), *Consignment.Dial.choices],
        coerce=int,
        empty_value=None,
        required=False,
    )
    recipient = _text("Who receives what is donated", 100)
    income = forms.DecimalField(
        label="What the firm pays, excluding VAT",
        min_value=0,
        max_digits=12,
        decimal_places=2,
        required=False,
    )
    notes = forms.CharField(label="Notes", max_length=10_000, required=False, widget=forms.Textarea)
    new_alone = ("council",)

    class Meta:
        model = Consignment
        fields = [
            "council",
            "supplier",
            "carrier_licence",
            "carrier_licence_expiry",
            "transfer_note",
            "hazardous_waste_note",
            "items_on_note",
            "weee_facility",
            "collected_on",
            "weight_kg",
            "dial_rating",
            "recipient",
            "income",
            "notes",
        ]

    def narrow(self) -> None:
        """Councils whose register the person keeps, and firms that work for them."""
        kept = councils_of(self.by, Permission.EDIT_ASSETS)
        self.offer("council", Council.objects.filter(pk__in=kept, archived_at=None), none="Choose one")
        firms = Supplier.objects.exclude(status=Supplier.Standing.ENDED)
        self.offer("supplier", firms, none="Choose one")
        self.fields["supplier"].widget = SearchSelect(choices=self.fields["supplier"].choices)  # type: ignore[attr-defined]
        if not may(self.by, Permission.SEE_ASSET_MONEY, self.instance.council_id):
            del self.fields["income"]


class ItemsForm(DeedForm):
    """What is scanned into a consignment."""

    names = forms.CharField(
        label="Tags or serial numbers",
        max_length=LONGEST,
        widget=forms.Textarea,
        help_text="Scan or paste them, one a line",
        error_messages={"required": "Scan or paste at least one tag or serial number"},
    )


class CertificateForm(DeedForm):
    """What the facility certified: pasted, or as a spreadsheet; the file itself is kept as evidence."""

    lines = forms.CharField(
        label="Lines of the certificate",
        max_length=LONGEST,
        widget=forms.Textarea,
        required=False,
        help_text="Paste them, one a line: serial number, certificate number, and destroyed, recycled, resold or "
        "donated. Leave it empty to read them from a spreadsheet",
    )
    file = forms.FileField(
        label="The certificate as a file",
        required=False,
        help_text="A spreadsheet, or a PDF with pasted lines",
    )
    certificate_number = _text("Certificate number", 60, help_text="For the lines that name none")
    outcome = forms.ChoiceField(
        label="What became of them",
        choices=[("", "As each line says"), *Outcome.choices],
        required=False,
        help_text="For the lines that do not say",
    )

    def clean(self) -> dict[str, Any]:
        """The lines, read from what was pasted or else from the file."""
        given = super().clean() or self.cleaned_data
        number, outcome = given.get("certificate_number", ""), given.get("outcome", "")
        file = given.get("file")
        self.read: list[Certified] = []
        try:
            if given.get("lines"):
                self.read = lines_of_text(given["lines"], number, outcome)
            elif file and is_sheet(file.name):
                self.read = lines_of_file(file, number, outcome)
            if not self.errors and not self.read:
                self.add_error("lines", "Paste the lines of the certificate, or select a spreadsheet of them")
        except ValidationError as error:
            self.add_error(None, error)
        return given


class CancelForm(DeedForm):
    """Why it is cancelled: asked for once the firm has it."""

    reason = forms.CharField(label="Why it is cancelled", max_length=200)

    def __init__(self, *args: Any, row: Consignment, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["reason"].required = row.state != State.DRAFT


class AskBackForm(DeedForm):
    """By when something must come back, and why."""

    due_on = forms.DateField(label="Due back on")
    note = forms.CharField(label="Why it must come back", max_length=200)


class BackForm(DeedForm):
    """How it looks, now that it is back."""

    condition = forms.ChoiceField(
        label="Condition",
        choices=[("", "Choose one"), *Condition.choices],
        error_messages={"required": "Select its condition, A to D"},
    )
    note = _text("Note", 200)


class LostForm(DeedForm):
    """What happened to it."""

    what_happened = forms.CharField(
        label="What happened",
        max_length=10_000,
        widget=forms.Textarea,
        help_text="When, where, and what may be on it. This opens a security incident at once, and only those who "
        "handle it read this.",
    )


class ChaseForm(DeedForm):
    """Whom one asked, and what they said."""

    note = forms.CharField(label="Whom you asked, and what they said", max_length=200)


class CallOffForm(DeedForm):
    """Why it need not come back."""

    reason = forms.CharField(label="Why it need not come back", max_length=200)


class MediumForm(DeedForm):
    """A medium that is in an asset."""

    kind = forms.ChoiceField(label="What it is", choices=[("", "Choose one"), *Medium.Kind.choices])
    make = _text("Make", 60)
    serial_number = _text("Serial number", 60)
    capacity_gb = forms.IntegerField(label="Capacity in GB", min_value=1, max_value=1_000_000, required=False)


class TakeOutForm(DeedForm):
    """When it was taken out."""

    on = forms.DateField(label="Taken out on")


class StrikeOutForm(DeedForm):
    """Why it should not be listed."""

    reason = forms.CharField(label="Why it should not be listed", max_length=200)


class FailedWipeForm(DeedForm):
    """How a medium was tried to be wiped, and what went wrong."""

    method = forms.ChoiceField(
        label="How it was tried",
        choices=[("", "Choose one"), *(one for one in Sanitisation.Method.choices if one[0])],
    )
    technique = _text("Technique", 100, help_text="Such as “cryptographic erase”")
    tool = _text("Tool", 100)
    tool_version = _text("Version of the tool", 40)
    done_on = forms.DateField(label="Date", required=False, help_text="Today, unless you say otherwise")
    note = forms.CharField(label="What went wrong", max_length=200)
    file = forms.FileField(label="Report as a file", required=False)


class WipeForm(DeedForm):
    """How a medium was wiped or destroyed, who looked at the result, and its certificate."""

    method = forms.ChoiceField(
        label="How it was wiped",
        choices=[("", "Choose one"), *(one for one in Sanitisation.Method.choices if one[0])],
    )
    technique = _text("Technique", 100, help_text="Such as “cryptographic erase”")
    tool = _text("Tool", 100)
    tool_version = _text("Version of the tool", 40)
    certificate_number = forms.CharField(label="Number of the certificate", max_length=60)
    done_on = forms.DateField(label="Date", required=False, help_text="Today, unless you say otherwise")
    note = _text("Note", 200)
    file = forms.FileField(label="Certificate as a file", required=False)

    def __init__(self, *args: Any, by: Person, council: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.add("verified_by", SecondPersonField(by, [council]))
        self.order_fields(["method", "technique", "tool", "tool_version", "verified_by"])

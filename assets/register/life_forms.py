"""What is filled in about the life of an asset: a form for each move, made from the table, and for each other deed."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from assets.register.forms import person_named
from assets.register.guards import MISSING
from assets.register.handing_over import TAKES
from assets.register.known import Known
from assets.register.lifecycle import MOVES, AssetState
from assets.register.models import Asset, AssetFile, Condition, Loan, Sanitisation, Supplier
from assets.register.verifying import ANOTHER, verifiers
from servicedesk.files.forms import FilesField
from servicedesk.forms import Form, SearchSelect
from servicedesk.people.models import Council, Person, Site
from servicedesk.tickets.forms import TicketReference

SHORT, LONG = 200, 10_000


class PersonField(forms.CharField):
    """Somebody of a council, typed by e-mail address or name; somebody of another with whom a loan is agreed."""

    def __init__(self, asset: Asset, **options: Any) -> None:
        options.setdefault("help_text", "Their email address, or their name as the desk knows it")
        super().__init__(max_length=SHORT, **options)
        self.asset = asset

    def clean(self, value: Any) -> Any:
        typed = super().clean(value).strip()
        if not typed:
            return None
        lent = [loan.person for loan in _loans(self.asset)]
        for person in lent:
            if typed.casefold() in ((person.email or "").casefold(), person.display_name.casefold()):
                return person
        return person_named(typed, self.asset.council)


class SecondPersonField(forms.ModelChoiceField):
    """Who looked at the result: somebody else than the person who handles assets of these councils."""

    def __init__(self, person: Person, councils: Iterable[int]):
        super().__init__(
            verifiers(councils, person),
            label="Who looked at the result",
            empty_label="Choose one",
            help_text="Somebody else than you who handles these assets",
            error_messages={"required": MISSING["verified_by"], "invalid_choice": ANOTHER},
        )


def _loans(asset: Asset) -> list[Loan]:
    keys = [loan.pk for loan in Known.of([asset]).loans.values()]
    return list(Loan.objects.filter(pk__in=keys).select_related("person"))


def _text(label: str, length: int = SHORT, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, **options)


def _long(label: str, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=LONG, widget=forms.Textarea, **options)


def _sites(asset: Asset) -> forms.ModelChoiceField:
    rows = Site.objects.filter(council=asset.council_id).on_offer()
    return forms.ModelChoiceField(
        rows, label="Site", widget=SearchSelect, empty_label=f"As now: {asset.site or 'not known'}"
    )


def _suppliers(by: Person) -> forms.ModelChoiceField:
    rows = Supplier.objects.visible_to(by)
    return forms.ModelChoiceField(
        rows, label="Supplier", widget=SearchSelect, empty_label="None of our suppliers"
    )


def _check_list(asset: Asset) -> forms.MultipleChoiceField | None:
    items = Known.of([asset]).check_lists.get(asset.model_id or 0)
    if not items:
        return None
    return forms.MultipleChoiceField(
        label=f"Done to {asset}",
        choices=[(item, item) for item in items],
        widget=forms.CheckboxSelectMultiple,
        help_text="All of it must be done before it can be issued.",
    )


def _targets(asset: Asset) -> forms.ChoiceField:
    choices = [("in_use", f"In use again, with {asset.holder or asset.holder_note or asset.room}")]
    stock = ("in_stock", "In stock: nobody has it any more")
    held = asset.holder_id or asset.pk in Known.of([asset]).held
    return forms.ChoiceField(
        label="Where it goes", choices=[*(choices if held else []), stock], widget=forms.RadioSelect
    )


Made = Callable[[str, Asset, Person], forms.Field | None]
GIVEN: dict[str, Made] = {
    "reason": lambda name, asset, by: _text("Reason"),
    "note": lambda name, asset, by: _text(
        {"find": "How it was found", "fail_sanitising": "What went wrong"}.get(name, "Note")
    ),
    "serial_number": lambda name, asset, by: None if asset.serial_number else _text("Serial number", 60),
    "site": lambda name, asset, by: _sites(asset),
    "room": lambda name, asset, by: _text(
        "Room", 60, help_text="Without a person or a pool, the room is what has it" if name == "issue" else ""
    ),
    "person": lambda name, asset, by: PersonField(asset, label="Person"),
    "pool": lambda name, asset, by: _text(
        "Pool", 100, help_text="Instead of a person, such as “Loan laptops”"
    ),
    "condition": lambda name, asset, by: forms.ChoiceField(
        label="Condition", choices=[("", "As now" if name != "return" else "Choose one"), *Condition.choices]
    ),
    "checked": lambda name, asset, by: _check_list(asset),
    "ticket": lambda name, asset, by: TicketReference(
        by, label="Request", max_length=20, help_text="Its reference, such as INC-2026-000123"
    ),
    "supplier": lambda name, asset, by: _suppliers(by),
    "supplier_reference": lambda name, asset, by: _text("Supplier’s reference", 60),
    "to": lambda name, asset, by: _targets(asset),
    "what_happened": lambda name, asset, by: _long(
        "What happened",
        help_text="When, where, and what may be on it. This opens a security incident at once, and only those who "
        "handle it read this.",
    ),
    "method": lambda name, asset, by: forms.ChoiceField(
        label="How it was wiped",
        choices=[
            ("", "Choose one"),
            *((value, words) for value, words in Sanitisation.Method.choices if value),
        ],
    ),
    "technique": lambda name, asset, by: _text("Technique", 100, help_text="Such as “cryptographic erase”"),
    "tool": lambda name, asset, by: _text("Tool", 100),
    "tool_version": lambda name, asset, by: _text("Version of the tool", 40),
    "done_on": lambda name, asset, by: forms.DateField(
        label="Date", help_text="Today, unless you say otherwise"
    ),
    "verified_by": lambda name, asset, by: SecondPersonField(by, [asset.council_id]),
    "certificate_number": lambda name, asset, by: _text("Number of the certificate", 60),
    "consignment_reference": lambda name, asset, by: _text(
        "Reference of the consignment",
        60,
        help_text="What is scanned into one leaves when it is closed",
    ),
    "recipient": lambda name, asset, by: _text("Recipient", 100),
    "buyer": lambda name, asset, by: _text("Buyer", 100),
    "income": lambda name, asset, by: forms.DecimalField(
        label="What it was sold for, excluding VAT", min_value=0, max_digits=12, decimal_places=2
    ),
    "file": lambda name, asset, by: forms.FileField(label="Certificate or note as a file"),
}


class DeedForm(Form):
    """What every deed on an asset is sent with: the version that the person read."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**31 - 1)

    def given(self) -> dict[str, Any]:
        """What was filled in, as the workflow takes it."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name != "version" and value not in (None, "", [], False)
        }


def move_form(name: str, asset: Asset, by: Person, data: Any = None, files: Any = None) -> DeedForm:
    """The form of a move: a field for all that it asks for and takes, as this asset needs them."""
    step = MOVES[name]
    return _made(name, asset, by, (*step.asks, *step.takes), step.asks, data, files)


def hand_over_form(asset: Asset, by: Person, data: Any = None, files: Any = None) -> DeedForm:
    """The form of a change of who has it."""
    return _made("issue", asset, by, TAKES, (), data, files)


def _made(
    name: str, asset: Asset, by: Person, wanted: tuple[str, ...], asks: tuple[str, ...], data: Any, files: Any
) -> DeedForm:
    fields: dict[str, forms.Field] = {}
    for given in wanted:
        field = GIVEN[given](name, asset, by)
        if field is None:
            continue
        field.required = given in asks or (name == "receive" and given == "serial_number")
        if given in MISSING:
            field.error_messages["required"] = MISSING[given]
        fields[given] = field
    kind: Any = type(DeedForm)  # the metaclass, which gathers the fields
    form = kind("MoveForm", (DeedForm,), fields)
    initial = {"version": asset.version}
    if name in ("issue", "stage") and asset.state == AssetState.IN_USE:
        initial["room"] = asset.room
    return form(data, files, initial=initial)


class ReasonForm(DeedForm):
    """Why."""

    reason = _text("Reason")


class AnswerForm(DeedForm):
    """Yes, or no and why."""

    answer = forms.ChoiceField(
        label="Your answer", choices=[("yes", "Yes"), ("no", "No")], widget=forms.RadioSelect
    )
    note = _text("Why not", help_text="Needed where the answer is no", required=False)


class AcceptForm(AnswerForm):
    """Whether the council takes the asset over, and by which tag."""

    asset_tag = _text(
        "Asset tag of your own", 60, help_text="Leave empty to keep the tag that it has", required=False
    )


class LoanForm(DeedForm):
    """To whom of another council an asset is lent, for how long, and what for."""

    person = forms.EmailField(label="Email address of whoever borrows it", max_length=SHORT)
    starts_on = forms.DateField(label="First day")
    ends_on = forms.DateField(label="Last day")
    reason = _text("What it is lent for")

    def __init__(self, *args: Any, by: Person, **options: Any) -> None:
        super().__init__(*args, **options)
        self.by = by

    def clean_person(self) -> Person:
        """Somebody whom the lender may know of: of the councils that share the desk."""
        typed = self.cleaned_data["person"]
        found = Person.objects.visible_to(self.by).filter(email__iexact=typed, is_active=True).first()
        if found is None:
            raise ValidationError(f"Nobody whom you can see has the email address {typed}")
        return found


class TransferForm(DeedForm):
    """To which council an asset goes, and why."""

    receiver = forms.ModelChoiceField(Council.objects.none(), label="Council", empty_label="Choose one")
    reason = _text("Why it changes hands")

    def __init__(self, *args: Any, asset: Asset, by: Person, **options: Any) -> None:
        super().__init__(*args, **options)
        others = Council.objects.visible_to(by).filter(archived_at=None).exclude(pk=asset.council_id)
        self.fields["receiver"].queryset = others  # type: ignore[attr-defined]


class FilesForm(DeedForm):
    """Files to put on an asset, all of one kind."""

    kind = forms.ChoiceField(label="What they are", choices=[("", "Choose one"), *AssetFile.Kind.choices])
    chosen = FilesField("Files")

    def __init__(self, *args: Any, sees_money: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not sees_money:
            kinds = [choice for choice in AssetFile.Kind.choices if choice[0] != AssetFile.Kind.INVOICE]
            self.fields["kind"].choices = [("", "Choose one"), *kinds]  # type: ignore[attr-defined]


class CheckListForm(DeedForm):
    """What is done to every asset of a model before it is issued."""

    items = _long("Check list", help_text="One item a line", required=False)

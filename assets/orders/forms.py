"""What people choose and type about orders and what came of them."""

import re
from typing import Any

from django import forms

from assets.orders.models import OrderLine, PurchaseOrder
from assets.orders.receiving import LONGEST, MOST_AT_ONCE, Box, Place, tidied
from assets.refresh.forms import OfCouncilForm
from assets.register.models import AssetModel, CheckList, Supplier
from servicedesk.forms import FilterForm, Form, SearchSelect
from servicedesk.people.access import councils_of, may
from servicedesk.people.models import Council, Person, Site
from servicedesk.people.roles import Permission
from servicedesk.people.row_forms import RowForm
from servicedesk.spreadsheets.forms import not_too_large

BETWEEN = re.compile(r"[\t,;]")
DEAD = ("doa", "dead", "dead on arrival", "faulty")
FOCUS = {"autofocus": True, "autocomplete": "off"}


class OrdersForm(FilterForm):
    """Which orders are listed."""

    STANDS = [("", "All"), ("overdue", "Overdue"), ("draft", "Draft"), ("placed", "Placed")]
    STANDS += [("closed", "Closed"), ("cancelled", "Cancelled")]
    q = forms.CharField(label="Reference", max_length=40, required=False)
    council = forms.ModelChoiceField(
        label="Council",
        queryset=Council.objects.none(),
        to_field_name="code",
        required=False,
        empty_label="All",
    )
    standing = forms.ChoiceField(label="State", choices=STANDS, required=False)

    def __init__(self, data: Any, person: Person):
        super().__init__(data)
        seen = councils_of(person, Permission.SEE_ASSETS)
        self.fields["council"].queryset = Council.objects.filter(pk__in=seen)


class OrderForm(OfCouncilForm):
    """An order, before its lines."""

    new_alone = ("council",)

    class Meta:
        model = PurchaseOrder
        fields = ("council", "supplier", "number", "ordered_on", "expected_on", "note")
        widgets = {"supplier": SearchSelect}
        help_texts = {
            "number": "As the council’s finance system has it. Only those who may see what assets cost see it.",
            "note": "Everybody who reads the register sees it: write no prices here.",
        }

    def narrow(self) -> None:
        super().narrow()
        self.offer("supplier", Supplier.objects.visible_to(self.by))


class LineForm(RowForm):
    """So many of one model."""

    class Meta:
        model = OrderLine
        fields = ("model", "quantity", "unit_price", "cost_centre", "spares")
        widgets = {"model": SearchSelect}

    def narrow(self) -> None:
        self.offer("model", AssetModel.objects.visible_to(self.by).select_related("manufacturer"))


class ReasonForm(Form):
    """Why."""

    reason = forms.CharField(label="Reason", max_length=200)


class CallOffForm(ReasonForm):
    """How many come no more, and why."""

    count = forms.IntegerField(label="How many to cancel", min_value=1)
    field_order = ("count", "reason")


class ReceiveForm(Form):
    """What came: one box, as a scanner types it, or many that are pasted."""

    serial_number = forms.CharField(
        label="Serial number", max_length=LONGEST, required=False, widget=forms.TextInput(attrs=FOCUS)
    )
    asset_tag = forms.CharField(
        label="Label",
        max_length=LONGEST,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    dead_on_arrival = forms.BooleanField(label="It is dead on arrival", required=False)
    pasted = forms.CharField(
        label="Many at once",
        max_length=MOST_AT_ONCE * 140,
        required=False,
        widget=forms.Textarea,
        help_text=(
            "Paste or scan one a line: the serial number, then if there is one its label after a tab or comma. Two "
            "columns copied from the supplier’s despatch sheet will do. End a line with “DOA” if it is dead on arrival."
        ),
    )
    labels = forms.BooleanField(label="We put a label on each: ask for it", required=False)
    site = forms.ModelChoiceField(
        label="Site",
        queryset=Site.objects.none(),
        required=False,
        widget=SearchSelect,
        empty_label="Not said",
    )
    room = forms.CharField(label="Room", max_length=60, required=False)
    despatch_note = forms.CharField(label="Despatch note", max_length=60, required=False)
    note = forms.CharField(label="Note, such as what is wrong", max_length=200, required=False)
    add_to_order = forms.BooleanField(label="Add what is too many to the order", required=False)
    reason = forms.CharField(label="Why the order is added to", max_length=200, required=False)
    KEPT = ("labels", "site", "room", "despatch_note")
    """What stays as it was for the next box."""

    def __init__(self, data: Any = None, *, line: OrderLine, by: Person, **options: Any) -> None:
        super().__init__(data, **options)
        own = Site.objects.filter(council=line.council_id).on_offer()
        self.fields["site"].queryset = own
        if not may(by, Permission.PLAN_REFRESH, line.council_id):
            del self.fields["add_to_order"], self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors:
            self._ask_for_more(given)
        return given

    def _ask_for_more(self, given: dict[str, Any]) -> None:
        one, many = given["serial_number"], given["pasted"]
        if not one and not many:
            self.add_error("serial_number", "Scan or type the serial number")
        elif one and many:
            self.add_error("pasted", "Receive one box or many at once, not both")
        elif one and given["labels"] and not given["asset_tag"] and not given["dead_on_arrival"]:
            self.add_error("asset_tag", f"Now scan or type the label of {one}")
            self.fields["serial_number"].widget.attrs.pop("autofocus", None)
            self.fields["asset_tag"].widget.attrs["autofocus"] = True
        if given.get("add_to_order") and not given["reason"]:
            self.add_error("reason", "Enter why the order is added to")

    @property
    def boxes(self) -> list[Box]:
        """What came."""
        given = self.cleaned_data
        if given["serial_number"]:
            return [Box(given["serial_number"], given["asset_tag"], given["dead_on_arrival"])]
        return pasted(given["pasted"])

    @property
    def place(self) -> Place:
        """Where it is put and with which papers it came."""
        given = self.cleaned_data
        return Place(given["site"], given["room"], given["despatch_note"], given["note"])

    @property
    def extra_because(self) -> str:
        """Why more is taken than was ordered, "" where that was not chosen."""
        return self.cleaned_data["reason"] if self.cleaned_data.get("add_to_order") else ""

    @property
    def kept(self) -> dict[str, str]:
        """What the next box begins with, as an address has it."""
        given = self.cleaned_data
        site = given["site"]
        said = {"labels": "on" if given["labels"] else "", "site": str(site.pk) if site else ""}
        return {name: value for name in self.KEPT if (value := said.get(name, given.get(name)))}


class DespatchForm(Form):
    """A supplier's despatch sheet, and what holds for all of its boxes."""

    sheet = forms.FileField(
        label="Despatch sheet",
        help_text=(
            "A workbook or text file with a column “Serial number”, and if there are any “Asset tag”, “Model” and “DOA”"
        ),
        error_messages={"required": "Select the despatch sheet"},
    )
    site = forms.ModelChoiceField(
        label="Site",
        queryset=Site.objects.none(),
        required=False,
        widget=SearchSelect,
        empty_label="As the sheet says, if it does",
    )
    room = forms.CharField(label="Room", max_length=60, required=False)
    despatch_note = forms.CharField(label="Despatch note", max_length=60, required=False)

    def __init__(self, data: Any = None, files: Any = None, *, order: PurchaseOrder) -> None:
        super().__init__(data, files)
        self.order = order
        self.fields["site"].queryset = Site.objects.filter(council=order.council_id).on_offer()

    def clean_sheet(self) -> Any:
        return not_too_large(self.cleaned_data["sheet"])

    @property
    def given(self) -> dict[str, str]:
        """What all rows say, whatever the sheet has in its columns."""
        said = {name: str(self.cleaned_data[name] or "") for name in ("site", "room", "despatch_note")}
        return {"order": self.order.reference, **said}


def pasted(text: str) -> list[Box]:
    """Boxes, one a line: a serial number, its label, and whether it is dead; lines without anything are left out."""
    found = []
    for line in text.splitlines():
        parts = [part.strip() for part in BETWEEN.split(line)]
        dead = parts[-1].casefold() in DEAD
        words = [part for part in (parts[:-1] if dead else parts)]
        if any(words) or dead:
            found.append(tidied(Box(words[0] if words else "", words[1] if len(words) > 1 else "", dead)))
    return found


class StageForm(Form):
    """Which of a line are staged, and what was done to each of them."""

    asset = forms.TypedMultipleChoiceField(
        label="Assets",
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose assets"},
    )
    checked = forms.MultipleChoiceField(
        label="Done to each of them", widget=forms.CheckboxSelectMultiple, required=False
    )

    def __init__(self, data: Any = None, *, assets: Any, model: AssetModel) -> None:
        super().__init__(data)
        self.fields["asset"].choices = [
            (one.pk, f"{one}, serial number {one.serial_number}") for one in assets
        ]
        listed = CheckList.objects.filter(model=model).first()
        lines = listed.lines if listed else []
        self.fields["checked"].choices = [(item, item) for item in lines]
        if not lines:
            del self.fields["checked"]

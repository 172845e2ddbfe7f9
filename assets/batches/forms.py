"""What people choose and type about batches and their items."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.utils import timezone

from assets.batches.approving import needs_reference
from assets.batches.choosing import FILTERED, rule_of
from assets.batches.exchange_forms import NewDeviceField, devices_offered
from assets.batches.item_guards import WHY_FROZEN
from assets.batches.models import Batch, BatchItem, BatchLine, Programme
from assets.batches.ordering import free_lines
from assets.batches.passing_on import may_own
from assets.batches.states import BATCH_MOVES, ITEM_MOVES, Outcome
from assets.orders.models import OrderLine
from assets.orders.models.order import MOST_OF_A_LINE
from assets.refresh.filters import DueFilters
from assets.refresh.forecast import add_months
from assets.register.life_forms import DeedForm, PersonField, SecondPersonField, move_form
from assets.register.models import Asset, AssetModel, Supplier
from assets.register.together_forms import person_of
from assets.register.together_moves import GIVEN as GIVEN_TO_MANY
from assets.register.together_moves import OWN_TO_EACH, PEOPLE
from servicedesk.forms import Form, SearchSelect
from servicedesk.lists.models import SavedView
from servicedesk.people.access import councils_of
from servicedesk.people.models import Council, Person, Site
from servicedesk.people.roles import Permission
from servicedesk.people.row_forms import RowForm

FROZEN = "Why within a change freeze"
RULES = [
    ("filters", "What the forecast says is due"),
    ("view", "A saved view"),
    ("tags", "A list of tags or serial numbers"),
]


def _text(label: str, length: int = 200, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, **more)


def freeze_reason(frozen: str = "") -> forms.CharField:
    """Why something is swapped on a day on which changes are frozen; asked for where it is known that they are."""
    if frozen:
        return _text(FROZEN, error_messages={"required": WHY_FROZEN.format(frozen)})
    return _text(FROZEN, required=False, help_text="Only for a day on which changes are frozen")


class SavedViewField(forms.ModelChoiceField):
    """A saved view, by its name, its list and, where it is another's, whose it is."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj} ({obj.savable.words}, {obj.owner})"


class BatchForm(Form):
    """How a batch is called, and by which rule its assets are chosen."""

    title = _text("Title", 100, help_text="Such as “Wave 7, libraries”")
    rule = forms.ChoiceField(
        label="Choose assets by", choices=RULES, widget=forms.RadioSelect, initial="filters"
    )
    council = forms.ModelChoiceField(
        Council.objects.none(), label="Council", to_field_name="code", required=False, empty_label="All"
    )
    category = forms.ChoiceField(label="Category", required=False)
    year = forms.ChoiceField(label="Financial year", required=False)
    driver = forms.ChoiceField(label="Because of", required=False)
    standing = forms.ChoiceField(label="Standing", required=False)
    view = SavedViewField(
        SavedView.objects.none(),
        label="Saved view",
        empty_label="Choose one",
        help_text="Its filters are copied. What becomes of the view later changes nothing of the batch",
    )
    tags = forms.CharField(
        label="Tags or serial numbers",
        max_length=100_000,
        widget=forms.Textarea,
        help_text="One on each line, as from a spreadsheet",
        error_messages={"required": "Enter the tags or serial numbers"},
    )
    as_at = forms.DateField(label="As at", help_text="The day that the rule is asked for")
    programme = forms.ModelChoiceField(
        Programme.objects.none(), label="Programme", required=False, empty_label="None"
    )
    tolerance_percent = forms.IntegerField(
        label="Tolerance",
        min_value=0,
        max_value=100,
        initial=10,
        help_text="By how much it may cost more than was approved before it is approved again",
    )
    planned_from = forms.DateField(label="Planned from", required=False)
    planned_to = forms.DateField(label="Planned until", required=False)

    def __init__(self, data: Any = None, *, by: Person, due: DueFilters, initial: Any = None) -> None:
        super().__init__(data, initial={"as_at": timezone.localdate(), **(initial or {})})
        seen = councils_of(by, Permission.SEE_ASSETS)
        self.fields["council"].queryset = Council.objects.filter(pk__in=seen)
        for name in ("category", "year", "driver", "standing"):
            self.fields[name].choices = list(due.form.fields[name].choices)
        self.fields["programme"].queryset = Programme.objects.planned_by(by)
        views = SavedView.objects.visible_to(by).select_related("owner")
        self.fields["view"].queryset = views.order_by("list", "name", "id")
        for way in ("view", "tags"):
            self.fields[way].required = data is None or data.get("rule") == way

    def rule_given(self) -> dict[str, Any]:
        """The rule as a batch keeps it."""
        given = self.cleaned_data
        if given["rule"] == "tags":
            lines = (line.strip() for line in given["tags"].splitlines())
            return {"tags": list(dict.fromkeys(line for line in lines if line))}
        if given["rule"] == "view":
            return rule_of(given["view"])
        chosen = {name: getattr(given[name], "code", given[name]) for name in FILTERED}
        return {"filters": {name: value for name, value in chosen.items() if value}}

    def values(self) -> dict[str, Any]:
        """The rest, as it is created with."""
        names = ("title", "as_at", "programme", "tolerance_percent", "planned_from", "planned_to")
        return {name: self.cleaned_data[name] for name in names}


class AddAssetsForm(DeedForm):
    """Which assets come into a draft beside those that its rule chose."""

    tags_typed = forms.CharField(
        label="Tags or serial numbers",
        required=False,
        max_length=100_000,
        widget=forms.Textarea,
        help_text="One on each line, as from a spreadsheet",
    )
    due = forms.MultipleChoiceField(
        label="What the forecast says is due and no batch has",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, offered: Sequence[Asset], **more: Any) -> None:
        super().__init__(*args, **more)
        named = [asset for asset in offered if asset.asset_tag or asset.serial_number]
        self.fields["due"].choices = [(_named(one), f"{one}, {one.get_category_display()}") for one in named]
        if not named:
            del self.fields["due"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not self.given()["tags"]:
            raise forms.ValidationError("Enter tags or serial numbers, or choose what is due")
        return cleaned

    def given(self) -> dict[str, Any]:
        """Tags, in whichever way each was given."""
        typed = (line.strip() for line in self.cleaned_data.get("tags_typed", "").splitlines())
        tags = dict.fromkeys([*filter(None, typed), *self.cleaned_data.get("due", [])])
        return {"tags": list(tags)}


def _named(asset: Asset) -> str:
    return asset.asset_tag or asset.serial_number


class BatchDetailsForm(RowForm):
    """What may be changed of a batch."""

    class Meta:
        model = Batch
        fields = ("title", "programme", "tolerance_percent", "planned_from", "planned_to", "lessons")

    def narrow(self) -> None:
        self.offer("programme", Programme.objects.planned_by(self.by), none="None")


class PricesForm(RowForm):
    """Spares and prices of a line."""

    class Meta:
        model = BatchLine
        fields = ("spares", "purchase", "deploy", "disposal", "residual")


class OrderForBatchForm(DeedForm):
    """What is to be ordered for a line of a batch."""

    supplier = forms.ModelChoiceField(Supplier.objects.none(), label="Supplier", widget=SearchSelect)
    model = forms.ModelChoiceField(AssetModel.objects.none(), label="Model", widget=SearchSelect)
    quantity = forms.IntegerField(label="How many", min_value=1, max_value=MOST_OF_A_LINE)
    unit_price = forms.DecimalField(
        label="Price of one, excluding VAT", min_value=0, max_digits=12, decimal_places=2
    )
    number = _text(
        "Purchase order number",
        40,
        required=False,
        help_text="As the council’s finance system has it. It may be entered later",
    )
    expected_on = forms.DateField(label="Expected on", required=False)

    def __init__(self, *args: Any, line: BatchLine, by: Person, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["supplier"].queryset = Supplier.objects.visible_to(by)
        models = AssetModel.objects.visible_to(by).filter(category=line.category)
        self.fields["model"].queryset = models.select_related("manufacturer")

    def given(self) -> dict[str, Any]:
        """All of it: a price of nothing is a price."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}


class CountOrderForm(DeedForm):
    """Which order that there is counts for a line of a batch."""

    order_line = forms.ModelChoiceField(OrderLine.objects.none(), label="Order", widget=SearchSelect)

    def __init__(self, *args: Any, line: BatchLine, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["order_line"].queryset = free_lines(line)
        self.fields["order_line"].label_from_instance = _order_named


def _order_named(row: OrderLine) -> str:
    return f"{row.order}: {row.quantity} of {row.model}, {row.order.get_state_display().lower()}"


class AsRead(forms.DecimalField):
    """How something stands now. It is sent as what was read, and shown as it is now whatever was sent."""

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial


class PassOnForm(DeedForm):
    """Who has the batch from now on, and why."""

    owner = forms.ModelChoiceField(Person.objects.none(), label="New owner", empty_label="Choose one")
    reason = _text("Reason", required=False)

    def __init__(self, *args: Any, batch: Batch, **more: Any):
        super().__init__(*args, **more)
        self.fields["owner"].queryset = may_own(batch)  # type: ignore[attr-defined]


class BatchMoveForm(DeedForm):
    """What a move of a batch asks for; an approval, for which council, what was read that it costs, and with which
    decision."""

    council = forms.ModelChoiceField(
        Council.objects.none(), label="Council", to_field_name="code", required=False
    )
    decision_reference = _text("Reference of the decision", 60, required=False)
    reason = _text("Reason", required=False)

    def __init__(
        self, *args: Any, name: str, councils: Sequence[Council], costs: dict[int, Any], **more: Any
    ):
        super().__init__(*args, **more)
        decides = name in ("approve", "reject")
        self.fields["reason"].required = "reason" in BATCH_MOVES[name].asks
        if not self.fields["reason"].required and not decides:
            del self.fields["reason"]
        if not decides or len(councils) < 2:
            del self.fields["council"]
        else:
            self.fields["council"].queryset = Council.objects.filter(pk__in=[one.pk for one in councils])
            self.fields["council"].required = True
        if name != "approve" or not any(needs_reference(cost) for cost in costs.values()):
            del self.fields["decision_reference"]
        for key, cost in costs.items() if name == "approve" else ():
            self.fields[f"amount_{key}"] = AsRead(
                widget=forms.HiddenInput, required=False, initial=cost, decimal_places=2
            )
        self.councils, self.approves = councils, name == "approve"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        council = cleaned.get("council") or (self.councils[0] if len(self.councils) == 1 else None)
        amount = cleaned.get(f"amount_{council.pk}") if council else None
        if self.approves and council and amount is None:
            raise forms.ValidationError("Read what it costs, as this page says it, before you approve it")
        return cleaned | {"amount": amount}

    def given(self) -> dict[str, Any]:
        """What was filled in, with the amount that was read of the council whose word it is."""
        given = {name: value for name, value in super().given().items() if not name.startswith("amount")}
        amount = self.cleaned_data["amount"]
        return given if amount is None else {**given, "amount": amount}


OWN: dict[str, Callable[[BatchItem, Person], forms.Field]] = {
    "outcome": lambda item, by: forms.ChoiceField(
        label="What becomes of it", choices=Outcome.choices, initial=item.outcome
    ),
    "reason": lambda item, by: _text("Reason"),
    "note": lambda item, by: _text("Note"),
    "replacement": lambda item, by: NewDeviceField(
        devices_offered(item, by),
        label="Replacement",
        widget=SearchSelect,
        empty_label="The next that is free",
    ),
    "scheduled_for": lambda item, by: forms.DateTimeField(label="When", help_text="Such as 27/3/2026 10:30"),
    "freeze_reason": lambda item, by: freeze_reason(),
    "deferred_until": lambda item, by: forms.DateField(
        label="Deferred until",
        initial=lambda: add_months(timezone.localdate(), 12),
        help_text="One more year, unless you choose another day",
    ),
    "back_on": lambda item, by: forms.DateField(
        label="Not brought: due back on", help_text="Only where the person keeps the old one for now"
    ),
    "old": lambda item, by: _text("Old device: scan or type its tag"),
    "new": lambda item, by: _text("New device: scan or type its tag"),
    "signed_by": lambda item, by: _text("Signed by", 100, initial=str(item.asset.holder or "")),
    "person": lambda item, by: PersonField(
        item.asset, label="Who gets it", help_text="Unless it is who has the old"
    ),
}


def item_form(name: str, item: BatchItem, by: Person, data: Any = None, files: Any = None) -> DeedForm:
    """The form of a move of one item: that of the register where its asset moves with it."""
    step = ITEM_MOVES[name]
    if step.asset_move:
        form = move_form(step.asset_move, item.asset, by, data, files)
        form.initial["version"] = item.version
        if item.asset.holds_no_data and name == "sanitise":
            for field in form.fields.values():
                field.required = False
        return form
    fields: dict[str, forms.Field] = {}
    for given in (*step.asks, *step.takes):
        if given in OWN and not (given in ("new", "person") and item.replacement_id is None):
            fields[given] = OWN[given](item, by)
            fields[given].required = given in step.asks
    kind: Any = type(DeedForm)
    return kind("ItemMoveForm", (DeedForm,), fields)(data, files, initial={"version": item.version})


class ItemsForm(Form):
    """What is given with one move of many items at once."""

    def __init__(self, name: str, items: Sequence[BatchItem], data: Any = None, *, by: Person) -> None:
        super().__init__(data)
        step, self.by = ITEM_MOVES[name], by
        for given in (*step.asks, *step.takes):
            if given in (*OWN_TO_EACH, "replacement"):
                continue
            if given == "verified_by":
                made: Any = SecondPersonField(by, {item.council_id for item in items})
            else:
                made = OWN[given](items[0], by) if given in OWN else GIVEN_TO_MANY[given]()
            made.required = given in step.asks
            if given == "outcome":
                made.choices = [("", "As it is"), *Outcome.choices]  # type: ignore[attr-defined]
                made.initial = ""
            self.add(given, made)
        if "site" in self.fields:
            councils = councils_of(by, step.permission)
            sites = Site.objects.visible_to(by).filter(council__in=councils).on_offer()
            self.fields["site"].queryset = sites.select_related("council")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in PEOPLE:
            if cleaned.get(name) and isinstance(cleaned[name], str):
                try:
                    cleaned[name] = person_of(cleaned[name], councils_of(self.by, Permission.SEE_ASSETS))
                except forms.ValidationError as error:
                    self.add_error(name, error)
        return cleaned

    def given(self) -> dict[str, Any]:
        """What is given, as moves take it: what was left out is not there."""
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}

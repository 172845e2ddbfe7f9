"""What every form stands on: clean text, and messages that say what to do. Imports nothing of ours.

A form of the project is a Form or a ModelForm of this module. It makes each field's messages from its label, so that
"Enter the summary" stands where Django would say "This field is required.". A message given by the field itself, as
`error_messages`, stays: a label that is a question needs one.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator

DATE_FORMATS = ["%d/%m/%Y", "%d-%m-%Y", "%d %B %Y", "%d %b %Y", "%Y-%m-%d"]
MOMENT_FORMATS = [f"{day} %H:%M" for day in DATE_FORMATS] + ["%Y-%m-%dT%H:%M"]
# Tab and line feed are typed; the other controls and lone surrogates never are.
CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

LENGTHS = {
    "max_length": "{Label} must be %(limit_value)d characters or fewer",
    "min_length": "{Label} must be %(limit_value)d characters or more",
}
RANGES = {
    "min_value": "{Label} must be %(limit_value)s or more",
    "max_value": "{Label} must be %(limit_value)s or less",
    "max_digits": "{Label} must have %(max)s digits or fewer",
    "max_decimal_places": "{Label} must have %(max)s decimal places or fewer",
    "max_whole_digits": "{Label} must have %(max)s digits or fewer before the decimal point",
}
CHOICE = {
    "required": "Select {the_label}",
    "invalid_choice": "Select {the_label} from the list",
    "invalid_list": "Select {the_label} from the list",
    "invalid_pk_value": "Select {the_label} from the list",
}
# The first row that fits a field says its messages, beside those for every field.
EVERY_FIELD = {"required": "Enter {the_label}", "unique": "{Label} is already in use. Enter another"}
MESSAGES: list[tuple[type[forms.Field] | tuple[type[forms.Field], ...], dict[str, str]]] = [
    ((forms.ChoiceField, forms.ModelChoiceField), CHOICE),
    (forms.BooleanField, {"required": "Select “{label}” to continue"}),
    (
        forms.FileField,
        {
            "required": "Select {the_label}",
            "invalid": "Select {the_label}",
            "missing": "Select {the_label}",
            "empty": "The selected file is empty",
            "max_length": "The name of the selected file must be %(max)d characters or fewer",
        },
    ),
    (forms.DateTimeField, {"invalid": "{Label} must be a real date and time, like 27/3/2026 14:30"}),
    (forms.DateField, {"invalid": "{Label} must be a real date, like 27/3/2026"}),
    (forms.TimeField, {"invalid": "{Label} must be a time, like 14:30"}),
    ((forms.DecimalField, forms.FloatField), {"invalid": "{Label} must be a number, like 1250.50", **RANGES}),
    (forms.IntegerField, {"invalid": "{Label} must be a whole number, like 12", **RANGES}),
    (
        forms.EmailField,
        {"invalid": "Enter an email address in the correct format, like name@example.gov.uk", **LENGTHS},
    ),
    (forms.UUIDField, {"invalid": "{Label} must be a whole identifier, copied without changes"}),
    (
        forms.URLField,
        {"invalid": "{Label} must be a web address, like https://www.example.gov.uk", **LENGTHS},
    ),
    (forms.CharField, LENGTHS),
]


def composed(text: str) -> str:
    """The text with its accents composed (NFC) and its lines ended one way, so that equal words are equal."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def refuse_controls(text: str) -> None:
    """No database and no page has a use for NUL and its like. Raises ValidationError."""
    found = CONTROLS.search(text) if isinstance(text, str) else None
    if found:
        raise ValidationError(
            f"Remove the character that cannot be shown (number {found.start() + 1} of the text) and try again",
            code="control_character",
        )


class SearchSelect(forms.Select):
    """A list of choices too long to scroll: with script, typing narrows it; without, it is a plain list."""


class DateInput(forms.DateInput):
    """One box that takes 27/3/2026, 27 March 2026 or 2026-03-27 and shows the first."""

    def format_value(self, value: Any) -> str | None:
        return value if isinstance(value, str) else super().format_value(value)


class GovukForm:
    """What Form and ModelForm add to Django's: composed text, no control characters, messages made from the labels."""

    use_required_attribute = False
    # Says "(optional)" beside what may be left out. A form that filters a list has nothing but such fields.
    marks_optional = True
    fields: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            self.add(name, field)

    def add(self, name: str, field: forms.Field) -> None:
        """Take a field in, also one that only the form's own data ask for."""
        self.fields[name] = field
        take_dates_as_written_here(field)
        say_plainly(field, str(field.label or name.replace("_", " ").capitalize()))
        if isinstance(field, forms.CharField):
            kept = [one for one in field.validators if not isinstance(one, ProhibitNullCharactersValidator)]
            field.validators = [*kept, refuse_controls]
        elif isinstance(field, forms.ModelChoiceField):
            # What a list of choices does to a NUL is a method, and takes no other form of answer.
            field.validate_no_null_characters = refuse_controls  # type: ignore[method-assign,assignment]

    def _widget_data_value(self, widget: forms.Widget, html_name: str) -> Any:
        """The one place where what was typed enters a form."""
        value = super()._widget_data_value(widget, html_name)  # type: ignore[misc]
        return composed(value) if isinstance(value, str) else value


class Form(GovukForm, forms.Form):
    """A form of the project."""

    def refuse(self, refused: Exception) -> None:
        """Say at the head of the page why what was sent could not be done."""
        self.add_error(None, str(refused))


class FilterForm(Form):
    """A form that narrows a list: every field may be left out, so none says so."""

    marks_optional = False


class ModelForm(GovukForm, forms.ModelForm):
    """A form of the project that fills one row."""


def put_beside(form: forms.BaseForm, mine: Collection[str], present: Mapping[str, Any]) -> None:
    """Keep what was typed in the fields that somebody edited, beside what stands there now in all others."""
    typed = {name: form[name].data for name in form.fields}
    form.data = typed | {name: value for name, value in present.items() if name not in mine}  # type: ignore[assignment]


def take_dates_as_written_here(field: forms.Field) -> None:
    """27/3/2026 is 27 March; the American order of Django's defaults is never guessed."""
    if isinstance(field, forms.DateTimeField):
        field.input_formats = MOMENT_FORMATS
    elif isinstance(field, forms.DateField):
        field.input_formats = DATE_FORMATS


def say_plainly(field: forms.Field, label: str) -> None:
    """Put the messages made from the label where the field still has Django's own."""
    kind: Any = type(field)
    for code, (djangos, ours) in _plain_messages(kind, label).items():
        if field.error_messages.get(code) is djangos:
            field.error_messages[code] = ours


@lru_cache(maxsize=1000)
def _plain_messages(kind: type[forms.Field], label: str) -> dict[str, tuple[Any, str]]:
    """By code: what Django says of a field of this kind, and what we say instead.

    A per cent sign would be taken for a place to put a number, so it is said in words.
    """
    label = label.replace("%", "per cent")
    words = {"Label": label, "label": label, "the_label": _the(label)}
    own = _djangos_own(kind)
    ours = next((messages for kinds, messages in MESSAGES if issubclass(kind, kinds)), {})
    return {code: (own.get(code), said.format(**words)) for code, said in {**EVERY_FIELD, **ours}.items()}


def _djangos_own(kind: type[forms.Field]) -> dict[str, Any]:
    own: dict[str, Any] = {}
    for ancestor in reversed(kind.__mro__):
        own.update(getattr(ancestor, "default_error_messages", {}))
    return own


CLAUSES = ("what", "when", "where", "who", "whom", "whose", "why", "how")


def _the(label: str) -> str:
    """Summary → the summary; OS version → the OS version; What is wrong? → an answer to “What is wrong?”

    What it is for → what it is for: a clause takes no article.
    """
    if label.endswith("?"):
        return f"an answer to “{label}”"
    lowered = label if label[:2].isupper() else label[:1].lower() + label[1:]
    return lowered if lowered.partition(" ")[0] in CLAUSES else f"the {lowered}"

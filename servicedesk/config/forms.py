"""How a Django form becomes GOV.UK components: named in FORM_RENDERER, so it serves every form, allauth's too.

`{{ form.summary.as_govuk() }}` is label, hint, error and control; `{{ error_summary(form) }}` heads the page;
`{{ fields(form) }}` is all of them in order.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.forms import BaseForm, BoundField
from django.forms.renderers import Jinja2
from django.utils.html import conditional_escape, format_html_join
from markupsafe import Markup

from servicedesk.config.components import component
from servicedesk.forms import SearchSelect

# What a browser would enforce in words of its own, cutting typed text short; a placeholder vanishes when it is needed.
LEFT_OUT = {
    "class",
    "cols",
    "maxlength",
    "minlength",
    "min",
    "max",
    "step",
    "placeholder",
    "required",
    "rows",
    "type",
}
EXAMPLES = {forms.DateInput: "For example, 27/3/2026", forms.DateTimeInput: "For example, 27/3/2026 14:30"}
NO_CHOICE = "---------"
Params = dict[str, Any]


class GovukBoundField(BoundField):
    """A field of a form that can show itself as GOV.UK does."""

    def as_govuk(
        self,
        *,
        heading: bool = False,
        classes: str = "",
        hints: Mapping[Any, str] | None = None,
        reveals: Mapping[Any, "GovukBoundField"] | None = None,
        prefix: str = "",
        suffix: str = "",
    ) -> str:
        """Label, hint, error and control.

        `heading` makes the label the heading of the page. `hints` and `reveals` go by value of a choice: a line under
        it, and the field that appears when it is chosen. `prefix` and `suffix` stand beside an input: £, months.
        """
        if self.is_hidden:
            return self.as_widget()
        name, control = self._control(hints or {}, reveals or {})
        beside = {side: {"text": text} for side, text in (("prefix", prefix), ("suffix", suffix)) if text}
        own_classes = f"{self.field.widget.attrs.get('class', '')} {classes}".strip()
        title = self._title(heading, in_fieldset=name in ("radios", "checkboxes"))
        return component(name, self._common() | {"classes": own_classes} | title | beside | control)

    def _common(self) -> Params:
        """What every component takes."""
        widget = self.field.widget
        example = next((text for kind, text in EXAMPLES.items() if isinstance(widget, kind)), "")
        hint = conditional_escape(self.help_text or example)
        errors = format_html_join(Markup("<br>"), "{}", ((error,) for error in self.errors))
        return {
            "id": self.auto_id,
            "idPrefix": self.auto_id,
            "name": self.html_name,
            "hint": {"html": hint} if hint else None,
            "errorMessage": {"html": errors} if errors else None,
            "disabled": self.field.disabled,
            "attributes": {
                key: {"value": value, "optional": True}
                for key, value in widget.attrs.items()
                if key not in LEFT_OUT
            },
        }

    def _title(self, heading: bool, in_fieldset: bool) -> Params:
        """The label or legend; one tick box is its own label and has no legend."""
        text = self.label
        if not self.field.required and getattr(self.form, "marks_optional", True):
            text = f"{text} (optional)"
        if in_fieldset:
            size = "l" if heading else "s"
            legend = {"text": text, "classes": f"govuk-fieldset__legend--{size}", "isPageHeading": heading}
            return {"fieldset": {"legend": legend}}
        return {
            "label": {
                "text": text,
                "classes": f"govuk-label--{'l' if heading else 's'}",
                "isPageHeading": heading,
            }
        }

    def _control(
        self, hints: Mapping[Any, str], reveals: Mapping[Any, "GovukBoundField"]
    ) -> tuple[str, Params]:
        """The component for the widget, and what it alone takes."""
        widget = self.field.widget
        match widget:
            case forms.CheckboxSelectMultiple() | forms.SelectMultiple():
                return "checkboxes", {"items": list(self._ticks(hints, reveals))}
            case forms.RadioSelect():
                return "radios", {"items": list(self._ticks(hints, reveals))}
            case forms.CheckboxInput():
                return "checkboxes", self._one_tick()
            case forms.Select():
                return "select", {"items": list(self._options())} | _searched(widget)
            case forms.Textarea():
                return self._textarea()
            case forms.FileInput():
                return "file-upload", {"multiple": widget.allow_multiple_selected}
            case forms.PasswordInput():
                return "password-input", {"autocomplete": widget.attrs.get("autocomplete")}
        return "input", self._input(widget)

    def _input(self, widget: forms.Widget) -> Params:
        """Numbers are typed as text, because a number box scrolls its value away and drops what it cannot read."""
        kind = getattr(widget, "input_type", "text")
        numeric = {
            "type": "text",
            "inputmode": "decimal" if isinstance(self.field, forms.DecimalField) else "numeric",
        }
        return {"value": self._text()} | (numeric if kind == "number" else {"type": kind})

    def _textarea(self) -> tuple[str, Params]:
        longest = getattr(self.field, "max_length", None)
        params = {"value": self._text(), "rows": 5}
        return ("character-count", params | {"maxlength": longest}) if longest else ("textarea", params)

    def _text(self) -> str:
        return self.field.widget.format_value(self.value()) or ""

    def _choices(self) -> Iterator[tuple[str, str, bool]]:
        """Value, words, and whether it is chosen; choices in groups stand in one row."""
        widget = self.field.widget
        chosen = widget.format_value(self.value())
        for value, words in widget.choices:
            group = words if isinstance(words, list | tuple) else [(value, words)]
            for one, said in group:
                text = "" if one is None else str(one)
                yield text, str(said), text in chosen

    def _options(self) -> Iterator[Params]:
        for value, words, chosen in self._choices():
            yield {"value": value, "text": "Choose one" if words == NO_CHOICE else words, "selected": chosen}

    def _ticks(self, hints: Mapping[Any, str], reveals: Mapping[Any, "GovukBoundField"]) -> Iterator[Params]:
        hints = {str(value): text for value, text in hints.items()}
        reveals = {str(value): field for value, field in reveals.items()}
        for value, words, chosen in self._choices():
            if words != NO_CHOICE:
                item = {"value": value, "text": words, "checked": chosen}
                if value in hints:
                    item["hint"] = {"text": hints[value]}
                if value in reveals:
                    item["conditional"] = {"html": reveals[value].as_govuk()}
                yield item

    def _one_tick(self) -> Params:
        hint = {"html": conditional_escape(self.help_text)} if self.help_text else None
        item = {
            "value": "on",
            "text": self.label,
            "checked": bool(self.value()),
            "id": self.auto_id,
            "hint": hint,
        }
        return {"items": [item], "fieldset": None, "hint": None}


class GovukRenderer(Jinja2):
    """Gives the fields of every form their GOV.UK way to show themselves; hidden inputs stay Django's."""

    bound_field_class = GovukBoundField


def error_summary(*forms_shown: BaseForm) -> Markup:
    """What is wrong on this page, each linked to its field; nothing where nothing is."""
    errors = [error for form in forms_shown for error in _errors(form)]
    if not errors:
        return Markup()
    return component("error-summary", {"titleText": "There is a problem", "errorList": errors})


def error_prefix(*forms_shown: BaseForm) -> str:
    """What the title of a page begins with when something on it is wrong."""
    return "Error: " if any(form.errors for form in forms_shown) else ""


def fields(form: BaseForm) -> Markup:
    """Every field of a form, in its order, hidden ones too."""
    return Markup().join(field.as_govuk() for field in form)  # type: ignore[attr-defined]  # GovukRenderer's doing


def _errors(form: BaseForm) -> Iterator[Params]:
    for name, messages in form.errors.items():
        shown = name in form.fields and not form[name].is_hidden
        for message in messages:
            yield {"text": message, "href": f"#{form[name].auto_id}"} if shown else {"text": message}


def _searched(widget: forms.Select) -> Params:
    return (
        {"formGroup": {"attributes": {"data-search-select": ""}}} if isinstance(widget, SearchSelect) else {}
    )

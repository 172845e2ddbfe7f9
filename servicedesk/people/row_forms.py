"""Forms that fill one row, as it was read at a version, and what comes of sending one."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms import model_to_dict

from servicedesk.forms import ModelForm, put_beside
from servicedesk.history.editing import Clash, Stale
from servicedesk.history.merging import Saved, in_words
from servicedesk.people.models import Person


class RowForm(ModelForm):
    """One row as it was read at `version`. The instance stays as it was read: the workflow writes, not the form."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    new_alone: tuple[str, ...] = ()
    """The fields that are chosen when a row is made, and never afterwards."""

    def __init__(self, *args: Any, by: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by
        self.initial.setdefault("version", self.instance.version)
        for name in self.new_alone if self.instance.pk else ():
            del self.fields[name]
        self.narrow()

    def narrow(self) -> None:
        """Offer in each list what belongs there. For a row that exists, what it has stays on offer."""

    def offer(self, name: str, rows: QuerySet, *, none: str | None = None) -> None:
        """Fill a list with rows, and say what it means to choose none of them."""
        field = self.fields.get(name)
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = rows
            if none is not None:
                field.empty_label = none

    def offer_living(self, name: str, rows: QuerySet, *, none: str | None = None) -> None:
        """Fill a list with rows that are not archived, and the one that the row has."""
        self.offer(name, rows.on_offer(getattr(self.instance, f"{name}_id")), none=none)  # type: ignore[attr-defined]

    def _post_clean(self) -> None:
        """Leave the instance alone."""

    def values(self) -> dict[str, Any]:
        """What was typed, by field."""
        return {name: self.cleaned_data[name] for name in self.fields if name != "version"}

    def made(self) -> Model:
        """A new row of what was typed, without what it is to be linked to."""
        links = {field.name for field in self.instance._meta.many_to_many}
        return type(self.instance)(
            **{name: value for name, value in self.values().items() if name not in links}
        )

    def links(self) -> dict[str, list]:
        """What the row is to be linked to, by field."""
        return {
            field.name: list(self.cleaned_data[field.name])
            for field in self.instance._meta.many_to_many
            if field.name in self.cleaned_data
        }

    def read_again(self, stale: Stale) -> list[tuple[str, str, str]]:
        """Keep what was typed as if on top of the row as it is now; where it is known what somebody edited, that alone.
        Returns where the two differ: what, now, typed."""
        now, typed = stale.row, self.values()
        named: Iterable[str] = typed
        if isinstance(stale, Clash):
            named = [each.name for each in stale.differences]
            put_beside(self, stale.mine, {**model_to_dict(now, typed), "version": now.version})
        else:
            self.data = self.data.copy()  # type: ignore[attr-defined]
            self.data["version"] = str(now.version)  # type: ignore[index]
        compared = [
            (self._label(name), _words(getattr(now, name)), _words(typed[name]))
            for name in named
            if hasattr(now, name)  # why it is changed is nothing of the row
        ]
        return [line for line in compared if line[1] != line[2]]

    def _label(self, name: str) -> str:
        field = self.fields.get(name)
        return str(field.label) if field else name.replace("_", " ").capitalize()


def _words(value: Any) -> str:
    """How a value reads beside another."""
    if isinstance(value, dict):
        return "; ".join(f"{name} {said}".replace("_", " ") for name, said in value.items()) or "nothing"
    return in_words(value) or "nothing"


def save(form: RowForm, change) -> tuple[Any, dict, int]:
    """What was saved, or nothing; what a page shows of the form, and its status."""
    shown: dict[str, Any] = {"form": form, "disagreements": []}
    if not form.is_bound:
        return None, shown, 200
    if form.is_valid():
        try:
            version = form.cleaned_data["version"] or 0
            return change(form.instance, by=form.by, version=version, **form.values()), shown, 200
        except Stale as stale:
            shown["disagreements"] = form.read_again(stale)
            return None, shown, 409
        except ValidationError as error:
            show(form, error)
    return None, shown, 422


def said_of(saved: Saved) -> str:
    """That it is saved, and what others changed of it since it was read."""
    return f"{saved.row} is saved. {saved.meanwhile}" if saved.meanwhile else f"{saved.row} is saved"


def show(form: Any, error: ValidationError) -> None:
    """Put a refusal where it belongs: at its field where the form has one, else above all."""
    if not hasattr(error, "error_dict"):
        form.add_error(None, error)
        return
    for name, texts in error.message_dict.items():
        form.add_error(name if name in form.fields else None, texts)

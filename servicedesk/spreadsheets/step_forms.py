"""What is said of an import before its rows are checked: which sheet, what each column is, what unknown words mean."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from servicedesk.forms import Form
from servicedesk.spreadsheets.columns import DATES
from servicedesk.spreadsheets.deciding import OTHER, USE, Place, Word
from servicedesk.spreadsheets.mapping import POLICIES, USUAL_POLICY, check_complete
from servicedesk.spreadsheets.models import Import
from servicedesk.spreadsheets.profiles import LONGEST_NAME, a_name, knows
from servicedesk.spreadsheets.reading import ENCODINGS, GUESSED, Refused

ORDERS = [("dmy", "Day first, like 27/3/2026"), ("mdy", "Month first, like 3/27/2026")]
RANKS = ("Recognise a row by", "then by", "and then by", "and last by")
CREATABLE = {
    "sites": "Sites",
    "departments": "Departments",
    "asset-models": "Manufacturers and models",
    "manufacturers": "Manufacturers",
    "suppliers": "Suppliers",
}
LAST_ROW = 1_048_576
MARKED = "utf-8-sig"
"""A text that says itself what it is written in."""


class SheetForm(Form):
    """Which sheet is meant, and where its headings stand: one of the rows that are shown, or one further down."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    sheet = forms.ChoiceField(label="Sheet", widget=forms.HiddenInput)
    header_row = forms.IntegerField(
        label="Row of the headings", min_value=1, max_value=LAST_ROW, required=False, widget=forms.HiddenInput
    )
    other_row = forms.IntegerField(
        label="Another row, by its number", min_value=1, max_value=LAST_ROW, required=False
    )
    encoding = forms.ChoiceField(
        label="Letters are written in",
        choices=list(ENCODINGS.items()),
        required=False,
        help_text="Change this if letters such as £ or é look wrong. The file is then read again.",
    )

    def __init__(self, started: Import, *args: Any, **kwargs: Any) -> None:
        self.about: Mapping[str, Any] = kwargs.pop("about", started.table)
        written = self.about.get("encoding") or ""
        self.read_in = next((name for name in ENCODINGS if written.startswith(name)), "")
        self.read_as = ENCODINGS.get(self.read_in, "")
        self.guessed = written in GUESSED and not started.mapping.get("encoding")
        shown = {row["row"] for row in self.about.get("preview", [])}
        self.standing = self.about.get("header_row")
        kwargs["initial"] = {
            "sheet": self.about.get("name"),
            "version": started.version,
            "encoding": self.read_in,
            "other_row": None if self.standing in shown else self.standing,
        }
        super().__init__(*args, **kwargs)
        if not self.read_in or written == MARKED:
            del self.fields["encoding"]
        self.fields["sheet"].choices = [(sheet["name"], sheet["name"]) for sheet in started.sheets]
        self.fields["sheet"].required = any(sheet["name"] for sheet in started.sheets)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not (given.get("other_row") or given.get("header_row")):
            raise ValidationError("Select the row of the headings")
        return given

    def said(self) -> dict[str, Any]:
        given = self.cleaned_data
        encoding = given.get("encoding") or self.read_in
        other = {"encoding": encoding} if encoding != self.read_in else {}
        return {"sheet": given["sheet"], "header_row": given["other_row"] or given["header_row"], **other}


class MappingForm(Form):
    """What each column of the chosen sheet is, what it may change, and how rows are recognised."""

    marks_optional = False
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, started: Import, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.started, self.kind = started, started.kind_of_row
        self.columns = started.table.get("columns", [])
        self.fields["version"].initial = started.version
        names = [("", "Do not import"), *((field.name, field.heading) for field in self.kind.fields)]
        for column in self.columns:
            self._add_column(column, names)
        self._add_keys()
        saved = started.profile if knows(started.profile, started.table) else None
        name = forms.CharField(
            label="Remember this as",
            max_length=LONGEST_NAME,
            required=False,
            initial=saved.name if saved else a_name(started),
            widget=forms.TextInput,
            help_text="The next file with these headings is then mapped by itself. Leave it blank not to remember it.",
        )
        self.add("save_as", name)

    def _add_column(self, column: Mapping[str, Any], names: list[tuple[str, str]]) -> None:
        letter, mapping = column["letter"], self.started.mapping
        label = f"{letter}: {column['heading'] or 'no heading'}"
        field = mapping["columns"].get(letter) or ""
        self.add(
            f"column_{letter}", forms.ChoiceField(label=label, choices=names, initial=field, required=False)
        )
        standing = mapping.get("policies", {}).get(field, USUAL_POLICY)
        policy = forms.ChoiceField(
            label=f"Where we have a value already (column {letter})",
            choices=list(POLICIES.items()),
            initial=standing,
            required=False,
        )
        self.add(f"policy_{letter}", policy)
        if column.get("written"):
            order = forms.ChoiceField(
                label=f"Dates in column {letter}",
                choices=ORDERS,
                initial=mapping["dates"].get(letter, "dmy"),
                required=False,
                widget=forms.RadioSelect,
            )
            self.add(f"order_{letter}", order)

    def _add_keys(self) -> None:
        usual = [key.name for key in self.kind.keys]
        standing = self.started.mapping.get("keys") or usual
        headings = [(name, self.kind.by_name[name].heading) for name in usual]
        for place, words in zip(range(len(usual)), RANKS, strict=False):
            first = [] if place == 0 else [("", "Nothing else")]
            self.add(
                f"key_{place}",
                forms.ChoiceField(
                    label=words,
                    choices=[*first, *headings],
                    initial=standing[place] if place < len(standing) else "",
                    required=False,
                ),
            )

    def differences(self) -> list[str]:
        """Where what stands is not what was chosen here."""
        standing = self.started.mapping["columns"]
        headings = {each.name: each.heading for each in self.kind.fields}
        return [
            f"Column {column['letter']} is {headings.get(standing.get(column['letter']) or '', 'not imported')} there"
            for column in self.columns
            if (standing.get(column["letter"]) or "") != self.chosen(column["letter"])
        ]

    def keys(self) -> list[Any]:
        return [self[name] for name in self.fields if name.startswith("key_")]

    def chosen(self, letter: str) -> str:
        """The field that a column is, as the page stands."""
        return str(self[f"column_{letter}"].value() or "")

    def order(self, letter: str) -> str:
        """The order of a column's dates, as the page stands."""
        return str(self[f"order_{letter}"].value() or "dmy") if f"order_{letter}" in self.fields else "dmy"

    def is_date(self, letter: str) -> bool:
        field = self.kind.by_name.get(self.chosen(letter))
        return field is None or field.kind in DATES

    def said(self) -> dict[str, Any]:
        given = self.cleaned_data
        letters = [column["letter"] for column in self.columns]
        named = {given[f"column_{letter}"]: letter for letter in letters if given[f"column_{letter}"]}
        return {
            "columns": {letter: given[f"column_{letter}"] or None for letter in letters},
            "dates": {letter: given[f"order_{letter}"] for letter in letters if given.get(f"order_{letter}")},
            "policies": {name: given[f"policy_{letter}"] or USUAL_POLICY for name, letter in named.items()},
            "keys": self._keys_of(given),
        }

    @staticmethod
    def _keys_of(given: Mapping[str, Any]) -> list[str]:
        return [value for name, value in given.items() if name.startswith("key_") and value]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        chosen: dict[str, str] = {}
        for column in self.columns:
            name = given.get(f"column_{column['letter']}")
            if name and name in chosen:
                heading = self.kind.by_name[name].heading
                self.add_error(f"column_{column['letter']}", f"{heading} is already column {chosen[name]}")
            elif name:
                chosen[name] = column["letter"]
        self._refuse_keys_named_twice(given)
        if not self.errors:
            columns = {letter: name for name, letter in chosen.items()}
            try:
                check_complete({"columns": columns, "keys": self._keys_of(given)}, self.kind, {})
            except Refused as refused:
                raise ValidationError(str(refused)) from refused
        return given

    def _refuse_keys_named_twice(self, given: Mapping[str, Any]) -> None:
        seen: set[str] = set()
        for name in (name for name in self.fields if name.startswith("key_")):
            value = given.get(name)
            if value and value in seen:
                self.add_error(name, f"{self.kind.by_name[value].heading} is named twice")
            seen.add(value or "")


class ValuesForm(Form):
    """What some of the unknown words mean: one of our names, a new one, or nothing."""

    marks_optional = False
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, started: Import, at: Place, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.started, self.at, self.decider = started, at, at.decider
        self.fields["version"].initial = started.version
        for place, word in enumerate(at.words):
            self._add(place, word)
        kind = started.kind_of_row
        if kind.creatable and at.words:
            create = forms.MultipleChoiceField(
                label="Create whatever else the file names that we do not know",
                choices=[(code, CREATABLE.get(code, code)) for code in kind.creatable],
                initial=started.create,
                required=False,
                widget=forms.CheckboxSelectMultiple,
                help_text="Anything that you decide nothing about is otherwise left blank, with a warning.",
            )
            self.add("create", create)

    def _add(self, place: int, word: Word) -> None:
        typed = self.data.get(self.add_prefix(f"other_{place}"), "") if self.is_bound else ""
        choice = forms.ChoiceField(
            label=word.written,
            choices=self.decider.choices(word, str(typed), str(self.data.get(f"choice_{place}", ""))),
            initial=self.decider.standing(word),
            required=False,
            widget=forms.RadioSelect,
            help_text=word.where,
        )
        self.add(f"choice_{place}", choice)
        other = forms.CharField(
            label=f"Another {word.heading.lower()}, or a part of its name",
            max_length=200,
            required=False,
            widget=forms.TextInput,
        )
        self.add(f"other_{place}", other)

    def differences(self) -> list[str]:
        """Where what stands is not what was chosen here."""
        chosen = {
            word: str(self[f"choice_{place}"].value() or "") for place, word in enumerate(self.at.words)
        }
        return [
            f"“{word.written}” is decided otherwise there: {self.decider.in_words(word)}"
            for word, choice in chosen.items()
            if self.decider.standing(word) not in ("", choice)
        ]

    def questions(self) -> list[tuple[Any, Any]]:
        return [(self[f"choice_{place}"], self[f"other_{place}"]) for place in range(len(self.at.words))]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        for place, word in enumerate(self.at.words):
            choice, typed = given.get(f"choice_{place}"), given.get(f"other_{place}", "")
            if choice == OTHER or typed and not choice:
                self._clean_other(place, word, typed, given)
        return given

    def _clean_other(self, place: int, word: Word, typed: str, given: dict[str, Any]) -> None:
        """A name of ours that was typed whole; of a part of a name, what fits is offered."""
        name = self.decider.names(word.field).exactly(typed)
        if name:
            given[f"choice_{place}"] = USE + name.meant
        elif not typed:
            self.add_error(f"other_{place}", f"Enter the {word.heading.lower()} that “{word.written}” means")
        elif self.decider.names(word.field).holding(typed):
            self.add_error(f"choice_{place}", f"Select what you mean by “{typed}”")
        else:
            self.add_error(f"other_{place}", f"We know no {word.heading.lower()} like “{typed}”")

    def said(self) -> dict[str, dict[str, Any]]:
        """What each word means, beside what was said of others before."""
        decisions = {word: self.cleaned_data[f"choice_{place}"] for place, word in enumerate(self.at.words)}
        return self.decider.said(decisions)


class ProfileForm(Form):
    """Another name for a saved mapping."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    name = forms.CharField(label="Name", max_length=LONGEST_NAME)

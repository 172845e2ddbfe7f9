"""What is filled in about an import: the file, the sheet, what each column is, what may be created."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat

from servicedesk.forms import Form
from servicedesk.people.models import Council
from servicedesk.spreadsheets.exporting import FORMATS
from servicedesk.spreadsheets.kinds import kinds, kinds_for
from servicedesk.spreadsheets.models import Import

ORDERS = [("dmy", "Day first, like 27/3/2026"), ("mdy", "Month first, like 3/27/2026")]
ASKED = ("either", "mixed", "mdy")
CREATABLE = {"sites": "Sites", "departments": "Departments", "asset-models": "Manufacturers and models"}


class UploadForm(Form):
    """A file, what its rows are, and whose."""

    kind = forms.ChoiceField(label="What the rows are", widget=forms.RadioSelect)
    council = forms.ModelChoiceField(Council.objects.none(), label="Council", widget=forms.RadioSelect)
    file = forms.FileField(label="Spreadsheet", help_text="An Excel workbook (.xlsx) or a .csv file")

    def __init__(self, person: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = {kind.code: kind for kind in kinds_for(person)}
        councils = frozenset().union(*(kind.may_import(person) for kind in self.kinds.values()))
        self.fields["kind"].choices = [(kind.code, kind.many.capitalize()) for kind in self.kinds.values()]
        self.fields["council"].queryset = Council.objects.filter(pk__in=councils)
        if len(self.kinds) == 1:
            self._settle("kind", next(iter(self.kinds)))
        if len(councils) == 1:
            self._settle("council", next(iter(councils)))

    def _settle(self, name: str, value: Any) -> None:
        """There is only one answer, so it is not asked for."""
        self.fields[name].widget, self.fields[name].initial = forms.HiddenInput(), value

    @property
    def settled(self) -> str:
        """What is not asked because there is only one answer."""
        if not (self["kind"].is_hidden and self["council"].is_hidden):
            return ""
        kind = self.kinds[self.fields["kind"].initial]
        return f"The rows are taken as {kind.many} of {self.fields['council'].queryset[0]}."

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > settings.IMPORT_MAX_BYTES:
            raise ValidationError(
                f"The selected file must be smaller than {filesizeformat(settings.IMPORT_MAX_BYTES)}"
            )
        return file


class SheetForm(Form):
    """Which sheet is meant, and where its headings stand."""

    sheet = forms.ChoiceField(label="Sheet")
    header_row = forms.IntegerField(label="Row of the headings", min_value=1, max_value=1_048_576)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, started: Import, *args: Any, **kwargs: Any) -> None:
        table = started.table
        kwargs["initial"] = {
            "sheet": table.get("name"),
            "header_row": table.get("header_row"),
            "version": started.version,
        }
        super().__init__(*args, **kwargs)
        self.fields["sheet"].choices = [(sheet["name"], _sheet_words(sheet)) for sheet in started.sheets]

    def said(self) -> dict[str, Any]:
        return {"sheet": self.cleaned_data["sheet"], "header_row": self.cleaned_data["header_row"]}


def _sheet_words(sheet: Mapping[str, Any]) -> str:
    found = f"{sheet['data_rows']:,} rows" if sheet["header_row"] else "no headings found"
    hidden = "" if sheet["visibility"] == "visible" else ", hidden"
    return f"{sheet['name'] or 'The file'} ({found}{hidden})"


class MappingForm(Form):
    """What each column of the chosen sheet is, and what may be created on the way."""

    marks_optional = False
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, started: Import, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.started, kind = started, started.kind_of_row
        self.columns = started.table.get("columns", [])
        self.fields["version"].initial = started.version
        names = [("", "Do not import"), *((field.name, field.heading) for field in kind.fields)]
        for column in self.columns:
            self._add_column(column, names)
        if kind.creatable:
            create = forms.MultipleChoiceField(
                label="If the file names something we do not know, create it",
                choices=[(code, CREATABLE[code]) for code in kind.creatable],
                initial=started.create,
                required=False,
                widget=forms.CheckboxSelectMultiple,
                help_text="Whatever is not chosen here is left empty, with a warning.",
            )
            self.add("create", create)

    def _add_column(self, column: Mapping[str, Any], names: list[tuple[str, str]]) -> None:
        letter, mapping = column["letter"], self.started.mapping
        label = f"{letter}: {column['heading'] or 'no heading'}"
        chosen = forms.ChoiceField(
            label=label, choices=names, initial=mapping["columns"].get(letter) or "", required=False
        )
        self.add(f"column_{letter}", chosen)
        if column["order"] in ASKED:
            order = forms.ChoiceField(
                label=f"Dates in column {letter}",
                choices=ORDERS,
                initial=mapping["dates"].get(letter, "dmy"),
                widget=forms.RadioSelect,
            )
            self.add(f"order_{letter}", order)

    def lines(self) -> list[tuple[Mapping[str, Any], Any, Any]]:
        """Each column with its field and, where it must be asked, the field for the order of its dates."""
        return [
            (
                column,
                self[f"column_{column['letter']}"],
                self[f"order_{column['letter']}"] if f"order_{column['letter']}" in self.fields else None,
            )
            for column in self.columns
        ]

    def said(self) -> dict[str, Any]:
        given = self.cleaned_data
        letters = [column["letter"] for column in self.columns]
        return {
            "columns": {letter: given[f"column_{letter}"] or None for letter in letters},
            "dates": {letter: given[f"order_{letter}"] for letter in letters if f"order_{letter}" in given},
        }

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        chosen: dict[str, str] = {}
        for column in self.columns:
            name = given.get(f"column_{column['letter']}")
            if name and name in chosen:
                heading = self.started.kind_of_row.by_name[name].heading
                self.add_error(f"column_{column['letter']}", f"{heading} is already column {chosen[name]}")
            elif name:
                chosen[name] = column["letter"]
        return given


class VersionForm(Form):
    """A deed on an import as somebody saw it."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class ExportForm(Form):
    """What is to be taken out, and as what."""

    kind = forms.ChoiceField()
    format = forms.ChoiceField(choices=[(format, format) for format in FORMATS])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.code, kind.many) for kind in kinds().values() if kind.filtered]

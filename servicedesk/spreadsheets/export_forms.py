"""What is chosen before rows go out: which columns, and as what."""

from collections.abc import Mapping
from typing import Any

from django import forms

from servicedesk.forms import Form
from servicedesk.people.models import Person
from servicedesk.spreadsheets.exporting import FORMATS
from servicedesk.spreadsheets.kinds import Kind, kinds
from servicedesk.spreadsheets.outgoing import is_needed, offered
from servicedesk.spreadsheets.taking_out import last_choice

WORDS = {
    "xlsx": "Excel workbook, with drop-downs and a sheet that says how to bring it back",
    "csv": "CSV, for other programs",
}


def exported_kinds() -> list[Kind]:
    """The kinds that can be taken out."""
    return [kind for kind in kinds().values() if kind.filtered]


class ExportForm(Form):
    """What is to be taken out, and as what. Whatever else is sent narrows it."""

    kind = forms.ChoiceField()
    format = forms.ChoiceField(choices=[(format, format) for format in FORMATS])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind.code, kind.many) for kind in exported_kinds()]

    def narrowing(self) -> dict[str, str]:
        """The filters that were sent along."""
        return narrowing(self.data, "csrfmiddlewaretoken", "columns", *self.fields)

    def columns(self) -> list[str]:
        """The columns that were chosen."""
        data: Any = self.data
        return list(dict.fromkeys(data.getlist("columns")))


def narrowing(given: Mapping[str, Any], *others: str) -> dict[str, str]:
    """What narrows a list, of what was given beside the `others`."""
    return {name: value for name, value in given.items() if value and name not in others}


class ChoiceForm(Form):
    """The columns that the person may have of a kind, ticked as they last chose them."""

    marks_optional = False
    columns = forms.MultipleChoiceField(
        label="Columns",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    format = forms.ChoiceField(label="File", choices=list(WORDS.items()), widget=forms.RadioSelect)

    def __init__(self, kind: Kind, person: Person, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, initial=_initial(kind, person), **kwargs)
        open_ones = offered(kind, person)
        self.always = [each for each in open_ones if is_needed(kind, each)]
        self.fields["columns"].choices = [
            (each.name, each.heading) for each in open_ones if not is_needed(kind, each)
        ]
        self.fields["columns"].help_text = "Always there: " + ", ".join(each.heading for each in self.always)


def _initial(kind: Kind, person: Person) -> Mapping[str, Any]:
    last = last_choice(kind, person)
    if last:
        return {"columns": last.columns, "format": last.format}
    usual = [each.name for each in offered(kind, person) if not each.extra]
    return {"columns": usual, "format": "xlsx"}

"""What is said of a checked import: import it, and what becomes of rows that wait for a choice."""

from collections.abc import Iterable
from typing import Any

from django import forms

from servicedesk.forms import FilterForm, Form
from servicedesk.spreadsheets.comparing import WHOSE
from servicedesk.spreadsheets.models import Action, Import
from servicedesk.spreadsheets.showing import Shown

READ_AS = {"yours": "Yours, from the file", "theirs": "Theirs, as it is now", "before": "As it was before"}
LATER = ("", "Decide later")


class ApplyForm(Form):
    """Import what was checked at this version: all of it or nothing, or the good rows now."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    whole = forms.BooleanField(required=False, widget=forms.HiddenInput)
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)


class RowsForm(FilterForm):
    """Which of the checked rows are shown."""

    action = forms.ChoiceField(label="What happens", choices=Action.choices, required=False)
    problem = forms.CharField(label="Problem", max_length=60, required=False)
    field = forms.CharField(label="What changes", max_length=60, required=False)
    cursor = forms.RegexField(
        r"^-?[0-9]{1,9}$",
        label="Page",
        required=False,
        error_messages={"invalid": "This is not a page of this list. Follow the links"},
    )


class ChoicesForm(Form):
    """What becomes of the rows on a page that match more than one, or that somebody has changed meanwhile."""

    marks_optional = False
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, started: Import, rows: Iterable[Shown], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["version"].initial = started.version
        rows = list(rows)
        self.rows = {row.number: row for row in rows if row.candidates or row.told}
        if any(row.told for row in rows):
            every = [("", "Row by row"), *((whose, READ_AS[whose]) for whose in WHOSE)]
            self.add("all", self._field("All rows that were changed meanwhile", every))
        for number, row in self.rows.items():
            if row.candidates:
                self.add(f"row_{number}", self._field(f"Row {number}", [LATER, *row.candidates]))
            else:
                said = [(whose, READ_AS[whose]) for whose in WHOSE]
                self.add(f"row_{number}", self._field(f"Row {number}", [LATER, *said]))

    @staticmethod
    def _field(label: str, choices: list[tuple[str, str]]) -> forms.ChoiceField:
        return forms.ChoiceField(label=label, choices=choices, required=False)

    def said(self) -> dict[str, Any]:
        """What was chosen, as an Import keeps it."""
        rows: dict[str, Any] = {}
        for number, row in self.rows.items():
            chosen = self.cleaned_data.get(f"row_{number}")
            if chosen:
                rows[str(number)] = {"target": int(chosen)} if row.candidates else {"stale": chosen}
        every = self.cleaned_data.get("all")
        return {"rows": rows} | ({"stale": every} if every else {})

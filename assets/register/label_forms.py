"""What is asked before labels are printed."""

from typing import Any

from django import forms

from assets.register.labels import SHEETS
from servicedesk.forms import FilterForm

USUAL = "3x8"


class LabelForm(FilterForm):
    """Which sheet lies in the printer, and which of its labels is the first that is still there."""

    sheet = forms.ChoiceField(
        label="Sheet of labels", choices=[(code, sheet.words) for code, sheet in SHEETS.items()]
    )
    first = forms.IntegerField(
        label="Begin at label",
        min_value=1,
        max_value=max(sheet.count for sheet in SHEETS.values()),
        help_text="Counted along the rows from the top left, for a sheet that is partly used",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        sheet, first = SHEETS.get(cleaned.get("sheet", "")), cleaned.get("first")
        if sheet and first and first > sheet.count:
            self.add_error("first", f"This sheet has {sheet.count} labels")
        return cleaned

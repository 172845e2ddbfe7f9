"""What is filled in about an import: the file, the sheet, what each column is, what may be created."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.template.defaultfilters import filesizeformat

from servicedesk.forms import Form
from servicedesk.people.models import Council
from servicedesk.spreadsheets.kinds import kinds_for
from servicedesk.spreadsheets.reading import FORMATS, as_file

PASTED = "Pasted rows.tsv"


class UploadForm(Form):
    """A file, what its rows are, and whose."""

    kind = forms.ChoiceField(label="What the rows are", widget=forms.RadioSelect)
    council = forms.ModelChoiceField(Council.objects.none(), label="Council", widget=forms.RadioSelect)
    file = forms.FileField(label="Spreadsheet", help_text=FORMATS, required=False)
    pasted = forms.CharField(
        label="Or paste rows",
        help_text="Copy them in Excel with their row of headings, and paste them here.",
        required=False,
        strip=False,
        widget=forms.Textarea,
    )

    def __init__(self, person: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = {kind.code: kind for kind in kinds_for(person) if not kind.begins}
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

    def clean(self) -> dict[str, Any]:
        """Pasted rows are kept as a file like any other."""
        given = super().clean() or {}
        pasted = given.get("pasted", "").strip("\n")
        if "file" in self.errors or "pasted" in self.errors:
            return given
        if given.get("file") and pasted.strip():
            self.add_error("pasted", "Choose a file or paste rows, not both")
        elif pasted.strip():
            given["file"] = ContentFile(as_file(pasted), PASTED)
        elif not given.get("file"):
            self.add_error("file", "Select the spreadsheet, or paste its rows")
        return given

    def clean_file(self):
        return not_too_large(self.cleaned_data["file"])


def not_too_large(file: Any) -> Any:
    """The file that was selected, if any. Raises ValidationError where it is more than is read here."""
    if file and file.size > settings.IMPORT_MAX_BYTES:
        raise ValidationError(
            f"The selected file must be smaller than {filesizeformat(settings.IMPORT_MAX_BYTES)}"
        )
    return file


class VersionForm(Form):
    """A deed on an import as somebody saw it."""

    version = forms.IntegerField(widget=forms.HiddenInput)

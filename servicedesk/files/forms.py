"""A field for several files at once. What each of them is, and whether it is taken, is asked of `checking`."""

from typing import Any

from django import forms
from django.utils.functional import lazystr

from servicedesk.files.checking import MOST_AT_ONCE, most


class Limits:
    """What may be sent, in words, as it is set when a page is made."""

    def __str__(self) -> str:
        return f"Up to {MOST_AT_ONCE} files, each {most()} or smaller"


class FilesInput(forms.FileInput):
    """Lets a browser choose several."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files, none of them needed. Its value is a list."""

    widget = FilesInput

    def __init__(self, label: str = "Attach files") -> None:
        super().__init__(label=label, required=False, help_text=lazystr(Limits()))

    def clean(self, data: Any, initial: Any = None) -> list:
        return [file for file in data or [] if hasattr(file, "chunks")]

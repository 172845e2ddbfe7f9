"""Every form of the project says what to do in its own words, never in those of the framework."""

from importlib import import_module

import pytest
from django import forms

from servicedesk.forms import GovukForm
from tests.architecture.reading_code import module_name, source_files

OURS = ("servicedesk.", "assets.", "api.")
# What Django's and allauth's own messages are made of.
FRAMEWORK_WORDS = (
    "This field",
    "Ensure ",
    "valid value",
    "valid choice",
    "available choices",
    "You must type",
)


def all_forms() -> list[type[forms.BaseForm]]:
    """The forms that modules named for forms and filters define, and any that other modules do."""
    for path in source_files():
        if path.stem in ("forms", "filters", "views", "account_forms"):
            import_module(module_name(path))
    return sorted(
        (form for form in descendants(forms.BaseForm) if form.__module__.startswith(OURS)),
        key=lambda form: f"{form.__module__}.{form.__qualname__}",
    )


def descendants(kind: type) -> set[type]:
    return {below for child in kind.__subclasses__() for below in {child, *descendants(child)}}


def messages(form: type[forms.BaseForm]) -> list[str]:
    """Every message that the fields declared by a form could show, as an instance would have them."""

    class Shown(GovukForm, forms.Form):
        pass

    Shown.base_fields = form.base_fields
    return [str(said) for field in Shown().fields.values() for said in field.error_messages.values()]


@pytest.mark.parametrize("form", all_forms(), ids=lambda form: f"{form.__module__}.{form.__qualname__}")
def test_form_speaks_our_words(form):
    assert issubclass(form, GovukForm)
    assert [said for said in messages(form) if any(words in said for words in FRAMEWORK_WORDS)] == []

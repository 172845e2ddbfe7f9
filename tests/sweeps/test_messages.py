"""No form of the project ever speaks in the words of the framework."""

import inspect
import pkgutil
import re
from collections import defaultdict
from importlib import import_module

import pytest
from django import forms
from django.core import validators
from django.db import models

import api
import assets
import servicedesk
from assets.refresh.energy_forms import (
    OfPlaceForm,
)
from assets.refresh.forms import (
    OfCouncilForm,
)
from assets.register.estate_forms import (
    ConnectionForm,
    CouncilsForm,
    EstateForm,
)
from servicedesk.administration.forms import (
    OwnedForm,
)
from servicedesk.forms import FilterForm, Form, ModelForm
from servicedesk.people.row_forms import RowForm
from servicedesk.tickets.forms import SentForm
from servicedesk.tickets.promise_forms import OfTicket
from tests.sweeps.forms_made import made

pytestmark = pytest.mark.django_db
BASES = {
    Form,
    FilterForm,
    ModelForm,
    RowForm,
    OwnedForm,
    OfTicket,
    SentForm,
    EstateForm,
    CouncilsForm,
    ConnectionForm,
    OfCouncilForm,
    OfPlaceForm,
}
LONG = "x" * 100_000
# What is typed into every field at once.
TYPED = {
    "nothing": "",
    "too much": LONG,
    "words": "zzz",
    "a long number": "9" * 400,
    "a minus": "-1",
    "NUL": "a\0b",
}


def forms_of_the_project() -> set[type]:
    """Every form class that any module of ours defines."""
    found = set()
    for package in (servicedesk, assets, api):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name and ".management" not in module.name:
                members = vars(import_module(module.name)).values()
                found |= {
                    kind for kind in members if inspect.isclass(kind) and issubclass(kind, forms.BaseForm)
                }
    return {
        kind for kind in found if kind.__module__.split(".")[0] in ("servicedesk", "assets", "api")
    } - BASES


def words_of_the_framework() -> list[re.Pattern]:
    """Every message of Django's own fields and validators, with its places for values left open."""
    kinds = [*_subclasses(forms.Field), *_subclasses(models.Field)]
    said = [text for kind in kinds for text in getattr(kind, "default_error_messages", {}).values()]
    said += [
        kind.message
        for kind in vars(validators).values()
        if inspect.isclass(kind) and hasattr(kind, "message")
    ]
    said += list(validators.DecimalValidator.messages.values())
    filled = {
        str(text % given) for text in said for given in (defaultdict(lambda: 1), defaultdict(lambda: 77777))
    }
    return [re.compile(re.escape(text).replace("77777", ".*")) for text in filled]


def _subclasses(kind: type) -> list[type]:
    below = [inner for sub in kind.__subclasses__() for inner in _subclasses(sub)]
    return [kind, *below] if kind.__module__.startswith("django.") else []


def test_every_form_of_the_project_is_swept(world):
    assert forms_of_the_project() == set(made(world))


@pytest.mark.parametrize(
    "text",
    [
        "This field is required.",
        "Enter a whole number.",
        "Ensure this value has at most 3 characters (it has 4).",
        "Select a valid choice. zzz is not one of the available choices.",
    ],
)
def test_the_words_of_the_framework_are_known(text):
    assert any(pattern.fullmatch(text) for pattern in words_of_the_framework())


def test_no_form_speaks_in_the_words_of_the_framework(world):
    patterns, said = words_of_the_framework(), []
    for kind, makers in made(world).items():
        for make in makers:
            for typed in TYPED.values():
                form = make(dict.fromkeys(make({}).fields, typed))
                said += [(kind.__name__, name, text) for name, texts in form.errors.items() for text in texts]

    assert len(said) > 50
    assert sorted({line for line in said if any(pattern.fullmatch(line[2]) for pattern in patterns)}) == []

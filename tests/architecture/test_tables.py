from django.apps import apps
from django.db import models

from tests.architecture.tables import (
    NOT_RECORDED,
    OF_A_COUNCIL,
    OF_A_PERSON,
    OF_ANOTHER_ROW,
    RECORDED,
    SHARED,
)

MODELS = {
    model._meta.label_lower: model
    for model in apps.get_models()
    if model.__module__.split(".")[0] in ("servicedesk", "assets", "api")
}


def test_every_model_says_once_whose_its_rows_are():
    said = [*OF_A_COUNCIL, *OF_ANOTHER_ROW, *OF_A_PERSON, *SHARED]

    assert sorted(said) == sorted(MODELS)


def test_every_model_says_once_whether_its_writes_are_recorded():
    assert sorted([*RECORDED, *NOT_RECORDED]) == sorted(MODELS)


def test_rows_of_a_council_name_it_in_the_database():
    for label in OF_A_COUNCIL:
        council = MODELS[label]._meta.get_field("council")
        assert (council.related_model._meta.label, council.null) == ("people.Council", False), label


def test_rows_of_a_council_or_a_person_are_narrowed_by_their_queryset():
    narrowed = [label for label, how in OF_A_COUNCIL.items() if how == "visible_to"]
    for label in narrowed:
        assert callable(getattr(MODELS[label].objects.all(), "visible_to", None)), label


def test_recorded_rows_that_people_edit_carry_a_version():
    for label in ("people.person", "register.asset", "service_levels.calendar", "tickets.ticket"):
        assert isinstance(MODELS[label]._meta.get_field("version"), models.PositiveIntegerField)

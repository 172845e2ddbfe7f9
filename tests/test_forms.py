from datetime import date

import pytest
from django import forms
from django.core.validators import RegexValidator

from servicedesk.forms import Form


class Everything(Form):
    summary = forms.CharField(max_length=5, min_length=2)
    os_version = forms.CharField(label="OS version")
    wrong = forms.CharField(label="What is wrong?")
    said = forms.CharField(error_messages={"required": "Say it"})
    tag = forms.CharField(validators=[RegexValidator(r"^\d+$", "Tag must be digits")], required=False)
    council = forms.ChoiceField(choices=[("OCC", "Oxfordshire")])
    places = forms.MultipleChoiceField(choices=[("a", "A")])
    agreed = forms.BooleanField(label="I agree")
    due = forms.DateField(required=False)
    at = forms.DateTimeField(required=False)
    months = forms.IntegerField(min_value=1, max_value=60, required=False)
    cost = forms.DecimalField(max_digits=6, decimal_places=2, required=False)
    email = forms.EmailField(required=False)
    photo = forms.FileField()


def errors(**typed) -> dict:
    return {name: list(said) for name, said in Everything(typed).errors.items() if not typed or name in typed}


def test_empty_form_says_what_to_do():
    assert errors() == {
        "summary": ["Enter the summary"],
        "os_version": ["Enter the OS version"],
        "wrong": ["Enter an answer to “What is wrong?”"],
        "said": ["Say it"],
        "council": ["Select the council"],
        "places": ["Select the places"],
        "agreed": ["Select “I agree” to continue"],
        "photo": ["Select the photo"],
    }


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("summary", "123456", "Summary must be 5 characters or fewer"),
        ("summary", "1", "Summary must be 2 characters or more"),
        ("tag", "x", "Tag must be digits"),
        ("council", "CDC", "Select the council from the list"),
        ("places", ["b"], "Select the places from the list"),
        ("due", "31/2/2026", "Due must be a real date, like 27/3/2026"),
        ("due", "3/27/2026", "Due must be a real date, like 27/3/2026"),
        ("at", "27/3/2026", "At must be a real date and time, like 27/3/2026 14:30"),
        ("months", "1.5", "Months must be a whole number, like 12"),
        ("months", "61", "Months must be 60 or less"),
        ("months", "0", "Months must be 1 or more"),
        ("cost", "lots", "Cost must be a number, like 1250.50"),
        ("cost", "1.005", "Cost must have 2 decimal places or fewer"),
        ("cost", "12345.5", "Cost must have 4 digits or fewer before the decimal point"),
        ("email", "me", "Enter an email address in the correct format, like name@example.gov.uk"),
        (
            "os_version",
            "a\x00b",
            "Remove the character that cannot be shown (number 2 of the text) and try again",
        ),
        (
            "os_version",
            "\x1b[31m",
            "Remove the character that cannot be shown (number 1 of the text) and try again",
        ),
    ],
)
def test_odd_value_says_how_to_mend_it(field, typed, said):
    assert errors(**{field: typed}) == {field: [said]}


@pytest.mark.parametrize("typed", ["27/3/2026", "27/03/2026", "27 March 2026", "27 Mar 2026", "2026-03-27"])
def test_date_is_read_as_it_is_written_here(typed):
    form = Everything({"due": typed})
    form.is_valid()

    assert form.cleaned_data["due"] == date(2026, 3, 27)


def test_typed_text_is_composed_and_its_lines_end_one_way():
    form = Everything({"os_version": "Cafe\u0301\r\nbar\rbaz\tend"})
    form.is_valid()

    assert form.cleaned_data["os_version"] == "Café\nbar\nbaz\tend"
    assert form["os_version"].value() == "Café\nbar\nbaz\tend"


def test_length_is_counted_in_composed_characters():
    assert "summary" not in Everything({"summary": "e\u0301" * 5}).errors


def test_label_with_braces_and_a_per_cent_sign_is_only_words():
    class Odd(Form):
        share = forms.ChoiceField(label="Share {in} %", choices=[("1", "1")])

    assert Odd({}).errors["share"] == ["Select the share {in} per cent"]
    assert Odd({"share": "2"}).errors["share"] == ["Select the share {in} per cent from the list"]


def test_label_that_is_a_clause_takes_no_article():
    class Asked(Form):
        kind = forms.ChoiceField(label="What the rows are", choices=[("1", "1")])
        reason = forms.CharField(label="Why it was late")
        whereabouts = forms.CharField(label="Whereabouts")

    assert Asked({}).errors == {
        "kind": ["Select what the rows are"],
        "reason": ["Enter why it was late"],
        "whereabouts": ["Enter the whereabouts"],
    }

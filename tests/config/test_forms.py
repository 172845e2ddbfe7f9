import pytest
from django import forms
from lxml import html

from servicedesk.config.forms import error_prefix, error_summary, fields
from servicedesk.forms import DateInput, FilterForm, Form, SearchSelect


class Call(Form):
    summary = forms.CharField(max_length=50, help_text="A few words & no more")
    details = forms.CharField(widget=forms.Textarea, max_length=200, required=False)
    notes = forms.CharField(widget=forms.Textarea, required=False)
    stops = forms.ChoiceField(
        label="What it stops", choices=[("me", "Only me"), ("many", "Many people")], widget=forms.RadioSelect
    )
    number = forms.IntegerField(label="How many people", required=False)
    places = forms.MultipleChoiceField(
        choices=[("office", "Office"), ("home", "Home")], widget=forms.CheckboxSelectMultiple
    )
    site = forms.ChoiceField(choices=[("", "---------"), ("7", "Bodicote House")], widget=SearchSelect)
    private = forms.BooleanField(label="Keep it private", required=False, help_text="Few see it")
    due = forms.DateField(widget=DateInput(attrs={"class": "govuk-input--width-10"}))
    photo = forms.FileField(required=False)
    secret = forms.CharField(widget=forms.PasswordInput)
    version = forms.IntegerField(widget=forms.HiddenInput)


TYPED = {
    "summary": "<b>broken</b>",
    "details": "one\ntwo",
    "stops": "many",
    "places": ["home"],
    "site": "7",
    "private": "on",
    "due": "27/3/2026",
    "secret": "hunter2",
    "version": "3",
}


def shown(markup: str):
    return html.fragment_fromstring(markup, "div")


def text(element) -> str:
    return " ".join(element.text_content().split())


def test_every_control_keeps_what_was_typed_and_the_password_does_not():
    form = shown(fields(Call(TYPED)))

    values = {
        box.get("name"): box.get("value")
        for box in form.xpath("//input[not(@type='radio' or @type='checkbox')]")
    }
    assert values == {
        "summary": "<b>broken</b>",
        "number": "",
        "due": "27/3/2026",
        "photo": None,
        "secret": None,
        "version": "3",
    }
    assert form.xpath("//textarea[@name='details']")[0].text == "one\ntwo"
    assert form.xpath("//*[@checked]/@value") == ["many", "home", "on"]
    assert form.xpath("//option[@selected]/@value") == ["7"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("summary", "Summary A few words & no more"),
        ("details", "Details (optional) You can enter up to 200 characters"),
        ("notes", "Notes (optional)"),
        ("stops", "What it stops Only me Many people"),
        ("places", "Places Office Home"),
        ("site", "Site Choose one Bodicote House"),
        ("private", "Keep it private Few see it"),
        ("due", "Due For example, 27/3/2026"),
        ("photo", "Photo (optional)"),
        ("secret", "Secret Show"),
    ],
)
def test_field_says_its_label_hint_and_choices(name, words):
    assert text(shown(Call()[name].as_govuk())) == words


def test_filter_says_nowhere_that_it_is_optional():
    class Filter(FilterForm):
        team = forms.CharField(required=False)

    assert text(shown(Filter()["team"].as_govuk())) == "Team"


def test_choice_has_its_hint_and_reveals_its_field():
    form = Call({"number": "x"})

    stops = shown(form["stops"].as_govuk(hints={"many": "Call us now"}, reveals={"many": form["number"]}))

    assert text(stops.xpath("//*[contains(@class, 'govuk-radios__hint')]")[0]) == "Call us now"
    assert text(stops.xpath("//*[contains(@class, 'govuk-radios__conditional')]")[0]) == (
        "How many people (optional) Error: Number must be a whole number, like 12"
    ).replace("Number", "How many people")


def test_wrong_field_says_so_and_is_tied_to_its_message():
    summary = shown(Call({"summary": ""})["summary"].as_govuk())

    box = summary.xpath("//input")[0]
    assert [text(summary.get_element_by_id(part)) for part in box.get("aria-describedby").split()] == [
        "A few words & no more",
        "Error: Enter the summary",
    ]


def test_summary_of_errors_leads_to_each_field_that_is_shown():
    class Pair(Form):
        first = forms.CharField()
        kind = forms.ChoiceField(choices=[("a", "A")], widget=forms.RadioSelect)
        version = forms.IntegerField(widget=forms.HiddenInput)

        def clean(self):
            raise forms.ValidationError("These do not go together")

    form = Pair({})
    summary, whole = shown(error_summary(form)), shown(fields(form))

    links = {text(link): link.get("href").removeprefix("#") for link in summary.xpath("//li/a")}
    assert links == {"Enter the first": "id_first", "Select the kind": "id_kind"}
    assert [whole.get_element_by_id(target).get("name") for target in links.values()] == ["first", "kind"]
    assert [text(item) for item in summary.xpath("//li[not(a)]")] == [
        "Enter the version",
        "These do not go together",
    ]


def test_form_without_errors_has_no_summary():
    assert (error_summary(Call()), error_prefix(Call())) == ("", "")


def test_title_of_a_page_with_errors_says_so():
    assert error_prefix(Call({})) == "Error: "


def test_browser_enforces_nothing_in_words_of_its_own():
    whole = shown(fields(Call()))

    assert whole.xpath("//@required | //@maxlength | //@min | //@max | //@placeholder") == []

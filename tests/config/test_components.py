import json
import re

import pytest
from django.conf import settings
from django.template import engines
from jinja2 import TemplateNotFound, UndefinedError
from lxml import html
from markupsafe import Markup

from servicedesk.config.components import component


def render(source: str, **context) -> str:
    """A template of ours, its whitespace evened out."""
    return " ".join(engines["jinja2"].from_string(source).render(context).split())


def test_component_escapes_text_and_not_html():
    shown = component("inset-text", {"text": "<b>&"}), component("inset-text", {"html": "<b>bold</b>"})

    assert [" ".join(one.split()) for one in shown] == [
        '<div class="govuk-inset-text"> &lt;b&gt;&amp; </div>',
        '<div class="govuk-inset-text"> <b>bold</b> </div>',
    ]


def test_component_with_a_wrong_name_is_an_error():
    with pytest.raises(TemplateNotFound):
        component("insettext", {"text": "x"})


def test_name_that_does_not_exist_is_an_error_in_our_templates():
    with pytest.raises(UndefinedError):
        render("{{ ticket.summary }}")


def test_options_of_a_component_that_do_not_exist_in_our_context_are_an_error():
    with pytest.raises(UndefinedError):
        render('{{ component("inset-text", {"text": missing}) }}')


TABLE = """
{% from "components/table.html" import table, cell %}
{% set columns = ["Tag", {"text": "Due", "href": "?ordering=-due", "sorted": "ascending"}] %}
{% call(row) table("Assets", columns, rows, cards=true) %}
{% call cell("Tag", header=true) %}{{ row.tag }}{% endcall %}
{% call cell("Due") %}{{ row.due }}{% endcall %}
{% endcall %}
"""


def test_table_names_its_region_its_order_and_every_cell():
    shown = render(TABLE, rows=[{"tag": "LT/17", "due": "<soon>"}])

    assert '<div class="app-table app-table--cards" role="region" aria-label="Assets" tabindex="0">' in shown
    assert '<th class="govuk-table__header " scope="col" role="columnheader" aria-sort="ascending">' in shown
    assert 'role="rowheader" data-label="Tag">LT/17</th>' in shown
    assert 'role="cell" data-label="Due"><span>&lt;soon&gt;</span></td>' in shown


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        (
            '{% from "components/tag.html" import tag %}{{ tag("Late", "red") }}',
            '<strong class="govuk-tag govuk-tag--red"> Late </strong>',
        ),
        (
            '{% from "components/tag.html" import tag %}{{ tag("New") }}',
            '<strong class="govuk-tag"> New </strong>',
        ),
        ('{% from "components/pager.html" import pager %}{{ pager(none, none) }}', ""),
        ('{% from "components/times.html" import moment %}{{ moment(none) }}', ""),
        (
            '{% from "components/progress.html" import progress %}{{ progress("Importing", 1200, 2000) }}',
            '<div role="status"> <p class="govuk-body">Importing: 1,200 of 2,000</p> <progress class="app-progress" '
            'aria-label="Importing" value="1200" max="2000"></progress> </div>',
        ),
    ],
)
def test_component_of_ours_shows(source, shown):
    assert render(source) == shown


def test_button_of_one_move_carries_the_token_and_its_values():
    source = """{% from "components/buttons.html" import post_button %}
    {{ post_button("Take", "/take/", token, hidden={"version": 7}) }}"""

    form = html.fragment_fromstring(render(source, token=Markup('<input name="token" value="secret">')))

    assert (form.get("method"), form.get("action")) == ("post", "/take/")
    assert {field.get("name"): field.get("value") for field in form.iter("input")} == {
        "token": "secret",
        "version": "7",
    }


def test_summary_escapes_its_values_and_shows_a_missing_one_as_a_dash():
    source = """{% from "components/summary.html" import summary %}
    {{ summary([("Holder", none), ("Tag", "<1>")]) }}"""

    facts = html.fragment_fromstring(render(source))

    assert [fact.text_content() for fact in facts.iter("dt", "dd")] == ["Holder", "–", "Tag", "<1>"]


FRONTEND = settings.BASE_DIR / "servicedesk" / "frontend"
STYLED = re.findall(r"govuk/components/([a-z-]+)", (FRONTEND / "app.scss").read_text())


def shape(element) -> tuple:
    """What a browser makes of markup: elements, attributes and words, without the space between them."""
    attributes = {name: " ".join(value.split()) for name, value in element.attrib.items()}
    words = " ".join((element.text or "").split()), " ".join((element.tail or "").split())
    return element.tag, attributes, words, [shape(child) for child in element]


@pytest.mark.parametrize("name", STYLED)
def test_component_is_of_the_version_of_its_style_sheet(name):
    """The macros come from one package and the style from another: they must agree on every published example."""
    path = FRONTEND / "node_modules/govuk-frontend/dist/govuk/components" / name / "fixtures.json"

    for example in json.loads(path.read_text())["fixtures"]:
        ours, theirs = component(name, example["options"]), example["html"]
        assert shape(html.fragment_fromstring(ours, "div")) == shape(html.fragment_fromstring(theirs, "div"))

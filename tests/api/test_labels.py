"""Labels by program: the same sheets as the page prints, of what the program's person may see."""

import re
from xml.etree import ElementTree

import pytest

from tests.api.calling import as_program
from tests.factories import a_council, a_person, a_requester, an_asset, an_engineer

pytestmark = pytest.mark.django_db


def tags_on(answer) -> list[list[str]]:
    return [re.findall(r'aria-label="QR code of ([^"]*)"', sheet) for sheet in answer["sheets"]]


def test_labels_are_laid_out_on_sheets_of_what_is_named_or_what_the_filters_leave():
    council = a_council("OCC")
    assets = [
        an_asset(council, tag, category=kind)
        for tag, kind in (("A", "laptop"), ("B", "monitor"), ("C<&", "laptop"))
    ]
    caller = as_program(an_engineer(council))

    named = caller.get(f"assets/labels/?asset={assets[2].pk}&asset={assets[1].pk}&sheet=2x7&first=14").json()
    narrowed = caller.get("assets/labels/?category=laptop").json()

    assert (named["count"], named["too_many"], tags_on(named)) == (2, False, [["B"], ["C&lt;&amp;"]])
    assert tags_on(narrowed) == [["A", "C&lt;&amp;"]]
    sheet = ElementTree.fromstring(named["sheets"][1])  # noqa: S314  (our own)
    assert (sheet.tag, sheet.get("width"), sheet.get("height")) == (
        "{http://www.w3.org/2000/svg}svg",
        "210.0mm",
        "297.0mm",
    )


def test_labels_that_cannot_be_laid_out_say_why_by_name():
    answer = as_program(an_engineer()).get("assets/labels/?sheet=3x7&first=22&category=boat")

    assert (answer.status_code, answer.json()["errors"]) == (
        400,
        {"first": ["This sheet has 21 labels"], "category": ["Select the category from the list"]},
    )


def test_labels_name_nothing_that_their_reader_may_not_see():
    ours, theirs = an_asset(a_council("OCC"), "OURS"), an_asset(a_council("CDC"), "THEIRS")
    asked = f"assets/labels/?asset={ours.pk}&asset={theirs.pk}"

    told = as_program(a_person(ours.council, "auditor")).get(asked).json()

    assert (told["count"], tags_on(told)) == (1, [["OURS"]])
    assert as_program(a_requester(ours.council)).get(asked).status_code == 403

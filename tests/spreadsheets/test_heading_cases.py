"""Every heading of heading_cases.json is known for its field, and every one that can mean two things is asked about."""

import json
from pathlib import Path

from servicedesk.spreadsheets.headers import ASSETS, NEVER, match

CASES = json.loads(Path(__file__).with_name("heading_cases.json").read_text(encoding="utf-8"))
AMBIGUOUS = set(CASES["ambiguous"])


def test_every_heading_stands_for_its_field():
    wrong = {}
    for name, headings in CASES["fields"].items():
        for heading in headings:
            (found,) = match([heading], [[]], ASSETS)
            expected = (None, "never") if name in NEVER else (name, "exact")
            if heading in AMBIGUOUS - {"location"}:
                expected = (name, "ambiguous")
            if (found.field, found.why) != expected or bool(found.question) != (found.why == "ambiguous"):
                wrong[heading] = (found.field, found.why, found.question)

    assert wrong == {}
    assert sum(map(len, CASES["fields"].values())) == 460


def test_every_heading_that_can_mean_two_things_is_asked_about():
    """“location” alone is the site; a second column of that name is the room only if the person says so."""
    asked = {heading for heading in AMBIGUOUS if match([heading], [[]], ASSETS)[0].question}
    first, second = match(["Location", "Location"], [[], []], ASSETS)

    assert asked == AMBIGUOUS - {"location"}
    assert (first.field, first.question) == ("location_site", "")
    assert (second.field, bool(second.question)) == ("location_room", True)

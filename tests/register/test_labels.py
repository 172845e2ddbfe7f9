"""Labels: what a scanner reads on them, where they stand on the paper, and whose things they can name."""

import re

import pytest
import segno

from assets.register.labels import PAPER_HEIGHT, PAPER_WIDTH, SHEETS, pages
from tests.factories import a_council, a_council_alone, a_person, a_requester, an_asset, an_engineer
from tests.register.pages import manager, text_of

pytestmark = pytest.mark.django_db


def tags_on(response) -> list[str]:
    return re.findall(r'aria-label="QR code of ([^"]*)"', text_of(response))


def test_every_sheet_fits_the_paper_and_no_label_lies_over_another():
    for sheet in SHEETS.values():
        corners = [sheet.corner(place) for place in range(sheet.count)]
        left, top = corners[0]
        right, bottom = corners[-1][0] + sheet.width, corners[-1][1] + sheet.height
        assert left >= 0 and top >= 0
        assert (round(left + right, 1), round(top + bottom, 1)) == (PAPER_WIDTH, PAPER_HEIGHT)
        assert len(set(corners)) == sheet.count
        assert all(
            abs(x - other) >= sheet.width or abs(y - below) >= sheet.height - 0.01
            for number, (x, y) in enumerate(corners)
            for other, below in corners[number + 1 :]
        )


def test_labels_begin_where_the_sheet_is_still_whole_and_go_on_on_the_next():
    council = a_council("OCC")
    assets = [an_asset(council, f"T{number:02}") for number in range(30)]

    drawn = pages(assets, SHEETS["3x8"], first=20)

    assert [len(page) for page in drawn] == [5, 24, 1]
    assert (drawn[0][0].left, drawn[0][0].top) == SHEETS["3x8"].corner(19)
    assert [label.asset for page in drawn for label in page] == assets


def test_the_code_is_the_address_of_the_page_and_leads_through_the_door(client, settings):
    """The dark squares are read back by their path, and are those of the address alone."""
    asset = an_asset(a_council_alone("SND", "South Northants"), "LT/17 & <b>")
    label = pages([asset], SHEETS["3x7"])[0][0]
    dark = {
        (int(x) + step, int(y))
        for x, y, length in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\d+z", label.code)
        for step in range(int(length))
    }
    code = segno.make(f"{settings.BASE_URL}/assets/{asset.pk}/", error="m", micro=False, boost_error=False)
    assert dark == {(x, y) for y, row in enumerate(code.matrix) for x, one in enumerate(row) if one}

    page = f"/assets/{asset.pk}/"
    assert client.get(page)["Location"] == f"/account/login/?next={page}"
    client.force_login(an_engineer(a_council("OCC")))
    assert client.get(page).status_code == 404
    client.force_login(an_engineer(asset.council))
    assert client.get(page).status_code == 200


def test_text_stays_on_its_label():
    council = a_council_alone("X", "Oxfordshire and Northern Villages Combined County Council of the Thames")
    assets = [an_asset(council, "W" * 60), an_asset(council, "1")]
    for sheet in SHEETS.values():
        for label in pages(assets, sheet)[0]:
            for line in label.lines:
                assert line.y <= sheet.height
                assert label.text_left + len(line.text) * line.size * 0.56 <= sheet.width


def test_page_prints_what_is_named_or_what_the_filters_leave(client):
    council = a_council("OCC")
    assets = [
        an_asset(council, tag, category=kind)
        for tag, kind in (("A", "laptop"), ("B", "monitor"), ("C", "laptop"))
    ]
    client.force_login(manager("OCC"))

    named = client.get("/assets/labels/", {"asset": [assets[2].pk, assets[1].pk, "x", "-1", "9" * 30]})
    narrowed = client.get("/assets/labels/", {"category": "laptop", "sheet": "5x13", "first": 60})
    none = client.get("/assets/labels/", {"category": "switch"})

    assert (tags_on(named), tags_on(narrowed), tags_on(none)) == (["B", "C"], ["A", "C"], [])
    assert f'name="asset" value="{assets[1].pk}"' in text_of(named)
    assert "There are no assets to print labels for" in text_of(none)
    texts = re.findall(r">([^<>]*)</text>", text_of(named))
    assert texts == ["B", "Oxfordshire County", "Council", "C", "Oxfordshire County", "Council"]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"sheet": "9x9"}, "Select the sheet of labels from the list"),
        ({"sheet": "3x7", "first": 22}, "This sheet has 21 labels"),
        ({"first": "x"}, "Begin at label must be a whole number, like 12"),
        ({"category": "boat"}, "Select the category from the list"),
    ],
)
def test_page_says_what_is_wrong(client, asked, sentence):
    an_asset(a_council("OCC"), "A")
    client.force_login(manager("OCC"))

    response = client.get("/assets/labels/", asked)

    assert (response.status_code, tags_on(response)) == (422, [])
    assert sentence in text_of(response)


def test_nobody_prints_a_label_of_what_they_may_not_see(client):
    ours, theirs = an_asset(a_council("OCC"), "OURS"), an_asset(a_council("CDC"), "THEIRS")
    asked = {"asset": [ours.pk, theirs.pk]}
    seen = {}
    for role in ("engineer", "budget_approver", "auditor"):
        client.force_login(a_person(a_council("OCC"), role))
        seen[role] = tags_on(client.get("/assets/labels/", asked))
    client.force_login(a_requester(a_council("OCC")))

    assert seen == {"engineer": ["OURS", "THEIRS"], "budget_approver": ["OURS"], "auditor": ["OURS"]}
    assert client.get("/assets/labels/", asked).status_code == 403

"""What the front-end build leaves in static/build: only what a council may serve."""

import re

import pytest
from django.conf import settings

BUILD = settings.BASE_DIR / "servicedesk" / "static" / "build"
STYLE, SCRIPT = (BUILD / "app.css").read_text(), (BUILD / "app.js").read_text()


@pytest.mark.parametrize(
    "forbidden",
    ["GDS Transport", "crest", "crown", "@font-face", "govuk-footer", "url(http", "url(//", "@import"],
)
def test_style_has_no_branding_of_gov_uk_and_calls_no_other_place(forbidden):
    assert forbidden not in STYLE


def test_style_is_set_in_arial():
    on_paper = "sans-serif"

    assert set(re.findall(r"font-family:([^;}]+)", STYLE)) == {'"Arial","Helvetica",sans-serif', on_paper}


def test_nothing_refers_to_a_source_map():
    assert "sourceMappingURL" not in STYLE + SCRIPT


def test_every_picture_of_the_style_is_there():
    pictures = set(re.findall(r"url\(([^)]+)\)", STYLE))

    assert pictures and all((BUILD / picture).is_file() for picture in pictures)


def test_package_lock_names_no_address():
    lock = (settings.BASE_DIR / "servicedesk" / "frontend" / "package-lock.json").read_text()

    assert "resolved" not in lock and lock.count('"integrity"') > 10

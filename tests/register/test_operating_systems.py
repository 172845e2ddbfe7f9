"""How long operating systems are supported, on its pages and by the programming interface: read, and never written."""

from datetime import date
from pathlib import Path

import pytest

from assets.register.models import OperatingSystemRelease
from assets.register.reference.loading import load
from assets.register.reference.shapes import Options
from tests.api.calling import NOTHING, as_person
from tests.factories import a_council, a_person
from tests.register.pages import manager, text_of

pytestmark = pytest.mark.django_db
ROWS = Path(__file__).parent / "reference" / "rows.csv"


@pytest.fixture(autouse=True)
def releases():
    load(ROWS, Options(date(2026, 8, 14)), apply=True)


def test_releases_are_listed_narrowed_and_read_by_who_reads_a_register(client):
    keeper = manager("OCC")
    client.force_login(keeper)
    page = text_of(client.get("/assets/systems/"))
    assert "4 found" in page and "Add a" not in page
    narrowed = {
        "?q=windows": 2,
        "?security=ended": 1,
        "?known=not_announced": 1,
        "?known=ended": 1,
        "?known=unknown": 0,
    }
    for query, count in narrowed.items():
        listed = text_of(client.get(f"/assets/systems/{query}"))
        assert (f"{count} found" if count else "Nothing matches these filters") in listed

    release = OperatingSystemRelease.objects.get(cycle="17")
    page = text_of(client.get(f"/assets/systems/{release.pk}/"))
    assert "Not announced" in page and "Not known" in page
    assert "endoflife.date, checked 14 Aug 2026" in page
    assert "/edit/" not in page
    assert client.get(f"/assets/systems/{release.pk}/edit/").status_code == 404

    client.force_login(a_person(a_council("OCC")))
    assert client.get("/assets/systems/").status_code == 403
    assert client.get(f"/assets/systems/{release.pk}/").status_code == 404


def test_programming_interface_tells_each_end_with_how_much_is_known_of_it_and_takes_nothing():
    release = OperatingSystemRelease.objects.get(cycle="10-22h2")
    caller = as_person(manager("OCC"))
    answer = caller.ask("GET", f"operating-systems/{release.pk}/", None)

    assert answer.json() == {
        "id": release.pk,
        "product": "windows",
        "cycle": "10-22h2",
        "name": "Microsoft Windows 10 22H2",
        "edition": "",
        "released_on": "2022-10-18",
        "end_of_active_support": "2025-10-14",
        "end_of_active_support_known": "date",
        "end_of_security_support": "2025-10-14",
        "end_of_security_support_known": "date",
        "end_of_extended_support": "2028-10-10",
        "end_of_extended_support_known": "date",
        "source": "endoflife.date",
        "checked_on": "2026-08-14",
        "version": 1,
    }
    found = caller.ask("GET", "operating-systems/?q=windows&known=date", None).json()["results"]
    assert [one["cycle"] for one in found] == ["10-22h2", "11-24h2-e"]
    for method, path in (("POST", ""), ("PATCH", f"{release.pk}/"), ("PUT", f"{release.pk}/")):
        assert caller.ask(method, f"operating-systems/{path}", {"name": "x"}).status_code == 405
    stranger = as_person(a_person(a_council("OCC")))
    answer = stranger.ask("GET", f"operating-systems/{release.pk}/", None)
    assert (answer.status_code, answer.json()) == (404, NOTHING)

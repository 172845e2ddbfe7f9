"""What narrows a list of assets, and what is said to a filter that makes no sense."""

import pytest
from django.test import RequestFactory

from assets.register.filters import AssetFilters
from assets.register.models import Asset
from tests.factories import a_council, a_model, a_person, a_site, an_asset, an_engineer

pytestmark = pytest.mark.django_db


@pytest.fixture
def estate():
    occ, cdc = a_council("OCC"), a_council("CDC")
    laptop = a_model("ThinkPad L14")
    screen = a_model("P2419H", maker="Dell", category="monitor")
    holder = a_person(occ, name="Siân Pritchard")
    hall, house = a_site(occ, "County Hall"), a_site(cdc, "Bodicote House")
    an_asset(
        occ,
        "LT/17",
        serial_number="PF1",
        model=laptop,
        manufacturer=laptop.manufacturer,
        holder=holder,
        site=hall,
    )
    an_asset(
        cdc,
        "LT/17",
        serial_number="PF2",
        model=laptop,
        manufacturer=laptop.manufacturer,
        site=house,
        state="in_stock",
    )
    an_asset(occ, "MON-1", category="monitor", model=screen, manufacturer=screen.manufacturer, site=hall)
    an_asset(occ, "OLD-1", state="disposed", evidence_missing=True)
    return {"laptop": laptop, "screen": screen, "holder": holder, "hall": hall, "house": house}


def filtered(person, **query) -> AssetFilters:
    request = RequestFactory().get("/assets/", query)
    request.user = person
    return AssetFilters(request.GET, Asset.objects.visible_to(person), request=request)


def narrowed(**query) -> list[str]:
    filters = filtered(an_engineer(a_council("OCC")), **query)
    assert filters.is_valid(), filters.errors
    return sorted(f"{asset.council.code} {asset}" for asset in filters.qs.select_related("council"))


EVERYTHING = ["CDC LT/17", "OCC LT/17", "OCC MON-1", "OCC OLD-1"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, EVERYTHING),
        ({"q": ""}, EVERYTHING),
        ({"q": "lt/17"}, ["CDC LT/17", "OCC LT/17"]),
        ({"q": "pritch"}, ["OCC LT/17"]),
        ({"q": "thinkpad bodicote"}, ["CDC LT/17"]),
        ({"council": "OCC"}, ["OCC LT/17", "OCC MON-1", "OCC OLD-1"]),
        ({"category": "monitor"}, ["OCC MON-1"]),
        ({"state": "in_stock"}, ["CDC LT/17"]),
        ({"asset_tag": "LT/17"}, ["CDC LT/17", "OCC LT/17"]),
        ({"asset_tag": "LT"}, []),
        ({"serial_number": "pf2"}, ["CDC LT/17"]),
        ({"unassigned": "true"}, ["CDC LT/17", "OCC MON-1", "OCC OLD-1"]),
        ({"unassigned": "false"}, ["OCC LT/17"]),
        ({"evidence_missing": "true"}, ["OCC OLD-1"]),
        ({"evidence_missing": "false"}, ["CDC LT/17", "OCC LT/17", "OCC MON-1"]),
        ({"holder": str(2**62)}, []),
        ({"council": "OCC", "category": "laptop", "state": "in_use"}, ["OCC LT/17"]),
        ({"unheard_of": "x", "cursor": "nonsense"}, EVERYTHING),
    ],
)
def test_filters_narrow(estate, query, expected):
    assert narrowed(**query) == expected


def test_filters_by_what_is_pointed_at(estate):
    assert narrowed(site=estate["hall"].pk) == ["OCC LT/17", "OCC MON-1"]
    assert narrowed(holder=estate["holder"].pk) == ["OCC LT/17"]
    assert narrowed(model=estate["laptop"].pk) == ["CDC LT/17", "OCC LT/17"]
    assert narrowed(manufacturer=estate["screen"].manufacturer_id) == ["OCC MON-1"]


@pytest.mark.parametrize(
    ("query", "sentences"),
    [
        ({"council": "XXX"}, {"council": ["Select the council from the list"]}),
        ({"category": "spaceship"}, {"category": ["Select the category from the list"]}),
        ({"state": "in_use' OR 1=1"}, {"state": ["Select the state from the list"]}),
        ({"site": "abc"}, {"site": ["Select the site from the list"]}),
        ({"site": "999999999999999999999999"}, {"site": ["Select the site from the list"]}),
        ({"model": "-1"}, {"model": ["Select the model from the list"]}),
        ({"manufacturer": "1.5"}, {"manufacturer": ["Select the manufacturer from the list"]}),
        ({"holder": "me"}, {"holder": ["Holder must be a whole number, like 12"]}),
        ({"holder": "0"}, {"holder": ["Holder must be 1 or more"]}),
        ({"holder": str(2**63)}, {"holder": [f"Holder must be {2**63 - 1} or less"]}),
        ({"unassigned": "maybe"}, {"unassigned": ["Choose yes or no for “Without a holder”"]}),
        ({"q": "x" * 201}, {"q": ["Words, tag or serial number must be 200 characters or fewer"]}),
        ({"asset_tag": "x" * 61}, {"asset_tag": ["Asset tag must be 60 characters or fewer"]}),
    ],
)
def test_filters_that_make_no_sense_get_a_sentence(estate, query, sentences):
    assert filtered(an_engineer(a_council("OCC")), **query).errors == sentences


HOSTILE = [
    "\0",
    "a\0b",
    "\ud800",
    "'",
    '"',
    "%",
    "\u202e",
    "💣",
    "x" * 5000,
    "-1",
    "NaN",
    "1e999",
    "[]",
    "{{7*7}}",
]


@pytest.mark.parametrize("name", list(AssetFilters.base_filters))
def test_no_filter_value_breaks_the_page(client, estate, name):
    client.force_login(an_engineer(a_council("OCC")))

    answers = {
        value: client.get("/assets/", {name: value.encode("utf-8", "surrogatepass")}).status_code
        for value in HOSTILE
    }

    assert [value[:20] for value, status in answers.items() if status not in (200, 422)] == []


def test_a_site_of_a_council_that_is_not_theirs_is_like_one_that_does_not_exist(estate):
    auditor = a_person(a_council("OCC"), "auditor")

    hidden, unknown = filtered(auditor, site=estate["house"].pk), filtered(auditor, site=10**6)

    assert hidden.errors == unknown.errors == {"site": ["Select the site from the list"]}


def test_the_page_says_what_is_chosen_and_how_to_undo_it(client, estate):
    client.force_login(an_engineer(a_council("OCC")))

    response = client.get(f"/assets/?state=in_use&council=OCC&site={estate['hall'].pk}&asset_tag=LT/17")

    page = response.content.decode()
    assert '<a class="moj-filter__tag" href="?council=OCC' in page
    for words in (
        "State: In use",
        f"Council: {a_council('OCC')}",
        "Site: County Hall (OCC)",
        "Asset tag: LT/17",
    ):
        assert f"</span> {words}</a>" in page

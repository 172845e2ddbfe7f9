"""The whole body of each noun, so that a field that comes or goes is a decision."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.api.calling import as_person, both, named, one_page
from tests.factories import (
    a_model,
    a_service,
    a_site,
    a_team,
)

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 6, 22, 8, 12, tzinfo=UTC)


def test_council(asha):
    council = asha.council
    body = {
        "id": council.pk,
        "code": "OCC",
        "name": "Oxfordshire County Council",
        "colour": "#1d70b8",
        "desk_phone": "01865 000000",
        "desk_hours": "",
        "archived_at": None,
        "version": 1,
    }
    assert both(asha, "councils/", council) == [one_page(body), body]


def test_site(asha):
    site = a_site(asha.council, "County Hall")
    body = {
        "id": site.pk,
        "council": "OCC",
        "name": "County Hall",
        "kind": "office",
        "address": "",
        "postcode": "",
        "uprn": "",
        "archived_at": None,
        "version": 1,
    }
    assert both(asha, "sites/", site) == [one_page(body), body]


def test_team(asha):
    team = a_team("Networks", members=(asha,))
    body = {
        "id": team.pk,
        "name": "Networks",
        "kind": "in_house",
        "sensitivity": "",
        "tier": 1,
        "councils": ["OCC"],
        "archived_at": None,
        "version": 1,
    }
    assert both(asha, "teams/", team) == [one_page(body), body]


def test_person_says_what_the_other_council_may_know_and_no_more(asha):
    site = a_site(asha.council, "County Hall")
    asha.site = site
    asha.payroll_number, asha.vip = "canary", True
    asha.save()
    body = {
        "id": asha.pk,
        "display_name": "Asha",
        "email": "asha@occ.example",
        "phone": "01865 1",
        "council": "OCC",
        "site": named(site),
    }
    assert both(asha, "people/", asha) == [one_page(body), body]


def test_service(asha):
    service = a_service("Email", a_team("Desk"), criticality=2)
    body = {
        "id": service.pk,
        "name": "Email",
        "sentence": "",
        "owner": None,
        "support_team": named(service.support_team),
        "councils": ["OCC"],
        "agreements": [],
        "criticality": 2,
        "public_facing": False,
        "first_line": True,
        "out_of_hours_cover": False,
        "sharing": "shared",
        "sensitivity": "",
        "approval": "",
        "archived_at": None,
        "version": 1,
    }
    assert both(asha, "services/", service) == [one_page(body), body]


def test_manufacturer_and_asset_model(asha):
    model = a_model("Latitude 5440", "Dell", annual_kwh=Decimal("32.5"), end_of_support=date(2030, 1, 31))
    maker = {"id": model.manufacturer.pk, "name": "Dell"}
    body = {
        "id": model.pk,
        "manufacturer": maker,
        "name": "Latitude 5440",
        "model_number": "",
        "part_number": "",
        "category": "laptop",
        "useful_life_months": None,
        "holds_data": None,
        "end_of_sale": None,
        "end_of_software_releases": None,
        "end_of_security_patches": None,
        "end_of_support": "2030-01-31",
        "watts": None,
        "annual_kwh": "32.5",
        "embodied_kgco2e": None,
        "replacement_model": None,
        "price_base_fy": "",
        "sources": {},
        "notes": "",
        "version": 1,
    }
    assert both(asha, "asset-models/", model) == [one_page(body), body]
    assert both(asha, "manufacturers/", model.manufacturer) == [one_page(maker), maker]


def test_explanation_of_a_deadline_from_elsewhere(asha):
    document = {
        "calendars": {"STD": {"open": "08:00", "close": "17:30", "weekdays": [0, 1, 2, 3, 4]}},
        "cases": [
            {"id": "A", "calendar": "STD", "start": "2026-11-23T09:12:00+00:00", "target_seconds": 14400}
        ],
    }
    assert as_person(asha).ask("POST", "deadlines/explain/", document).json() == [
        {
            "id": "A",
            "due": "2026-11-23T13:12:00+00:00",
            "paused_seconds": 0,
            "slots": [["2026-11-23T09:12:00+00:00", "2026-11-23T13:12:00+00:00"]],
        }
    ]

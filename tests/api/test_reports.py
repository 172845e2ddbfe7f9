"""The monthly service report for programs."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from assets.register.equipment_report import EquipmentReport
from servicedesk.history.models import Change
from servicedesk.reports.service_report import ServiceReport
from servicedesk.spreadsheets.models import Export
from tests.api.calling import as_person, one_page
from tests.factories import a_person
from tests.reports.november import November

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/reports/service/?month=2026-11&council={}"


@pytest.fixture
def november(monkeypatch) -> November:
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 11, 30, 17, 30, tzinfo=UTC))
    return November()


def asked(person, council: str):
    client = Client()
    client.force_login(person)
    return client.get(ADDRESS.format(council))


def cells(answer: dict, table: str, row: str) -> dict:
    [found] = [one for one in answer["tables"] if one["code"] == table]
    [line] = [one for one in found["rows"] if one["code"] == row]
    return {cell["column"]: cell["kept_back"] or cell["value"] for cell in line["cells"]}


def test_report_has_the_figures_of_the_page(november):
    answer = asked(november.reader(), "joint").json()

    assert (answer["month"], answer["council"]) == ("2026-11", "joint")
    assert datetime.fromisoformat(answer["as_at"]) == datetime(2026, 11, 30, 17, 30, tzinfo=UTC)
    assert cells(answer, "glance", "attainment") == {
        "now": "71.4",
        "part": "5",
        "of": "7",
        "before": None,
        "change": None,
        "year_ago": None,
        "goal": "90.0",
    }
    assert cells(answer, "priority", "P2") == {
        "met": "0",
        "missed": "1",
        "in_time": "0.0",
        "goal": "90.0",
        "before": None,
        "late": "0",
    }
    assert [one["code"] for one in answer["tables"]] == [
        "glance",
        "councils",
        "channel",
        "priority",
        "age",
        "reason",
        "outages",
        "supplier",
        "backlog",
        "uplift",
        "entered",
    ]


def test_what_is_kept_back_is_no_number(november):
    answer = asked(november.reader("queue_manager"), "CDC").json()

    assert cells(answer, "glance", "resolved") == {
        "now": "<5",
        "part": None,
        "of": None,
        "before": "<5",
        "change": "kept back",
        "year_ago": "<5",
        "goal": None,
    }
    values = [cell["value"] for table in answer["tables"] for row in table["rows"] for cell in row["cells"]]
    assert set(values) == {None}


def test_engineer_is_refused_and_another_council_is_not_told_from_none(november):
    assert asked(november.reader("engineer"), "OCC").status_code == 403
    auditor = november.reader("auditor")
    hidden, none = asked(auditor, "CDC"), asked(auditor, "XYZ")

    assert (hidden.status_code, none.status_code) == (400, 400)
    assert hidden.content == none.content


def test_list_behind_a_number_has_exactly_that_many(november):
    client = Client()
    client.force_login(november.reader("queue_manager"))
    where = "/api/v1/reports/service/list/?month=2026-11&council={}&figure={}"

    answer = client.get(where.format("OCC", "missed&reason=none"))
    assert answer.status_code == 200, answer.content
    late = answer.json()["results"]
    refused = [
        client.get(where.format(*asked)).status_code
        for asked in (("CDC", "late"), ("joint", "resolved"), ("OCC", "none"), ("OCC", "met&priority=P9"))
    ]
    wrong = client.get(where.format("XYZ", "met"))

    assert {ticket["reference"] for ticket in late} == {
        november.tickets[name].reference for name in ("K2", "K6")
    }
    assert refused == [403, 403, 404, 404]
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["council"])
    rate = client.get(where.format("OCC", "met&of=measured")).json()["results"]
    assert {one["reference"]: one["said"]["In time"] for one in rate} == {
        november.tickets[name].reference: "Yes" if name in ("K1", "K5", "K7") else "No"
        for name in ("K1", "K2", "K5", "K6", "K7")
    }
    assert client.get(where.format("OCC", "met&of=resolved")).status_code == 404
    assert client.get(where.format("CDC", "met&of=measured")).status_code == 403
    slip = client.get(where.format("OCC", "met&prioriy=P1"))
    assert (slip.status_code, list(slip.json()["errors"])) == (400, ["prioriy"])


def workbook(person, asked: dict, **headers) -> HttpResponse:
    caller = as_person(person)
    return caller.ask("POST", "reports/service/workbook/", asked, headers=headers)


def cells_of(body: bytes) -> list:
    """What the sheets hold, but for who took it out and when."""
    sheets = load_workbook(BytesIO(body), read_only=True)
    rows = [(sheet.title, [cell.value for cell in row]) for sheet in sheets for row in sheet.iter_rows()]
    return [row for row in rows if not str(row[1][0]).startswith("Taken out by")]


def test_report_is_taken_out_as_the_page_does_and_that_is_kept(november):
    reader, asked = november.reader("queue_manager"), {"month": "2026-11", "council": "OCC"}
    at_page = Client()
    at_page.force_login(reader)

    answer, by_page = workbook(reader, asked), at_page.post("/reports/service/export/", asked)

    assert answer.status_code == 200, answer.content
    assert {name: answer[name] for name in ("Content-Type", "Content-Disposition", "Cache-Control")} == {
        name: by_page[name] for name in ("Content-Type", "Content-Disposition", "Cache-Control")
    }
    assert cells_of(answer.content) == cells_of(by_page.content)
    kept = Export.objects.filter(wanted_by=reader, kind="service-report", filters=asked)
    assert (kept.count(), Change.objects.filter(kind="spreadsheets.export").count()) == (2, 2)


def test_same_key_gets_the_same_workbook_and_another_month_none(november):
    reader, key = november.reader("queue_manager"), {"Idempotency-Key": "november"}
    asked = {"month": "2026-11", "council": "OCC"}

    first, second = (workbook(reader, asked, **key) for _ in range(2))
    other = workbook(reader, asked | {"month": "2026-10"}, **key)

    assert (first.status_code, second.content) == (200, first.content)
    assert {name: second[name] for name in ("Content-Type", "Content-Disposition")} == {
        name: first[name] for name in ("Content-Type", "Content-Disposition")
    }
    assert (other.status_code, other["Content-Type"]) == (422, "application/problem+json")
    assert Export.objects.count() == 1


def test_workbook_is_for_who_sees_the_report(november):
    reader = november.reader("queue_manager")
    answers = [
        workbook(november.reader("engineer"), {}),
        workbook(november.reader("auditor"), {"council": "CDC"}),
        workbook(reader, {"council": "XYZ"}),
        workbook(reader, {"month": "x"}),
    ]

    assert [answer.status_code for answer in answers] == [403, 400, 400, 400]
    assert [list(answer.json().get("errors", [])) for answer in answers] == [
        [],
        ["council"],
        ["council"],
        ["month"],
    ]
    assert Export.objects.count() == 0


def test_index_tells_each_report_that_one_may_open_and_where():
    told = as_person(a_person(None, "queue_manager")).get("reports/").json()

    assert told == one_page(
        *(
            {
                "code": kind.code,
                "title": kind.title,
                "sentence": kind.sentence,
                "page": f"/reports/{kind.code}/",
                "resource": f"/api/v1/reports/{kind.code}/",
                "list": f"/api/v1/reports/{kind.code}/list/",
                "workbook": f"/api/v1/reports/{kind.code}/workbook/",
            }
            for kind in (ServiceReport, EquipmentReport)
        )
    )
    owner = as_person(a_person(None, "service_owner"))
    opened = [one["code"] for one in owner.get("reports/").json()["results"]]
    assert opened == ["service"]
    assert owner.get("reports/equipment/").status_code == 403


@pytest.mark.parametrize("role", ["engineer", "requester", "asset_manager", "administrator"])
def test_index_is_closed_to_who_sees_no_figures(role):
    assert as_person(a_person(None, role)).get("reports/").status_code == 403

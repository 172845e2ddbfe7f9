"""The monthly service report for programs."""

from datetime import UTC, datetime

import pytest
from django.test import Client
from django.utils import timezone

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

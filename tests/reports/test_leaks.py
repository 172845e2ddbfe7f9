"""What a reader of one council learns of the other, by every way that figures go out."""

from io import BytesIO

import pytest
from django.test import Client
from openpyxl import load_workbook

from tests.factories import a_case_group
from tests.reports.test_pages import cells
from tests.reports.vector import at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("end_of_november")]
WHERE = {"month": "2026-11", "council": "CDC"}
MARKS = {"<5", "kept back", "–"}


@pytest.fixture
def client(november) -> Client:
    client = Client()
    client.force_login(november.reader("queue_manager"))
    return client


def report(client: Client, **where: str) -> str:
    return client.get("/reports/service/", {**WHERE, **where}).content.decode()


def test_page_says_nothing_of_a_council_of_whom_all_is_small(client):
    page = report(client)

    assert cells(page, "At a glance")["Resolved"] == ["<5", "–", "–", "<5", "kept back", "<5", "–"]
    tables = ("At a glance", "In time, by priority", "Open at the end of the month, by age")
    said = {text for table in tables for row in cells(page, table).values() for text in row}
    assert said <= MARKS
    assert "data-value" not in page  # what charts are drawn from
    assert "/reports/service/list/" not in page


def test_both_together_say_nothing_from_which_the_other_follows(client):
    page = report(client, council="joint")
    councils = cells(page, "By council")

    assert councils["Oxfordshire County Council"][:5] == ["6", "5", "3", "2", "60.0%"]
    assert set(councils["Cherwell District Council"]) <= MARKS
    assert set(councils["All councils together"]) <= MARKS


def test_one_month_does_not_give_the_other_away(client, november):
    """Five in October, two in November: neither the number of the one nor the change is said."""
    for day in range(5, 10):
        ticket = november.raised("CDC", "P3", at(f"2026-10-0{day}T09:00"))
        november.resolved(ticket, at(f"2026-10-0{day}T10:00"))

    assert cells(report(client), "At a glance")["Resolved"] == ["<5", "–", "–", "5", "kept back", "<5", "–"]
    assert cells(report(client, month="2026-10"), "At a glance")["Resolved"][0] == "5"


def test_list_of_a_number_that_is_kept_back_is_refused(client):
    for figure in ("resolved", "met", "backlog", "late"):
        for council in ("CDC", "joint"):
            answer = client.get("/reports/service/list/", {**WHERE, "council": council, "figure": figure})
            assert (figure, council, answer.status_code) == (figure, council, 403)


def test_list_behind_a_rate_is_refused_with_the_rate(client):
    for figure, of, part in (
        ("met", "measured", {}),
        ("met", "measured", {"priority": "P3"}),
        ("first_contact", "eligible", {}),
        ("satisfied", "answered", {}),
    ):
        where = {**WHERE, "figure": figure, "of": of, **part}
        assert (figure, client.get("/reports/service/list/", where).status_code) == (figure, 403)


def test_spreadsheet_and_programs_are_told_what_the_page_says_and_no_more(client):
    for council in ("CDC", "joint", "OCC"):
        where = {**WHERE, "council": council}
        page = report(client, **where)
        book = load_workbook(BytesIO(client.post("/reports/service/export/", where).content))
        told = client.get("/api/v1/reports/service/", where).json()
        for table in told["tables"]:
            on_page = cells(page, table["name"])
            rows = list(book[table["name"][:31].strip()].iter_rows(min_row=2, values_only=True))
            for row, in_sheet in zip(table["rows"], rows, strict=True):
                marks = [cell["kept_back"] for cell in row["cells"]]
                texts = on_page[row["name"]]
                assert [text if text in ("<5", "kept back") else "" for text in texts] == marks
                said = [cell["kept_back"] or cell["words"] for cell in row["cells"]]
                assert [value if isinstance(value, str) else "" for value in in_sheet[1:]] == said
                numbers = [cell["value"] is not None for cell in row["cells"]]
                assert [text not in {*MARKS, *filter(None, said)} for text in texts] == numbers
                assert [isinstance(value, int | float) for value in in_sheet[1:]] == numbers


def test_private_requests_and_those_that_the_other_council_keeps_to_itself_are_in_no_figure(client, november):
    a_case_group("hr", november.councils["OCC"], november.engineer)
    before = {council: report(client, council=council) for council in ("OCC", "CDC", "joint")}

    november.raised("OCC", "P3", at("2026-11-18T09:00"), type="request", sensitivity="hr")
    for number in range(9):
        ticket = november.raised("CDC", "P3", at(f"2026-11-18T0{number}:00"))
        type(ticket).objects.filter(pk=ticket.pk).update(sharing="own_council")

    for council, page in before.items():
        tables = ("At a glance", "In time, by priority", "Open at the end of the month, by age")
        now = report(client, council=council)
        assert [cells(now, table) for table in tables] == [cells(page, table) for table in tables]

"""What a reader of one council learns of the other, by every way that figures go out."""

from io import BytesIO

import pytest
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from servicedesk.people.models import Person
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.satisfying import say_how_content
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


def of_an_owner(november, *more: int) -> Client:
    """Signed in as who owns the service of all that was answered, and reads none of it: four answers, and more."""
    for number, score in enumerate(more):
        ticket = november.resolved(
            november.raised("OCC", "P3", at("2026-11-18T09:00")), at("2026-11-18T10:00")
        )
        when = at(f"2026-11-18T1{number + 1}:00")
        say_how_content(ticket, by=ticket.requester, score=score, now=when)
    owner = november.reader("service_owner")
    Ticket.objects.exclude(satisfaction=None).update(service=november.service(owner))
    client = Client()
    client.force_login(owner)
    return client


def test_what_few_said_is_told_to_nobody_who_may_not_read_it_one_by_one(november):
    client = of_an_owner(november)
    rows = {"Content: 4 or 5 of 5": "satisfaction", "Mean score of 5": "score"}

    for council in ("OCC", "joint"):
        where = {**WHERE, "council": council}
        page = report(client, **where)
        told = client.get("/api/v1/reports/service/", where).json()
        book = load_workbook(
            BytesIO(client.post("/reports/service/export/", {**WHERE, "council": "OCC"}).content)
        )
        sheet = {row[0]: row[1:] for row in book["At a glance"].iter_rows(values_only=True)}
        [glance] = [table for table in told["tables"] if table["code"] == "glance"]
        of_programs = {row["code"]: row["cells"][0]["kept_back"] for row in glance["rows"]}
        for heading, code in rows.items():
            assert (
                cells(page, "At a glance")[heading][0]
                == of_programs[code]
                == sheet[heading][0]
                == "kept back"
            )
        for figure in ({"figure": "satisfied"}, {"figure": "satisfied", "of": "answered"}):
            asked = {**where, **figure}
            addresses = ("/reports/service/list/", "/api/v1/reports/service/list/")
            assert [client.get(address, asked).status_code for address in addresses] == [403, 403]
        listed = client.get("/reports/service/list/", {**where, "figure": "answered"}).content.decode()
        assert "Score of 5" not in listed
        assert "fewer than five said so whose answers you may not read" in page


@pytest.mark.parametrize(
    ("when", "told"),
    [("2026-11-30T17:30", "kept back"), ("2026-12-01T11:59", "kept back"), ("2026-12-01T12:00", "3.6")],
)
def test_what_five_said_is_told_together_once_nothing_is_added_or_mended(november, monkeypatch, when, told):
    """Who looked before the fifth answer, and again after it, would know what it was."""
    monkeypatch.setattr(timezone, "now", lambda: at(when))

    page = report(of_an_owner(november, 5), council="OCC")

    assert cells(page, "At a glance")["Mean score of 5"][0] == told
    assert ("fewer than five said so" in page) == (told == "kept back")


def test_what_follows_from_the_answers_that_one_reads_is_kept_back_too(november, monkeypatch):
    """One of five answers is of a request for the reader: the mean of all would give that of the other four away."""
    monkeypatch.setattr(timezone, "now", lambda: at("2026-12-02T09:00"))
    client = of_an_owner(november, 5)
    owner = Person.objects.get(grants__role="service_owner")
    Ticket.objects.filter(satisfaction__score=2).update(affected_person=owner)

    assert cells(report(client, council="OCC"), "At a glance")["Mean score of 5"][0] == "kept back"

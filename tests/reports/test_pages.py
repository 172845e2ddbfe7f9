"""The pages of figures: who opens them, what they say, and that each number opens a list of so many."""

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from html import unescape
from html.parser import HTMLParser
from io import BytesIO
from statistics import mean, median
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from servicedesk.files.storing import XLSX
from servicedesk.reports.kpis import percent
from servicedesk.spreadsheets.models import Export
from servicedesk.tickets.models import Ticket
from tests.factories import a_grant, an_asset
from tests.reports.vector import ROWS, at

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("end_of_november")]
REPORT = "/reports/service/?month=2026-11&council={}"


def client_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


class Links(HTMLParser):
    """Every link of a page with its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.href = None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.href = dict(attrs).get("href") if tag == "a" else self.href

    def handle_endtag(self, tag):
        self.href = None if tag == "a" else self.href

    def handle_data(self, data):
        if self.href:
            self.found.append((self.href, data.strip()))


def cells(html: str, table: str) -> dict[str, list[str]]:
    """A table of the report, by the headings of its rows."""
    caption = html.index(f'caption--m">{table}<')
    body = html[html.index("<tbody", caption) : html.index("</tbody>", caption)]
    rows = re.findall(r"<tr.*?</tr>", body, re.DOTALL)
    plain = [
        [
            unescape(re.sub(r"<[^>]+>", "", cell)).strip()
            for cell in re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        ]
        for row in rows
    ]
    return {row[0]: row[1:] for row in plain}


def test_report_shows_the_figures_of_the_vector(november):
    page = client_of(november.reader()).get(REPORT.format("joint")).content.decode()

    assert cells(page, "At a glance") == {
        "Raised": ["10", "–", "–", "0", "+10", "0", "–"],
        "Resolved": ["7", "–", "–", "0", "+7", "0", "–"],
        "Fixed or delivered in time": ["71.4%", "5", "7", "–", "–", "–", "90.0%"],
        "Late only because the priority was raised": ["0", "–", "–", "0", "0", "0", "–"],
        "Resolved at first contact": ["14.3%", "1", "7", "–", "–", "–", "–"],
        "Opened again": ["14.3%", "1", "7", "–", "–", "–", "–"],
        "Content: 4 or 5 of 5": ["60.0%", "3", "5", "–", "–", "–", "–"],
        "Mean score of 5": ["3.6", "–", "–", "–", "–", "–", "–"],
        "Said how content they were": ["71.4%", "5", "7", "–", "–", "–", "–"],
        "Working hours to resolve, mean": ["17.56 h", "–", "–", "–", "–", "–", "–"],
        "Working hours to resolve, median": ["10.50 h", "–", "–", "–", "–", "–", "–"],
        "Suppliers in time": ["–", "0", "0", "–", "–", "–", "–"],
        "New starters ready on their first day": ["–", "0", "0", "–", "–", "–", "–"],
        "Open at the end of the month": ["3", "–", "–", "0", "+3", "0", "–"],
        "Open past its target": ["2", "–", "–", "0", "+2", "0", "–"],
    }
    assert cells(page, "Critical and high incidents, and how long they lasted") == {
        "P1 critical": ["1", "210", "0", "0"],
        "P2 high": ["2", "1,710", "0", "0"],
    }
    assert cells(page, "Raised, by how it reached us")["Web page"] == ["10", "0"]
    assert cells(page, "Late, by what was found to be the reason")["Not said yet"] == ["2", "0"]


def figures(html: str) -> dict[tuple[str, str, str], tuple[str, str]]:
    """Every figure of a page by its table, row and column: its text, and the address of what it opens."""
    found = {}
    for section in re.findall(r"<section.*?</section>", html, re.DOTALL):
        heading, *rows = re.findall(r"<tr.*?</tr>", section, re.DOTALL)
        caption = unescape(re.search(r'caption--m">(.*?)<', section)[1])
        columns = [plain(each) for each in re.findall(r"<th.*?</th>", heading, re.DOTALL)]
        for row in rows:
            name = plain(re.search(r"<th.*?</th>", row, re.DOTALL)[0])
            for column, cell in zip(columns, re.findall(r"<td.*?</td>", row, re.DOTALL), strict=True):
                href = re.search(r'href="(.*?)"', cell)
                if re.search(r"\d", plain(cell)):
                    found[caption, name, column] = plain(cell), unescape(href[1]) if href else ""
    return found


def plain(cell: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", cell)).strip()


def opens_nothing(table: str, column: str, text: str) -> str:
    """Why a figure opens no list."""
    if column == "Change":
        return "it tells two figures apart, each of which opens its own"
    if table == "Entered from elsewhere":
        return "other systems counted it, which its last column names"
    if text == "0":
        return "nothing was counted"
    return ""


def opened(client: Client, href: str) -> tuple[str, list[dict[str, str]]]:
    """What a list says of itself, and its rows by their headings, on all of its pages."""
    said, rows = "", []
    while href:
        page = client.get(href)
        assert page.status_code == 200, href
        html = page.content.decode()
        said = said or plain(html[html.index('<p class="govuk-body">') :].split("</p>")[0])
        lines = [
            [plain(cell) for cell in re.findall(r"<t[hd][ >].*?</t[hd]>", line, re.DOTALL)]
            for line in re.findall(r"<tr.*?</tr>", html, re.DOTALL)
        ]
        rows += [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]
        following = re.search(r'href="([^"]*)" rel="next"', html)
        href = unescape(following[1]) if following else ""
    return said, rows


def worked_out_of(heading: str, column: str, rate: bool, rows: list[dict[str, str]]) -> str:
    """The figure again, out of the list that it opens alone."""

    def numbers(name: str) -> list[Decimal]:
        return [Decimal(re.sub(r"[^\d.]", "", row[name])) for row in rows]

    def rounded(value: Decimal, unit: str) -> Decimal:
        return value.quantize(Decimal(unit), ROUND_HALF_UP)

    if "mean" in f"{heading} {column}":
        return f"{rounded(mean(numbers('Working hours')), '0.01')} h"
    if "median" in f"{heading} {column}":
        return f"{rounded(median(numbers('Working hours')), '0.01')} h"
    if heading == "Mean score of 5":
        return f"{rounded(mean(numbers('Score of 5')), '0.1')}"
    if column == "Goal":
        return f"{rounded(mean(numbers('Goal')), '0.1')}%"
    if column.startswith("Minutes"):
        return f"{sum(numbers('Minutes')):,}"
    if rate:
        return f"{percent(sum('Yes' in row.values() for row in rows), len(rows))}%"
    return str(len(rows))


@pytest.mark.parametrize(
    "report, role, scope",
    [
        ("service", "cyber_officer", "joint"),
        ("service", "queue_manager", "OCC"),
        ("service", "auditor", "OCC"),
        ("equipment", "auditor", "OCC"),
    ],
)
def test_every_figure_opens_the_list_that_it_comes_of(november, report, role, scope):
    an_asset(november.councils["OCC"], vendor_end_of_support=date(2026, 10, 1))
    an_asset(november.councils["OCC"], purchase_date=date(2026, 1, 1))
    client = client_of(november.reader(role))
    page = client.get(f"/reports/{report}/?month=2026-11&council={scope}").content.decode()

    found = figures(page)

    assert len([1 for _, href in found.values() if href]) > (20 if report == "service" else 5)
    for (table, heading, column), (text, href) in found.items():
        assert bool(href) != bool(opens_nothing(table, column, text)), (table, heading, column, text)
        if href:
            said, rows = opened(client, href)
            rate = "&of=" in href
            if (
                text.endswith("%") and not rate
            ):  # what it counted is no part of its whole: the list is of what it counted
                text, _ = found[table, heading, "Requests"]
            assert said.startswith(f"{len(rows)} ")
            assert (heading, column, worked_out_of(heading, column, rate, rows)) == (heading, column, text)


@pytest.mark.parametrize(
    "role", ["requester", "engineer", "asset_manager", "supplier_contact", "administrator"]
)
def test_figures_are_for_those_who_answer_for_a_service_or_check(november, role):
    client = client_of(november.reader(role))
    addresses = [
        "/reports/",
        REPORT.format("OCC"),
        "/reports/service/list/?figure=met&month=2026-11&council=OCC",
    ]

    assert [client.get(address).status_code for address in addresses] == [403, 403, 403]
    assert client.post("/reports/service/export/", {"month": "2026-11", "council": "OCC"}).status_code == 403


def test_place_in_the_navigation_is_for_whom_it_opens(november):
    assert "/reports/" in client_of(november.reader("queue_manager")).get("/account/").content.decode()
    assert "/reports/" not in client_of(november.reader("engineer")).get("/account/").content.decode()


@pytest.mark.parametrize("query", ["month=2026-13", "month=2027-01", "month=x", "council=XYZ", "council=CDC"])
def test_a_month_or_council_that_there_is_not_is_said(november, query):
    response = client_of(november.reader("auditor")).get(f"/reports/service/?{query}")

    assert response.status_code == 422
    assert "There is a problem" in response.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        "figure=none",
        "figure=resolved&priority=P1",
        "figure=met&priority=P9",
        "figure=met&priority=P1&age=0-5",
        "figure=met&month=2026-13",
        "figure=met&of=resolved",
        "figure=late&of=backlog&priority=P1",
    ],
)
def test_a_number_that_no_report_has_has_no_list(november, query):
    response = client_of(november.reader()).get(f"/reports/service/list/?month=2026-11&council=OCC&{query}")

    assert response.status_code == 404


def test_without_a_month_it_is_the_last_whole_one_of_ones_own_council(november):
    page = client_of(november.reader("queue_manager", "CDC")).get("/reports/service/").content.decode()

    assert "October 2026, Cherwell District Council" in page
    chosen = re.findall(r'<option value="([^"]*)" selected', page)
    assert chosen == ["2026-10", "CDC"]


def test_a_month_that_has_not_ended_says_so(november):
    page = client_of(november.reader()).get(REPORT.format("OCC")).content.decode()

    assert "The month has not ended: these are the figures of Monday 30 November 2026, 5:30pm." in page


def test_service_owner_counts_the_services_that_they_own(november):
    owner = november.reader("service_owner")
    service = november.service(owner)
    done = november.raised("OCC", "P3", at("2026-11-18T09:00"), service=service)
    november.resolved(done, at("2026-11-18T10:00"))
    november.raised("CDC", "P3", at("2026-11-18T09:00"), service=service)
    client = client_of(owner)

    glance = cells(client.get(REPORT.format("OCC")).content.decode(), "At a glance")

    assert glance["Resolved"][0] == "1"
    assert cells(client.get(REPORT.format("CDC")).content.decode(), "At a glance")["Resolved"][0] == "<5"
    taken = client.post("/reports/service/export/", {"month": "2026-11", "council": "OCC"})
    assert (taken.status_code, taken["Content-Type"]) == (200, XLSX)


@pytest.mark.parametrize(("role", "told"), [("service_owner", False), ("queue_manager", True)])
def test_how_content_somebody_was_is_listed_for_who_reads_the_notes_alone(november, role, told):
    reader = november.reader(role)
    answered = Ticket.objects.exclude(satisfaction=None)
    answered.update(service=november.service(reader))
    client = client_of(reader)
    where = {"month": "2026-11", "council": "OCC"}

    pages = [
        client.get("/reports/service/list/", {**where, **figure}).content.decode()
        for figure in ({"figure": "answered"}, {"figure": "satisfied", "of": "answered"})
    ]
    alone = client.get("/reports/service/list/", {**where, "figure": "satisfied"})
    linked = "figure=satisfied&amp;month=" in client.get(REPORT.format("OCC")).content.decode()

    assert [("Score of 5" in page, ">Content: 4 or 5 of 5<" in page) for page in pages] == [
        (told, False),
        (told, told),
    ]
    assert all(ticket.reference in pages[0] for ticket in answered.filter(council__code="OCC"))
    assert (alone.status_code, linked) == (200 if told else 403, told)


@pytest.mark.parametrize("role, told", [("service_owner", False), ("queue_manager", True), ("auditor", True)])
def test_what_raised_priorities_is_left_out_where_all_of_it_would_be_kept_back(november, role, told):
    html = client_of(november.reader(role)).get(REPORT.format("OCC")).content.decode()

    assert ("In time, by what raised the priority" in html, "kept back" in html) == (told, False)


def test_spreadsheet_says_what_the_page_says_and_is_kept_in_the_log(november):
    reader = november.reader("queue_manager")
    client = client_of(reader)

    response = client.post("/reports/service/export/", {"month": "2026-11", "council": "OCC"})

    book = load_workbook(BytesIO(response.content))
    assert b"creator" not in ZipFile(BytesIO(response.content)).read("docProps/core.xml")
    assert {sheet.sheet_state for sheet in book} == {"visible"}
    assert book.sheetnames[:2] == ["About", "At a glance"]
    glance = {row[0]: list(row[1:]) for row in book["At a glance"].iter_rows(values_only=True)}
    assert glance["Resolved"] == [5, None, None, 0, 5, 0, None]
    assert glance["Fixed or delivered in time"][:3] == [60, 3, 5]
    log = Export.objects.get()
    assert (log.kind, log.filters, log.format, log.wanted_by, log.file) == (
        "service-report",
        {"month": "2026-11", "council": "OCC"},
        "xlsx",
        reader,
        None,
    )
    assert client.get(f"/exports/{log.pk}/").status_code == 404


def test_spreadsheet_holds_what_its_reader_counts_at_each_council(november):
    """An auditor of one council who owns a service at the other takes out what the pages show them of both."""
    auditor = november.reader("auditor")
    a_grant(auditor, "service_owner", november.councils["CDC"])
    client = client_of(auditor)

    asked = [{"month": "2026-11", "council": scope} for scope in ("OCC", "joint")]
    answers = [client.post("/reports/service/export/", each).status_code for each in asked]

    assert (answers, Export.objects.count()) == ([200, 200], 2)


def test_report_takes_as_many_queries_for_many_requests_as_for_few(november):
    client = client_of(november.reader())
    client.get(REPORT.format("joint"))
    with CaptureQueriesContext(connection) as few:
        client.get(REPORT.format("joint"))
    for row in ROWS:
        november.play(row)
    with CaptureQueriesContext(connection) as many:
        client.get(REPORT.format("joint"))

    assert len(many) == len(few) < 70

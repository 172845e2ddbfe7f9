"""The first screen of every role."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from lxml import html

from assets.register.models import Asset
from servicedesk.jobs.models import Job
from servicedesk.notifications.models import Message
from servicedesk.people.models import GrantRequest, Person
from servicedesk.people.roles import ROLES
from servicedesk.tickets.breaking_glass import break_glass
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.workflow import move
from tests.factories import (
    a_case_group,
    a_council,
    a_council_alone,
    a_grant,
    a_model,
    a_person,
    a_requester,
    a_service,
    a_team,
    a_ticket,
    an_asset,
    an_engineer,
)

pytestmark = pytest.mark.django_db
NOW = timezone.now()
LONG_AGO = NOW - timedelta(days=90)


@pytest.fixture
def occ():
    return a_council("OCC")


@pytest.fixture
def cdc():
    return a_council("CDC")


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def read(person: Person, path: str = "/home/") -> str:
    """The words of a page, as one line."""
    page = html.fromstring(signed_in(person).get(path).content.decode())
    return " ".join(page.xpath("//main")[0].text_content().split())


def links(person: Person, path: str = "/home/") -> list[str]:
    page = html.fromstring(signed_in(person).get(path).content.decode())
    return [str(link) for link in page.xpath("//main//a/@href")]


def headings(person: Person) -> list[str]:
    page = html.fromstring(signed_in(person).get("/home/").content.decode())
    found = page.xpath("//main//h2 | //main//caption | //main//a[contains(@class, 'govuk-button--start')]")
    return [" ".join(each.text_content().split()) for each in found]


def an_approval(approver: Person, requester: Person, **fields) -> Ticket:
    ticket = raise_ticket(
        by=requester, requester=requester, type="request", title="A second screen", description="For maps"
    )
    ticket = move(ticket, "request_approval", by=None, approver=approver, reason="It is not standard")
    Ticket.objects.filter(pk=ticket.pk).update(**fields)
    ticket.refresh_from_db()
    return ticket


OF_STAFF = ["Get help", "Call the IT desk"]
OF_ROLES = {
    "requester": OF_STAFF,
    "engineer": ["The desk", *OF_STAFF],
    "queue_manager": ["The desk", *OF_STAFF],
    "asset_manager": [
        "Find assets",
        "To look after",
        "Batches of the refresh",
        "Coming back and leaving",
        "Requests of others",
        *OF_STAFF,
    ],
    "cyber_officer": [
        "Open security incidents",
        "Devices at risk",
        "Private requests opened in an emergency",
        "Requests of others",
        *OF_STAFF,
    ],
    "service_owner": ["Open requests about your services", "Requests of others", *OF_STAFF],
    "supplier_contact": ["Requests of others", "Call the IT desk"],
    "budget_approver": OF_STAFF,
    "administrator": ["People and roles", "Jobs, mail and backup", *OF_STAFF],
    "auditor": ["Requests of others", "Call the IT desk"],
}


@pytest.mark.parametrize("role", ROLES)
def test_first_screen_of_each_role(occ, role):
    assert headings(a_person(occ, role)) == OF_ROLES[role]


def test_roles_stack(occ):
    person = a_person(occ, "asset_manager", "administrator", "requester")
    assert headings(person) == [
        "Find assets",
        "To look after",
        "Batches of the refresh",
        "Coming back and leaving",
        "People and roles",
        "Jobs, mail and backup",
        "Requests of others",
        *OF_STAFF,
    ]


@pytest.mark.parametrize("role", ["engineer", "queue_manager", "supplier_contact"])
def test_queue_comes_first_for_whoever_works_it(occ, role):
    client = signed_in(a_person(occ, role))
    assert client.get("/").headers["Location"] == "/queue/"
    assert client.get("/home/").status_code == 200
    assert b'href="/home/"' in client.get("/queue/").content


@pytest.mark.parametrize("role", sorted(set(ROLES) - {"engineer", "queue_manager", "supplier_contact"}))
def test_cards_come_first_for_everybody_else(occ, role):
    assert signed_in(a_person(occ, role)).get("/").status_code == 200


def test_queue_leads_to_logging_a_call_and_to_the_next(occ):
    asha = an_engineer(occ)
    a_team(members=(asha,))
    text = signed_in(asha).get("/queue/").content.decode()
    assert ['href="/queue/log/"' in text, "Take next" in text] == [True, True]
    firm = a_person(occ, "supplier_contact")
    assert "/queue/log/" not in signed_in(firm).get("/queue/").content.decode()


def test_asset_manager_is_shown_counts_of_the_own_council_that_open_their_lists(occ, cdc):
    manager = a_person(occ, "asset_manager")
    today = timezone.localdate()
    old = a_model("Old", end_of_support=today - timedelta(days=1))
    for council in (occ, cdc):
        an_asset(council, "A", vendor_end_of_support=today - timedelta(days=1), last_seen_at=LONG_AGO)
        an_asset(council, "B", model=old, purchase_date=today)
        an_asset(council, "C", vendor_end_of_support=today, model=old)
        an_asset(council, "D", vendor_end_of_support=today, state="disposed", last_seen_at=LONG_AGO)
        an_asset(council, "E", last_seen_at=NOW, evidence_missing=True)
    an_asset(occ, "F")
    text = read(manager)
    assert "0 Lost or stolen" in text
    assert "1 Evidence missing" in text
    assert "Cherwell" not in text
    lists = [href for href in links(manager) if href.startswith("/assets/?")]
    assert [_listed(manager, href) for href in lists] == [[], ["E"]]


def test_asset_manager_is_shown_what_falls_due_at_the_own_council_and_what_it_costs(occ, cdc):
    manager = a_person(occ, "asset_manager")
    today = timezone.localdate()
    for council in (occ, cdc):
        an_asset(council, "A", vendor_end_of_support=today - timedelta(days=1), last_seen_at=LONG_AGO)
        an_asset(council, "F")
    text = read(manager)
    glance = [["A", "F"], *[["A"]] * 3, ["F"]]
    this_year, unknown = ["A"], ["F"]
    lists = [_listed(manager, href) for href in links(manager) if href.startswith("/refresh/assets/")]
    assert lists == [*glance, this_year, unknown]
    assert "What falls due" in text and "Cost" in text
    assert "Cherwell" not in text


def _listed(person: Person, href: str) -> list[str]:
    page = html.fromstring(signed_in(person).get(href).content.decode())
    return sorted(str(each).strip() for each in page.xpath("//main//tbody//th//a/text()"))


def test_pasted_tags_are_sorted_out(occ, cdc):
    manager = a_person(occ, "asset_manager")
    an_asset(occ, "LT/17", serial_number="PF1")
    an_asset(cdc, "LT/18"), an_asset(occ, "LT/18")
    an_asset(a_council_alone("SND", "South Northants"), "SND-1")
    typed = "lt/17\r\n\r\nLT/18\r\nSND-1\r\n\0\r\nlt/17\r\n<b>"
    response = signed_in(manager).get("/assets/find/", {"q": typed})
    text = " ".join(html.fromstring(response.content.decode()).xpath("//main")[0].text_content().split())
    assert "1 found, 1 match more than one, 3 not found" in text
    assert "SND-1" in text and "<b>" in text


def test_cyber_officer_is_shown_incidents_devices_and_broken_glass(occ, cdc):
    officer = a_person(occ, "cyber_officer")
    worker = a_requester(cdc)
    a_case_group("cyber", cdc, worker), a_case_group("hr", cdc, worker)
    raise_ticket(by=worker, requester=worker, type="security", title="Odd letter")
    hr = raise_ticket(by=worker, requester=worker, type="request", title="A quarrel", sensitivity="hr")
    break_glass(by=a_person(cdc, "auditor", name="Au"), reference=hr.reference, reason="An appeal")
    an_asset(cdc, "A", state="lost_stolen")
    an_asset(cdc, "B", state="in_use", vendor_end_of_support=timezone.localdate() - timedelta(days=1))
    text = read(officer)
    told = [
        *("Odd letter", "1 Lost or stolen", "1 No longer supported"),
        *(f"Au opened {hr}", "An appeal", "A quarrel"),
    ]
    assert [each in text for each in told] == [True, True, True, True, True, False]


def test_service_owner_is_shown_what_is_open_about_each_service(occ, cdc):
    owner = a_person(occ, "service_owner")
    maps, other = a_service("Maps", owner=owner), a_service("Other")
    for service, fields in ((maps, {}), (maps, {"sharing": "own_council"}), (other, {})):
        a_ticket(a_requester(cdc), service=service, **fields)
    assert "Maps: 1" in read(owner)
    assert "Other" not in read(owner)


def test_administrator_is_shown_what_waits_and_what_failed_of_the_own_council(occ, cdc):
    admin, ben, eve = a_person(occ, "administrator"), a_requester(occ), a_requester(cdc)
    for person in (ben, eve):
        asker = a_person(person.council, "administrator")
        GrantRequest.objects.create(
            person=person, role="auditor", council=person.council, starts_at=NOW, asked_by=asker, asked_at=NOW
        )
    for wanted_by, task in ((ben, "x.send_letters"), (eve, "x.others_work"), (None, "x.keep_deadlines")):
        Job.objects.create(
            task=task, wanted_by=wanted_by, state="failed", created_at=NOW, finished_at=NOW, problem="secret"
        )
    Job.objects.create(task="x.old", state="failed", created_at=LONG_AGO, finished_at=LONG_AGO)
    for person in (ben, eve, eve):
        number = str(Message.objects.count())
        Message.objects.create(
            person=person,
            council=person.council,
            event="answered",
            about_kind="tickets.ticket",
            about_id=1,
            subject="A quarrel",
            body="A quarrel",
            cause=number,
            message_id=number,
            created_at=NOW,
            next_try_at=NOW,
            state="failed",
            ended_at=NOW,
        )
    text = read(admin)
    assert "1 request to be agreed to" in text
    assert "Jobs that failed in the last 7 days: 2" in text
    told = ["Send letters", "Keep deadlines", "Others work", "secret", "A quarrel"]
    assert [each in text for each in told] == [True, True, False, False, False]
    assert "Mail that did not go: 1" in text


def test_more_rows_cost_no_more_queries(occ, cdc):
    person = a_person(occ, *sorted(set(ROLES) - {"supplier_contact", "auditor"}))
    a_grant(person, "asset_manager", cdc), a_grant(person, "budget_approver", cdc)
    client = signed_in(person)

    def queries() -> int:
        client.get("/home/")
        with CaptureQueriesContext(connection) as asked:
            assert client.get("/home/").status_code == 200
        return len(asked)

    def one_of_each() -> None:
        ben = a_requester(cdc)
        an_approval(person, ben)
        service = a_service(owner=person)
        a_ticket(ben, service=service)
        a_ticket(person), a_ticket(person, state="waiting_customer")
        group = a_case_group("cyber", a_council(f"X{Asset.objects.count()}"))
        a_ticket(ben, type="security", sensitivity="cyber", sharing="restricted", case_group=group)
        an_asset(cdc, holder=person)
        an_asset(occ, holder=person)

    one_of_each()
    one = queries()
    one_of_each()
    one_of_each()
    assert queries() == one
    assert one <= 51


def test_first_screen_shows_the_newest_three_and_the_way_to_all(occ):
    ben = a_requester(occ)
    for state in ("new", "waiting_customer"):
        for number in range(4):
            a_ticket(ben, title=f"{state} {number}", state=state)
    text, found = read(ben), links(ben)

    assert [f"new {number}" in text for number in range(4)] == [False, True, True, True]
    assert [f"waiting_customer {number}" in text for number in range(4)] == [False, True, True, True]
    assert found.count("/requests/") == 2


def test_what_needs_an_answer_is_all_there_where_it_is_little(occ):
    ben = a_requester(occ)
    a_ticket(ben, title="Sound", state="waiting_customer")

    assert ("Needs your answer" in read(ben), links(ben).count("/requests/")) == (True, 1)

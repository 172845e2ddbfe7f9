"""The queue: which rows, in which order, narrowed by what, counted how, and at what cost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from servicedesk.people.models import Person
from servicedesk.tickets.finding import index_tickets
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.taking import take_next
from servicedesk.tickets.wording import time_left
from tests.factories import (
    a_case_group,
    a_council,
    a_person,
    a_requester,
    a_service,
    a_team,
    a_ticket,
    an_engineer,
)
from tests.tickets.world import MONDAY

pytestmark = pytest.mark.django_db

NOW = timezone.now()
HOUR = timedelta(hours=1)


def page(person: Person, query: str = "", status: int = 200) -> str:
    client = Client()
    client.force_login(person)
    response = client.get(f"/queue/{query}")
    assert response.status_code == status
    return response.content.decode()


def in_order(text: str) -> list[str]:
    return sorted(shown(text), key=lambda title: text.index(f"<span>{title}<"))


def shown(text: str) -> list[str]:
    """Which of the tickets named A1 to A5 a page lists."""
    return [title for title in ("A1", "A2", "A3", "A4", "A5") if f"<span>{title}<" in text]


@pytest.fixture
def asha():
    return an_engineer(a_council("OCC"), name="Asha")


@pytest.fixture
def ben():
    return a_requester(a_council("CDC"), name="Ben")


def test_open_tickets_come_by_when_they_are_due(asha, ben):
    a_ticket(ben, title="A1", due_at=None)
    a_ticket(ben, title="A2", due_at=NOW + HOUR)
    a_ticket(ben, title="A3", due_at=NOW - HOUR)
    a_ticket(ben, title="A4", state="closed", resolved_at=NOW)
    assert in_order(page(asha)) == ["A3", "A2", "A1"]
    assert in_order(page(asha, "?ordering=-due")) == ["A1", "A2", "A3"]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("?council=CDC", ["A1", "A2"]),
        ("?team={team}", ["A2"]),
        ("?my_teams=true", ["A2"]),
        ("?service={service}", ["A3"]),
        ("?state=closed", ["A5"]),
        ("?state=in_progress", ["A2"]),
        ("?state=", ["A1", "A2", "A3", "A5"]),
        ("?priority=P2", ["A1"]),
        ("?type=request", ["A3"]),
        ("?mine=true", ["A2"]),
        ("?mine=false", ["A1", "A3"]),
        ("?unassigned=true", ["A1", "A3"]),
        ("?breached=true", ["A1"]),
        ("?due_today=true", ["A2"]),
        ("?customer_replied=true", ["A3"]),
        ("?q=A3", ["A3"]),
        ("?q=nothing+of+the+sort", []),
        ("?council=CDC&unassigned=true", ["A1"]),
    ],
)
def test_filter(asha, ben, query, titles):
    team, wifi = a_team(members=(asha,)), a_service("Wi-Fi")
    clare = a_requester(a_council("OCC"), name="Clare")
    tickets = [
        a_ticket(ben, title="A1", priority="P2", breached_at=NOW, due_at=NOW - timedelta(days=2)),
        a_ticket(ben, title="A2", team=team, assignee=asha, state="in_progress", due_at=timezone.now()),
        a_ticket(clare, title="A3", type="request", service=wifi, last_comment_by=clare, last_comment_at=NOW),
        a_ticket(
            ben,
            title="A4",
            sharing="restricted",
            sensitivity="hr",
            case_group=a_case_group("hr", ben.council),
        ),
        a_ticket(ben, title="A5", state="closed", resolved_at=NOW, closed_at=NOW),
    ]
    index_tickets(tickets)
    assert shown(page(asha, query.format(team=team.pk, service=wifi.pk))) == titles


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?state=banana", "Select the state from the list"),
        ("?council=XX", "Select the council from the list"),
        ("?team=banana", "Select the team from the list"),
        ("?team=999999999999999999999999", "Select the team from the list"),
        ("?service=0", "Select the service from the list"),
        ("?priority=P9", "Select the priority from the list"),
        ("?mine=perhaps", "Assigned to me must be true or false"),
        ("?q=%00", "Remove the character that cannot be shown"),
        ("?q=" + "x" * 201, "Words or reference must be 200 characters or fewer"),
    ],
)
def test_unknown_value_of_a_filter_is_a_sentence(asha, ben, query, sentence):
    a_ticket(ben, title="A1")
    text = page(asha, query, status=422)
    assert sentence in text
    assert shown(text) == []


def test_case_group_of_others_is_no_choice_of_team(asha):
    sealed = a_case_group("hr", a_council("CDC"))
    assert f">{sealed.name}<" not in page(asha)
    assert "Select the team from the list" in page(asha, f"?team={sealed.pk}", status=422)


def test_cursor_that_was_not_given_out(asha):
    page(asha, "?cursor=banana", status=400)


@pytest.mark.parametrize("ordering", ["password", "Due", "--due", "due ", "%00", "reported_at"])
def test_order_that_there_is_not_is_refused(asha, ben, ordering):
    a_ticket(ben, title="A1")

    assert "A1" not in page(asha, f"?ordering={ordering}", status=400)


def test_order_that_is_left_out_is_by_when_they_are_due(asha, ben):
    a_ticket(ben, title="A1", due_at=NOW)
    a_ticket(ben, title="A2", due_at=NOW - HOUR)

    assert [in_order(page(asha, query)) for query in ("", "?ordering=", "?ordering=due")] == [
        ["A2", "A1"]
    ] * 3


def test_pages_of_fifty(asha, ben):
    for number in range(51):
        a_ticket(ben, title=f"Number {number:02}", due_at=NOW + number * HOUR)
    first = page(asha)
    assert (first.count("Number "), "Number 49" in first, "Number 50" in first) == (50, True, False)
    following = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = page(asha, following)
    assert (second.count("Number "), "Number 50" in second) == (1, True)


def counts(person: Person, query: str = "") -> dict[str, str]:
    client = Client()
    client.force_login(person)
    text = client.get(f"/queue/strip/{query}").content.decode()
    items = [item.split("</a>")[0] for item in text.split("<li>")[1:]]
    return {
        item.rpartition("</strong>")[2].strip(): item.split('number">')[1].split("<")[0] for item in items
    }


def test_counts_are_of_what_the_person_sees(asha, ben):
    team = a_team(members=(asha,))
    sealed = a_case_group("hr", ben.council)
    a_ticket(ben, breached_at=NOW, team=team, due_at=NOW - timedelta(days=2))
    a_ticket(ben, assignee=asha, last_comment_by=ben, last_comment_at=NOW)
    a_ticket(ben, sharing="restricted", sensitivity="hr", case_group=sealed, breached_at=NOW)
    a_ticket(ben, state="closed", resolved_at=NOW, breached_at=NOW)
    nothing = {"Breached": "0", "Due today": "0", "Customer replied": "0", "Unassigned": "0", "Mine": "0"}
    assert counts(asha) == nothing | {
        "Breached": "1",
        "Customer replied": "1",
        "Unassigned": "1",
        "Mine": "1",
    }
    assert counts(asha, "?my_teams=true") == nothing | {"Breached": "1", "Unassigned": "1"}


def test_counts_stop_at_a_hundred(asha, ben):
    for _ in range(101):
        a_ticket(ben)
    assert counts(asha)["Unassigned"] == "100+"


def test_each_count_links_to_the_list_that_it_counts(asha, ben):
    a_ticket(ben, title="A1", breached_at=NOW)
    a_ticket(ben, title="A2")
    client = Client()
    client.force_login(asha)
    text = client.get("/queue/strip/").content.decode()
    assert shown(page(asha, "?" + text.split("/queue/?")[1].split('"')[0])) == ["A1"]


def test_rows_cost_no_queries(asha, ben):
    def queries(address: str) -> int:
        client = Client()
        client.force_login(asha)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    def one_more():
        ticket = raise_ticket(
            by=ben, requester=ben, type="incident", title="No sound", service=a_service(), now=NOW
        )
        say(ticket, by=ben, body="It is loud", visibility="public", now=NOW)

    one_more()
    page(asha)
    empty, one = queries("/cookies/"), queries("/queue/")
    one_more()
    one_more()
    assert queries("/queue/") == one
    assert one - empty <= 6


def test_queue_is_for_those_who_see_more_than_their_own(asha, ben):
    page(asha)
    page(a_person(None, "auditor"))
    page(ben, status=403)


def test_row_says_who_spoke_last_and_for_whom_it_is(asha, ben):
    a_ticket(ben, title="A1", last_comment_by=ben, last_comment_at=MONDAY, priority="P2")
    text = page(asha)
    row = text[text.index("A1") :]
    assert "Ben, CDC" in row
    assert "<strong>Ben</strong>" in row
    assert "Mon 23 Nov" in row or "9:12am" in row


@pytest.mark.parametrize(
    ("due", "state", "words"),
    [
        (timedelta(hours=2, minutes=10), "in_progress", "2 h 10 min"),
        (timedelta(minutes=0), "in_progress", "0 min"),
        (timedelta(hours=-3), "in_progress", "Late 3 h"),
        (timedelta(days=2), "new", "Wed 25 Nov, 9:12am"),
        (timedelta(days=60), "new", "Fri 22 Jan 2027, 9:12am"),
        (timedelta(days=-3), "new", "Late since Fri 20 Nov, 9:12am"),
        (timedelta(hours=1), "closed", "–"),
        (None, "waiting_customer", "Paused"),
        (None, "in_progress", "–"),
    ],
)
def test_time_left(due, state, words):
    assert time_left(None if due is None else MONDAY + due, state, MONDAY) == words


def test_take_next_takes_what_is_due_first_of_the_persons_teams(asha, ben):
    team = a_team(members=(asha,))
    later = a_ticket(ben, team=team, due_at=NOW + HOUR)
    first = a_ticket(ben, team=team, due_at=NOW)
    a_ticket(ben, team=a_team(), due_at=NOW - HOUR)
    a_ticket(ben, team=team, due_at=NOW - HOUR, assignee=an_engineer())
    a_ticket(ben, team=team, due_at=NOW - HOUR, state="in_progress")
    assert [take_next(by=asha), take_next(by=asha), take_next(by=asha)] == [first, later, None]
    first.refresh_from_db()
    assert (first.state, first.assignee) == ("in_progress", asha)


def test_take_next_leads_to_the_ticket_or_says_that_nothing_waits(asha, ben):
    ticket = a_ticket(ben, team=a_team(members=(asha,)))
    client = Client()
    client.force_login(asha)
    assert client.post("/queue/take-next/").headers["Location"] == f"/tickets/{ticket}/"
    assert "Nothing waits for your teams." in client.post("/queue/take-next/", follow=True).content.decode()
    assert Ticket.objects.get().assignee == asha

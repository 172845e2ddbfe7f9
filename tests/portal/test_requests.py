"""What staff see of their own requests, in their words and no others."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from servicedesk.portal.own_requests import told
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.states import WORDS_FOR_REQUESTER
from servicedesk.tickets.workflow import move
from tests.factories import a_council, a_requester, a_ticket, an_asset, an_engineer
from tests.tickets.world import MONDAY, a_world, restricted

pytestmark = pytest.mark.django_db

# Words of the desk that its customers never read.
INTERNAL = re.compile(
    r"\bP[1-4]\b|breach|in_progress|waiting_|\bSLA\b|internal|priority|assign|queue", re.IGNORECASE
)


@pytest.fixture
def world():
    return a_world()


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def main(text: str) -> str:
    return text.split("<main")[1].split("</main>")[0]


def get(world, who: str = "requester", status: int = 200) -> str:
    response = signed_in(world.people[who]).get(f"/requests/{world.ticket}/")
    assert response.status_code == status
    return main(response.content.decode())


def post(world, name: str, status: int = 302, who: str = "requester", **data) -> str:
    response = signed_in(world.people[who]).post(f"/requests/{world.ticket}/{name}/", data)
    assert response.status_code == status, response.content.decode()
    return response.content.decode()


def state_of(world) -> str:
    return Ticket.objects.get(pk=world.ticket.pk).state


def test_words_are_those_agreed():
    assert {str(state): words for state, words in WORDS_FOR_REQUESTER.items()} == {
        "new": "We have it",
        "waiting_approval": "Waiting for {approver} to approve",
        "assigned": "We are working on it",
        "in_progress": "We are working on it",
        "waiting_customer": "We need something from you",
        "waiting_supplier": "We have asked our supplier",
        "scheduled": "Booked for {when}",
        "resolved": "We think it is fixed: tell us if not",
        "closed": "Finished",
        "cancelled": "Cancelled",
        "rejected": "Not approved: {reason}",
    }


def described(page: str) -> dict[str, list[str]]:
    """What is said with each text field of a page: its hints, by its name."""
    hints = dict(re.findall(r'<div id="([^"]+)" class="govuk-hint">\s*(.*?)\s*</div>', page, re.DOTALL))
    fields = re.findall(r'<textarea[^>]* name="([^"]+)"[^>]* aria-describedby="([^"]+)"', page)
    told = {name: [hints[one] for one in said.split() if one in hints] for name, said in fields}
    return {name: said for name, said in told.items() if said}


def test_who_reads_what_is_written_is_said_with_the_field_in_which_it_is_written(world):
    said = "The service desk, you and whoever else can see this request can read it"
    assert described(get(world)) == {"body": [said]}
    world.stand("resolved")
    assert described(get(world)) == {"message": [said], "comment": ["The IT desk reads this"]}

    world.stand("in_progress")
    group = restricted(world).case_group
    assert described(get(world)) == {"body": [said.replace("The service desk", str(group))]}


PROMISE = "We aim to reply by Monday 23 November, 1:12pm. We aim to fix this by Thursday 26 November, 9:12am."
SORRY = "This is late. We are sorry. "


@pytest.mark.parametrize(
    ("state", "fields", "words", "following"),
    [
        ("new", {}, "We have it", PROMISE),
        ("assigned", {}, "We are working on it", PROMISE),
        (
            "in_progress",
            {"first_response_at": MONDAY},
            "We are working on it",
            "We aim to fix this by Thursday 26 November, 9:12am.",
        ),
        (
            "in_progress",
            {"first_response_at": MONDAY, "type": "request"},
            "We are working on it",
            "We aim to do this by Thursday 26 November, 9:12am.",
        ),
        (
            "in_progress",
            {"response_due_at": MONDAY - timedelta(days=1)},
            "We are working on it",
            SORRY + "We aim to fix this by Thursday 26 November, 9:12am.",
        ),
        (
            "waiting_supplier",
            {"due_at": MONDAY - timedelta(days=1), "first_response_at": MONDAY},
            "We have asked our supplier",
            SORRY.strip(),
        ),
        (
            "in_progress",
            {
                "due_at": MONDAY - timedelta(days=1),
                "first_response_at": MONDAY,
                "next_update_due_at": MONDAY + timedelta(hours=4),
            },
            "We are working on it",
            SORRY + "Next update by Monday 23 November, 1:12pm.",
        ),
        (
            "in_progress",
            {
                "due_at": MONDAY - timedelta(days=1),
                "first_response_at": MONDAY,
                "next_update_due_at": MONDAY - timedelta(hours=1),
            },
            "We are working on it",
            SORRY.strip(),
        ),
        (
            "waiting_customer",
            {"due_at": None, "first_response_at": MONDAY},
            "We need something from you",
            "Answer our question, so that we can go on.",
        ),
        ("waiting_approval", {}, "Waiting for Ann to approve", "We begin when Ann has approved it."),
        ("scheduled", {}, "Booked for Wednesday 25 November, 9:12am", "We begin then."),
        (
            "resolved",
            {"resolved_at": MONDAY},
            "We think it is fixed: tell us if not",
            "Tell us whether it is fixed. If we do not hear from you by Monday 30 November, 9:12am, "
            "we take it as fixed.",
        ),
        ("closed", {"due_at": MONDAY - timedelta(days=1)}, "Finished", ""),
        ("cancelled", {}, "Cancelled", ""),
        ("rejected", {"resolution_note": "Too dear"}, "Not approved: Too dear", ""),
    ],
)
def test_what_the_requester_is_told(world, state, fields, words, following):
    world.stand(state, **fields)
    standing = told([Ticket.objects.get(pk=world.ticket.pk)], now=MONDAY)[0].standing
    assert (standing.words, standing.next) == (words, following)


@pytest.mark.parametrize("state", [str(state) for state in WORDS_FOR_REQUESTER])
def test_page_speaks_no_word_of_the_desk(world, state):
    world.stand(state, breached_at=MONDAY, due_at=MONDAY)
    asha = world.people["engineer"]
    say(world.ticket, by=asha, body="User error again", visibility="internal", now=MONDAY)
    say(world.ticket, by=asha, body="Look at the line", visibility="supplier", now=MONDAY)
    text = get(world)
    assert not INTERNAL.search(re.sub(r"<[^>]+>", " ", text))
    assert ("User error again" in text, "Look at the line" in text) == (False, False)


def test_page_is_for_the_requester_and_whom_it_is_for(world):
    get(world, "requester")
    get(world, "affected person")
    for who in ("stranger", "engineer", "asset manager", "case worker", "supplier contact"):
        get(world, who, status=404)


def test_engineer_reads_no_note_on_the_page_of_their_own_request():
    world = a_world()
    asha = world.people["engineer"]
    Ticket.objects.update(requester=asha)
    say(world.ticket, by=world.people["assignee"], body="She broke it", visibility="internal", now=MONDAY)
    assert "She broke it" not in get(world, "engineer")


def test_reply_is_sent_and_read(world):
    world.stand("waiting_customer")
    post(world, "reply", body="The grey one")
    assert state_of(world) == "in_progress"
    assert "The grey one" in get(world)


def test_empty_reply(world):
    assert "Enter your message" in post(world, "reply", status=422, body=" ")


def test_reply_to_what_was_resolved_meanwhile_asks_and_keeps_the_text(world):
    world.stand("resolved")
    text = post(world, "reply", status=409, body="Still nothing")
    assert "We think that this is fixed by now. If it is not, send us your message below." in text
    assert re.search(r'name="message"[^>]*>Still nothing</textarea>', text)


def test_reply_to_what_has_ended_keeps_the_text(world):
    world.stand("closed")
    text = post(world, "reply", status=409, body="One more thing")
    assert "This request has ended, so nobody would read a reply." in text
    assert "One more thing</textarea>" in text


def test_it_is_fixed(world):
    world.stand("resolved")
    post(world, "fixed")
    assert state_of(world) == "closed"


def test_it_is_not_fixed(world):
    Ticket.objects.update(resolved_at=timezone.now())
    world.stand("resolved", resolved_at=timezone.now())
    post(world, "not-fixed", message="It hums")
    assert state_of(world) == "in_progress"
    assert "It hums" in get(world)


def test_it_is_not_fixed_says_what_is_wrong(world):
    world.stand("resolved")
    assert "Enter what is still wrong" in post(world, "not-fixed", status=422, message="")


def test_it_is_not_fixed_too_late(world):
    world.stand("resolved", resolved_at=MONDAY - timedelta(days=90))
    text = post(world, "not-fixed", status=409, message="It hums")
    assert "This was finished more than 5 working days ago. Ask again about it." in text
    assert "It hums</textarea>" in text


def test_it_is_fixed_twice(world):
    world.stand("closed")
    assert f"{world.ticket} has changed. It now says: Finished." in post(world, "fixed", status=409)


def test_cancelling_while_nobody_has_begun(world):
    world.stand("assigned")
    assert "I no longer need this" in get(world)
    assert "Enter why you no longer need it" in post(world, "cancel", status=422, reason="")
    post(world, "cancel", reason="It works again")
    assert state_of(world) == "cancelled"
    assert "It works again" in get(world)


def test_cancelling_once_work_has_begun(world):
    world.stand("in_progress")
    assert "I no longer need this" not in get(world)
    text = post(world, "cancel", status=409, reason="It works again")
    assert "We have begun to work on this. Reply to tell us that you no longer need it." in text
    assert "It works again" in text


@pytest.mark.parametrize("name", ["reply", "fixed", "not-fixed", "cancel"])
def test_nobody_else_acts_on_it(world, name):
    world.stand("resolved")
    for who in ("stranger", "engineer"):
        post(world, name, status=404, who=who, body="x", message="x", reason="x")


def listed(person, query: str = "") -> list[str]:
    text = signed_in(person).get(f"/requests/{query}").content.decode()
    return re.findall(r'href="/requests/[^"]+">([^<]+)</a>', main(text))


def test_what_needs_an_answer_comes_first_then_what_is_open_then_the_rest():
    ben = a_requester(a_council("CDC"))
    a_ticket(ben, title="Closed", state="closed", resolved_at=MONDAY)
    a_ticket(ben, title="Open")
    a_ticket(ben, title="Resolved", state="resolved", resolved_at=MONDAY)
    a_ticket(ben, title="Cancelled", state="cancelled")
    a_ticket(ben, title="Asked", state="waiting_customer")
    a_ticket(a_requester(ben.council), title="For Ben", affected_person=ben)
    a_ticket(a_requester(ben.council), title="Of somebody else")
    assert listed(ben) == ["Asked", "Resolved", "For Ben", "Open", "Cancelled", "Closed"]


def test_requests_come_in_pages():
    ben = a_requester(a_council("CDC"))
    for number in range(51):
        a_ticket(ben, title=f"Number {number:02}", state="cancelled" if number < 2 else "new")
    text = signed_in(ben).get("/requests/").content.decode()
    following = re.search(r'href="(\?[^"]+)" rel="next"', text)[1].replace("&amp;", "&")
    assert listed(ben)[-1] == "Number 01"
    assert listed(ben, following) == ["Number 00"]


@pytest.mark.parametrize("address", ["/", "/requests/"])
def test_rows_cost_no_queries(address):
    ben = a_requester(a_council("CDC"))

    def queries() -> int:
        client = signed_in(ben)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    def one_of_each():
        a_ticket(ben)
        a_ticket(ben, state="resolved", resolved_at=MONDAY)
        a_ticket(ben, state="scheduled", booked_for=MONDAY)

    one_of_each()
    queries()
    one = queries()
    one_of_each()
    one_of_each()
    assert queries() == one


def test_first_page_of_staff():
    ben = a_requester(a_council("CDC"))
    an_asset(ben.council, "CDC-1", holder=ben)
    a_ticket(ben, title="Asked", state="waiting_customer")
    a_ticket(ben, title="Open")
    a_ticket(ben, title="Closed", state="closed", resolved_at=MONDAY)
    text = main(signed_in(ben).get("/").content.decode())
    headings = [
        part for part in ("Get help", "Needs your answer", "Your open requests", "CDC-1", "01865 000000")
    ]
    assert sorted(headings, key=text.index) == headings
    assert ("Asked" in text, "Open<" in text, "Closed" in text) == (True, True, False)


def test_first_page_of_who_works_a_queue_is_the_queue():
    asha, dev = an_engineer(), an_engineer()
    world = a_world()
    assert signed_in(asha).get("/").headers["Location"] == "/queue/"
    assert signed_in(world.people["engineer"]).get("/").headers["Location"] == "/queue/?my_teams=true"
    assert signed_in(world.people["supplier contact"]).get("/").headers["Location"] == "/queue/?my_teams=true"
    assert signed_in(dev).get("/").status_code == 302


def test_first_page_of_an_auditor_leads_to_what_they_follow():
    world = a_world()
    world.people["stranger"].grants.update(role="auditor")
    text = main(signed_in(world.people["stranger"]).get("/").content.decode())
    assert ('href="/queue/"' in text, "Get help" in text) == (True, False)


def test_move_of_the_desk_is_seen_at_once(world):
    world.stand("new", assignee=None)
    move(world.ticket, "take", by=world.people["engineer"], now=MONDAY)
    assert "We are working on it" in get(world)

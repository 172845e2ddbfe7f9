"""The page of a ticket: who is shown what, and what becomes of what they send."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from assets.register.registering import link_raised
from servicedesk.tickets.models import Comment, Ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.workflow import change, move
from tests.factories import a_council, a_person, a_requester, a_site, a_ticket, an_asset
from tests.tickets.world import MONDAY, a_world, restricted

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return a_world()


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def address(world, *more: str) -> str:
    return "/".join(["/tickets", world.ticket.reference, *more, ""])


def get(world, who: str, status: int = 200) -> str:
    response = signed_in(world.people[who]).get(address(world))
    assert response.status_code == status
    return response.content.decode()


def post(world, who: str, *path: str, status: int = 302, **data) -> str:
    response = signed_in(world.people[who]).post(address(world, *path), data)
    assert response.status_code == status, response.content.decode()[:2000]
    return response.content.decode()


def buttons(text: str) -> set[str]:
    """The moves that a page offers."""
    return set(re.findall(r'action="/tickets/[^/]+/moves/(\w+)/"', text))


def test_engineer_reads_everything_and_each_word_says_who_reads_it(world):
    asha = world.people["engineer"]
    world.stand("waiting_supplier")
    say(world.ticket, by=asha, body="We are on it", visibility="public", now=MONDAY)
    say(world.ticket, by=asha, body="User error?", visibility="internal", now=MONDAY)
    say(world.ticket, by=asha, body="Please look", visibility="supplier", now=MONDAY)
    say(world.ticket, by=world.people["requester"], body="Still broken", visibility="public", now=MONDAY)
    said = re.findall(
        r'app-comment__reader">(.*?)</h3>.*?app-text">(.*?)</p>', get(world, "engineer"), re.DOTALL
    )
    assert said == [
        ("Reply to Ben", "We are on it"),
        ("Internal note – Ben cannot see this", "User error?"),
        ("Note to the supplier – Ben cannot see this", "Please look"),
        ("From the requester", "Still broken"),
    ]


def test_requester_is_led_to_their_own_page(world):
    response = signed_in(world.people["requester"]).get(address(world))
    assert (response.status_code, response.headers["Location"]) == (302, f"/requests/{world.ticket}/")


def test_supplier_reads_its_notes_and_no_internal_one(world):
    asha = world.people["engineer"]
    world.stand("waiting_supplier")
    for visibility in ("public", "internal", "supplier"):
        say(world.ticket, by=asha, body=f"A {visibility} word", visibility=visibility, now=MONDAY)
    text = get(world, "supplier contact")
    assert [f"A {kind} word" in text for kind in ("public", "internal", "supplier")] == [True, False, True]
    assert "History" not in text
    assert buttons(text) == {"supplier_answered"}


def test_strangers_find_nothing(world):
    assert get(world, "stranger", status=404) == get_missing(world)
    restricted(world)
    assert get(world, "engineer", status=404) == get_missing(world, "engineer")


def get_missing(world, who: str = "stranger") -> str:
    return signed_in(world.people[who]).get("/tickets/INC-2026-999999/").content.decode()


@pytest.mark.parametrize(
    ("state", "moves"),
    [
        ("new", {"assign", "take", "resolve", "request_approval"}),
        (
            "in_progress",
            {"put_back", "hand_over", "ask_customer", "refer_to_supplier", "book", "resolve"},
        ),
        ("resolved", {"reopen"}),
        ("closed", set()),
    ],
)
def test_page_offers_the_moves_that_are_open(world, state, moves):
    world.stand(state)
    assert buttons(get(world, "engineer")) == moves


def test_move_with_one_button(world):
    world.stand("new", assignee=None)
    post(world, "engineer", "moves", "take", version=world.ticket.version)
    world.ticket.refresh_from_db()
    assert (world.ticket.state, world.ticket.assignee) == ("in_progress", world.people["engineer"])


def test_move_with_a_form(world):
    world.stand("in_progress")
    post(
        world,
        "engineer",
        "moves",
        "resolve",
        version=world.ticket.version,
        resolution_code="fixed",
        resolution_note="A new headset",
    )
    world.ticket.refresh_from_db()
    assert (world.ticket.state, world.ticket.resolution_note) == ("resolved", "A new headset")


def test_form_that_is_not_filled_in_says_what_is_missing_and_keeps_the_rest(world):
    world.stand("in_progress")
    text = post(world, "engineer", "moves", "resolve", status=422, version=1, resolution_note="A new headset")
    assert '<a href="#resolve-resolution_code">Choose how it was resolved</a>' in text
    assert "A new headset</textarea>" in text
    assert "<title>Error: " in text


def test_duplicate_that_cannot_be_seen_is_as_unknown_as_one_that_is_not_there(world):
    hidden = a_ticket(a_requester(), sharing="own_council")
    assert not Ticket.objects.visible_to(world.people["queue manager"]).filter(pk=hidden.pk).exists()
    for reference in (hidden.reference, "INC-1", "nonsense"):
        text = post(
            world, "queue manager", "moves", "cancel", status=422, reason="Twice", duplicate_of=reference
        )
        assert "Enter the reference of another request that you can see" in text


def test_second_engineer_is_told_by_whom_and_keeps_the_text(world):
    world.stand("assigned")
    version = world.ticket.version
    move(world.ticket, "ask_customer", by=world.people["assignee"], question="Which?", now=MONDAY)
    text = post(
        world, "engineer", "moves", "put_back", status=409, version=version, note="Not for us, try networks"
    )
    assert (
        "is waiting for the customer, so “Put back” is not possible. Dev was the last to change it." in text
    )
    assert "Not for us, try networks</textarea>" in text


def test_move_over_a_newer_version_is_sent_again_with_one_click(world):
    world.stand("in_progress")
    read = world.ticket.version
    change(world.ticket, by=world.people["assignee"], version=read, title="No sound at all", now=MONDAY)
    text = post(world, "engineer", "moves", "put_back", status=409, version=read, note="Not for us")
    assert f"{world.ticket} was changed by Dev while you were looking at it." in text
    form = text.split("moves/put_back/")[1].split("</form>")[0]
    assert "Not for us</textarea>" in form
    version = re.search(r'name="version" value="(\d+)"', form)[1]
    post(world, "engineer", "moves", "put_back", version=version, note="Not for us")
    world.ticket.refresh_from_db()
    assert world.ticket.state == "new"


def test_who_may_see_but_not_do(world):
    world.stand("in_progress")
    auditor = world.people["stranger"].grants.create(
        role="auditor", council=world.ticket.council, starts_at=MONDAY.replace(year=2020)
    )
    text = get(world, "stranger")
    assert (buttons(text), "data-draft" in text) == (set(), False)
    post(world, "stranger", "moves", "put_back", status=403, note="x")
    post(world, "stranger", "comments", status=403, body="x", visibility="internal")
    assert signed_in(auditor.person).get(address(world, "change")).status_code == 403


def test_unknown_move_is_no_page(world):
    post(world, "engineer", "moves", "banana", status=404)


def test_reply_and_note(world):
    post(world, "engineer", "comments", visibility="public", body="We are on it")
    post(world, "engineer", "comments", visibility="internal", body="User error?")
    assert list(Comment.objects.values_list("visibility", "body")) == [
        ("public", "We are on it"),
        ("internal", "User error?"),
    ]


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"body": "Hello"}, "Choose who reads it"),
        ({"visibility": "public"}, "Enter your message"),
        ({"visibility": "everybody", "body": "Hello"}, "Choose who reads it"),
        ({"visibility": "public", "body": "x" * 20_001}, "Message must be 20000 characters or fewer"),
    ],
)
def test_reply_that_cannot_be_sent(world, sent, sentence):
    text = post(world, "engineer", "comments", status=422, **sent)
    assert sentence in text
    assert sent.get("body", "") in text
    assert not Comment.objects.exists()


def test_supplier_can_write_to_the_desk_alone(world):
    world.stand("waiting_supplier")
    post(world, "supplier contact", "comments", visibility="supplier", body="Fixed the line")
    post(world, "supplier contact", "comments", status=422, visibility="public", body="Hello Ben")
    assert [comment.body for comment in Comment.objects.all()] == ["Fixed the line"]


def test_facts_are_changed_and_bring_a_new_priority(world):
    site = a_site(world.ticket.council, "Bodicote House")
    page = signed_in(world.people["engineer"]).get(address(world, "change")).content.decode()
    assert 'value="No sound"' in page
    post(
        world,
        "engineer",
        "change",
        version=1,
        title="No sound at all",
        description="",
        service=world.ticket.service_id,
        category="",
        subcategory="",
        site=site.pk,
        impact=2,
        urgency=1,
    )
    world.ticket.refresh_from_db()
    assert (world.ticket.title, world.ticket.site, world.ticket.priority) == ("No sound at all", site, "P2")


def test_facts_changed_by_somebody_else_meanwhile_are_shown_beside_what_was_typed(world):
    change(world.ticket, by=world.people["assignee"], version=1, title="Newer", now=MONDAY)
    text = post(
        world,
        "engineer",
        "change",
        status=409,
        version=1,
        title="Older",
        description=world.ticket.description,
        service=world.ticket.service_id,
        impact=3,
        urgency=1,
    )
    assert f"{world.ticket} was changed by Dev while you were looking at it." in text
    cells = re.findall(r"<span>(.*?)</span></td>", text)
    assert cells == ["Older", "Newer"]
    assert 'name="version" value="2"' in text
    world.ticket.refresh_from_db()
    assert world.ticket.title == "Newer"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("title", "", "Enter the summary"),
        ("title", "x" * 201, "Summary must be 200 characters or fewer"),
        ("service", "999", "Select the service from the list"),
        ("impact", "9", "Select the impact from the list"),
        ("site", "999", "Select the site from the list"),
    ],
)
def test_facts_that_cannot_be_saved(world, field, value, sentence):
    sent = {"version": 1, "title": "No sound", "impact": 3, "urgency": 1, field: value}
    assert sentence in post(world, "engineer", "change", status=422, **sent)


def test_history_is_told_to_the_desk(world):
    world.stand("assigned")
    move(world.ticket, "put_back", by=world.people["assignee"], note="Not mine", now=MONDAY)
    text = get(world, "engineer")
    assert "Assignee: Dev → Nothing" in text
    assert "Not mine" in text


def test_history_names_a_duplicate_only_to_who_may_see_it(world):
    world.people["other manager"] = manager = a_person(a_council("OCC"), "queue_manager")
    hidden = a_ticket(a_requester(manager.council), sharing="own_council")
    world.stand("assigned")
    move(world.ticket, "cancel", by=manager, reason="Twice", duplicate_of=hidden, now=MONDAY)
    line = f"Duplicate of: Nothing → {hidden.reference}"

    told, kept = get(world, "other manager"), get(world, "queue manager")

    assert (line in told, hidden.reference in kept) == (True, False)
    assert "Twice" in kept


def test_history_names_an_asset_only_to_who_sees_those_of_every_council(world):
    asset = an_asset(a_council("OCC"), "LT/17", serial_number="SN-17")
    link_raised(asset, world.ticket, by=None)
    world.people["auditor"] = a_person(world.ticket.council, "auditor")

    told, kept = get(world, "engineer"), get(world, "auditor")

    assert "Asset: Nothing → LT/17" in told
    assert [name for name in ("LT/17", "SN-17", "Asset:") if name in kept] == []


@pytest.mark.parametrize(
    "headers", [{}, {"referer": "https://evil.example/tickets/"}, {"referer": "//evil.example/"}]
)
def test_move_out_of_sight_leads_to_the_queue_of_this_site_and_to_no_other(world, headers):
    world.stand("waiting_supplier", assignee=None)
    response = signed_in(world.people["supplier contact"]).post(
        address(world, "moves", "supplier_answered") + "?next=https://evil.example/",
        {"version": world.ticket.version, "next": "https://evil.example/"},
        headers=headers,
    )

    assert (response.status_code, response.headers["Location"]) == (302, "/queue/")


def test_deadline_says_why(world):
    text = get(world, "engineer")
    assert "Due Thursday 26 November 2026, 9:12am" in text
    assert "28 h 30 min of working time (Office hours)" in text
    assert "Monday 23 November, 9:12am to 5:30pm: 8 h 18 min" in text


def test_paused_deadline_says_how_much_is_left(world):
    world.stand("in_progress")
    move(world.ticket, "ask_customer", by=world.people["assignee"], question="Which?", now=MONDAY)
    assert "28 h 30 min left" in get(world, "engineer")


def test_every_address_of_a_ticket_is_closed_to_who_is_not_signed_in(world):
    for name in ("ticket", "say", "change"):
        response = Client().get(reverse(f"tickets:{name}", args=[world.ticket.reference]))
        assert response.status_code == 302, name
        assert response.headers["Location"].startswith("/account/login/"), name

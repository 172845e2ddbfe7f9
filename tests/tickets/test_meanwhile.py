"""What others wrote since somebody began is said before their own words are sent, whatever sends them."""

import re
from datetime import timedelta
from threading import Thread

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from servicedesk.tickets import cascading, console
from servicedesk.tickets.cascading import tell_children
from servicedesk.tickets.conversation import newest_said
from servicedesk.tickets.linking import adopt
from servicedesk.tickets.models import Clock, Comment, Sighting, Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.thread import thread
from servicedesk.tickets.workflow import change
from tests.api.calling import as_person, problem
from tests.tickets.test_ticket_page import address, get, post, signed_in
from tests.tickets.world import MONDAY, a_world, restricted

pytestmark = pytest.mark.django_db
SENTENCE = "Ben wrote since you began. Read it first, then send yours if it still fits."
HIDDEN = r'<input type="hidden" name="(version|seen)" value="(\d+)"'
FIXED = {"resolution_code": "fixed", "resolution_note": "A new headset"}


@pytest.fixture
def world(monkeypatch):
    """On that Monday, so that what was resolved can still be opened again, however late it is now."""
    monkeypatch.setattr(timezone, "now", lambda: MONDAY + timedelta(hours=1))
    return a_world()


def wrote(world, who: str, body: str, visibility: str = "public", ticket: Ticket | None = None) -> Comment:
    return say(ticket or world.ticket, by=world.people[who], body=body, visibility=visibility, now=MONDAY)


def sent_with(text: str, action: str, **typed) -> dict:
    """What the form at an address would send: its hidden fields as they stand, and what is typed."""
    form = text[text.index(f'action="{action}"') :]
    form = form[: form.index("</form>")]
    return {**dict(re.findall(HIDDEN, form)), **typed}


def sendable(world, name: str) -> dict:
    """What the move needs, as a page sends it."""
    given = {key: getattr(value, "pk", value) for key, value in world.given(name).items()}
    return {**given, "booked_for": "2099-01-05T10:00"} if name == "book" else given


@pytest.mark.once
@pytest.mark.parametrize(
    ("name", "state", "who"),
    [
        ("put_back", "in_progress", "engineer"),
        ("hand_over", "in_progress", "engineer"),
        ("ask_customer", "in_progress", "engineer"),
        ("refer_to_supplier", "in_progress", "engineer"),
        ("book", "in_progress", "engineer"),
        ("resolve", "in_progress", "engineer"),
        ("reopen", "resolved", "engineer"),
        ("cancel", "in_progress", "queue manager"),
        ("request_approval", "new", "engineer"),
    ],
)
def test_move_with_words_waits_until_what_arrived_is_read(world, name, state, who):
    world.stand("in_progress")
    wrote(world, "requester", "It hums")
    world.stand(state, booked_for=None)
    path, client = address(world, "moves", name), signed_in(world.people[who])
    given = {**sendable(world, name), **({"message": "Still silent"} if name == "reopen" else {})}
    sent = sent_with(get(world, who), path, **given)
    Comment.objects.create(
        ticket=world.ticket,
        author=world.people["requester"],
        visibility="public",
        body="I am away",
        at=MONDAY,
    )

    overtaken = client.post(path, sent)

    text = overtaken.content.decode()
    assert (overtaken.status_code, SENTENCE in text, "I am away" in text) == (409, True, True)
    assert Ticket.objects.get().state == state
    words = next((value for value in given.values() if isinstance(value, str)), "")
    assert words in text[text.index(f'action="{path}"') :]
    assert re.search(r"<button[^>]*>\s*[\w ]+ anyway", text)
    assert client.post(path, sent_with(text, path, **given)).status_code == 302
    assert Ticket.objects.get().state != state


def test_answer_that_sets_the_desk_to_work_again_is_said_once_and_not_as_a_change(world):
    world.stand("waiting_customer")
    path = address(world, "moves", "resolve")
    sent = sent_with(get(world, "engineer"), path, **FIXED)
    wrote(world, "requester", "It works again")

    text = post(world, "engineer", "moves", "resolve", status=409, **sent)

    assert (SENTENCE in text, "while you were looking at it" in text) == (True, False)
    post(world, "engineer", "moves", "resolve", **sent_with(text, path, **FIXED))
    assert Ticket.objects.get().state == "resolved"


@pytest.mark.parametrize("children", [{}, {"children": "on"}])
def test_change_made_beside_the_words_is_said_with_them(world, parts, children):
    Ticket.objects.filter(pk=parts[1].pk).update(state="cancelled")
    path = address(world, "moves", "resolve")
    sent = sent_with(get(world, "engineer"), path, **FIXED, **children)
    wrote(world, "requester", "It stopped humming")
    world.ticket.refresh_from_db()
    change(
        world.ticket,
        by=world.people["queue manager"],
        version=world.ticket.version,
        title="It hums",
        now=MONDAY,
    )

    text = post(world, "engineer", "moves", "resolve", status=409, **sent)

    assert f"{SENTENCE} {world.ticket} was changed by Mia while you were looking at it." in text


def test_supplier_learns_nothing_of_what_the_desk_says_among_itself(world):
    world.stand("waiting_supplier")
    wrote(world, "engineer", "They are slow", "internal")
    data = {"visibility": "supplier", "body": "We look at it", "seen": "0"}

    assert (
        signed_in(world.people["supplier contact"]).post(address(world, "comments"), data).status_code == 302
    )


def test_ones_own_words_from_another_window_hold_nobody_up(world):
    world.stand("in_progress")
    sent = sent_with(get(world, "engineer"), address(world, "moves", "resolve"), **FIXED)
    wrote(world, "engineer", "A note of my own", "internal")

    post(world, "engineer", "moves", "resolve", **sent)

    assert Ticket.objects.get().state == "resolved"


@pytest.mark.parametrize(
    ("deed", "state", "typed", "after"),
    [
        ("not-fixed", "resolved", {"message": "Still silent"}, "in_progress"),
        ("fixed", "resolved", {}, "closed"),
        ("cancel", "new", {"reason": "I found another"}, "cancelled"),
    ],
)
def test_requester_is_shown_what_the_desk_wrote_and_never_its_notes(world, deed, state, typed, after):
    world.stand(state)
    ben, page, path = (
        signed_in(world.people["requester"]),
        f"/requests/{world.ticket}/",
        f"/requests/{world.ticket}/{deed}/",
    )
    sent = sent_with(ben.get(page).content.decode(), path, **typed)
    for visibility in ("internal", "public"):
        Comment.objects.create(
            ticket=world.ticket,
            author=world.people["engineer"],
            visibility=visibility,
            body=f"A {visibility} word",
            at=MONDAY,
        )

    overtaken = ben.post(path, sent)

    text = overtaken.content.decode()
    shown = ["Asha wrote since you began." in text, "A public word" in text, "A internal word" in text]
    assert (overtaken.status_code, shown) == (409, [True, True, False])
    assert Ticket.objects.get().state == state
    assert all(f"{words}</textarea>" in text for words in typed.values())
    assert ben.post(path, sent_with(text, path, **typed)).status_code == 302
    assert Ticket.objects.get().state == after


def test_note_among_the_desk_holds_no_requester_up(world):
    world.stand("resolved")
    ben, path = signed_in(world.people["requester"]), f"/requests/{world.ticket}/not-fixed/"
    sent = sent_with(ben.get(f"/requests/{world.ticket}/").content.decode(), path, message="Still silent")
    wrote(world, "engineer", "User error?", "internal")

    assert ben.post(path, sent).status_code == 302


def test_reply_that_comes_after_it_was_resolved_can_be_sent_on_at_once(world):
    ben, page = signed_in(world.people["requester"]), f"/requests/{world.ticket}/"
    sent = sent_with(ben.get(page).content.decode(), f"{page}reply/", body="It hums")
    world.stand("resolved")
    Comment.objects.create(
        ticket=world.ticket, author=world.people["engineer"], visibility="public", body="A new one", at=MONDAY
    )

    asked = ben.post(f"{page}reply/", sent).content.decode()

    assert "We think that this is fixed by now." in asked and "A new one" in asked
    again = sent_with(asked, f"{page}not-fixed/", message="It hums")
    assert ben.post(f"{page}not-fixed/", again).status_code == 302


def test_what_is_said_while_the_page_is_made_is_not_taken_for_seen(world, parts, monkeypatch):
    path, typed = address(world, "children", "reply"), {"body": "We look at it"}

    def read_and_overtaken(person, ticket):
        read = thread(person, ticket)
        wrote(world, "requester", "It hums")
        return read

    monkeypatch.setattr(console, "thread", read_and_overtaken)
    page = get(world, "engineer")
    monkeypatch.undo()

    assert "It hums" in post(
        world, "engineer", "children", "reply", status=409, **sent_with(page, path, **typed)
    )
    resolving = address(world, "moves", "resolve")
    Ticket.objects.filter(pk=parts[1].pk).update(state="cancelled")
    sent = sent_with(page, resolving, **FIXED, children="on")
    assert "since you began" in post(world, "engineer", "moves", "resolve", status=409, **sent)


def test_words_on_very_many_parts_are_asked_for_at_once(world):
    said = wrote(world, "requester", "It hums")
    parts = [
        Ticket(pk=world.ticket.pk + n, council=world.ticket.council, sharing="shared") for n in range(2000)
    ]
    assert newest_said(world.people["engineer"], *parts) == said.pk


@pytest.mark.parametrize("of", ["priority", "late"])
def test_proposal_waits_until_what_arrived_is_read(world, of):
    clock = world.ticket.clocks.first()
    Clock.objects.filter(pk=clock.pk).update(breached_at=MONDAY)
    path = address(world, of) if of == "priority" else address(world, of, str(clock.pk))
    typed = (
        {"priority": "P1", "reason": "The mayor"} if of == "priority" else {"reason": "other", "note": "Lost"}
    )
    client = signed_in(world.people["engineer"])
    wrote(world, "requester", "It hums")
    sent = {**dict(re.findall(HIDDEN, client.get(path).content.decode())), **typed}
    wrote(world, "requester", "It stopped")

    overtaken = client.post(path, sent)

    text = overtaken.content.decode()
    assert (overtaken.status_code, SENTENCE in text, "It stopped" in text, "It hums" in text) == (
        409,
        True,
        True,
        False,
    )
    assert not world.ticket.comments.filter(visibility="internal").exists()
    assert client.post(path, {**dict(re.findall(HIDDEN, text)), **typed}).status_code == 302
    assert world.ticket.comments.filter(visibility="internal").exists()


@pytest.mark.parametrize("deed", ["approve", "reject"])
def test_decision_waits_until_what_arrived_is_read(world, deed):
    world.stand("waiting_approval")
    ann, page = signed_in(world.people["approver"]), f"/requests/{world.ticket}/approve/"
    wrote(world, "requester", "It hums")
    typed = {"reason": "Too dear"} if deed == "reject" else {}
    sent = {**dict(re.findall(HIDDEN, ann.get(page).content.decode())), **typed}
    wrote(world, "requester", "I need it no longer")
    wrote(world, "engineer", "Nobody tells Ann", "internal")

    overtaken = ann.post(f"/requests/{world.ticket}/{deed}/", sent)

    text = overtaken.content.decode()
    shown = [SENTENCE in text, "I need it no longer" in text, "It hums" in text, "Nobody tells Ann" in text]
    assert (overtaken.status_code, shown) == (409, [True, True, False, False])
    assert Ticket.objects.get().state == "waiting_approval"
    assert all(f"{words}</textarea>" in text for words in typed.values())
    again = {**dict(re.findall(HIDDEN, text)), **typed}
    assert ann.post(f"/requests/{world.ticket}/{deed}/", again).status_code == 302
    assert Ticket.objects.get().state == {"approve": "assigned", "reject": "rejected"}[deed]


# what is said to all parts


@pytest.fixture
def parts(world):
    """Two parts of the ticket, the second one not the desk's to see."""
    world.stand("in_progress")
    made = []
    for _ in range(2):
        ben = world.people["requester"]
        child = raise_ticket(by=ben, requester=ben, type="incident", title="Quiet", now=MONDAY)
        made.append(adopt(child, world.ticket, by=world.people["engineer"]))
    Ticket.objects.filter(pk=made[1].pk).update(sharing="own_council")
    return made


def test_reply_to_all_shows_what_arrived_on_a_part(world, parts):
    path, typed = address(world, "children", "reply"), {"body": "We look at it"}
    wrote(world, "requester", "It hums", ticket=parts[0])
    sent = sent_with(get(world, "engineer"), path, **typed)
    wrote(world, "requester", "Mine works again", ticket=parts[0])

    text = post(world, "engineer", "children", "reply", status=409, **sent)

    assert f"Ben wrote on {parts[0]} since you began." in text
    assert text.index("Mine works again") < text.index("We look at it</textarea>")
    assert ("Send to all anyway" in text, "It hums" in text) == (True, False)
    newest = dict(re.findall(r'name="(seen)" value="(\d+)"', text))
    post(world, "engineer", "children", "reply", **newest, **typed)
    assert [each.body for each in parts[0].comments.all()] == ["It hums", "Mine works again", "We look at it"]


def test_reply_to_all_shows_what_arrived_on_the_request_itself_as_well(world, parts):
    path, typed = address(world, "children", "reply"), {"body": "We look at it"}
    sent = sent_with(get(world, "engineer"), path, **typed)
    wrote(world, "requester", "It hums")

    text = post(world, "engineer", "children", "reply", status=409, **sent)

    assert (SENTENCE in text, "It hums" in text) == (True, True)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
def test_nobody_writes_on_the_request_while_a_reply_to_all_is_measured_against_it(world, parts, monkeypatch):
    held, check = [], cascading.check_seen

    def is_held() -> None:
        try:
            with transaction.atomic():
                held.append(Ticket.objects.select_for_update(nowait=True).get(pk=world.ticket.pk) is None)
        except OperationalError:
            held.append(True)
        finally:
            connection.close()

    def checked(*given, **more):
        somebody = Thread(target=is_held)
        somebody.start()
        somebody.join()
        check(*given, **more)

    monkeypatch.setattr(cascading, "check_seen", checked)
    tell_children(world.ticket, by=world.people["engineer"], body="We look at it", seen=0, now=MONDAY)

    assert held == [True]


@pytest.mark.parametrize("deed", ["reply", "resolve"])
def test_part_that_one_may_not_see_is_not_told_of(world, parts, deed):
    path = address(world, *(("children", "reply") if deed == "reply" else ("moves", "resolve")))
    wrote(world, "requester", "It hums", ticket=parts[0])
    page = get(world, "engineer")
    sent = sent_with(page, path, body="We look at it")
    hidden = wrote(world, "requester", "Hush", ticket=parts[1])

    assert sent == {**sent_with(get(world, "engineer"), path, body="We look at it")}
    assert int(sent["seen"]) < hidden.pk
    if deed == "reply":
        post(world, "engineer", "children", "reply", **sent)
    else:
        text = post(world, "engineer", "moves", "resolve", status=409, children="on", **{**sent, **FIXED})
        assert ("since you began" in text, "Hush" in text) == (False, False)


def test_resolving_the_parts_along_shows_what_arrived_on_one(world, parts):
    Ticket.objects.filter(pk=parts[1].pk).update(state="cancelled")
    path, typed = address(world, "moves", "resolve"), {**FIXED, "children": "on"}
    sent = sent_with(get(world, "engineer"), path, **typed)
    wrote(world, "requester", "Mine is worse", ticket=parts[0])

    text = post(world, "engineer", "moves", "resolve", status=409, **sent)

    assert (f"Ben wrote on {parts[0]} since you began." in text, "Mine is worse" in text) == (True, True)
    assert Ticket.objects.get(pk=parts[0].pk).state == "new"
    post(world, "engineer", "moves", "resolve", **sent_with(text, path, **typed))
    assert set(Ticket.objects.values_list("state", flat=True)) == {"resolved", "cancelled"}


@pytest.mark.parametrize("deed", ["reply", "resolve"])
def test_sealed_part_whose_words_are_shown_is_written_down_as_read(world, parts, deed):
    restricted(world)
    group, casey = world.ticket.case_group, world.people["case worker"]
    sealed = {"sharing": "restricted", "sensitivity": "hr", "case_group": group, "team": group}
    Ticket.objects.filter(pk__in=[part.pk for part in parts]).update(**sealed)
    path = address(world, *(("children", "reply") if deed == "reply" else ("moves", "resolve")))
    typed = {"body": "We look at it"} if deed == "reply" else {**FIXED, "children": "on"}
    sent = sent_with(get(world, "case worker"), path, **typed)
    wrote(world, "requester", "They shouted", ticket=parts[0])
    read = Sighting.objects.filter(person=casey, how="page", ticket__in=parts)
    assert not read.exists()

    overtaken = signed_in(casey).post(path, sent)

    assert (overtaken.status_code, "They shouted" in overtaken.content.decode()) == (409, True)
    assert [each.ticket for each in read] == [parts[0]]


# from outside


def test_program_is_told_of_it_too_where_it_says_what_it_knows(world, parts):
    asha = as_person(world.people["engineer"])
    said = wrote(world, "requester", "It hums")
    on_part = wrote(world, "requester", "Mine too", ticket=parts[0])
    move, reply = f"tickets/{world.ticket}/moves/put_back/", f"tickets/{world.ticket}/children/reply/"

    refused = asha.ask("POST", move, {"note": "Not mine", "seen": 0})
    taken = asha.ask("POST", move, {"note": "Not mine", "seen": said.pk})
    unsent = asha.ask("POST", reply, {"body": "We look at it", "seen": said.pk})
    told = asha.ask("POST", reply, {"body": "We look at it", "seen": on_part.pk})

    where = SENTENCE.replace("wrote", f"wrote on {parts[0]}")
    assert (refused.status_code, refused.json()) == (409, problem(409, "Conflict", SENTENCE))
    assert (unsent.status_code, unsent.json()) == (409, problem(409, "Conflict", where))
    assert (taken.status_code, told.status_code) == (200, 200)


@pytest.mark.parametrize("of", ["priority", "late"])
def test_program_that_proposes_is_told_of_it_too(world, of):
    clock = world.ticket.clocks.first()
    Clock.objects.filter(pk=clock.pk).update(breached_at=MONDAY)
    path, typed = {
        "priority": ("priority/", {"priority": "P1", "reason": "The mayor"}),
        "late": (f"breaches/{clock.pk}/", {"reason": "other", "note": "Lost"}),
    }[of]
    asha, said = as_person(world.people["engineer"]), wrote(world, "requester", "It hums")

    answers = [asha.ask("POST", f"tickets/{world.ticket}/{path}", {**typed, "seen": n}) for n in (0, said.pk)]

    assert [answer.status_code for answer in answers] == [409, 200]
    assert answers[0].json() == problem(409, "Conflict", SENTENCE)
    assert world.ticket.comments.filter(visibility="internal").count() == 1

"""What somebody has begun to write is kept, shown where it was begun, and theirs alone."""

import re
from datetime import timedelta

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from servicedesk.knowledge.announcing import draft
from servicedesk.knowledge.models import Announcement
from servicedesk.people.models import Council, Person
from servicedesk.tickets import drafts
from servicedesk.tickets.breaking_glass import break_glass
from servicedesk.tickets.drafts_shown import shown
from servicedesk.tickets.linking import adopt
from servicedesk.tickets.models import Clock, Draft, Task, Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.tasking import add_task
from servicedesk.tickets.workflow import move
from tests.factories import a_case_group
from tests.tickets.test_ticket_page import address, get, signed_in
from tests.tickets.world import MONDAY, a_world, restricted

pytestmark = pytest.mark.django_db
SCRIPT = {"headers": {"Accept": "application/json"}}


@pytest.fixture
def world():
    return a_world()


def begin(person: Person, name: str, now=MONDAY, **values) -> Draft:
    sent = QueryDict(mutable=True)
    sent.update(values)
    return drafts.keep(person, name, sent, now=now)


def test_script_keeps_what_is_typed_and_the_page_brings_it_back(world):
    client, name = signed_in(world.people["engineer"]), f"say-{world.ticket}"

    answer = client.post(
        f"/drafts/{name}/",
        {"visibility": "internal", "body": "Half a\r\nthought\0", "seen": "7", "csrfmiddlewaretoken": "x"},
        **SCRIPT,
    )

    draft = Draft.objects.get()
    assert (answer.status_code, set(answer.json())) == (200, {"said"})
    assert draft.values == {"visibility": "internal", "body": "Half a\nthought"}
    text = get(world, "engineer")
    assert "Half a\nthought</textarea>" in text
    assert "Your draft of " in text
    assert get(world, "assignee").count("Half a") == 0


def test_name_of_a_field_is_kept_without_what_no_text_may_hold(world):
    client, name = signed_in(world.people["engineer"]), f"say-{world.ticket}"

    client.post(f"/drafts/{name}/", {"bo\0dy": "Half a thought", "se\0en": "7"}, **SCRIPT)

    assert Draft.objects.get().values == {"body": "Half a thought"}


def test_button_keeps_it_without_script_and_leads_back(world):
    client, name = signed_in(world.people["requester"]), f"reply-{world.ticket}"

    answer = client.post(f"/drafts/{name}/", {"body": "It hums"})

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/requests/{world.ticket}/")
    assert "It hums</textarea>" in client.get(f"/requests/{world.ticket}/").content.decode()


def test_sent_is_no_draft_any_more(world):
    asha, ben = world.people["engineer"], world.people["requester"]
    begin(asha, f"say-{world.ticket}", body="x")
    begin(ben, f"reply-{world.ticket}", body="x")

    said = {"visibility": "public", "body": "x", "seen": "0"}
    signed_in(asha).post(f"/tickets/{world.ticket}/comments/", said)
    signed_in(ben).post(f"/requests/{world.ticket}/reply/", {"body": "x"})

    assert not Draft.objects.exists()


def test_refused_stays_a_draft(world):
    asha = world.people["engineer"]
    begin(asha, f"say-{world.ticket}", body="x")

    signed_in(asha).post(f"/tickets/{world.ticket}/comments/", {"body": "x"})

    assert Draft.objects.count() == 1


def test_discarded(world):
    asha = world.people["engineer"]
    begin(asha, f"say-{world.ticket}", body="x")
    begin(world.people["assignee"], f"say-{world.ticket}", body="y")

    signed_in(asha).post(f"/drafts/say-{world.ticket}/discard/")

    assert [draft.values for draft in Draft.objects.all()] == [{"body": "y"}]


def test_it_outlives_the_end_and_the_loss_of_its_ticket(world):
    asha = world.people["engineer"]
    begin(asha, f"say-{world.ticket}", body="Half a thought")
    begin(asha, f"put_back-{world.ticket}", note="Not for us")
    world.stand("closed")
    ended = get(world, "engineer")
    restricted(world)
    lost = signed_in(asha).get("/drafts/").content.decode()

    assert "Not for us" in ended
    assert ("Half a thought" in lost, "Not for us" in lost) == (True, True)
    assert "No sound" not in lost


def test_reply_begun_before_it_was_resolved_is_offered_where_it_can_be_sent(world):
    ben = world.people["requester"]
    begin(ben, f"reply-{world.ticket}", body="It hums")
    world.stand("resolved")

    assert "It hums</textarea>" in signed_in(ben).get(f"/requests/{world.ticket}/").content.decode()


def test_help_and_facts_are_kept_too(world):
    ben, asha = world.people["requester"], world.people["engineer"]
    begin(ben, "help", kind="request", title="A second monitor")
    begin(asha, f"change-{world.ticket}", title="No sound at all", version="1")
    Ticket.objects.update(version=5)

    asked = signed_in(ben).get("/help/").content.decode()
    facts = signed_in(asha).get(f"/tickets/{world.ticket}/change/").content.decode()

    assert 'value="A second monitor"' in asked
    assert 'value="No sound at all"' in facts
    assert 'name="version" value="1"' in facts


@pytest.mark.parametrize("name", ["x" * 61, "say-INC", "Say-INC-2026-000001", "say-INC-2026-000001-", "1"])
def test_names_that_no_form_has(world, name):
    assert signed_in(world.people["engineer"]).post(f"/drafts/{name}/", {"body": "x"}).status_code == 404


def test_too_long_is_said_and_keeps_what_was_kept(world):
    asha = world.people["engineer"]
    begin(asha, "help", title="x")

    answer = signed_in(asha).post("/drafts/help/", {"title": "x" * 100_001}, **SCRIPT)

    assert answer.status_code == 422
    assert answer.json() == {"said": "This is too long to keep as a draft. Copy it somewhere safe"}
    assert Draft.objects.get().values == {"title": "x"}


def test_the_oldest_of_too_many_goes(world, monkeypatch):
    monkeypatch.setattr(drafts, "MOST", 2)
    for number in range(3):
        reference = f"INC-2026-{number:06}"
        begin(world.people["engineer"], f"say-{reference}", MONDAY + timedelta(hours=number), body="x")

    assert sorted(draft.form for draft in Draft.objects.all()) == [
        "say-INC-2026-000001",
        "say-INC-2026-000002",
    ]


def test_a_month_without_a_word_ends_it(world):
    begin(world.people["engineer"], "help", body="x")
    begin(world.people["requester"], "help", MONDAY + timedelta(days=1), body="x")

    assert drafts.forget_old(MONDAY + timedelta(days=30, seconds=1)) == 1
    assert Draft.objects.get().person == world.people["requester"]


def test_who_else_is_writing_is_said_to_the_desk_alone(world):
    asha, dev, ben = (world.people[name] for name in ("engineer", "assignee", "requester"))
    begin(asha, f"say-{world.ticket}", body="x")
    begin(ben, f"reply-{world.ticket}", body="x")

    assert drafts.others_writing(dev, world.ticket.reference, MONDAY + timedelta(seconds=90)) == [
        "Asha",
        "Ben",
    ]
    assert drafts.others_writing(dev, world.ticket.reference, MONDAY + timedelta(minutes=3)) == []
    Draft.objects.update(saved_at=MONDAY + timedelta(days=20_000))
    say(world.ticket, by=asha, body="x", visibility="public", now=MONDAY)
    for_desk = signed_in(dev).get(f"/tickets/{world.ticket}/comments/new/?seen=0").content.decode()
    for_requester = signed_in(ben).get(f"/tickets/{world.ticket}/comments/new/?seen=0").content.decode()
    assert ("Asha and Ben are writing" in for_desk, "writing on this" in for_requester) == (True, False)


# forms that have a page of their own


def a_task(world) -> Task:
    return add_task(world.ticket, by=world.people["engineer"], title="Order it", team=world.team)


def broken_promise(world) -> Clock:
    clock = world.ticket.clocks.first()
    Clock.objects.filter(pk=clock.pk).update(breached_at=MONDAY)
    return clock


def a_child(world) -> Ticket:
    ben = world.people["requester"]
    child = raise_ticket(by=ben, requester=ben, type="incident", title="Quiet", now=MONDAY)
    return adopt(child, world.ticket, by=world.people["engineer"])


def an_announcement(world) -> Announcement:
    councils = list(Council.objects.all())
    begun = Announcement(kind="outage", title="Printing is down", text="We look at it", starts_at=MONDAY)
    return draft(begun, councils, [], by=world.people["queue manager"])


def of_portal(world, name: str) -> str:
    return reverse(f"portal:{name}", args=[world.ticket.reference])


def of_ticket(form: str):
    return lambda world: f"{form}-{world.ticket}"


TYPED = "Half a thought"
# form: who, its name, and what they have typed
BEGUN = {
    "call": ("engineer", lambda world: "call", {"title": "Quiet", "description": TYPED}),
    "split": ("engineer", of_ticket("split"), {"title": TYPED}),
    "add a task": ("engineer", of_ticket("task"), {"title": "Order it", "detail": TYPED}),
    "change a task": (
        "engineer",
        lambda world: f"change-task-{world.ticket}-{a_task(world).pk}",
        {"title": "Order it", "detail": TYPED, "version": "1"},
    ),
    "end a task": (
        "engineer",
        lambda world: f"end-task-{world.ticket}-{a_task(world).pk}",
        {"outcome": TYPED},
    ),
    "reply to all parts": ("engineer", of_ticket("all"), {"body": TYPED}),
    "priority": ("queue manager", of_ticket("priority"), {"priority": "P1", "reason": TYPED}),
    "why it was late": (
        "queue manager",
        lambda world: f"late-{world.ticket}-{broken_promise(world).pk}",
        {"reason": "other", "note": TYPED},
    ),
    "not approved": ("approver", of_ticket("reject"), {"reason": TYPED}),
    "no longer needed": ("requester", of_ticket("cancel-own"), {"reason": TYPED}),
    "how content": ("requester", of_ticket("content"), {"score": "2", "comment": TYPED}),
    "emergency": ("queue manager", lambda world: "glass", {"reference": "REQ-2026-000001", "reason": TYPED}),
    "show it to more": ("case worker", of_ticket("open"), {"reason": TYPED}),
    "announcement": ("queue manager", lambda world: "announcement", {"title": "Printing", "text": TYPED}),
    "change of an announcement": (
        "queue manager",
        lambda world: f"change-announcement-{an_announcement(world).pk}",
        {"title": "Printing", "text": TYPED, "version": "1"},
    ),
}


def ready(world, form: str) -> None:
    """Bring the ticket where the form is on offer."""
    say(world.ticket, by=world.people["requester"], body="It hums", visibility="public", now=MONDAY)
    if form == "not approved":
        world.stand("waiting_approval", approval_reason="It costs money")
    if form == "how content":
        world.stand("resolved", resolved_at=timezone.now())
    if form == "reply to all parts":
        a_child(world)
    if form == "show it to more":
        restricted(world)


@pytest.mark.parametrize("form", BEGUN)
def test_what_is_begun_on_any_page_is_there_again(world, form):
    ready(world, form)
    who, name_in, typed = BEGUN[form]
    name = name_in(world)
    client = signed_in(world.people[who])
    assert client.post(f"/drafts/{name}/", typed, **SCRIPT).status_code == 200

    page = client.get(drafts.page_of(name), follow=True).content.decode()

    assert (f'data-draft-address="/drafts/{name}/"' in page, "Your draft of " in page) == (True, True)
    assert TYPED in page
    assert TYPED in client.get("/drafts/").content.decode()


SENT = {
    "call": lambda world: (
        "/queue/log/",
        {
            "caller": world.people["requester"].pk,
            "type": "incident",
            "title": "Quiet",
            "stops": "32",
            "sensitivity": "normal",
            "channel": "phone",
            "outcome": "pass_on",
        },
    ),
    "split": lambda world: (
        address(world, "split"),
        {"title": "Another", "comments": [world.ticket.comments.get().pk]},
    ),
    "add a task": lambda world: (address(world, "tasks"), {"title": "Order it", "team": world.team.pk}),
    "reply to all parts": lambda world: (address(world, "children", "reply"), {"body": "We look at it"}),
    "priority": lambda world: (address(world, "priority"), {"priority": "P1", "reason": "The mayor"}),
    "not approved": lambda world: (of_portal(world, "reject"), {"reason": "Too dear"}),
    "no longer needed": lambda world: (of_portal(world, "cancel"), {"reason": "Found one"}),
    "how content": lambda world: (
        of_portal(world, "content"),
        {"score": "2", "comment": "Slow", "version": "0"},
    ),
    "show it to more": lambda world: (
        address(world, "opening"),
        {"way": "shared normal", "reason": "It is over"},
    ),
    "announcement": lambda world: (
        reverse("knowledge:new"),
        {
            "kind": "outage",
            "title": "Printing",
            "text": "It is down",
            "starts_at": "23/11/2026 09:00",
            "councils": [council.pk for council in Council.objects.all()],
        },
    ),
}


@pytest.mark.parametrize("form", SENT)
def test_what_is_sent_from_any_page_is_no_draft_any_more(world, form):
    ready(world, form)
    who, name_in, typed = BEGUN[form]
    begin(world.people[who], name_in(world), **typed)
    where, sent = SENT[form](world)

    answer = signed_in(world.people[who]).post(where, sent)

    assert answer.status_code == 302
    assert not Draft.objects.exists()


def test_list_of_drafts_shows_what_was_written_and_says_what_was_chosen(world):
    asha, ticket = world.people["engineer"], world.ticket
    begin(asha, "call", type="incident", outcome="resolve", title="Quiet")
    begin(asha, f"end-task-{ticket}-1", outcome="Ordered")
    begin(asha, f"late-{ticket}-1", reason="other", note="It was lost")
    begin(asha, f"priority-{ticket}", priority="P1", reason="The mayor")
    begin(asha, f"uplift-{ticket}", uplift="vip")
    begin(
        asha, f"hand_over-{ticket}", team=str(world.team.pk), assignee="999999", note="Yours", children="on"
    )

    told = {each.form: (each.texts, each.chosen) for each in shown(Draft.objects.all(), asha)}

    assert told == {
        "call": (["Quiet"], [("Type", "Incident"), ("What becomes of it", "Resolve now")]),
        f"end-task-{ticket}-1": (["Ordered"], []),
        f"late-{ticket}-1": (["It was lost"], [("Reason", "Something else")]),
        f"priority-{ticket}": (["The mayor"], [("Priority", "P1 critical")]),
        f"uplift-{ticket}": ([], [("What raises it", "A councillor, chief officer or statutory officer")]),
        f"hand_over-{ticket}": (["Yours"], [("Team", "Service desk")]),
    }
    page = signed_in(asha).get("/drafts/").content.decode()
    assert ("What becomes of it: Resolve now" in page, ">vip<" in page) == (True, False)


def test_team_that_the_writer_may_no_longer_see_is_not_named(world):
    ben, secret = world.people["requester"], a_case_group("legal", world.ticket.council)
    begin(ben, f"reply-{world.ticket}", body="x", team=str(secret.pk))

    assert [each.chosen for each in shown(Draft.objects.all(), ben)] == [[]]


def test_what_was_begun_for_all_parts_is_shown_once_no_part_is_open(world):
    asha = world.people["engineer"]
    child = a_child(world)
    begin(asha, f"all-{world.ticket}", body="We look at it")
    assert get(world, "engineer").count("We look at it") == 1
    Ticket.objects.filter(pk=child.pk).update(state="cancelled")

    page = get(world, "engineer")
    assert (page.count("We look at it"), f"/drafts/all-{world.ticket}/discard/" in page) == (1, True)


def said_twice(world) -> list[int]:
    ben = world.people["requester"]
    return [
        say(world.ticket, by=ben, body=body, visibility="public", now=MONDAY).pk
        for body in ("It hums", "It blinks too", "And it smells")
    ]


def ticked(page: str) -> list[int]:
    return [int(key) for key in re.findall(r'name="comments"[^>]*value="([0-9]+)"[^>]* checked', page)]


def test_all_that_was_ticked_for_a_split_is_ticked_again(world):
    asha, (first, second, third) = world.people["engineer"], said_twice(world)
    sent = QueryDict(mutable=True)
    sent.update({"title": "The hum"})
    sent.setlist("comments", [str(first), str(third)])
    drafts.keep(asha, f"split-{world.ticket}", sent)

    page = signed_in(asha).get(address(world, "split")).content.decode()

    assert (ticked(page), "The hum" in page) == ([first, third], True)
    assert second not in ticked(page)


def test_split_from_a_message_on_is_what_its_link_says_whatever_was_begun_before(world):
    asha, (first, second, third) = world.people["engineer"], said_twice(world)
    begin(asha, f"split-{world.ticket}", title="The hum", comments=str(first))

    page = signed_in(asha).get(f"{address(world, 'split')}?from={second}").content.decode()

    assert (ticked(page), "The hum" in page) == ([second, third], True)


def test_words_of_a_sealed_matter_are_their_writers_alone(world):
    ticket = restricted(world)
    for name in (f"say-{ticket}", f"resolve-{ticket}", f"open-{ticket}"):
        begin(world.people["case worker"], name, body="Hush", resolution_note="Hush", reason="Hush")
    officer = world.people["cyber officer"]
    assert break_glass(by=officer, reference=str(ticket), reason="It is urgent")

    for person in Person.objects.exclude(pk=world.people["case worker"].pk):
        client = signed_in(person)
        pages = ("/drafts/", f"/tickets/{ticket}/", f"/requests/{ticket}/", "/api/v1/drafts/")
        found = [page for page in pages if "Hush" in client.get(page).content.decode()]
        assert found == [], person
        assert client.get(f"/api/v1/drafts/say-{ticket}/").status_code == 404
    assert "Hush" in get(world, "case worker")


def test_announcement_that_others_changed_since_it_was_begun_shows_both(world):
    row = an_announcement(world)
    mia = world.people["queue manager"]
    begin(mia, f"change-announcement-{row.pk}", title="Printing", version=str(row.version))
    Announcement.objects.filter(pk=row.pk).update(title="Print is down", version=row.version + 1)

    page = signed_in(mia).get(reverse("knowledge:change", args=[row.pk])).content.decode()

    assert (f'name="version" value="{row.version}"' in page, 'value="Printing"' in page) == (True, True)


def test_reason_begun_before_the_request_changed_can_be_sent_all_the_same(world):
    mia, clock = world.people["queue manager"], broken_promise(world)
    begin(
        mia,
        f"late-{world.ticket}-{clock.pk}",
        reason="other",
        note="It was lost",
        version=str(world.ticket.version),
    )
    read_at = world.ticket.version
    move(world.ticket, "take", by=world.people["assignee"], now=MONDAY)
    client, path, typed = (
        signed_in(mia),
        address(world, "late", str(clock.pk)),
        {"reason": "other", "note": "Lost"},
    )

    begun = client.get(path).content.decode()
    overtaken = client.post(path, {**typed, "version": read_at})
    again = client.post(path, {**typed, "version": version_on(overtaken.content.decode())})

    assert (version_on(begun), "It was lost" in begun) == (read_at + 1, True)
    assert (overtaken.status_code, again.status_code) == (409, 302)
    clock.refresh_from_db()
    assert (clock.breach_note, Draft.objects.exists()) == ("Lost", False)


def version_on(page: str) -> int:
    return int(re.search(r'name="version" value="(\d+)"', page)[1])


def test_taking_a_task_keeps_what_is_begun_of_how_it_ended(world):
    task = a_task(world)
    client = signed_in(world.people["engineer"])
    path = f"/tickets/{world.ticket}/tasks/{task.pk}/moves/"
    begin(world.people["engineer"], f"end-task-{world.ticket}-{task.pk}", outcome="Half a thought")

    kept = []
    for move_made in ({"move": "take"}, {"move": "done", "outcome": "Ordered"}):
        assert client.post(path, move_made).status_code == 302
        kept.append(Draft.objects.exists())

    assert kept == [True, False]


def test_call_of_which_two_callers_were_kept_is_begun_without_one(world):
    asha = world.people["engineer"]
    sent = QueryDict(mutable=True)
    sent.setlist("caller", ["1", "2"])
    sent["title"] = "Half a thought"
    drafts.keep(asha, "call", sent)

    page = signed_in(asha).get("/queue/log/")

    assert (page.status_code, "Half a thought" in page.content.decode()) == (200, True)


def test_what_was_unticked_stays_unticked(world):
    asha, mia = world.people["engineer"], world.people["queue manager"]
    first, row = a_task(world), an_announcement(world)
    second = add_task(world.ticket, by=asha, title="Deliver it", team=world.team, after=[first])
    forms = {
        asha: (f"change-task-{world.ticket}-{second.pk}", "after"),
        mia: (f"change-announcement-{row.pk}", "councils"),
    }
    ticked = {}
    for person, (name, field) in forms.items():
        for begun in (False, True):
            if begun:
                begin(person, name, title="Half a thought")
            page = signed_in(person).get(drafts.page_of(name)).content.decode()
            ticked[field, begun] = len(re.findall(rf'<input[^>]*name="{field}"[^>]* checked', page))

    assert ticked == {
        ("after", False): 1,
        ("after", True): 0,
        ("councils", False): Council.objects.count(),
        ("councils", True): 0,
    }

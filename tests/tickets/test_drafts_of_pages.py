"""What is begun in any form that has a page of its own is there again, and no draft any more once it is sent."""

import re

import pytest
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from servicedesk.knowledge.announcing import draft
from servicedesk.knowledge.models import Announcement
from servicedesk.people.models import Council
from servicedesk.tickets import drafts
from servicedesk.tickets.linking import adopt
from servicedesk.tickets.models import Clock, Draft, Task, Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.tasking import add_task
from servicedesk.tickets.workflow import move
from tests.tickets.test_drafts import SCRIPT, begin, world
from tests.tickets.test_ticket_page import address, get, signed_in
from tests.tickets.world import MONDAY, restricted

pytestmark = pytest.mark.django_db
__all__ = ["world"]


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


def test_what_was_begun_for_all_parts_is_shown_once_no_part_is_open(world):
    asha = world.people["engineer"]
    child = a_child(world)
    begin(asha, f"all-{world.ticket}", body="We look at it")
    assert get(world, "engineer").count("We look at it") == 1
    Ticket.objects.filter(pk=child.pk).update(state="cancelled")

    page = get(world, "engineer")
    assert (page.count("We look at it"), f"/drafts/all-{world.ticket}/discard/" in page) == (1, True)

"""The pages of tasks, ties, splits and merges: who is shown what, and what becomes of what they send."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from servicedesk.tickets.linking import add_link, adopt
from servicedesk.tickets.merging import merge
from servicedesk.tickets.models import Link, Task, Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.tasking import add_task, move_task
from tests.factories import a_requester, a_ticket
from tests.tickets.world import MONDAY, a_world, restricted

pytestmark = pytest.mark.django_db
RESTRICTED = "restricted record"


@pytest.fixture
def world():
    return a_world()


def client(world, who: str) -> Client:
    signed_in = Client()
    signed_in.force_login(world.people[who])
    return signed_in


def get(world, who: str, ticket: Ticket, *more: str, status: int = 200, **query) -> str:
    response = client(world, who).get("/".join(["/tickets", ticket.reference, *more, ""]), query)
    assert response.status_code == status
    return text_of(response)


def post(world, who: str, ticket: Ticket, *more: str, status: int = 302, **data) -> str:
    response = client(world, who).post("/".join(["/tickets", ticket.reference, *more, ""]), data)
    assert response.status_code == status, text_of(response)
    return text_of(response)


def text_of(response) -> str:
    words = re.sub(r"<[^>]*>", " ", response.content.decode())
    return re.sub(r"\s+", " ", words).replace("&#x27;", "'").replace("&#39;", "'")


def second_of(world, **fields) -> Ticket:
    ben = world.people["requester"]
    return raise_ticket(by=ben, requester=ben, type="incident", title="Quiet", now=MONDAY, **fields)


def test_task_is_added_taken_ordered_and_done_by_page(world):
    ticket = world.ticket
    post(world, "engineer", ticket, "tasks", title="Order", team=world.team.pk)
    post(
        world, "engineer", ticket, "tasks", title="Deliver", team=world.team.pk, after=[Task.objects.get().pk]
    )
    order, deliver = Task.objects.order_by("position")
    assert deliver.state == "waiting"

    post(world, "engineer", ticket, "tasks", str(order.pk), "moves", move="take", version=1)
    said = post(
        world, "engineer", ticket, "tasks", str(order.pk), "moves", status=422, move="done", version=2
    )
    assert "Enter what was done" in said
    post(
        world, "engineer", ticket, "tasks", str(order.pk), "moves", move="done", version=2, outcome="Ordered"
    )
    post(world, "engineer", ticket, "tasks", str(deliver.pk), "order", to="up")

    shown = get(world, "engineer", ticket)
    assert shown.index("Deliver") < shown.index("Ordered")
    assert list(Task.objects.order_by("position").values_list("title", "state")) == [
        ("Deliver", "open"),
        ("Order", "done"),
    ]


def test_changing_a_task_over_a_newer_version_shows_what_stands_there(world):
    task = add_task(world.ticket, by=world.people["engineer"], title="Order", team=world.team)
    edited = {"title": "Order two", "team": world.team.pk}
    post(world, "engineer", world.ticket, "tasks", str(task.pk), "change", version=1, **edited)
    edited["title"] = "Order three"
    said = post(
        world, "assignee", world.ticket, "tasks", str(task.pk), "change", status=409, version=1, **edited
    )
    assert "Asha changed this to “Order two” on" in said
    assert (
        'value="2"'
        in client(world, "assignee")
        .post(f"/tickets/{world.ticket}/tasks/{task.pk}/change/", {"version": 1, **edited})
        .content.decode()
    )
    post(world, "assignee", world.ticket, "tasks", str(task.pk), "change", version=2, **edited)
    assert Task.objects.get().title == "Order three"


def test_task_that_somebody_of_the_firm_has_stays_theirs_when_it_is_called_otherwise(world):
    sue = world.people["supplier contact"]
    task = add_task(world.ticket, by=world.people["engineer"], title="Repair", team=world.firm)
    move_task(task, "take", by=sue)
    page = client(world, "engineer").get(f"/tickets/{world.ticket}/tasks/{task.pk}/change/").content.decode()
    assert re.search(rf'<option value="{sue.pk}"\s+selected', page)

    edited = {"title": "Repair it", "team": world.firm.pk, "assignee": sue.pk}
    post(world, "engineer", world.ticket, "tasks", str(task.pk), "change", version=2, **edited)

    assert Task.objects.values_list("title", "assignee").get() == ("Repair it", sue.pk)


def test_list_of_tasks_is_the_persons_and_their_teams_and_what_they_may_see(world):
    asha, dev = world.people["engineer"], world.people["assignee"]
    for title, assignee in (("Hers", asha), ("His", dev), ("Anybody's", None)):
        add_task(world.ticket, by=asha, title=title, team=world.team, assignee=assignee)
    done = add_task(world.ticket, by=asha, title="Over", team=world.team)
    move_task(done, "done", by=asha, outcome="x")

    shown = text_of(client(world, "engineer").get("/tasks/"))
    assert ("Hers" in shown, "Anybody's" in shown, "His" in shown, "Over" in shown) == (
        True,
        True,
        False,
        False,
    )
    assert "Anybody's" not in text_of(client(world, "engineer").get("/tasks/?mine=true"))
    restricted(world)
    for who in ("engineer", "requester"):
        assert "Nothing is to be done" in text_of(client(world, who).get("/tasks/"))


def test_list_of_tasks_asks_no_more_for_many(world):
    def queries() -> int:
        asked_by = client(world, "engineer")
        with CaptureQueriesContext(connection) as asked:
            assert asked_by.get("/tasks/").status_code == 200
        return len(asked)

    counts = []
    for number in range(3):
        add_task(world.ticket, by=world.people["engineer"], title=f"T{number}", team=world.team)
        counts.append(queries())
    assert counts[0] == counts[2]


@pytest.mark.parametrize("who", ["requester", "stranger", "asset manager", "supplier contact"])
def test_task_is_no_page_for_who_may_not_see_it(world, who):
    task = add_task(world.ticket, by=world.people["engineer"], title="Order", team=world.team)
    for more in ((), ("change",)):
        get(world, who, world.ticket, "tasks", str(task.pk), *more, status=404)
    post(world, who, world.ticket, "tasks", str(task.pk), "moves", status=404, move="take")
    post(world, who, world.ticket, "tasks", str(task.pk), "order", status=404, to="up")


def test_task_is_under_its_own_ticket_alone(world):
    task = add_task(world.ticket, by=world.people["engineer"], title="Order", team=world.team)
    get(world, "engineer", second_of(world), "tasks", str(task.pk), status=404)


def test_child_names_its_parent_only_to_who_sees_that(world):
    parent = a_ticket(world.people["requester"], sharing="own_council", title="Election")
    dev = world.people["assignee"]
    adopt(world.ticket, parent, by=dev)
    assert parent.reference in get(world, "assignee", world.ticket)
    shown = get(world, "engineer", world.ticket)
    assert "Part of A restricted record" in shown
    assert parent.reference not in shown and "Election" not in shown


def test_parent_neither_names_nor_counts_children_that_are_hidden(world):
    dev = world.people["assignee"]
    hidden = [a_ticket(world.people["requester"], sharing="own_council", title="Election") for _ in range(2)]
    for child in hidden:
        adopt(child, world.ticket, by=dev)
    shown = get(world, "engineer", world.ticket)
    assert "There are restricted records too." in shown
    assert "Election" not in shown and not any(child.reference in shown for child in hidden)
    assert "2 open children" not in shown and "2 open children" in get(world, "assignee", world.ticket)
    said = post(world, "engineer", world.ticket, "moves", "resolve", status=409, **world.given("resolve"))
    assert "has an open record that you cannot see" in said


def test_link_is_named_only_to_who_sees_the_other_and_taken_away_by_nobody_else(world):
    other = a_ticket(world.people["requester"], sharing="own_council", title="Election")
    link = add_link(other, world.ticket, "caused_by", by=world.people["assignee"])
    assert f"Cause of: {other.reference}" in get(world, "assignee", world.ticket)
    shown = get(world, "engineer", world.ticket)
    assert "Cause of: a restricted record" in shown
    assert other.reference not in shown and "Election" not in shown
    post(world, "engineer", world.ticket, "links", str(link.pk), "end", status=403)
    post(world, "assignee", world.ticket, "links", str(link.pk), "end")
    assert Link.objects.get().ended_at is not None
    post(world, "assignee", second_of(world), "links", str(link.pk), "end", status=404)


@pytest.mark.parametrize(
    ("how", "tied"),
    [
        ("relates", ("links", "relates")),
        ("caused_by", ("links", "caused_by")),
        ("causes", ("links_here", "caused_by")),
        ("blocks", ("links", "blocks")),
        ("blocked_by", ("links_here", "blocks")),
    ],
)
def test_tickets_are_tied_by_reference(world, how, tied):
    other = second_of(world)
    post(world, "engineer", world.ticket, "links", other=other.reference.lower(), how=how)
    name, kind = tied
    assert list(getattr(world.ticket, name).values_list("kind", flat=True)) == [kind]


def test_parent_and_child_are_tied_by_page_and_parted_again(world):
    other = second_of(world)
    post(world, "engineer", world.ticket, "links", other=other.reference, how="parent")
    other.refresh_from_db()
    assert other.parent == world.ticket
    post(world, "engineer", other, "parent", "end")
    post(world, "engineer", other, "links", other=world.ticket.reference, how="child")
    other.refresh_from_db()
    assert other.parent == world.ticket
    said = post(world, "engineer", world.ticket, "links", status=422, other=other.reference, how="child")
    assert f"{other} is part of {world.ticket}, so it cannot be its parent" in said


@pytest.mark.parametrize("page", ["links", "merge"])
def test_picker_finds_what_the_person_may_see_and_nothing_else(world, page):
    eve = a_requester(world.ticket.council, name="Eve")
    seen, hidden = (
        raise_ticket(by=eve, requester=eve, type="incident", title="Projector", now=MONDAY) for _ in range(2)
    )
    Ticket.objects.filter(pk=hidden.pk).update(sharing="own_council")
    shown = get(world, "engineer", world.ticket, page, q="projector")
    assert seen.reference in shown and hidden.reference not in shown
    unknown = get(world, "engineer", world.ticket, page, q="nowhere")
    assert "No request that you can see holds these words." in unknown


@pytest.mark.parametrize(
    ("page", "given"), [("links", {"how": "relates"}), ("merge", {})], ids=["links", "merge"]
)
def test_reference_of_a_hidden_ticket_is_refused_like_that_of_none(world, page, given):
    hidden = a_ticket(world.people["requester"], sharing="own_council")
    said = [
        post(world, "engineer", world.ticket, page, status=422, other=reference, **given).replace(
            reference, ""
        )
        for reference in (hidden.reference, "INC-2026-999999")
    ]
    assert said[0] == said[1]
    assert "Enter the reference of another request that you can see" in said[0]


def test_merge_is_previewed_by_name_and_then_done(world):
    dev = world.people["assignee"]
    own = raise_ticket(by=dev, requester=dev, type="incident", title="Mine too", now=MONDAY)
    shown = get(world, "engineer", own, "merge", other=world.ticket.reference)
    for said in (
        f"{own} ends and goes on as {world.ticket}",
        f"Dev : what they write on {own} is written on {world.ticket}.".replace(" :", ":"),
        f"Dev hears of replies on {world.ticket} from now on, and Ben and Eve can read there what Dev writes.",
        "Nobody is sent a message about this.",
    ):
        assert said in shown.replace("  ", " ")
    assert Ticket.objects.get(pk=own.pk).merged_into is None
    post(world, "engineer", own, "merge", other=world.ticket.reference, version=own.version)
    assert Ticket.objects.get(pk=own.pk).merged_into == world.ticket


def test_merge_that_would_show_too_much_is_refused_beforehand_and_when_sent(world):
    stu = world.people["stranger"]
    others = raise_ticket(by=stu, requester=stu, type="incident", title="Other", now=MONDAY)
    sentence = f"Stu would be answered on {world.ticket}, which Ben asked for and Stu may not see."
    shown = get(world, "engineer", others, "merge", other=world.ticket.reference)
    assert "This cannot be" in shown and sentence in shown
    said = post(world, "engineer", others, "merge", status=409, other=world.ticket.reference)
    assert sentence in said


def merged(world) -> Ticket:
    source = second_of(world)
    say(source, by=world.people["requester"], body="Twice broken", visibility="public")
    merge(source, world.ticket, by=world.people["engineer"])
    return Ticket.objects.get(pk=source.pk)


def test_page_of_the_target_shows_the_source_and_its_words(world):
    source = merged(world)
    shown = get(world, "engineer", world.ticket)
    assert f"Merged into this: {source.reference}: Quiet" in shown
    assert "Twice broken" in shown and f"From the requester, on {source}" in shown
    assert "First reply: ended by the merge" in shown


def test_page_of_the_source_says_where_it_went_and_is_taken_back(world):
    source = merged(world)
    assert f"This goes on as {world.ticket}: No sound" in get(world, "engineer", source)
    post(world, "engineer", source, "comments", visibility="internal", body="A note")
    post(world, "engineer", source, "merge", "undo")
    shown = get(world, "engineer", source)
    assert f"This was part of {world.ticket}" in shown and "A note" in shown
    assert Ticket.objects.get(pk=source.pk).state == "new"
    post(world, "engineer", source, "merge", "undo", status=404)


def test_source_does_not_name_a_target_that_the_person_may_not_see(world):
    source = merged(world)
    Ticket.objects.filter(pk=world.ticket.pk).update(sharing="own_council", title="Election")
    shown = get(world, "engineer", source)
    assert "This goes on as a restricted record." in shown
    assert world.ticket.reference not in shown and "Election" not in shown


def test_target_says_nothing_of_a_source_that_the_person_may_not_see(world):
    source = merged(world)
    Ticket.objects.filter(pk=source.pk).update(sharing="own_council")
    shown = get(world, "engineer", world.ticket)
    assert source.reference not in shown and "Twice broken" not in shown


def test_requester_is_led_from_the_source_to_the_target_and_answers_there(world):
    source = merged(world)
    ben = client(world, "requester")
    shown = text_of(ben.get(f"/requests/{source}/"))
    assert "Joined with another request" in shown and f"We joined this with {world.ticket}" in shown
    assert ben.post(f"/requests/{source}/reply/", {"body": "Any news?"}).status_code == 302
    assert world.ticket.comments.get().body == "Any news?"
    assert "Twice broken" in text_of(ben.get(f"/requests/{world.ticket}/"))


def test_children_are_resolved_along_by_choice(world):
    world.stand("in_progress")
    child = second_of(world)
    adopt(child, world.ticket, by=world.people["engineer"])
    assert "Resolve its 1 open child as well" in get(world, "engineer", world.ticket)
    given = world.given("resolve")
    post(world, "engineer", world.ticket, "moves", "resolve", status=409, **given)
    post(world, "engineer", world.ticket, "moves", "resolve", children="on", **given)
    assert set(Ticket.objects.values_list("state", flat=True)) == {"resolved"}


def test_reply_to_all_parts(world):
    child = second_of(world)
    adopt(child, world.ticket, by=world.people["engineer"])
    post(world, "engineer", world.ticket, "children", "reply", status=422, body=" ")
    post(world, "engineer", world.ticket, "children", "reply", body="We look at it")
    assert (child.comments.get().body, world.ticket.comments.count()) == ("We look at it", 0)


def test_split_by_page_from_something_said_on(world):
    said = [
        say(world.ticket, by=world.people["requester"], body=body, visibility="public", now=MONDAY).pk
        for body in ("First", "My phone", "It is black")
    ]
    page = client(world, "engineer").get(f"/tickets/{world.ticket}/split/?from={said[1]}").content.decode()
    assert len(re.findall(r"<input[^>]*checkbox[^>]*checked", page)) == 2
    post(world, "engineer", world.ticket, "split", title="Phone", comments=said[1:])
    new = Ticket.objects.get(title="Phone")
    assert "My phone" in new.description and "First" not in new.description
    assert f"Has to do with: {world.ticket}" in get(world, "engineer", new)


@pytest.mark.parametrize("page", ["tasks", "links", "split", "merge"])
@pytest.mark.parametrize(("who", "status"), [("requester", 403), ("stranger", 404), ("approver", 404)])
def test_who_does_not_work_on_the_ticket_has_no_such_page(world, page, who, status):
    get(world, who, world.ticket, page, status=status)


def test_history_tells_nothing_of_what_is_hidden(world):
    hidden = a_ticket(world.people["requester"], sharing="own_council", title="Election")
    dev = world.people["assignee"]
    adopt(hidden, world.ticket, by=dev)
    add_link(world.ticket, hidden, "relates", by=dev)
    assert hidden.reference in get(world, "assignee", world.ticket)
    shown = get(world, "engineer", world.ticket)
    assert hidden.reference not in shown
    assert "Dev" not in shown.split("History")[-1]

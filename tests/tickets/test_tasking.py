"""Tasks: what waits for what, who does them, who sees them, and what history and the ticket keep of it."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from servicedesk.history.models import Change
from servicedesk.tickets.models import Merge, Task, Ticket
from servicedesk.tickets.rights import is_its_supplier, may_read_notes
from servicedesk.tickets.states import MoveRefused, StaleTicket
from servicedesk.tickets.tasking import (
    add_task,
    after_which,
    change_task,
    move_task,
    moves_of,
    shift_task,
)
from servicedesk.tickets.workflow import move
from tests.factories import a_ticket
from tests.tickets.world import MONDAY, a_world, restricted

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return a_world()


def add(world, title: str, who: str = "engineer", **fields) -> Task:
    given = {"team": world.team, **fields}
    return add_task(world.ticket, by=world.people[who], title=title, now=MONDAY, **given)


def do(world, task: Task, name: str, who: str = "engineer", **given) -> Task:
    return move_task(task, name, by=world.people[who], now=MONDAY, **given)


def states(world) -> dict[str, str]:
    return dict(world.ticket.tasks.order_by("position").values_list("title", "state"))


def test_task_that_comes_after_others_begins_by_itself_when_the_last_of_them_ends(world):
    order, account = add(world, "Order"), add(world, "Account")
    add(world, "Deliver", after=[order, account])
    assert states(world) == {"Order": "open", "Account": "open", "Deliver": "waiting"}

    do(world, order, "done", outcome="Ordered")
    assert states(world) == {"Order": "done", "Account": "open", "Deliver": "waiting"}
    do(world, account, "not_needed", outcome="Has one")
    assert states(world) == {"Order": "done", "Account": "cancelled", "Deliver": "open"}


def test_task_waits_again_when_one_before_it_is_opened_again(world):
    order = add(world, "Order")
    add(world, "Deliver", after=[order])
    ended = do(world, order, "done", outcome="Ordered")
    do(world, ended, "reopen")
    assert states(world) == {"Order": "open", "Deliver": "waiting"}


def test_tasks_never_wait_for_themselves(world):
    first = add(world, "First")
    second = add(world, "Second", after=[first])
    third = add(world, "Third", after=[second])
    assert [task.title for task in after_which(world.ticket, second)] == ["First"]
    for after in ([third], [first]):
        with pytest.raises(ValidationError) as refused:
            change_task(first, by=world.people["engineer"], version=first.version, after=after)
        assert refused.value.message_dict == {
            "after": ["Choose tasks of this request that do not wait for this one."]
        }


def test_task_of_another_ticket_cannot_come_before(world):
    other = a_ticket(world.people["requester"])
    elsewhere = add_task(other, by=world.people["engineer"], title="Elsewhere", team=world.team)
    with pytest.raises(ValidationError):
        add(world, "Here", after=[elsewhere])


def test_ending_a_task_says_how(world):
    task = add(world, "Order")
    for name, sentence in (("done", "Enter what was done"), ("not_needed", "Enter why it is not needed")):
        with pytest.raises(ValidationError) as refused:
            do(world, task, name, outcome=" ")
        assert refused.value.message_dict == {"outcome": [sentence]}
    done = do(world, task, "done", outcome=" Ordered ")
    assert (done.state, done.outcome, done.ended_at, done.version) == ("done", "Ordered", MONDAY, 2)


def test_task_that_waits_is_not_done(world):
    later = add(world, "Later", after=[add(world, "First")])
    with pytest.raises(MoveRefused, match="“Later” is waiting for another task, so “Done” is not possible."):
        do(world, later, "done", outcome="Done")


def test_taking_what_somebody_has(world):
    task = do(world, add(world, "Order"), "take")
    assert task.assignee == world.people["engineer"]
    with pytest.raises(MoveRefused, match="Asha has this task"):
        do(world, task, "take", who="assignee")


def test_saving_over_a_newer_version(world):
    task = add(world, "Order")
    changed = change_task(task, by=world.people["engineer"], version=1, title="Order two")
    assert (changed.title, changed.version) == ("Order two", 2)
    with pytest.raises(StaleTicket):
        change_task(task, by=world.people["assignee"], version=1, title="Order three")
    with pytest.raises(StaleTicket):
        do(world, task, "done", outcome="x", version=1)


def test_order_is_changed_by_exchanging_neighbours(world):
    for title in ("A", "B", "C"):
        add(world, title)
    by = world.people["engineer"]
    shift_task(Task.objects.get(title="C"), by=by, up=True)
    shift_task(Task.objects.get(title="A"), by=by, up=True)
    assert list(states(world)) == ["A", "C", "B"]
    shift_task(Task.objects.get(title="A"), by=by, up=False)
    assert list(states(world)) == ["C", "A", "B"]
    assert list(world.ticket.tasks.order_by("position").values_list("position", flat=True)) == [1, 2, 3]


def test_cancelling_the_ticket_calls_off_what_was_to_be_done(world):
    order = add(world, "Order")
    add(world, "Deliver", after=[order])
    do(world, order, "done", outcome="Ordered")
    add(world, "Tell")
    move(world.ticket, "cancel", by=world.people["queue manager"], reason="Gone", now=MONDAY)
    assert list(world.ticket.tasks.order_by("position").values_list("state", "outcome")) == [
        ("done", "Ordered"),
        ("cancelled", "Gone"),
        ("cancelled", "Gone"),
    ]
    with pytest.raises(MoveRefused, match="has ended, and its tasks with it"):
        add(world, "More")


def test_every_deed_is_told_in_history(world):
    order = add(world, "Order")
    deliver = add(world, "Deliver", after=[order])
    do(world, order, "done", outcome="Ordered")
    told = [
        (change.fields["task"][2], change.fields["task"][3])
        for change in Change.objects.filter(kind="tickets.ticket", object_id=world.ticket.pk).order_by("id")
        if "task" in change.fields
    ]
    assert told == [
        ("", "Order (Service desk): To do"),
        ("", "Deliver (Service desk): Waiting for another task"),
        ("Order (Service desk): To do", "Order (Service desk): Done"),
        ("Deliver (Service desk): Waiting for another task", "Deliver (Service desk): To do"),
    ]
    kept = Change.objects.filter(kind="tickets.task", object_id=deliver.pk).order_by("id")
    assert [list(change.fields) for change in kept][1:] == [["after"], ["state"]]


@pytest.mark.parametrize("who", ["requester", "affected person", "stranger", "asset manager", "approver"])
def test_who_does_not_work_on_the_ticket_neither_sees_nor_does_its_tasks(world, who):
    task, person = add(world, "Order"), world.people[who]
    assert not Task.objects.visible_to(person).exists()
    assert moves_of(person, task) == []
    with pytest.raises(PermissionDenied):
        do(world, task, "take", who=who)
    with pytest.raises(PermissionDenied):
        add(world, "Mine", who=who)


def test_supplier_sees_and_does_the_tasks_of_its_own_firm_alone(world):
    world.stand("waiting_supplier")
    own, desk = add(world, "Repair", team=world.firm), add(world, "Call")
    sue, oz = world.people["supplier contact"], world.people["other supplier's contact"]
    assert list(Task.objects.visible_to(sue)) == [own]
    assert not Task.objects.visible_to(oz).exists()
    assert do(world, do(world, own, "take", who="supplier contact"), "done", "supplier contact", outcome="x")
    for person, task in ((sue, desk), (oz, own)):
        with pytest.raises(PermissionDenied):
            move_task(task, "take", by=person)


def test_task_of_a_firm_gives_it_no_sight_of_the_ticket(world):
    world.stand("in_progress", supplier_team=None)
    task = add(world, "Repair", team=world.firm)
    sue = world.people["supplier contact"]
    assert not Task.objects.visible_to(sue).exists()
    assert not Ticket.objects.visible_to(sue).exists()
    with pytest.raises(PermissionDenied):
        move_task(task, "take", by=sue)


def test_task_of_a_sealed_ticket_is_its_case_groups_alone(world):
    task = add(world, "Order")
    restricted(world)
    seen = [who for who, person in world.people.items() if Task.objects.visible_to(person).exists()]
    assert seen == ["case worker"]
    with pytest.raises(ValidationError):
        change_task(task, by=world.people["case worker"], version=1, team=world.team)


@pytest.mark.parametrize("stand", ["shared", "own_council", "hr", "cyber", "with a firm"])
def test_tasks_are_seen_by_whoever_reads_the_notes_and_by_the_firm_that_has_it(world, stand):
    firms = add(world, "Repair", team=world.firm)
    if stand == "own_council":
        world.stand("new", sharing="own_council")
    elif stand == "with a firm":
        world.stand("waiting_supplier")
    elif stand != "shared":
        restricted(world, stand)
    world.ticket.refresh_from_db()

    for who, person in world.people.items():
        sees_ticket = Ticket.objects.visible_to(person).exists()
        reads = sees_ticket and (
            may_read_notes(person, world.ticket)
            or is_its_supplier(person, world.ticket)
            and person.memberships.filter(team=world.firm).exists()
        )
        assert Task.objects.visible_to(person).filter(pk=firms.pk).exists() == bool(reads), who


def test_who_is_given_a_task_is_told_when_it_can_begin(world, settings):
    settings.TICKET_NEWS = ["tests.tickets.test_tasking.hear"]
    heard.clear()
    order = add(world, "Order")
    add(world, "Deliver", after=[order])
    do(world, order, "done", outcome="Ordered")
    assert heard == [("task_given", "Order"), ("task_given", "Deliver")]


heard: list[tuple[str, str]] = []


def hear(event, ticket, *, by, now, task, **facts):
    heard.append((event, task.title))


def test_tasks_of_what_was_merged_keep_the_other_from_being_resolved(world):
    add(world, "Order")
    target = a_ticket(world.people["requester"], state="in_progress")
    world.stand("cancelled", merged_into=target)
    Merge.objects.create(source=world.ticket, target=target, by=world.people["engineer"], at=MONDAY)
    with pytest.raises(MoveRefused, match="has 1 open task. End it first."):
        move(target, "resolve", by=world.people["engineer"], **world.given("resolve"))
    do(world, Task.objects.get(), "done", outcome="Ordered")
    assert move(target, "resolve", by=world.people["engineer"], **world.given("resolve")).state == "resolved"

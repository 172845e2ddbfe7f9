"""Where tasks stand: which may begin, what is still to be done on a ticket, and what ends with it.

Every function here runs inside the transaction of a deed that holds the ticket.
"""

from collections.abc import Iterable
from datetime import datetime

from servicedesk.history.models import ChangeSet
from servicedesk.history.recording import record, snapshot
from servicedesk.tickets.entries import enter
from servicedesk.tickets.models import Task, Ticket
from servicedesk.tickets.news import tell

S = Task.State
ENDED = (S.DONE, S.CANCELLED)


def tasks_of(ticket: Ticket) -> list[Task]:
    """The tasks of a ticket in their order, with what they point at and wait for."""
    return list(
        ticket.tasks.select_related("team", "assignee").prefetch_related("after").order_by("position")
    )


def told(task: Task) -> tuple[int, str]:
    """A task as its ticket's history tells it."""
    return task.pk, f"{task.title} ({task.assignee or task.team}): {task.get_state_display()}"


def store(deed: ChangeSet, ticket: Ticket, task: Task, **fields) -> Task:
    """Write fields of a task as it was read, record them, and tell them in its ticket's history."""
    then, said = snapshot([task]), told(task)
    Task.objects.filter(pk=task.pk).update(version=task.version + 1, **fields)
    task = Task.objects.select_related("team", "assignee").get(pk=task.pk)
    record(deed, [task], then)
    enter(deed, ticket, "task", said, told(task))
    return task


def set_going(deed: ChangeSet, ticket: Ticket, *, by, now: datetime) -> None:
    """Let each task that waits for nothing any more begin, and each that does wait."""
    tasks = tasks_of(ticket)
    ended = {task.pk for task in tasks if task.state in ENDED}
    for task in tasks:
        due = S.OPEN if {each.pk for each in task.after.all()} <= ended else S.WAITING
        if task.pk not in ended and task.state != due:
            task = store(deed, ticket, task, state=due)
            if due == S.OPEN:
                tell("task_given", ticket, by=by, now=now, task=task)


def call_off(deed: ChangeSet, ticket: Ticket, reason: str, now: datetime) -> None:
    """What was still to be done on a ticket that has ended unfinished need not be done."""
    for task in tasks_of(ticket):
        if task.state not in ENDED:
            store(deed, ticket, task, state=S.CANCELLED, outcome=reason, ended_at=now)


def goes_round(afters: dict[int, Iterable[int]], task: int) -> bool:
    """Whether a task would wait, through others, for itself; `afters` says what each waits for."""
    reached: set[int] = set()
    ahead = set(afters.get(task, ()))
    while ahead:
        if task in ahead:
            return True
        reached |= ahead
        ahead = {further for each in ahead for further in afters.get(each, ())} - reached
    return False

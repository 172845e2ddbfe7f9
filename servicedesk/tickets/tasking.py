"""Dividing the work on a ticket into tasks: adding, changing and ordering them, and doing them.

A ticket's tasks change one deed at a time, because each deed holds the ticket.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Max
from django.utils import timezone

from servicedesk.history.models import Change, ChangeSet
from servicedesk.history.recording import Entry, change_set, record, record_entries, snapshot
from servicedesk.people.access import teams_of
from servicedesk.people.models import Person, Team
from servicedesk.tickets.choices import engineers_for, teams_for
from servicedesk.tickets.editing import own_edits
from servicedesk.tickets.entries import NOTHING, enter
from servicedesk.tickets.joined import root_of
from servicedesk.tickets.models import Task, Ticket
from servicedesk.tickets.news import tell
from servicedesk.tickets.referring import check_given
from servicedesk.tickets.rights import is_its_supplier, may_work
from servicedesk.tickets.states import MoveRefused, StaleTicket
from servicedesk.tickets.task_states import ENDED, goes_round, set_going, store, told
from servicedesk.tickets.workflow import locked

S = Task.State
MOST_TASKS = 100


@dataclass(frozen=True)
class TaskMove:
    """From where, the words on the button, and what must be written."""

    words: str
    sources: tuple[str, ...]
    needs_outcome: str = ""


TASK_MOVES = {
    "take": TaskMove("Take", (S.WAITING, S.OPEN)),
    "done": TaskMove("Done", (S.OPEN,), "Enter what was done"),
    "not_needed": TaskMove("Not needed", (S.WAITING, S.OPEN), "Enter why it is not needed"),
    "reopen": TaskMove("Open again", ENDED),
}


def may_do(person, task: Task) -> bool:
    """Whether the person may take and end the task: whoever works on its ticket, and its own firm."""
    ticket = task.ticket
    return may_work(person, ticket) or (is_its_supplier(person, ticket) and task.team_id in teams_of(person))


def moves_of(person, task: Task) -> list[str]:
    """The names of what the person could do with the task as it stands, where its ticket has not ended."""
    if not may_do(person, task):
        return []
    mine = task.assignee_id == person.pk
    return [
        name
        for name, step in TASK_MOVES.items()
        if task.state in step.sources and not (mine and name == "take")
    ]


def add_task(
    ticket: Ticket,
    *,
    by: Person,
    title: str,
    team: Team,
    detail: str = "",
    assignee: Person | None = None,
    after: Collection[Task] = (),
    now: datetime | None = None,
) -> Task:
    """Add a task, the last in order. One that comes `after` others waits until they have ended.

    Raises PermissionDenied, MoveRefused where the ticket has ended, or ValidationError by field.
    """
    now = now or timezone.now()
    with change_set(by=by, now=now) as deed:
        ticket = _opened(ticket, by)
        last = ticket.tasks.aggregate(last=Max("position"))["last"] or 0
        if ticket.tasks.count() >= MOST_TASKS:
            raise MoveRefused(f"{ticket} has {MOST_TASKS} tasks already. Divide it into several requests.")
        fields = {"title": title, "detail": detail, "team": team, "assignee": assignee}
        _check(ticket, fields, after)
        check_given(ticket, team, by, now)
        waits = any(task.state not in ENDED for task in after)
        task = Task.objects.create(
            ticket=ticket,
            position=last + 1,
            state=S.WAITING if waits else S.OPEN,
            created_at=now,
            **_stripped(fields),
        )
        task.after.set(after)
        record(deed, [task])
        enter(deed, ticket, "task", NOTHING, told(task))
        _enter_order(deed, ticket, task, [], after)
        if task.state == S.OPEN:
            tell("task_given", ticket, by=by, now=now, task=task)
    return task


def change_task(
    task: Task,
    *,
    by: Person,
    version: int,
    after: Collection[Task] | None = None,
    now: datetime | None = None,
    **fields: Any,
) -> Task:
    """Correct a task: its title, detail, team or assignee, and which others it comes `after`.

    What others changed since it was read at `version` is kept, where it is not the same; but whoever has it and cannot
    do it for another team that it goes to has it no more. Raises PermissionDenied, MoveRefused, editing.Clash or
    StaleTicket, or ValidationError.
    """
    now = now or timezone.now()
    with change_set(by=by, now=now) as deed:
        ticket = _opened(task.ticket, by, owed=task.due_at is not None)
        task = _fresh(task, None)
        given = _stripped(fields) | ({} if after is None else {"after": list(after)})
        given, _ = own_edits(task, version, given, by=by)
        if task.state in ENDED:
            raise MoveRefused("This task has ended. Open it again to change it.")
        before = list(task.after.all())
        after = given.pop("after", before)
        _check(ticket, {"team": task.team, **given}, after, task)
        team = given.get("team", task.team)
        if team != task.team and task.assignee and not _can_do(task.assignee, ticket, team):
            given = {"assignee": None, **given}
        changed = {name: new for name, new in given.items() if getattr(task, name) != new}
        if "team" in changed:
            check_given(ticket, changed["team"], by, now)
        if not changed and set(after) == set(before):
            return task
        task = store(deed, ticket, task, **changed)
        if set(after) != set(before):
            task.after.set(after)
            _enter_order(deed, ticket, task, before, after)
            set_going(deed, ticket, by=by, now=now)
            task.refresh_from_db()
        if task.state == S.OPEN and {"team", "assignee"} & changed.keys():
            tell("task_given", ticket, by=by, now=now, task=task)
    return task


def move_task(
    task: Task,
    name: str,
    *,
    by: Person,
    version: int | None = None,
    outcome: str = "",
    now: datetime | None = None,
) -> Task:
    """Take a task, end it, or open it again. What waited for it alone begins by itself, or waits again.

    Raises PermissionDenied, MoveRefused, StaleTicket, or ValidationError where nothing is said of how it ended.
    """
    now, step = now or timezone.now(), TASK_MOVES[name]
    with change_set(by=by, reason=outcome.strip(), now=now) as deed:
        ticket = _opened(task.ticket, by, task)
        task = _fresh(task, version)
        if task.state not in step.sources:
            standing = task.get_state_display().lower()
            raise MoveRefused(f"“{task.title}” is {standing}, so “{step.words}” is not possible.")
        if step.needs_outcome and not outcome.strip():
            raise ValidationError({"outcome": step.needs_outcome})
        task = store(deed, ticket, task, **_effect(name, task, by, outcome, now))
        if name != "take":
            set_going(deed, ticket, by=by, now=now)
        task.refresh_from_db()
        if name == "reopen" and task.state == S.OPEN:
            tell("task_given", ticket, by=by, now=now, task=task)
    return task


def _effect(name: str, task: Task, by: Person, outcome: str, now: datetime) -> dict[str, Any]:
    """The fields that a move changes."""
    if name == "take":
        if task.assignee_id not in (None, by.pk):
            raise MoveRefused(f"{task.assignee} has this task. Change whose it is to take it on.")
        return {"assignee": by}
    if name == "reopen":
        return {"state": S.OPEN, "outcome": "", "ended_at": None}
    state = S.DONE if name == "done" else S.CANCELLED
    return {"state": state, "outcome": outcome.strip(), "ended_at": now}


def shift_task(task: Task, *, by: Person, up: bool, now: datetime | None = None) -> None:
    """Exchange a task with the one before it, or after it; the first and the last stay where they are.

    Its version stays the same, because nothing of what people write in it changes.
    """
    with change_set(by=by, now=now) as deed:
        ticket = _opened(task.ticket, by)
        task = Task.objects.select_related("team", "assignee", "ticket").get(pk=task.pk)
        others = ticket.tasks.select_related("team", "assignee", "ticket")
        other = (
            others.filter(position__lt=task.position).last()
            if up
            else others.filter(position__gt=task.position).first()
        )
        if other is None:
            return
        before = snapshot([task, other])
        # No two may have one position, even for a moment.
        Task.objects.filter(pk=other.pk).update(position=0)
        Task.objects.filter(pk=task.pk).update(position=other.position)
        Task.objects.filter(pk=other.pk).update(position=task.position)
        task.position, other.position = other.position, task.position
        record(deed, [task, other], before)


def after_which(ticket: Ticket, task: Task | None = None) -> list[Task]:
    """The tasks of the ticket that this one could come after without waiting for itself."""
    tasks = list(ticket.tasks.prefetch_related("after").order_by("position"))
    afters = _afters(tasks)
    if task is None:
        return tasks
    return [
        each
        for each in tasks
        if each.pk != task.pk and not goes_round({**afters, task.pk: [each.pk]}, task.pk)
    ]


def _opened(ticket: Ticket, by: Person, task: Task | None = None, *, owed: bool = False) -> Ticket:
    """The ticket, held, for whoever may do this to it; refused where it has ended, by itself or with what it joined.

    A call-back is `owed` although the ticket has ended.
    """
    ticket = locked(ticket)
    if task:
        task.ticket = ticket
    if not (may_do(by, task) if task else may_work(by, ticket)):
        raise PermissionDenied("You need the right to work on this request.")
    if not root_of(ticket).is_open and not (owed or (task and task.due_at)):
        raise MoveRefused(f"{ticket} has ended, and its tasks with it.")
    return ticket


def _fresh(task: Task, version: int | None) -> Task:
    task = Task.objects.select_related("team", "assignee", "ticket").get(pk=task.pk)
    if version is not None and version != task.version:
        raise StaleTicket(f"“{task.title}” was changed while you were looking at it.")
    return task


def _check(ticket: Ticket, fields: dict[str, Any], after: Collection[Task], task: Task | None = None) -> None:
    """Raises ValidationError by field for what a task of this ticket cannot have."""
    problems: dict[str, str] = {}
    team, assignee = fields.get("team"), fields.get("assignee")
    if "title" in fields and not fields["title"].strip():
        problems["title"] = "Enter what is to be done"
    if team and not teams_for(ticket).filter(pk=team.pk).exists():
        problems["team"] = "Choose a team that works for this council."
    if assignee and not _can_do(assignee, ticket, team):
        problems["assignee"] = "Choose somebody who may work on this."
    if not {each.pk for each in after} <= {each.pk for each in after_which(ticket, task)}:
        problems["after"] = "Choose tasks of this request that do not wait for this one."
    if problems:
        raise ValidationError(problems)


def _can_do(person: Person, ticket: Ticket, team: Team | None) -> bool:
    """Who can be given a task: whoever can be given the ticket, and the people of a firm that has the task."""
    of_firm = team and team.kind == Team.Kind.SUPPLIER and team.pk in teams_of(person)
    return bool(of_firm) or engineers_for(ticket).filter(pk=person.pk).exists()


def _stripped(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value.strip() if isinstance(value, str) else value for name, value in fields.items()}


def _afters(tasks: Collection[Task]) -> dict[int, list[int]]:
    return {task.pk: [each.pk for each in task.after.all()] for task in tasks}


def _enter_order(
    deed: ChangeSet, ticket: Ticket, task: Task, before: Collection[Task], after: Collection[Task]
) -> None:
    """History tells which tasks this one comes after: its own, and its ticket's."""
    if before or after:
        (old, old_words), (new, new_words) = _named(before), _named(after)
        told_of_task = {"after": [old, new, old_words, new_words]}
        entry = Entry(task.pk, str(task), ticket.council_id, Change.Action.UPDATE, told_of_task, task.version)
        record_entries(deed, Task, [entry])
        enter(
            deed, ticket, "task_order", (old, old_words), (new, f"{task.title}, after: {new_words or 'none'}")
        )


def _named(tasks: Collection[Task]) -> tuple[list[int] | None, str]:
    return [task.pk for task in tasks] or None, ", ".join(task.title for task in tasks)

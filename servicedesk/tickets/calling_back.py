"""Calling back whoever was not content: a task of the team that had the request, within one working day."""

from datetime import datetime

from django.db.models import Max

from servicedesk.history.models import ChangeSet
from servicedesk.history.recording import record
from servicedesk.people.models import Team
from servicedesk.service_levels.working_time import due
from servicedesk.tickets.entries import NOTHING, enter
from servicedesk.tickets.grace import WORKING_DAY, desk_hours
from servicedesk.tickets.models import Satisfaction, Task, Ticket
from servicedesk.tickets.news import tell
from servicedesk.tickets.routing import team_for
from servicedesk.tickets.task_states import told

CONTENT_FROM = 3


def owe_call_back(deed: ChangeSet, ticket: Ticket, answer: Satisfaction, *, by, now: datetime) -> Task | None:
    """Give the ticket's team the task to call back, inside the deed of the answer: once for a ticket.

    It is due one working day of the council's desk after the answer. None where whoever answered is content, or
    nobody had the ticket.
    """
    team = _team_of(ticket, now)
    if answer.score >= CONTENT_FROM or team is None or ticket.tasks.exclude(due_at=None).exists():
        return None
    last = ticket.tasks.aggregate(last=Max("position"))["last"] or 0
    task = Task.objects.create(
        ticket=ticket,
        position=last + 1,
        title=f"Call {by} back: score {answer.score} of 5",
        detail=answer.comment,
        team=team,
        created_at=now,
        due_at=due(desk_hours(ticket.council_id), now, WORKING_DAY),
    )
    record(deed, [task])
    enter(deed, ticket, "task", NOTHING, told(task))
    tell("task_given", ticket, by=by, now=now, task=task)
    return task


def _team_of(ticket: Ticket, now: datetime) -> Team | None:
    """Whose matter it was: of a sealed ticket its case group's, else its team's, or that which it would have had."""
    return ticket.case_group or ticket.team or team_for(ticket.council, ticket.service, now)

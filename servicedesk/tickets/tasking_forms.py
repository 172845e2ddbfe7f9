"""What is filled in about a task."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Q

from servicedesk.forms import Form, put_beside
from servicedesk.history.merging import in_words
from servicedesk.people.models import Person, Team
from servicedesk.tickets.choices import engineers_for, teams_for
from servicedesk.tickets.editing import Clash
from servicedesk.tickets.forms import EngineerField, TeamField, long_text, told_of
from servicedesk.tickets.models import Task, Ticket
from servicedesk.tickets.tasking import after_which


class TaskForm(Form):
    """A task of a ticket: a new one, or one to change, as it was read at `version`."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    title = forms.CharField(
        label="What is to be done", max_length=200, error_messages={"required": "Enter what is to be done"}
    )
    detail = long_text("Details", required=False)
    team = TeamField(
        Team.objects.none(),
        label="Team",
        help_text="A firm sees its tasks only while the request is with it.",
    )
    assignee = EngineerField(Person.objects.none(), label="Person", required=False, empty_label="Nobody yet")
    after = forms.ModelMultipleChoiceField(
        Task.objects.none(), label="After which tasks", required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self,
        ticket: Ticket,
        data=None,
        *,
        task: Task | None = None,
        begun: Mapping[str, Any] | None = None,
    ):
        stands = _as_it_is(task) if task else {"team": ticket.team_id}
        super().__init__(data, initial={**stands, **(begun or {})})
        before = after_which(ticket, task)
        held = task.team_id if task else None
        self.fields["team"].give(teams_for(ticket), ticket.council, kept=held)
        people = engineers_for(ticket)
        if task and task.assignee_id:
            # Whoever has it stays on offer: somebody of the firm, or who has left since.
            people = Person.objects.filter(Q(pk__in=people.values("pk")) | Q(pk=task.assignee_id))
        self.fields["assignee"].queryset = people
        self.fields["after"].queryset = Task.objects.filter(pk__in=[each.pk for each in before])
        self.fields["after"].label_from_instance = lambda each: each.title
        if not before:
            del self.fields["after"]

    def given(self) -> dict[str, Any]:
        """What was filled in, as `tasking` takes it."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return {**given, "after": list(given.get("after", ()))}

    def clashed(self, clash: Clash) -> list[tuple[str, str, str]]:
        """Put what was typed against the task as it is now, so that saving again overwrites nothing unseen.

        Returns what both changed: name, typed, and what stands there now.
        """
        put_beside(self, clash.mine, _as_it_is(clash.row))
        return told_of(self, clash, _words)


def _words(name: str, value: Any) -> str:
    if name == "after":
        value = [each.title for each in (value.all() if hasattr(value, "all") else value)]
    return in_words(value) or "Nothing"


def _as_it_is(task: Task) -> dict[str, Any]:
    return {
        "version": task.version,
        "title": task.title,
        "detail": task.detail,
        "team": task.team_id,
        "assignee": task.assignee_id,
        "after": [each.pk for each in task.after.all()],
    }


class TaskMoveForm(Form):
    """What is done with a task, as it was read at `version`, and how it ended."""

    move = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)
    outcome = long_text("What was done, or why it is not needed", required=False)
    marks_optional = False

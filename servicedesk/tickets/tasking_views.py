"""The pages of tasks: those of a ticket, and those of a person and their teams."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.datastructures import MultiValueDict
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from servicedesk.forms import Form
from servicedesk.history.merging import save_beside
from servicedesk.lists.keyset import keyset_page
from servicedesk.lists.showing import CURSOR, page_addresses
from servicedesk.people.access import open_door
from servicedesk.people.requests import SignedInRequest
from servicedesk.tickets import drafts, tasking
from servicedesk.tickets.editing import Clash
from servicedesk.tickets.forms import add_errors
from servicedesk.tickets.linking_views import sent, worked_on
from servicedesk.tickets.models import How, Task
from servicedesk.tickets.rights import may_work
from servicedesk.tickets.sight import open_ticket, write_down_titles
from servicedesk.tickets.states import MoveRefused, StaleTicket
from servicedesk.tickets.tasking_forms import TaskForm, TaskMoveForm

READ_OR_SENT = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def tasks(request: SignedInRequest) -> HttpResponse:
    """What is still to be done by the person, and by their teams where nobody has it, the oldest first."""
    mine = request.GET.get("mine") == "true"
    found = Task.objects.visible_to(request.user).open().given_to(request.user)
    found = found.filter(assignee=request.user) if mine else found
    shown = found.select_related("ticket__council", "team", "assignee")
    page = keyset_page(shown, ("created_at", "id"), request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    write_down_titles(request.user, (task.ticket for task in page.rows), How.LIST)
    context = {"rows": page.rows, "mine": mine, "previous": previous, "next": following}
    return render(request, "tickets/tasks.html", context)


@READ_OR_SENT
def add(request: SignedInRequest, reference: str) -> HttpResponse:
    """Add a task to a ticket."""
    ticket = worked_on(request, reference)
    name = f"task-{reference}"
    draft = drafts.draft_of(request.user, name)
    form = TaskForm(ticket, sent(request), begun=drafts.begun(draft))

    def deed() -> HttpResponse:
        task = tasking.add_task(ticket, by=request.user, **form.given())
        drafts.forget(request.user, name)
        messages.success(request, f"Added: {task.title}")
        return redirect("tickets:ticket", reference)

    shown = {"ticket": ticket, "task": None, "draft_name": name, "draft": draft}
    return _page(request, "tickets/task_form.html", form, deed, shown)


@require_safe
def task(request: SignedInRequest, reference: str, pk: int) -> HttpResponse:
    """A task, and what can be done with it."""
    return render(request, "tickets/task.html", _shown(request, _task(request, reference, pk)))


@READ_OR_SENT
def change(request: SignedInRequest, reference: str, pk: int) -> HttpResponse:
    """Correct a task. What others changed meanwhile is kept; where it is the same, both values are shown."""
    task = _task(request, reference, pk)
    if not may_work(request.user, task.ticket):
        raise PermissionDenied("You need the right to work on this request.")
    name = f"change-task-{reference}-{pk}"
    draft = drafts.draft_of(request.user, name)
    begun = drafts.begun(draft, several=["after"])
    form = TaskForm(task.ticket, sent(request), task=task, begun=begun)

    def deed() -> HttpResponse:
        version = form.cleaned_data["version"] or task.version
        given = form.given()
        saved = save_beside(tasking.change_task, task, by=request.user, version=version, **given)
        drafts.forget(request.user, name)
        others = f". {saved.meanwhile}" if saved.meanwhile else ""
        messages.success(request, f"Saved: {saved.row.title}{others}")
        return redirect("tickets:task", reference, pk)

    shown = {"ticket": task.ticket, "task": task, "draft_name": name, "draft": draft}
    return _page(request, "tickets/task_form.html", form, deed, shown)


@require_POST
def move(request: SignedInRequest, reference: str, pk: int) -> HttpResponse:
    """Take a task, end it, or open it again."""
    task = _task(request, reference, pk)
    form = TaskMoveForm(request.POST)
    name = request.POST.get("move", "")
    if name not in tasking.TASK_MOVES:
        raise Http404
    if not tasking.may_do(request.user, task):
        raise PermissionDenied("You need the right to work on this request.")

    shown = _shown(request, task)

    def deed() -> HttpResponse:
        given = {"version": form.cleaned_data["version"], "outcome": form.cleaned_data["outcome"]}
        moved = tasking.move_task(task, name, by=request.user, **given)
        if tasking.TASK_MOVES[name].needs_outcome:
            drafts.forget(request.user, shown["draft_name"])
        messages.success(request, f"{moved.title}: {moved.get_state_display().lower()}.")
        return redirect("tickets:ticket", reference)

    return _page(request, "tickets/task.html", form, deed, shown)


@require_POST
def shift(request: SignedInRequest, reference: str, pk: int) -> HttpResponse:
    """Move a task up or down by one."""
    task = _task(request, reference, pk)
    try:
        tasking.shift_task(task, by=request.user, up=request.POST.get("to") == "up")
    except MoveRefused as refused:
        messages.error(request, str(refused))
    return redirect("tickets:ticket", reference)


def _task(request: SignedInRequest, reference: str, pk: int) -> Task:
    """The task that the person may see; that a sealed ticket was read by it is written down."""
    ticket = open_ticket(request.user, reference, How.PAGE)
    seen = Task.objects.select_related("team", "assignee", "ticket__council", "ticket__case_group")
    return open_door(request.user, seen, ticket=ticket, pk=pk)


def _shown(request: SignedInRequest, task: Task) -> dict:
    name = f"end-task-{task.ticket.reference}-{task.pk}"
    draft = drafts.draft_of(request.user, name)
    return {
        "ticket": task.ticket,
        "task": task,
        "after": task.after.order_by("position"),
        "moves": tasking.moves_of(request.user, task),
        "may_change": may_work(request.user, task.ticket),
        "form": TaskMoveForm(initial={**drafts.begun(draft), "version": task.version}),
        "draft_name": name,
        "draft": draft,
    }


def _page(
    request: SignedInRequest, template: str, form: Any, deed: Callable[[], HttpResponse], shown: dict
) -> HttpResponse:
    """Do what was sent; or show the form, with a sentence where it could not be done and all that was typed."""
    status, disagreements = 422 if form.is_bound else 200, []
    if form.is_valid():
        try:
            return deed()
        except ValidationError as error:
            add_errors(form, error)
        except Clash as clash:
            disagreements, status = form.clashed(clash), 409
        except MoveRefused as refused:
            form.add_error(None, str(refused))
            status = 409
            if isinstance(refused, StaleTicket):
                _measure_anew(form, shown["task"])
    return render(request, template, {**shown, "form": form, "disagreements": disagreements}, status=status)


def _measure_anew(form: Form, task: Task) -> None:
    """What stands there now is said, and the next sending is measured against it, so that sending again is enough."""
    task.refresh_from_db()
    form.data = MultiValueDict({**dict(form.data.lists()), "version": [task.version]})  # type: ignore[attr-defined]
    now = f"It now says: {task.title}, {task.assignee or task.team}, {task.get_state_display().lower()}."
    form.add_error(None, now)

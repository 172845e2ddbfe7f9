"""Mail that did not go, for administrators: to whom, of what kind, when and why not. What it says they never see."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from servicedesk.lists.keyset import keyset_page
from servicedesk.lists.showing import CURSOR, page_addresses
from servicedesk.notifications.events import EVENTS
from servicedesk.notifications.models import Message
from servicedesk.notifications.trying import give_up, try_again
from servicedesk.people.access import open_door, require
from servicedesk.people.models import Person
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission

OVERDUE, SHOWN_FOR = timedelta(minutes=10), timedelta(days=30)
PRIVATE, SOMEBODY = "case", "Somebody in a case group"
"""Mail about private requests: whose it is would tell whose matters a case group has in hand."""
NEWEST = ("-created_at", "-id")
State = Message.State


def unsent(person: Person, now: datetime) -> QuerySet[Message]:
    """What did not go of the councils that the person administers: given up of late, tried in vain, or overdue."""
    given_up = Q(state=State.FAILED, ended_at__gt=now - SHOWN_FOR)
    tried = Q(state=State.WAITING, attempts__gt=0)
    overdue = Q(state__in=(State.WAITING, State.SENDING), next_try_at__lt=now - OVERDUE)
    return Message.objects.visible_to(person).filter(given_up | tried | overdue)


def stop_trying(message: Message, now: datetime) -> bool:
    """Give up a message. False where it is being sent or has ended.

    Raises PermissionDenied for what people are always told of, and for what a case group is: no administrator keeps
    that from them.
    """
    if not _may_stop(message):
        raise PermissionDenied("People are always told of this, so it is tried again until it goes.")
    return give_up(message, now)


def shown(message: Message) -> dict[str, Any]:
    """What an administrator may know of a message."""
    return {
        "id": message.pk,
        "person": SOMEBODY if message.event == PRIVATE else message.person.display_name,
        "event": EVENTS[message.event].words,
        "state": message.state,
        "state_words": message.get_state_display(),
        "created_at": message.created_at,
        "attempts": message.attempts,
        "next_try_at": message.next_try_at if message.ended_at is None else None,
        "problem": message.problem,
        "optional": _may_stop(message),
    }


def _may_stop(message: Message) -> bool:
    return EVENTS[message.event].optional and message.event != PRIVATE


@require_safe
def messages_list(request: SignedInRequest) -> HttpResponse:
    """Mail that did not go."""
    require(request.user, Permission.ADMINISTER)
    rows = unsent(request.user, timezone.now()).select_related("person")
    page = keyset_page(rows, NEWEST, request.GET.get(CURSOR, ""))
    previous, following = page_addresses(request.GET, page)
    listed = {"messages": [shown(row) for row in page.rows], "previous": previous, "next": following}
    return render(request, "administration/messages.html", {"listed": listed})


@require_POST
def send_again(request: SignedInRequest, pk: int) -> HttpResponseRedirect:
    """Try once more, as though it had just been written."""
    message = open_door(request.user, Message.objects, pk=pk)
    if try_again(message, timezone.now()):
        messages.success(request, "It is tried again within a minute.")
    else:
        messages.info(request, "It has been sent, or is being sent now.")
    return redirect("sending:messages")


@require_POST
def abandon(request: SignedInRequest, pk: int) -> HttpResponseRedirect:
    """Stop trying."""
    message = open_door(request.user, Message.objects, pk=pk)
    if stop_trying(message, timezone.now()):
        messages.success(request, "It is given up, and not tried again.")
    else:
        messages.info(request, "It has ended already, or is being sent now.")
    return redirect("sending:messages")

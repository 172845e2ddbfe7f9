"""Making two tickets of one that is about two things."""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from servicedesk import wording
from servicedesk.catalogue.models import Service
from servicedesk.history.recording import change_set
from servicedesk.people.models import Person
from servicedesk.tickets.conversation import publish, readable_by
from servicedesk.tickets.entries import tie
from servicedesk.tickets.linking import make_link
from servicedesk.tickets.models import Comment, Link, Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.rights import may_work
from servicedesk.tickets.states import MoveRefused
from servicedesk.tickets.workflow import locked
from servicedesk.wording import counted

PUBLIC, INTERNAL = Comment.Visibility.PUBLIC, Comment.Visibility.INTERNAL


def split(
    ticket: Ticket, *, by: Person, title: str, comments: Sequence[int], now: datetime | None = None
) -> Ticket:
    """Make a new ticket of the same requester from what was said, given by its keys. Returns the new one.

    It is shared or sealed as the first one is. What was said in public is quoted in the description, and what was not
    is an internal note on the new ticket, so that nobody reads more than before; files stay where they are. Both
    tickets are linked, and nothing is taken from the first.

    Raises PermissionDenied, MoveRefused, or ValidationError by field.
    """
    now = now or timezone.now()
    with change_set(by=by, now=now) as deed:
        ticket = locked(ticket)
        if not may_work(by, ticket):
            raise PermissionDenied("You need the right to work on this request.")
        if ticket.merged_into_id:
            raise MoveRefused("A request that was merged goes on as another. Split that one.")
        chosen = _chosen(ticket, by, title, comments)
        new = raise_ticket(
            by=by,
            requester=ticket.requester,
            type=ticket.type,
            title=title,
            description=_quoted([each for each in chosen if each.visibility == PUBLIC]),
            service=_still_offered(ticket),
            impact=ticket.impact,
            urgency=ticket.urgency,
            sensitivity=ticket.sensitivity,
            channel=ticket.channel,
            affected_person=ticket.affected_person,
            site=ticket.site,
            split_from=ticket,
            now=now,
        )
        private = _quoted([each for each in chosen if each.visibility != PUBLIC])
        if private:
            publish(new, by=by, body=private, visibility=INTERNAL, now=now)
        make_link(deed, new, ticket, Link.Kind.RELATES, by=by, now=now)
        tie(deed, ticket, "split", new, f"{new} was split off")
        tie(deed, new, "split", ticket, f"Split off from {ticket}")
    return new


def _chosen(ticket: Ticket, by: Person, title: str, comments: Sequence[int]) -> list[Comment]:
    problems = {} if title.strip() else {"title": "Enter the summary of the new request"}
    chosen = list(
        readable_by(by, ticket).filter(pk__in=comments).select_related("author").order_by("at", "id")
    )
    if not chosen or len(chosen) < len(set(comments)):
        problems["comments"] = "Choose what was said about the new request"
    if problems:
        raise ValidationError(problems)
    return chosen


def _quoted(comments: Sequence[Comment]) -> str:
    """What was said, each by whom and when; its files are named by number alone."""
    return "\n\n".join(
        f"{comment.author or 'The system'} wrote on {wording.moment(comment.at)}:\n{comment.body}{_files(comment)}"
        for comment in comments
    )


def _files(comment: Comment) -> str:
    files = comment.attachments.count()
    return f"\n({counted(files, 'file')} came with this, and stayed with the first request.)" if files else ""


def _still_offered(ticket: Ticket) -> Service | None:
    offered = Service.objects.offered_to(ticket.council_id)
    return offered.filter(pk=ticket.service_id).first() if ticket.service_id else None

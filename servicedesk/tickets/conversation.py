"""What is said on a ticket: replies, internal notes, notes to a supplier. Nothing said is edited."""

from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Max, Prefetch, Q
from django.http import Http404

from servicedesk.files.models import StoredFile
from servicedesk.history.recording import change_set, record
from servicedesk.people.access import teams_of
from servicedesk.people.models import Team
from servicedesk.tickets import clocks
from servicedesk.tickets.attaching import Files, attach
from servicedesk.tickets.models import Attachment, Comment, Ticket, TicketState
from servicedesk.tickets.rights import is_its_requester, is_its_supplier, may_read_notes, may_work
from servicedesk.tickets.states import MoveRefused


class SaidMeanwhile(MoveRefused):
    """Somebody said something that the person had not seen when they began to write.

    `comments` are what was said, `elsewhere` those of them that were said on another ticket than the person's own page.
    """

    def __init__(self, comments: list[Comment], ticket: Ticket, changed: str = ""):
        self.comments = comments
        self.elsewhere = [each for each in comments if each.ticket_id != ticket.pk]
        names = _joined(str(each.author or "The system") for each in comments)
        where = f" on {_joined(str(each.ticket) for each in comments)}" if self.elsewhere else ""
        written = f"{names} wrote{where} since you began. Read it first, then send yours if it still fits."
        super().__init__(f"{written} {changed}".strip())


def _joined(words: Iterable[str]) -> str:
    return " and ".join(dict.fromkeys(words))


def readable_by(person, *tickets: Ticket):
    """The comments on tickets, which the person may see, that the person may also read."""
    whole: list[int] = []
    of_firm: list[int] = []
    others: list[int] = []
    for ticket in tickets:
        if may_read_notes(person, ticket):
            whole.append(ticket.pk)
        else:
            (of_firm if is_its_supplier(person, ticket) else others).append(ticket.pk)
    public = Q(visibility=Comment.Visibility.PUBLIC)
    own_firm = Q(visibility=Comment.Visibility.SUPPLIER, supplier_team__in=teams_of(person))
    rules = ((whole, Q()), (of_firm, public | own_firm), (others, public))
    # However many tickets there are, there are three rules: a database takes no chain of a thousand.
    asked = (Q(ticket__in=keys) & rule for keys, rule in rules if keys)
    return Comment.objects.filter(reduce(or_, asked, Q(pk__in=[])))


def files_readable_by(person, ticket: Ticket):
    """The files on a ticket, which the person may see, that came with what the person may also read."""
    readable = readable_by(person, ticket).values("pk")
    return Attachment.objects.filter(comment__in=readable).select_related("stored_file", "comment__ticket")


def open_file(person, ticket: Ticket, pk: int) -> StoredFile:
    """One of those files, or 404: the same for one that the person may not have as for none."""
    found = files_readable_by(person, ticket).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found.stored_file


def arrived_since(person, seen: int, *tickets: Ticket):
    """What others said on these tickets, and the person may read, after the comment of that number."""
    return readable_by(person, *tickets).filter(pk__gt=seen).exclude(author=person)


def newest_said(person, *tickets: Ticket) -> int:
    """The number of the newest comment on these tickets that the person may read, 0 where there is none."""
    return readable_by(person, *tickets).aggregate(newest=Max("pk"))["newest"] or 0


def check_seen(person, seen: int | None, ticket: Ticket, *others: Ticket, changed: str = "") -> None:
    """Raises SaidMeanwhile where others said on these tickets what the person may read and had not before them.

    `seen` is the number of the newest comment that they had (0 where there was none); None asks for nothing. Of what
    the person may not read nothing is told. Every deed that sends words asks here. What was `changed` beside is said
    in the same breath, because whoever sends again sends against all of it.
    """
    arrived = [] if seen is None else list(with_files(arrived_since(person, seen, ticket, *others)))
    if arrived:
        raise SaidMeanwhile(arrived, ticket, changed)


def with_files(comments):
    """Comments with their authors and files, asked for at once."""
    files = Prefetch("attachments", Attachment.objects.select_related("stored_file"))
    return comments.select_related("author", "supplier_team", "ticket__requester").prefetch_related(files)


def supplier_of(ticket: Ticket) -> Team | None:
    """The supplier that the ticket is or was with."""
    holds = ticket.team and ticket.team.kind == Team.Kind.SUPPLIER
    return ticket.team if holds and ticket.state != TicketState.WAITING_SUPPLIER else ticket.supplier_team


def enclose(ticket: Ticket, *, by, files: Files, now: datetime) -> Comment:
    """Keep the files that came with a request itself. They are no word of anybody's: nobody has replied by them."""
    with change_set(by=by, now=now) as deed:
        public = Comment.Visibility.PUBLIC
        comment = Comment.objects.create(ticket=ticket, author=by, visibility=public, body="", at=now)
        record(deed, [comment])
        attach(comment, files, by=by, now=now)
    return comment


def publish(ticket: Ticket, *, by, body: str, visibility: str, now: datetime, files: Files = ()) -> Comment:
    """Add what somebody said and the files that came with it, whose right to say it has been checked.

    The first public word of a person of the desk to the requester keeps the promise of a reply.
    """
    with change_set(by=by, now=now) as deed:
        comment = Comment.objects.create(
            ticket=ticket,
            author=by,
            visibility=visibility,
            supplier_team=supplier_of(ticket) if visibility == Comment.Visibility.SUPPLIER else None,
            body=body.strip(),
            at=now,
        )
        record(deed, [comment])
        attach(comment, files, by=by, now=now)
        latest: dict = {"last_comment_at": now, "last_comment_by": by}
        if (
            visibility == Comment.Visibility.PUBLIC
            and not is_its_requester(by, ticket)
            and may_work(by, ticket)
        ):
            if ticket.first_response_at is None:
                ticket.first_response_at = latest["first_response_at"] = now
            clocks.replied(ticket, by=by, now=now)
        Ticket.objects.filter(pk=ticket.pk).update(**latest)
    return comment

"""How far each person has read each ticket, and what is new to them since."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Case, DateTimeField, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from servicedesk.people.access import councils_of, teams_of
from servicedesk.people.roles import Permission
from servicedesk.tickets.models import Comment, ReadMark, Ticket


def read_to(person, ticket: Ticket) -> datetime | None:
    """How far the person has read; None when they have never opened it."""
    mark = ReadMark.objects.filter(person=person, ticket=ticket).first()
    return mark and mark.read_to


def mark_read(person, ticket: Ticket, before: datetime | None) -> None:
    """The person has read the ticket as it was loaded; `before` is what `read_to` says.

    What was said while the page was made is later than the row was read, and stays new.
    """
    now_to = ticket.last_comment_at or ticket.logged_at
    if before is None or before < now_to:
        ReadMark.objects.bulk_create(
            [ReadMark(person=person, ticket=ticket, read_to=now_to)],
            update_conflicts=True,
            unique_fields=["person", "ticket"],
            update_fields=["read_to"],
        )


def marks_of(person, tickets: Iterable[int]) -> dict[int, datetime]:
    """How far the person has read each of these tickets, by key; one that they never opened is left out."""
    marks = ReadMark.objects.filter(person=person, ticket__in=tickets)
    return dict(marks.values_list("ticket_id", "read_to"))


def is_new(said_at: datetime | None, said_by: int | None, mark: datetime | None, person) -> bool:
    """Whether a ticket whose last word was said then and by whom is new to the person; their own word never is."""
    if mark is None:
        return said_by is None or said_by != person.pk
    return said_at is not None and said_at > mark and said_by != person.pk


def reads_every_note(person) -> bool:
    """Whether the last word on a ticket that the person lists is theirs to read, whatever it is."""
    return bool(councils_of(person, Permission.SEE_SHARED_TICKETS))


def last_words(person, tickets: Iterable[int]) -> dict[int, Comment]:
    """The last that was said on each ticket, by key, for who reads no internal note."""
    own_firm = Q(visibility=Comment.Visibility.SUPPLIER, supplier_team__in=teams_of(person))
    readable = Comment.objects.filter(Q(visibility=Comment.Visibility.PUBLIC) | own_firm)
    newest = readable.filter(ticket=OuterRef("ticket")).order_by("-id").values("pk")[:1]
    last = readable.filter(ticket__in=tickets, pk=Subquery(newest)).select_related("author")
    return {comment.ticket_id: comment for comment in last}


def with_new_replies(person, tickets):
    """Requests, each with `new_reply`: whether somebody answered in public what the person has not yet read."""
    mark = ReadMark.objects.filter(person=person, ticket=OuterRef(OuterRef("pk"))).values("read_to")
    since = Coalesce(Subquery(mark), OuterRef("logged_at"), output_field=DateTimeField())
    replies = Comment.objects.filter(
        ~Q(author=person), ticket=OuterRef("pk"), visibility=Comment.Visibility.PUBLIC, at__gt=since
    )
    # Most requests have had no word since they were read, which their own row says.
    quiet = Q(last_comment_at=None) | Q(last_comment_by=person)
    return tickets.annotate(new_reply=Case(When(quiet, then=Value(False)), default=Exists(replies)))

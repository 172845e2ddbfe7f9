"""How far each person has read each ticket, and what is new to them since."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Case, DateTimeField, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce

from servicedesk.people.access import councils_of, teams_of
from servicedesk.people.roles import Permission
from servicedesk.tickets.models import Comment, ReadMark, Ticket

READ_TO_THE_END = """
    SELECT mark.ticket_id FROM tickets_readmark mark JOIN tickets_ticket ticket ON ticket.id = mark.ticket_id
    WHERE (ticket.last_comment_at IS NULL OR ticket.last_comment_at <= mark.read_to)
    AND mark.person_id = %s AND mark.ticket_id"""


def read_to(person, ticket: Ticket) -> datetime | None:
    """How far the person has read; None when they have never opened it."""
    marks = ReadMark.objects.filter(person=person, ticket=ticket)
    return marks.values_list("read_to", flat=True).first()


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


def unread(person, tickets: Iterable[Any], words: Mapping[int, Comment] | None) -> set[int]:
    """Which of the rows of a list are new to the person, by key. Their own word never is.

    `words` are the last words that the person may read, where that is not whatever was said last (`last_words`).
    """
    rows = {ticket.id: ticket for ticket in tickets}
    if words is None:
        spoke = {key for key, ticket in rows.items() if ticket.last_comment_by_id == person.pk}
        return rows.keys() - spoke - _read_to_the_end(person, list(rows))
    marks = dict(ReadMark.objects.filter(person=person, ticket__in=rows).values_list("ticket_id", "read_to"))
    return {key for key in rows if _is_new(words.get(key), marks.get(key), person)}


def _is_new(word: Comment | None, mark: datetime | None, person) -> bool:
    if mark is None or word is None:
        return mark is None and not (word and word.author_id == person.pk)
    return word.at > mark and word.author_id != person.pk


def _read_to_the_end(person, keys: list[int]) -> set[int]:
    """The tickets that the person has opened since the last word. Each page of the queue asks it, and asks it by hand:
    what the database answers at once would cost six times as much to put into words.
    """
    if not keys:
        return set()
    places = ", ".join(["%s"] * len(keys))
    with connection.cursor() as cursor:
        cursor.execute(f"{READ_TO_THE_END} IN ({places})", [person.pk, *keys])
        return {key for (key,) in cursor.fetchall()}


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

"""What was said on a ticket, as pages show it: who can read each word, what is new, which of it is folded away."""

from datetime import datetime
from typing import NamedTuple

from servicedesk.tickets import wording
from servicedesk.tickets.conversation import supplier_of, with_files
from servicedesk.tickets.models import Attachment, Comment, How, Ticket
from servicedesk.tickets.readers import Sentences, readers, readers_of
from servicedesk.tickets.reading import read_to
from servicedesk.tickets.rights import may_read_notes
from servicedesk.tickets.weaving import woven

NEWEST_SHOWN = 10


class Said(NamedTuple):
    """One thing said: whom it was for, who can read it, and whether the person has read it."""

    comment: Comment
    title: str
    readers: str
    is_new: bool
    files: list[Attachment]


class Thread(NamedTuple):
    """A conversation: what is folded away, what is shown, up to where it goes, and up to where the person had read."""

    older: list[Said]
    newest: list[Said]
    seen: int
    who_reads: dict[str, str]
    read_to: datetime | None


def thread(person, ticket: Ticket, *, desk: bool = True) -> Thread:
    """What the person may read of the conversation, oldest first. What is new is never folded away.

    The page of one's own request leaves out what is the desk's alone, whoever its requester is.
    """
    comments = list(with_files(woven(person, ticket, How.PAGE if desk else How.OWN_PAGE)))
    own = [comment for comment in comments if comment.ticket_id == ticket.pk]
    told = desk and may_read_notes(person, ticket)
    sentences = readers(ticket, own, supplier_of(ticket)) if told else {}
    mark = read_to(person, ticket)
    shown_here = [each for each in comments if desk or each.visibility == Comment.Visibility.PUBLIC]
    said = [_said(comment, ticket, sentences, mark, person) for comment in shown_here]
    shown = max([NEWEST_SHOWN, *(len(said) - place for place, one in enumerate(said) if one.is_new)])
    return Thread(said[:-shown], said[-shown:], _newest(comments), _to_write(sentences, ticket), mark)


def _newest(comments: list[Comment]) -> int:
    return max((comment.pk for comment in comments), default=0)


def _said(comment: Comment, ticket: Ticket, sentences: Sentences, mark, person) -> Said:
    own = comment.ticket_id == ticket.pk
    return Said(
        comment,
        wording.who_reads(comment, comment.ticket) + ("" if own else f", on {comment.ticket}"),
        readers_of(sentences, comment) if own else "",
        comment.author_id != person.pk and mark is not None and comment.at > mark,
        list(comment.attachments.all()),
    )


def _to_write(sentences: Sentences, ticket: Ticket) -> dict[str, str]:
    """Who can read what is about to be said, by visibility."""
    firm = supplier_of(ticket)
    return {
        visibility: sentence
        for (visibility, team), sentence in sentences.items()
        if team is None or (firm and team == firm.pk)
    }

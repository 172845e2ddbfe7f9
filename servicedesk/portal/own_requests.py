"""A person's own requests, each with where it is and what happens next."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import uuid4

from django.utils import timezone

from servicedesk.people.requests import SignedInRequest
from servicedesk.portal.forms import AgainForm, CancelForm, ContentForm, FixedForm, NotFixedForm, ReplyForm
from servicedesk.tickets.asking_again import asked_before_and_again, may_ask_again
from servicedesk.tickets.drafts import begun as begun_of
from servicedesk.tickets.drafts import drafts_on
from servicedesk.tickets.grace import desk_hours, grace_ends
from servicedesk.tickets.joined import root_of
from servicedesk.tickets.models import Draft, Sharing, Ticket, TicketState
from servicedesk.tickets.querysets import TicketQuerySet
from servicedesk.tickets.reading import with_new_replies
from servicedesk.tickets.replying import ENDED
from servicedesk.tickets.satisfying import SCORES, answer_of, is_asked
from servicedesk.tickets.states import REQUESTER_EARLY
from servicedesk.tickets.thread import thread
from servicedesk.tickets.wording import NEEDS_ANSWER, Standing, standing

SHOWN = ("approver", "requester", "affected_person", "council")


class Told(NamedTuple):
    """A request, what its requester is told of it, and whether there is an answer that they have not read."""

    ticket: Ticket
    standing: Standing
    new_reply: bool = False


def requests_of(person) -> TicketQuerySet:
    """The person's requests, and those made for them."""
    return Ticket.objects.visible_to(person).requested_by(person).select_related(*SHOWN)


def told(tickets: Iterable[Ticket], now: datetime | None = None) -> list[Told]:
    """What the requester is told of each; the hours of a council are read once."""
    now, hours = now or timezone.now(), cache(desk_hours)

    def gone_by(ticket: Ticket) -> datetime | None:
        return grace_ends(ticket, hours) if ticket.state == TicketState.RESOLVED else None

    return [
        Told(ticket, standing(ticket, now=now, gone_by=gone_by(ticket)), getattr(ticket, "new_reply", False))
        for ticket in tickets
    ]


def requests_of_team(person) -> TicketQuerySet:
    """What is open of those whom the person manages."""
    return Ticket.objects.asked_for_by_team_of(person).open().select_related(*SHOWN)


def needing_answer(person) -> TicketQuerySet:
    """Where the next word is the person's."""
    return with_new_replies(person, requests_of(person)).filter(state__in=NEEDS_ANSWER).order_by("-id")


def others(person) -> TicketQuerySet:
    """The rest."""
    return with_new_replies(person, requests_of(person)).exclude(state__in=NEEDS_ANSWER)


def request_page(request: SignedInRequest, ticket: Ticket, **sent: Any) -> dict[str, Any]:
    """The context of the page of one request. `sent` is the form that was not taken: it comes back as typed."""
    state, goes_on_as = TicketState(ticket.state), _goes_on_as(request.user, ticket)
    answered = TicketState(goes_on_as.state) if goes_on_as else state
    may_cancel = state in REQUESTER_EARLY
    # Who is too late to cancel is asked to reply: the reason is their reply already.
    unsent = sent["cancel"]["reason"].value() if "cancel" in sent and not may_cancel else ""
    person, reference = request.user, ticket.reference
    said, begun = thread(person, ticket, desk=False), drafts_on(person, reference)

    def starts(form: str) -> dict[str, Any]:
        return {"seen": said.seen, **begun_of(begun.get(f"{form}-{reference}"))}

    reply, not_fixed = _words(ticket, sent, starts, unsent)
    answer = answer_of(ticket)
    before, after = asked_before_and_again(person, ticket)
    return {
        "told": told([ticket])[0],
        "ticket": ticket,
        "thread": said,
        "drafts": begun,
        "reply": reply,
        "fixed": sent.get("fixed") or FixedForm(initial={"seen": said.seen}),
        "not_fixed": not_fixed,
        "cancel": sent.get("cancel") or CancelForm(initial=starts("cancel-own")),
        "content": sent.get("content") or ContentForm.showing(answer, starts("content")),
        "answer": answer,
        "scores": SCORES,
        "is_asked": is_asked(ticket, answer, person),
        "sent": next(iter(sent.values()), None),
        "goes_on_as": goes_on_as,
        "may_reply": answered not in {*ENDED, TicketState.RESOLVED},
        "is_resolved": state == TicketState.RESOLVED,
        "may_cancel": may_cancel,
        "again": _asking_again(person, ticket, sent, begun.get(f"again-{reference}")),
        "asked_before": before,
        "asked_again": after,
    }


def _words(
    ticket: Ticket, sent: dict[str, Any], starts: Callable[[str], dict[str, Any]], unsent: str
) -> tuple[ReplyForm, NotFixedForm]:
    """The forms of a reply and of what is still wrong, as they were begun, each with who will read it."""
    typed = {**starts("reply"), **({"body": unsent} if unsent else {})}
    # Who had begun to reply when it was resolved finds their words where they can still be sent.
    still_wrong = {"message": typed.get("body", ""), **starts("not-fixed")}
    reply = sent.get("reply") or ReplyForm(initial=typed)
    not_fixed = sent.get("not_fixed") or NotFixedForm(initial=still_wrong)
    for field in (reply["body"], not_fixed["message"]):
        field.help_text = _who_reads(ticket)
    return reply, not_fixed


def _who_reads(ticket: Ticket) -> str:
    """The hint of the field in which one writes, so that whoever hears the form hears it too."""
    desk = ticket.case_group if ticket.sharing == Sharing.RESTRICTED else "The service desk"
    return f"{desk}, you and whoever else can see this request can read it"


def _asking_again(person, ticket: Ticket, sent: dict[str, Any], draft: Draft | None) -> AgainForm | None:
    """The form to go on from what has ended, for whoever may, with the reply that came too late."""
    if "again" in sent or not may_ask_again(person, ticket, timezone.now()):
        return sent.get("again")
    late = {"message": sent["reply"]["body"].value()} if "reply" in sent else {}
    return AgainForm(initial={"token": uuid4(), **begun_of(draft), **late})


def _goes_on_as(person, ticket: Ticket) -> Ticket | None:
    """What a request was merged into, where the person may see that."""
    if not ticket.merged_into_id:
        return None
    return Ticket.objects.visible_to(person).filter(pk=root_of(ticket).pk).first()

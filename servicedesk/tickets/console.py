"""What the page of a ticket shows to whoever may see it, part by part."""

from typing import Any, NamedTuple

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.module_loading import import_string

from servicedesk.people.duty import last_day_away, on_duty
from servicedesk.people.requests import SignedInRequest
from servicedesk.tickets import wording
from servicedesk.tickets.approvals import may_know_cost, may_know_why
from servicedesk.tickets.cascading import CASCADES, children_below, newest_with_children
from servicedesk.tickets.deadlines import deadlines_of
from servicedesk.tickets.drafts import begun as begun_of
from servicedesk.tickets.drafts import drafts_on
from servicedesk.tickets.drafts_shown import Shown
from servicedesk.tickets.drafts_shown import shown as show_drafts
from servicedesk.tickets.forms import BaseMoveForm, SayForm, move_form
from servicedesk.tickets.happenings import happenings_to
from servicedesk.tickets.models import ENDED, Draft, Ticket
from servicedesk.tickets.related_panels import children_of, may_reply_to_all
from servicedesk.tickets.rights import is_its_supplier, may_work, moves_open_to
from servicedesk.tickets.states import MOVES
from servicedesk.tickets.thread import thread


class OpenMove(NamedTuple):
    """A move that the person can make now, or has just tried to make."""

    name: str
    words: str
    form: BaseMoveForm

    @property
    def asks(self) -> bool:
        """Whether there is anything to fill in."""
        return bool(self.form.visible_fields())


def ticket_page(
    request: SignedInRequest, ticket: Ticket, *, tried: OpenMove | None = None, say: SayForm | None = None
) -> dict[str, Any]:
    """The context of the page. `tried` and `say` are what was sent and not taken: they come back as typed."""
    person, now = request.user, timezone.now()
    begun = drafts_on(person, ticket.reference)
    offered = moves_open_to(person, ticket)
    below = children_below(ticket, person)[0] if CASCADES.keys() & set(offered) else []
    # What is said while the page is made is not taken for seen: the numbers of the newest are asked first.
    newest = newest_with_children(person, ticket, below) if below else 0
    shown_beside = panels(request, ticket)
    said = thread(person, ticket)
    measured = {name: newest if below and name in CASCADES else said.seen for name in offered}
    say = say or say_form(person, ticket, draft=begun.get(f"say-{ticket.reference}"))
    if say:
        say.initial["seen"] = said.seen
    return {
        "ticket": ticket,
        "colours": wording.COLOURS,
        "priority_colours": wording.PRIORITY_COLOURS,
        "thread": said,
        "drafts": begun,
        "left": left_behind(person, ticket, begun, say, offered),
        "say": say,
        "moves": moves_shown(person, ticket, tried, begun, measured, len(below)),
        "tried": tried,
        "may_work": may_work(person, ticket),
        "knows_why": may_know_why(person, ticket),
        "knows_cost": may_know_cost(person, ticket),
        "deadlines": list(deadlines_of(ticket, person, now)),
        "away": last_day_away(ticket.assignee),
        "on_duty": on_duty(ticket.team) if ticket.team and may_work(person, ticket) else [],
        "duplicate_of": _duplicate_of(person, ticket),
        "history": happenings_to(person, ticket),
        "panels": shown_beside,
    }


def moves_shown(
    person,
    ticket: Ticket,
    tried: OpenMove | None,
    begun: dict[str, Draft],
    measured: dict[str, int],
    children: int,
) -> list[OpenMove]:
    """The moves open to the person, the one just tried as it was filled in, the others as they were begun.

    `measured` is, by name, the newest comment that each is measured against, `children` how many could be taken along.
    """
    return [
        tried
        if tried and tried.name == name
        else OpenMove(
            name,
            MOVES[name].words,
            move_form(name, ticket, person, begun=_begun(begun, name, ticket), seen=seen, children=children),
        )
        for name, seen in measured.items()
    ]


def _begun(drafts: dict[str, Draft], name: str, ticket: Ticket) -> dict[str, Any]:
    return begun_of(drafts.get(f"{name}-{ticket.reference}"), "version")


def left_behind(
    person, ticket: Ticket, drafts: dict[str, Draft], say: SayForm | None, moves: list[str]
) -> list[Shown]:
    """What the person has begun and the page has no longer a form for, so that its words are shown all the same."""
    gone = {"say", *MOVES} - {*moves, *(["say"] if say else [])}
    if f"all-{ticket.reference}" in drafts and not may_reply_to_all(
        person, ticket, children_of(person, ticket)[0]
    ):
        gone.add("all")
    return show_drafts([draft for name, draft in drafts.items() if name.rsplit("-", 3)[0] in gone], person)


def say_form(person, ticket: Ticket, data=None, files=None, draft: Draft | None = None) -> SayForm | None:
    """The form to say something on the ticket, for whoever may, as they have begun to fill it in."""
    works = may_work(person, ticket)
    if not (works or is_its_supplier(person, ticket)):
        return None
    replies = works and ticket.state not in ENDED
    return SayForm(ticket, data, files, notes=works, replies=replies, initial=begun_of(draft))


def panels(request: SignedInRequest, ticket: Ticket) -> dict[str, list[str]]:
    """What other modules show on the page of a ticket, by place.

    `panel(request, ticket)` gives {"template", "context"}, or None; with "place": "main" it stands below the
    conversation, with "top" above everything, else beside it.
    """
    places: dict[str, list[str]] = {"top": [], "main": [], "side": []}
    for name in settings.TICKET_PANELS:
        panel = import_string(name)(request, ticket)
        if panel:
            places[panel.get("place", "side")].append(
                render_to_string(panel["template"], panel["context"], request)
            )
    return places


def _duplicate_of(person, ticket: Ticket) -> Ticket | None:
    """The ticket that this one is a duplicate of, where the person may see that one too."""
    return (
        Ticket.objects.visible_to(person).filter(pk=ticket.duplicate_of_id).first()
        if ticket.duplicate_of_id
        else None
    )

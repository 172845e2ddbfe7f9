"""TICKET_PANELS: the tasks of a ticket, what it is tied to, what it resembles, and what it was merged with."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.utils import timezone

from servicedesk.people.requests import SignedInRequest
from servicedesk.tickets import wording
from servicedesk.tickets.cascading import children_below, newest_with_children
from servicedesk.tickets.deadlines import name_of, state_of
from servicedesk.tickets.drafts import begun, draft_of
from servicedesk.tickets.joined import family_of, root_of, seen_sources
from servicedesk.tickets.linking import INVERSE_WORDS
from servicedesk.tickets.linking_forms import ReplyToAllForm
from servicedesk.tickets.merging import may_merge, said_since, standing_merge, undone_until
from servicedesk.tickets.merging_several import together_with
from servicedesk.tickets.models import Clock, How, Link, Merge, Task, Ticket
from servicedesk.tickets.rights import may_read_notes, may_work
from servicedesk.tickets.sight import write_down_titles
from servicedesk.tickets.similar import similar_to
from servicedesk.tickets.tasking import moves_of

Panel = dict[str, Any]


class Tied(NamedTuple):
    """Another ticket that this one is tied to, where the person may see it, how, and the link to take away."""

    words: str
    ticket: Ticket | None
    link: Link


def tasks(request: SignedInRequest, ticket: Ticket) -> Panel | None:
    """What is to be done, with what was merged in, as far as the person may see it."""
    person = request.user
    family = [each.pk for each in family_of(ticket)]
    seen = Task.objects.visible_to(person).filter(ticket__in=family)
    rows = list(seen.select_related("team", "assignee", "ticket").prefetch_related("after"))
    works = may_work(person, ticket)
    if not (rows or works):
        return None
    context = {
        "ticket": ticket,
        "rows": [(task, moves_of(person, task), _waits_for(task)) for task in rows],
        "works": works,
        "may_add": works and ticket.is_open,
        "colours": {"waiting": "grey", "open": "blue", "done": "green", "cancelled": "grey"},
    }
    return {"template": "tickets/_tasks.html", "context": context, "place": "main"}


def _waits_for(task: Task) -> str:
    waits = task.state == Task.State.WAITING
    return ", ".join(each.title for each in task.after.all() if each.ended_at is None) if waits else ""


def related(request: SignedInRequest, ticket: Ticket) -> Panel | None:
    """Parent, children and links. What the person may not see is said without its name, and not counted."""
    person = request.user
    if not may_read_notes(person, ticket):
        return None
    children, unseen_children = children_of(person, ticket)
    ties, works = ties_of(person, ticket), may_work(person, ticket)
    parent = _seen(person, ticket.parent_id)
    write_down_titles(person, [parent, *children, *(tied.ticket for tied in ties)], How.LIST)
    context = {
        "ticket": ticket,
        "parent": parent,
        "hidden_parent": ticket.parent_id is not None,
        "children": children,
        "unseen_children": unseen_children,
        "ties": ties,
        "works": works,
        "merged": ticket.merged_into_id is not None,
        "colours": wording.COLOURS,
        "reply": None,
    }
    if may_reply_to_all(person, ticket, children):
        context |= _reply_to_all(person, ticket)
    return {"template": "tickets/_related.html", "context": context}


def may_reply_to_all(person, ticket: Ticket, children: Iterable[Ticket]) -> bool:
    """Whether the page has a form to reply to all parts, of which the person sees these."""
    return may_work(person, ticket) and any(child.is_open for child in children)


def _reply_to_all(person, ticket: Ticket) -> Panel:
    """The form to reply to all parts, as the person has begun to fill it in."""
    draft = draft_of(person, f"all-{ticket.reference}")
    seen = newest_with_children(person, ticket, children_below(ticket, person)[0])
    return {"reply": ReplyToAllForm(initial={**begun(draft), "seen": seen}), "draft": draft}


def similar(request: SignedInRequest, ticket: Ticket) -> Panel | None:
    """What says much the same, for whoever works on it: it may be one fault, or solved before."""
    if not may_read_notes(request.user, ticket):
        return None
    rows = similar_to(request.user, ticket)
    write_down_titles(request.user, rows, How.LIST)
    context = {"rows": rows, "colours": wording.COLOURS}
    return {"template": "tickets/_similar.html", "context": context} if rows else None


def children_of(person, ticket: Ticket) -> tuple[list[Ticket], bool]:
    """What is part of the ticket and the person may see, and whether there is more."""
    every = Ticket.objects.filter(parent__in=[each.pk for each in family_of(ticket)])
    seen = list(every.visible_to(person).order_by("pk"))
    return seen, every.exclude(pk__in=[child.pk for child in seen]).exists()


def ties_of(person, ticket: Ticket) -> list[Tied]:
    """The links of a ticket from both ends; what the person may not see is not named."""
    links = list(Link.objects.filter(ended_at=None, ticket=ticket).select_related("other"))
    links_here = list(Link.objects.filter(ended_at=None, other=ticket).select_related("ticket"))
    others = [link.other_id for link in links] + [link.ticket_id for link in links_here]
    if not others:
        return []
    seen = {each.pk: each for each in Ticket.objects.visible_to(person).filter(pk__in=others)}
    return [Tied(link.get_kind_display(), seen.get(link.other_id), link) for link in links] + [
        Tied(INVERSE_WORDS[Link.Kind(link.kind)], seen.get(link.ticket_id), link) for link in links_here
    ]


def _seen(person, key: int | None) -> Ticket | None:
    return Ticket.objects.visible_to(person).filter(pk=key).first() if key else None


def merged(request: SignedInRequest, ticket: Ticket) -> Panel | None:
    """Where the ticket went, what went into it, and what was said while it was away."""
    person = request.user
    merge = standing_merge(ticket) if ticket.merged_into_id else None
    sources = seen_sources(person, ticket)
    taken_back = None if merge else _taken_back(ticket)
    if not (merge or sources or taken_back):
        return None
    root = _seen(person, root_of(ticket).pk) if merge else None
    undone_target = _seen(person, taken_back.target_id) if taken_back else None
    write_down_titles(person, [root, undone_target], How.LIST)
    write_down_titles(person, sources, How.PAGE)  # what was said on them is read here too
    context = {
        "ticket": ticket,
        "merge": merge,
        "root": root,
        "until": merge and undone_until(merge),
        "may_undo": merge and may_merge(person, ticket) and timezone.now() <= undone_until(merge),
        "together": len(together_with(merge, person)) if merge else 0,
        "sources": [(source, _promises(source)) for source in sources],
        "taken_back": taken_back,
        "left_there": said_since(taken_back, person) if taken_back else [],
        "undone_target": undone_target,
    }
    return {"template": "tickets/_merged.html", "context": context, "place": "top"}


def _promises(source: Ticket) -> list[tuple[str, str, Clock]]:
    """The promises of a source, which stopped when it was merged, and how each stands."""
    return [
        (name_of(clock), state_of(clock), clock)
        for clock in source.clocks.select_related("supplier_team").order_by("pk")
    ]


def _taken_back(ticket: Ticket) -> Merge | None:
    """The last merge of the ticket that was undone."""
    return ticket.merges.exclude(undone_at=None).select_related("target", "undone_by").first()

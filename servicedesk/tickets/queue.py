"""What the queue shows: its rows, what narrows them, and the counts above it."""

from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.core.exceptions import BadRequest
from django.db.models import Case, When
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from servicedesk.lists.keyset import keyset_page
from servicedesk.lists.showing import CURSOR, address, capped_count, chosen, page_addresses
from servicedesk.people.access import may, teams_of
from servicedesk.people.duty import slots_now
from servicedesk.people.models import Team
from servicedesk.people.requests import SignedInRequest
from servicedesk.people.roles import Permission
from servicedesk.tickets import wording
from servicedesk.tickets.filters import OPEN, TicketFilter
from servicedesk.tickets.models import DONE, Comment, How, Sharing, Ticket, TicketState
from servicedesk.tickets.querysets import TicketQuerySet
from servicedesk.tickets.reading import last_words, reads_every_note, unread
from servicedesk.tickets.rights import works_a_queue
from servicedesk.tickets.sight import write_down_titles

ORDERS = {
    "due": ("sort_due", "id"),
    "-due": ("-sort_due", "-id"),
    "reported": ("reported_at", "id"),
    "-reported": ("-reported_at", "-id"),
}
COLUMNS = (
    "reference",
    "title",
    "state",
    "sharing",
    "priority",
    "due_at",
    "reply_due_at",
    "last_comment_at",
    "requester_id",
    "affected_person_id",
    "last_comment_by_id",
    "requester__display_name",
    "council__code",
    "team__name",
    "assignee__display_name",
    "last_comment_by__display_name",
)
REPLY_DUE = Case(When(first_response_at=None, then="response_due_at"))
"""Until when the first reply is promised; nothing once it is given."""
STATES = dict(TicketState.choices)
MOST_COUNTED = 100
LONGEST_KEY = 18
# What the strip counts: words, and the filter that its link sets.
STRIP = {
    "Breached": "breached",
    "Due today": "due_today",
    "Customer replied": "customer_replied",
    "Unassigned": "unassigned",
    "Mine": "mine",
}
MERGING = (Permission.WORK_TICKETS, Permission.WORK_CYBER_TICKETS)
KEPT = ("my_teams", "council", "team", "service")
"""The filters that say whose queue it is; the strip counts within them."""


class Row(NamedTuple):
    """A ticket in the queue, in words."""

    reference: str
    title: str
    requester: str
    council: str
    state: str
    colour: str
    priority: str
    priority_colour: str
    with_whom: str
    last_word: str
    last_word_at: str
    customer_spoke: bool
    due_at: datetime | None
    left: str
    owes_reply: bool
    late: bool
    restricted: bool
    is_new: bool


class View(NamedTuple):
    """A list that the strip leads to: the name of the filter of its own, its words, and all filters that make it."""

    name: str
    words: str
    filters: dict[str, str]


class Counted(NamedTuple):
    """A count above the queue, and the list that it counts."""

    words: str
    number: str
    href: str
    current: bool


def queue_page(request: SignedInRequest) -> dict[str, Any]:
    """The context of the queue: open tickets unless another state is asked for, by when they are due."""
    query = request.GET.copy()
    query.setdefault("state", OPEN)
    ordering = _ordering(query)
    seen = _listed(ordering).visible_to(request.user)
    filters = TicketFilter(query, seen, request=request)
    found = filters.qs if filters.is_valid() else seen.none()
    page = keyset_page(found, ORDERS[ordering], query.get(CURSOR, ""))
    previous, following = page_addresses(query, page)
    now = timezone.now()
    write_down_titles(request.user, page.rows, How.LIST, now)
    narrowed_by = chosen(filters.form, query) if filters.is_valid() else []
    return {
        "filters": filters,
        "chosen": narrowed_by,
        "narrowing": {name: query[name] for name in filters.filters if query.get(name)},
        "may_export": may(request.user, Permission.EXPORT),
        "rows": _rows(request.user, page.rows, now),
        "strip": strip(request),
        "strip_address": f"{reverse('tickets:strip')}{address(query)}",
        "ordering": ordering,
        "by_due": address(query, ordering="-due" if ordering == "due" else "due", **{CURSOR: ""}),
        "previous": previous,
        "next": following,
        "teams": bool(teams_of(request.user)),
        "on_duty": _on_duty(request.user, query),
        "my_teams": query.get("my_teams") == "true",
        "may_take": works_a_queue(request.user),
        "may_merge": any(may(request.user, permission) for permission in MERGING),
        "may_log": may(request.user, Permission.WORK_TICKETS),
    }


def _on_duty(person, query: QueryDict) -> list[tuple[Team, list[str]]] | None:
    """Who is on duty now in the teams whose queue it is, where it is some team's; one without a rota says nothing."""
    key = query.get("team", "")
    mine = query.get("my_teams") == "true"
    if not (mine or (key.isdecimal() and len(key) < LONGEST_KEY)):
        return None
    teams = Team.objects.visible_to(person).filter(pk__in=teams_of(person) if mine else [key])
    named: dict[int, list[str]] = {}
    for slot in slots_now().filter(team__in=teams).select_related("person"):
        named.setdefault(slot.team_id, []).append(str(slot.person))
    return [(team, named.get(team.pk, [])) for team in teams.filter(rota__isnull=False).distinct()]


def _ordering(query: QueryDict) -> str:
    """The order asked for, by when they are due where none is; one that there is not raises BadRequest."""
    ordering = query.get("ordering") or "due"
    if ordering not in ORDERS:
        raise BadRequest("That order does not exist: choose one of those above the list.")
    return ordering


@cache
def _listed(ordering: str) -> TicketQuerySet:
    """Every ticket with what a row shows and is ordered by: not asked for, only the way to it worked out once."""
    order = (name.lstrip("-") for name in ORDERS[ordering])
    tickets: Any = Ticket.objects.annotate(reply_due_at=REPLY_DUE)
    return tickets.values_list(*order, *COLUMNS, named=True)


def views(request: SignedInRequest) -> list[View]:
    """The lists above the queue, within those whose queue it is."""
    kept = {name: request.GET[name] for name in KEPT if request.GET.get(name)}
    return [View(flag, words, {**kept, flag: "true"}) for words, flag in STRIP.items()]


def found_in_views(request: SignedInRequest) -> Iterator[tuple[View, TicketFilter]]:
    """Each list above the queue with its open tickets, no more than the person may see."""
    seen = Ticket.objects.visible_to(request.user)
    for view in views(request):
        yield view, TicketFilter({**view.filters, "state": OPEN}, seen, request=request)


def strip(request: SignedInRequest) -> list[Counted]:
    """The links above the queue, as the page has them at once: they are counted afterwards, and each minute anew."""
    queue = reverse("tickets:queue")
    return [
        Counted(
            view.words,
            "",
            f"{queue}?{urlencode(view.filters)}",
            request.GET.get(view.name) == "true",
        )
        for view in views(request)
    ]


def counted_strip(request: SignedInRequest) -> list[Counted]:
    """The links with the number of open tickets that each lists, no more than the person may see."""
    return [
        link._replace(number=capped_count(found.qs, MOST_COUNTED) if found.is_valid() else "")
        for link, (_, found) in zip(strip(request), found_in_views(request), strict=True)
    ]


def _rows(person, tickets: list, now: datetime) -> list[Row]:
    words = None if reads_every_note(person) else last_words(person, [ticket.id for ticket in tickets])
    new = unread(person, tickets, words)
    return [_row(ticket, _last_word(ticket, words), ticket.id in new, now) for ticket in tickets]


class LastWord(NamedTuple):
    """When a ticket was last spoken on, and by whom: key and name."""

    at: datetime | None = None
    by: int | None = None
    name: str = ""


def _last_word(ticket: Any, words: dict[int, Comment] | None) -> LastWord:
    """As the ticket says it; for who does not read all that the desk says to itself, the last that they may read."""
    if words is None:
        return LastWord(
            ticket.last_comment_at, ticket.last_comment_by_id, ticket.last_comment_by__display_name or ""
        )
    word = words.get(ticket.id)
    return LastWord(word.at, word.author_id, str(word.author or "")) if word else LastWord()


def _row(ticket: Any, word: LastWord, is_new: bool, now: datetime) -> Row:
    open_now = ticket.state not in DONE
    return Row(
        reference=ticket.reference,
        title=ticket.title,
        requester=ticket.requester__display_name,
        council=ticket.council__code,
        state=STATES[ticket.state],
        colour=wording.COLOURS[ticket.state],
        priority=ticket.priority,
        priority_colour=wording.PRIORITY_COLOURS[ticket.priority],
        with_whom=ticket.assignee__display_name or ticket.team__name or "Nobody",
        last_word=word.name,
        last_word_at=wording.brief(word.at, now) if word.at and word.by else "",
        customer_spoke=bool(word.by) and word.by in (ticket.requester_id, ticket.affected_person_id),
        due_at=ticket.due_at,
        left=wording.time_left(ticket.due_at, ticket.state, now),
        owes_reply=bool(open_now and ticket.reply_due_at and ticket.reply_due_at < now),
        late=bool(open_now and ticket.due_at and ticket.due_at < now),
        restricted=ticket.sharing == Sharing.RESTRICTED,
        is_new=is_new,
    )

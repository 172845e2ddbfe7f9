"""Every address of the site, and whose it is. An address that is not here fails the suite: decide what it is.

PUBLIC answers strangers. A Page shows what the person may see, of no row in particular. A Row is about one row, and
is swept with every row of its kinds against everybody.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from assets.register.models import AssetModel, Manufacturer
from servicedesk.catalogue.models import Service
from servicedesk.people.models import Agreement, Council
from servicedesk.service_levels.models import Calendar, ServiceLevel
from servicedesk.tickets.models import Attachment
from tests.sweeps.world import World

Given = Callable[[Any], dict[str, Any]]
TICKETS = ("shared", "own_council", "hr", "cyber")
FAR = 1_000_000


@dataclass(frozen=True)
class Public:
    """Answers everybody, signed in or not."""

    given: Given = lambda world: {}


@dataclass(frozen=True)
class Page:
    """What a person may see or do, of no row in particular. `rows` makes a list that is searched with each query."""

    given: Given = lambda world: {}
    queries: tuple[str, ...] = ("",)


@dataclass(frozen=True)
class Row:
    """One row of the kinds. `own_only`: those whom it concerns see it here, however much else they may see."""

    kinds: tuple[str, ...]
    given: Given
    missing: Given
    own_only: bool = False


Entry = Public | Page | Row


def by_key(*kinds: str, column: str = "pk", own_only: bool = False, **more: Any) -> Row:
    return Row(
        kinds, lambda row: {column: row.pk, **more}, lambda row: {column: row.pk + FAR, **more}, own_only
    )


def by_reference(column: str = "reference", own_only: bool = False, **more: Any) -> Row:
    def missing(ticket) -> dict[str, Any]:
        return {column: f"{ticket.reference[:9]}999999", **more}

    kinds = ("shared", "hr") if own_only else TICKETS
    return Row(kinds, lambda ticket: {column: ticket.reference, **more}, missing, own_only)


def shared(model, name: str = "pk") -> Page:
    """A row that the councils share."""
    return Page(lambda world: {name: model.objects.first().pk})


def a_file(row, beyond: int = 0) -> dict[str, Any]:
    """A file that came with a reply on a ticket, or the file itself that came with an internal note."""
    file = row if isinstance(row, Attachment) else row.comments.get(body=row.title).attachments.get()
    return {"reference": file.comment.ticket.reference, "pk": file.pk + beyond}


def by_task(**more: Any) -> Row:
    """A task, below its ticket."""

    def at(task, beyond: int = 0) -> dict[str, Any]:
        return {"reference": task.ticket.reference, "pk": task.pk + beyond, **more}

    return Row(("task",), at, lambda task: at(task, FAR))


def a_file_told(row, beyond: int = 0) -> dict[str, Any]:
    file = a_file(row, beyond)
    return {"ref": file["reference"], "file": file["pk"]}


FIGURES = tuple(f"?month=2026-11&council={council}" for council in ("OCC", "CDC", "joint"))
LIST = Page(queries=("", "?q=canary", "?council=CDC"))
# What administration looks after in one way, each with a row of its kind.
NOUNS: dict[str, Entry] = {
    "council": shared(Council),
    "site": by_key("site"),
    "department": by_key("department"),
    "team": by_key("case group"),
    "service": shared(Service),
}
API_NOUNS = ("council", "site", "team", "service")

REGISTRY: dict[str, Entry] = {
    # signing in
    "account_login": Public(),
    "account_logout": Public(),
    "account_inactive": Public(),
    "account_reset_password": Public(),
    "account_reset_password_done": Public(),
    "account_reset_password_from_key": Public(lambda world: {"uidb36": "1", "key": "none"}),
    "account_reset_password_from_key_done": Public(),
    "account_change_password": Page(),
    # statements, health, look
    "accessibility": Public(),
    "cookies": Public(),
    "privacy": Public(),
    "council_colours": Public(),
    "health_live": Public(),
    "health_ready": Public(),
    # oneself
    "people:account": Page(),
    "people:tokens": Page(),
    "notifications:preferences": Page(),
    "people:take_back_token": Page(),
    "jobs:job": by_key("job", own_only=True),
    "jobs:progress": by_key("job", own_only=True),
    "jobs:cancel": by_key("job", own_only=True),
    "portal:home": Page(),
    "portal:cards": Page(),
    "portal:help": Page(),
    "portal:requests": Page(),
    "portal:request": by_reference(own_only=True),
    "portal:reply": by_reference(own_only=True),
    "portal:fixed": by_reference(own_only=True),
    "portal:not_fixed": by_reference(own_only=True),
    "portal:content": by_reference(own_only=True),
    "portal:cancel": by_reference(own_only=True),
    "portal:approve": Row(("approval",), by_reference().given, by_reference().missing),
    "portal:reject": Row(("approval",), by_reference().given, by_reference().missing),
    # the desk
    "search:results": LIST,
    "tickets:queue": LIST,
    "tickets:strip": LIST,
    "tickets:take_next": Page(),
    "tickets:log_call": Page(queries=("", "?q=canary", "?q=zz")),
    "tickets:callers": Page(queries=("", "?q=canary", "?q=zz")),
    "tickets:caller": Page(lambda world: {}, queries=("",)),
    "tickets:ticket": by_reference(),
    "tickets:move": by_reference(name="take"),
    "tickets:say": by_reference(),
    "tickets:change": by_reference(),
    "tickets:arrived": by_reference(),
    "tickets:file": Row((*TICKETS, "internal note"), lambda row: a_file(row), lambda row: a_file(row, FAR)),
    "tickets:drafts": Page(),
    "tickets:keep_draft": Page(lambda world: {"form": "help"}),
    "tickets:discard_draft": Page(lambda world: {"form": "help"}),
    "tickets:tasks": Page(queries=("", "?mine=true")),
    "tickets:add_task": by_reference(),
    "tickets:task": by_task(),
    "tickets:change_task": by_task(),
    "tickets:move_task": by_task(),
    "tickets:shift_task": by_task(),
    "tickets:relate": by_reference(),
    "tickets:end_link": by_reference(pk=FAR),
    "tickets:release": by_reference(),
    "tickets:reply_to_all": by_reference(),
    "tickets:split": by_reference(),
    "tickets:merge": by_reference(),
    "tickets:unmerge": by_reference(),
    "tickets:priority": by_reference(),
    "tickets:uplift": by_reference(),
    "tickets:breach": by_reference(pk=1),
    "tickets:glass": Page(),
    "tickets:end_glass": by_key("glass"),
    "tickets:who_can_see": by_reference(),
    "tickets:seal": by_reference(),
    "tickets:ask_to_open": by_reference(),
    "tickets:decide_opening": by_reference(pk=1),
    "tickets:alert": by_reference(),
    # the register
    "register:assets": LIST,
    "register:find": LIST,
    "register:new": Page(),
    "register:asset": by_key("asset"),
    "register:edit": by_key("asset"),
    "register:link": by_reference(),
    "register:unlink": by_reference(pk=1),
    # spreadsheets
    "spreadsheets:imports": LIST,
    "spreadsheets:import": by_key("import"),
    "spreadsheets:sheet": by_key("import"),
    "spreadsheets:mapping": by_key("import"),
    "spreadsheets:check": by_key("import"),
    "spreadsheets:apply": by_key("import"),
    "spreadsheets:rejects": by_key("import"),
    "spreadsheets:exports": Page(),
    "spreadsheets:export": by_key("export", own_only=True),
    "spreadsheets:export_file": by_key("export", own_only=True),
    # figures
    "reports:index": Page(),
    "reports:service": Page(queries=FIGURES),
    "reports:export": Page(),
    "reports:list": Page(queries=tuple(f"{query}&figure=backlog" for query in FIGURES)),
    # administration
    "administration:index": Page(),
    "administration:people": LIST,
    "administration:invite": Page(),
    "administration:person": by_key("name"),
    "administration:edit_person": by_key("name"),
    "administration:leaving": by_key("name"),
    "administration:invite_again": by_key("name"),
    "administration:switch_off": by_key("name"),
    "administration:switch_on": by_key("name"),
    "administration:give_role": by_key("name"),
    "administration:end_role": by_key("name", grant=1),
    "administration:away": by_key("name"),
    "administration:back": by_key("name", absence=1),
    "administration:grants": LIST,
    "administration:give_by_email": Page(),
    "administration:end_grant": Page(lambda world: {"pk": FAR}),
    "administration:agree_grant": Page(lambda world: {"pk": FAR}),
    "administration:refuse_grant": Page(lambda world: {"pk": FAR}),
    "administration:withdraw_grant": Page(lambda world: {"pk": FAR}),
    "administration:agreements": Page(),
    "administration:new_agreement": Page(),
    "administration:agreement": shared(Agreement),
    "administration:agree": Page(lambda world: {"pk": Agreement.objects.first().pk, "council": FAR}),
    "administration:end_agreement": shared(Agreement),
    "administration:rotas": LIST,
    "administration:rota": by_key("case group"),
    "administration:join": by_key("case group"),
    "administration:leave": by_key("case group", place=1),
    "administration:roster": by_key("case group"),
    "administration:unroster": by_key("case group", slot=1),
    "administration:member_away": by_key("case group"),
    **{f"administration:{noun}s": LIST for noun in NOUNS},
    **{f"administration:new_{noun}": Page() for noun in NOUNS},
    **{
        f"administration:{deed}{noun}": entry
        for noun, entry in NOUNS.items()
        for deed in ("", "archive_", "bring_back_")
    },
    "sending:messages": Page(),
    "sending:try_again": by_key("unsent message"),
    "sending:give_up": by_key("unsent message"),
    "sending:webhooks": Page(),
    "sending:webhook": by_key("webhook"),
    "sending:change_webhook": by_key("webhook"),
    "sending:test_webhook": by_key("webhook"),
    "sending:archive_webhook": by_key("webhook"),
    # hours and promises
    "hours:calendars": Page(),
    "hours:new_calendar": Page(),
    "hours:calendar": shared(Calendar),
    "hours:hours": shared(Calendar),
    "hours:day": shared(Calendar),
    "hours:keep": shared(Calendar),
    "hours:levels": Page(),
    "hours:new_level": Page(),
    "hours:level": shared(ServiceLevel),
    # the programming interface
    "api:asset-list": LIST,
    "api:asset-detail": by_key("asset"),
    "api:asset-history": by_key("asset"),
    "api:asset-tickets": by_key("asset"),
    "api:asset-model-list": LIST,
    "api:asset-model-detail": shared(AssetModel),
    "api:import-list": LIST,
    "api:import-detail": by_key("import"),
    "api:import-staged": by_key("import"),
    "api:import-mapping": by_key("import"),
    "api:import-apply": by_key("import"),
    "api:import-rejects": by_key("import"),
    "api:export-list": LIST,
    "api:export-detail": by_key("export", own_only=True),
    "api:export-file": by_key("export", own_only=True),
    "api:calendar-list": Page(),
    "api:calendar-detail": shared(Calendar),
    "api:calendar-day": shared(Calendar),
    "api:calendar-hours": shared(Calendar),
    "api:calendar-keep": shared(Calendar),
    "api:service-level-list": Page(),
    "api:service-level-detail": shared(ServiceLevel),
    "api:manufacturer-list": LIST,
    "api:manufacturer-detail": shared(Manufacturer),
    "api:ticket-list": LIST,
    "api:ticket-detail": by_reference("ref"),
    "api:ticket-moves": by_reference("ref", move="take"),
    "api:ticket-comments": by_reference("ref"),
    "api:ticket-attachments": by_reference("ref"),
    "api:ticket-attachment": Row(
        (*TICKETS, "internal note"), lambda row: a_file_told(row), lambda row: a_file_told(row, FAR)
    ),
    "api:task-list": LIST,
    "api:task-detail": by_key("task"),
    "api:task-moves": by_key("task", move="take"),
    "api:task-order": by_key("task"),
    "api:ticket-task-tasks": by_reference("ref"),
    "api:ticket-link-links": by_reference("ref"),
    "api:ticket-link-end": by_reference("ref", pk=FAR),
    "api:ticket-link-parent": by_reference("ref"),
    "api:ticket-link-children": by_reference("ref"),
    "api:ticket-link-reply": by_reference("ref"),
    "api:ticket-link-split": by_reference("ref"),
    "api:ticket-merge-merge": by_reference("ref"),
    "api:ticket-merge-undo": by_reference("ref"),
    "api:ticket-holding": by_reference("ref"),
    "api:ticket-priority": by_reference("ref"),
    "api:ticket-uplift": by_reference("ref"),
    "api:ticket-breaches": by_reference("ref", clock=1),
    "api:ticket-deadlines": by_reference("ref"),
    "api:sealing-private": by_reference("ref"),
    "api:sealing-who-can-see": by_reference("ref"),
    "api:sealing-readers": by_reference("ref"),
    "api:sealing-openings": by_reference("ref"),
    "api:sealing-decide": by_reference("ref", pk=1),
    "api:sealing-alerts": by_reference("ref"),
    "api:glass-list": LIST,
    "api:glass-detail": by_key("glass"),
    "api:glass-end": by_key("glass"),
    "api:council-list": LIST,
    "api:council-detail": shared(Council),
    "api:site-list": LIST,
    "api:site-detail": by_key("site"),
    "api:team-list": LIST,
    "api:team-detail": by_key("case group"),
    "api:person-list": LIST,
    "api:person-detail": by_key("name"),
    "api:service-list": LIST,
    "api:service-detail": Page(lambda world: {"pk": world.sides["OCC"].rows["shared"].service_id}),
    "api:person-switch-off": by_key("name"),
    "api:person-switch-on": by_key("name"),
    "api:person-roles": by_key("name"),
    "api:person-end-role": by_key("name", role=1),
    **{f"api:{noun}-{deed}": NOUNS[noun] for noun in API_NOUNS for deed in ("archive", "bring-back")},
    "api:webhook-list": LIST,
    "api:webhook-detail": by_key("webhook"),
    "api:webhook-archive": by_key("webhook"),
    "api:webhook-test": by_key("webhook"),
    "api:webhook-deliveries": by_key("webhook"),
    "api:message-list": LIST,
    "api:message-detail": by_key("unsent message"),
    "api:message-try-again": by_key("unsent message"),
    "api:message-give-up": by_key("unsent message"),
    "api:service-report": Page(queries=FIGURES),
    "api:preferences": Page(),
    "api:explain": Page(),
    "api:tokens": Page(),
    "api:schema": Page(),
    "api:docs": Page(),
    "api:nothing": Public(lambda world: {"path": "nowhere/"}),
}


def patterns(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[str]:
    """The full name of every pattern of the site; one without a name gives its route, which no registry holds."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name or pattern.pattern}"
        else:
            yield from patterns(pattern, namespace + (f"{pattern.namespace}:" if pattern.namespace else ""))


def entries(kind: type) -> dict[str, Any]:
    return {name: entry for name, entry in REGISTRY.items() if isinstance(entry, kind)}


def addresses(world: World, kind: type[Public] | type[Page]) -> list[str]:
    """The address of each public or plain page, and of each query of a list."""
    return [
        reverse(name, kwargs=entry.given(world)) + query
        for name, entry in entries(kind).items()
        for query in getattr(entry, "queries", ("",))
    ]

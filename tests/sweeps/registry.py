"""Every address of the site, and whose it is. An address that is not here fails the suite: decide what it is.

PUBLIC answers strangers. A Page shows what the person may see, of no row in particular. A Row is about one row, and
is swept with every row of its kinds against everybody.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from assets.batches.models import BatchLine
from assets.disposal.ledger import Part
from assets.refresh.forecast import year_of
from assets.refresh.models import EnergyFactor
from assets.register.models import AssetModel, Manufacturer, OperatingSystemRelease, Supplier
from servicedesk.catalogue.models import Service
from servicedesk.knowledge.filters import WHEN
from servicedesk.people.models import Agreement, Council
from servicedesk.service_levels.models import Calendar, ServiceLevel
from servicedesk.tickets.models import Attachment
from tests.sweeps.marks import NOON
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


def by_promise(reference: str, clock: str) -> Row:
    """The first promise of a ticket; none is broken unless a test breaks it."""

    def given(ticket, beyond: int = 0) -> dict[str, Any]:
        return {reference: ticket.reference, clock: ticket.clocks.first().pk + beyond}

    return Row(TICKETS, given, lambda ticket: given(ticket, FAR))


def by_task(**more: Any) -> Row:
    """A task, below its ticket."""

    def at(task, beyond: int = 0) -> dict[str, Any]:
        return {"reference": task.ticket.reference, "pk": task.pk + beyond, **more}

    return Row(("task",), at, lambda task: at(task, FAR))


def by_batch(column: str = "reference", **more: Any) -> Row:
    """A batch by its reference."""

    def missing(batch) -> dict[str, Any]:
        return {column: f"{batch.reference[:8]}999999", **more}

    return Row(("batch", "joint batch"), lambda batch: {column: batch.reference, **more}, missing)


def by_item(column: str = "reference", key: str = "pk", **more: Any) -> Row:
    """An item, below its batch."""

    def at(item, beyond: int = 0) -> dict[str, Any]:
        return {column: item.batch.reference, key: item.pk + beyond, **more}

    return Row(("batch item", "joint item"), at, lambda item: at(item, FAR))


def by_line(column: str = "reference", key: str = "pk") -> Row:
    """A line of a batch, below it: the only one, or that of one council."""

    def at(row, beyond: int = 0) -> dict[str, Any]:
        line = row if isinstance(row, BatchLine) else row.lines.get()
        return {column: line.batch.reference, key: line.pk + beyond}

    return Row(("batch", "joint line"), at, lambda row: at(row, FAR))


def by_link() -> Row:
    """An order line that counts for a batch, below it."""

    def at(link, beyond: int = 0) -> dict[str, Any]:
        return {"reference": link.line.batch.reference, "pk": link.pk + beyond}

    return Row(("line order", "joint order"), at, lambda link: at(link, FAR))


def on_asset(row, beyond: int = 0) -> dict[str, Any]:
    """A file, below its asset."""
    return {"pk": row.asset_id, "file": row.pk + beyond}


def a_file_told(row, beyond: int = 0) -> dict[str, Any]:
    file = a_file(row, beyond)
    return {"ref": file["reference"], "file": file["pk"]}


FIGURES = tuple(f"?month=2026-11&council={council}" for council in ("OCC", "CDC", "joint"))
BACKLOGS = tuple(f"{query}&figure=backlog" for query in FIGURES)
STOCK_TAKING = ("stock_take", "count", "move_here", "finish_stock_take", "cancel_stock_take")
CONSIGNING = (
    *("consignment", "edit_consignment", "collect", "certify", "close_consignment", "cancel_consignment"),
    *("scan_in", "certificate"),
)
LIST = Page(queries=("", "?q=canary", "?council=CDC"))
# What administration looks after in one way, each with a row of its kind.
NOUNS: dict[str, Entry] = {
    "council": shared(Council),
    "site": by_key("site"),
    "department": by_key("department"),
    "team": by_key("case group"),
    "service": shared(Service),
}
API_NOUNS = ("council", "site", "department", "team", "service")

ANNOUNCED = ("announcement", "draft announcement")
# What the register holds beside assets, by the word of its pages, with a row of its kind.
ESTATE: dict[str, Entry] = {
    "model": shared(AssetModel),
    "supplier": shared(Supplier),
    "contract": by_key("contract"),
    "circuit": by_key("circuit"),
    "line": by_key("line"),
    "policy": by_key("policy"),
}
API_ESTATE = {
    "asset-model": ESTATE["model"],
    "lifecycle-policy": ESTATE["policy"],
    **{noun: ESTATE[noun] for noun in ("supplier", "contract", "circuit", "line")},
}
DEEDS_ON_ASSETS = (
    *("hand_over", "sign", "hold", "lift_hold", "files", "lend", "transfer_asset", "ask_write_off"),
)
API_DEEDS_ON_ASSETS = (
    *("hand-over", "custody", "sign", "hold", "lift-hold", "evidence", "files"),
    *("loans", "transfers", "write-offs"),
)
ORDER_LINE = ("edit_line", "remove_line", "call_off", "receive", "stage")
PROGRAMMES = ("programme", "joint programme")
DEALINGS = ("loan", "transfer", "write-off")

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
    "people:stand_ins": by_key("name"),
    "people:end_stand_in": Row(
        ("stand-in",),
        lambda row: {"pk": row.person_id, "stand_in": row.pk},
        lambda row: {"pk": row.person_id + FAR, "stand_in": row.pk + FAR},
    ),
    "people:take_back_token": Page(),
    # lists as somebody narrowed them
    "lists:save": Page(lambda world: {"code": "assets"}, queries=("?category=laptop", "?q=canary")),
    "lists:view": by_key("saved view"),
    "lists:remove": by_key("saved view"),
    # what people are told
    "knowledge:announcements": Page(),
    "knowledge:new": Page(),
    "knowledge:announcement": by_key(*ANNOUNCED),
    "knowledge:change": by_key(*ANNOUNCED),
    "knowledge:move": by_key(*ANNOUNCED, name="publish"),
    "jobs:job": by_key("job", own_only=True),
    "jobs:progress": by_key("job", own_only=True),
    "jobs:cancel": by_key("job", own_only=True),
    "portal:home": Page(),
    "portal:cards": Page(),
    "portal:help": Page(),
    "portal:requests": Page(),
    "portal:team": Page(),
    "portal:request": by_reference(own_only=True),
    "portal:reply": by_reference(own_only=True),
    "portal:fixed": by_reference(own_only=True),
    "portal:not_fixed": by_reference(own_only=True),
    "portal:content": by_reference(own_only=True),
    "portal:cancel": by_reference(own_only=True),
    "portal:again": by_reference(own_only=True),
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
    "tickets:unmerge_together": by_reference(),
    "tickets:merge_several": Page(),
    "tickets:priority": by_reference(),
    "tickets:uplift": by_reference(),
    "tickets:breach": by_promise("reference", "pk"),
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
    "register:labels": Page(queries=("", "?category=laptop")),
    "register:as_at": LIST,
    "register:as_at_export": Page(),
    "register:scan": Page(),
    "register:together": Page(),
    "register:move_together": Page(lambda world: {"name": "issue"}),
    "register:change": by_key("deed"),
    "register:undo": by_key("deed"),
    "register:stock_takes": LIST,
    **{f"register:{deed}": by_key("stock-take") for deed in STOCK_TAKING},
    "register:kit_checks": LIST,
    "register:kit_check": by_key("kit-check"),
    "register:end_kit_check": by_key("kit-check"),
    "register:confirm": by_key("asset", own_only=True),
    "register:not_mine": by_key("asset", own_only=True),
    "register:asset": by_key("asset"),
    "register:edit": by_key("asset"),
    "register:relations": by_key("asset"),
    "register:end_relation": by_key("asset", relation=FAR),
    **{f"register:{'policies' if noun == 'policy' else noun + 's'}": LIST for noun in ESTATE},
    **{f"register:new_{noun}": Page() for noun in ESTATE},
    **{f"register:{deed}{noun}": entry for noun, entry in ESTATE.items() for deed in ("", "edit_")},
    **{f"register:{deed}": by_key("asset") for deed in DEEDS_ON_ASSETS},
    "register:move": by_key("asset", name="return"),
    "register:file": Row(("asset file",), lambda row: on_asset(row), lambda row: on_asset(row, FAR)),
    "register:take_off": Row(("asset file",), lambda row: on_asset(row), lambda row: on_asset(row, FAR)),
    "register:check_list": shared(AssetModel),
    "register:loans": Page(queries=("", "?overdue=true")),
    "register:loan": by_key("loan"),
    "register:end_loan": by_key("loan"),
    "register:transfers": Page(),
    "register:transfer": by_key("transfer"),
    "register:withdraw_transfer": by_key("transfer"),
    "register:write_offs": Page(),
    "register:write_off": by_key("write-off"),
    "register:systems": LIST,
    "register:system": shared(OperatingSystemRelease),
    "register:link": by_reference(),
    "register:unlink": by_reference(pk=1),
    # the refresh
    "refresh:forecast": Page(queries=("", "?council=CDC")),
    "refresh:assets": Page(queries=("", "?council=CDC", "?year=unknown", "?standing=left_out")),
    "refresh:export": Page(),
    "refresh:costs": Page(),
    "refresh:new_cost": Page(),
    "refresh:edit_cost": by_key("unit costs"),
    "refresh:new_support": Page(),
    "refresh:edit_support": by_key("bought support"),
    "refresh:energy": Page(),
    "refresh:close_energy_year": Page(),
    "refresh:energy_basis": Page(),
    "refresh:new_tariff": Page(),
    "refresh:edit_tariff": by_key("tariff"),
    "refresh:new_room": Page(),
    "refresh:edit_room": by_key("machine room"),
    "refresh:new_factor": Page(),
    "refresh:edit_factor": shared(EnergyFactor),
    "refresh:scenarios": Page(queries=("", "?archived=true")),
    "refresh:archive_scenario": by_key("scenario"),
    "refresh:bring_back_scenario": by_key("scenario"),
    "refresh:new_scenario": Page(),
    "refresh:scenario": by_key("scenario"),
    "refresh:edit_scenario": by_key("scenario"),
    "refresh:lines": by_key("scenario", year=year_of(NOON.date())),
    "refresh:baselines": Page(),
    **{f"refresh:{page}": by_key("baseline") for page in ("baseline", "baseline_lines")},
    # orders
    "orders:orders": Page(queries=("", "?q=ORD", "?council=CDC", "?standing=overdue")),
    "orders:export": Page(),
    "orders:new": Page(),
    **{f"orders:{deed}": by_key("order") for deed in ("order", "edit", "new_line", "despatch_sheet")},
    "orders:move": by_key("order", name="place"),
    **{f"orders:{deed}": by_key("order line") for deed in ORDER_LINE},
    # appointments
    "batches:appointments": Page(),
    "batches:slots": Page(),
    **{f"batches:{deed}": by_key("swap time") for deed in ("slot", "remove_slot")},
    "batches:freezes": Page(),
    **{f"batches:{deed}": by_key("freeze") for deed in ("freeze", "lift_freeze")},
    "batches:day_sheet": Page(queries=("", "?day=23/11/2026")),
    "batches:swap": Page(queries=("", "?old=canary")),
    "batches:survey": by_key("swap survey"),
    "batches:appointment": by_key("appointment"),
    **{f"batches:{deed}_appointment": by_key("appointment") for deed in ("assign", "miss", "cancel")},
    # programmes and batches
    "batches:programmes": Page(),
    "batches:new_programme": Page(),
    "batches:programme": by_key(*PROGRAMMES),
    "batches:edit_programme": by_key(*PROGRAMMES),
    "batches:set_budget": by_key(*PROGRAMMES),
    "batches:programme_assets": by_key(*PROGRAMMES),
    "batches:defer": by_key("asset"),
    "batches:batches": LIST,
    "batches:new_batch": Page(),
    "batches:batch": by_batch(),
    "batches:edit_batch": by_batch(),
    "batches:energy_lines": by_batch(),
    "batches:content_lines": by_batch(of="answered"),
    "batches:pass_on": by_batch(),
    "batches:add_assets": by_batch(),
    "batches:stop_counting": by_link(),
    "batches:move_batch": by_batch(name="submit"),
    "batches:items_together": by_batch(name="confirm"),
    "batches:undo_items": by_batch(deed=FAR),
    **{f"batches:{deed}": by_line() for deed in ("line", "order_for_line", "count_order")},
    "batches:item": by_item(),
    "batches:exchange_device": by_item(),
    "batches:move_item": by_item(name="confirm"),
    # coming back and leaving
    "disposal:consignments": LIST,
    "disposal:new_consignment": Page(),
    **{f"disposal:{deed}": by_key("consignment") for deed in CONSIGNING},
    "disposal:take_item_out": by_key("consignment", item=FAR),
    "disposal:due_back": Page(queries=("", "?overdue=true", "?council=CDC")),
    "disposal:ask_back": by_key("asset"),
    "disposal:one_due_back": by_key("due back"),
    "disposal:deed_due_back": by_key("due back", deed="back"),
    "disposal:wiping": Page(queries=("", "?council=CDC", *(f"?show={part}" for part in Part))),
    "disposal:add_medium": by_key("asset"),
    "disposal:deed_medium": by_key("medium", deed="wipe"),
    "disposal:register": Page(queries=("", "?council=CDC")),
    "disposal:print_register": Page(queries=("", "?council=CDC")),
    "disposal:export_register": Page(),
    # spreadsheets
    "spreadsheets:imports": LIST,
    "spreadsheets:import": by_key("import"),
    "spreadsheets:sheet": by_key("import"),
    "spreadsheets:mapping": by_key("import"),
    "spreadsheets:values": by_key("import"),
    "spreadsheets:another_sheet": by_key("import"),
    "spreadsheets:saved_mappings": LIST,
    "spreadsheets:saved_mapping": by_key("mapping"),
    "spreadsheets:delete_mapping": by_key("mapping"),
    "spreadsheets:check": by_key("import"),
    "spreadsheets:apply": by_key("import"),
    "spreadsheets:rejects": by_key("import"),
    "spreadsheets:decide": by_key("import"),
    "spreadsheets:undo": by_key("import"),
    "spreadsheets:import_file": by_key("import"),
    "spreadsheets:exports": Page(),
    "spreadsheets:new_export": Page(lambda world: {"kind": "assets"}, queries=LIST.queries),
    "spreadsheets:export": by_key("export", own_only=True),
    "spreadsheets:export_file": by_key("export", own_only=True),
    # figures
    "reports:index": Page(),
    "reports:report": Page(lambda world: {"code": "service"}, queries=FIGURES),
    "reports:export": Page(lambda world: {"code": "service"}),
    "reports:entered": LIST,
    "reports:enter": Page(),
    "reports:correct": by_key("entered figure"),
    "reports:list": Page(lambda world: {"code": "service"}, queries=BACKLOGS),
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
    "hours:clear_day": Page(lambda world: {"pk": Calendar.objects.first().pk, "day": FAR}),
    "hours:keep": shared(Calendar),
    "hours:cover": shared(Service),
    "hours:levels": Page(),
    "hours:new_level": Page(),
    "hours:level": shared(ServiceLevel),
    # the programming interface
    "api:asset-list": LIST,
    "api:asset-detail": by_key("asset"),
    "api:asset-history": by_key("asset"),
    "api:asset-tickets": by_key("asset"),
    "api:asset-relation-relations": by_key("asset"),
    "api:asset-relation-end": by_key("asset", relation=FAR),
    "api:asset-relation-impact": by_key("asset"),
    **{f"api:{noun}-list": LIST for noun in API_ESTATE},
    **{f"api:{noun}-{part}": entry for noun, entry in API_ESTATE.items() for part in ("detail", "history")},
    "api:asset-moves": by_key("asset", move="return"),
    **{f"api:asset-{deed}": by_key("asset") for deed in API_DEEDS_ON_ASSETS},
    "api:asset-file": Row(("asset file",), lambda row: on_asset(row), lambda row: on_asset(row, FAR)),
    **{f"api:{noun}-list": LIST for noun in DEALINGS},
    **{f"api:{noun}-detail": by_key(noun) for noun in DEALINGS},
    **{f"api:{noun}-answer": by_key(noun) for noun in DEALINGS},
    "api:loan-end": by_key("loan"),
    "api:transfer-withdraw": by_key("transfer"),
    "api:asset-model-check-list": shared(AssetModel),
    "api:find-assets": Page(),
    "api:change-together": Page(),
    "api:move-together": Page(),
    "api:as-at": LIST,
    "api:labels": Page(queries=("", "?category=laptop")),
    "api:own-kit": by_key("asset", own_only=True),
    "api:change": by_key("deed"),
    "api:undo-change": by_key("deed"),
    "api:stock-take-list": LIST,
    **{
        f"api:stock-take-{deed}": by_key("stock-take")
        for deed in ("detail", "lines", "counts", "move-here", "finish", "cancel")
    },
    "api:kit-check-list": LIST,
    "api:batch-list": LIST,
    **{
        f"api:batch-{part}": by_batch("ref")
        for part in ("detail", "lines", "items", "energy-lines", "content")
    },
    "api:batch-moves": by_batch("ref", move="submit"),
    "api:batch-owner": by_batch("ref"),
    **{f"api:batch-{deed}": by_line("ref", "line") for deed in ("line", "orders")},
    "api:batch-item-moves": by_item("ref", "item", move="confirm"),
    "api:batch-new-device": by_item("ref", "item"),
    "api:batch-items-together": by_batch("ref", move="confirm"),
    "api:batch-undo": by_batch("ref", change=FAR),
    "api:programme-list": LIST,
    **{f"api:programme-{part}": by_key(*PROGRAMMES) for part in ("detail", "budgets", "years", "assets")},
    "api:deferral-list": Page(queries=("", "?asset=1")),
    "api:deferral-detail": by_key("deferral"),
    "api:appointment-list": Page(queries=("", "?state=booked", "?batch=RB-2026-1")),
    **{
        f"api:appointment-{deed}": by_key("appointment")
        for deed in ("detail", "times", "choose", "engineers", "assign", "no-show", "call-off")
    },
    "api:swap-survey-list": LIST,
    **{f"api:swap-survey-{deed}": by_key("swap survey", own_only=True) for deed in ("detail", "answer")},
    "api:swap-time-list": LIST,
    **{f"api:swap-time-{deed}": by_key("swap time") for deed in ("detail", "remove")},
    "api:freeze-list": LIST,
    **{f"api:freeze-{deed}": by_key("freeze") for deed in ("detail", "lift")},
    **{f"api:kit-check-{deed}": by_key("kit-check") for deed in ("detail", "answers", "end")},
    "api:baseline-list": LIST,
    **{f"api:baseline-{part}": by_key("baseline") for part in ("detail", "lines")},
    "api:scenario-list": LIST,
    **{f"api:scenario-{deed}": by_key("scenario") for deed in ("detail", "archive", "bring-back")},
    "api:consignment-list": Page(queries=("", "?council=CDC", "?state=closed")),
    **{
        f"api:consignment-{deed}": by_key("consignment")
        for deed in (
            *("detail", "collect", "items", "scan", "take-out", "certify", "differences", "close", "cancel"),
        )
    },
    "api:due-back-list": Page(queries=("", "?open=true", "?overdue=true")),
    **{
        f"api:due-back-{deed}": by_key("due back") for deed in ("detail", "back", "lost", "chase", "call-off")
    },
    "api:medium-list": Page(queries=("", "?asset=1")),
    **{f"api:medium-{deed}": by_key("medium") for deed in ("detail", "wipe", "take-out", "strike-out")},
    "api:disposal-list": Page(queries=("", "?council=CDC")),
    "api:disposal-detail": by_key("disposal"),
    "api:operating-system-list": LIST,
    "api:operating-system-detail": shared(OperatingSystemRelease),
    "api:import-list": LIST,
    "api:import-detail": by_key("import"),
    "api:import-staged": by_key("import"),
    "api:import-mapping": by_key("import"),
    "api:import-apply": by_key("import"),
    "api:import-cancel": by_key("import"),
    "api:import-rejects": by_key("import"),
    "api:saved-mapping-list": LIST,
    "api:saved-mapping-detail": by_key("mapping"),
    "api:import-choices": by_key("import"),
    "api:import-undo": by_key("import"),
    "api:import-file": by_key("import"),
    "api:saved-view-list": LIST,
    "api:saved-view-detail": by_key("saved view"),
    "api:export-list": LIST,
    "api:export-detail": by_key("export", own_only=True),
    "api:export-file": by_key("export", own_only=True),
    "api:export-cancel": by_key("export", own_only=True),
    "api:calendar-list": Page(),
    "api:calendar-detail": shared(Calendar),
    "api:calendar-day": shared(Calendar),
    "api:calendar-clear-day": shared(Calendar),
    "api:calendar-hours": shared(Calendar),
    "api:calendar-keep": shared(Calendar),
    "api:calendar-history": shared(Calendar),
    "api:service-level-list": Page(),
    "api:service-level-detail": shared(ServiceLevel),
    "api:manufacturer-list": LIST,
    "api:manufacturer-detail": shared(Manufacturer),
    "api:ticket-list": LIST,
    "api:ticket-detail": by_reference("ref"),
    "api:ticket-moves": by_reference("ref", move="take"),
    "api:ticket-ask-again": by_reference("ref"),
    "api:ticket-history": by_reference("ref"),
    "api:ticket-take-next": Page(),
    "api:queue": Page(queries=("", "?council=CDC", "?my_teams=true")),
    "api:search": Page(queries=("", "?q=canary")),
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
    "api:ticket-asset-assets": by_reference("ref"),
    "api:ticket-asset-end": by_reference("ref", pk=FAR),
    "api:ticket-merge-merge": by_reference("ref"),
    "api:ticket-merge-undo": by_reference("ref"),
    "api:ticket-merge-undo-together": by_reference("ref"),
    "api:ticket-merge-several": Page(),
    "api:ticket-holding": by_reference("ref"),
    "api:ticket-similar": by_reference("ref"),
    "api:ticket-priority": by_reference("ref"),
    "api:ticket-uplift": by_reference("ref"),
    "api:ticket-breaches": by_promise("ref", "clock"),
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
    "api:department-list": LIST,
    "api:department-detail": by_key("department"),
    "api:role-list": Page(queries=("", "?role=engineer")),
    "api:role-detail": Page(lambda world: {"pk": FAR}),
    "api:role-end": Page(lambda world: {"pk": FAR}),
    "api:role-request-list": LIST,
    "api:role-request-detail": Page(lambda world: {"pk": FAR}),
    "api:role-request-agree": Page(lambda world: {"pk": FAR}),
    "api:role-request-refuse": Page(lambda world: {"pk": FAR}),
    "api:role-request-withdraw": Page(lambda world: {"pk": FAR}),
    "api:ticket-satisfaction-satisfaction": by_reference("ref"),
    "api:team-list": LIST,
    "api:team-detail": by_key("case group"),
    "api:person-list": Page(queries=("", "?q=canary", "?off=true")),
    "api:person-history": by_key("name"),
    "api:person-detail": by_key("name"),
    "api:service-list": LIST,
    "api:service-detail": Page(lambda world: {"pk": world.sides["OCC"].rows["shared"].service_id}),
    "api:service-cover": shared(Service),
    "api:person-leaving": by_key("name"),
    "api:person-switch-off": by_key("name"),
    "api:person-switch-on": by_key("name"),
    "api:person-invite-again": by_key("name"),
    "api:person-roles": by_key("name"),
    "api:person-end-role": by_key("name", role=1),
    **{
        f"api:{noun}-{deed}": NOUNS[noun]
        for noun in API_NOUNS
        for deed in ("archive", "bring-back", "history")
    },
    "api:team-duty-members": by_key("case group"),
    "api:team-duty-leave": by_key("case group", place=1),
    "api:team-duty-rota": by_key("case group"),
    "api:team-duty-unroster": by_key("case group", slot=1),
    "api:team-duty-on-duty": by_key("case group"),
    "api:person-absence-absences": by_key("name"),
    "api:person-absence-back": by_key("name", absence=1),
    "api:agreement-list": LIST,
    "api:agreement-detail": shared(Agreement),
    "api:agreement-agree": shared(Agreement),
    "api:agreement-end": shared(Agreement),
    "api:agreement-services": shared(Agreement),
    "api:announcement-list": Page(queries=("", *(f"?when={when}" for when, _ in WHEN))),
    "api:announcement-detail": by_key(*ANNOUNCED),
    "api:announcement-moves": by_key(*ANNOUNCED, move="publish"),
    "api:webhook-list": LIST,
    "api:webhook-detail": by_key("webhook"),
    "api:webhook-archive": by_key("webhook"),
    "api:webhook-test": by_key("webhook"),
    "api:webhook-deliveries": by_key("webhook"),
    "api:message-list": LIST,
    "api:message-detail": by_key("unsent message"),
    "api:message-try-again": by_key("unsent message"),
    "api:message-give-up": by_key("unsent message"),
    "api:order-list": LIST,
    **{f"api:order-{deed}": by_key("order") for deed in ("detail", "lines", "history")},
    "api:order-moves": by_key("order", move="place"),
    "api:order-line-list": LIST,
    **{f"api:order-line-{deed}": by_key("order line") for deed in ("detail", "receipts", "cancel-rest")},
    "api:refresh-energy": Page(),
    "api:refresh-forecast": Page(queries=("", "?council=CDC")),
    "api:reports": Page(),
    "api:service-report": Page(queries=FIGURES),
    "api:service-workbook": Page(),
    "api:service-figure-list": Page(queries=BACKLOGS),
    "api:equipment-report": Page(queries=FIGURES),
    "api:equipment-workbook": Page(),
    "api:equipment-figure-list": Page(queries=tuple(f"{query}&figure=kept" for query in FIGURES)),
    "api:entered-figure-list": LIST,
    "api:entered-figure-detail": by_key("entered figure"),
    "api:team-request-list": Page(),
    "api:stand-in-list": Page(),
    "api:stand-in-detail": by_key("stand-in"),
    "api:stand-in-end": by_key("stand-in"),
    "api:me": Page(),
    "api:preferences": Page(),
    "api:draft-list": Page(),
    "api:draft-detail": Page(lambda world: {"form": "help"}),
    "api:draft-discard": Page(lambda world: {"form": "help"}),
    "api:calls": Page(),
    "api:caller-list": Page(queries=("", "?q=canary", "?q=zz")),
    "api:caller-detail": by_key("name"),
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


def entries(kind) -> dict[str, Any]:
    return {name: entry for name, entry in REGISTRY.items() if isinstance(entry, kind)}


def addresses(world: World, kind: type[Public] | type[Page]) -> list[str]:
    """The address of each public or plain page, and of each query of a list."""
    return [address for name in entries(kind) for address in addresses_at(world, name)]


def addresses_at(world: World, name: str) -> list[str]:
    """The address of one public or plain page, and of each query of a list."""
    entry = REGISTRY[name]
    return [reverse(name, kwargs=entry.given(world)) + query for query in getattr(entry, "queries", ("",))]

"""Two councils and one person of each role in each, with rows of every kind that others keep from them.

Every text of a row carries its mark, so that a sweep can look for it in whatever comes back. A mark is
`zz<council><kind>zz`, short enough for every column and met nowhere else; sums of money are marks too.
"""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.http import QueryDict
from django.utils import timezone

from assets.batches.choosing import create_batch
from assets.batches.models import Appointment, Batch, BatchItem, LineOrder, Programme, SwapSlot
from assets.batches.planning import add_programme, set_budget
from assets.disposal import chasing, closing, consigning, media
from assets.disposal.reconciling import Certified
from assets.orders import ordering
from assets.orders.models import OrderLine, PurchaseOrder
from assets.orders.receiving import Box, Place, receive
from assets.refresh import planning
from assets.refresh.models import ExtendedSupport, RoomOverhead, Scenario, Tariff, UnitCosts
from assets.register import stock_taking
from assets.register.keeping import add_row
from assets.register.models import (
    Asset,
    AssetFile,
    AssetModel,
    Circuit,
    CIRelation,
    Contract,
    KitAnswer,
    KitCheck,
    LifecyclePolicy,
    Line,
    Loan,
    Manufacturer,
    OperatingSystemRelease,
    Supplier,
    Transfer,
    WriteOff,
)
from assets.register.registering import fresh as fresh_asset
from assets.register.registering import link_ticket, register_asset
from assets.register.together import change_all
from servicedesk.files.storing import keep
from servicedesk.history import editing
from servicedesk.jobs.models import Job
from servicedesk.knowledge import announcing
from servicedesk.knowledge.models import Announcement
from servicedesk.notifications.models import Delivery, Message, Webhook
from servicedesk.people.models import Council, Department, Person, Site
from servicedesk.people.roles import ROLES
from servicedesk.people.standing_in import name_stand_in
from servicedesk.reports.entering import enter_figure
from servicedesk.reports.models import EnteredFigure
from servicedesk.spreadsheets import importing
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.spreadsheets.models import Export, Import, ImportRows, MappingProfile
from servicedesk.spreadsheets.staging import StagedRow
from servicedesk.spreadsheets.stored_rows import STORED, pack
from servicedesk.tickets import drafts
from servicedesk.tickets.breaking_glass import break_glass
from servicedesk.tickets.finding import index_tickets
from servicedesk.tickets.models import How, Link, Merge, Task, Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.sealing import alert_council, ask_to_open
from servicedesk.tickets.sight import write_down
from servicedesk.tickets.workflow import move
from tests.factories import a_case_group, a_council, a_person, a_service, a_team

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
COUNCILS = ("OCC", "CDC")
WORD = "canary"
MARK = re.compile(r"zz([12])([a-z]{2})zz", re.IGNORECASE)
# Tokens and nonces, which of many thousands hold something like a mark by chance.
TOKEN = re.compile(r"[0-9A-Za-z]{20,}")
COSTS = {"41417.13": 1, "52528.26": 2}
SUMS = re.compile(r"41,?417\.13|52,?528\.26")
MARKED = (
    *(
        "asset",
        "private person",
        "cyber",
        "department",
        "export",
        "glass",
        "case group",
        "hr",
        "import",
        "job",
    ),
    *("internal note", "money", "name", "own_council", "draft", "task", "approval", "site", "shared"),
    *("unsent message", "webhook", "announcement", "draft announcement"),
    *("contract", "circuit", "line"),
    *("asset file", "loan", "transfer", "write-off", "stock-take", "kit-check", "mapping"),
    *("scenario", "baseline", "order", "appointment", "batch", "programme"),
    *("consignment", "due back", "medium", "disposal"),
    "entered figure",
)
# What the rows of each kind are marked with: two letters of their own.
LETTERS = {f"{chr(97 + at // 26)}{chr(97 + at % 26)}": kind for at, kind in enumerate(MARKED)}
KINDS = {kind: letter for letter, kind in LETTERS.items()}
# What whoever may see a thing sees as a matter of course.
REGISTER = {
    *("asset", "contract", "circuit", "line", "policy", "bought support", "machine room"),
    *("asset file", "loan", "transfer", "write-off", "stock-take", "kit-check"),
    *("order", "order line", "appointment", "batch", "batch item", "programme"),
    *("consignment", "due back", "medium", "disposal"),
}
# What is planned with, as far as it tells money.
PLANS = {"unit costs", "scenario", "baseline", "tariff"}
# Loans and transfers are read by both sides, and each of ours is between these two councils.
BOTH_SIDES = {"loan", "transfer"}
PLACES = {"department", "site"}
TOLD = {"announcement"}
WRITES = {"draft announcement"}
DESK = {"shared", "approval", "internal note", "task", "name"} | PLACES | TOLD | REGISTER
ADMINISTERED = {"name", "private person", "department", "site", "case group", "stand-in"}

# The oracle: what a role sees of its own council's rows that are not about the person, and of another council's.
SIGHT: dict[str, tuple[set[str], set[str]]] = {
    "requester": (PLACES | TOLD, set()),
    "engineer": (DESK | WRITES | {"own_council"}, DESK | WRITES),
    "queue_manager": (DESK | WRITES | {"own_council", "entered figure"}, DESK | WRITES),
    "asset_manager": (
        PLACES | TOLD | REGISTER | PLANS | {"shared", "money", "import", "mapping", "name", "deed"},
        PLACES | REGISTER | {"name"},
    ),
    "cyber_officer": (
        DESK | WRITES | {"own_council", "cyber", "glass", "entered figure"},
        DESK | WRITES | {"own_council", "cyber", "glass", "entered figure"},
    ),
    "service_owner": (PLACES | TOLD | {"entered figure"}, set()),
    "supplier_contact": (PLACES, set()),
    "budget_approver": (PLACES | TOLD | REGISTER | PLANS | {"approval", "money", "name"}, BOTH_SIDES),
    "administrator": (ADMINISTERED | TOLD | {"unsent message", "webhook"}, set()),
    "auditor": (DESK | {"own_council", "entered figure"}, BOTH_SIDES),
}

# A private request says beforehand which group of the person's council will read it.
SAID_TO_ITS_OWN = {"case group"}


@dataclass
class Side:
    """One council: its people by role, its rows by kind, and whom the rows are about."""

    number: int
    council: Council
    people: dict[str, Person] = field(default_factory=dict)
    rows: dict[str, Any] = field(default_factory=dict)


@dataclass
class World:
    """Both councils."""

    sides: dict[str, Side]

    def person(self, council: str, role: str) -> Person:
        return Person.objects.get(pk=self.sides[council].people[role].pk)

    def rows(self, council: str, role: str) -> Iterator[tuple[str, Any, bool]]:
        """Every row: its kind, itself, and whether that person may see it."""
        for side in self.sides.values():
            own, other = SIGHT[role]
            seen = own if side.council.code == council else other
            yield from ((kind, row, kind in seen) for kind, row in side.rows.items())

    def hidden_marks(self, council: str, role: str, text: str) -> list[str]:
        """The marks in a text that the person may not see, in words."""
        number = self.sides[council].number
        own, other = SIGHT[role]
        own = own | SAID_TO_ITS_OWN
        text = TOKEN.sub("", text)
        found = {(int(digit), LETTERS[letter.lower()]) for digit, letter in MARK.findall(text)}
        found |= {(COSTS[said.replace(",", "")], "money") for said in SUMS.findall(text)}
        return sorted(
            f"{kind} of {'its own' if digit == number else 'the other'} council"
            for digit, kind in found
            if kind not in (own if digit == number else other)
        )


def mark(number: int, kind: str) -> str:
    return f"zz{number}{KINDS[kind]}zz"


def marked(number: int, kind: str) -> str:
    """A text to be found by its word, with its mark."""
    return f"{WORD} {mark(number, kind)}"


def fill(row: models.Model, number: int, kind: str, *leave: str) -> None:
    """Put the mark into every free text that the row still leaves empty."""
    for column in row._meta.concrete_fields:
        free = isinstance(column, models.CharField | models.TextField) and not column.choices
        if free and column.name not in leave and not getattr(row, column.name):
            text = marked(number, kind)
            setattr(row, column.name, text if len(text) <= (column.max_length or 99) else mark(number, kind))


def build() -> World:
    """Make both councils. Call it inside a test's transaction."""
    sides = {code: Side(number, a_council(code)) for number, code in enumerate(COUNCILS, 1)}
    desk = a_team("Service desk")
    service = a_service("Laptops", team=desk)
    maker = Manufacturer.objects.create(name="Lenovo")
    model = AssetModel.objects.create(manufacturer=maker, name="T14", category="laptop")
    for side in sides.values():
        _people(side)
    for side in sides.values():
        _tickets(side, service)
        _ties(side)
        _asset(side, model)
        _estate(side)
        _plans(side)
        _figures(side)
        _orders(side, model)
        _appointments(side)
        _counting(side)
        _files(side)
        _approval(side, service)
        _announcements(side)
    ours, theirs = (side.rows["asset"] for side in sides.values())
    CIRelation.objects.create(source=ours, kind="connects_to", target=theirs)
    CIRelation.objects.create(service=service, kind="runs_on", target=ours)
    for side in sides.values():
        side.rows |= _dealings(side, _other(sides, side), model, "")
        side.rows |= _leaving(side, model, "")
    for side in sides.values():
        _sealing(side)
        _sending(side)
    return World(sides)


def grow(world: World) -> None:
    """Two more of everything that lists show, each with a site, service, team and model of its own."""
    for side in world.sides.values():
        for turn in (1, 2):
            name = f"{side.council.code} {turn}"
            site = Site.objects.create(council=side.council, name=f"Site {name}")
            newcomer = a_person(side.council, "requester", name=f"Newcomer {name}", site=site)
            service = a_service(f"Service {name}", team=a_team(f"Team {name}"))
            maker = Manufacturer.objects.create(name=f"Maker {name}")
            model = AssetModel.objects.create(manufacturer=maker, name=name, category="laptop")
            for requester in (newcomer, side.people["someone"]):
                _another_ticket(side, requester, service)
            _another_asset(side, newcomer, model, name)
            _connections(side, name, site, add_row(Supplier(name=f"{WORD} {name}"), by=None))
            _dealings(side, _other(world.sides, side), model, f" {name}")
            _leaving(side, model, f" {name}")
            _a_system(name)
            _orders(side, model)
            _appointments(side)
            _files(side)
        _announcements(side)


def _another_ticket(side: Side, requester: Person, service) -> None:
    ticket = raise_ticket(
        by=requester, requester=requester, type="incident", title=WORD, service=service, now=NOON
    )
    say(side.rows["shared"], by=side.people["engineer"], body=WORD, visibility="public", now=NOON)
    say(ticket, by=side.people["engineer"], body=WORD, visibility="internal", now=NOON)
    link_ticket(side.rows["asset"], ticket, by=side.people["engineer"])


def _another_asset(side: Side, holder: Person, model: AssetModel, tag: str) -> None:
    asset = Asset(
        council=side.council,
        asset_tag=tag,
        category="laptop",
        model=model,
        manufacturer=model.manufacturer,
        holder=holder,
        site=holder.site,
        state="in_use",
        notes=WORD,
    )
    asset = register_asset(asset, by=side.people["asset_manager"])
    link_ticket(asset, side.rows["shared"], by=side.people["engineer"])


def _people(side: Side) -> None:
    for role in ROLES:
        side.people[role] = a_person(side.council, role, name=f"{role} of {side.council.code}")
    place = Site.objects.create(council=side.council, name=f"Site {marked(side.number, 'site')}")
    part = Department.objects.create(
        council=side.council, name=f"Department {mark(side.number, 'department')}"
    )
    someone = a_person(
        side.council,
        "requester",
        name=f"Someone {marked(side.number, 'name')}",
        site=place,
        department=part,
        payroll_number=mark(side.number, "private person"),
        job_title=marked(side.number, "private person"),
    )
    side.people["someone"] = someone
    side.people["case worker"] = a_person(
        side.council, "requester", name=f"Case worker of {side.council.code}"
    )
    sealed = a_case_group("hr", side.council, side.people["case worker"])
    sealed.name = f"Group {marked(side.number, 'case group')}"
    sealed.save()
    side.rows |= {"name": someone, "department": part, "site": place, "case group": sealed}
    a_case_group("cyber", side.council, side.people["case worker"])
    side.rows["stand-in"] = name_stand_in(
        someone,
        side.people["case worker"],
        by=someone,
        starts_at=NOON,
        ends_at=NOON + timedelta(days=3650),
        now=NOON,
    )


def _tickets(side: Side, service) -> None:
    someone = side.people["someone"]
    for kind, fields in {
        "shared": {"type": "incident"},
        "own_council": {"type": "incident"},
        "hr": {"type": "request", "sensitivity": "hr"},
        "cyber": {"type": "security"},
    }.items():
        text = marked(side.number, kind)
        ticket = raise_ticket(
            by=someone, requester=someone, title=text, description=text, service=service, now=NOON, **fields
        )
        say(ticket, by=someone, body=text, visibility="public", files=[_file(text)], now=NOON)
        if kind == "own_council":
            Ticket.objects.filter(pk=ticket.pk).update(sharing="own_council")
        ticket.refresh_from_db()
        fill(ticket, side.number, kind, "resolution_code")
        ticket.save()
        index_tickets([ticket])
        side.rows[kind] = ticket
    note = marked(side.number, "internal note")
    engineer = side.people["engineer"]
    said = say(
        side.rows["shared"], by=engineer, body=note, visibility="internal", files=[_file(note)], now=NOON
    )
    side.rows["internal note"] = said.attachments.get()
    draft = QueryDict(mutable=True)
    draft.update({"body": f"{marked(side.number, 'draft')} begun"})
    for name in ("help", f"say-{side.rows['shared']}", f"reply-{side.rows['shared']}"):
        drafts.keep(someone, name, draft)


def _ties(side: Side) -> None:
    """Every ticket has a task; the shared one is tied to those that others may not see, and one was merged into it."""
    shared, someone = side.rows["shared"], side.people["someone"]
    for kind in ("shared", "own_council", "hr", "cyber"):
        ticket, text = side.rows[kind], marked(side.number, "task" if kind == "shared" else kind)
        task = Task.objects.create(
            ticket=ticket, position=1, title=text, detail=text, team=ticket.team, created_at=NOON
        )
        if kind == "shared":
            side.rows["task"] = task
        else:
            Link.objects.create(ticket=shared, other=ticket, kind="relates", made_by=someone, made_at=NOON)
    Ticket.objects.filter(pk=shared.pk).update(parent=side.rows["own_council"])
    Ticket.objects.filter(pk=side.rows["hr"].pk).update(parent=shared)
    _merged(side, shared)


def _merged(side: Side, target: Ticket) -> None:
    someone, text = side.people["someone"], marked(side.number, "own_council")
    source = raise_ticket(
        by=someone, requester=someone, type="incident", title=text, description=text, now=NOON
    )
    say(source, by=someone, body=text, visibility="public", files=[_file(text)], now=NOON)
    Merge.objects.create(source=source, target=target, by=side.people["engineer"], at=NOON)
    Ticket.objects.filter(pk=source.pk).update(
        sharing="own_council", state="cancelled", merged_into=target, duplicate_of=target
    )


def _file(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(f"{text}.txt", text.encode())


def _approval(side: Side, service) -> None:
    """Something that waits for the word of the budget approver."""
    someone, text = side.people["someone"], marked(side.number, "approval")
    ticket = raise_ticket(
        by=someone, requester=someone, type="request", title=text, description=text, service=service, now=NOON
    )
    approver = side.people["budget_approver"]
    side.rows["approval"] = move(
        ticket, "request_approval", by=None, approver=approver, reason=text, now=NOON
    )


def _announcements(side: Side) -> None:
    """One that is published and holds, and a draft. Strangers are told nothing of either."""
    for kind in ("announcement", "draft announcement"):
        text = marked(side.number, kind)
        row = announcing.draft(
            Announcement(title=text, text=text, starts_at=NOON),
            [side.council],
            [side.rows["site"]],
            by=side.people["engineer"],
            now=NOON,
        )
        side.rows[kind] = row
    told, manager = side.rows["announcement"], side.people["queue_manager"]
    side.rows["announcement"] = announcing.move(told, "publish", by=manager, version=told.version, now=NOON)


def _sealing(side: Side) -> None:
    """Somebody else broke the glass of the personnel matter, tried another, and read it; its group asks to open it."""
    ticket, reason = side.rows["hr"], marked(side.number, "glass")
    reader = a_person(side.council, "auditor", name=f"Reader of {side.council.code}")
    side.rows["glass"] = break_glass(by=reader, reference=ticket.reference, reason=reason)
    break_glass(by=reader, reference=marked(side.number, "glass"), reason=reason)
    write_down(reader, ticket, How.PAGE)
    worker = side.people["case worker"]
    ask_to_open(ticket, by=worker, sharing="shared", reason=marked(side.number, "hr"), now=NOON)
    for council in Council.objects.exclude(pk=side.council.pk):
        officer = side.people["cyber_officer"]
        alert_council(side.rows["cyber"], by=officer, council=council, now=NOON)


def _asset(side: Side, model: AssetModel) -> None:
    someone, manager = side.people["someone"], side.people["asset_manager"]
    asset = Asset(
        council=side.council,
        category="laptop",
        model=model,
        manufacturer=model.manufacturer,
        holder=someone,
        site=someone.site,
        department=someone.department,
        purchase_cost_ex_vat=Decimal(next(cost for cost, number in COSTS.items() if number == side.number)),
        po_number=mark(side.number, "money"),
        cost_centre=mark(side.number, "money"),
        legal_hold_reason="",
        state="in_use",
        registered_at=NOON,
    )
    fill(asset, side.number, "asset", "legal_hold_reason", "condition")
    asset.asset_tag, asset.serial_number = asset.asset_tag.upper(), mark(side.number, "asset").upper()
    register_asset(asset, by=manager)
    asset = fresh_asset(asset)
    link_ticket(asset, side.rows["shared"], by=side.people["engineer"])
    side.rows["asset"] = asset


def _estate(side: Side) -> None:
    """What the register holds beside assets."""
    supplier = Supplier.objects.get_or_create(name="Isis Fibre")[0]
    connected = {"council": side.council, "provider": supplier, "site": side.people["someone"].site}
    _a_system(side.council.code)
    rows = {
        "contract": Contract(council=side.council, supplier=supplier),
        "circuit": Circuit(**connected, asset=side.rows["asset"]),
        "line": Line(**connected, type="pstn", critical=True),
    }
    for kind, row in rows.items():
        fill(row, side.number, kind)
        side.rows[kind] = add_row(row, by=side.people["asset_manager"])
    policy = LifecyclePolicy(council=side.council, category="laptop", useful_life_months=48)
    side.rows["policy"] = add_row(policy, by=side.people["asset_manager"])


def _plans(side: Side) -> None:
    """What the refresh of its assets is planned with."""
    manager, council = side.people["asset_manager"], side.council
    cost = Decimal(next(cost for cost, number in COSTS.items() if number == side.number))
    costs = UnitCosts(council=council, category="laptop", base_fy="2026/27", price=cost, deploy=cost)
    bought = ExtendedSupport(
        council=council,
        release=OperatingSystemRelease.objects.get(cycle=council.code),
        until=NOON.date(),
    )
    what_if = Scenario(
        council=council, name=marked(side.number, "scenario"), inflation=Decimal("0.03"), yearly_cap=cost
    )
    since = NOON.date()
    tariff = Tariff(council=council, pence=(cost / 1000).quantize(Decimal("0.001")), starts_on=since)
    room = RoomOverhead(council=council, site=side.rows["site"], pue=Decimal("1.50"), starts_on=since)
    plans = {"unit costs": costs, "bought support": bought, "scenario": what_if}
    for kind, row in {**plans, "tariff": tariff, "machine room": room}.items():
        side.rows[kind] = planning.add_row(row, by=manager)
    name = marked(side.number, "baseline")
    side.rows["baseline"] = planning.take_baseline(by=manager, council=council, name=name, reference=name)
    _batches(side, cost)


def _figures(side: Side) -> None:
    """What was entered of the last month that has ended."""
    figure = EnteredFigure(
        council=side.council,
        kind="calls",
        month=date(2026, 10, 1),
        part=50,
        whole=1000,
        source=marked(side.number, "entered figure"),
        read_on=date(2026, 11, 2),
    )
    side.rows["entered figure"] = enter_figure(figure, by=side.people["service_owner"], now=NOON)


def _batches(side: Side, cost: Decimal) -> None:
    """A programme with a budget, and a batch of it with one laptop to review."""
    manager = side.people["asset_manager"]
    programme = Programme(
        name=marked(side.number, "programme"),
        from_fy="2026/27",
        to_fy="2030/31",
        window_from=date(2026, 4, 1),
        window_to=date(2028, 3, 31),
    )
    side.rows["programme"] = add_programme(programme, by=manager, councils=[side.council])
    set_budget(programme, side.council, "2026/27", cost, by=manager)
    laptop = Asset(council=side.council, asset_tag=f"BATCH{side.number}", category="laptop")
    register_asset(laptop, by=manager)
    batch = create_batch(
        by=manager,
        title=marked(side.number, "batch"),
        rule={"tags": [laptop.asset_tag]},
        as_at=NOON.date(),
        programme=programme,
        now=NOON,
    )
    side.rows["batch"], side.rows["batch item"] = batch, batch.items.get()


def _orders(side: Side, model: AssetModel) -> None:
    """An order that is late, of which one came."""
    manager, supplier = side.people["asset_manager"], Supplier.objects.get(name="Isis Fibre")
    row = PurchaseOrder(
        council=side.council,
        supplier=supplier,
        number=f"{mark(side.number, 'money')} {PurchaseOrder.objects.count()}",
        note=marked(side.number, "order"),
        ordered_on=NOON.date(),
        expected_on=NOON.date(),
    )
    order = ordering.add_order(row, by=manager, now=NOON)
    cost = Decimal(next(cost for cost, number in COSTS.items() if number == side.number))
    line = OrderLine(
        order=order, model=model, quantity=1, unit_price=cost, cost_centre=mark(side.number, "money")
    )
    line = ordering.add_line(line, by=manager, now=NOON)
    side.rows |= {"order": ordering.move(order, "place", by=manager, now=NOON), "order line": line}
    dead = Box(f"{mark(side.number, 'order')} {order.pk}", dead_on_arrival=True)
    receive(line, [dead], by=manager, place=Place(note=marked(side.number, "order")), now=NOON)
    LineOrder.objects.create(line=side.rows["batch"].lines.get(), order_line=line)


def _appointments(side: Side) -> None:
    """When what somebody has is replaced, at a time that their site offers."""
    manager, someone, number = side.people["asset_manager"], side.people["someone"], Batch.objects.count()
    batch = Batch.objects.create(
        council=side.council,
        reference=f"RB-2026-9{number:05}",
        title=marked(side.number, "appointment"),
        owner=manager,
        as_at=NOON.date(),
        base_fy="2026/27",
        state="under_way",
        state_since=NOON,
    )
    item = BatchItem.objects.create(
        batch=batch,
        council=side.council,
        asset=side.rows["asset"],
        category="laptop",
        state="allocated",
        state_since=NOON,
        note=marked(side.number, "appointment"),
    )
    starts = NOON + timedelta(days=1, hours=number)
    slot = SwapSlot.objects.create(
        council=side.council,
        site=side.rows["site"],
        room=marked(side.number, "appointment"),
        starts_at=starts,
        ends_at=starts + timedelta(minutes=30),
        capacity=2,
    )
    side.rows["appointment"] = Appointment.objects.create(
        council=side.council, item=item, person=someone, slot=slot, state="booked", offered_at=NOON
    )


def _a_system(cycle: str) -> None:
    editing.add(
        OperatingSystemRelease(
            product="windows",
            cycle=cycle,
            name=f"Microsoft Windows {cycle}",
            end_of_active_support_known="unknown",
            end_of_security_support=NOON.date(),
            end_of_security_support_known="date",
            end_of_extended_support_known="not_announced",
            source="endoflife.date",
            checked_on=NOON.date(),
        ),
        by=None,
    )


def _connections(side: Side, name: str, site: Site, supplier: Supplier) -> None:
    connected: dict[str, Any] = {"council": side.council, "provider": supplier, "site": site, "use": WORD}
    add_row(Circuit(**connected, number=name), by=None)
    add_row(Line(**connected, number=name, type="pstn"), by=None)
    add_row(Contract(council=side.council, supplier=supplier, reference=name, subject=WORD), by=None)


def _other(sides: dict[str, Side], side: Side) -> Side:
    return next(one for one in sides.values() if one is not side)


def _dealings(side: Side, other: Side, model: AssetModel, tag: str) -> dict[str, Any]:
    """Something lent to the other council, something offered to it, something lost, and files on an asset."""
    manager, number = side.people["asset_manager"], side.number
    things = {}
    for kind, state in (("loan", "in_stock"), ("transfer", "in_stock"), ("write-off", "lost_stolen")):
        asset = Asset(
            council=side.council,
            asset_tag=f"{mark(number, kind)}{tag}",
            category="laptop",
            model=model,
            manufacturer=model.manufacturer,
            state=state,
            notes=marked(number, "asset"),
        )
        things[kind] = register_asset(asset, by=manager)
    common = {"council": side.council, "receiver": other.council, "offered_by": manager, "offered_at": NOON}
    loan = Loan.objects.create(
        **common,
        asset=things["loan"],
        person=other.people["requester"],
        starts_on=NOON.date(),
        ends_on=NOON.date(),
        reason=marked(number, "loan"),
    )
    transfer = Transfer.objects.create(**common, asset=things["transfer"], reason=marked(number, "transfer"))
    written = {"council": side.council, "recorded_by": manager, "recorded_at": NOON}
    asked = WriteOff.objects.create(**written, asset=things["write-off"], reason=marked(number, "write-off"))
    files = {}
    for kind, secret in (("photo", "asset file"), ("invoice", "money")):
        stored = keep(
            ContentFile(marked(number, secret).encode()),
            f"{marked(number, secret)}.txt",
            council=side.council,
            by=manager,
        )
        files[kind] = AssetFile.objects.create(**written, asset=side.rows["asset"], kind=kind, file=stored)
    return {"loan": loan, "transfer": transfer, "write-off": asked, "asset file": files["photo"]}


def _leaving(side: Side, model: AssetModel, tag: str) -> dict[str, Any]:
    """Something to be brought back, something with a disk, and two consignments: one certified, one closed."""
    manager, council, number = side.people["asset_manager"], side.council, side.number
    supplier = Supplier.objects.get_or_create(name="Isis Fibre")[0]
    cost = Decimal(next(cost for cost, owner in COSTS.items() if owner == number))

    def thing(kind: str, more: str, **values: Any) -> Asset:
        row = Asset(
            council=council,
            asset_tag=f"{mark(number, kind)}{tag}{more}",
            category="laptop",
            model=model,
            manufacturer=model.manufacturer,
            **values,
        )
        return register_asset(row, by=manager)

    held = thing("due back", "", state="in_use", holder=side.people["someone"])
    (due,) = chasing.expect(
        [held], by=manager, why="other", due_on=NOON.date(), note=marked(number, "due back"), now=NOON
    )
    chasing.chased_by_hand(due, by=manager, note=marked(number, "due back"), now=NOON)
    text, medium_text = marked(number, "consignment"), marked(number, "medium")
    medium = media.add_medium(
        thing("medium", "", state="returned"), by=manager, kind="other", make=medium_text, now=NOON
    )
    rows = []
    for more, kind in ((" 1", "consignment"), (" 2", "disposal")):
        gone = thing(kind, more, state="sanitised", certificate_number=marked(number, kind))
        row = consigning.make(
            by=manager, council=council, supplier=supplier, notes=text, income=cost, now=NOON
        )
        consigning.add_items(row, [gone], by=manager, now=NOON)
        papers = {"carrier_licence": text, "transfer_note": text, "weee_facility": text, "recipient": text}
        days = {"carrier_licence_expiry": NOON.date(), "collected_on": NOON.date()}
        row = consigning.collect(
            row, by=manager, dial_rating=2, items_on_note=1, weight_kg=1, now=NOON, **papers, **days
        )
        said = [Certified(1, gone.asset_tag, text, "resold")]
        file = ContentFile(text.encode(), f"{text}.txt")
        row = closing.take_certificate(row, said, by=manager, file=file, now=NOON)
        rows.append((row, gone))
    closing.close(rows[1][0], by=manager, now=NOON)
    return {"due back": due, "medium": medium, "consignment": rows[0][0], "disposal": rows[1][1]}


def _counting(side: Side) -> None:
    """A site that is being counted, holders who are asked for their kit, and a deed that changed the register."""
    someone, manager = side.people["someone"], side.people["asset_manager"]
    room, asset = marked(side.number, "stock-take"), side.rows["asset"]
    there = stock_taking.begin(by=manager, site=someone.site, room=room, now=NOON)
    for name in (f"{room} 2", str(asset)):
        stock_taking.count(there, name, by=manager, now=NOON)
    side.rows["stock-take"] = there
    asked = KitCheck.objects.create(
        council=side.council, site=someone.site, asked_by=manager, asked_at=NOON, answer_by=NOON.date()
    )
    said = marked(side.number, "kit-check")
    KitAnswer.objects.create(
        check_asked=asked, asset=asset, person=someone, answer="have", answered_at=NOON, note=said
    )
    side.rows["kit-check"] = asked
    other = Asset(council=side.council, asset_tag=f"DEED{side.number}", category="dock", state="in_stock")
    register_asset(other, by=manager)
    side.rows["deed"] = change_all({other.pk: 1}, {"room": "1"}, by=manager).deed


def _files(side: Side) -> None:
    """An import of the asset manager's, and an export and a job of somebody's own."""
    someone, now = side.people["someone"], timezone.now()
    side.rows["mapping"] = _mapping(side)
    side.rows["import"] = _import(side)
    side.rows["job"] = Job.objects.create(
        task="tests.jobs.tasks.nothing",
        wanted_by=someone,
        stage=marked(side.number, "job"),
        created_at=now,
    )
    Job.objects.create(
        task="tests.jobs.tasks.nothing",
        wanted_by=someone,
        state="failed",
        problem=marked(side.number, "job"),
        created_at=now,
        finished_at=now,
    )
    file = keep(
        _sheet(side, "export"), f"{marked(side.number, 'export')}.csv", council=side.council, by=someone
    )
    side.rows["export"] = Export.objects.create(
        kind="assets", format="csv", wanted_by=someone, wanted_at=now, file=file, rows=1
    )


def _sending(side: Side) -> None:
    """Mail that did not go, about a private request, and a webhook with what it was told."""
    text, now, ticket = marked(side.number, "unsent message"), timezone.now(), side.rows["hr"]
    side.rows["unsent message"] = Message.objects.create(
        person=side.people["requester"],
        event="answered",
        about_kind="tickets.ticket",
        about_id=ticket.pk,
        council=side.council,
        subject=marked(side.number, "hr"),
        body=marked(side.number, "hr"),
        cause=f"sweep {Message.objects.count()}",
        message_id=f"{side.number} {Message.objects.count()}",
        created_at=now,
        next_try_at=now,
        state="failed",
        ended_at=now,
        problem=text,
    )
    text = marked(side.number, "webhook")
    hook = side.rows["webhook"] = Webhook.objects.create(
        council=side.council,
        owner=side.people["administrator"],
        name=text,
        address=f"https://{mark(side.number, 'webhook')}.example/",
        secret=mark(side.number, "private person"),
        events=["ticket.raised"],
        created_at=now,
    )
    Delivery.objects.create(
        webhook=hook,
        event="ticket.raised",
        event_id=uuid.uuid5(uuid.NAMESPACE_URL, f"{hook.address}{hook.deliveries.count()}{hook.pk}"),
        about_kind="tickets.ticket",
        about_id=ticket.pk,
        payload={"said": marked(side.number, "shared")},
        problem=text,
        created_at=now,
        next_try_at=now,
    )


def _sheet(side: Side, kind: str) -> ContentFile:
    text = marked(side.number, kind)
    return ContentFile(f"Asset tag,Serial number\n{text},{mark(side.number, kind)}\n".encode())


def _mapping(side: Side) -> MappingProfile:
    """What was said of a file of the asset manager's, kept for the next one."""
    text, number = marked(side.number, "mapping"), MappingProfile.objects.count()
    said = {"values": {"site": {text: text}}, "creates": {"site": [text]}, "policies": {}, "keys": []}
    return MappingProfile.objects.create(
        council=side.council,
        kind="assets",
        name=f"{text} {number}",
        source=f"{text} {number}",
        signature=f"{side.number}",
        headings={"A": [text, 1]},
        mapping={"columns": {"A": "asset_tag"}, "dates": {}, **said},
        saved_by=side.people["asset_manager"],
        saved_at=timezone.now(),
    )


def _import(side: Side) -> Import:
    """A checked import. Its file is read, in a process of its own, once for all worlds: it says the same in each."""
    manager, text = side.people["asset_manager"], marked(side.number, "import")
    name = f"{text}.csv"
    if side.number not in _found:
        found = importing.start(_sheet(side, "import"), name, kinds()["assets"], side.council, by=manager)
        _found[side.number] = {"sheets": found.sheets, "mapping": found.mapping}
        found.delete()
    started = Import.objects.create(
        kind="assets",
        council=side.council,
        file=keep(_sheet(side, "import"), name, council=side.council, by=manager),
        state="checked",
        counts={"create": 1, "update": 0, "unchanged": 0, "ambiguous": 0, "error": 1},
        started_by=manager,
        started_at=timezone.now(),
        profile=side.rows["mapping"],
        unknown=[{"field": "site", "written": text, "count": 1, "rows": [2], "creatable": True}],
        **_found[side.number],
    )
    words = {"severity": "error", "value": text, "message": text, "remedy": text}
    problem = {"field": "asset_tag", "column": "A", "code": "text_too_long", **words}
    row = StagedRow(2, {"asset_tag": text})
    row.action, row.problems = "error", [problem]
    for packed in pack(started, 0, [row]):
        source, *rest = packed
        ImportRows.objects.create(source_id=source, **dict(zip(STORED[1:], rest, strict=True)))
    return started


_found: dict[int, dict[str, Any]] = {}

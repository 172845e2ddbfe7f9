"""Two councils and one person of each role in each, with rows of every kind that others keep from them.

Every text of a row carries its mark, so that a sweep can look for it in whatever comes back. A mark is
`zz<council><kind>zz`, short enough for every column and met nowhere else; sums of money are marks too.
"""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models
from django.http import QueryDict
from django.utils import timezone

from assets.register.models import Asset, AssetModel, Manufacturer
from assets.register.registering import fresh as fresh_asset
from assets.register.registering import link_ticket, register_asset
from servicedesk.files.storing import keep
from servicedesk.jobs.models import Job
from servicedesk.notifications.models import Delivery, Message, Webhook
from servicedesk.people.models import Council, Department, Person, Site
from servicedesk.people.roles import ROLES
from servicedesk.spreadsheets import importing
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.spreadsheets.models import Export, Import, ImportRow
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
MARK = re.compile(r"zz([12])([a-z])zz", re.IGNORECASE)
COSTS = {"41417.13": 1, "52528.26": 2}
SUMS = re.compile(r"41,?417\.13|52,?528\.26")
LETTERS = {
    "a": "asset",
    "b": "private person",
    "c": "cyber",
    "d": "department",
    "e": "export",
    "f": "glass",
    "g": "case group",
    "h": "hr",
    "i": "import",
    "j": "job",
    "k": "internal note",
    "m": "money",
    "n": "name",
    "o": "own_council",
    "p": "draft",
    "l": "task",
    "q": "approval",
    "s": "site",
    "t": "shared",
    "u": "unsent message",
    "w": "webhook",
}
KINDS = {kind: letter for letter, kind in LETTERS.items()}
# What whoever may see a thing sees as a matter of course.
DESK = {"shared", "approval", "internal note", "task", "asset", "name", "department", "site"}
ADMINISTERED = {"name", "private person", "department", "site", "case group"}

# The oracle: what a role sees of its own council's rows that are not about the person, and of another council's.
SIGHT: dict[str, tuple[set[str], set[str]]] = {
    "requester": ({"department", "site"}, set()),
    "engineer": (DESK | {"own_council"}, DESK),
    "queue_manager": (DESK | {"own_council"}, DESK),
    "asset_manager": (
        {"shared", "asset", "money", "import", "name", "department", "site"},
        {"asset", "name", "department", "site"},
    ),
    "cyber_officer": (DESK | {"own_council", "cyber", "glass"}, DESK | {"own_council", "cyber", "glass"}),
    "service_owner": ({"department", "site"}, set()),
    "supplier_contact": ({"department", "site"}, set()),
    "budget_approver": ({"approval", "asset", "money", "name", "department", "site"}, set()),
    "administrator": (ADMINISTERED | {"unsent message", "webhook"}, set()),
    "auditor": (DESK | {"own_council"}, set()),
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
        _files(side)
        _approval(side, service)
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
            _files(side)


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
    side.rows["approval"] = move(ticket, "request_approval", by=None, approver=approver, now=NOON)


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


def _files(side: Side) -> None:
    """An import of the asset manager's, and an export and a job of somebody's own."""
    someone, now = side.people["someone"], timezone.now()
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
        **_found[side.number],
    )
    words = {"severity": "error", "value": text, "message": text, "remedy": text}
    problem = {"field": "asset_tag", "column": "A", "code": "text_too_long", **words}
    ImportRow.objects.create(
        source=started,
        number=2,
        action="error",
        values={"asset_tag": text},
        problems=[problem],
        worst="error",
    )
    return started


_found: dict[int, dict[str, Any]] = {}

"""A row of the other council given as a reference is refused in the words for one that does not exist, and not kept."""

import json
import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any

import django_filters as filters
import pytest
from django import forms
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from rest_framework import serializers

from api.organisation_shapes import Written
from assets.batches.filters import BatchFilters
from assets.batches.models import Programme
from assets.orders.models import OrderLine
from assets.register.estate_filters import CircuitFilters, ContractFilters, LineFilters, ModelFilters
from assets.register.filters import AssetFilters, NumberFilter
from servicedesk.history.models import ChangeSet
from servicedesk.people.models import Department, Site
from servicedesk.service_levels.models import Calendar
from servicedesk.tickets.filters import TicketFilter
from servicedesk.tickets.forms import GIVEN
from servicedesk.tickets.models import Task, Ticket
from tests.factories import a_person, a_service, a_team, an_asset
from tests.sweeps.asking import ask, signed_in
from tests.sweeps.marks import NOON
from tests.sweeps.registry import FAR
from tests.sweeps.test_forms import all_forms, descendants
from tests.sweeps.world import World

pytestmark = pytest.mark.django_db
# Every council knows of the others, of all makers, models and calendars: these are references to nobody's rows.
SHARED = {
    *("council", "councils", "new_council", "receiver", "provider", "agreements"),
    *("manufacturer", "model", "calendar", "supplier", "replacement_model", "release"),
}
# What differs between two pages that are the same, and what answers repeat of what was sent.
FLEETING = re.compile(
    r"[0-9A-Za-z]{64}|[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}|nonce-[\w-]+|nonce=\"[^\"]*\""
)
HELP = {"kind": "incident", "title": "No sound", "effect": "me", "sensitivity": "normal"}
TICKET = {
    "title": "No sound",
    "description": "",
    "category": "",
    "subcategory": "",
    "impact": 3,
    "urgency": 3,
}
ASSET = {"category": "laptop", "asset_tag": "NEW-1", "state": "in_stock", "ownership": "owned"}
API = "/api/v1"
LEVEL = {
    "kind": "uc",
    "ticket_type": "incident",
    "priority": "P4",
    "metric": "supplier",
    "hours": "2",
    "starts_on": "2020-01-01",
    "goal_percent": "90",
    "warn_percent": "75",
}
# Whoever works for both councils logs calls for both, and tells the people of both what is out of order.
OF_THE_DESK = {
    ("CallForm", "service"),
    ("CallSerializer", "service"),
    ("CallSerializer", "caller"),
    *(
        (form, name)
        for form in ("AnnouncementForm", "NewAnnouncement", "ChangedAnnouncement")
        for name in ("service", "sites")
    ),
}
# What others are made of, and is never sent itself.
NEVER_SENT = ("PersonGiven", "AnnouncementFields")
OF_THE_JOINT_DESK = {"CallForm", "ServiceForm", "OfferForm"}
# How a reference to nothing is answered: with the form again; but some lead back to the page, or find nothing.
ANSWERED = {"LinkForm": 302, "AssetFilters-holder": 200}


@dataclass(frozen=True)
class Try:
    """Who sends a reference where, in which field of which form, beside what else, and to what it points.

    Where the person may `know` the row, the answer may say why it cannot be chosen.
    """

    form: str
    field: str
    who: str
    address: str
    to: str
    beside: dict[str, Any] = field(default_factory=dict)
    method: str = "POST"
    known: bool = False
    several: bool = False


MOVES = {
    "team": ("hand_over", {"note": "Yours"}, "team"),
    "assignee": ("hand_over", {"note": "Yours"}, "person"),
    "supplier_team": ("refer_to_supplier", {}, "supplier"),
    "duplicate_of": ("cancel", {"reason": "Twice"}, "ticket"),
    "approver": ("request_approval", {"reason": "Not standard"}, "person"),
}


def of(move: str) -> str:
    """A ticket that a move can be made of: what nobody has begun, or what is under way."""
    return "untouched" if move == "request_approval" else "ticket"


OF_A_TASK = {"team": "team", "assignee": "person", "after": "task"}
TIES = {
    "LinkSerializer": ("other", "links", {"kind": "relates"}),
    "ParentSerializer": ("parent", "parent", {}),
    "MergeSerializer": ("into", "merge", {}),
}
PEOPLE = (("site", "site"), ("department", "department"), ("line_manager", "person"))
SERVICES = (("owner", "person"), ("support_team", "case group"))
A_BATCH = {"title": "A", "rule": "tags", "tags": "X", "as_at": "23/11/2026", "tolerance_percent": 10}
ITEM = "/refresh/batches/{batch}/items/{item}/moves/confirm/"
TOGETHER = "/refresh/batches/{batch}/items/moves/confirm/"
A_DAY = {"day": "8/12/2036", "begins": "9:00", "ends": "10:00", "minutes": "30", "capacity": "1"}
FREEZE = {"starts_on": "2036-12-24", "ends_on": "2036-12-31", "why": "A"}
LINE = "/refresh/batches/{batch}/lines/{batch_line}/"
MANY = {"assets": [{"id": 1, "version": 1}]}
OF_MANY = {"site": "site", "department": "department", "holder": "person"}
OF_AN_ASSET = {**OF_MANY, "uplink": "asset"}
BY_WORDS = {"holder": "person by name", "uplink": "asset by name"}

RELATIONS = "/assets/{asset}/relations/"

TRIES = [
    *(
        Try("TaskForm", name, "engineer", "/tickets/{ticket}/tasks/", to, {"title": "A", "team": "{team}"})
        for name, to in OF_A_TASK.items()
    ),
    *(
        Try(
            shape,
            name,
            "engineer",
            address,
            to,
            beside,
            method,
            known=to in ("team", "person"),
        )
        for shape, address, beside, method in (
            (
                "NewTaskSerializer",
                f"{API}/tickets/{{ticket}}/tasks/",
                {"title": "A", "team": "{team}"},
                "POST",
            ),
            ("TaskChangeSerializer", f"{API}/tasks/{{task}}/", {"version": 1}, "PATCH"),
        )
        for name, to in OF_A_TASK.items()
    ),
    *(
        Try(form, "other", "engineer", f"/tickets/{{ticket}}/{page}/", "ticket", beside)
        for form, page, beside in (("RelateForm", "links", {"how": "relates"}), ("MergeForm", "merge", {}))
    ),
    *(
        Try(shape, name, "engineer", f"{API}/tickets/{{ticket}}/{path}/", "ticket", beside)
        for shape, (name, path, beside) in TIES.items()
    ),
    *(
        Try(
            "AssetMoveSerializer",
            name,
            "engineer",
            f"{API}/assets/{{asset}}/{deed}/",
            to,
            beside,
            known=to != "ticket",
        )
        for name, deed, to, beside in (
            ("person", "hand-over", "person", {}),
            ("site", "hand-over", "site", {"room": "1"}),
            ("verified_by", "moves/return", "person", {"condition": "B"}),
            ("ticket", "moves/return", "ticket", {"condition": "B"}),
        )
    ),
    Try(
        "LoanOfferSerializer",
        "person",
        "asset_manager",
        f"{API}/assets/{{asset}}/loans/",
        "person",
        {"starts_on": "2030-01-02", "ends_on": "2030-01-01", "reason": "Flood"},
        known=True,
    ),
    Try("HelpForm", "service", "someone", "/help/", "service", HELP),
    Try("HelpForm", "asset", "someone", "/help/", "asset", HELP),
    *(
        Try("GIVEN", name, "queue_manager", f"/tickets/{{{of(move)}}}/moves/{move}/", to, beside)
        for name, (move, beside, to) in MOVES.items()
    ),
    Try(
        "ChangeForm",
        "service",
        "engineer",
        "/tickets/{ticket}/change/",
        "service",
        {**TICKET, "version": "{version}"},
    ),
    Try(
        "ChangeForm",
        "site",
        "engineer",
        "/tickets/{ticket}/change/",
        "site",
        {**TICKET, "version": "{version}"},
    ),
    *(
        Try(form, name, "asset_manager", address, BY_WORDS.get(name, to), beside)
        for name, to in OF_AN_ASSET.items()
        for form, address, beside in (
            ("NewAssetForm", "/assets/new/", ASSET),
            ("AssetForm", "/assets/{asset}/edit/", {**ASSET, "version": 1}),
        )
    ),
    *(
        Try("CallForm", name, "engineer", "/queue/log/", to, {"title": "A", "stops": "33", "type": "request"})
        for name, to in (("team", "case group"), ("assignee", "person"))
    ),
    *(
        Try(
            "CallSerializer",
            name,
            "engineer",
            f"{API}/calls/",
            to,
            {"caller": "{person}", "title": "A", "outcome": "pass_on"},
        )
        for name, to in (("team", "case group"), ("assignee", "person"))
    ),
    *(
        Try("PersonForm", name, "administrator", "/admin/people/{person}/edit/", to, {"display_name": "A"})
        for name, to in PEOPLE
    ),
    *(
        Try("ServiceForm", name, "administrator", "/admin/services/{service}/", to, {"name": "A"})
        for name, to in SERVICES
    ),
    *(
        Try(form, "person", "administrator", f"/admin/teams/{{team}}/rota/{page}/", "person")
        for form, page in (("MemberForm", "join"), ("RotaForm", "slots"), ("MemberAbsenceForm", "away"))
    ),
    *(
        Try(f"{begin}{noun}Serializer", name, "administrator", f"{API}/{path}", to, beside, method)
        for noun, one, given, fields in (
            ("Person", "people/{person}/", {"council": "OCC", "display_name": "A"}, PEOPLE),
            ("Service", "services/{service}/", {"name": "A", "councils": ["OCC"]}, SERVICES),
        )
        for begin, path, beside, method in (
            ("New", one.partition("{")[0], given, "POST"),
            ("Changed", one, {"version": 1}, "PATCH"),
        )
        for name, to in fields
    ),
    *(
        Try(shape, "person", "administrator", f"{API}/teams/{{team}}/{path}/", "person", beside)
        for shape, path, beside in (
            ("NewMemberSerializer", "members", {}),
            ("NewRotaSerializer", "rota", {"weekday": 0, "begins": "09:00", "ends": "17:00"}),
        )
    ),
    *(
        Try("SeveralSerializer", name, "engineer", f"{API}/tickets/merge-several/", "ticket", beside, **how)
        for name, beside, how in (
            ("into", {"tickets": ["{ticket}"], "apply": True}, {}),
            ("tickets", {"into": "{ticket}", "apply": True}, {"several": True}),
        )
    ),
    Try("BeginForm", "site", "asset_manager", "/assets/stock-takes/", "site"),
    Try("BeginSerializer", "site", "asset_manager", f"{API}/stock-takes/", "site"),
    *(
        Try(form, name, "asset_manager", address, name, beside)
        for name in ("site", "department")
        for form, address, beside in (
            ("TogetherForm", "/assets/together/", {"asset": "1-1", "do": "check"}),
            ("AskForm", "/assets/own-kit/", {}),
            ("AskSerializer", f"{API}/kit-checks/", {}),
        )
    ),
    *(
        Try("ChangeManySerializer", name, "asset_manager", f"{API}/assets/change-together/", to, MANY)
        for name, to in OF_MANY.items()
    ),
    *(
        Try("AsAtForm", "site", "budget_approver", page, "site", method="GET")
        for page in ("/assets/as-at/", f"{API}/assets/as-at/")
    ),
    Try("BatchForm", "programme", "asset_manager", "/refresh/batches/new/", "programme", A_BATCH),
    Try(
        "BatchDetailsForm",
        "programme",
        "asset_manager",
        "/refresh/batches/{batch}/edit/",
        "programme",
        {"title": "A", "tolerance_percent": 10},
    ),
    Try(
        "NewBatchSerializer",
        "programme",
        "asset_manager",
        f"{API}/refresh/batches/",
        "programme",
        {"title": "A", "tags": ["X"]},
    ),
    Try("CountOrderForm", "order_line", "asset_manager", f"{LINE}count/", "order line"),
    Try("BatchOrderSerializer", "order_line", "asset_manager", f"{API}{LINE}orders/", "order line"),
    Try("BatchFilters", "programme", "budget_approver", "/refresh/batches/", "programme", method="GET"),
    *(
        Try(shape, name, "asset_manager", f"{API}{address}", to, beside, known=to != "ticket")
        for shape, address, beside in (
            ("ItemMoveSerializer", ITEM, {}),
            ("ItemsMoveSerializer", TOGETHER, {"items": [{"id": 1, "version": 1}]}),
        )
        for name, to in (
            *(("person", "person"), ("verified_by", "person"), ("site", "site")),
            *(("ticket", "ticket"), ("replacement", "asset")),
        )
    ),
    *(
        Try(form, "site", "asset_manager", address, "site", beside, known=form == "ReceiveSerializer")
        for form, address, beside in (
            ("ReceiveForm", "/refresh/orders/lines/{order line}/receive/", {"serial_number": "NEW-1"}),
            (
                "ReceiveSerializer",
                f"{API}/order-lines/{{order line}}/receipts/",
                {"boxes": [{"serial_number": "NEW-1"}]},
            ),
            ("DespatchForm", "/refresh/orders/{order}/despatch-sheet/", {}),
            ("OfferDayForm", "/refresh/appointments/times/", A_DAY),
        )
    ),
    *(
        Try(
            form,
            "site",
            "asset_manager",
            f"/refresh/energy/{page}/new/",
            "site",
            {"starts_on": "1/4/2036"} | more,
        )
        for form, page, more in (
            ("TariffForm", "tariffs", {"council": "{council}", "pence": "25"}),
            ("RoomOverheadForm", "rooms", {"council": "{council}", "pue": "1.5"}),
        )
    ),
    *(
        Try(form, "site", "asset_manager", address, "site", {**FREEZE, **council})
        for form, address, council in (
            ("FreezeForm", "/refresh/appointments/freezes/", {"council": "{council}"}),
            ("NewFreezeSerializer", f"{API}/refresh/freezes/", {"council": "OCC"}),
        )
    ),
    Try(
        "NewTimesSerializer",
        "site",
        "asset_manager",
        f"{API}/refresh/swap-times/",
        "site",
        A_DAY | {"day": "2036-12-08"},
    ),
    Try(
        "NewDeferralSerializer",
        "asset",
        "asset_manager",
        f"{API}/refresh/deferrals/",
        "asset",
        {"reason": "A", "until": "2036-01-01"},
    ),
    Try(
        "OfferSerializer",
        "items",
        "asset_manager",
        f"{API}/refresh/appointments/",
        "batch item",
        several=True,
    ),
    Try("DayForm", "site", "budget_approver", "/refresh/appointments/day-sheet/", "site", method="GET"),
    Try("OfferForm", "batch", "asset_manager", "/refresh/appointments/", "batch"),
    Try("AssignForm", "engineer", "engineer", "/refresh/appointments/{appointment}/assign/", "person"),
    Try(
        "WipeSerializer",
        "verified_by",
        "asset_manager",
        f"{API}/media/{{medium}}/wipe/",
        "person",
        {"passed": True, "method": "purge"},
        known=True,
    ),
    Try("LinkForm", "asset", "someone", "/assets/tickets/{ticket}/link/", "asset by name"),
    Try(
        "NewTicketSerializer",
        "service",
        "someone",
        f"{API}/tickets/",
        "service",
        {"type": "request", "title": "A"},
    ),
    Try(
        "NewTicketSerializer",
        "requester",
        "someone",
        f"{API}/tickets/",
        "person",
        {"type": "request", "title": "A"},
    ),
    *(
        Try(
            "MoveSerializer",
            name,
            "queue_manager",
            f"{API}/tickets/{{{of(move)}}}/moves/{move}/",
            to,
            beside,
            known=to != "ticket",
        )
        for name, (move, beside, to) in MOVES.items()
    ),
    Try(
        "ChangeSerializer",
        "service",
        "engineer",
        f"{API}/tickets/{{ticket}}/",
        "service",
        {"version": "{version}"},
        "PATCH",
    ),
    Try(
        "ChangeSerializer",
        "site",
        "engineer",
        f"{API}/tickets/{{ticket}}/",
        "site",
        {"version": "{version}"},
        "PATCH",
    ),
    *(
        Try("NewAssetSerializer", name, "asset_manager", f"{API}/assets/", to, {**ASSET, "council": "OCC"})
        for name, to in OF_AN_ASSET.items()
    ),
    *(
        Try(
            "AssetChangeSerializer",
            name,
            "asset_manager",
            f"{API}/assets/{{asset}}/",
            to,
            {"version": 1},
            "PATCH",
        )
        for name, to in OF_AN_ASSET.items()
    ),
    *(
        Try(
            "TicketFilter",
            name,
            "requester" if page.startswith("/api") else "supplier_contact",
            page,
            to,
            method="GET",
        )
        for page in ("/queue/", f"{API}/tickets/")
        for name, to in (("team", "case group"), ("service", "service"))
    ),
    *(
        Try(form, "team", "administrator", f"{address}/calendars/{{calendar}}/keep/", "supplier")
        for form, address in (("KeepForm", "/admin"), ("KeepSerializer", API))
    ),
    *(
        Try(form, name, "administrator", address, to, {**LEVEL, "target_seconds": 7200})
        for form, address in (
            ("LevelForm", "/admin/service-levels/new/"),
            ("NewLevelSerializer", f"{API}/service-levels/"),
        )
        for name, to in (("team", "supplier"), ("service", "service"))
    ),
    *(
        Try("AssetFilters", name, "budget_approver", page, to, method="GET")
        for page in ("/assets/", f"{API}/assets/")
        for name, to in (("site", "site"), ("holder", "person"))
    ),
    *(
        Try(kind, "site", "budget_approver", page.format(noun), "site", method="GET")
        for kind, noun in (("CircuitFilters", "circuits"), ("LineFilters", "lines"))
        for page in ("/assets/{}/", f"{API}/{{}}/")
    ),
    *(
        Try(
            form,
            name,
            "asset_manager",
            f"/assets/{noun}/new/",
            to,
            {"number": "1", "status": "in_use", **more},
        )
        for form, noun, name, to, more in (
            ("CircuitForm", "circuits", "site", "site", {}),
            ("CircuitForm", "circuits", "asset", "asset by name", {"council": "{council}"}),
            ("LineForm", "lines", "site", "site", {"type": "pstn"}),
        )
    ),
    *(
        Try(f"{begin}{noun}Serializer", name, "asset_manager", f"{API}/{path}", name, beside, method)
        for noun, one, given, fields in (
            ("Circuit", "circuits/{circuit}/", {"council": "OCC", "number": "1"}, ("site", "asset")),
            ("Line", "lines/{line}/", {"council": "OCC", "number": "1", "type": "pstn"}, ("site",)),
        )
        for begin, path, beside, method in (
            ("New", one.partition("{")[0], given, "POST"),
            ("Changed", one, {"version": 1}, "PATCH"),
        )
        for name in fields
    ),
    Try("ServiceRelationForm", "service", "asset_manager", RELATIONS, "service", {"how": "runs_on"}),
    *(
        Try(
            "NewConnectionSerializer",
            name,
            "asset_manager",
            f"{API}{RELATIONS}",
            to,
            {"kind": "runs_on"},
            known=known,
        )
        for name, to, known in (("asset", "asset", True), ("service", "service", False))
    ),
]


@dataclass
class Desk:
    """A world, the other council's rows by kind, and how the person's own council's rows are named in addresses."""

    world: World
    theirs: dict[str, Any]
    named: dict[str, Any]


@pytest.fixture
def desk(world) -> Desk:
    ours, theirs = world.sides["OCC"], world.sides["CDC"]
    Ticket.objects.filter(pk=ours.rows["shared"].pk).update(state="in_progress", team=None)
    ticket, council = Ticket.objects.get(pk=ours.rows["shared"].pk), theirs.council
    far = count(7 * FAR)
    team = a_team("Elsewhere team", council, pk=next(far))
    service = a_service("Elsewhere service", team, pk=next(far))
    service.councils.set([council])
    person = a_person(council, "requester", name="Elsewhere person", pk=next(far))
    programme = Programme.objects.create(
        pk=next(far),
        name="Elsewhere programme",
        from_fy="2026/27",
        to_fy="2030/31",
        window_from=date(2026, 4, 1),
        window_to=date(2028, 3, 31),
    )
    programme.councils.set([council])
    batch = copy(theirs.rows["batch"])
    batch.pk, batch.reference = next(far), "RB-ELSEWHERE"
    batch.save(force_insert=True)
    item = copy(theirs.rows["batch item"])
    item.pk, item.batch = next(far), batch
    item.save(force_insert=True)
    rows = {
        "service": service.pk,
        "team": team.pk,
        "supplier": a_team("Elsewhere supplier", council, kind="supplier", pk=next(far)).pk,
        "case group": a_team(
            "Elsewhere case group", council, kind="case_group", sensitivity="hr", pk=next(far)
        ).pk,
        "site": Site.objects.create(council=council, name="Elsewhere site", pk=next(far)).pk,
        "department": Department.objects.create(
            council=council, name="Elsewhere department", pk=next(far)
        ).pk,
        "person": person.pk,
        "person by name": person.email,
        "ticket": theirs.rows["own_council"].reference,
        "task": Task.objects.create(
            pk=next(far),
            ticket=theirs.rows["own_council"],
            position=2,
            title="Elsewhere task",
            team=team,
            created_at=NOON,
        ).pk,
        "asset": an_asset(council, "THEIRS-1", pk=next(far)).pk,
        "asset by name": "THEIRS-1",
        "programme": programme.pk,
        "batch": batch.pk,
        "batch item": item.pk,
        "order line": OrderLine.objects.create(
            pk=next(far),
            order=theirs.rows["order"],
            model=theirs.rows["order line"].model,
            quantity=1,
            unit_price=1,
        ).pk,
    }
    named = {
        "ticket": ticket.reference,
        "version": ticket.version,
        "untouched": ours.rows["own_council"].reference,
        "asset": ours.rows["asset"].pk,
        "task": ours.rows["task"].pk,
        "calendar": Calendar.objects.get(code="STD").pk,
        "team": ours.rows["task"].team_id,
        "person": ours.people["someone"].pk,
        "service": ours.rows["shared"].service_id,
        "council": ours.council.pk,
        "circuit": ours.rows["circuit"].pk,
        "line": ours.rows["line"].pk,
        "batch": ours.rows["batch"].reference,
        "item": ours.rows["batch item"].pk,
        **{name: ours.rows[name].pk for name in ("order", "order line", "appointment", "medium")},
        "batch_line": ours.rows["batch"].lines.get().pk,
    }
    return Desk(world, rows, named)


def nowhere(value: Any) -> Any:
    """A value of the same kind that is no row's."""
    return value + FAR if isinstance(value, int) else f"{value[:-2]}9q" if "@" in value else f"{value[:-2]}99"


def named(desk: Desk, given: Any) -> Any:
    """What goes beside a reference, with the person's own rows put where they are named."""
    if isinstance(given, list):
        return [named(desk, each) for each in given]
    return desk.named[given[1:-1]] if isinstance(given, str) and given.startswith("{") else given


def answer(desk: Desk, one: Try, value: Any) -> tuple[int, str, list[str]]:
    """Status, text without what was sent, and the tables that were written to."""
    who = signed_in(desk.world.person("OCC", one.who))
    beside = {name: named(desk, each) for name, each in one.beside.items()}
    address = one.address.format(**desk.named)
    sent = {**beside, one.field: [value] if one.several else value}
    if one.method == "GET":
        response, said, written = ask(who, "GET", f"{address}?{one.field}={value}")
    elif one.address.startswith(API):
        response, said, written = ask(
            who, one.method, address, data=json.dumps(sent), content_type="application/json"
        )
    else:
        form = encode_multipart(BOUNDARY, sent)
        response, said, written = ask(who, "POST", address, data=form, content_type=MULTIPART_CONTENT)
    status = response.status_code
    while response.status_code == 302:  # the sentence comes on the page that follows
        response, said, _ = ask(who, "GET", response["Location"])
    text = FLEETING.sub("", said.body.decode().replace(str(value), "?"))
    return status, text, written


@pytest.mark.parametrize("one", TRIES, ids=lambda one: f"{one.form}-{one.field}-{one.address}")
def test_reference_to_the_other_council_is_answered_like_one_to_nothing(desk, one):
    theirs, deeds = desk.theirs[one.to], ChangeSet.objects.count()

    status, text, written = answer(desk, one, theirs)
    nothing = answer(desk, one, nowhere(theirs))

    assert (status, text) == nothing[:2] or (one.known and status == nothing[0])
    # Who works for both councils is offered what the desk shares, but never the row itself.
    assert f"Elsewhere {one.to}" not in text if one.form in OF_THE_JOINT_DESK else "Elsewhere" not in text
    assert (
        status in (400, 422)
        or status == ANSWERED[one.form if one.form in ANSWERED else f"{one.form}-{one.field}"]
    )
    # A deed that is refused on the way takes back that it began.
    assert {*written, *nothing[2]} <= {"history_changeset"}
    assert ChangeSet.objects.count() == deeds


def references_of_pages() -> Iterator[tuple[str, str]]:
    """The fields of forms and of moves by which one row names another."""
    for form in all_forms():
        for name, each in form.base_fields.items():
            if isinstance(each, forms.ModelChoiceField):
                yield form.__name__, name
    for name, made in GIVEN.items():
        if {"ModelChoiceField", "EngineerField", "TicketReference"} & set(made.__code__.co_names):
            yield "GIVEN", name


REFERENCES = (serializers.RelatedField, serializers.ManyRelatedField)


def references_of_the_api() -> Iterator[tuple[str, str]]:
    for shape in descendants(serializers.Serializer):
        ours = shape.__module__.startswith("api.") or issubclass(shape, Written)
        whole = not issubclass(shape, serializers.ModelSerializer) or hasattr(
            getattr(shape, "Meta", None), "model"
        )
        if ours and whole and shape.__name__ not in NEVER_SENT:
            for name, each in shape().get_fields().items():
                if isinstance(each, REFERENCES) and not each.read_only:
                    yield shape.__name__, name


def references_of_lists() -> Iterator[tuple[str, str]]:
    for kind in (
        BatchFilters,
        TicketFilter,
        AssetFilters,
        ModelFilters,
        ContractFilters,
        CircuitFilters,
        LineFilters,
    ):
        for name, each in kind.base_filters.items():
            if isinstance(each, filters.ModelChoiceFilter | NumberFilter):
                yield kind.__name__, name


def test_every_reference_is_tried():
    tried = {(one.form, one.field) for one in TRIES}
    by_words = {
        ("HelpForm", "asset"),
        ("LinkForm", "asset"),
        ("NewAssetForm", "holder"),
        ("AssetForm", "holder"),
        ("MergeForm", "other"),
        ("RelateForm", "other"),
        ("NewAssetForm", "uplink"),
        ("AssetForm", "uplink"),
        ("CircuitForm", "asset"),
    }

    found = {*references_of_pages(), *references_of_the_api(), *references_of_lists()}
    assert {each for each in found if each[1] not in SHARED and each not in OF_THE_DESK} == tried - by_words

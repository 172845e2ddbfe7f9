"""A row of the other council given as a reference is refused in the words for one that does not exist, and not kept."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import django_filters as filters
import pytest
from django import forms
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from rest_framework import serializers

from api.asset_shapes import WrittenSerializer
from api.rows import Shown
from assets.register.filters import AssetFilters, NumberFilter
from servicedesk.history.models import ChangeSet
from servicedesk.people.models import Department, Site
from servicedesk.service_levels.models import Calendar
from servicedesk.tickets.filters import TicketFilter
from servicedesk.tickets.forms import GIVEN
from servicedesk.tickets.models import Task, Ticket
from tests.factories import a_person, a_service, a_team, an_asset
from tests.sweeps.asking import ask, signed_in
from tests.sweeps.registry import FAR
from tests.sweeps.test_forms import all_forms, descendants
from tests.sweeps.world import NOON, World, build

pytestmark = pytest.mark.django_db
# Every council knows of the others, of all makers, models and calendars: these are references to nobody's rows.
SHARED = {"council", "manufacturer", "model", "calendar"}
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


MOVES = {
    "team": ("hand_over", {"note": "Yours"}, "team"),
    "assignee": ("hand_over", {"note": "Yours"}, "person"),
    "supplier_team": ("refer_to_supplier", {}, "supplier"),
    "duplicate_of": ("cancel", {"reason": "Twice"}, "ticket"),
}
OF_A_TASK = {"team": "team", "assignee": "person", "after": "task"}
TIES = {
    "LinkSerializer": ("other", "links", {"kind": "relates"}),
    "ParentSerializer": ("parent", "parent", {}),
    "MergeSerializer": ("into", "merge", {}),
}
OF_AN_ASSET = {"site": "site", "department": "department", "holder": "person"}

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
    Try("HelpForm", "service", "someone", "/help/", "service", HELP),
    Try("HelpForm", "asset", "someone", "/help/", "asset", HELP),
    *(
        Try("GIVEN", name, "queue_manager", f"/tickets/{{ticket}}/moves/{move}/", to, beside)
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
        Try(form, name, "asset_manager", address, f"{to} by name" if name == "holder" else to, beside)
        for name, to in OF_AN_ASSET.items()
        for form, address, beside in (
            ("NewAssetForm", "/assets/new/", ASSET),
            ("AssetForm", "/assets/{asset}/edit/", {**ASSET, "version": 1}),
        )
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
            f"{API}/tickets/{{ticket}}/moves/{move}/",
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
]


@dataclass
class Desk:
    """A world, the other council's rows by kind, and how the person's own council's rows are named in addresses."""

    world: World
    theirs: dict[str, Any]
    named: dict[str, Any]


@pytest.fixture
def desk() -> Desk:
    world = build()
    ours, theirs = world.sides["OCC"], world.sides["CDC"]
    Ticket.objects.filter(pk=ours.rows["shared"].pk).update(state="in_progress", team=None)
    ticket, council = Ticket.objects.get(pk=ours.rows["shared"].pk), theirs.council
    far = count(7 * FAR)
    team = a_team("Elsewhere team", council, pk=next(far))
    service = a_service("Elsewhere service", team, pk=next(far))
    service.councils.set([council])
    person = a_person(council, "requester", name="Elsewhere person", pk=next(far))
    rows = {
        "service": service.pk,
        "team": team.pk,
        "supplier": a_team("Elsewhere supplier", council, kind="supplier", pk=next(far)).pk,
        "case group": a_team(
            "Elsewhere group", council, kind="case_group", sensitivity="hr", pk=next(far)
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
    }
    named = {
        "ticket": ticket.reference,
        "version": ticket.version,
        "asset": ours.rows["asset"].pk,
        "task": ours.rows["task"].pk,
        "calendar": Calendar.objects.get(code="STD").pk,
        "team": ours.rows["task"].team_id,
    }
    return Desk(world, rows, named)


def nowhere(value: Any) -> Any:
    """A value of the same kind that is no row's."""
    return value + FAR if isinstance(value, int) else f"{value[:-2]}9q" if "@" in value else f"{value[:-2]}99"


def answer(desk: Desk, one: Try, value: Any) -> tuple[int, str, list[str]]:
    """Status, text without what was sent, and the tables that were written to."""
    who = signed_in(desk.world.person("OCC", one.who))
    beside = {
        name: desk.named[each[1:-1]] if each in ("{version}", "{team}") else each
        for name, each in one.beside.items()
    }
    address, sent = one.address.format(**desk.named), {**beside, one.field: value}
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
    assert "Elsewhere" not in text
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
        if {"ModelChoiceField", "TicketReference"} & set(made.__code__.co_names):
            yield "GIVEN", name


def references_of_the_api() -> Iterator[tuple[str, str]]:
    for shape in descendants(serializers.Serializer):
        if shape.__module__.startswith("api.") and shape not in (Shown, WrittenSerializer):
            for name, each in shape().get_fields().items():
                if isinstance(each, serializers.RelatedField) and not each.read_only:
                    yield shape.__name__, name


def references_of_lists() -> Iterator[tuple[str, str]]:
    for kind in (TicketFilter, AssetFilters):
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
    }

    found = {*references_of_pages(), *references_of_the_api(), *references_of_lists()}
    assert {each for each in found if each[1] not in SHARED} == tried - by_words

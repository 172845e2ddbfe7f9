"""A row of the other council given as a reference is refused in the words for one that does not exist, and not kept."""

import json
import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
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
from servicedesk.lists.models import SavedView
from servicedesk.people.models import Department, Site
from servicedesk.service_levels.models import Calendar, ServiceLevel
from servicedesk.tickets.filters import TicketFilter
from servicedesk.tickets.forms import GIVEN
from servicedesk.tickets.models import Task, Ticket
from tests.factories import a_person, a_service, a_team, an_asset
from tests.sweeps.asking import ask, signed_in
from tests.sweeps.marks import NOON
from tests.sweeps.registry import FAR
from tests.sweeps.test_forms import all_forms, descendants
from tests.sweeps.tries_of_assets import OF_ASSETS
from tests.sweeps.tries_of_the_desk import OF_THE_DESK
from tests.sweeps.trying import API, Try
from tests.sweeps.world import World

pytestmark = pytest.mark.django_db
# Every council knows of the others, of all makers, models and calendars: these are references to nobody's rows.
SHARED = {
    *("council", "councils", "new_council", "receiver", "provider", "agreement", "agreements"),
    *("manufacturer", "model", "calendar", "supplier", "replacement_model", "release"),
}
# What differs between two pages that are the same, and what answers repeat of what was sent.
FLEETING = re.compile(
    r"[0-9A-Za-z]{64}|[0-9a-f]{8}-?([0-9a-f]{4}-?){3}[0-9a-f]{12}|nonce-[\w-]+|nonce=\"[^\"]*\""
    r"|(\d+ (h|min|s)\b ?)+"  # how long somebody has had it
)
# Whoever works for both councils logs calls for both, and tells the people of both what is out of order.
SHARED_BY_THE_DESK = {
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
TRIES = [*OF_THE_DESK, *OF_ASSETS]


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
        "saved view": SavedView.objects.create(
            pk=next(far),
            council=council,
            owner=theirs.people["asset_manager"],
            list="assets",
            name="Elsewhere saved view",
            query={"category": "laptop"},
            shared=True,
        ).pk,
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
        "level": ServiceLevel.objects.filter(council=None).first().pk,
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
        if {"ModelChoiceField", "EngineerField", "TeamField", "TicketReference"} & set(
            made.__code__.co_names
        ):
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
    assert {
        each for each in found if each[1] not in SHARED and each not in SHARED_BY_THE_DESK
    } == tried - by_words

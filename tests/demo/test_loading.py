from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from assets.refresh.models import ClosedYear
from assets.register.lifecycle import AssetState
from assets.register.models import Asset, AssetModel, ServiceRecord
from demo.desk import later, plays, span
from demo.loading import load
from demo.organisation import PASSWORD
from servicedesk.catalogue.models import Service
from servicedesk.history.models import Change
from servicedesk.people.models import Council, Grant, Membership, Person, Site, Team
from servicedesk.people.roles import ROLES
from servicedesk.search.models import SearchDocument
from servicedesk.service_levels.calendar_shape import calendar_from_shape
from servicedesk.service_levels.models import Metric
from servicedesk.tickets.models import Clock, Comment, Priority, Ticket, TicketState
from servicedesk.tickets.settling import READ_FROM_EVENTS, read_again

NOW = datetime(2026, 11, 23, 14, 20, tzinfo=UTC)
# Also for the fixture of the module: without a test that is marked there would be no database for tests.
pytestmark = [pytest.mark.django_db, pytest.mark.once]


@pytest.fixture(scope="module")
def loaded(make_once):
    """The demo, loaded once for all tests of this file."""
    assert make_once(lambda: load(NOW))


@pytest.fixture
def demo(loaded, db):
    """The loaded demo; what a test changes is taken back."""


def counts() -> dict[str, int]:
    models = (
        Council,
        Site,
        Team,
        Person,
        Grant,
        Membership,
        Service,
        AssetModel,
        Asset,
        Ticket,
        Comment,
        Clock,
        Change,
    )
    return {model.__name__: model.objects.count() for model in models}


def test_there_is_as_much_as_promised(demo):
    found = counts()

    assert {
        name: found[name]
        for name in ("Council", "Site", "Person", "Service", "AssetModel", "Asset", "Ticket")
    } == {
        "Council": 2,
        "Site": 12,
        "Person": 60,
        "Service": 14,
        "AssetModel": 20,
        "Asset": 450,
        "Ticket": 200,
    }
    assert Team.objects.exclude(kind="case_group").count() == 8
    assert {site.council.code for site in Site.objects.all()} == {"OCC", "CDC"}


def test_every_state_and_priority_is_there(demo):
    assert set(Ticket.objects.values_list("state", flat=True)) == set(TicketState.values)
    assert set(Asset.objects.values_list("state", flat=True)) == set(AssetState.values)
    assert set(Ticket.objects.values_list("priority", flat=True)) == set(Priority.values)
    assert set(Ticket.objects.values_list("sharing", flat=True)) == {"shared", "own_council", "restricted"}


def test_tickets_tell_of_the_last_ninety_days_in_order(demo):
    tickets = list(Ticket.objects.order_by("reported_at", "id"))

    assert NOW - timedelta(days=90) < tickets[0].reported_at < NOW - timedelta(days=60)
    assert NOW - timedelta(days=1) < tickets[-1].reported_at <= NOW
    incidents = [ticket.reference for ticket in tickets if ticket.type == "incident"]
    assert incidents == sorted(incidents)
    assert not Comment.objects.filter(at__gt=NOW).exists()
    assert not Change.objects.filter(change_set__at__gt=NOW).exists()


def test_the_figures_are_those_of_a_real_desk(demo):
    usual = Ticket.objects.filter(type="incident", uplift="")  # a councillor's is raised by a step
    priorities = Counter(usual.values_list("priority", flat=True))
    incidents, tickets = sum(priorities.values()), Ticket.objects.all()

    assert priorities["P3"] / incidents > 0.85
    assert priorities["P1"] / incidents < 0.03
    promises = Clock.objects.exclude(metric=Metric.NEXT_UPDATE).exclude(breached_at=None)
    broken = tickets.filter(clocks__in=promises).distinct()
    assert 0.25 < broken.count() / tickets.count() < 0.5
    assert 0.01 <= tickets.filter(reopen_count__gt=0).count() / tickets.count() <= 0.03


def test_clocks_equal_their_rebuilding(demo):
    differing = [
        (clock.ticket.reference, name)
        for clock in Clock.objects.select_related("ticket")
        for reading in [read_again(clock, NOW)]
        for name in READ_FROM_EVENTS
        if getattr(clock, name) != getattr(reading, name)
    ]

    assert differing == []


def test_private_matters_are_with_a_case_group_of_their_council(demo):
    restricted = Ticket.objects.filter(sharing="restricted").select_related("case_group", "council")

    assert {ticket.sensitivity for ticket in restricted} == {
        "hr",
        "safeguarding",
        "cyber",
        "member",
        "audit_fraud",
        "legal",
    }
    assert all(ticket.council in ticket.case_group.councils.all() for ticket in restricted)


def test_both_councils_have_the_same_tags_on_things_of_their_own(demo):
    shared = Asset.objects.filter(asset_tag__in=["001234", "LT/17"]).values_list("council__code", "asset_tag")

    assert set(shared) == {("OCC", "001234"), ("OCC", "LT/17"), ("CDC", "001234"), ("CDC", "LT/17")}


def test_everything_has_a_history_and_can_be_found(demo):
    for model in (Ticket, Asset):
        kind = model._meta.label_lower
        told = set(Change.objects.filter(kind=kind, action="create").values_list("object_id", flat=True))
        found = set(SearchDocument.objects.filter(kind=kind).values_list("object_id", flat=True))
        assert told == found == set(model.objects.values_list("pk", flat=True))


def test_tickets_are_about_things_of_the_requesters_council(demo):
    records = ServiceRecord.objects.select_related("asset", "ticket")

    assert records.count() > 30
    assert [record for record in records if record.asset.council_id != record.ticket.council_id] == []


@pytest.mark.parametrize("domain", ["oxfordshire.example", "cherwell.example"])
@pytest.mark.parametrize("role", ROLES)
def test_each_role_can_sign_in_at_each_council(demo, role, domain):
    email = f"{role.replace('_', '.')}@{domain}"
    client = Client()

    response = client.post("/account/login/", {"login": email, "password": PASSWORD})
    page = client.get("/account/").content.decode()

    assert (response.status_code, response["Location"]) == (302, "/")
    assert f"{ROLES[role].name} at {Person.objects.get(email=email).council.name}" in page


def test_energy_is_reckoned_with_the_tariffs_of_the_councils_and_the_year_that_ended_is_closed(demo):
    client = Client()
    client.force_login(Person.objects.get(email="asset.manager@oxfordshire.example"))
    page = client.get("/refresh/energy/").content.decode()

    assert set(ClosedYear.objects.values_list("council__code", "year")) == {("OCC", 2025), ("CDC", 2025)}
    assert ("2025/26" in page, "is assumed" in page, "Close 2025/26" in page) == (True, False, False)


def test_loading_twice_changes_nothing(demo):
    before = counts()

    assert load(NOW + timedelta(days=3)) is False
    assert counts() == before


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 11, 23, 8, 0, 30, tzinfo=UTC),
        datetime(2026, 11, 22, 3, tzinfo=UTC),
        datetime(2026, 12, 28, 12, tzinfo=UTC),
        datetime(2027, 1, 4, 7, 59, tzinfo=UTC),
        datetime(2027, 4, 1, 23, 30, tzinfo=UTC),
    ],
)
def test_every_conversation_fits_into_the_ninety_days_before_any_moment(now):
    hours = calendar_from_shape(
        {
            "STD": {
                "windows": {str(day): [["08:00", "17:30"]] for day in range(5)},
                "holidays": "england-and-wales",
            }
        },
        "STD",
    )

    for play in plays(hours, now):
        at = play.start
        for step in play.steps:
            at = later(hours, at, span(step["after"]) * play.slowness)
        assert now - timedelta(days=90) <= play.start <= at <= now

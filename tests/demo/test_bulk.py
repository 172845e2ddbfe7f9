from datetime import UTC, datetime

import pytest
from django.db import transaction

from assets.register.models import Asset
from demo.bulk import grow
from demo.bulk_assets import AssetMaker
from demo.estate import load_models
from demo.inserting import insert, number_rows
from demo.organisation import load_organisation
from servicedesk.history.models import Change
from servicedesk.history.recording import change_set, snapshot
from servicedesk.search.models import SearchDocument
from servicedesk.tickets.models import Clock, Ticket, TicketState
from servicedesk.tickets.settling import READ_FROM_EVENTS, read_again

NOW = datetime(2026, 11, 23, 14, 20, tzinfo=UTC)


@pytest.fixture
def councils(db):
    with change_set(by=None, now=NOW) as deed:
        load_organisation(deed)
        load_models(deed)


def quiet(text: str) -> None:
    pass


def test_growing_makes_as_many_as_wanted_with_history_and_search(councils):
    grow(240, NOW, say=quiet)

    for model in (Asset, Ticket):
        kind = model._meta.label_lower
        assert model.objects.count() == 240
        assert Change.objects.filter(kind=kind, action="create").count() == 240
        assert SearchDocument.objects.filter(kind=kind).count() == 240


def test_growing_again_adds_only_what_is_missing(councils):
    grow(60, NOW, say=quiet)
    before = set(Ticket.objects.values_list("reference", flat=True))

    grow(60, NOW, say=quiet)
    grow(100, NOW, say=quiet)

    assert Asset.objects.count() == 100
    assert Ticket.objects.count() == 100
    assert before < set(Ticket.objects.values_list("reference", flat=True))


def test_one_in_twelve_is_open_and_has_clocks_that_equal_their_rebuilding(councils):
    grow(240, NOW, say=quiet)

    clocks = Clock.objects.select_related("ticket")
    assert Ticket.objects.filter(is_open=True).count() == 20
    assert clocks.count() == 40
    for clock in clocks:
        reading = read_again(clock, NOW)
        assert [getattr(clock, name) for name in READ_FROM_EVENTS] == [
            getattr(reading, name) for name in READ_FROM_EVENTS
        ]
    assert {
        (clock.ticket.state, clock.state)
        for clock in clocks
        if clock.metric == "resolution" and not clock.breached_at
    } <= {(state, "paused" if state == "waiting_customer" else "running") for state in TicketState.values}
    assert (
        clocks.filter(state="paused").count() == clocks.filter(ticket__state="waiting_customer").count() / 2
    )
    shown = {ticket.pk: ticket for ticket in Ticket.objects.all()}
    assert [shown[clock.ticket_id].due_at for clock in clocks if clock.metric == "resolution"] == [
        clock.due_at for clock in clocks if clock.metric == "resolution"
    ]


def test_estate_tickets_keep_the_rules_of_their_states(councils):
    grow(240, NOW, say=quiet)

    closed = Ticket.objects.filter(state=TicketState.CLOSED)
    assert not closed.filter(resolved_at=None).exists()
    assert not Ticket.objects.filter(state=TicketState.SCHEDULED, booked_for__lte=NOW).exists()
    assert not Ticket.objects.filter(closed_at__gt=NOW).exists()
    assert list(Ticket.objects.order_by("source_ref").values_list("reported_at", flat=True)) == sorted(
        Ticket.objects.values_list("reported_at", flat=True)
    )


def test_inserted_rows_read_back_as_saved_ones_do(councils):
    maker = AssetMaker(NOW)
    saved, inserted = maker.make(5), maker.make(25)
    saved.save()
    number_rows([inserted])
    insert([inserted])

    for asset in (saved, inserted):
        stored = Asset.objects.get(pk=asset.pk)
        assert snapshot([stored]) == snapshot([asset])
        assert Asset.objects.filter(
            pk=asset.pk,
            registered_at=NOW,
            purchase_date=asset.purchase_date,
            purchase_cost_ex_vat=asset.purchase_cost_ex_vat,
        ).exists()


def test_rows_can_be_added_the_usual_way_afterwards(councils):
    grow(20, NOW, say=quiet)
    asset = AssetMaker(NOW).make(999)

    with transaction.atomic():
        asset.save()

    assert asset.pk > Asset.objects.exclude(pk=asset.pk).order_by("-pk").first().pk

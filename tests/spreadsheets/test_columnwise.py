"""What is read column by column is what the rows hold."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.db.models.expressions import RawSQL

from assets.register.models import Asset, AssetModel
from servicedesk.spreadsheets.columnwise import begin_to_read
from tests.factories import a_model, an_asset

pytestmark = pytest.mark.django_db
SEEN = datetime(2026, 10, 25, 0, 30, 15, 250, tzinfo=UTC)


def test_columns_are_read_as_json_tells_them_each_in_one_order():
    model = a_model()
    AssetModel.objects.filter(pk=model.pk).update(sources={"watts": {"source": "a label"}})
    first = an_asset(
        tag="1",
        model=model,
        purchase_cost_ex_vat=Decimal("742.50"),
        encrypted=True,
        purchase_date=date(2024, 2, 29),
        ip_address="10.0.0.1",
    )
    second = an_asset(tag="2", encrypted=False)
    Asset.objects.filter(pk=first.pk).update(last_seen_at=SEEN)
    names = [
        "pk",
        "asset_tag",
        "purchase_cost_ex_vat",
        "encrypted",
        "purchase_date",
        "model_id",
        "ip_address",
    ]

    keys, *columns, seen = begin_to_read(Asset.objects.order_by("asset_tag"), [*names, "last_seen_at"])()

    assert dict(zip(keys, zip(*columns, strict=True), strict=True)) == {
        first.pk: ("1", 742.5, True, "2024-02-29", model.pk, "10.0.0.1"),
        second.pk: ("2", None, False, None, None, None),
    }
    at, other = keys.index(first.pk), keys.index(second.pk)
    assert seen[other] is None
    assert datetime.fromisoformat(seen[at]).replace(tzinfo=UTC) == SEEN
    assert begin_to_read(AssetModel.objects.filter(pk=model.pk), ["sources"])() == [
        [{"watts": {"source": "a label"}}]
    ]
    assert begin_to_read(Asset.objects.none(), ["pk", "asset_tag"])() == [[], []]
    assert begin_to_read(Asset.objects.filter(asset_tag="3").distinct(), ["pk"])() == [[]]


def test_what_is_begun_is_there_when_it_is_asked_for_and_others_are_answered_meanwhile():
    asset = an_asset(tag="1")

    have = begin_to_read(Asset.objects.all(), ["pk", "asset_tag"])

    assert Asset.objects.count() == 1
    assert have() == [[asset.pk], ["1"]]


def test_what_cannot_be_read_is_an_error_of_the_database_when_it_is_asked_for():
    odd = Asset.objects.annotate(nothing=RawSQL("no_such_column", ()))

    with pytest.raises(DatabaseError), transaction.atomic():
        begin_to_read(odd, ["nothing"])()

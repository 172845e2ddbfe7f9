"""What is read column by column is what the rows hold."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from assets.register.models import Asset, AssetModel
from servicedesk.spreadsheets.columnwise import read_by_column
from tests.factories import a_model, an_asset

pytestmark = pytest.mark.django_db
SEEN = datetime(2026, 10, 25, 0, 30, 15, 250, tzinfo=UTC)


def test_columns_are_read_as_json_tells_them_each_in_one_order():
    model = a_model()
    AssetModel.objects.filter(pk=model.pk).update(sources={"watts": {"source": "a label"}})
    cost, bought = Decimal("742.50"), date(2024, 2, 29)
    first = an_asset(tag="1", model=model, purchase_cost_ex_vat=cost, encrypted=True, purchase_date=bought)
    second = an_asset(tag="2", encrypted=False)
    Asset.objects.filter(pk=first.pk).update(last_seen_at=SEEN)
    names = ["pk", "asset_tag", "purchase_cost_ex_vat", "encrypted", "purchase_date", "last_seen_at"]

    keys, tags, costs, encrypted, dates, seen = read_by_column(Asset.objects.order_by("asset_tag"), names)

    assert dict(zip(keys, tags, strict=True)) == {first.pk: "1", second.pk: "2"}
    at, other = keys.index(first.pk), keys.index(second.pk)
    assert (costs[at], encrypted[at], dates[at]) == (742.5, True, "2024-02-29")
    assert (costs[other], encrypted[other], dates[other], seen[other]) == (None, False, None, None)
    assert datetime.fromisoformat(seen[at]).replace(tzinfo=UTC) == SEEN
    assert read_by_column(AssetModel.objects.filter(pk=model.pk), ["sources"]) == [
        [{"watts": {"source": "a label"}}]
    ]
    assert read_by_column(Asset.objects.none(), ["pk", "asset_tag"]) == [[], []]
    assert read_by_column(Asset.objects.filter(asset_tag="3").distinct(), ["pk"]) == [[]]

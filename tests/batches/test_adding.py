"""Assets that are added to a draft by hand."""

from html import unescape

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from assets.batches.choosing import add_assets
from assets.batches.models import Batch
from assets.register.lifecycle import MoveRefused
from assets.register.models import Asset
from tests.batches.test_moves import drafted, submitted, world
from tests.batches.waves import NOW, items_of

pytestmark = pytest.mark.django_db
__all__ = ["world"]


def held(batch: Batch) -> list[tuple[str, str]]:
    return [(item.asset.asset_tag, item.state) for item in items_of(batch)]


def test_more_assets_come_into_a_draft_each_to_be_reviewed(world):
    batch, other = drafted(world), submitted(world, 2)
    kept = items_of(other)[1].asset

    items, refused = add_assets(batch, ["C-01", "O-01", "O-02", "NOWHERE"], by=world.ada, now=NOW)

    assert [str(item.asset) for item in items] == ["C-01"]
    assert held(batch) == [("O-01", "candidate"), ("C-01", "candidate")]
    assert sorted(refused) == sorted(
        [
            f"O-01 is in {other} already",
            f"{kept} is in {other} already",
            "Nothing that you can see is called NOWHERE",
        ]
    )
    assert sorted(batch.paying.values_list("council__code", flat=True)) == ["CDC", "OCC"]
    assert sorted(batch.lines.values_list("council__code", "category")) == [
        ("CDC", "laptop"),
        ("OCC", "laptop"),
    ]


def test_what_is_in_the_draft_already_does_not_come_in_twice(world):
    batch = drafted(world)

    items, refused = add_assets(batch, ["O-01"], by=world.ada, now=NOW)

    assert (items, refused, len(items_of(batch))) == ([], [f"O-01 is in {batch} already"], 1)


def test_only_a_draft_takes_more_and_only_from_who_plans_it(world):
    with pytest.raises(PermissionDenied):
        add_assets(drafted(world), ["O-02"], by=world.dee)
    with pytest.raises(MoveRefused, match="is waiting for approval: assets come into a draft alone"):
        add_assets(submitted(world), ["O-02"], by=world.ada)


def test_assets_are_pasted_or_chosen_from_what_is_due_on_a_page(world, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)
    Asset.objects.filter(asset_tag="O-03").update(purchase_date="2015-01-01")
    batch = drafted(world)
    client, at = Client(), f"/refresh/batches/{batch}/add/"
    client.force_login(world.ada)

    page = unescape(client.get(at).content.decode())
    assert 'value="O-03"' in page and 'value="O-01"' not in page and 'value="C-01"' not in page
    assert client.post(at, {}).status_code == 422
    added = client.post(at, {"tags_typed": "O-02\nNOWHERE", "due": ["O-03"]}, follow=True)

    told = unescape(added.content.decode())
    assert "2 assets added. Review each of them next" in told
    assert "Nothing that you can see is called NOWHERE" in told
    assert held(batch) == [("O-01", "candidate"), ("O-02", "candidate"), ("O-03", "candidate")]

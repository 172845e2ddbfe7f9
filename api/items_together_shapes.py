"""What the API takes for moves of items of a batch, of one and of many at once, and says of them."""

from typing import Any

from rest_framework import serializers

from api.asset_life_shapes import AssetMoveSerializer, version, words
from api.ticket_shapes import Narrowed, one_of
from assets.batches.states import Outcome
from assets.register.models import Asset
from servicedesk.people.access import councils_of
from servicedesk.people.roles import Permission

MOST_TOGETHER = 500


class ItemMoveSerializer(AssetMoveSerializer):
    """What a move of an item asks for or takes, beside what the asset's own move does."""

    outcome = serializers.ChoiceField(Outcome.choices, required=False)
    replacement = one_of(Asset)
    scheduled_for = serializers.DateTimeField(required=False)
    freeze_reason = words(200)
    old = words(200)
    new = words(200)
    signed_by = words(100)
    back_on = serializers.DateField(required=False)
    deferred_until = serializers.DateField(required=False)

    offered = {
        **AssetMoveSerializer.offered,
        "replacement": lambda person: (
            Asset.objects.visible_to(person)
            .filter(council__in=councils_of(person, Permission.PLAN_REFRESH))
            .select_related("council", "model")
        ),
    }


class ExchangeSerializer(Narrowed):
    """Another new device that is kept for an item, why, and at which version the item was read."""

    replacement = serializers.PrimaryKeyRelatedField(queryset=Asset.objects.none())
    reason = words(200)
    version = version()

    offered = {"replacement": ItemMoveSerializer.offered["replacement"]}


class ReadItemSerializer(serializers.Serializer):
    """An item, and at which version it was read."""

    id = serializers.IntegerField(min_value=1, max_value=2**63 - 1)
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class ItemsMoveSerializer(ItemMoveSerializer):
    """What goes with each of the `items`. With `check` nothing is written, and the refusals are told all the same."""

    items = serializers.ListField(child=ReadItemSerializer(), allow_empty=False, max_length=MOST_TOGETHER)
    check = serializers.BooleanField(default=False)

    def get_fields(self) -> dict[str, Any]:
        """Each item is read at a version of its own."""
        fields = super().get_fields()
        del fields["version"]
        return fields


class RefusedItemSerializer(serializers.Serializer):
    """An item that is not moved, and why."""

    id = serializers.IntegerField()
    reason = serializers.CharField()


class ItemsMovedSerializer(serializers.Serializer):
    """What became of the items, by their ids. `change` can be taken back; `missing` are no items of the batch."""

    change = serializers.IntegerField(allow_null=True)
    moved = serializers.ListField(child=serializers.IntegerField())
    refused = RefusedItemSerializer(many=True)
    missing = serializers.ListField(child=serializers.IntegerField())


class TakenBackSerializer(serializers.Serializer):
    """How many rows are as they were, and which stay as they are, each in a sentence."""

    restored = serializers.IntegerField()
    stays = serializers.ListField(child=serializers.CharField())

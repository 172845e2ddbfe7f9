"""The last day of somebody: what they have in hand, and setting it."""

from collections.abc import Callable
from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from api.organisation_shapes import PersonSerializer, RoleSerializer
from api.rows import Named, NamedSerializer
from assets.register.models import Asset
from servicedesk.administration.leaving import InHand, in_hand
from servicedesk.people.leaving import set_last_day
from servicedesk.people.models import Person


class KitSerializer(serializers.Serializer):
    """What has to come back; `asset` to who may see the register."""

    category = serializers.CharField()
    model = Named()
    asset = NamedSerializer(allow_null=True)


class AskedForSerializer(serializers.Serializer):
    """What was asked for already: `id` is that of the noun `due-back`."""

    id = serializers.IntegerField()
    asset = NamedSerializer()
    due_on = serializers.DateField()
    why = serializers.CharField()


class TicketsInHandSerializer(serializers.Serializer):
    """How many there are without private ones, and the references of those that one may see."""

    name = serializers.CharField()
    count = serializers.IntegerField()
    references = serializers.ListField(child=serializers.CharField())


class BatchesInHandSerializer(serializers.Serializer):
    """The batches of the refresh they own that have not ended, as far as one may see them."""

    count = serializers.IntegerField()
    references = serializers.ListField(child=serializers.CharField())


class InHandSerializer(serializers.Serializer):
    """All that somebody has in hand. At the end of the last day it goes back to its teams, or to `passes_to`.
    `elsewhere` is how many places, roles and batches there are beside these, which one may not see."""

    employed_to = serializers.DateField(allow_null=True)
    is_active = serializers.BooleanField()
    version = serializers.IntegerField()
    passes_to = NamedSerializer(allow_null=True)
    kit = KitSerializer(many=True)
    due_back = AskedForSerializer(many=True)
    tickets = TicketsInHandSerializer(many=True)
    tasks = serializers.IntegerField()
    teams = NamedSerializer(many=True)
    roles = RoleSerializer(many=True)
    services = NamedSerializer(many=True)
    reports = NamedSerializer(many=True)
    tokens = serializers.IntegerField()
    webhooks = NamedSerializer(many=True)
    batches = BatchesInHandSerializer()
    elsewhere = serializers.IntegerField()


class LastDaySerializer(serializers.Serializer):
    """The last day of employment, or null for none. The account is open until its end."""

    employed_to = serializers.DateField(allow_null=True)
    version = serializers.IntegerField(min_value=1)


class Leaving:
    """The part of the noun `people` that is about the end of their time."""

    request: Any
    given: Callable[[type], dict[str, Any]]
    written: Callable[[Callable[[], Any]], Response]
    _administered: Callable[[], Person]

    @extend_schema(responses=InHandSerializer, filters=False)
    @action(detail=True, methods=["get"])
    def leaving(self, request, pk: str) -> Response:
        """What they have in hand, for who administers their council."""
        person = self._administered()
        return Response(InHandSerializer(_told(person, in_hand(person, by=request.user))).data)

    @extend_schema(operation_id="people_set_last_day", request=LastDaySerializer, responses=PersonSerializer)
    @leaving.mapping.post
    def set_last_day(self, request, pk: str) -> Response:
        """Set their last day, or take it away."""
        person, given = self._administered(), self.given(LastDaySerializer)
        by = cast(Person, request.user)
        return self.written(
            lambda: set_last_day(person, given["employed_to"], by=by, version=given["version"])
        )


def _told(person: Person, hand: InHand) -> dict[str, Any]:
    return {
        "employed_to": person.employed_to,
        "is_active": person.is_active,
        "version": person.version,
        "passes_to": _named(hand.heir) if hand.heir else None,
        "kit": [_kit(asset, asset.pk in hand.kit_seen) for asset in hand.kit],
        "due_back": [
            {"id": row.pk, "asset": _named(row.asset), "due_on": row.due_on, "why": row.why}
            for row in hand.due_back
        ],
        "tickets": [
            {"name": one.name, "count": one.count, "references": [ticket.reference for ticket in one.seen]}
            for one in hand.tickets
        ],
        "tasks": hand.tasks,
        "teams": [_named(place.team) for place in hand.places],
        "roles": hand.roles,
        "services": [_named(service) for service in hand.services],
        "reports": [_named(report) for report in hand.reports],
        "tokens": hand.tokens,
        "webhooks": [_named(hook) for hook in hand.webhooks],
        "batches": {
            "count": len(hand.batches),
            "references": [batch.reference for batch in hand.batches],
        },
        "elsewhere": hand.elsewhere,
    }


def _kit(asset: Asset, seen: bool) -> dict[str, Any]:
    return {"category": asset.category, "model": asset.model, "asset": _named(asset) if seen else None}


def _named(row: Any) -> dict[str, Any]:
    return {"id": row.pk, "name": str(row)}

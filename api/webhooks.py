"""Webhooks: adding, changing, trying out and ending them, how deliveries went, and what is sent."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from api.problems import problem
from api.rows import Named, Rows, Shown, code
from api.ticket_conversation import CommentSerializer
from api.ticket_shapes import TicketDetailSerializer
from servicedesk.history.editing import Stale
from servicedesk.notifications.events import HOOK_EVENTS
from servicedesk.notifications.models import Delivery, Webhook
from servicedesk.notifications.webhooks import archive_webhook, change_webhook, make_webhook, try_out
from servicedesk.people.access import councils_of, require
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission
from servicedesk.tickets.conversation import readable_by
from servicedesk.tickets.models import Sharing, Ticket

CALLS = """A webhook tells another system what happens to the requests of a council, as far as whoever added or last
changed it may see them; of private requests it tells nothing.

Each event is one POST of JSON: `{"id", "event", "at", "council", "ticket", "comment"}`, where `ticket` is as
`tickets/{ref}/` gives it at the moment of sending, and `comment`, where something was said, is as
`tickets/{ref}/comments/` gives it. The headers are those of the Standard Webhooks: `webhook-id` (the same at every
try: do once what carries it), `webhook-timestamp` (seconds since 1970) and `webhook-signature`, which is `v1,` and the
HMAC-SHA256, in base64, of `{webhook-id}.{webhook-timestamp}.{body}` by the secret. The key is the part of the secret
after `whsec_`, decoded from base64. Compare it, and refuse what is more than five minutes old.

Answer with a status of the two hundreds within 15 seconds; redirects are not followed. Anything else is tried again
after a minute, then after twice as long each time up to 12 hours, 15 times in all; 410 ends it. Events may come twice
and out of order: `version` says which is newer. The address must be public and begin with https://."""


class WebhookSerializer(Shown):
    """A webhook. It tells what its `owner` may see."""

    council = code()
    owner = Named()
    events = serializers.ListField(child=serializers.ChoiceField(list(HOOK_EVENTS)))

    class Meta:
        model = Webhook
        fields = [
            "id",
            "council",
            "owner",
            "name",
            "address",
            "events",
            "created_at",
            "archived_at",
            "version",
        ]


class MadeWebhookSerializer(WebhookSerializer):
    """A webhook that was just added, with the only sight of its secret."""

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]


class WebhookFieldsSerializer(serializers.Serializer):
    """What may be written of a webhook."""

    name = serializers.CharField(max_length=100)
    address = serializers.URLField(max_length=300)
    events = serializers.ListField(child=serializers.ChoiceField(list(HOOK_EVENTS)), allow_empty=False)


class NewWebhookSerializer(WebhookFieldsSerializer):
    """A webhook of a council that one administers."""

    council = code(queryset=Council.objects.none())

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        if person := self.context.get("person"):
            mine = councils_of(person, Permission.ADMINISTER)
            fields["council"].queryset = Council.objects.visible_to(person).filter(pk__in=mine)
        return fields


class WebhookChangeSerializer(WebhookFieldsSerializer):
    """A correction of what was read at `version`."""

    version = serializers.IntegerField(min_value=1)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for name, field in fields.items():
            field.required = name == "version"
        return fields


class DeliverySerializer(Shown):
    """One event on its way to a webhook, and how it went. What was sent is not kept."""

    class Meta:
        model = Delivery
        fields = [
            "event_id",
            "event",
            "state",
            "created_at",
            "attempts",
            "next_try_at",
            "ended_at",
            "answer_status",
            "problem",
        ]


class WebhookViewSet(Rows):
    """Webhooks of the councils that the person administers."""

    serializer_class = WebhookSerializer

    def rows(self, person) -> QuerySet[Webhook]:
        return Webhook.objects.visible_to(person).select_related("council", "owner")

    @extend_schema(request=NewWebhookSerializer, responses={201: MadeWebhookSerializer}, description=CALLS)
    def create(self, request) -> Response:
        require(request.user, Permission.ADMINISTER)
        self.tells_a_secret = True
        made = make_webhook(by=request.user, **self.given(NewWebhookSerializer))
        return Response(MadeWebhookSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=WebhookChangeSerializer, responses=WebhookSerializer)
    def partial_update(self, request, pk: str) -> Response:
        """Change it, as read at `version`. It tells from now on what whoever changed it may see."""
        webhook = self.get_object()
        try:
            changed = change_webhook(webhook, by=request.user, **self.given(WebhookChangeSerializer))
        except Stale as stale:
            return problem(
                status.HTTP_409_CONFLICT, str(stale), current=WebhookSerializer(self.get_object()).data
            )
        return Response(WebhookSerializer(changed).data)

    @extend_schema(request=None, responses=WebhookSerializer)
    @action(detail=True, methods=["post"])
    def archive(self, request, pk: str) -> Response:
        """End it: nothing more is sent to it, nor what waits."""
        archived = archive_webhook(self.get_object(), by=request.user, version=self.wanted_version)
        return Response(WebhookSerializer(archived).data)

    @extend_schema(request=None, responses={202: DeliverySerializer})
    @action(detail=True, methods=["post"])
    def test(self, request, pk: str) -> Response:
        """Send it the event `test`, which says nothing."""
        delivery = try_out(self.get_object(), by=request.user)
        return Response(DeliverySerializer(delivery).data, status=status.HTTP_202_ACCEPTED)

    @extend_schema(responses=DeliverySerializer(many=True), filters=True)
    @action(
        detail=True,
        methods=["get"],
        filterset_class=None,
        orderings={"happened": ("created_at", "id")},
        ordering="-happened",
    )
    def deliveries(self, request, pk: str) -> Response:
        """What it was told and is to be told, the newest first."""
        sent = Delivery.objects.visible_to(request.user).filter(webhook=self.get_object())
        page = self.paginate_queryset(self.filter_queryset(sent))
        return self.get_paginated_response(DeliverySerializer(page, many=True).data)


def ticket_told(owner: Person, delivery: Delivery) -> dict[str, Any] | None:
    """What a delivery about a ticket says, as the owner of its webhook may see it now: see HOOK_BODIES.

    None where the owner sees the ticket no longer, or not what was said, and for sealed tickets whoever asks.
    """
    open_to_owner = Ticket.objects.visible_to(owner).exclude(sharing=Sharing.RESTRICTED)
    ticket = open_to_owner.filter(pk=delivery.about_id).first()
    if ticket is None:
        return None
    told: dict[str, Any] = {"ticket": TicketDetailSerializer(ticket, context={"person": owner}).data}
    if "comment" in delivery.payload:
        comment = readable_by(owner, ticket).filter(pk=delivery.payload["comment"]).first()
        if comment is None:
            return None
        told["comment"] = CommentSerializer(comment, context={"reference": ticket.reference}).data
    return told

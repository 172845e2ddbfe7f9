"""What one is told of by mail, and, for administrators, the mail that did not go."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from api.endpoints import Endpoint
from api.pages import WholeSerializer, whole
from api.problems import problem
from api.rows import NamedSerializer, Rows, Shown
from servicedesk.administration.messages import PRIVATE, stop_trying, unsent
from servicedesk.notifications.events import events_for
from servicedesk.notifications.models import Message
from servicedesk.notifications.preferences import choose, wants
from servicedesk.notifications.trying import try_again


class PreferenceSerializer(serializers.Serializer):
    """An event, and whether one is told of it. What is not `optional` one is always told."""

    event = serializers.CharField()
    words = serializers.CharField()
    optional = serializers.BooleanField()
    wanted = serializers.BooleanField()


class PreferencesSerializer(WholeSerializer):
    """All of them on one page."""

    results = PreferenceSerializer(many=True)


class PreferencesView(Endpoint):
    """Of what one is told by mail."""

    http_method_names = ["get", "head", "patch"]

    @extend_schema(operation_id="preferences_list", responses=PreferencesSerializer)
    def get(self, request) -> Response:
        """Each event that one can meet."""
        return whole(_preferences(request.user))

    @extend_schema(
        operation_id="preferences_change",
        request={"application/json": {"type": "object", "additionalProperties": {"type": "boolean"}}},
        responses=PreferencesSerializer,
    )
    def patch(self, request) -> Response:
        """Choose, by event: `{"answered": false}`."""
        wanted = serializers.DictField(child=serializers.BooleanField()).run_validation(request.data)
        choose(request.user, wanted)
        return whole(_preferences(request.user))


class MessageSerializer(Shown):
    """A mail that did not go: to whom, of what kind, when and why not; nothing of what it says."""

    person = serializers.SerializerMethodField()

    class Meta:
        model = Message
        fields = [
            "id",
            "person",
            "event",
            "state",
            "created_at",
            "attempts",
            "next_try_at",
            "ended_at",
            "problem",
        ]

    @extend_schema_field(NamedSerializer(allow_null=True))
    def get_person(self, message: Message) -> dict[str, Any] | None:
        """To whom; of private requests that is not told."""
        if message.event == PRIVATE:
            return None
        return {"id": message.person_id, "name": message.person.display_name}


class MessageViewSet(Rows):
    """Mail that did not go, of the councils that the person administers."""

    serializer_class = MessageSerializer
    orderings = {"written": ("created_at", "id")}
    ordering = "-written"

    def rows(self, person) -> QuerySet[Message]:
        seen = unsent(person, timezone.now()) if self.action == "list" else Message.objects.visible_to(person)
        return seen.select_related("person")

    @extend_schema(request=None, responses=MessageSerializer)
    @action(detail=True, methods=["post"], url_path="try-again")
    def try_again(self, request, pk: str) -> Response:
        """Try once more, as though it had just been written. 409 when it went or is being sent."""
        return self._after(try_again)

    @extend_schema(request=None, responses=MessageSerializer)
    @action(detail=True, methods=["post"], url_path="give-up")
    def give_up(self, request, pk: str) -> Response:
        """Stop trying. 409 when it has ended or is being sent, 403 for what people are always told of."""
        return self._after(stop_trying)

    def _after(self, deed: Any) -> Response:
        message = self.get_object()
        if not deed(message, timezone.now()):
            return problem(status.HTTP_409_CONFLICT, f"It is {message.get_state_display().lower()}.")
        return Response(MessageSerializer(self.get_object()).data)


def _preferences(person) -> list[dict[str, Any]]:
    chosen = wants(person)
    return [
        {"event": name, "words": event.words, "optional": event.optional, "wanted": chosen[name]}
        for name, event in events_for(person).items()
    ]

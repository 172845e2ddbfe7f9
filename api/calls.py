"""Logging a call in one step: who called, what they said, and what became of it."""

from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from api.endpoints import Endpoint
from api.rows import code
from api.ticket_shapes import SCALE, Narrowed, TicketDetailSerializer, one_of, text
from servicedesk.catalogue.models import Service
from servicedesk.people.access import require
from servicedesk.people.callers import callers_for, perhaps_the_same
from servicedesk.people.models import Council, Person, Team
from servicedesk.people.roles import Permission
from servicedesk.tickets.calling import OUTCOMES, NewCaller, belongings, log_call, offered_to
from servicedesk.tickets.calling_forms import SAID
from servicedesk.tickets.models import Channel, ResolutionCode, Sensitivity, Ticket, TicketType

THEN = ("resolution_code", "resolution_note", "team", "assignee")
SOMEBODY = "Say who called: a caller by id, or new_name and new_council."
KNOWN = "Somebody of that name or number is known: {}. Send the id as caller, or new_anyway."


class CallSerializer(Narrowed):
    """A call. Who called is a `caller` who is known, or somebody without an account by `new_name` and `new_council`.

    `about` names what the caller has, by kind: {"asset": 7}. To resolve takes `resolution_code` and
    `resolution_note`; passed on, it goes to `team` and `assignee`, or to the team of the service.
    """

    caller = one_of(Person)
    new_name = serializers.CharField(max_length=100, required=False)
    new_council = code(queryset=Council.objects.none(), required=False)
    new_phone = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")
    new_anyway = serializers.BooleanField(default=False)
    type = serializers.ChoiceField(TicketType.choices, default=TicketType.INCIDENT)
    title = serializers.CharField(max_length=200)
    description = text(default="", allow_blank=True)
    service = one_of(Service, default=None, allow_null=True)
    impact = serializers.ChoiceField(SCALE, default=3)
    urgency = serializers.ChoiceField(SCALE, default=2)
    sensitivity = serializers.ChoiceField(Sensitivity.choices, default=Sensitivity.NORMAL)
    channel = serializers.ChoiceField(Channel.choices, default=Channel.PHONE)
    reported_at = serializers.DateTimeField(default=None, allow_null=True)
    about = serializers.DictField(child=serializers.IntegerField(min_value=1, max_value=10**18), default=dict)
    outcome = serializers.ChoiceField(list(OUTCOMES))
    resolution_code = serializers.ChoiceField(ResolutionCode.choices, default="")
    resolution_note = text(default="", allow_blank=True)
    team = one_of(Team, default=None, allow_null=True)
    assignee = one_of(Person, default=None, allow_null=True)

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        if "person" in self.context:
            by = self.context["person"]
            for name, rows in {**offered_to(by), "caller": callers_for(by)}.items():
                fields[name].queryset = rows
        return fields

    def validate_reported_at(self, value: Any) -> Any:
        now = timezone.now()
        if value and not (value <= now and timezone.localdate(value) == timezone.localdate(now)):
            raise ValidationError("When they told us must be earlier today.")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        known, new = attrs.get("caller"), attrs.get("new_name")
        if (known is None) == (new is None) or (new and "new_council" not in attrs):
            raise ValidationError({"caller": SOMEBODY})
        attrs["caller"] = known or self._new_caller(attrs)
        attrs["about"] = self._about(known, attrs["about"])
        return attrs

    def _new_caller(self, attrs: dict[str, Any]) -> NewCaller:
        new = NewCaller(attrs["new_name"], attrs["new_council"], attrs["new_phone"])
        alike = [] if attrs["new_anyway"] else perhaps_the_same(self.context["person"], **new._asdict())[:10]
        if alike:
            named = ", ".join(f"{person} ({person.pk})" for person in alike)
            raise ValidationError({"new_anyway": KNOWN.format(named)})
        return new

    def _about(self, caller: Person | None, given: dict[str, int]) -> dict[str, Any]:
        """What was named of the caller's, each found where the page offers it."""
        by = self.context["person"]
        asked = {things.name: caller and things.field(by, caller) for things in belongings()}
        found = {}
        for name, key in given.items():
            offered = asked.get(name)
            if not offered:
                raise ValidationError({"about": f"The caller has no {name} that you may see."})
            try:
                found[name] = offered.clean(str(key))
            except ValidationError as error:
                raise ValidationError({"about": error.messages}) from error
        return found


class CallsView(Endpoint):
    """Calls that are taken down."""

    http_method_names = ["post"]

    @extend_schema(
        operation_id="calls_log",
        request=CallSerializer,
        responses={201: TicketDetailSerializer, 204: None},
    )
    def post(self, request) -> Response:
        """Log a call, all of it or nothing. 204 where it went at once to those who handle it, out of sight."""
        require(request.user, Permission.WORK_TICKETS)
        call = CallSerializer(data=request.data, context={"person": request.user})
        call.is_valid(raise_exception=True)
        given = call.validated_data
        ticket = log_call(
            by=request.user,
            caller=given["caller"],
            said={name: given[name] for name in (*SAID, "impact", "urgency")},
            about=given["about"],
            outcome=given["outcome"],
            then={name: given[name] for name in THEN},
            token=uuid4().hex,
        )
        if not Ticket.objects.visible_to(request.user).filter(pk=ticket.pk).exists():
            return Response(status=status.HTTP_204_NO_CONTENT)
        shown = TicketDetailSerializer(ticket, context={"person": request.user})
        return Response(shown.data, status=status.HTTP_201_CREATED)

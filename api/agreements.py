"""Agreements between councils: proposed by one, agreed to by each, ended by any."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from api.organisation_shapes import Versioned
from api.organising import Administered
from api.pages import whole
from api.rows import NamedSerializer, Shown, code
from servicedesk.administration.questions import services_of
from servicedesk.people.access import councils_of, require
from servicedesk.people.agreements import agree_for, end_agreement, propose
from servicedesk.people.models import Agreement, Council
from servicedesk.people.roles import Permission


class AgreementSerializer(Shown):
    """How councils share the desk. `awaiting` are those that have not agreed to it yet: until then it does not hold."""

    provider = code()
    councils = code(many=True, read_only=True)
    awaiting = code(many=True, read_only=True)

    class Meta:
        model = Agreement
        fields = [
            "id",
            "name",
            "kind",
            "provider",
            "councils",
            "awaiting",
            "starts_at",
            "ends_at",
            "version",
        ]


class NewAgreementSerializer(serializers.Serializer):
    """Who takes part, by code, and who provides for the others where it is one of a host. It begins now if not said."""

    name = serializers.CharField(max_length=100)
    kind = serializers.ChoiceField(Agreement.Kind.choices)
    provider: Any = code(queryset=Council.objects.none(), required=False, allow_null=True, default=None)
    councils: Any = code(queryset=Council.objects.none(), many=True, allow_empty=False)
    starts_at = serializers.DateTimeField(required=False, allow_null=True, default=None)

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        living = Council.objects.visible_to(self.context.get("person")).filter(archived_at=None)
        fields["provider"].queryset = fields["councils"].child_relation.queryset = living
        return fields


class AgreeSerializer(serializers.Serializer):
    """For which of one's councils, by its code."""

    council: Any = code(queryset=Council.objects.none())

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        person = self.context.get("person")
        administered = councils_of(person, Permission.ADMINISTER)
        fields["council"].queryset = Council.objects.visible_to(person).filter(pk__in=administered)
        return fields


class EndAgreementSerializer(Versioned):
    """Until when it holds; now if not said."""

    ends_at = serializers.DateTimeField(required=False, allow_null=True, default=None)


class AgreementViewSet(Administered):
    """Agreements, for who administers a council. Who takes part is never changed: another one is made."""

    request: Any
    serializer_class = AgreementSerializer
    http_method_names = ["get", "head", "post"]
    new = NewAgreementSerializer

    def rows(self, person) -> QuerySet[Agreement]:
        seen = Agreement.objects.visible_to(person).select_related("provider")
        return seen.prefetch_related("councils", "awaiting")

    @extend_schema(request=NewAgreementSerializer, responses={201: AgreementSerializer})
    def create(self, request) -> Response:
        """Propose one. It awaits every council that one does not administer."""
        require(request.user, Permission.ADMINISTER)
        return self.shown(self.add(self.given(self.new)), status.HTTP_201_CREATED)

    def add(self, given: dict[str, Any]) -> Agreement:
        councils, begins = given.pop("councils"), given.pop("starts_at")
        agreement = Agreement(**given, starts_at=max(begins or timezone.now(), timezone.now()))
        return propose(agreement, councils, by=self.request.user)

    @extend_schema(request=AgreeSerializer, responses=AgreementSerializer)
    @action(detail=True, methods=["post"])
    def agree(self, request, pk: str) -> Response:
        """Agree for a council that one administers and that it awaits."""
        row = self.get_object()
        council = self.given(AgreeSerializer)["council"]
        return self.written(lambda: agree_for(row, council, by=request.user))

    @extend_schema(request=EndAgreementSerializer, responses=AgreementSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request, pk: str) -> Response:
        """End it, or decline it, for a council that takes part and that one administers."""
        row, given = self.get_object(), self.given(EndAgreementSerializer)
        return self.written(
            lambda: end_agreement(row, by=request.user, version=given["version"], at=given["ends_at"])
        )

    @extend_schema(responses=NamedSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def services(self, request, pk: str) -> Response:
        """The services that it brings to its councils while it holds."""
        brought = [{"id": row.pk, "name": str(row)} for row in services_of(self.get_object())]
        return whole(brought)

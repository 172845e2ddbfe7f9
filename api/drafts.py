"""What one has begun to write and not sent: one's own drafts, as the pages keep them, seen by nobody else."""

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, QueryDict
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from api.rows import Rows
from servicedesk.tickets import drafts
from servicedesk.tickets.models import Draft

TEXT: dict[str, Any] = {"type": "string"}
TEXTS: dict[str, Any] = {"oneOf": [TEXT, {"type": "array", "items": TEXT}]}


@extend_schema_field({"type": "object", "additionalProperties": TEXTS})
class TypedField(serializers.Field):
    """What was typed, by the name of the field: a text, or several."""

    default_error_messages = {"invalid": "Give texts, or lists of texts, by the names of their fields."}

    def to_internal_value(self, data: Any) -> dict[str, list[str]]:
        given = data.items() if isinstance(data, dict) else self.fail("invalid")
        typed = {name: texts if isinstance(texts, list) else [texts] for name, texts in given}
        if not all(isinstance(text, str) for texts in typed.values() for text in texts):
            self.fail("invalid")
        return typed

    def to_representation(self, value: Any) -> Any:
        return value


class DraftSerializer(serializers.ModelSerializer):
    """A draft: `form` names the form, with the reference of the ticket that it is about, if any."""

    values = TypedField()

    class Meta:
        model = Draft
        fields = ["form", "values", "saved_at"]
        read_only_fields = ["form", "saved_at"]


class DraftViewSet(Rows):
    """One's own drafts."""

    serializer_class = DraftSerializer
    lookup_field = "form"
    lookup_value_regex = "[A-Za-z0-9_-]{1,60}"
    http_method_names = ["get", "head", "post", "put"]
    orderings = {"saved_at": ("saved_at", "id")}
    ordering = "-saved_at"

    def rows(self, person) -> QuerySet[Draft]:
        return drafts.drafts_of(person)

    def opened(self) -> Draft:
        draft = self.get_queryset().filter(form=self.kwargs["form"]).first()
        if draft is None:
            raise Http404
        return draft

    @extend_schema(request=DraftSerializer, responses=DraftSerializer)
    def update(self, request, form: str) -> Response:
        """Keep what a form holds, in place of what was kept of it before."""
        if not drafts.NAME.fullmatch(form):
            raise Http404
        given = DraftSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        typed = QueryDict(mutable=True)
        for name, texts in given.validated_data["values"].items():
            typed.setlist(name, texts)
        return Response(DraftSerializer(drafts.keep(request.user, form, typed)).data)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def discard(self, request, form: str) -> Response:
        """Throw a draft away."""
        drafts.forget(request.user, form)
        return Response(status=status.HTTP_204_NO_CONTENT)

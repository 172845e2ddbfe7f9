"""The search of the whole site: what a person may see and that holds the words, kind by kind, as on its page."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.urls import reverse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.endpoints import Endpoint
from api.filters import refuse_unknown
from api.pages import WholeSerializer, whole
from servicedesk.search.searching import MOST_SHOWN, Findings, search
from servicedesk.search.views import SearchForm

LOOKED_UP: Mapping[str, Callable[[Any], dict[str, Any]]] = {
    "ticket": lambda row: {"ref": row.reference},
    "batch": lambda row: {"ref": row.reference},
    "asset": lambda row: {"pk": row.pk},
}
"""By which key the API tells of a row of each kind that a search finds; kinds are named as in its addresses."""


class FoundRowSerializer(serializers.Serializer):
    """A row that was found."""

    id = serializers.IntegerField()
    title = serializers.CharField()
    detail = serializers.CharField(help_text="What the page says below the title.")
    page = serializers.CharField(help_text="The address of its page.")
    resource = serializers.CharField(help_text="The address at which this interface tells of it.")


class FindingsSerializer(serializers.Serializer):
    """What was found of one kind."""

    kind = serializers.CharField(help_text=f"One of {', '.join(LOOKED_UP)}.")
    words = serializers.CharField(help_text="What the page calls the kind.")
    found = FoundRowSerializer(many=True, help_text=f"The newest, {MOST_SHOWN} at most.")
    more = serializers.BooleanField(help_text="Whether there are more than are told here.")
    list = serializers.CharField(help_text="The address at which this interface lists all of them.")


class SearchSerializer(WholeSerializer):
    """The kinds of which something was found."""

    results = FindingsSerializer(many=True)


class SearchView(Endpoint):
    """The search of the whole site."""

    http_method_names = ["get", "head"]

    @extend_schema(
        operation_id="search",
        responses=SearchSerializer,
        parameters=[
            OpenApiParameter("q", str, description="Words, a reference, an asset tag or a serial number.")
        ],
    )
    def get(self, request) -> Response:
        """What holds all the words, the last of them as a beginning; nothing without words."""
        refuse_unknown(request, ["q"])
        form = SearchForm(request.query_params)
        if not form.is_valid():
            raise ValidationError(form.errors)
        asked = form.cleaned_data["q"]
        found = search(request.user, asked) if asked else []
        return whole([FindingsSerializer(_told(findings, asked)).data for findings in found])


def _told(findings: Findings, asked: str) -> dict[str, Any]:
    kind = findings.source.rows().model._meta.model_name
    return {
        "kind": kind,
        "words": findings.source.heading,
        "found": [_row(findings, kind, row) for row in findings.rows],
        "more": findings.more,
        "list": f"{reverse(f'api:{kind}-list')}?{urlencode({'q': asked})}",
    }


def _row(findings: Findings, kind: str, row: Model) -> dict[str, Any]:
    source = findings.source
    return {
        "id": row.pk,
        "title": source.title(row),
        "detail": source.detail(row),
        "page": source.url(row),
        "resource": reverse(f"api:{kind}-detail", kwargs=LOOKED_UP[kind](row)),
    }

"""Lists by cursor, on the same keyset pages as the site's own lists."""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework import serializers
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from servicedesk.lists.keyset import PAGE_SIZE, keyset_page

CURSOR, ORDERING = "cursor", "ordering"


class CursorPages(BasePagination):
    """`next`, `previous` and `results`. A view names its orders in `orderings`: {name: (column, "id")}.

    `?ordering=` chooses one of them, with a minus for the other way round; the view's `ordering` is the usual one.
    """

    def paginate_queryset(self, queryset: Any, request, view=None) -> list:
        self.url = request.build_absolute_uri()
        order = _order(request.query_params.get(ORDERING) or view.ordering, view.orderings)
        self.page = keyset_page(queryset, order, request.query_params.get(CURSOR, ""), PAGE_SIZE)
        return self.page.rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {"next": self._link(self.page.next), "previous": self._link(self.page.previous), "results": data}
        )

    def get_paginated_response_schema(self, schema: dict) -> dict:
        link = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view) -> list[dict]:
        ordering = {"type": "string", "enum": _names(view.orderings), "default": view.ordering}
        return [
            _parameter(CURSOR, "Where the page begins, from `next` or `previous`.", {"type": "string"}),
            _parameter(ORDERING, "In which order; with a minus, the other way round.", ordering),
        ]

    def _link(self, cursor: str) -> str | None:
        url = remove_query_param(self.url, CURSOR)
        return replace_query_param(url, CURSOR, cursor) if cursor else None


class WholeSerializer(serializers.Serializer):
    """The shape of `whole`: a class for each list gives its `results`."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)


def whole(results: list) -> Response:
    """A list that is always one page, in the shape of the others."""
    return Response({"next": None, "previous": None, "results": results})


def _order(asked: str, orderings: dict[str, tuple[str, str]]) -> tuple[str, str]:
    names = _names(orderings)
    if asked not in names:
        raise ValidationError({ORDERING: f"This list has no such order. It has: {', '.join(names)}."})
    first, second = orderings[asked.removeprefix("-")]
    return (f"-{first}", f"-{second}") if asked.startswith("-") else (first, second)


def _names(orderings: dict[str, tuple[str, str]]) -> list[str]:
    return [name for order in orderings for name in (order, f"-{order}")]


def _parameter(name: str, description: str, schema: dict) -> dict:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}

"""The rows of an import by pages: they are no rows of a table, so they are found by their numbers in the file."""

from typing import Any

from django.core.exceptions import ValidationError
from rest_framework.response import Response

from api.pages import CURSOR, CursorPages
from servicedesk.spreadsheets.stored_rows import StoredRow, page_of


class RowPages(CursorPages):
    """`next`, `previous` and `results`, always in the order of the file."""

    def paginate_queryset(self, queryset: Any, request, view=None) -> list[StoredRow]:  # type: ignore[override]
        started, asked = queryset
        self.url = request.build_absolute_uri()
        actions = [asked["action"]] if asked["action"] else []
        mark = asked["problem"] or (f"changes:{asked['field']}" if asked["field"] else "")
        try:
            self.found = page_of(started, actions, mark, request.query_params.get(CURSOR, ""))
        except ValidationError as error:
            raise ValidationError({CURSOR: error.messages}) from error
        return self.found.rows

    def get_schema_operation_parameters(self, view) -> list[dict]:
        return super().get_schema_operation_parameters(view)[:1]

    def get_paginated_response(self, data: Any) -> Response:
        links = {"next": self._link(self.found.next), "previous": self._link(self.found.previous)}
        return Response({**links, "results": data})

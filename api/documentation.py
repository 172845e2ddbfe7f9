"""The schema, and the page that shows it, under a content policy of its own because it brings its own styles."""

from functools import cache

from csp.constants import SELF
from csp.decorators import csp_update
from django.http import HttpResponse
from django.utils.decorators import method_decorator
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.renderers import BaseRenderer

from api.problems import MEDIA_TYPE

STYLES = {"style-src": [SELF, "'unsafe-inline'"], "img-src": [SELF, "data:"]}
PROBLEM = {
    "type": "object",
    "description": "Why something was refused (RFC 9457).",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for the person."},
        "errors": {
            "type": "object",
            "description": "What is wrong with which field; `__all__` is the whole.",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
        "current": {"type": "object", "description": "With a stale version: how the row stands now."},
    },
}


def add_refusals(result: dict, **generator) -> dict:
    """Let every operation of the schema say how it refuses."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    refused = {
        "description": "Refused: 400 what was sent, 401 nobody is signed in, 403 not yours to do, 404 nothing that "
        "you may see, 406 and 415 another form, 409 wrong state or stale version, or a key whose first request is "
        "under way, 413 too large, 422 a key of another request, 429 too often.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = refused
    return result


def _header(name: str, description: str) -> dict:
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": description,
        "schema": {"type": "string"},
    }


ONCE = _header(
    "Idempotency-Key",
    "A text of your own, such as a UUID. The same request with the same key is done once and gets the same answer, for "
    "24 hours; another request with that key gets 422; one that comes while the first is under way gets 409.",
)
IF_MATCH = _header(
    "If-Match",
    'The ETag that came with the row, or its version in quotes, like "7". A row that has changed since is refused with '
    "409, as where `version` is sent in the body.",
)
IF_NONE_MATCH = _header("If-None-Match", "The ETag that you have: 304 where nothing has changed.")
ETAG = {
    "description": 'The version of the row and a mark of the answer, like "7-0f3a21bc44d09e17"; the mark alone where a '
    "row has no version.",
    "schema": {"type": "string"},
}


def add_headers(result: dict, **generator) -> dict:
    """Let every operation of the schema say which headers it takes and gives."""
    for operations in result["paths"].values():
        for method, operation in operations.items():
            _say_headers(operation, method)
    return result


def _say_headers(operation: dict, method: str) -> None:
    asked = operation.setdefault("parameters", [])
    of_one_row = any(parameter["in"] == "path" for parameter in asked)
    if method == "post":
        asked.append(ONCE)
    if method in ("post", "put", "patch") and of_one_row:
        asked.append(IF_MATCH)
    if method == "get" and of_one_row:
        asked.append(IF_NONE_MATCH)
        operation["responses"]["304"] = {"description": "Nothing has changed."}
        operation["responses"].get("200", {}).setdefault("headers", {})["ETag"] = ETAG


@cache
def written(renderer: type[BaseRenderer]) -> str | bytes:
    """The whole description, as programs or people read it: the same for everybody, and seconds of work."""
    return renderer().render(SchemaGenerator().get_schema(request=None, public=True), renderer_context={})


class SchemaView(SpectacularAPIView):
    """The description, worked out once and kept as long as the process lives."""

    @extend_schema(exclude=True)
    def get(self, request) -> HttpResponse:  # type: ignore[override]  # neither versions nor languages to choose from
        renderer = request.accepted_renderer
        text = written(type(renderer))  # type: ignore[arg-type]  # a class can be a key
        inline = f'inline; filename="service-desk.{renderer.format}"'
        return HttpResponse(text, renderer.media_type, headers={"Content-Disposition": inline})


@method_decorator(csp_update(STYLES), name="dispatch")
class DocumentationView(SpectacularSwaggerSplitView):
    """Swagger's page, from our own server."""

    url_name = "api:schema"

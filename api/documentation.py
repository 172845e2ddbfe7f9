"""The schema, and the page that shows it, under a content policy of its own because it brings its own styles."""

from csp.constants import SELF
from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularSwaggerSplitView

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
        "you may see, 406 and 415 another form, 409 wrong state or stale version, 413 too large, 429 too often.",
        "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for operations in result["paths"].values():
        for operation in operations.values():
            operation["responses"]["default"] = refused
    return result


@method_decorator(csp_update(STYLES), name="dispatch")
class DocumentationView(SpectacularSwaggerSplitView):
    """Swagger's page, from our own server."""

    url_name = "api:schema"

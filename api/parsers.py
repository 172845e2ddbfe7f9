"""What is sent, made clean before anything looks at it: the same text that the pages' forms take."""

import math
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, ValidationError
from rest_framework import parsers
from rest_framework.exceptions import ParseError

from servicedesk.forms import composed, refuse_controls

WHOLE = "__all__"


class JSONParser(parsers.JSONParser):
    """JSON in UTF-8, of a bounded size, its text composed and free of control characters."""

    def parse(self, stream, media_type=None, parser_context=None) -> Any:
        request = parser_context["request"]
        if int(request.META.get("CONTENT_LENGTH") or 0) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise RequestDataTooBig
        try:
            return cleaned(super().parse(stream, media_type, parser_context))
        except RecursionError as error:
            raise ParseError("This JSON is nested too deeply.") from error


class MultiPartParser(parsers.MultiPartParser):
    """A form with a file; its text as clean as that of JSON."""

    def parse(self, stream, media_type=None, parser_context=None) -> parsers.DataAndFiles:
        sent = super().parse(stream, media_type, parser_context)
        return parsers.DataAndFiles(cleaned(sent.data.dict()), sent.files.dict())


def cleaned(document: Any) -> Any:
    """A document with its text composed. Raises ValidationError, by field, for what no database takes."""
    if not isinstance(document, dict):
        return _clean(document)
    problems, clean = {}, {}
    for name, value in document.items():
        try:
            clean[_clean(name)] = _clean(value)
        except ValidationError as error:
            problems[name.encode(errors="replace").decode()] = error
    if problems:
        raise ValidationError(problems)
    return clean


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        composed_text = composed(value)
        refuse_controls(composed_text)
        return composed_text
    if isinstance(value, dict):
        return {_clean(name): _clean(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_clean(inner) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValidationError("This number is too large.")
    return value

"""Every refusal as `application/problem+json` (RFC 9457), with `errors` by field where fields are at fault."""

from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import Http404, JsonResponse
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from servicedesk.tickets.workflow import MoveRefused

MEDIA_TYPE = "application/problem+json"
WHOLE = "__all__"


def handle(error: Exception, context: dict) -> Response | None:
    """What REST framework calls for an exception in a view. None leaves it to be a server error."""
    if isinstance(error, MoveRefused):
        return problem(status.HTTP_409_CONFLICT, str(error))
    if isinstance(error, ValidationError):
        return invalid(_by_field(error))
    if isinstance(error, BadRequest):
        return problem(status.HTTP_400_BAD_REQUEST, str(error))
    if isinstance(error, PermissionDenied):
        return problem(status.HTTP_403_FORBIDDEN, str(error))
    if isinstance(error, Http404):
        return problem(status.HTTP_404_NOT_FOUND, "There is nothing here, or nothing that you may see.")
    if isinstance(error, exceptions.ValidationError):
        detail = error.detail if isinstance(error.detail, dict) else {WHOLE: error.detail}
        return invalid({name: _sentences(messages) for name, messages in detail.items()})
    response = exception_handler(error, context)
    if response is None:
        return None
    detail = str(error.detail) if isinstance(error, exceptions.APIException) else ""
    refusal = problem(response.status_code, detail)
    for name in ("WWW-Authenticate", "Retry-After"):
        if response.has_header(name):
            refusal[name] = response[name]
    return refusal


def problem(code: int, detail: str, **more: Any) -> Response:
    """One refusal: its status, the status in words, and a sentence for the person."""
    body = {"type": "about:blank", "title": HTTPStatus(code).phrase, "status": code, "detail": detail, **more}
    return Response(body, status=code, content_type=MEDIA_TYPE)


def invalid(errors: dict[str, list[str]]) -> Response:
    """What was sent cannot be taken, and why, by field."""
    return problem(status.HTTP_400_BAD_REQUEST, "Some of what was sent cannot be taken.", errors=errors)


@login_not_required
def not_found(request, path: str = "") -> JsonResponse:
    """An address of the API that does not exist."""
    body = problem(status.HTTP_404_NOT_FOUND, "There is nothing here, or nothing that you may see.").data
    return JsonResponse(body, status=status.HTTP_404_NOT_FOUND, content_type=MEDIA_TYPE)


def _by_field(error: ValidationError) -> dict[str, list[str]]:
    return dict(error.message_dict) if hasattr(error, "error_dict") else {WHOLE: error.messages}


def _sentences(messages: Any) -> list[str]:
    if isinstance(messages, dict):
        return [sentence for inner in messages.values() for sentence in _sentences(inner)]
    if isinstance(messages, list | tuple):
        return [sentence for inner in messages for sentence in _sentences(inner)]
    return [str(messages)]

"""Every refusal as `application/problem+json` (RFC 9457), with `errors` by field where fields are at fault."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import (
    BadRequest,
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.http import Http404, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions, status
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from api.etags import VersionMoved
from assets.orders.states import OrderRefused
from assets.register.lifecycle import MoveRefused as AssetMoveRefused
from assets.register.registering import StaleAsset
from assets.register.stock_taking import Ended
from servicedesk.history.editing import Stale
from servicedesk.history.merging import Difference, in_words
from servicedesk.history.undoing import Overtaken
from servicedesk.knowledge.states import MoveRefused as AnnouncementRefused
from servicedesk.notifications.webhooks import WebhookRefused
from servicedesk.spreadsheets.importing import WrongStep
from servicedesk.spreadsheets.reading import Refused
from servicedesk.tickets.states import MoveRefused

MEDIA_TYPE = "application/problem+json"
WHOLE = "__all__"
NOTHING_HERE = "There is nothing here, or nothing that you may see."
TOO_LARGE = "This is larger than we take. Send less at once."

CONFLICTS = (
    *(MoveRefused, AnnouncementRefused, AssetMoveRefused, Ended, Overtaken),
    *(StaleAsset, Stale, WrongStep, VersionMoved, WebhookRefused, OrderRefused),
)
REFUSALS: list[tuple[tuple[type[Exception], ...], int, str]] = [
    (CONFLICTS, status.HTTP_409_CONFLICT, ""),
    ((RequestDataTooBig,), status.HTTP_413_REQUEST_ENTITY_TOO_LARGE, TOO_LARGE),
    ((BadRequest, SuspiciousOperation, Refused), status.HTTP_400_BAD_REQUEST, ""),
    ((PermissionDenied,), status.HTTP_403_FORBIDDEN, ""),
    ((Http404, exceptions.NotFound), status.HTTP_404_NOT_FOUND, NOTHING_HERE),
]
"""The exceptions that say no, the status of each, and the sentence where it is not the exception's own."""


def handle(error: Exception, context: dict) -> Response | None:
    """What REST framework calls for an exception in a view. None leaves it to be a server error."""
    refusal = _refusal(error, context)
    if refusal is not None:
        set_rollback()
        # Also where the view itself answers with something else than JSON.
        context["request"].accepted_renderer = JSONRenderer()
        context["request"].accepted_media_type = MEDIA_TYPE
    return refusal


def problem(code: int, detail: str, **more: Any) -> Response:
    """One refusal: its status, the status in words, and a sentence for the person."""
    body = {"type": "about:blank", "title": HTTPStatus(code).phrase, "status": code, "detail": detail, **more}
    return Response(body, status=code, content_type=MEDIA_TYPE)


def invalid(errors: dict[str, list[str]]) -> Response:
    """What was sent cannot be taken, and why, by field."""
    return problem(status.HTTP_400_BAD_REQUEST, "Some of what was sent cannot be taken.", errors=errors)


def overtaken(refused: Exception, current: Any) -> Response:
    """Somebody was quicker: how the row stands now, and the other value of what both changed, where that is known."""
    differences: Iterable[Difference] = getattr(refused, "differences", ())
    errors = {each.name: [each.said(in_words(each.present))] for each in differences}
    more = {"errors": errors} if errors else {}
    return problem(status.HTTP_409_CONFLICT, str(refused), **more, current=current)


@csrf_exempt
@login_not_required
def not_found(request, path: str = "") -> JsonResponse:
    """An address of the API that does not exist."""
    body = problem(status.HTTP_404_NOT_FOUND, NOTHING_HERE).data
    return JsonResponse(body, status=status.HTTP_404_NOT_FOUND, content_type=MEDIA_TYPE)


def _refusal(error: Exception, context: dict) -> Response | None:
    for kinds, code, sentence in REFUSALS:
        if isinstance(error, kinds):
            return problem(code, sentence or str(error))
    if isinstance(error, ValidationError):
        return invalid(dict(error.message_dict) if hasattr(error, "error_dict") else {WHOLE: error.messages})
    if isinstance(error, exceptions.ValidationError):
        detail = error.detail if isinstance(error.detail, dict) else {WHOLE: error.detail}
        return invalid({name: _sentences(messages) for name, messages in detail.items()})
    response = exception_handler(error, context)
    return response and _as_problem(response, error)


def _as_problem(response: Response, error: Exception) -> Response:
    """What REST framework answers, with its headers, in our shape."""
    refusal = problem(response.status_code, str(getattr(error, "detail", "")))
    for name in ("WWW-Authenticate", "Retry-After"):
        if response.has_header(name):
            refusal[name] = response[name]
    return refusal


def _sentences(messages: Any) -> list[str]:
    if isinstance(messages, dict):
        return [sentence for inner in messages.values() for sentence in _sentences(inner)]
    if isinstance(messages, list | tuple):
        return [sentence for inner in messages for sentence in _sentences(inner)]
    return [str(messages)]

"""`Idempotency-Key`: a POST that carries one is done once, however often it is sent in the same day.

The key is claimed before the request is served. What the request writes and the answer to it are kept in one
transaction, so that a server that dies in between leaves neither, and the claim, which by itself means nothing, is
free again after a while. Keys are each person's own.
"""

import hashlib
import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from rest_framework import status
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from api.etags import tag
from api.problems import MEDIA_TYPE, problem
from servicedesk.history import answers
from servicedesk.history.models import Answer
from servicedesk.people.access import access_of

KEY = "Idempotency-Key"
LONGEST_KEY = 100
JSON = "application/json"
HEADERS = ("Location", "ETag", "Cache-Control", "Content-Disposition")
NOT_KEPT = (status.HTTP_401_UNAUTHORIZED, status.HTTP_429_TOO_MANY_REQUESTS)

OTHER = (
    f"This {KEY} came with another request, or before what you may do here changed. "
    "Use a new key for a new request."
)
UNDER_WAY = f"A request with this {KEY} is under way. Send it again in a moment."
SECRET = "This was done, and its answer held a secret that is shown once only."  # noqa: S105


def answer_once(view, handler: Callable, request, *args: Any, **kwargs: Any) -> Any:
    """The handler's answer, or the one that was given when this key came first."""
    key, asked, now = _key(request), _fingerprint(request), timezone.now()
    claim = answers.claim(request.user.pk, key, asked, now)
    if claim is None:
        return _again(view, answers.answered(request.user.pk, key), asked)
    try:
        return _serve(view, handler, claim, request, *args, **kwargs)
    except answers.ClaimLost:
        return _busy()
    except Exception:
        answers.release(claim)
        raise


def _serve(
    view, handler: Callable, claim: Answer, request, *args: Any, **kwargs: Any
) -> HttpResponse | Response:
    try:
        with transaction.atomic():
            response = handler(request, *args, **kwargs)
            _keep(view, claim, response)
    except answers.ClaimLost:
        raise
    except Exception as error:
        response = view.handle_exception(error)  # raises what is no refusal but a fault
        _keep(view, claim, response)
    return response


def _key(request) -> str:
    key = request.headers[KEY].strip()
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise ValidationError({KEY: f"Use 1 to {LONGEST_KEY} plain characters, such as a UUID."})
    return key


def _fingerprint(request) -> str:
    """What was asked, and what the person may do: an answer given under other rights is not given again."""
    access = access_of(request.user)
    rights = access and [
        sorted((name, sorted(at)) for name, at in access.councils.items()),
        sorted(access.teams),
    ]
    asked = [request.method, request.get_full_path(), request.data, rights]
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=_of_file).encode()).hexdigest()


def _of_file(file: File) -> list[str]:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return [str(file.name), digest.hexdigest()]


def _keep(view, claim: Answer, response: HttpResponse | Response) -> None:
    """Write down the answer. Raises answers.ClaimLost."""
    if response.status_code in NOT_KEPT or response.status_code >= 500:
        answers.release(claim)
        return
    body, kind = _as_text(response)
    headers = {name: response[name] for name in HEADERS if response.has_header(name)}
    headers["Content-Type"] = kind
    if view.tells_a_secret and response.status_code < 300:
        headers, body = {}, ""
    answers.keep(claim, status=response.status_code, headers=headers, body=body)


def _as_text(response: HttpResponse | Response) -> tuple[str, str]:
    """The body as it is kept, and its type: JSON as it is sent, a file in base64."""
    if not isinstance(response, Response):
        return b64encode(response.content).decode(), response["Content-Type"]
    tag(response)
    body = "" if response.data is None else JSONRenderer().render(response.data).decode()
    return body, response.content_type or JSON


def _again(view, answer: Answer | None, asked: str) -> HttpResponse | Response:
    """What was answered before, to whoever may still see what it was about."""
    if answer is None or answer.status is None and answer.request == asked:
        return _busy()
    if answer.request != asked:
        return problem(status.HTTP_422_UNPROCESSABLE_ENTITY, OTHER)
    if not answer.headers:
        return problem(status.HTTP_409_CONFLICT, SECRET)
    if answer.body and getattr(view, "detail", False):
        view.wanted_version = None
        view.get_object()
    as_sent = answer.headers["Content-Type"] in (JSON, MEDIA_TYPE)
    body = answer.body if as_sent else b64decode(answer.body)
    return HttpResponse(body, status=answer.status, headers=answer.headers)


def _busy() -> Response:
    response = problem(status.HTTP_409_CONFLICT, UNDER_WAY)
    response["Retry-After"] = "1"
    return response

"""Versions in headers: `ETag` says at which version a row was told, `If-Match` at which one it may be changed.

An ETag is `"7-0f3a…"`: the row's version, and a mark of all that was told, because some of it, such as deadlines,
changes without a new version. `If-Match` needs the version alone; `"7"` will do.
"""

import hashlib
import re
from typing import Any

from django.core.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

TAG = re.compile(r'(?:W/)?"?([1-9][0-9]{0,8})(?:-[0-9a-f]+)?"?')
IF_MATCH = "If-Match"
CHANGING = ("POST", "PUT", "PATCH")


class VersionMoved(Exception):
    """The row is no longer at the version that If-Match names. The text is for the person."""


def tag(response: Response) -> None:
    """Give an answer that tells one row its ETag: without a version, where the row has none."""
    told = response.data
    if response.status_code < 300 and isinstance(told, dict) and "results" not in told:
        mark = hashlib.sha256(JSONRenderer().render(told)).hexdigest()[:16]
        response["ETag"] = f'"{told["version"]}-{mark}"' if "version" in told else f'"{mark}"'
        response["Cache-Control"] = "private, no-cache"


def is_known(request, response: Response) -> bool:
    """Whether the caller says that it has just this answer already."""
    sent = request.headers.get("If-None-Match", "")
    known = [one.strip().removeprefix("W/") for one in sent.split(",")]
    return request.method in ("GET", "HEAD") and response.get("ETag") in known


def wanted_version(request) -> int | None:
    """The version that If-Match names; None where the caller names none. Raises ValidationError."""
    sent = request.headers.get(IF_MATCH, "*").strip()
    if sent == "*" or request.method not in CHANGING:
        return None
    found = TAG.fullmatch(sent)
    if not found:
        raise ValidationError(
            {IF_MATCH: 'Send one ETag, as it came with the row, or its version in quotes, like "7".'}
        )
    return int(found[1])


def say_version(request, version: int) -> None:
    """Let what is sent say the version that the header names. Raises ValidationError where it says another."""
    sent: Any = request.data
    if not isinstance(sent, dict):
        return
    if sent.setdefault("version", version) != version:
        raise ValidationError({"version": f"This is not the version that {IF_MATCH} names."})


def check_version(row: Any, version: int | None) -> None:
    """Raises VersionMoved where the row is at another version than the one that If-Match names."""
    if version is not None and getattr(row, "version", version) != version:
        raise VersionMoved(f"{row} was changed while you were looking at it.")

"""Keeping files and giving them back."""

import hashlib
import re
from datetime import datetime

from django.core.files import File
from django.db import transaction
from django.http import FileResponse
from django.utils import timezone

from servicedesk.files.models import StoredFile
from servicedesk.people.models import Council, Person

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
BYTES = "application/octet-stream"

CONTROL = re.compile(r"[\x00-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2066-\u2069/\\]")


def keep(
    content: File,
    name: str,
    *,
    council: Council,
    by: Person | None,
    content_type: str = BYTES,
    now: datetime | None = None,
) -> StoredFile:
    """Store a file's bytes under a name of our own. They are removed again if the transaction is not kept."""
    digest = hashlib.sha256()
    for chunk in content.chunks():
        digest.update(chunk)
    stored = StoredFile(
        council=council,
        name=CONTROL.sub("", name)[-200:] or "file",
        content_type=content_type,
        sha256=digest.hexdigest(),
        size=content.size,
        stored_by=by,
        stored_at=now or timezone.now(),
    )
    content.seek(0)
    stored.content.save(stored.name, content, save=False)
    try:
        with transaction.atomic():
            stored.save()
    except Exception:
        stored.content.delete(save=False)
        raise
    return stored


def download(stored: StoredFile) -> FileResponse:
    """The file as a download that no browser opens as a page. Call it after the door of the row it belongs to."""
    response = FileResponse(stored.content.open("rb"), as_attachment=True, filename=stored.name)
    response["Content-Type"] = stored.content_type
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response

"""Keeping files and giving them back."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import FileResponse
from django.utils import timezone

from servicedesk.files.models import StoredFile
from servicedesk.people.models import Council, Person

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
BYTES = "application/octet-stream"

LONGEST_NAME = 200
UNSAID = {"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"}
FORGOTTEN_AFTER = timedelta(days=1)


def clean_name(name: str) -> str:
    """A file's name as people may see it: no folders, nothing invisible, nothing that a shell hides or runs past."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(letter for letter in last if unicodedata.category(letter) not in UNSAID)
    return " ".join(shown.split()).strip(". ")[-LONGEST_NAME:].strip(". ") or "file"


def keep(
    content: File,
    name: str,
    *,
    council: Council,
    by: Person | None,
    content_type: str = BYTES,
    now: datetime | None = None,
) -> StoredFile:
    """Store a file's bytes under a name of our own.

    When the transaction around it is not kept, or the process dies, its bytes lie there without a row until
    `remove_orphans` comes by.
    """
    digest = hashlib.sha256()
    for chunk in content.chunks():
        digest.update(chunk)
    stored = StoredFile(
        council=council,
        name=clean_name(name),
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
    return _sent(stored, as_attachment=True)


def show(stored: StoredFile) -> FileResponse:
    """An image for a page to show, anything else as a download. Call it after the door of the row it belongs to."""
    return _sent(stored, as_attachment=not stored.is_image)


def _sent(stored: StoredFile, as_attachment: bool) -> FileResponse:
    response = FileResponse(stored.content.open("rb"), as_attachment=as_attachment, filename=stored.name)
    response["Content-Type"] = stored.content_type
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Cache-Control"] = "private, no-store"
    return response


def remove_orphans(now: datetime | None = None) -> int:
    """Remove bytes older than a day that no row names; runs each day. Returns how many files went."""
    begun = (now or timezone.now()) - FORGOTTEN_AFTER
    known = set(StoredFile.objects.values_list("content", flat=True))
    orphans = [path for path in _stored_paths() if path not in known]
    old = [path for path in orphans if default_storage.get_modified_time(path) < begun]
    for path in old:
        default_storage.delete(path)
    return len(old)


def _stored_paths() -> Iterator[str]:
    """Every file in the folders that `models.own_name` makes, and in no other."""
    if not default_storage.exists(""):
        return
    for folder in default_storage.listdir("")[0]:
        if re.fullmatch(r"[0-9a-f]{2}", folder):
            yield from (f"{folder}/{name}" for name in default_storage.listdir(folder)[1])

"""Files that come with what is said: what each is, and the row by which it belongs to the words."""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile

from servicedesk.files.checking import check_all
from servicedesk.files.storing import keep
from servicedesk.tickets.models import Attachment, Comment

Files = Sequence[UploadedFile]


def refuse_bad(files: Files) -> None:
    """Raises ValidationError for `files`, with a sentence for each that cannot be taken."""
    try:
        check_all(list(files))
    except ValidationError as error:
        raise ValidationError({"files": error.messages}) from error


def attach(comment: Comment, files: Files, *, by, now: datetime) -> list[Attachment]:
    """Keep the files of something just said, inside its transaction."""
    made = []
    for file, kept in zip(files, check_all(list(files)), strict=True):
        stored = keep(
            file, kept.name, council=comment.ticket.council, by=by, content_type=kept.content_type, now=now
        )
        made.append(Attachment.objects.create(comment=comment, stored_file=stored))
    return made

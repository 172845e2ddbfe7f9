"""A StoredFile is the bytes, their hash, and the name that somebody gave them."""

import uuid

from django.db import models

from servicedesk.people.models import Council, Person


def own_name(file: "StoredFile", name: str) -> str:
    """Where the bytes lie: a name of our own, so that a name from outside never reaches the disk."""
    key = uuid.uuid4().hex
    return f"{key[:2]}/{key}"


class StoredFile(models.Model):
    """A file. It is seen by whoever may see the row that points at it, and has no door of its own."""

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    content = models.FileField(upload_to=own_name, max_length=100)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    stored_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="files_stored")
    stored_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @property
    def is_image(self) -> bool:
        """Whether pages show it; `checking` has looked at its content and says so of nothing that can hold script."""
        return self.content_type.startswith("image/")

"""A SearchDocument is the words of one row of any kind."""

from django.db import models


class SearchDocument(models.Model):
    """What can be found. Written by `search.index` in the transaction that writes the row it is about.

    `text` holds words as `search.words` folds them. Whether a person finds a document is decided by the `visible_to`
    of its kind, inside the query.
    """

    kind = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    text = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "object_id"], name="one_document_per_row")]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


class Outstanding(models.Model):
    """Rows of one kind, by their keys from `first` to `last`, whose documents `search.later` has yet to put right."""

    kind = models.CharField(max_length=60)
    first = models.BigIntegerField()
    last = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.kind} {self.first} to {self.last}"

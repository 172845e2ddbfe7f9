"""One ChangeSet is one deed; one Change says what it did to one row."""

from typing import Any, NoReturn

from django.db import models
from django.db.models.fields.json import KeyTransform


class AppendOnlyError(TypeError):
    """History is written once: somebody tried to alter or delete it."""


class AppendOnlyQuerySet(models.QuerySet):
    """Reads and adds, never alters."""

    def update(self, **kwargs) -> NoReturn:
        raise AppendOnlyError("History cannot be altered.")

    def delete(self) -> NoReturn:
        raise AppendOnlyError("History cannot be deleted.")

    def bulk_create(self, objs, batch_size=None, ignore_conflicts=False, update_conflicts=False, **kwargs):
        if update_conflicts:
            raise AppendOnlyError("History cannot be altered.")
        return super().bulk_create(objs, batch_size, ignore_conflicts, **kwargs)


class AppendOnly(models.Model):
    """A row that is written once."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args, **kwargs) -> None:
        if not self._state.adding:
            raise AppendOnlyError("History cannot be altered.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs) -> NoReturn:
        raise AppendOnlyError("History cannot be deleted.")


class Source(models.TextChoices):
    """Where a deed came from."""

    PAGE = "page", "a page"
    API = "api", "the API"
    IMPORT = "import", "a spreadsheet"
    COMMAND = "command", "a command"
    JOB = "job", "the system"


class ChangeSet(AppendOnly):
    """One deed: a request, an import, a bulk action. Written by `history.recording` alone.

    Who did it is kept as number and name, because people leave and history stays. `undoes` is the deed that this one
    takes back.
    """

    at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)
    by_label = models.CharField(max_length=200, blank=True)
    source = models.CharField(max_length=10, choices=Source)
    reason = models.TextField(blank=True)
    undoes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="undone_by")

    class Meta:
        indexes = [models.Index(fields=["at"]), models.Index(fields=["by_id", "at"])]

    def __str__(self) -> str:
        return f"{self.by_label or 'The system'}, {self.at:%d %B %Y %H:%M}"


class Told(models.JSONField):
    """{name: [old, new, old label, new label]}, where what is new and reads as it is may be kept as [new].

    Imports keep it so, which takes a third off the largest table. Whoever reads it meets all four.
    """

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.JSONField", args, kwargs

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        told = super().from_db_value(value, expression, connection)
        if not isinstance(told, dict) or isinstance(expression, KeyTransform):
            return told
        return {
            name: [None, *each, "", *map(str, each)] if len(each) == 1 else each
            for name, each in told.items()
        }


class Change(AppendOnly):
    """What one deed did to one row: `fields` is {name: [old, new, old label, new label]}.

    The labels are how the values read at the time, so that history still reads when a site is renamed. `version` is
    the row's own afterwards, where rows of its kind have one: what changed since somebody read it is what came later.
    What is removed, because its making was undone, lists no fields: they stand in the changes before.
    """

    class Action(models.TextChoices):
        CREATE = "create", "Created"
        UPDATE = "update", "Changed"
        MOVE = "move", "Moved"
        REMOVE = "remove", "Removed"

    change_set = models.ForeignKey(ChangeSet, on_delete=models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    label = models.CharField(max_length=200)
    council_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=10, choices=Action)
    move = models.CharField(max_length=40, blank=True)
    fields = Told(default=dict)
    version = models.PositiveIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "object_id", "id"], name="change_of_object")]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.label}"


class Answer(models.Model):
    """What was answered to a request that carried an Idempotency-Key, so that the same one sent again gets the same.

    `request` is the hash of the method, the address and the body. `status` is null while the first is under way.
    """

    by_id = models.BigIntegerField()
    key = models.CharField(max_length=100)
    request = models.CharField(max_length=64)
    at = models.DateTimeField()
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["by_id", "key"], name="one_answer_a_key")]
        indexes = [models.Index(fields=["at"], name="answer_by_age")]

    def __str__(self) -> str:
        return self.key

"""An Import takes a spreadsheet from file to register, step by step; each step is stored, so it can be resumed."""

from functools import cached_property
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from servicedesk.files.models import StoredFile
from servicedesk.history.models import ChangeSet
from servicedesk.jobs.models import Job
from servicedesk.people.access import councils_of, may
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission
from servicedesk.spreadsheets.kinds import Kind, kinds
from servicedesk.spreadsheets.reading import Limits, Workbook, read_upload


def read(path: str, name: str) -> Workbook:
    """A spreadsheet within the limits of this place. Raises Refused."""
    limits = Limits(file_size=settings.IMPORT_MAX_BYTES, rows=settings.IMPORT_MAX_ROWS)
    return read_upload(path, name, limits)


class ImportQuerySet(models.QuerySet):
    """Imports are seen by whoever may import their kind for their council."""

    def open(self) -> Self:
        """Those whose columns and rows can still be decided: also when a job to write them has been given up."""
        given_up = Q(state="applying", job__state__in=(Job.State.FAILED, Job.State.CANCELLED))
        return self.filter(Q(state__in=("uploaded", "mapped", "checked", "failed")) | given_up)

    def visible_to(self, person) -> Self:
        """The imports that the person may see, and no other."""
        rule = Q(pk__in=[])
        for kind in kinds().values():
            rule |= Q(kind=kind.code, council__in=kind.may_import(person))
        return self.filter(rule)


class Import(models.Model):
    """A spreadsheet on its way in. Changed by `spreadsheets.importing` alone.

    `sheets` is a list of {"name", "visibility", "header_row", "data_rows", "skipped", "columns"}, where a column is
    {"letter", "heading", "field", "why", "question", "samples", "order"}. `mapping` is {"sheet", "header_row",
    "columns": {letter: field or null}, "dates": {letter: "dmy"}, "values": {field: {as typed: as meant}}}. `create`
    lists the kinds of look-up that may be created, `notes` what is to be said of the file beside its rows.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", "Uploaded"
        REFUSED = "refused", "Cannot be read"
        MAPPED = "mapped", "Columns chosen"
        CHECKED = "checked", "Checked"
        APPLYING = "applying", "Being imported"
        APPLIED = "applied", "Imported"
        FAILED = "failed", "Failed"

    kind = models.CharField(max_length=20)
    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="imports")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="imports")
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    refused = models.TextField(blank=True)
    sheets = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    create = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    job = models.ForeignKey(Job, on_delete=models.PROTECT, null=True, related_name="imports")
    change_set = models.ForeignKey(ChangeSet, on_delete=models.PROTECT, null=True, related_name="imports")
    started_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="imports")
    started_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    # What the file holds is not history; what became of it is.
    derived_fields = ("sheets", "mapping", "counts", "notes", "job", "change_set")

    objects = ImportQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["council", "-id"])]

    def __str__(self) -> str:
        return f"{self.file} for {self.council}"

    @property
    def kind_of_row(self) -> Kind:
        return kinds()[self.kind]

    @property
    def given_up(self) -> bool:
        """Whether nothing was written, and nobody is at it any more."""
        given_up = self.job is not None and self.job.state in (Job.State.FAILED, Job.State.CANCELLED)
        return self.state == self.State.FAILED or (self.state == self.State.APPLYING and given_up)

    @property
    def rows_to_write(self) -> int:
        return self.counts.get("create", 0) + self.counts.get("update", 0)

    @cached_property
    def workbook(self) -> Workbook:
        """The file as it was stored, read anew for every instance. Raises Refused."""
        return read(self.file.content.path, self.file.name)

    @property
    def table(self) -> dict:
        """What is known of the chosen sheet: an entry of `sheets`, {} where none is chosen."""
        chosen = self.mapping.get("sheet")
        return next((sheet for sheet in self.sheets if sheet["name"] == chosen), {})


class ImportRow(models.Model):
    """One row of the sheet: what it says, what that means, and what would become of it.

    `values` holds the cleaned values by field, what points at another row as [id, words]; `changes` is
    {field: [old, new, old label, new label]} for an update;
    `problems` is a list of {"column", "code", "severity", "value", "message", "remedy"}.
    """

    class Action(models.TextChoices):
        CREATE = "create", "Create"
        UPDATE = "update", "Update"
        UNCHANGED = "unchanged", "Leave"
        AMBIGUOUS = "ambiguous", "Matches more than one"
        ERROR = "error", "Refused"

    # No index of its own: both of those below begin with it.
    source = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows", db_index=False)
    number = models.PositiveIntegerField()
    action = models.CharField(max_length=10, choices=Action)
    target_id = models.BigIntegerField(null=True)
    target_version = models.PositiveIntegerField(null=True)
    values = models.JSONField(default=dict)
    changes = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    worst = models.CharField(max_length=8, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "number"], name="one_import_row_a_number")]
        indexes = [models.Index(fields=["source", "action", "number"])]

    def __str__(self) -> str:
        return f"Row {self.number}"


class ExportQuerySet(models.QuerySet):
    """Exports belong to whoever wanted them, as long as they might take the same out again."""

    def visible_to(self, person) -> Self:
        """The person's own exports whose file is kept, without those that say what they may not know any more."""
        if not may(person, Permission.EXPORT):
            return self.none()
        known = councils_of(person, Permission.SEE_ASSET_MONEY)
        return (
            self.filter(wanted_by=person)
            .exclude(file=None, job=None)
            .exclude(money_of__in=Council.objects.exclude(pk__in=known))
        )


class Export(models.Model):
    """A spreadsheet that somebody took out: what, with which filter, and when.

    `money_of` are the councils for whose rows it says what they cost.
    """

    kind = models.CharField(max_length=20)
    filters = models.JSONField(default=dict)
    format = models.CharField(max_length=4, choices=[("xlsx", "Excel workbook"), ("csv", "CSV")])
    wanted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="exports")
    wanted_at = models.DateTimeField()
    job = models.ForeignKey(Job, on_delete=models.PROTECT, null=True, related_name="exports")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="exports")
    rows = models.PositiveIntegerField(default=0)
    money_of = models.ManyToManyField(Council, related_name="+")

    derived_fields = ("job",)

    objects = ExportQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.kind} as {self.format}"

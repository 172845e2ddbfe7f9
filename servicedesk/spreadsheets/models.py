"""An Import takes a spreadsheet from file to register, step by step; each step is stored, so it can be resumed.

A MappingProfile is what was once said of such a file, for the next one with the same headings.
"""

from datetime import datetime
from functools import cached_property
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from servicedesk.files.models import StoredFile
from servicedesk.history.models import ChangeSet
from servicedesk.jobs.models import Job
from servicedesk.people.access import councils_of, may
from servicedesk.people.models import Council, Grant, Person
from servicedesk.people.roles import Permission
from servicedesk.spreadsheets.kinds import Kind, kinds
from servicedesk.spreadsheets.reading import ENCODINGS, Limits, Refused, Workbook, read_upload


class WrongStep(Exception):
    """An import does not stand where this step begins, or somebody was quicker. The text is for the person."""


def read(path: str, name: str, encoding: str = "") -> Workbook:
    """A spreadsheet within the limits of this place; `encoding` is what somebody says a text is written in.

    Raises Refused.
    """
    if encoding and encoding not in ENCODINGS:
        raise Refused(f"There is no encoding called {encoding}. There are: {', '.join(ENCODINGS)}.")
    limits = Limits(file_size=settings.IMPORT_MAX_BYTES, rows=settings.IMPORT_MAX_ROWS)
    return read_upload(path, name, limits, encoding)


class OfACouncilQuerySet(models.QuerySet):
    """What belongs to the imports of a council: seen by whoever may import that kind for that council."""

    def visible_to(self, person) -> Self:
        """What the person may see, and nothing else."""
        rule = Q(pk__in=[])
        for kind in kinds().values():
            rule |= Q(kind=kind.code, council__in=kind.may_import(person))
        return self.filter(rule)


class MappingProfile(models.Model):
    """What the columns of one council's files from one source are. Changed by `spreadsheets.profiles` alone.

    A file is known again by the `signature` of its headings, whatever their order. `mapping` is that of an Import,
    without sheet and row of headings; `headings` says by letter which heading stood there, so that the letters can be
    found anew; `create` lists the kinds of look-up that may be created.
    """

    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="mapping_profiles")
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=100)
    source = models.CharField(max_length=200, blank=True)
    signature = models.CharField(max_length=64)
    headings = models.JSONField(default=dict)
    mapping = models.JSONField(default=dict)
    create = models.JSONField(default=list)
    saved_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="mapping_profiles")
    saved_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    # How another's file is laid out is not history; that it was said, and by whom, is.
    derived_fields = ("headings", "mapping")

    objects = OfACouncilQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["council", "kind", "signature", "source"], name="one_profile_a_source"
            ),
            models.UniqueConstraint(fields=["council", "kind", "name"], name="one_profile_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kind_of_row(self) -> Kind:
        return kinds()[self.kind]


class Action(models.TextChoices):
    """What becomes of a row."""

    CREATE = "create", "Create"
    UPDATE = "update", "Update"
    UNCHANGED = "unchanged", "Leave"
    STALE = "stale", "Changed meanwhile"
    DISAGREE = "disagree", "Keys disagree"
    AMBIGUOUS = "ambiguous", "Matches more than one"
    ERROR = "error", "Refused"


WRITTEN = (Action.CREATE, Action.UPDATE)
HELD_BACK = (Action.ERROR, Action.AMBIGUOUS, Action.DISAGREE, Action.STALE)
"""Rows that somebody has to decide about, or to correct."""


class ImportQuerySet(OfACouncilQuerySet):
    """Imports are seen by whoever may import their kind for their council; those whose rows not all such people may
    see, or that have a column which only its writer reads, by who began them, as long as none of these rows may be read
    by others alone.
    """

    def visible_to(self, person) -> Self:
        own = [kind.code for kind in kinds().values() if kind.deeds]
        return (
            super()
            .visible_to(person)
            .exclude(~Q(started_by=person.pk), kind__in=own)
            .exclude(pk__in=self._secret().exclude(started_by=person.pk).values("pk"))
            .filter(withdrawn_at=None)
        )

    def _secret(self) -> models.QuerySet:
        """Those with a column that only its writer reads, whatever that was chosen to be."""
        rule = Q(pk__in=[])
        for kind in kinds().values():
            for name in kind.secret:
                chosen = Q(mapping__columns__icontains=f'"{name}"') | Q(mapping__given__has_key=name)
                by_heading = Q(sheets__icontains=f'"field": "{name}"')
                rule |= Q(kind=kind.code) & (chosen | by_heading)
        return self.model._base_manager.filter(rule)

    def open(self) -> Self:
        """Those whose columns and rows can still be decided: also when a job has been given up."""
        given_up = Q(
            state__in=("checking", "applying"), job__state__in=(Job.State.FAILED, Job.State.CANCELLED)
        )
        return self.filter(Q(state__in=("uploaded", "mapped", "checked", "failed")) | given_up)

    def undoable(self) -> Self:
        """Those that were imported and not undone: also when a job to undo them has been given up."""
        given_up = Q(state="undoing", job__state__in=(Job.State.FAILED, Job.State.CANCELLED))
        return self.filter(Q(state="applied") | given_up).exclude(change_set=None)


class Import(models.Model):
    """A spreadsheet on its way in. Changed by `spreadsheets.importing` alone.

    `sheets` is a list of {"name", "visibility", "header_row", "data_rows", "skipped", "notes", "preview",
    "date_1904", "encoding", "columns"}, where a column is {"letter", "heading", "field", "why", "because",
    "question", "filled", "samples", "cells", "order", "written"}: `cells` are the samples as the file has them,
    `written` counts what its dates say of their order.

    `mapping` is {"sheet", "header_row", "columns": {letter: field or null; of several columns with one heading the one
    that is taken for it, and those that somebody spoke of}, "dates": {letter: "dmy"}, "values":
    {field: {as written: as meant, "" to leave it blank}}, "creates": {field: [as written]}, "policies": {field: "fill",
    "overwrite" or "never"; without one "overwrite"}, "keys": [field], the order in which rows are recognised; empty
    for that of the kind, "given": {field: what all rows say, whatever a column says}, "encoding": what a text is
    written in, where somebody said so}.

    `create` lists the kinds of look-up that may be created whatever they are called, `unknown` what the file names and
    we do not know, null as long as nobody has looked: a list of {"field", "written", "count", "rows", "creatable"}.
    `choices` is what a person decided: {"rows": {number: {"target": key of ours} or {"stale": whose}},
    "stale": whose}, where whose is "yours", "theirs" or "before". `counts` is how many rows there are of each action,
    and "missing": rows of ours that the file does not have, of which `missing` holds the first keys. `warnings` says
    why a second press is asked for. `undone` is {"restored", "removed", "besides": rows of other kinds that were made
    for its own and are removed with them, "left": [{"label", "fields", "why", "by", "at"}], "not_listed"}.
    `notes` is what is to be said of the file beside its rows. `step` is the first that nobody has confirmed. Since
    `withdrawn_at` it is shown to nobody, because it tells of what has been sealed.
    """

    class Step(models.TextChoices):
        SHEET = "sheet", "Sheet"
        COLUMNS = "columns", "Columns"
        VALUES = "values", "Values"
        CHECK = "check", "Check"

    class State(models.TextChoices):
        UPLOADED = "uploaded", "Uploaded"
        REFUSED = "refused", "Cannot be read"
        MAPPED = "mapped", "Columns chosen"
        CHECKING = "checking", "Being checked"
        CHECKED = "checked", "Checked"
        APPLYING = "applying", "Being imported"
        APPLIED = "applied", "Imported"
        FAILED = "failed", "Failed"
        UNDOING = "undoing", "Being undone"
        UNDONE = "undone", "Undone"

    kind = models.CharField(max_length=20)
    council = models.ForeignKey(Council, on_delete=models.PROTECT, related_name="imports")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="imports")
    state = models.CharField(max_length=10, choices=State, default=State.UPLOADED)
    refused = models.TextField(blank=True)
    step = models.CharField(max_length=10, choices=Step, default=Step.SHEET)
    sheets = models.JSONField(default=list)
    mapping = models.JSONField(default=dict)
    profile = models.ForeignKey(MappingProfile, on_delete=models.SET_NULL, null=True, related_name="imports")
    unknown = models.JSONField(null=True)
    create = models.JSONField(default=list)
    counts = models.JSONField(default=dict)
    notes = models.JSONField(default=list)
    choices = models.JSONField(default=dict)
    missing = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    undone = models.JSONField(default=dict)
    job = models.ForeignKey(Job, on_delete=models.PROTECT, null=True, related_name="imports")
    change_set = models.ForeignKey(ChangeSet, on_delete=models.PROTECT, null=True, related_name="imports")
    started_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="imports")
    started_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    named = ""  # how its file is called until that is stored

    # What the file holds is not history; what became of it is.
    derived_fields = (
        *("step", "sheets", "mapping", "unknown", "counts", "notes", "choices"),
        *("missing", "warnings", "undone", "job", "change_set"),
    )

    objects = ImportQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["council", "-id"])]

    def __str__(self) -> str:
        return f"{self.file} for {self.council}"

    @property
    def kind_of_row(self) -> Kind:
        return kinds()[self.kind]

    @property
    def file_name(self) -> str:
        """What the person calls the file, also before it is stored."""
        return self.file.name if self.file_id else self.named

    @property
    def begun_at(self) -> tuple[str, str]:
        """The page on which it was begun: its name, and its address."""
        begins = self.kind_of_row.begins
        return (
            begins(self.mapping.get("given", {})) if begins else ("Imports", reverse("spreadsheets:imports"))
        )

    @property
    def given_up(self) -> bool:
        """Whether nothing was written, and nobody is at it any more."""
        given_up = self.job is not None and self.job.state in (Job.State.FAILED, Job.State.CANCELLED)
        begun = (self.State.CHECKING, self.State.APPLYING)
        return self.state == self.State.FAILED or (self.state in begun and given_up)

    @property
    def undo_given_up(self) -> bool:
        """Whether nothing was undone, and nobody is at it any more."""
        given_up = self.job is not None and self.job.state in (Job.State.FAILED, Job.State.CANCELLED)
        return self.state == self.State.UNDOING and given_up

    @property
    def may_be_undone(self) -> bool:
        """Whether there is something that was imported and not undone."""
        return self.change_set_id is not None and (self.state == self.State.APPLIED or self.undo_given_up)

    @property
    def not_undone(self) -> list[dict]:
        """What stayed as it was when the import was undone, with times as times."""
        return [
            {**each, "at": datetime.fromisoformat(each["at"]) if each["at"] else None}
            for each in self.undone.get("left", [])
        ]

    @property
    def held_back(self) -> int:
        """How many rows wait to be decided about or corrected."""
        return sum(self.counts.get(action, 0) for action in HELD_BACK)

    @property
    def is_open(self) -> bool:
        """Whether its columns and rows can still be decided."""
        return self.given_up or self.state in (self.State.UPLOADED, self.State.MAPPED, self.State.CHECKED)

    @property
    def rows_to_write(self) -> int:
        return self.counts.get("create", 0) + self.counts.get("update", 0)

    @cached_property
    def workbook(self) -> Workbook:
        """The file as it was stored, read anew for every instance. Raises Refused."""
        return read(self.file.content.path, self.file.name, self.mapping.get("encoding", ""))

    @property
    def table(self) -> dict:
        """What is known of the chosen sheet: an entry of `sheets`, {} where none is chosen."""
        chosen = self.mapping.get("sheet")
        return next((sheet for sheet in self.sheets if sheet["name"] == chosen), {})


class ImportRows(models.Model):
    """Some hundreds of rows of a sheet of which the same becomes, packed: what they say and what they would change.

    A row to itself would cost more to write than all the rest of a check. `batch` counts the parts that a sheet was
    checked in; `first` and `last` are the numbers of the rows that its part begins and ends with. `marks` says what is
    in it to look for: the codes of problems, and "changes:field". Read and written by `spreadsheets.stored_rows` alone.
    """

    # No index of its own: that of the constraint begins with it.
    source = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="packed", db_index=False)
    batch = models.PositiveIntegerField()
    action = models.CharField(max_length=10, choices=Action)
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    count = models.PositiveIntegerField()
    marks = models.JSONField(default=dict)
    data = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "batch", "action"], name="rows_packed_once")]

    def __str__(self) -> str:
        return f"Rows {self.first} to {self.last}: {self.get_action_display()}"


class Untold(models.Model):
    """New rows of an import whose history `spreadsheets.untold` has yet to write: from the part `batch` on.

    The first of them has the key `first_row`, and its history is going to have `first_line`. `created` says what was
    created for rows: [[field, what the row said, its key]]; `council` how the council read at the time.
    """

    started = models.OneToOneField(Import, on_delete=models.PROTECT, related_name="untold")
    council = models.CharField(max_length=200)
    batch = models.PositiveIntegerField()
    first_row = models.BigIntegerField()
    first_line = models.BigIntegerField()
    created = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"{self.started}, from part {self.batch} on"


class ExportQuerySet(models.QuerySet):
    """Exports belong to whoever wanted them, as long as they might take the same out again.

    Of an export of requests the file is let go when one of them may have been sealed since.
    """

    def visible_to(self, person) -> Self:
        """The person's own exports whose file is kept, without those that say what they may not know any more."""
        if not may(person, Permission.EXPORT):
            return self.none()
        known = councils_of(person, Permission.SEE_ASSET_MONEY)
        ended = Grant.objects.filter(person=person).exclude(pk__in=Grant.objects.in_force())
        return (
            self.filter(wanted_by=person)
            .exclude(file=None, job=None)
            .exclude(money_of__in=Council.objects.exclude(pk__in=known))
            .exclude(grants__in=ended)
        )


class Export(models.Model):
    """A spreadsheet that somebody took out: what, with which filter and columns, and when.

    No columns are all. `grants` are the roles by which its person saw the rows; `money_of` are the councils for whose
    rows it says what they cost.
    """

    kind = models.CharField(max_length=20)
    filters = models.JSONField(default=dict)
    columns = models.JSONField(default=list)
    format = models.CharField(max_length=4, choices=[("xlsx", "Excel workbook"), ("csv", "CSV")])
    wanted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="exports")
    wanted_at = models.DateTimeField()
    job = models.ForeignKey(Job, on_delete=models.PROTECT, null=True, related_name="exports")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, related_name="exports")
    rows = models.PositiveIntegerField(default=0)
    money_of = models.ManyToManyField(Council, related_name="+")
    grants = models.ManyToManyField(Grant, related_name="+")

    derived_fields = ("job",)

    objects = ExportQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.kind} as {self.format}"

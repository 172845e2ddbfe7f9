"""How imports and exports look from outside, and what may be sent about them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.rows import ChangedSerializer, Named, Shown, changed, code
from servicedesk.jobs.models import Job
from servicedesk.people.models import Council
from servicedesk.spreadsheets.comparing import WHOSE
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.spreadsheets.mapping import ORDERS, POLICIES, check_complete
from servicedesk.spreadsheets.models import Action, Export, Import
from servicedesk.spreadsheets.outcome import PROBLEM
from servicedesk.spreadsheets.reading import ENCODINGS, Refused
from servicedesk.spreadsheets.showing import missing_shown
from servicedesk.spreadsheets.stored_rows import StoredRow

LONGEST_NAME = 200
LAST_ROW = 1_048_576


class JobSerializer(Shown):
    """Work that was asked for: how far it has come, whether it was asked to stop, and how it ended."""

    class Meta:
        model = Job
        fields = [
            "id",
            "state",
            "stage",
            "progress_done",
            "progress_total",
            "cancel_wanted",
            "attempts",
            "problem",
            "created_at",
            "started_at",
            "finished_at",
        ]


class ImportSerializer(Shown):
    """A spreadsheet on its way in, as lists show it."""

    council = code()
    file: serializers.StringRelatedField = serializers.StringRelatedField()
    counts = serializers.DictField(child=serializers.IntegerField())
    started_by = Named()

    class Meta:
        model = Import
        fields: tuple[str, ...] = (
            "id",
            "kind",
            "council",
            "file",
            "state",
            "counts",
            "started_by",
            "started_at",
            "applied_at",
            "version",
        )


class ColumnSerializer(serializers.Serializer):
    """A column of a sheet, and what it is taken for."""

    letter = serializers.CharField()
    heading = serializers.CharField()
    field = serializers.CharField(allow_null=True)
    why = serializers.CharField()
    because = serializers.CharField(default="")
    question = serializers.CharField()
    filled = serializers.IntegerField(default=0)
    written = serializers.DictField(child=serializers.IntegerField(), default=dict)
    samples = serializers.ListField(child=serializers.CharField())


class NoteSerializer(serializers.Serializer):
    """What is to be said of a sheet, how often, and where it first holds."""

    code = serializers.CharField()
    severity = serializers.ChoiceField(["info", "warning", "error"])
    message = serializers.CharField()
    remedy = serializers.CharField()
    row = serializers.IntegerField(allow_null=True)
    column = serializers.CharField()
    count = serializers.IntegerField()


class UnknownSerializer(serializers.Serializer):
    """A word that we do not know: in which field, in how many rows, and the first of them."""

    field = serializers.CharField()
    written = serializers.CharField()
    count = serializers.IntegerField()
    rows = serializers.ListField(child=serializers.IntegerField())
    creatable = serializers.BooleanField()


class SheetSerializer(serializers.Serializer):
    """A sheet of the file."""

    name = serializers.CharField()
    visibility = serializers.CharField()
    header_row = serializers.IntegerField(allow_null=True)
    encoding = serializers.CharField(allow_null=True, default=None)
    data_rows = serializers.IntegerField()
    skipped = serializers.DictField(child=serializers.IntegerField())
    notes = NoteSerializer(many=True, default=list)
    columns = ColumnSerializer(many=True)


class FoundSerializer(serializers.Serializer):
    """Something wrong or odd, where it stands, and how to mend it."""

    sheet = serializers.CharField(allow_null=True)
    row = serializers.IntegerField(allow_null=True)
    column = serializers.CharField(allow_null=True)
    code = serializers.CharField()
    severity = serializers.ChoiceField(["info", "warning", "error"])
    value = serializers.CharField()
    message = serializers.CharField()
    remedy = serializers.CharField()


def found(problem: dict[str, Any], **where: Any) -> dict[str, Any]:
    """A problem as programs are told it."""
    whole = {"sheet": None, "row": None, **problem, **where}
    return {name: whole[name] for name in PROBLEM} | {"column": whole["column"] or None}


class ImportDetailSerializer(ImportSerializer):
    """An import whole. `problems` are those of the file; those of a row stand with the row."""

    sheets = SheetSerializer(many=True)
    mapping = serializers.DictField()
    profile = Named()
    unknown = UnknownSerializer(many=True, allow_null=True)
    create = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]
    refused = serializers.SerializerMethodField()
    problems = serializers.SerializerMethodField()
    applied = serializers.SerializerMethodField()
    warnings = serializers.ListField(child=serializers.CharField())
    missing = serializers.SerializerMethodField()
    undone = serializers.DictField()
    change_set = serializers.IntegerField(source="change_set_id", allow_null=True)
    job = JobSerializer(allow_null=True)

    class Meta(ImportSerializer.Meta):
        fields = (
            *ImportSerializer.Meta.fields,
            "refused",
            "step",
            "sheets",
            "mapping",
            "profile",
            "unknown",
            "create",
            "problems",
            "applied",
            "warnings",
            "missing",
            "undone",
            "undone_at",
            "change_set",
            "job",
        )

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_refused(self, started: Import) -> str | None:
        """Why it cannot go on as it stands: the file, the last try, or columns that say too little."""
        if started.refused or not started.mapping:
            return started.refused or None
        try:
            check_complete(started.mapping, started.kind_of_row, started.table)
        except Refused as refusal:
            return str(refusal)
        return None

    @extend_schema_field(FoundSerializer(many=True))
    def get_problems(self, started: Import) -> list[dict[str, Any]]:
        return [found(note) for note in started.notes]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_missing(self, started: Import) -> list[str]:
        """What we have and the file does not, by what it is called; the first 200. `counts` says how many there are."""
        return missing_shown(started)

    def get_applied(self, started: Import) -> bool:
        return started.state == Import.State.APPLIED


class NewImportSerializer(serializers.Serializer):
    """A file, what its rows are, and whose."""

    file = serializers.FileField(max_length=LONGEST_NAME)
    kind = serializers.CharField(max_length=20)
    council = code(queryset=Council.objects.none())

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        if "person" in self.context:
            fields["council"].queryset = Council.objects.visible_to(self.context["person"])
        return fields

    def validate_kind(self, code: str) -> str:
        if code not in kinds():
            raise serializers.ValidationError(f"There is no kind {code}. There are: {', '.join(kinds())}.")
        return code


class VersionSerializer(serializers.Serializer):
    """The version at which it was read."""

    version = serializers.IntegerField(min_value=1)


class MappingSerializer(VersionSerializer):
    """Which sheet, row of headings, column, date order and word means what; what is left out stays as it was found.

    A word means one of ours (`values`), nothing ("" there) or something new (`creates`). `policies` says what a field
    may change, `keys` by what rows are recognised, in order, `given` what all rows say of a field, whatever the sheet
    says. Of several columns with one heading `columns` has to say which is meant, null leaves one out. `profile` names
    a saved mapping to begin from; `save_as` saves what is said under a name, "" stops saving it. `encoding` is what a
    text file is written in, where we took it for another: it is then read again.
    """

    sheet = serializers.CharField(required=False, max_length=LONGEST_NAME, allow_blank=True)
    header_row = serializers.IntegerField(required=False, min_value=1, max_value=LAST_ROW)
    encoding = serializers.ChoiceField(list(ENCODINGS), required=False)
    columns = serializers.DictField(child=serializers.CharField(allow_null=True), required=False)
    dates = serializers.DictField(child=serializers.ChoiceField(ORDERS), required=False)
    values = serializers.DictField(
        child=serializers.DictField(child=serializers.CharField(allow_blank=True)), required=False
    )
    creates = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()), required=False
    )
    policies = serializers.DictField(child=serializers.ChoiceField(list(POLICIES)), required=False)
    keys = serializers.ListField(child=serializers.CharField(), required=False)
    given = serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=200), required=False
    )
    create = serializers.ListField(child=serializers.CharField(), required=False)  # type: ignore[assignment]
    profile = serializers.CharField(required=False, max_length=LONGEST_NAME)
    save_as = serializers.CharField(required=False, max_length=100, allow_blank=True)


class ApplySerializer(VersionSerializer):
    """The version at which it was checked, and how it is meant."""

    whole = serializers.BooleanField(default=False)
    confirmed = serializers.BooleanField(default=False)


class ChoiceSerializer(serializers.Serializer):
    """What becomes of one row: which of ours it is, or whose value counts."""

    target = serializers.IntegerField(required=False, min_value=1)
    stale = serializers.ChoiceField(WHOSE, required=False)


class ChoicesSerializer(VersionSerializer):
    """What becomes of rows, by their numbers in the file; `stale` speaks for all that were changed meanwhile."""

    rows = serializers.DictField(child=ChoiceSerializer(), default=dict)
    stale = serializers.ChoiceField(WHOSE, required=False)

    def validate_rows(self, rows: dict[str, Any]) -> dict[str, Any]:
        if not all(number.isascii() and number.isdigit() for number in rows):
            raise serializers.ValidationError("Rows are named by their numbers in the file.")
        return rows


class ImportRowSerializer(serializers.Serializer):
    """A row of the sheet: what it says, what it would do, and what is wrong with it. `line` is where it begins in a
    text file whose cells hold line breaks, null where that is its number."""

    number = serializers.IntegerField()
    line = serializers.IntegerField(allow_null=True)
    action = serializers.ChoiceField(Action.choices)
    target = serializers.IntegerField(source="target_id", allow_null=True)
    candidates = serializers.ListField(child=serializers.IntegerField())
    told = serializers.SerializerMethodField()
    values = serializers.SerializerMethodField()
    changes = serializers.SerializerMethodField()
    problems = serializers.SerializerMethodField()

    def _open(self, by_field: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in by_field.items() if name not in self.context["hidden"]}

    @extend_schema_field(serializers.DictField())
    def get_told(self, row: StoredRow) -> dict[str, Any]:
        """Where two have changed a field: how yours, theirs and the value before read."""
        return {name: dict(zip(WHOSE, values, strict=True)) for name, values in self._open(row.told).items()}

    @extend_schema_field(serializers.DictField())
    def get_values(self, row: StoredRow) -> dict[str, Any]:
        """What points at another row is {"id", "name"}; the id is null for what would be created."""
        return {
            name: {"id": value[0], "name": value[1]} if isinstance(value, list) else value
            for name, value in self._open(row.values).items()
        }

    @extend_schema_field(ChangedSerializer(many=True))
    def get_changes(self, row: StoredRow) -> list[dict[str, Any]]:
        return changed(self._open(row.changes))

    @extend_schema_field(FoundSerializer(many=True))
    def get_problems(self, row: StoredRow) -> list[dict[str, Any]]:
        sheet = self.context["sheet"]
        return [
            found(problem, sheet=sheet, row=row.number)
            for problem in row.problems
            if problem["field"] not in self.context["hidden"]
        ]


class ExportSerializer(Shown):
    """A spreadsheet that somebody takes out. It can be fetched from `file/` once it is ready."""

    filters = serializers.DictField(child=serializers.CharField())
    columns = serializers.ListField(child=serializers.CharField())
    ready = serializers.SerializerMethodField()
    job = JobSerializer(allow_null=True)

    class Meta:
        model = Export
        fields = ["id", "kind", "format", "filters", "columns", "wanted_at", "ready", "rows", "job"]

    def get_ready(self, export: Export) -> bool:
        return export.file_id is not None


class NewExportSerializer(serializers.Serializer):
    """What is to be taken out, as what, which filters of its list narrow it, and which columns are wanted.

    No columns are all; what rows are known by and their version go along with any.
    """

    kind = serializers.CharField(max_length=20)
    format = serializers.ChoiceField(list(Export._meta.get_field("format").choices or ()), default="xlsx")
    filters = serializers.DictField(child=serializers.CharField(max_length=LONGEST_NAME), default=dict)
    columns = serializers.ListField(child=serializers.CharField(max_length=LONGEST_NAME), default=list)

    def validate_kind(self, code: str) -> str:
        offered = [kind.code for kind in kinds().values() if kind.filtered]
        if code not in offered:
            raise serializers.ValidationError(
                f"There is no export of {code}. There are: {', '.join(offered)}."
            )
        return code

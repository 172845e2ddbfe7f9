"""How the life of an asset looks from outside: custody, evidence, files, loans, transfers and write-offs."""

from typing import Any

from django.db.models import Model
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from api.rows import Named, NamedSerializer, Shown, code
from api.ticket_shapes import Narrowed, one_of
from assets.register.lifecycle import MOVES
from assets.register.models import (
    AssetFile,
    CheckList,
    Condition,
    Custody,
    Disposal,
    Loan,
    Repair,
    Sanitisation,
    StagingCheck,
    Supplier,
    Transfer,
    WriteOff,
)
from servicedesk.people.access import may
from servicedesk.people.models import Council, Person, Site
from servicedesk.tickets.models import Ticket

SHORT, LONG = 200, 10_000


def words(length: int = SHORT, **options: Any) -> serializers.CharField:
    """A line of text."""
    return serializers.CharField(max_length=length, required=False, **options)


def version() -> serializers.IntegerField:
    """At which version the row was read."""
    return serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)


class AssetMoveSerializer(Narrowed):
    """What a move asks for or takes. `version` is that at which the asset was read."""

    version = version()
    reason = words()
    note = words()
    serial_number = words(60)
    person = one_of(Person)
    pool = words(100)
    site = one_of(Site)
    room = words(60)
    condition = serializers.ChoiceField(Condition.choices, required=False)
    checked = serializers.ListField(
        child=serializers.CharField(max_length=LONG), required=False, max_length=200
    )
    ticket = serializers.SlugRelatedField("reference", queryset=Ticket.objects.none(), required=False)
    supplier = one_of(Supplier)
    supplier_reference = words(60)
    to = serializers.ChoiceField(MOVES["back_from_repair"].targets, required=False)
    what_happened = words(LONG)
    method = serializers.ChoiceField(
        [choice for choice in Sanitisation.Method.choices if choice[0]], required=False
    )
    technique = words(100)
    tool = words(100)
    tool_version = words(40)
    done_on = serializers.DateField(required=False)
    verified_by = one_of(Person)
    certificate_number = words(60)
    consignment_reference = words(60)
    recipient = words(100)
    buyer = words(100)
    income = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0, required=False)

    offered = {
        "person": lambda person: Person.objects.visible_to(person).active(),
        "verified_by": lambda person: Person.objects.visible_to(person).active(),
        "site": lambda person: Site.objects.visible_to(person).on_offer(),
        "ticket": lambda person: Ticket.objects.visible_to(person),
        "supplier": Supplier.objects.visible_to,
    }


class ReasonSerializer(serializers.Serializer):
    """Why, of a row as it was read at `version`."""

    reason = serializers.CharField(max_length=SHORT)
    version = version()


class ReadAtSerializer(serializers.Serializer):
    """At which version a row was read."""

    version = version()


class OfferAnswerSerializer(serializers.Serializer):
    """Yes, or no and why. Who takes an asset over may give it a tag of their own."""

    agree = serializers.BooleanField()
    note = serializers.CharField(max_length=SHORT, required=False, default="", allow_blank=True)
    version = version()


class AcceptSerializer(OfferAnswerSerializer):
    """Yes, perhaps with a tag of one's own, or no and why."""

    asset_tag = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)


class LoanOfferSerializer(Narrowed):
    """To whom of another council an asset is lent, for how long, and what for."""

    person = serializers.PrimaryKeyRelatedField(queryset=Person.objects.none())
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    reason = serializers.CharField(max_length=SHORT)

    offered = {"person": lambda person: Person.objects.visible_to(person).active()}


class TransferOfferSerializer(Narrowed):
    """To which council an asset goes, by its code, and why."""

    receiver = code(queryset=Council.objects.none())
    reason = serializers.CharField(max_length=SHORT)

    offered = {"receiver": lambda person: Council.objects.visible_to(person)}


class CustodySerializer(Shown):
    """Who has, or had, an asset: a person, a room or a pool."""

    council = code()
    person = Named()
    site = Named()
    signed_by = Named()

    class Meta:
        model = Custody
        fields = [
            "id",
            "council",
            "kind",
            "person",
            "site",
            "room",
            "pool",
            "loan",
            "begun_at",
            "ended_at",
            "condition_at_start",
            "condition_at_end",
            "signed_by",
            "signed_at",
            "note",
            "end_note",
        ]


OF_ASSET = ["id", "council", "asset", "recorded_by", "recorded_at"]


class OfAssetSerializer(Shown):
    """Evidence about an asset: for which council, by whom and when it was written down."""

    council = code()
    recorded_by = Named()

    class Meta:
        model: type[Model] = Repair
        fields = OF_ASSET


class RepairSerializer(OfAssetSerializer):
    """An asset that was sent for repair. `supplier_name` is a firm that is none of our suppliers."""

    supplier = Named()

    class Meta:
        model = Repair
        fields = [*OF_ASSET, "supplier", "supplier_name", "supplier_reference", "note"]


class StagingCheckSerializer(OfAssetSerializer):
    """What was ticked when an asset was staged."""

    class Meta:
        model = StagingCheck
        fields = [*OF_ASSET, "items"]


class SanitisationSerializer(OfAssetSerializer):
    """One wiping, of one `medium` of the asset or of it as a whole."""

    verified_by = Named()

    class Meta:
        model = Sanitisation
        fields = [
            *OF_ASSET,
            "medium",
            "method",
            "technique",
            "tool",
            "tool_version",
            "done_on",
            "verified_by",
            "certificate_number",
            "result",
            "note",
        ]


class DisposalSerializer(OfAssetSerializer):
    """How an asset left for good. `income` is there for those alone who see the money of its council."""

    class Meta:
        model = Disposal
        fields = [
            *OF_ASSET,
            "kind",
            "consignment_reference",
            "recipient",
            "buyer",
            "income",
            "certificate_number",
            "done_on",
            "note",
        ]

    withheld = ("income",)

    def to_representation(self, instance: Disposal) -> dict[str, Any]:
        shown = super().to_representation(instance)
        person = self.context["person"]
        hidden = [
            name
            for name, needed in Disposal.guarded_fields.items()
            if not may(person, needed, instance.council_id)
        ]
        return {name: value for name, value in shown.items() if name not in hidden}


class EvidenceSerializer(serializers.Serializer):
    """All that the moves of an asset left as evidence, each kind the last first."""

    repairs = RepairSerializer(many=True)
    staging_checks = StagingCheckSerializer(many=True)
    sanitisations = SanitisationSerializer(many=True)
    disposals = DisposalSerializer(many=True)


class AssetFileSerializer(OfAssetSerializer):
    """A file on an asset. `href` gives its bytes to whoever may see it."""

    name = serializers.CharField(source="file.name")
    content_type = serializers.CharField(source="file.content_type")
    size = serializers.IntegerField(source="file.size")
    sha256 = serializers.CharField(source="file.sha256")
    href = serializers.SerializerMethodField()

    class Meta:
        model = AssetFile
        fields = [*OF_ASSET, "kind", "name", "content_type", "size", "sha256", "href"]

    def get_href(self, row: AssetFile) -> str:
        return reverse("api:asset-file", kwargs={"pk": row.asset_id, "file": row.pk})


class NewFileSerializer(serializers.Serializer):
    """One file, and what it is."""

    kind = serializers.ChoiceField(AssetFile.Kind.choices)
    file = serializers.FileField(max_length=1000, allow_empty_file=True)


class LoanSerializer(Shown):
    """A loan between councils: `council` owns the asset, `receiver` is the council of the person."""

    council = code()
    receiver = code()
    asset = Named()
    person = Named()
    offered_by = Named()
    decided_by = Named()

    class Meta:
        model = Loan
        fields = [
            "id",
            "council",
            "receiver",
            "asset",
            "person",
            "starts_on",
            "ends_on",
            "reason",
            "state",
            "offered_by",
            "offered_at",
            "decided_by",
            "decided_at",
            "decision_note",
            "ended_at",
            "version",
        ]


class TransferSerializer(Shown):
    """An asset that changes its owner: `council` gives it, `receiver` takes it."""

    council = code()
    receiver = code()
    asset = serializers.SerializerMethodField()
    offered_by = Named()
    decided_by = Named()

    class Meta:
        model = Transfer
        fields = [
            "id",
            "council",
            "receiver",
            "asset",
            "reason",
            "state",
            "offered_by",
            "offered_at",
            "decided_by",
            "decided_at",
            "decision_note",
            "version",
        ]

    @extend_schema_field(NamedSerializer(allow_null=True))
    def get_asset(self, row: Transfer) -> dict[str, Any]:
        return {"id": row.asset_id, "name": row.asset_named_for(self.context["person"])}


class WriteOffSerializer(OfAssetSerializer):
    """The question whether a lost asset may be written off. `decision` is empty until somebody answers."""

    asset = Named()
    decided_by = Named()

    class Meta:
        model = WriteOff
        fields = [
            *OF_ASSET,
            "reason",
            "decision",
            "decided_by",
            "decided_at",
            "decision_note",
            "version",
        ]


class CheckListSerializer(serializers.ModelSerializer):
    """What is done to every asset of a model before it is issued, an item a line."""

    items = serializers.CharField(max_length=LONG, allow_blank=True)
    version = version()

    class Meta:
        model = CheckList
        fields = ["items", "version"]

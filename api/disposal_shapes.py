"""What comes back and leaves, as it is told and sent."""

from typing import Any

from rest_framework import serializers

from api.asset_life_shapes import OF_ASSET, OfAssetSerializer
from api.rows import Named, Shown, code
from api.ticket_shapes import Narrowed
from assets.disposal.consigning import CHANGEABLE
from assets.disposal.models import Chase, Consignment, ConsignmentItem, DueBack, Outcome
from assets.register.models import Condition, Medium, Sanitisation, Supplier
from servicedesk.people.access import councils_of, may
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission

GREATEST = 2**63 - 1
GREATEST_VERSION = 2**31 - 1


def version(required: bool = False) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=1, max_value=GREATEST_VERSION, required=required)


class ConsignmentSerializer(Shown):
    """What one firm collects of one council at once."""

    council = code()
    supplier = Named()
    made_by = Named()
    closed_by = Named()

    class Meta:
        model = Consignment
        fields = [
            "id",
            "reference",
            "council",
            "state",
            *CHANGEABLE,
            "made_by",
            "made_at",
            "closed_by",
            "closed_at",
            "version",
        ]

    withheld = ("income",)

    def to_representation(self, instance: Consignment) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if not may(self.context["request"].user, Permission.SEE_ASSET_MONEY, instance.council_id):
            del shown["income"]
        return shown


class PapersSerializer(Narrowed, serializers.ModelSerializer):
    """What is written of it; what is left out stays as it is. `version` is the one that was read."""

    version = version(required=True)
    supplier: Any = serializers.PrimaryKeyRelatedField(queryset=Supplier.objects.none(), required=False)

    offered = {"supplier": lambda person: Supplier.objects.visible_to(person)}

    class Meta:
        model = Consignment
        fields = [*CHANGEABLE, "version"]


class NewConsignmentSerializer(Narrowed):
    """Of which council, and which firm takes it."""

    council: Any = serializers.SlugRelatedField("code", queryset=Council.objects.none())
    supplier: Any = serializers.PrimaryKeyRelatedField(queryset=Supplier.objects.none())

    offered = {
        "council": lambda person: Council.objects.visible_to(person).filter(
            pk__in=councils_of(person, Permission.EDIT_ASSETS), archived_at=None
        ),
        "supplier": lambda person: Supplier.objects.visible_to(person),
    }


class ConsignmentItemSerializer(serializers.ModelSerializer):
    """A thing in it; what became of it and its certificate once the consignment is closed."""

    asset = serializers.IntegerField(source="asset_id")
    asset_tag = serializers.CharField(source="asset.asset_tag")
    serial_number = serializers.CharField(source="asset.serial_number")

    class Meta:
        model = ConsignmentItem
        fields = ["id", "asset", "asset_tag", "serial_number", "added_at", "outcome", "certificate_number"]
        read_only_fields = fields


class ScannedNamesSerializer(serializers.Serializer):
    """Tags or serial numbers."""

    names = serializers.ListField(child=serializers.CharField(max_length=200), min_length=1, max_length=200)


class ScannedSerializer(serializers.Serializer):
    """The assets that are in it now and were not, and a sentence for each thing that is not."""

    added = serializers.ListField(child=serializers.IntegerField())
    refused = serializers.ListField(child=serializers.CharField())


class WhichAssetSerializer(serializers.Serializer):
    """One asset, by id."""

    asset = serializers.IntegerField(min_value=1, max_value=GREATEST)


class CertificateLineSerializer(serializers.Serializer):
    """A serial number or tag, its certificate, and what became of it."""

    name = serializers.CharField(max_length=100)
    certificate_number = serializers.CharField(max_length=60)
    outcome = serializers.ChoiceField(Outcome.choices)


class CertificateSerializer(serializers.Serializer):
    """All the lines of the certificate, in the place of those that were taken in before."""

    lines = CertificateLineSerializer(many=True, allow_empty=False)
    version = version()


class ComparisonSerializer(serializers.Serializer):
    """Every difference in a sentence; none where it can close."""

    differences = serializers.ListField(child=serializers.CharField())


class AtSerializer(serializers.Serializer):
    """The version that was read."""

    version = version()


class CancelSerializer(AtSerializer):
    """Why it is cancelled: asked for once the firm has it."""

    reason = serializers.CharField(max_length=200, required=False)


class ChasedSerializer(serializers.ModelSerializer):
    """Somebody was asked for it."""

    by = Named()

    class Meta:
        model = Chase
        fields = ["how", "note", "by", "at"]
        read_only_fields = fields


class DueBackSerializer(Shown):
    """An asset that somebody must bring back, and who was asked for it, the last first."""

    council = code()
    asset = serializers.IntegerField(source="asset_id")
    person = Named()
    asked_by = Named()
    ended_by = Named()
    chases = ChasedSerializer(many=True)

    class Meta:
        model = DueBack
        fields = [
            "id",
            "council",
            "asset",
            "person",
            "why",
            "note",
            "due_on",
            "asked_by",
            "asked_at",
            "state",
            "ended_by",
            "ended_at",
            "end_note",
            "chases",
            "version",
        ]


class AskBackSerializer(WhichAssetSerializer):
    """By when the asset must come back, and why."""

    due_on = serializers.DateField()
    note = serializers.CharField(max_length=200)


class BackSerializer(AtSerializer):
    """How it looks."""

    condition = serializers.ChoiceField(Condition.choices)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)


class LostSerializer(AtSerializer):
    """What happened to it."""

    what_happened = serializers.CharField(max_length=10_000)


class ChaseSerializer(AtSerializer):
    """Whom one asked, and what they said."""

    note = serializers.CharField(max_length=200)


class WhySerializer(AtSerializer):
    """Why it need not come back."""

    reason = serializers.CharField(max_length=200)


class MediumSerializer(OfAssetSerializer):
    """A medium of an asset; `wiped` since somebody last had the asset, or `failed` to be."""

    wiped = serializers.BooleanField()
    failed = serializers.BooleanField()

    class Meta:
        model = Medium
        fields = [
            *OF_ASSET,
            "kind",
            "make",
            "serial_number",
            "capacity_gb",
            "removed_on",
            "struck_out",
            "wiped",
            "failed",
            "version",
        ]


class NewMediumSerializer(WhichAssetSerializer):
    """A medium that is in an asset."""

    kind = serializers.ChoiceField(Medium.Kind.choices)
    make = serializers.CharField(max_length=60, required=False, allow_blank=True)
    serial_number = serializers.CharField(max_length=60, required=False, allow_blank=True)
    capacity_gb = serializers.IntegerField(min_value=1, max_value=1_000_000, required=False)


class WipeSerializer(Narrowed):
    """How it was wiped or destroyed, or tried to be. What has `passed` needs a certificate and a second person."""

    passed = serializers.BooleanField()
    method = serializers.ChoiceField([choice for choice in Sanitisation.Method.choices if choice[0]])
    technique = serializers.CharField(max_length=100, required=False, allow_blank=True)
    tool = serializers.CharField(max_length=100, required=False, allow_blank=True)
    tool_version = serializers.CharField(max_length=40, required=False, allow_blank=True)
    verified_by: Any = serializers.PrimaryKeyRelatedField(queryset=Person.objects.none(), required=False)
    certificate_number = serializers.CharField(max_length=60, required=False, allow_blank=True)
    done_on = serializers.DateField(required=False)
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)

    offered = {"verified_by": lambda person: Person.objects.visible_to(person).filter(is_active=True)}


class TakeOutSerializer(serializers.Serializer):
    """When it was taken out."""

    on = serializers.DateField()
    version = version(required=True)


class StrikeOutSerializer(serializers.Serializer):
    """Why it should not be listed."""

    reason = serializers.CharField(max_length=200)
    version = version(required=True)


class DisposalLineSerializer(serializers.Serializer):
    """How one asset left. `weight_kg` is its equal share of what its consignment weighed."""

    asset = serializers.IntegerField(source="asset.pk")
    asset_tag = serializers.CharField(source="asset.asset_tag")
    serial_number = serializers.CharField(source="asset.serial_number")
    council = serializers.CharField(source="asset.council.code")
    what = serializers.CharField()
    how = serializers.CharField(source="asset.state")
    on = serializers.DateField(allow_null=True)
    wipe_certificate = serializers.CharField()
    facility_certificate = serializers.CharField()
    evidence_missing = serializers.BooleanField()
    incident = serializers.CharField(
        help_text="Of what was lost, the reference of its security incident to whoever may read it, else empty."
    )
    incident_raised = serializers.BooleanField(
        help_text="Whether what was lost has a security incident, readable or not."
    )
    consignment = Named()
    reference = serializers.CharField()
    firm = serializers.CharField()
    facility = serializers.CharField()
    weight_kg = serializers.DecimalField(max_digits=9, decimal_places=2, allow_null=True)
    income = serializers.DecimalField(max_digits=12, decimal_places=2, allow_null=True, required=False)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if not may(self.context["person"], Permission.SEE_ASSET_MONEY, instance.asset.council_id):
            del shown["income"]
        return shown

"""What the API says of batches of the refresh and takes for them."""

from typing import Any

from rest_framework import serializers

from api.asset_life_shapes import version, words
from api.batch_energy_shapes import BatchEnergySerializer, energy_in_words, pounds
from api.rows import Named, code
from api.swap_surveys import ContentSerializer
from api.ticket_shapes import Narrowed, one_of
from assets.batches.approving import Approval
from assets.batches.contentment import content_of
from assets.batches.energy import table_of
from assets.batches.items import moves_of as item_moves_of
from assets.batches.models import Batch, BatchItem, BatchLine
from assets.batches.standing import Money, Standing, money_of, money_together, standings_of
from assets.batches.supply import NONE
from assets.batches.workflow import answers, moves_of
from assets.orders.models import OrderLine
from assets.orders.models.order import MOST_OF_A_LINE
from assets.register.models import AssetModel, Supplier
from servicedesk.people.access import councils_of, may
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission

REASON = 200


class CountsSerializer(serializers.Serializer):
    """How far the items have come, and how much was supplied. The rates are in per cent."""

    matched = serializers.IntegerField()
    candidates = serializers.IntegerField()
    excluded = serializers.IntegerField()
    confirmed = serializers.IntegerField()
    deferred = serializers.IntegerField()
    allocated = serializers.IntegerField()
    swapped = serializers.IntegerField()
    first_time_rate = serializers.DecimalField(max_digits=4, decimal_places=1, allow_null=True)
    returned = serializers.IntegerField()
    return_rate = serializers.DecimalField(max_digits=4, decimal_places=1, allow_null=True)
    lost = serializers.IntegerField()
    lost_since = serializers.IntegerField(
        help_text="Those that came back and were lost before they were wiped: each ends in its security incident."
    )
    certified = serializers.IntegerField()
    ordered = serializers.IntegerField()
    received = serializers.IntegerField()
    dead_on_arrival = serializers.IntegerField()
    outcomes = serializers.DictField(child=serializers.IntegerField())


class BatchMoneySerializer(serializers.Serializer):
    """What its part costs one council, in pounds excluding VAT. Told of councils whose money the reader sees; `council`
    is null where it is of all councils together."""

    council = serializers.CharField(allow_null=True)
    planned = pounds()
    approved = pounds(allow_null=True)
    purchase = pounds()
    deploy = pounds()
    disposal = pounds()
    income = pounds()
    actual = pounds()
    variance = pounds(allow_null=True)
    variance_percent = serializers.DecimalField(max_digits=18, decimal_places=2, allow_null=True)


class BatchApprovalSerializer(serializers.Serializer):
    """Where a paying council stands. `given` is false too where the plan has gone beyond what it approved."""

    council = serializers.CharField()
    given = serializers.BooleanField()
    decision = serializers.CharField(allow_null=True)
    decided_by = serializers.CharField(allow_null=True)
    amount = pounds(allow_null=True)
    decision_reference = serializers.CharField(allow_null=True)


class WaitingSerializer(serializers.Serializer):
    """What the batch waits for, and with whom."""

    words = serializers.CharField()
    who = serializers.CharField()


class BatchSerializer(serializers.ModelSerializer):
    """Assets that are replaced together. `rule` is null to whoever does not plan for the council that leads it and read
    the registers of all that take part: it may hold their tags."""

    council = code()
    councils = serializers.SerializerMethodField()
    owner = Named()
    programme = Named()
    moves = serializers.SerializerMethodField()

    class Meta:
        model = Batch
        fields = [
            "id",
            "reference",
            "title",
            "council",
            "councils",
            "owner",
            "programme",
            "rule",
            "as_at",
            "base_fy",
            "tolerance_percent",
            "state",
            "state_since",
            "planned_from",
            "planned_to",
            "begun_at",
            "closed_at",
            "lessons",
            "version",
            "moves",
        ]
        read_only_fields = fields

    def to_representation(self, batch: Batch) -> dict[str, Any]:
        told = super().to_representation(batch)
        person = self.context["person"]
        if batch.hidden_from(person) or not may(person, Permission.PLAN_REFRESH, batch.council_id):
            told["rule"] = None
        return told

    def get_councils(self, batch: Batch) -> list[str]:
        return sorted(part.council.code for part in batch.paying.all())

    def get_moves(self, batch: Batch) -> list[str]:
        return list(moves_of(self.context["person"], batch))


class WholeBatchSerializer(BatchSerializer):
    """A batch with where it stands."""

    counts = serializers.SerializerMethodField()
    money = serializers.SerializerMethodField()
    approvals = serializers.SerializerMethodField()
    waits_for = serializers.SerializerMethodField()
    refused = serializers.SerializerMethodField(
        help_text="The moves that your rights allow and that would be refused now, each with why."
    )
    energy = serializers.SerializerMethodField()
    content = serializers.SerializerMethodField()

    class Meta(BatchSerializer.Meta):
        fields = [
            *BatchSerializer.Meta.fields,
            "counts",
            "money",
            "approvals",
            "waits_for",
            "refused",
            "energy",
            "content",
        ]
        read_only_fields = fields

    def get_moves(self, batch: Batch) -> list[str]:
        """Those that would be made."""
        return [name for name, said in self._answers(batch).items() if not said]

    def get_refused(self, batch: Batch) -> dict[str, str]:
        return {name: said for name, said in self._answers(batch).items() if said}

    def _answers(self, batch: Batch) -> dict[str, str]:
        if not hasattr(batch, "_answers"):
            batch._answers = answers(self.context["person"], self._standing(batch))  # type: ignore[attr-defined]
        return batch._answers  # type: ignore[attr-defined]

    def get_counts(self, batch: Batch) -> CountsSerializer:
        standing = self._standing(batch)
        told = {name: getattr(standing.supply, name) for name in ("ordered", "received", "dead_on_arrival")}
        names = [str(name) for name in CountsSerializer().fields if name not in told]
        return CountsSerializer(told | {name: getattr(standing.counts, name) for name in names}).data  # type: ignore[return-value]

    def get_money(self, batch: Batch) -> BatchMoneySerializer(many=True):  # type: ignore[valid-type]
        person, standing = self.context["person"], self._standing(batch)
        rows = money_of(person, standing)
        whole = money_together(person, standing, rows)
        told = [_money(row, row.council.code) for row in rows] + ([_money(whole, None)] if whole else [])
        return BatchMoneySerializer(told, many=True).data

    def get_approvals(self, batch: Batch) -> BatchApprovalSerializer(many=True):  # type: ignore[valid-type]
        sees = councils_of(self.context["person"], Permission.SEE_ASSET_MONEY)
        found = [_approval(one, one.council.pk in sees) for one in self._standing(batch).approvals]
        return BatchApprovalSerializer(found, many=True).data

    def get_waits_for(self, batch: Batch) -> WaitingSerializer(many=True):  # type: ignore[valid-type]
        return WaitingSerializer(self._standing(batch).waiting, many=True).data

    def get_energy(self, batch: Batch) -> BatchEnergySerializer(many=True):  # type: ignore[valid-type]
        table = table_of(self.context["person"], [batch], [part.council for part in batch.paying.all()])
        return BatchEnergySerializer([energy_in_words(row) for row in table.rows], many=True).data

    def get_content(self, batch: Batch) -> ContentSerializer(many=True):  # type: ignore[valid-type]
        return ContentSerializer(content_of(batch, self.context["person"]), many=True).data

    def _standing(self, batch: Batch) -> Standing:
        if not hasattr(batch, "_standing"):
            batch._standing = standings_of([batch])[0]  # type: ignore[attr-defined]
        return batch._standing  # type: ignore[attr-defined]


def _money(row: Money, council: str | None) -> dict[str, Any]:
    return {
        "council": council,
        "planned": row.planned,
        "approved": row.approved,
        **{name: getattr(row.actual, name) for name in ("purchase", "deploy", "disposal", "income")},
        "actual": row.total,
        "variance": row.variance and row.variance.gbp,
        "variance_percent": row.variance and row.variance.percent,
    }


def _approval(one: Approval, sees: bool) -> dict[str, Any]:
    word = one.word
    return {
        "council": one.council.code,
        "given": one.is_given,
        "decision": word and word.decision,
        "decided_by": word and str(word.decided_by),
        "amount": word.amount if word and sees else None,
        "decision_reference": word.decision_reference if word and sees else None,
    }


class BatchLineSerializer(serializers.ModelSerializer):
    """What a batch buys of one category for one council. Prices are null to whoever sees not its money."""

    council = code()
    ordered = serializers.IntegerField(source="supply.ordered", read_only=True)
    ordered_value = pounds(source="supply.value", read_only=True)
    received = serializers.IntegerField(source="supply.received", read_only=True)
    dead_on_arrival = serializers.IntegerField(source="supply.dead_on_arrival", read_only=True)
    GUARDED = ("purchase", "deploy", "disposal", "residual", "ordered_value")

    class Meta:
        model = BatchLine
        fields = [
            "id",
            "council",
            "category",
            "spares",
            "purchase",
            "deploy",
            "disposal",
            "residual",
            "ordered",
            "ordered_value",
            "received",
            "dead_on_arrival",
            "version",
        ]
        read_only_fields = fields

    def to_representation(self, line: BatchLine) -> dict[str, Any]:
        line.supply = self.context["supplies"].get(line.pk, NONE)  # type: ignore[attr-defined]
        told = super().to_representation(line)
        if not may(self.context["person"], Permission.SEE_ASSET_MONEY, line.council_id):
            told |= dict.fromkeys(self.GUARDED)
        return told


class BatchItemSerializer(serializers.ModelSerializer):
    """One asset of a batch on its way."""

    council = code()
    asset = Named()
    replacement = Named()
    moves = serializers.SerializerMethodField()

    class Meta:
        model = BatchItem
        fields = [
            "id",
            "council",
            "asset",
            "category",
            "outcome",
            "replacement",
            "state",
            "state_since",
            "attempts",
            "scheduled_for",
            "swapped_at",
            "signed_by",
            "reason",
            "deferred_until",
            "note",
            "version",
            "moves",
        ]
        read_only_fields = fields

    def get_moves(self, item: BatchItem) -> list[str]:
        return list(item_moves_of(self.context["person"], item))


class PassOnSerializer(Narrowed):
    """Who has the batch from now on, and why."""

    owner = serializers.PrimaryKeyRelatedField(queryset=Person.objects.none())
    reason = words(REASON)
    version = version()

    offered = {"owner": lambda person: Person.objects.visible_to(person)}


class BatchMoveSerializer(Narrowed):
    """What a move of a batch asks for. `council` says for whom one approves or rejects, who may do so for several;
    `amount` is what one has read that it costs; approving needs it, and the `version`."""

    version = version()
    reason = words(REASON)
    council = serializers.SlugRelatedField("code", queryset=Council.objects.none(), required=False)
    amount = pounds(required=False)
    decision_reference = words(60)

    offered = {
        "council": lambda person: Council.objects.visible_to(person),
    }


class LineChangeSerializer(serializers.Serializer):
    """Spares and prices of a line as it was read at `version`."""

    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    spares = serializers.IntegerField(min_value=0, max_value=10_000, required=False)
    purchase = pounds(min_value=0, required=False)
    deploy = pounds(min_value=0, required=False)
    disposal = pounds(min_value=0, required=False)
    residual = pounds(min_value=0, required=False)


class BatchOrderSerializer(Narrowed):
    """What is to be ordered for the line; or the `order_line` that there is, and nothing else."""

    version = version()
    order_line = one_of(OrderLine)
    supplier = one_of(Supplier)
    model = one_of(AssetModel)
    quantity = serializers.IntegerField(min_value=1, max_value=MOST_OF_A_LINE, required=False)
    unit_price = serializers.DecimalField(max_digits=12, decimal_places=2, min_value=0, required=False)
    number = serializers.CharField(max_length=40, required=False, allow_blank=True)
    expected_on = serializers.DateField(required=False, allow_null=True)

    offered = {
        "order_line": lambda person: (
            OrderLine.objects.visible_to(person)
            .filter(order__council__in=councils_of(person, Permission.PLAN_REFRESH))
            .select_related("order")
        ),
        "supplier": lambda person: Supplier.objects.visible_to(person),
        "model": lambda person: AssetModel.objects.visible_to(person),
    }
    NEEDED = ("supplier", "model", "quantity", "unit_price")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if "order_line" in given:
            others = sorted(set(given) - {"order_line", "version"})
            problems = dict.fromkeys(others, "An order line that there is stays as it is.")
        else:
            problems = {name: "This field is required." for name in self.NEEDED if name not in given}
        if problems:
            raise serializers.ValidationError(problems)
        return given

"""What programs are told of what the figures of a batch are made of."""

from typing import Any

from rest_framework import serializers

from api.batch_energy_shapes import UseSerializer, pounds
from assets.batches.figure_lists import SwapLine
from assets.batches.models import SwapSurvey


class SwapLineSerializer(serializers.Serializer):
    """So many swaps alike, and what they change in a year: less than nothing where more is used than before. `change`
    is null where no use is known, its `gbp` to whoever does not see the council's money."""

    council = serializers.CharField(source="council.code")
    what = serializers.CharField(source="words", allow_blank=True)
    count = serializers.IntegerField(source="swap.count")
    old_kwh = serializers.DecimalField(source="swap.old_kwh", max_digits=9, decimal_places=1, allow_null=True)
    new_kwh = serializers.DecimalField(source="swap.new_kwh", max_digits=9, decimal_places=1, allow_null=True)
    to_cloud = serializers.BooleanField(source="swap.to_cloud")
    retired = serializers.BooleanField(source="swap.retired")
    change = serializers.SerializerMethodField()
    embodied_kgco2e = pounds(source="energy.embodied")

    def get_change(self, line: SwapLine) -> UseSerializer(allow_null=True):  # type: ignore[valid-type]
        if line.energy.unknown:
            return None
        net = line.energy.net._asdict()
        return UseSerializer(net if line.sees_money else net | {"gbp": None}).data


class SurveyLineSerializer(serializers.ModelSerializer):
    """Of `asked`, which device was swapped and when; of answers, the score and what was said with it."""

    asset = serializers.CharField(source="item.asset", allow_null=True)

    class Meta:
        model = SwapSurvey
        fields = ["asset", "swapped_at", "asked_at", "score", "comment"]
        read_only_fields = fields

    def to_representation(self, row: SwapSurvey) -> dict[str, Any]:
        told = super().to_representation(row)
        names = {"asset", "swapped_at", "asked_at"}
        hidden = {"score", "comment"} if self.context["of"] == "asked" else names
        return {name: None if name in hidden else value for name, value in told.items()}

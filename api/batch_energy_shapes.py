"""What programs are told of the energy and carbon of a batch."""

from typing import Any

from rest_framework import serializers

from assets.batches.energy import Row


def pounds(**more: Any) -> serializers.DecimalField:
    return serializers.DecimalField(max_digits=18, decimal_places=2, **more)


class UseSerializer(serializers.Serializer):
    """Energy of a year. `gbp` is null to whoever does not see the money of all councils in it."""

    kwh = serializers.DecimalField(max_digits=12, decimal_places=1)
    gbp = pounds(allow_null=True)
    kgco2e = pounds()


class EffectsSerializer(serializers.Serializer):
    """Why the carbon of these devices changes, in kgCO2e a year: `ours` by what they use, `factors` by how electricity
    is made. The two add up to the change since the factor before."""

    ours = pounds()
    factors = pounds()


class BatchEnergySerializer(serializers.Serializer):
    """What its swaps save and add in a year, and the kgCO2e of making the new devices; `council` is null where it is of
    all councils together. `net` is less than nothing where more is used than before. Of `unknown` devices no use is
    known, and what the cloud uses for `cloud` of them is not included: neither is in a figure."""

    council = serializers.CharField(allow_null=True)
    saved = UseSerializer()
    added = UseSerializer()
    net = UseSerializer()
    effects = EffectsSerializer(allow_null=True)
    embodied_kgco2e = pounds(allow_null=True)
    payback_years = serializers.DecimalField(max_digits=8, decimal_places=1, allow_null=True)
    unknown = serializers.IntegerField()
    cloud = serializers.IntegerField()


def energy_in_words(row: Row) -> dict[str, Any]:
    """A row as `BatchEnergySerializer` tells it; pounds are null to whoever may not know them."""
    uses = {name: getattr(row, name)._asdict() for name in ("saved", "added", "net")}
    hidden = {} if row.sees_money else {"gbp": None}
    return {
        "council": row.council and row.council.code,
        **{name: use | hidden for name, use in uses.items()},
        "effects": row.effects and row.effects._asdict(),
        "embodied_kgco2e": row.embodied,
        **{name: getattr(row, name) for name in ("payback_years", "unknown", "cloud")},
    }

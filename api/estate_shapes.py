"""How models, suppliers, contracts, circuits, lines and policies look from outside, and what may be sent about them."""

from typing import Any

from rest_framework import serializers

from api.organisation_shapes import CHANGE, Written
from api.rows import Named, Shown, code
from assets.register.keeping import EDITABLE
from assets.register.models import (
    ENDS,
    Asset,
    AssetModel,
    Circuit,
    Contract,
    LifecyclePolicy,
    Line,
    Manufacturer,
    OperatingSystemRelease,
    Supplier,
)
from servicedesk.people.access import councils_of, may
from servicedesk.people.models import Council, Site
from servicedesk.people.roles import Permission


class AssetModelSerializer(Shown):
    """What a maker calls it.

    `sources` says by field where a value comes from (`source`), when that was looked at (`checked`), and of a date of
    the maker's that none is announced (`announced` is false). The price has a key for those alone who may see money.
    """

    manufacturer = Named()
    replacement_model = Named()
    withheld = tuple(AssetModel.guarded_fields)

    class Meta:
        model = AssetModel
        fields = ["id", *EDITABLE[AssetModel], "version"]

    def to_representation(self, instance: AssetModel) -> dict[str, Any]:
        shown = super().to_representation(instance)
        person = self.context["person"]
        hidden = {name for name, needed in AssetModel.guarded_fields.items() if not may(person, needed)}
        return {name: value for name, value in shown.items() if name not in hidden}


class SupplierSerializer(Shown):
    """A firm from which councils buy."""

    class Meta:
        model = Supplier
        fields = ["id", *EDITABLE[Supplier], "version"]


class ContractSerializer(Shown):
    """What a council has agreed with a supplier."""

    council = code()
    supplier = Named()

    class Meta:
        model = Contract
        fields = ["id", "council", *EDITABLE[Contract], "version"]


class CircuitSerializer(Shown):
    """A data connection into a site."""

    council = code()
    provider = Named()
    site = Named()
    asset = Named()

    class Meta:
        model = Circuit
        fields = ["id", "council", *EDITABLE[Circuit], "version"]


class LineSerializer(Shown):
    """A telephone line. `last_day` is by when it must have been replaced, where it must."""

    council = code()
    provider = Named()
    site = Named()
    last_day = serializers.DateField(allow_null=True, read_only=True)

    class Meta:
        model = Line
        fields = ["id", "council", *EDITABLE[Line], "last_day", "version"]


class LifecyclePolicySerializer(Shown):
    """How long the things of a category last: the default where `council` is null, or what a council decided."""

    council = code(read_only=True, allow_null=True)

    class Meta:
        model = LifecyclePolicy
        fields = ["id", "council", "category", *EDITABLE[LifecyclePolicy], "version"]


class OperatingSystemSerializer(Shown):
    """A release of an operating system.

    Beside each end of a support stands how much is known of it: a date; that none is announced; that it has ended, on
    a day that is not known; or nothing.
    """

    class Meta:
        model = OperatingSystemRelease
        fields = [
            *("id", "product", "cycle", "name", "edition", "released_on"),
            *(column for end in ENDS for column in (end, f"{end}_known")),
            *("source", "checked_on", "version"),
        ]


class WrittenOfTheEstate(Written):
    """What may be sent: sites and equipment are those that the person sees, councils those whose register they keep."""

    class Meta:
        abstract = True

    def offered(self) -> dict[str, Any]:
        person = self.context.get("person")
        mine = Council.objects.visible_to(person).filter(pk__in=councils_of(person, Permission.EDIT_ASSETS))
        return {
            "council": mine,
            "site": Site.objects.visible_to(person).filter(council__in=mine).on_offer(),
            "asset": Asset.objects.visible_to(person).filter(council__in=mine),
            "provider": Supplier.objects.visible_to(person),
            "supplier": Supplier.objects.visible_to(person),
            "manufacturer": Manufacturer.objects.visible_to(person),
            "replacement_model": AssetModel.objects.visible_to(person),
        }


def written(model: type, own: tuple[str, ...], needed: tuple[str, ...]) -> type[WrittenOfTheEstate]:
    """What may be sent of a new row (with `needed`), or of a change (which needs its version)."""
    changing = needed == CHANGE
    fields = (*EDITABLE[model], "version") if changing else (*own, *EDITABLE[model])
    meta = type("Meta", (), {"model": model, "fields": fields, "validators": []})
    relations: dict[str, Any] = {}
    if changing:
        relations["version"] = serializers.IntegerField(min_value=1)
    elif "council" in own:
        relations["council"] = code(queryset=Council.objects.none())
    name = f"{'Changed' if changing else 'New'}{model.__name__}Serializer"
    return type(name, (WrittenOfTheEstate,), {"Meta": meta, "needed": needed, **relations})


OWN = ("council",)
NewAssetModel = written(AssetModel, (), ("manufacturer", "name", "category"))
ChangedAssetModel = written(AssetModel, (), CHANGE)
NewSupplier = written(Supplier, (), ("name",))
ChangedSupplier = written(Supplier, (), CHANGE)
NewContract = written(Contract, OWN, ("council", "supplier", "reference"))
ChangedContract = written(Contract, OWN, CHANGE)
NewCircuit = written(Circuit, OWN, ("council", "number"))
ChangedCircuit = written(Circuit, OWN, CHANGE)
NewLine = written(Line, OWN, ("council", "number", "type"))
ChangedLine = written(Line, OWN, CHANGE)
NewPolicy = written(LifecyclePolicy, (*OWN, "category"), ("council", "category", "useful_life_months"))
ChangedPolicy = written(LifecyclePolicy, (*OWN, "category"), CHANGE)

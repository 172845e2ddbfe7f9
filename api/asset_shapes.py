"""How assets look from outside, and what may be sent about them."""

from typing import Any, cast

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.rows import ChangedSerializer, Named, Shown, changed, code
from assets.refresh.using import Catalogue, Source, use_of_one
from assets.register.facts import FOR_ITS_HOLDER, may_read
from assets.register.forms import BEGINNINGS
from assets.register.models import Asset, AssetModel, Manufacturer, Supplier
from assets.register.registering import EDITABLE
from servicedesk.history.models import Change
from servicedesk.people.access import councils_of, may
from servicedesk.people.models import Council, Department, Person, Site
from servicedesk.people.roles import Permission

ALWAYS = ("id", "council", *FOR_ITS_HOLDER)


class ManufacturerSerializer(Shown):
    """A maker."""

    class Meta:
        model = Manufacturer
        fields = ["id", "name"]


class EnergyUseSerializer(serializers.Serializer):
    """What one uses in a year, without its machine room, and from where that is known: measured for itself, said of its
    model, by its model's watts, or the median of its category. A null is in no sum."""

    kwh = serializers.DecimalField(max_digits=9, decimal_places=1, allow_null=True)
    source = serializers.ChoiceField([source.value for source in Source])  # type: ignore[assignment]


class AssetSerializer(Shown):
    """An asset as far as the person may read it.

    What the person may not know has no key at all: what it cost, outside the councils whose money they see, and all
    but what it is for those who only hold it. A null is something that nobody has written down.
    """

    council = code()
    model = Named()
    manufacturer = Named()
    department = Named()
    holder = Named()
    site = Named()
    supplier = Named()
    uplink = Named()
    legal_hold_by = Named()
    energy_use = serializers.SerializerMethodField()

    class Meta:
        model = Asset
        fields = (
            "id",
            "council",
            *EDITABLE,
            "state",
            "last_seen_at",
            "disposal_date",
            "certificate_number",
            "evidence_missing",
            "legal_hold_reason",
            "legal_hold_by",
            "legal_hold_since",
            "registered_at",
            "energy_use",
            "version",
        )

    withheld = tuple(name for name in Meta.fields if name not in ALWAYS)

    @extend_schema_field(EnergyUseSerializer)
    def get_energy_use(self, asset: Asset) -> dict[str, Any]:
        catalogue = cast(dict[str, Any], self.context).setdefault("catalogue", Catalogue())
        known = use_of_one(asset, catalogue)
        return EnergyUseSerializer({"kwh": known.kwh, "source": known.source.value}).data

    def to_representation(self, instance: Asset) -> dict[str, Any]:
        shown = super().to_representation(instance)
        person = self.context["person"]
        if not may(person, Permission.SEE_ASSETS, instance.council_id):
            return {name: shown[name] for name in ALWAYS}
        hidden = [name for name in Asset.guarded_fields if not may_read(person, instance, name)]
        return {name: value for name, value in shown.items() if name not in hidden}


class WrittenSerializer(serializers.ModelSerializer):
    """What may be written of an asset. Departments, sites and people are those of its council, `context["council"]`.

    A model brings its maker and its category.
    """

    needed: tuple[str, ...] = ()

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        for name, field in fields.items():
            field.required = name in self.needed
        for name, rows in self._offered().items():
            fields[name].queryset = rows
        return fields

    def _offered(self) -> dict[str, QuerySet]:
        person, council = self.context.get("person"), self.context.get("council")
        return {
            "model": AssetModel.objects.visible_to(person).select_related("manufacturer"),
            "manufacturer": Manufacturer.objects.visible_to(person),
            "department": council.departments.on_offer() if council else Department.objects.none(),
            "site": council.sites.on_offer() if council else Site.objects.none(),
            "holder": council.people.active() if council else Person.objects.none(),
            "supplier": Supplier.objects.visible_to(person),
            "uplink": Asset.objects.visible_to(person).filter(council=council),
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        model = attrs.get("model", getattr(self.instance, "model", None))
        if model is None:
            return attrs
        if "model" in attrs:
            attrs.setdefault("category", model.category)
        if attrs.get("category", model.category) != model.category:
            raise ValidationError(
                {"category": f"{model} is of the category {model.get_category_display().lower()}."}
            )
        return {**attrs, "manufacturer": model.manufacturer}


class NewAssetSerializer(WrittenSerializer):
    """A new entry of the register. The category may be left out where the model is given."""

    council = code(queryset=Council.objects.none())
    state = serializers.ChoiceField([(state.value, state.label) for state in BEGINNINGS])
    needed = ("council", "state")

    class Meta:
        model = Asset
        fields = ("council", "state", *EDITABLE)
        validators: list = []

    def _offered(self) -> dict[str, QuerySet]:
        person = self.context.get("person")
        mine = councils_of(person, Permission.EDIT_ASSETS)
        return {**super()._offered(), "council": Council.objects.visible_to(person).filter(pk__in=mine)}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        if "category" not in attrs:
            raise ValidationError({"category": "Say what kind of thing it is, or of which model."})
        return attrs


class AssetChangeSerializer(WrittenSerializer):
    """A correction of what the register says, as read at `version`; `reason` goes into its history."""

    version = serializers.IntegerField(min_value=1)
    reason = serializers.CharField(max_length=200)
    needed = ("version",)

    class Meta:
        model = Asset
        fields = (*EDITABLE, "version", "reason")
        validators: list = []


class HistorySerializer(serializers.Serializer):
    """What one deed did to a row."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField(source="change_set.at")
    by = serializers.CharField(source="change_set.by_label")
    source = serializers.CharField(source="change_set.source")  # type: ignore[assignment]
    reason = serializers.CharField(source="change_set.reason")
    action = serializers.ChoiceField(Change.Action.choices)
    move = serializers.CharField()
    changes = serializers.SerializerMethodField()

    @extend_schema_field(ChangedSerializer(many=True))
    def get_changes(self, change: Change) -> list[dict[str, Any]]:
        return changed(change.fields)

"""Which new device is kept for an asset, as it is chosen on a page."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from assets.batches.allocating import devices_for
from assets.batches.models import BatchItem
from assets.register.life_forms import DeedForm
from assets.register.models import Asset
from servicedesk import bulk
from servicedesk.forms import SearchSelect
from servicedesk.people.models import Person


class NewDeviceField(forms.ModelChoiceField):
    """A new device, by its name and its model."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj}, {obj.model}" if obj.model else str(obj)


def devices_offered(item: BatchItem, by: Person) -> QuerySet[Asset]:
    """What may take the place of its asset, by their names."""
    free = [asset.pk for asset in devices_for(item)]
    rows = Asset.objects.visible_to(by).filter(bulk.Among("pk", free))
    return rows.select_related("model__manufacturer").order_by("asset_tag", "pk")


class ExchangeForm(DeedForm):
    """Which new device is kept in the place of the one that was."""

    replacement = NewDeviceField(
        Asset.objects.none(), label="New device", widget=SearchSelect, empty_label="Choose one"
    )
    reason = forms.CharField(
        label="Reason", max_length=200, required=False, help_text="Such as “Its screen is broken”"
    )

    def __init__(self, *args: Any, item: BatchItem, by: Person, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["replacement"].queryset = devices_offered(item, by)  # type: ignore[attr-defined]

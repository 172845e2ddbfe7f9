"""What asset managers type about how things hang together."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q

from assets.register.models import Asset, Relation
from servicedesk.catalogue.models import Service
from servicedesk.forms import Form, SearchSelect
from servicedesk.people.models import Person

OF_SERVICES = (Relation.DEPENDS_ON, Relation.RUNS_ON, Relation.HOSTED_ON)


class AssetRelationForm(Form):
    """On what an asset hangs: the other end is typed, and found among what the person may see."""

    kind = forms.ChoiceField(label="This asset", choices=Relation.choices)
    other = forms.CharField(label="Tag, hostname or serial number of the other asset", max_length=100)

    def __init__(self, *args: Any, person: Person, asset: Asset, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person, self.asset = person, asset

    def clean_other(self) -> Asset:
        typed = self.cleaned_data["other"]
        seen = Asset.objects.visible_to(self.person).exclude(pk=self.asset.pk)
        called = seen.filter(Q(pk__in=seen.named(typed).values("pk")) | Q(hostname__iexact=typed))
        named = list(called.select_related("council", "site").order_by("pk")[:10])
        found = [asset for asset in named if asset.council_id == self.asset.council_id] or named
        if not found:
            raise ValidationError(f"No other asset has the tag, hostname or serial number {typed}")
        if len(found) > 1:
            raise ValidationError(f"{len(found)} assets are called {typed}: enter the serial number")
        return found[0]


class ServiceRelationForm(Form):
    """Which service hangs on an asset."""

    service = forms.ModelChoiceField(Service.objects.none(), label="Service", widget=SearchSelect)
    how = forms.ChoiceField(
        label="How it hangs on this asset", choices=[(kind.value, kind.label) for kind in OF_SERVICES]
    )

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["service"]
        field.queryset = Service.objects.visible_to(person).on_offer()

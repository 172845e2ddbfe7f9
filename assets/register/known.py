"""What the guards of a move must know beside the asset itself, read once for all assets that are asked about."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.module_loading import import_string

from assets.register.lifecycle import AssetState
from assets.register.models import (
    Asset,
    AssetModel,
    Category,
    CheckList,
    Custody,
    Loan,
    Medium,
    Sanitisation,
    WriteOff,
)
from assets.register.models.catalogue import HOLDS_NO_DATA
from servicedesk.history.models import Change
from servicedesk.people.models import Council


class Known:
    """Each question is asked of the database once, when a guard first needs it.

    `rows` says of which assets, and `changes` which history is theirs.
    """

    def __init__(self, rows: Q, changes: Q):
        self.rows, self.changes = rows, changes

    @classmethod
    def of(cls, assets: Iterable[Asset]) -> "Known":
        """Of these assets."""
        keys = [asset.pk for asset in assets]
        return cls(Q(asset__in=keys), Q(object_id__in=keys))

    @classmethod
    def of_council(cls, council: Council) -> "Known":
        """Of every asset of a council: what a sheet asks about is not known beforehand."""
        return cls(Q(asset__council=council), Q(council_id=council.pk))

    @cached_property
    def loans(self) -> dict[tuple[int, int], Loan]:
        """The agreed loans, by asset and person."""
        agreed = Loan.objects.filter(self.rows, state=Loan.State.AGREED)
        return {(loan.asset_id, loan.person_id): loan for loan in agreed}

    @cached_property
    def approved(self) -> set[int]:
        """The assets that somebody may write off."""
        found = WriteOff.objects.filter(self.rows, decision=WriteOff.Decision.APPROVED)
        return set(found.values_list("asset", flat=True))

    @cached_property
    def certified(self) -> set[int]:
        """The assets of which a passed wiping is recorded."""
        passed = Sanitisation.objects.filter(self.rows, result=Sanitisation.Result.PASSED)
        return set(passed.values_list("asset", flat=True))

    @cached_property
    def unwiped(self) -> dict[int, list[Medium]]:
        """The media of which nothing proves that they hold no data, by asset."""
        found: defaultdict[int, list[Medium]] = defaultdict(list)
        for medium in Medium.objects.filter(self.rows).unwiped():
            found[medium.asset_id].append(medium)
        return dict(found)

    @cached_property
    def held_data(self) -> set[int]:
        """The assets that were once registered as something that holds data: what is in them stays, whatever they are
        called now. What was taken back never was so."""
        found: set[int] = set()
        changes = Change.objects.filter(
            self.changes, kind=Asset._meta.label_lower, change_set__undoes=None
        ).exclude(action=Change.Action.CREATE)
        named = changes.filter(Q(fields__has_key="category") | Q(fields__has_key="model")).order_by("-id")
        told = list(named.values_list("object_id", "fields"))
        rows = Asset.objects.filter(pk__in={key for key, _ in told})
        was: dict[int, list[Any]] = {key: said for key, *said in rows.values_list("pk", "category", "model")}
        for key, fields in ((key, fields) for key, fields in told if key in was):
            for at, name in enumerate(("category", "model")):
                was[key][at] = fields[name][0] if name in fields else was[key][at]
            if self.bore_data(*was[key]):
                found.add(key)
        return found

    def bore_data(self, category: str, model: int | None) -> bool:
        """Whether something called so is known to hold data. Of a printer only its model says so: of one without,
        nothing is known."""
        if category == Category.PRINTER:
            return model is not None and model not in self.without_data
        return category not in HOLDS_NO_DATA

    @cached_property
    def kept(self) -> dict[int, str]:
        """Why an asset may not be moved for now, as other parts of the product say."""
        return {
            key: why for slot in settings.ASSET_KEPT for key, why in import_string(slot)(self.rows).items()
        }

    @cached_property
    def consigned(self) -> set[tuple[int, str]]:
        """The assets that a facility has certified, each with the reference of the consignment that it came in."""
        return {pair for slot in settings.ASSET_CONSIGNED for pair in import_string(slot)(self.rows)}

    @cached_property
    def held(self) -> dict[int, Custody]:
        """Who has which."""
        found = Custody.objects.filter(self.rows, ended_at=None).select_related("person", "site")
        return {custody.asset_id: custody for custody in found}

    @cached_property
    def check_lists(self) -> dict[int, list[str]]:
        """The items of each model's check list."""
        return {one.model_id: one.lines for one in CheckList.objects.all() if one.lines}

    @cached_property
    def without_data(self) -> set[int]:
        """The models of which it is said that they hold none."""
        return set(AssetModel.objects.filter(holds_data=False).values_list("pk", flat=True))

    def lost_since(self, asset: Asset) -> datetime:
        """When it was written down that it is lost; of one that came so, when it came."""
        lost = AssetState.LOST_STOLEN
        changes = Change.objects.filter(kind=Asset._meta.label_lower, object_id=asset.pk)
        for change in changes.select_related("change_set").order_by("-id"):
            if change.fields.get("state", [None, None])[1] == lost:
                return change.change_set.at
        return asset.registered_at

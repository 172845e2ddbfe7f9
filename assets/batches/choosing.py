"""Which assets come into a batch: what a rule matches on a day, seen first and then frozen as the items of the batch.

What other open batches keep is left out and named. The prices are frozen with the items, for each council and
category at what the forecast of the refresh reckons with.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import QueryDict
from django.utils import timezone
from django_filters import FilterSet

from assets.batches.models import Batch, BatchCouncil, BatchItem, BatchLine, Programme
from assets.batches.states import BatchState
from assets.refresh.figures import Prices
from assets.refresh.filters import due_filters
from assets.refresh.forecast import INFLATION, financial_year, grown, year_of
from assets.register.as_at_filters import listed_on
from assets.register.filters import asset_filters
from assets.register.lifecycle import MoveRefused
from assets.register.models import Asset
from assets.register.querysets import KEPT
from servicedesk import bulk, wording
from servicedesk.history.models import ChangeSet
from servicedesk.history.recording import change_set, record
from servicedesk.lists.models import SavedView
from servicedesk.lists.references import take_references
from servicedesk.people.access import councils_of, require
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission
from servicedesk.search.index import index

MOST, MOST_OFFERED = 2000, 100
PREFIX = "RB"
ASSET_LIST = "assets"
NOT_YET = "Nobody knows what the list of assets will show. Choose today or a day that is past, or a view of what is due"
FILTERED = ("council", "category", "year", "driver", "standing")
SHOWN = ("council", "model__manufacturer", "manufacturer", "holder", "site")


@dataclass
class Matched:
    """What a rule matches: what would come in, what another batch keeps, and what was pasted and not found."""

    assets: list[Asset]
    kept: list[tuple[Asset, str]] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    several: list[str] = field(default_factory=list)

    @property
    def by_council(self) -> dict[Council, int]:
        return dict(Counter(asset.council for asset in self.assets))


def rule_of(view: SavedView) -> dict[str, Any]:
    """The rule of a batch that is chosen by a saved view: its filters as they are now, whatever becomes of the view."""
    return {"view": view.name, "list": view.list, "filters": dict(view.query)}


def match(rule: Mapping[str, Any], *, by: Person, as_at: date, today: date | None = None) -> Matched:
    """What the rule matches of what the person may see. Writes nothing. Raises ValidationError."""
    require(by, Permission.PLAN_REFRESH)
    unknown: list[str] = []
    several: list[str] = []
    if rule.get("tags"):
        found, unknown, several = _pasted(rule["tags"], by)
    elif rule.get("list") == ASSET_LIST:
        found = _listed(rule["filters"], by, as_at, today or timezone.localdate())
    else:
        found = _filtered(rule.get("filters") or {}, by, as_at)
    if len(found) > MOST:
        raise ValidationError(f"This matches more than {wording.number(MOST)} assets. Narrow it")
    keeping = BatchItem.objects.filter(locked=True, asset__in=[asset.pk for asset in found])
    kept = dict(keeping.values_list("asset", "batch__reference"))
    return Matched(
        [asset for asset in found if asset.pk not in kept],
        [(asset, kept[asset.pk]) for asset in found if asset.pk in kept],
        unknown,
        several,
    )


def create_batch(
    *,
    by: Person,
    title: str,
    rule: Mapping[str, Any],
    as_at: date | None = None,
    programme: Programme | None = None,
    tolerance_percent: int = 10,
    planned_from: date | None = None,
    planned_to: date | None = None,
    now: datetime | None = None,
) -> Batch:
    """Freeze what the rule matches as a new batch, owned by who makes it. Raises PermissionDenied, ValidationError."""
    now = now or timezone.now()
    as_at = as_at or timezone.localdate(now)
    assets = match(rule, by=by, as_at=as_at, today=timezone.localdate(now)).assets
    if not assets:
        raise ValidationError("Nothing that is free for a batch matches")
    with change_set(by=by, now=now) as deed:
        batch = Batch(
            council=_lead(by),
            reference=take_references(PREFIX, now.year)[0],
            title=title.strip(),
            owner=by,
            programme=programme,
            rule=_as_kept(rule, assets),
            as_at=as_at,
            base_fy=financial_year(year_of(as_at)),
            tolerance_percent=tolerance_percent,
            state_since=deed.at,
            planned_from=planned_from,
            planned_to=planned_to,
        )
        _check(batch)
        batch.save()
        record(deed, [batch])
        index_batch(batch)
        _take_in(deed, batch, assets)
    return batch


def _as_kept(rule: Mapping[str, Any], assets: Iterable[Asset]) -> dict[str, Any]:
    """The rule that a batch keeps. Of pasted tags it names those alone that came in: nobody who may read it learns of
    an asset of a council that takes no part."""
    if not rule.get("tags"):
        return dict(rule)
    came_in = {name.casefold() for asset in assets for name in (asset.asset_tag, asset.serial_number)}
    return {**rule, "tags": [tag for tag in rule["tags"] if tag.strip().casefold() in came_in]}


def add_assets(
    batch: Batch, tags: Sequence[str], *, by: Person, now: datetime | None = None
) -> tuple[list[BatchItem], list[str]]:
    """Take more assets into a draft by their tags or serial numbers. Returns the new items, and a sentence for each tag
    that brought none. Raises PermissionDenied, MoveRefused or ValidationError."""
    with change_set(by=by, now=now) as deed:
        batch = Batch.objects.select_for_update(of=("self",)).select_related("council").get(pk=batch.pk)
        require(by, Permission.PLAN_REFRESH, batch)
        _check_draft(batch)
        matched = match({"tags": tags}, by=by, as_at=batch.as_at)
        there = set(batch.items.values_list("asset", flat=True))
        new = [asset for asset in matched.assets if asset.pk not in there]
        items = _take_in(deed, batch, new) if new else []
    return items, [
        *(f"{asset} is in {batch} already" for asset in matched.assets if asset.pk in there),
        *(f"{asset} is in {reference} already" for asset, reference in matched.kept),
        *(f"Nothing that you can see is called {tag}" for tag in matched.unknown),
        *(f"More than one thing is called {tag}" for tag in matched.several),
    ]


def offered_for(batch: Batch, *, by: Person) -> list[Asset]:
    """What is due of its councils, by the filters of the batch where they are the forecast's, and no batch keeps; not
    all of it where that is much."""
    paying = [part.council_id for part in batch.paying.all()]
    of_the_forecast = batch.rule.get("list") != ASSET_LIST and batch.rule.get("filters")
    found = _filtered(of_the_forecast or {}, by, batch.as_at)
    taken = BatchItem.objects.filter(Q(locked=True) | Q(batch=batch), asset__in=[one.pk for one in found])
    keys = set(taken.values_list("asset", flat=True))
    return [one for one in found if one.council_id in paying and one.pk not in keys][:MOST_OFFERED]


def priced(assets: Sequence[Asset], as_at: date) -> list[BatchLine]:
    """The lines that a batch of these assets would have. Writes nothing."""
    batch, groups = Batch(as_at=as_at), _grouped(assets)
    councils = {asset.council_id: asset.council for asset in assets}
    prices = Prices(councils, year_of(as_at))
    return [
        _line(batch, group[0].council, category, group, prices)
        for (_, category), group in sorted(groups.items())
    ]


def _grouped(assets: Sequence[Asset]) -> dict[tuple[int, str], list[Asset]]:
    """By council and category."""
    groups: defaultdict[tuple[int, str], list[Asset]] = defaultdict(list)
    for asset in assets:
        groups[asset.council_id, asset.category].append(asset)
    return groups


def _check_draft(batch: Batch) -> None:
    if batch.state != BatchState.DRAFT:
        state = batch.get_state_display().lower()
        raise MoveRefused(f"{batch} is {state}: assets come into a draft alone.")


def index_batch(batch: Batch) -> None:
    """Let a batch be found by its reference and title."""
    index(Batch, {batch.pk: f"{batch.reference} {batch.title}"})


def _lead(by: Person) -> Council:
    """The council that leads a batch of this person: their own, where they plan its refresh."""
    mine = councils_of(by, Permission.PLAN_REFRESH)
    if by.council_id in mine:
        return by.council
    return Council.objects.filter(pk__in=mine).order_by("code")[0]


def _check(batch: Batch) -> None:
    batch.full_clean(exclude=["reference", "rule"], validate_unique=False, validate_constraints=False)
    if batch.planned_from and batch.planned_to and batch.planned_to < batch.planned_from:
        raise ValidationError({"planned_to": "The last day must be on or after the first"})


def _take_in(deed: ChangeSet, batch: Batch, assets: Sequence[Asset]) -> list[BatchItem]:
    """Write the items, and the part and the lines of each council that has none yet."""
    items = BatchItem.objects.bulk_create(
        BatchItem(
            batch=batch,
            council=asset.council,
            asset=asset,
            category=asset.category,
            state_since=deed.at,
        )
        for asset in assets
    )
    record(deed, items)
    groups = _grouped(assets)
    councils = {asset.council_id: asset.council for asset in assets}
    paying = set(batch.paying.values_list("council", flat=True))
    parts = [BatchCouncil(batch=batch, council=councils[key]) for key in sorted(councils.keys() - paying)]
    record(deed, BatchCouncil.objects.bulk_create(parts))
    lines = set(batch.lines.values_list("council", "category"))
    prices = Prices(councils, year_of(batch.as_at))
    made = [
        _line(batch, group[0].council, category, group, prices)
        for (council, category), group in sorted(groups.items())
        if (council, category) not in lines
    ]
    record(deed, BatchLine.objects.bulk_create(made))
    return items


def _line(
    batch: Batch, council: Council, category: str, assets: Iterable[Asset], prices: Prices
) -> BatchLine:
    """At the price of what most of them are, in the money of the batch's year."""
    model = Counter(asset.model_id for asset in assets).most_common(1)[0][0]
    line = BatchLine(batch=batch, council=council, category=category)
    costs = prices.of(council.pk, category, model)
    if costs:
        year = year_of(batch.as_at)
        base = costs.price_base if costs.base is None else costs.base
        line.purchase = grown(costs.price, year - costs.price_base, INFLATION)
        line.deploy = grown(costs.deploy, year - base, INFLATION)
        line.disposal = grown(costs.disposal, year - base, INFLATION)
        line.residual = costs.residual
    return line


def _filtered(filters: Mapping[str, str], by: Person, as_at: date) -> list[Asset]:
    if unknown := set(filters) - set(FILTERED):
        raise ValidationError(f"There is no filter called {', '.join(sorted(unknown))}")
    return _rows(due_filters(by, _asked(filters), as_at))


def _listed(filters: Mapping[str, str], by: Person, as_at: date, today: date) -> list[Asset]:
    """What the list of assets shows so narrowed, or showed at the end of a day that is past: of what the councils whose
    register the person reads still have."""
    own = {"council__in": councils_of(by, Permission.SEE_ASSETS)}
    if as_at > today:
        raise ValidationError({"as_at": NOT_YET})
    if as_at == today:
        return _rows(asset_filters(by, _asked(filters)), KEPT, **own)
    then = listed_on(by, _asked(filters), as_at)
    return _rows(asset_filters(by, QueryDict()), KEPT, Q(bulk.Among("pk", then)), **own)


def _asked(filters: Mapping[str, str]) -> QueryDict:
    asked = QueryDict(mutable=True)
    asked.update({name: value for name, value in filters.items() if value})
    return asked


def _rows(filters: FilterSet, *narrower: Q, **lookups: Any) -> list[Asset]:
    """What a list shows, one more than a batch may hold at most."""
    if not filters.is_valid():
        raise ValidationError([str(error) for errors in filters.errors.values() for error in errors])
    rows = filters.qs.filter(*narrower, **lookups).select_related(*SHOWN)
    return list(rows.order_by("council__code", "asset_tag", "pk")[: MOST + 1])


def _pasted(tags: Sequence[str], by: Person) -> tuple[list[Asset], list[str], list[str]]:
    """What the tags and serial numbers name; what names nothing, and what names several."""
    wanted = list(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))[: MOST + 1]
    seen = Asset.objects.visible_to(by).filter(KEPT).select_related(*SHOWN)
    named: defaultdict[str, list[Asset]] = defaultdict(list)
    for asset in seen.named(*wanted).order_by("pk"):
        for name in {asset.asset_tag.casefold(), asset.serial_number.casefold()} - {""}:
            named[name].append(asset)
    found: dict[int, Asset] = {}
    unknown: list[str] = []
    several: list[str] = []
    for tag in wanted:
        hits = named.get(tag.casefold(), [])
        if len(hits) == 1:
            found[hits[0].pk] = hits[0]
        else:
            (several if hits else unknown).append(tag)
    return list(found.values()), unknown, several

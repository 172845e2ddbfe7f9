"""Which way is up: an uplink leads on towards the core and never back to where it began."""

from collections.abc import Iterable, Mapping

from assets.register.models import Asset, CIRelation, Relation

LONGEST_WAY = 64
"""More hops than any network has: a way that is longer goes round in a circle."""


def circle_of_uplinks(asset: Asset) -> str:
    """Why the asset's own uplink cannot be, in a sentence: it leads back to the asset. Nothing where it does not."""
    if asset.uplink_id and asset.pk and leads_to(asset.uplink_id, asset.pk):
        return f"{asset.uplink} itself hangs off {asset}: the uplink would go round in a circle"
    return ""


def leads_to(start: int, goal: int) -> bool:
    """Whether the uplinks from one asset, of whatever council, lead to another."""
    seen: set[int] = set()
    reached = {start}
    while reached - seen and len(seen) <= LONGEST_WAY:
        if goal in reached:
            return True
        seen |= reached
        reached = _up(reached)
    return False


def circles_in(uplinks: Mapping[int, int], wanted: Iterable[int]) -> set[int]:
    """Of the wanted assets those whose way up, by these uplinks, goes round in a circle."""
    found = set()
    for start in wanted:
        at, way = start, {start}
        while (at := uplinks.get(at, 0)) and at not in way:
            way.add(at)
        if at:
            found.add(start)
    return found


def uplinks_of(council_id: int) -> dict[int, int]:
    """The uplinks of a council's assets as the register has them."""
    held = Asset.objects.filter(council=council_id, uplink__isnull=False)
    return {pk: uplink for pk, uplink in held.values_list("pk", "uplink") if uplink}


def _up(assets: Iterable[int]) -> set[int]:
    """One step up from each, by the asset's own uplink and by those to another council's equipment."""
    own = Asset.objects.filter(pk__in=assets, uplink__isnull=False).values_list("uplink", flat=True)
    others = CIRelation.objects.filter(source__in=assets, kind=Relation.UPLINKS_TO)
    return {pk for pk in (*own, *others.values_list("target", flat=True)) if pk}

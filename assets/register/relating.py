"""Saying how assets and services hang together, and taking that back: the writes, and what a person may read of it.

A relation joins what the writer may see: two assets of one council, or of two at a place that both share, or a service
and an asset. Both histories tell it; that of an asset names no equipment of another council, because whoever reads one
register need not read the other.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q

from assets.register.models import INVERSE, Asset, CIRelation, Relation
from assets.register.uplinks import leads_to
from servicedesk.catalogue.models import Service
from servicedesk.history.models import Change, ChangeSet
from servicedesk.history.recording import Entry, change_set, record_entries
from servicedesk.people.access import may, require
from servicedesk.people.models import Person, Site
from servicedesk.people.roles import Permission

ENDS = ("source", "service", "target")
ELSEWHERE = "equipment of another council"
OWN_UPLINK = "Within one council the uplink is written on the asset itself"
CIRCLE = "{target} itself hangs off {source}: the uplink would go round in a circle"
APART = "Choose equipment of {council}, or at a place that both councils share"


class Tie(NamedTuple):
    """One relation as it reads from an asset: how, what is at the other end, and the relation where it may be ended."""

    how: str
    asset: Asset | None
    service: Service | None
    relation: CIRelation | None


def relate(
    source: Asset | Service, kind: str, target: Asset, *, by: Person | None, now: datetime | None = None
) -> CIRelation:
    """Say that the source hangs on the target in this way. Once said, saying it again changes nothing.

    Raises PermissionDenied, or ValidationError by field.
    """
    _check_right(by, source, target)
    _check(source, kind, target)
    ends = {"service": source} if isinstance(source, Service) else {"source": source}
    with change_set(by=by, now=now) as deed:
        there = CIRelation.objects.filter(**ends, kind=kind, target=target).first()
        if there is None and kind == Relation.PAIRED_WITH and isinstance(source, Asset):
            there = CIRelation.objects.filter(source=target, kind=kind, target=source).first()
        if there is None:
            there = CIRelation.objects.create(**ends, kind=kind, target=target)
            _record(deed, there, added=True)
    return there


def unrelate(relation: CIRelation, *, by: Person | None, now: datetime | None = None) -> None:
    """Say that it is not so any more: by who keeps the register of either end. Raises PermissionDenied."""
    if by is not None and not may_end(by, relation):
        require(by, Permission.EDIT_ASSETS, relation.target)
    with change_set(by=by, now=now) as deed:
        deleted, _ = CIRelation.objects.filter(pk=relation.pk).delete()
        if deleted:
            _record(deed, relation, added=False)


def may_end(person, relation: CIRelation) -> bool:
    """Whether the person keeps the register of one of its ends."""
    ends = [one.council_id for one in (relation.source, relation.target) if one]
    return any(may(person, Permission.EDIT_ASSETS, council) for council in ends)


def ties_of(person, asset: Asset) -> list[Tie]:
    """How an asset that the person has been let in to hangs together with what they may see as well."""
    seen = Asset.objects.visible_to(person)
    above = seen.filter(pk=asset.uplink_id) if asset.uplink_id else seen.none()
    ties = [Tie("hangs off", one, None, None) for one in above]
    ties += [
        Tie("is the uplink of", one, None, None) for one in seen.filter(uplink=asset).order_by("asset_tag")
    ]
    if asset.stack_name:
        members = seen.filter(council=asset.council_id, stack_name=asset.stack_name).exclude(pk=asset.pk)
        ties += [
            Tie("is in one stack with", one, None, None) for one in members.order_by("stack_member", "pk")
        ]
    relations = CIRelation.objects.visible_to(person).filter(Q(source=asset) | Q(target=asset))
    for relation in relations.select_related(*ENDS).order_by("kind", "id"):
        outward = relation.source_id == asset.pk
        how = relation.get_kind_display() if outward else INVERSE[Relation(relation.kind)]
        other = relation.target if outward else relation.source
        ties.append(Tie(how, other, relation.service, relation if may_end(person, relation) else None))
    return ties


def same_place(one: Site | None, other: Site | None) -> bool:
    """Whether two sites, which two councils may each have written down, are one place: by UPRN, else by address."""
    if one is None or other is None:
        return False
    if one.pk == other.pk or (one.uprn and one.uprn == other.uprn):
        return True
    return bool(one.postcode) and _address(one) == _address(other)


def _address(site: Site) -> tuple[str, str]:
    return site.name.casefold(), "".join(site.postcode.split()).casefold()


def _check_right(by: Person | None, source: Asset | Service, target: Asset) -> None:
    if by is None:
        return
    require(by, Permission.EDIT_ASSETS, source if isinstance(source, Asset) else target)
    ends: Iterable = [(Asset, target), (type(source), source)]
    if not all(kind.objects.visible_to(by).filter(pk=row.pk).exists() for kind, row in ends):
        raise PermissionDenied("You need to see both ends of it.")


def _check(source: Asset | Service, kind: str, target: Asset) -> None:
    if kind not in Relation.values:
        raise ValidationError({"kind": "Select how they hang together from the list"})
    if isinstance(source, Service):
        return
    if source.pk == target.pk:
        raise ValidationError({"other": "Choose another asset than this one"})
    apart = source.council_id != target.council_id
    if apart and not same_place(source.site, target.site):
        raise ValidationError({"other": APART.format(council=source.council)})
    if kind == Relation.UPLINKS_TO and not apart:
        raise ValidationError({"kind": OWN_UPLINK})
    if kind == Relation.UPLINKS_TO and leads_to(target.pk, source.pk):
        raise ValidationError({"other": CIRCLE.format(source=source, target=target)})


def _record(deed: ChangeSet, relation: CIRelation, *, added: bool) -> None:
    """Tell it in the history of each asset that it joins."""
    kind, source, target = Relation(relation.kind), relation.source, relation.target
    if source is not None:
        apart = source.council_id != target.council_id
        _record_one(deed, source, f"{kind.label} {ELSEWHERE if apart else target}", relation.pk, added)
        _record_one(deed, target, f"{INVERSE[kind]} {ELSEWHERE if apart else source}", relation.pk, added)
    else:
        _record_one(deed, target, f"{INVERSE[kind]} {relation.service}", relation.pk, added)


def _record_one(deed: ChangeSet, asset: Asset, words: str, key: int, added: bool) -> None:
    change = [None, key, "", words] if added else [key, None, words, ""]
    entry = Entry(asset.pk, str(asset), asset.council_id, Change.Action.UPDATE, {"relation": change})
    record_entries(deed, Asset, [entry])

"""Who has had an asset, kept as rows: begun when somebody gets it, ended when they give it back.

The rows follow the assets: whatever changes who has an asset, a move, a correction or a sheet, calls `follow` in the
same transaction, and the custody that has not ended then says the same as the asset. Sent for repair or lost, an asset
stays with whoever had it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.core.exceptions import PermissionDenied
from django.db.models import Case, CharField, DateTimeField, F, Q, Value, When

from assets.register.lifecycle import TERMINAL, AssetState, MoveRefused
from assets.register.models import Asset, Custody, Loan
from servicedesk import bulk
from servicedesk.history.models import Change, ChangeSet
from servicedesk.history.recording import Entry, change_set, record, record_entries, snapshot
from servicedesk.people.models import Person

BATCH = 1000
STAYS = (AssetState.IN_REPAIR, AssetState.LOST_STOLEN)
RELATED = ("person", "site", "signed_by", "loan")
WHO = ("council", "state", "condition", "holder", "holder_note", "room", "site")
"""The columns of an asset that say who has it, and what is kept of that."""
HELD = ("pk", "state", "holder_id", "holder_note", "room", "site_id")
CUSTODY = ("asset_id", "kind", "person_id", "site_id", "room", "pool")


class Handing(NamedTuple):
    """What is known of one handing over: how it looked, what is to be remembered, and under which loan it went."""

    condition: str = ""
    note: str = ""
    loan: Loan | None = None


Handed = Callable[[Asset], Handing]


def who_has(asset: Asset) -> dict[str, Any] | None:
    """Who has an asset by its own columns, as a custody says it; None where nobody does."""
    return has(asset.state, asset.holder_id, asset.holder_note, asset.room, asset.site_id)


def has(state: str, holder: int | None, note: str, room: str, site: int | None) -> dict[str, Any] | None:
    """The same by the values of those columns."""
    if state in TERMINAL:
        return None
    if holder:
        return {"kind": Custody.Kind.PERSON, "person_id": holder}
    if state != AssetState.IN_USE:
        return None
    if note:
        return {"kind": Custody.Kind.POOL, "pool": note}
    return {"kind": Custody.Kind.ROOM, "room": room, "site_id": site} if room else None


def begin_new(deed: ChangeSet, keys: Sequence[int]) -> None:
    """Begin the custody of assets that a sheet has just brought, by their keys: in one statement, as there may be very
    many. It says what `has` says."""
    if not keys:
        return
    kinds, in_use = Custody.Kind, Q(state=AssetState.IN_USE)
    kind = Case(
        When(holder__isnull=False, then=Value(kinds.PERSON)),
        When(in_use & ~Q(holder_note=""), then=Value(kinds.POOL)),
        When(in_use & ~Q(room=""), then=Value(kinds.ROOM)),
        output_field=CharField(),
    )
    new = Asset.objects.filter(pk__range=(keys[0], keys[-1]), custodies=None).exclude(state__in=TERMINAL)
    told = {
        "council": F("council_id"),
        "asset": F("pk"),
        "kind": kind,
        "person": F("holder_id"),
        "site": Case(When(custody_kind=kinds.ROOM, then=F("site_id"))),
        "room": _text_of("room", kinds.ROOM),
        "pool": _text_of("holder_note", kinds.POOL),
        "begun_at": Value(deed.at, output_field=DateTimeField()),
        "condition_at_start": F("condition"),
        **{name: Value("", output_field=CharField()) for name in ("condition_at_end", "note", "end_note")},
    }
    found = new.annotate(custody_kind=kind).exclude(custody_kind=None).order_by()
    values: Any = found.values_list(*told.values())  # type: ignore[arg-type]
    bulk.insert_found(Custody, list(told), values)


def _text_of(name: str, kind: str) -> Case:
    """A column where the custody is of this kind, else nothing."""
    return Case(
        When(custody_kind=kind, then=F(name)),
        default=Value("", output_field=CharField()),
        output_field=CharField(),
    )


def follow(
    deed: ChangeSet,
    assets: Iterable[Asset],
    handed: Handed = lambda asset: Handing(),
    *,
    new: bool = False,
) -> None:
    """Make the custody of assets that were just written say what they say. Of `new` ones there is none yet."""
    assets = list(assets)
    standing = {} if new else current_of(assets)
    ended, begun = [], []
    for asset in assets:
        old, wanted = standing.get(asset.pk), who_has(asset)
        if _stays(asset, old, wanted):
            continue
        if old:
            _end(old, asset, handed(asset), deed.at)
            ended.append(old)
        if wanted:
            begun.append(_begun(asset, wanted, handed(asset), deed.at))
    _write_ends(ended, deed.at)
    Custody.objects.bulk_create(begun, batch_size=BATCH)
    _end_loans(deed, ended)


def follow_by_key(deed: ChangeSet, keys: Sequence[int]) -> None:
    """The same for assets named by their keys, of which there may be very many, and most stay with whoever has them: of
    those no more is read than tells that."""
    for start in range(0, len(keys), BATCH):
        some = keys[start : start + BATCH]
        current = Custody.objects.filter(bulk.Among("asset_id", some), ended_at=None)
        standing = {each.asset_id: each for each in current.values_list(*CUSTODY, named=True)}
        held = Asset.objects.filter(bulk.Among("pk", some)).order_by().values_list(*HELD, named=True)
        moved = [asset.pk for asset in held if not _stays(asset, standing.get(asset.pk), who_has(asset))]
        if moved:
            follow(deed, Asset.objects.filter(pk__in=moved).only(*WHO))


def take_back(deed: ChangeSet, keys: Sequence[int]) -> None:
    """Of assets that are as they were before the deed that this one undoes: what it began has never been, and what it
    ended goes on. What somebody has signed for since stays."""
    undone = deed.undoes
    if undone is None:
        return
    Custody.objects.filter(asset__in=keys, begun_at=undone.at, signed_at=None).delete()
    Custody.objects.filter(asset__in=keys, ended_at=undone.at).exclude(
        asset__in=Custody.objects.filter(asset__in=keys, ended_at=None).values("asset")
    ).update(ended_at=None, condition_at_end="", end_note="")


def current_of(assets: Iterable[Asset]) -> dict[int, Custody]:
    """The custody that has not ended, by asset."""
    found = Custody.objects.filter(asset__in=[asset.pk for asset in assets], ended_at=None)
    return {custody.asset_id: custody for custody in found}


def custodies_of(person, asset: Asset) -> list[Custody]:
    """Who has had it, the last first, as far as the person reads the registers that it stood in."""
    return list(Custody.objects.visible_to(person).filter(asset=asset).select_related(*RELATED))


def to_sign(person: Person, asset: Asset) -> Custody | None:
    """The custody that waits for the person to say that they have it."""
    own = Custody.objects.filter(asset=asset, person=person, ended_at=None, signed_at=None)
    return own.select_related(*RELATED).first()


def sign(custody: Custody, *, by: Person, now: datetime | None = None) -> None:
    """Say that one has an asset, which nobody can say for somebody else. Raises PermissionDenied, MoveRefused."""
    if custody.person_id != by.pk:
        raise PermissionDenied("Only the person who has it can say so.")
    with change_set(by=by, now=now) as deed:
        waiting = Custody.objects.filter(pk=custody.pk, ended_at=None, signed_at=None)
        if not waiting.update(signed_by=by, signed_at=deed.at):
            raise MoveRefused("Somebody has signed for it, or it has been returned.")
        asset = custody.asset
        fields = {"signed_by": [None, by.pk, "", str(by)]}
        record_entries(
            deed, Asset, [Entry(asset.pk, str(asset), asset.council_id, Change.Action.UPDATE, fields)]
        )


def _stays(asset: Asset, old: Custody | None, wanted: Mapping[str, Any] | None) -> bool:
    if wanted is None:
        return old is None or asset.state in STAYS and old.kind != Custody.Kind.PERSON
    return old is not None and all(getattr(old, name) == value for name, value in wanted.items())


def _end(custody: Custody, asset: Asset, handing: Handing, at: datetime) -> None:
    custody.ended_at = at
    custody.condition_at_end = handing.condition or asset.condition
    custody.end_note = handing.note[:200]


def _begun(asset: Asset, wanted: Mapping[str, Any], handing: Handing, at: datetime) -> Custody:
    return Custody(
        council_id=asset.council_id,
        asset_id=asset.pk,
        loan=handing.loan,
        begun_at=at,
        condition_at_start=handing.condition or asset.condition,
        note=handing.note[:200],
        **wanted,
    )


def _write_ends(ended: Iterable[Custody], at: datetime) -> None:
    """Those that ended in the same way with one statement."""
    alike: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for custody in ended:
        alike[custody.condition_at_end, custody.end_note].append(custody.pk)
    for (condition, note), keys in alike.items():
        Custody.objects.filter(pk__in=keys).update(ended_at=at, condition_at_end=condition, end_note=note)


def _end_loans(deed: ChangeSet, ended: Iterable[Custody]) -> None:
    """What was lent is back: its loan is over."""
    keys = [custody.loan_id for custody in ended if custody.loan_id]
    if not keys:
        return
    open_still = Q(pk__in=keys, state=Loan.State.AGREED)
    loans = list(Loan.objects.filter(open_still).select_related("asset", "person", "council", "receiver"))
    before = snapshot(loans)
    for loan in loans:
        loan.state, loan.ended_at, loan.version = Loan.State.ENDED, deed.at, loan.version + 1
    Loan.objects.bulk_update(loans, ["state", "ended_at", "version"])
    record(deed, loans, before)

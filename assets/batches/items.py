"""Moving the items of batches: every change of an item's state, of one or of hundreds.

The assets are held first, then their batches, then the items, always in that order. The guards of all are run; those
that pass are written in one change-set, with the move of the asset where one belongs to it, and those that do not are
named with a sentence each.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from assets.batches import appointment_following
from assets.batches.allocating import hand_out
from assets.batches.item_effects import CHANGED, bring_about, move_assets
from assets.batches.item_guards import Around, Problems, Question, problems_of, unknown_of
from assets.batches.models import Batch, BatchItem
from assets.batches.states import ITEM_MOVES, ItemMove, ItemState
from assets.register.lifecycle import MoveRefused
from assets.register.models import Asset
from servicedesk import bulk
from servicedesk.history.editing import Stale
from servicedesk.history.models import Change, ChangeSet
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.people.access import may, require
from servicedesk.people.models import Person

RELATED = (
    *("batch__council", "council", "replacement__council", "replacement__model", "incident", "stood_at"),
    *("asset__council", "asset__model__manufacturer", "asset__manufacturer", "asset__holder", "asset__site"),
)
Given = Mapping[str, Any]
NOTHING: Given = {}
moving: ContextVar[bool] = ContextVar("moving", default=False)
"""Whether an item moves its asset, so that it need not follow it."""


class Refusal(NamedTuple):
    """Why one of many items is not moved."""

    item: BatchItem
    sentence: str


class Moved(NamedTuple):
    """What became of many: those that were moved, those that were not, and the deed, None where nothing was moved."""

    moved: list[BatchItem]
    refused: list[Refusal]
    deed: ChangeSet | None


def move_item(
    item: BatchItem,
    name: str,
    *,
    by: Person,
    given: Given = NOTHING,
    version: int | None = None,
    now: datetime | None = None,
) -> BatchItem:
    """Make one named move. Returns the item as it now is.

    `given` holds what the move asks for and takes (`states.ITEM_MOVES`). Raises PermissionDenied, Stale when `version`
    is no longer the item's, MoveRefused (with a sentence), or ValidationError by field.
    """
    step, now = ITEM_MOVES[name], now or timezone.now()
    with change_set(by=by, reason=_reason(name, given), now=now) as deed:
        item = held([item.pk], [given])[0]
        require(by, step.permission, item)
        if version is not None and version != item.version:
            raise Stale(item)
        if refused := _out_of_place(item, step):
            raise MoveRefused(refused)
        if name == "allocate":
            given = hand_out([(item, given)])[0][1]
        found = unknown_of(step, given) | problems_of(
            name, Question(item, given, _around([item], [given]), by, now)
        )
        if found.get(""):
            raise MoveRefused(found[""])
        if found:
            raise ValidationError(found)
        _make(name, [(item, given)], deed, by, now)
    return fresh(item)


def move_items(
    items: Iterable[BatchItem],
    name: str,
    *,
    by: Person,
    given: Given = NOTHING,
    each: Mapping[int, Given] | None = None,
    versions: Mapping[int, int] | None = None,
    now: datetime | None = None,
) -> Moved:
    """Move many items at once, as far as it can be done, in one change-set.

    `given` goes with every item; `each` holds, by key of the item, what goes with one alone. Raises ValidationError
    where the move does not take what is given; whatever else is wrong is a refusal of the item that it is wrong with.
    """
    step, now, each = ITEM_MOVES[name], now or timezone.now(), each or {}
    odd = unknown_of(step, {key for part in (given, *each.values()) for key in part})
    if odd:
        raise ValidationError(odd)
    with change_set(by=by, reason=_reason(name, given), now=now) as deed:
        rows = held([item.pk for item in items], [given, *each.values()])
        pairs: list[tuple[BatchItem, Given]] = [(row, {**given, **each.get(row.pk, {})}) for row in rows]
        if name == "allocate":
            pairs = hand_out(pairs)
        sentences = _sentences(name, pairs, by, versions or {}, now)
        good = [pair for pair, sentence in zip(pairs, sentences, strict=True) if not sentence]
        if good:
            _make(name, good, deed, by, now)
    refused = [Refusal(item, said) for (item, _), said in zip(pairs, sentences, strict=True) if said]
    return Moved([fresh(item) for item, _ in good], refused, deed if good else None)


def refusals(
    items: Sequence[BatchItem],
    name: str,
    *,
    by: Person,
    given: Given = NOTHING,
    versions: Mapping[int, int] | None = None,
    now: datetime | None = None,
) -> list[Refusal]:
    """Which of many items the move would refuse, and why, without making it. Raises ValidationError where the move does
    not take what is given."""
    if odd := unknown_of(ITEM_MOVES[name], given):
        raise ValidationError(odd)
    pairs: list[tuple[BatchItem, Given]] = [(item, given) for item in items]
    if name == "allocate":
        pairs = hand_out(pairs)
    sentences = _sentences(name, pairs, by, versions or {}, now or timezone.now())
    return [Refusal(item, said) for (item, _), said in zip(pairs, sentences, strict=True) if said]


def moves_of(person, item: BatchItem) -> dict[str, ItemMove]:
    """The moves that the person may make of an item as it stands, for buttons. Guards are asked on pressing."""
    return {
        name: step
        for name, step in ITEM_MOVES.items()
        if item.state in step.sources
        and not step.is_consigned
        and item.batch.state in step.batch_states
        and may(person, step.permission, item.council_id)
    }


def fresh(item: BatchItem) -> BatchItem:
    """The item as the database has it now, with what it points at."""
    return BatchItem.objects.select_related(*RELATED).get(pk=item.pk)


def held(keys: Iterable[int], given: Iterable[Given] = ()) -> list[BatchItem]:
    """The items as they are now, held with their assets and batches until the transaction ends."""
    found = list(BatchItem.objects.filter(pk__in=[*keys]).values_list("pk", "batch", "asset", "replacement"))
    assets = {key for _, _, *pair in found for key in pair if key}
    assets |= {part["replacement"].pk for part in given if part.get("replacement")}
    list(Asset.objects.select_for_update().filter(pk__in=assets).order_by("pk").values_list("pk"))
    batches = {batch for _, batch, *_ in found}
    list(Batch.objects.select_for_update().filter(pk__in=batches).order_by("pk").values_list("pk"))
    items = BatchItem.objects.select_related(*RELATED).select_for_update(of=("self",))
    return list(items.filter(pk__in=[pk for pk, *_ in found]).order_by("pk"))


def write_moved(name: str, items: Sequence[BatchItem], before: Any, deed: ChangeSet) -> None:
    """Write what a move has set of items that are held, and its history."""
    rows = [
        [item.pk, item.version, *(getattr(item, f"{each}_id", getattr(item, each)) for each in CHANGED)]
        for item in items
    ]
    try:
        with transaction.atomic():
            written = bulk.update(BatchItem, CHANGED, rows)
    except IntegrityError as error:
        raise MoveRefused(
            "One of these has been taken into another batch just now. Look at it again."
        ) from error
    if written != len(rows):
        raise MoveRefused("Somebody has moved one of these just now. Look at it again.")
    for item in items:
        item.version += 1
    record(deed, items, before, move=name)
    appointment_following.follow(deed, name, items)


def _around(items: Iterable[BatchItem], given: Iterable[Given]) -> Around:
    new = [part["replacement"].pk for part in given if part.get("replacement")]
    return Around(tuple(items), tuple(new))


def _sentences(
    name: str,
    pairs: Sequence[tuple[BatchItem, Given]],
    by: Person,
    versions: Mapping[int, int],
    now: datetime,
) -> list[str]:
    """Why each is refused, "" where it is not."""
    step, around = (
        ITEM_MOVES[name],
        _around([item for item, _ in pairs], [given for _, given in pairs]),
    )
    answers, taken = [], set[int]()
    for item, given in pairs:
        new = given.get("replacement")
        if not may(by, step.permission, item.council_id):
            said = f"You may not do this with the assets of {item.council}."
        elif versions.get(item.pk, item.version) != item.version:
            said = f"{item.asset} was changed while you were looking at it."
        elif new and new.pk in taken:
            said = f"{new} is given to another of these."
        else:
            said = _out_of_place(item, step) or _first(
                problems_of(name, Question(item, given, around, by, now))
            )
        if new and not said:
            taken.add(new.pk)
        answers.append(said)
    return answers


def _first(problems: Problems) -> str:
    """One sentence for one item: what is wrong with the item itself before all else."""
    return problems.get("") or next(iter(problems.values()), "")


def _out_of_place(item: BatchItem, step: ItemMove) -> str:
    """Where the item, or its batch, stands instead of where the move begins, and who brought it there."""
    if item.batch.state not in step.batch_states:
        state = item.batch.get_state_display().lower()
        return f"{item.batch} is {state}, so “{step.words}” is not possible."
    if item.state in step.sources:
        return ""
    changes = Change.objects.filter(kind=BatchItem._meta.label_lower, object_id=item.pk)
    last = changes.select_related("change_set").order_by("-id").first()
    by = f" {last.change_set.by_label} was the last to move it." if last and last.change_set.by_label else ""
    state = ItemState(item.state).label.lower()
    return f"{item.asset} is “{state}” in {item.batch}, so “{step.words}” is not possible.{by}"


def _make(
    name: str, pairs: Sequence[tuple[BatchItem, Given]], deed: ChangeSet, by: Person, now: datetime
) -> None:
    """Write what passed the guards: the moves of the assets, the items, and the history of both."""
    items = [item for item, _ in pairs]
    before = snapshot(items)
    token = moving.set(True)
    try:
        move_assets(name, pairs, by=by, now=now)
    finally:
        moving.reset(token)
    for item, given in pairs:
        bring_about(name, item, given, now)
    write_moved(name, items, before, deed)


def _reason(name: str, given: Given) -> str:
    """Why, for the history that all readers of the register see. What happened to a lost one is for its incident."""
    told = (given.get(field) for field in ("reason", "freeze_reason", "note"))
    return "" if name == "lose" else next((str(words) for words in told if words), "")

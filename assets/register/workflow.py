"""Moving assets: every change of an asset's state but an import's.

Of one asset or of hundreds, a move is made the same way: the rows are locked and read fresh, the guards of all are run,
those that pass are written in one change-set with their evidence, their custody and their history, and those that do
not are named with a sentence each.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone
from django.utils.module_loading import import_string

from assets.register import custody
from assets.register.effects import CHANGED, Deed, bring_about, handing_of
from assets.register.finding import index_assets
from assets.register.guards import Problems, Question, problems_of, unknown_of
from assets.register.incidents import report_lost
from assets.register.known import Known
from assets.register.lifecycle import MOVES, AssetState, Move, MoveRefused
from assets.register.models import Asset
from assets.register.querysets import AssetQuerySet
from assets.register.registering import RELATED, StaleAsset, fresh, link_raised, refuse
from assets.register.writing_off import call_off
from servicedesk import bulk
from servicedesk.history.models import Change, ChangeSet
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.people.access import may, require
from servicedesk.people.models import Person

BATCH = 1000
Given = Mapping[str, Any]
NOTHING: Given = {}


class Refusal(NamedTuple):
    """Why one of many assets is not moved."""

    asset: Asset
    sentence: str


class Outcome(NamedTuple):
    """What became of many: those that were moved, as they now are, those that were not, and the deed that moved them.

    `deed` is None where nothing was moved.
    """

    moved: list[Asset]
    refused: list[Refusal]
    deed: ChangeSet | None


def move(
    asset: Asset,
    name: str,
    *,
    by: Person | None,
    given: Given = NOTHING,
    version: int | None = None,
    now: datetime | None = None,
) -> Asset:
    """Make one named move. Returns the asset as it now is.

    `by` is a person, or None for the system. `given` holds what the move asks for and takes (`lifecycle.MOVES`).
    Raises PermissionDenied, StaleAsset when `version` is no longer the asset's, MoveRefused (with a sentence), or
    ValidationError by field.
    """
    step, now = MOVES[name], now or timezone.now()
    with change_set(by=by, reason=_reason(name, given), now=now) as deed:
        asset = _locked([asset.pk])[0]
        if by is not None:
            require(by, step.permission, asset)
        if version is not None and version != asset.version:
            raise StaleAsset(asset)
        if asset.state not in step.sources_of(asset.holds_no_data):
            raise MoveRefused(elsewhere(asset, step))
        known = Known.of([asset])
        found = unknown_of(step, given) | problems_of(name, Question(asset, given, known, by, now))
        if found.get(""):
            raise MoveRefused(found[""])
        if found:
            raise ValidationError(found)
        _check_serial(asset, name, given)
        _make(name, [(asset, given)], deed, Deed(by, now, known))
    return fresh(asset)


def move_all(
    assets: Iterable[Asset],
    name: str,
    *,
    by: Person | None,
    given: Given = NOTHING,
    each: Mapping[int, Given] | None = None,
    versions: Mapping[int, int] | None = None,
    reason: str = "",
    now: datetime | None = None,
) -> Outcome:
    """Move many assets at once: the guards of all first, then those that pass, in one change-set.

    `given` goes with every asset; `each` holds, by key of the asset, what goes with one alone, such as its
    certificate. `versions` says at which version each was read. Raises ValidationError where `given` holds what the
    move does not take; whatever else is wrong is a refusal of the asset that it is wrong with.
    """
    step, now, each = MOVES[name], now or timezone.now(), each or {}
    odd = unknown_of(step, {key for part in (given, *each.values()) for key in part})
    if odd:
        raise ValidationError(odd)
    with change_set(by=by, reason=reason or _reason(name, given), now=now) as deed:
        order = _order(assets)
        rows = sorted(_locked(order), key=lambda asset: order[asset.pk])
        locked, known = _sorted_out(rows, name, by, given, each, versions or {}, now)
        good = [(asset, {**given, **each.get(asset.pk, {})}) for asset, sentence in locked if not sentence]
        if good:
            _make(name, good, deed, Deed(by, now, known))
    refused = [Refusal(asset, sentence) for asset, sentence in locked if sentence]
    return Outcome([asset for asset, _ in good], refused, deed if good else None)


def refusals(
    assets: Iterable[Asset],
    name: str,
    *,
    by: Person | None,
    given: Given = NOTHING,
    each: Mapping[int, Given] | None = None,
    later: Collection[str] = (),
    now: datetime | None = None,
) -> list[Refusal]:
    """Which of many assets the move would refuse, and why, without making it. What is given `later` is not asked for
    yet."""
    order = _order(assets)
    rows = sorted(_rows(order), key=lambda asset: order[asset.pk])
    sorted_out, _ = _sorted_out(rows, name, by, given, each or {}, {}, now or timezone.now(), later)
    return [Refusal(asset, sentence) for asset, sentence in sorted_out if sentence]


def moves_of(person, asset: Asset) -> dict[str, Move]:
    """The moves that the person may make of an asset as it stands, for buttons. Guards are asked on pressing."""
    return {
        name: step
        for name, step in MOVES.items()
        if asset.state in step.sources_of(asset.holds_no_data)
        and not step.is_consigned
        and may(person, step.permission, asset.council_id)
        and not (step.destroys and asset.legal_hold_reason)
    }


def elsewhere(asset: Asset, step: Move) -> str:
    """Where the asset stands instead of where the move begins, and who brought it there."""
    last = (
        Change.objects.filter(kind=Asset._meta.label_lower, object_id=asset.pk)
        .select_related("change_set")
        .order_by("-id")
        .first()
    )
    by = (
        f" {last.change_set.by_label} was the last to change it." if last and last.change_set.by_label else ""
    )
    state = AssetState(asset.state).label.lower()
    return f"{asset} is {state}, so “{step.words}” is not possible.{by}"


def _order(assets: Iterable[Asset]) -> dict[int, int]:
    """The keys of the assets, each once, with the place that it was given in."""
    return {pk: place for place, pk in enumerate(dict.fromkeys(asset.pk for asset in assets))}


def _rows(keys: Iterable[int]) -> AssetQuerySet:
    return Asset.objects.select_related(*RELATED).filter(pk__in=[*keys]).order_by("pk")


def _locked(keys: Iterable[int]) -> list[Asset]:
    """The assets as they are now, held until the transaction ends, in one order so that nobody waits in a ring."""
    return list(_rows(keys).select_for_update(of=("self",)))


def _sorted_out(
    assets: Sequence[Asset],
    name: str,
    by: Person | None,
    given: Given,
    each: Mapping[int, Given],
    versions: Mapping[int, int],
    now: datetime,
    later: Collection[str] = (),
) -> tuple[list[tuple[Asset, str]], Known]:
    """Every asset with why it is refused, "" where it is not."""
    known = Known.of(assets)
    taken: set[tuple] = set()
    answers = []
    for asset in assets:
        mine = {**given, **each.get(asset.pk, {})}
        sentence = _why_not(asset, name, Question(asset, mine, known, by, now), versions, later)
        if not sentence and name == "receive":
            sentence = _serial_refusal(asset, mine, taken)
        answers.append((asset, sentence))
    return answers, known


def _why_not(
    asset: Asset, name: str, question: Question, versions: Mapping[int, int], later: Collection[str]
) -> str:
    step = MOVES[name]
    if question.by is not None and not may(question.by, step.permission, asset.council_id):
        return f"You may not do this with the assets of {asset.council}."
    if versions.get(asset.pk, asset.version) != asset.version:
        return f"{asset} was changed while you were looking at it."
    if asset.state not in step.sources_of(asset.holds_no_data):
        return elsewhere(asset, step)
    found = problems_of(name, question)
    return _sentence({field: said for field, said in found.items() if field not in later})


def _sentence(problems: Problems) -> str:
    """One sentence for one asset: the first thing that is wrong, that of the asset itself before all others."""
    return problems.get("") or next(iter(problems.values()), "")


def _serial_refusal(asset: Asset, given: Given, taken: set[tuple]) -> str:
    """A serial number that comes with its receipt is nobody else's, of those received with it neither."""
    try:
        _check_serial(asset, "receive", given)
    except ValidationError as error:
        return error.messages[0]
    serial = (given.get("serial_number") or "").upper()
    if serial and asset.manufacturer_id:
        key = asset.council_id, asset.manufacturer_id, serial
        if key in taken:
            return f"Two of these would have the serial number {serial}."
        taken.add(key)
    return ""


def _check_serial(asset: Asset, name: str, given: Given) -> None:
    if name == "receive" and given.get("serial_number"):
        before, asset.serial_number = asset.serial_number, given["serial_number"].strip().upper()
        try:
            refuse(asset)
        finally:
            asset.serial_number = before


def _make(name: str, moving: Sequence[tuple[Asset, Given]], deed: ChangeSet, making: Deed) -> None:
    """Write what passed the guards: the assets, their evidence, their custody and their history."""
    assets = [asset for asset, _ in moving]
    given_to = {asset.pk: given for asset, given in moving}
    before = snapshot(assets)
    evidence = [row for asset, given in moving for row in bring_about(name, asset, given, making)]
    save_moved(assets)
    record(deed, assets, before, move=name)
    _keep(deed, evidence)
    custody.follow(deed, assets, _handed(name, given_to, making.known))
    for asset, given in moving:
        if given.get("ticket"):
            link_raised(asset, given["ticket"], by=making.by, now=making.now)
    if name == "lose":
        _report(moving, making)
    if name == "find":
        call_off(deed, assets)
    index_assets(assets)
    tell_moved(deed, name, assets)


def tell_moved(deed: ChangeSet, name: str, assets: Sequence[Asset]) -> None:
    """Let what follows assets hear of their move, in its transaction."""
    for follow in settings.ASSET_MOVED:
        import_string(follow)(deed, name, assets)


def _handed(name: str, given_to: Mapping[int, Given], known: Known) -> Callable[[Asset], custody.Handing]:
    return lambda asset: handing_of(name, asset, given_to[asset.pk], known)


def save_moved(assets: Sequence[Asset]) -> None:
    """Write what moves set, unless somebody was quicker: a write raises the version, which so stands for the state."""
    names = [name.removesuffix("_id") for name in CHANGED]
    rows = [[asset.pk, asset.version, *(getattr(asset, name) for name in CHANGED)] for asset in assets]
    try:
        with transaction.atomic():
            written = bulk.update(Asset, names, rows)
    except IntegrityError as error:
        raise MoveRefused("Another asset has been given this serial number just now.") from error
    if written != len(rows):
        raise MoveRefused("Somebody has changed one of these just now. Look at it again.")
    for asset in assets:
        asset.version += 1


def _keep(deed: ChangeSet, evidence: Iterable[Model]) -> None:
    kinds: defaultdict[type[Model], list[Model]] = defaultdict(list)
    for row in evidence:
        kinds[type(row)].append(row)
    for kind, rows in kinds.items():
        record(deed, kind._default_manager.bulk_create(rows, batch_size=BATCH))


def _report(moving: Sequence[tuple[Asset, Given]], making: Deed) -> None:
    """One security incident for what was lost at once, a council each, because each looks after its own."""
    if making.by is None:
        raise PermissionDenied("A person must say what happened.")
    by_council = sorted(moving, key=lambda pair: (pair[0].council_id, str(pair[1]["what_happened"])))
    for (_, what_happened), lost in groupby(
        by_council, key=lambda pair: (pair[0].council_id, str(pair[1]["what_happened"]))
    ):
        report_lost([asset for asset, _ in lost], what_happened, by=making.by, now=making.now)


def _reason(name: str, given: Given) -> str:
    """Why, for the history that all readers of the register see. What happened to a lost one is for its incident."""
    return "" if name == "lose" else str(given.get("reason") or given.get("note") or "")

"""What is due back: who has it, since when, who was asked for it, and how it ends.

What a leaver still has and what is still out after its loan is found each day; a swap says of the old one by when it is
expected, and anybody of the desk may ask for something. The product reminds in steps of working days, each once: first
whoever has it, then their manager, then those who keep the register. A
leaver has no account any more, so what is for them goes to their manager. It ends in the very deed by which the asset
comes in or is lost, whichever way that is done; what was replaced goes on when somebody else gets it, and what has a
day yet comes forward when its person leaves.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from assets.disposal.models import Chase, DueBack
from assets.disposal.querysets import REPLACED, DueBackQuerySet
from assets.register.facts import what_it_is
from assets.register.lifecycle import AssetState, MoveRefused
from assets.register.models import Asset, Loan
from assets.register.workflow import move as move_asset
from servicedesk import wording
from servicedesk.history.editing import Stale
from servicedesk.history.models import ChangeSet
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.notifications.outbox import post
from servicedesk.people.access import require
from servicedesk.people.holders import holders_of
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission
from servicedesk.service_levels.working_days import WorkingDays

EVENT = "kit_due_back"
RELATED = (
    "council",
    "asset__model",
    "asset__manufacturer",
    "asset__holder__line_manager",
    "person__line_manager",
    "asked_by",
    "ended_by",
)
STATES = (AssetState.IN_USE, AssetState.IN_REPAIR)
WITHIN = 60
"""Working days within which somebody brings back what they are asked for."""


class Step(NamedTuple):
    """After how many working days who is reminded."""

    days: int
    whom: str


STEPS = (Step(0, "holder"), Step(5, "manager"), Step(10, "keepers"))


def expect(
    assets: Iterable[Asset],
    *,
    by: Person | None,
    why: str,
    due_on: date,
    person: Person | None = None,
    note: str = "",
    now: datetime | None = None,
) -> list[DueBack]:
    """Ask assets back from the people who have them, or from the `person` who took them away. What nobody has is left
    out, and what is due back already stays as it is."""
    with change_set(by=by, now=now) as deed:
        held = Asset.objects.select_for_update(of=("self",)).select_related("holder", "council")
        found = list(held.filter(pk__in=[asset.pk for asset in assets], state__in=STATES).order_by("pk"))
        _settle(deed, found)
        awaited = DueBack.objects.filter(asset__in=found, state=DueBack.State.OPEN)
        there = set(awaited.values_list("asset", flat=True))
        rows = [
            DueBack(
                council=asset.council,
                asset=asset,
                person=person or asset.holder,
                why=why,
                note=note[:200],
                due_on=due_on,
                asked_by=by,
                asked_at=deed.at,
            )
            for asset in found
            if (person or asset.holder) and asset.pk not in there
        ]
        DueBack.objects.bulk_create(rows)
        record(deed, rows)
    return rows


def ask_back(asset: Asset, *, by: Person, due_on: date, note: str, now: datetime | None = None) -> DueBack:
    """Ask somebody for what they have, by a day and for a reason. Raises PermissionDenied, MoveRefused or
    ValidationError."""
    require(by, Permission.MOVE_ASSETS, asset)
    now = now or timezone.now()
    if not note.strip():
        raise ValidationError({"note": "Enter why it must come back"})
    if wrong := wrong_day(asset.council_id, due_on, timezone.localdate(now)):
        raise ValidationError({"due_on": wrong})
    rows = expect([asset], by=by, why=DueBack.Why.OTHER, due_on=due_on, note=note.strip(), now=now)
    if not rows:
        raise MoveRefused(f"{asset} is due back already, or nobody has it.")
    return rows[0]


def wrong_day(council: int, due_on: date, today: date) -> str:
    """Why something cannot be due back on a day: nothing where it can."""
    if due_on < today:
        return "The day must not be in the past"
    last = WorkingDays().after(council, today, WITHIN)
    said = f"The day must be within {WITHIN} working days, by {wording.day(last)}"
    return said if due_on > last else ""


def keep_chasing(now: datetime | None = None) -> int:
    """What runs each day: end what is settled, find what is due back now, remind. Returns how many were reminded."""
    now = now or timezone.now()
    today = timezone.localdate(now)
    settle(now)
    for asset, why, due_on in found_due(today):
        if not expect([asset], by=None, why=why, due_on=due_on, now=now):
            _bring_forward(asset, due_on, now)
    days = WorkingDays()
    return sum(_remind(row, days, now) for row in DueBack.objects.open().select_related(*RELATED))


def found_due(today: date) -> list[tuple[Asset, str, date]]:
    """What leavers still have, and what is out after the last day of its loan, and nobody is asked for yet."""
    awaited = DueBack.objects.filter(asset=OuterRef("pk"), state=DueBack.State.OPEN, due_on__lte=today)
    out = Asset.objects.filter(state__in=STATES).exclude(Exists(awaited)).select_related("holder", "council")
    left = out.filter(Q(holder__employed_to__lt=today) | Q(holder__is_active=False)).order_by("pk")
    found: list[tuple[Asset, str, date]] = [
        (asset, DueBack.Why.LEAVER, _left_on(asset.holder, today)) for asset in left
    ]
    taken = {asset.pk for asset, _, _ in found}
    loans = Loan.objects.overdue(today).filter(asset__in=out, asset__holder=F("person"))
    found += [
        (loan.asset, DueBack.Why.LOAN, loan.ends_on)
        for loan in loans.select_related("asset__holder", "asset__council").order_by("pk")
        if loan.asset_id not in taken
    ]
    return found


def _bring_forward(asset: Asset, due_on: date, now: datetime) -> None:
    """What was due back later is so now: its person has left, or the loan is over."""
    with change_set(by=None, now=now) as deed:
        list(Asset.objects.select_for_update().filter(pk=asset.pk).values_list("pk"))
        later = DueBack.objects.select_for_update().filter(
            asset=asset, state=DueBack.State.OPEN, due_on__gt=due_on
        )
        for row in later:
            before = snapshot([row])
            row.due_on, row.version = due_on, row.version + 1
            row.save(update_fields=["due_on", "version"])
            record(deed, [row], before)


def _left_on(person: Person | None, today: date) -> date:
    return min(person.employed_to, today) if person and person.employed_to else today


def settle(now: datetime) -> None:
    """End or pass on what is no longer with whoever must bring it back, as the asset itself says."""
    for row in DueBack.objects.over().order_by("pk"):
        with change_set(by=None, now=now) as deed:
            _settle(deed, [row.asset])


def follow(deed: ChangeSet, name: str, assets: Sequence[Asset]) -> None:
    """ASSET_MOVED: in the transaction of the move, nothing is due back any more that has come in or is lost. What was
    replaced is due back from whoever has it now."""
    _settle(deed, assets)


def _settle(deed: ChangeSet, assets: Sequence[Asset]) -> None:
    rows = DueBack.objects.over().filter(asset__in=[asset.pk for asset in assets]).order_by("pk")
    for one in map(_held, list(rows)):
        if one.state != DueBack.State.OPEN:
            continue
        if one.why in REPLACED and one.asset.holder and one.asset.state in STATES:
            _pass_on(deed, one, one.asset.holder)
        else:
            _end(deed, one, _as_it_is(one.asset))


def _pass_on(deed: ChangeSet, row: DueBack, person: Person) -> None:
    """Somebody else has what must come in: they are told, where whoever had it was told already."""
    before = snapshot([row])
    row.person, row.version = person, row.version + 1
    row.save(update_fields=["person", "version"])
    record(deed, [row], before)
    if row.chases.filter(how=Chase.How.REMINDER).exists():
        _tell(deed, row, None, f"due back {row.pk} passed on {row.version}")


def _as_it_is(asset: Asset) -> str:
    """What the asset says of how it ended."""
    if asset.state == AssetState.LOST_STOLEN:
        return DueBack.State.LOST
    return DueBack.State.CALLED_OFF if asset.state == AssetState.IN_USE else DueBack.State.BACK


def bring_back(
    row: DueBack,
    *,
    by: Person,
    condition: str,
    note: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> DueBack:
    """It is back, in this condition: the register takes it back in the same transaction. Raises as `move` does."""
    with change_set(by=by, reason=note, now=now) as deed:
        row = _end(deed, _opened(row, version), DueBack.State.BACK, note)
        given = {name: said for name, said in (("condition", condition), ("note", note)) if said}
        move_asset(row.asset, "return", by=by, given=given, now=deed.at)
    return row


def lose(
    row: DueBack, *, by: Person, what_happened: str, version: int | None = None, now: datetime | None = None
) -> DueBack:
    """It will not come back: the register opens a security incident in the same transaction. Raises as `move` does."""
    with change_set(by=by, now=now) as deed:
        row = _end(deed, _opened(row, version), DueBack.State.LOST)
        move_asset(row.asset, "lose", by=by, given={"what_happened": what_happened}, now=deed.at)
    return row


def call_off(
    row: DueBack, *, by: Person, reason: str, version: int | None = None, now: datetime | None = None
) -> DueBack:
    """Nobody expects it any more, and why. Raises PermissionDenied, MoveRefused, Stale or ValidationError."""
    require(by, Permission.EDIT_ASSETS, row)
    if not reason.strip():
        raise ValidationError({"reason": "Enter why it need not come back"})
    with change_set(by=by, now=now) as deed:
        return _end(deed, _opened(row, version), DueBack.State.CALLED_OFF, reason.strip())


def chased_by_hand(
    row: DueBack, *, by: Person, note: str, version: int | None = None, now: datetime | None = None
) -> Chase:
    """Write down that one has asked for it, and how. Raises PermissionDenied, MoveRefused or ValidationError."""
    require(by, Permission.MOVE_ASSETS, row)
    if not note.strip():
        raise ValidationError({"note": "Enter whom you asked, and what they said"})
    with change_set(by=by, now=now) as deed:
        row = _opened(row, version)
        chase = Chase.objects.create(
            due_back=row, person=row.person, how=Chase.How.BY_HAND, note=note.strip(), by=by, at=deed.at
        )
        record(deed, [chase])
        return chase


def _opened(row: DueBack, version: int | None) -> DueBack:
    """It as it is now, held after its asset, as a move holds them."""
    list(Asset.objects.select_for_update().filter(pk=row.asset_id).values_list("pk"))
    held = _held(row)
    if version is not None and held.version != version:
        raise Stale(held)
    if held.state != DueBack.State.OPEN:
        raise MoveRefused(f"{held} is not due back any more: {held.get_state_display().lower()}.")
    return held


def _held(row: DueBack) -> DueBack:
    return DueBack.objects.select_for_update(of=("self",)).select_related(*RELATED).get(pk=row.pk)


def _end(deed: ChangeSet, row: DueBack, state: str, note: str = "") -> DueBack:
    before = snapshot([row])
    row.state, row.ended_by_id, row.ended_at, row.end_note = state, deed.by_id, deed.at, note[:200]
    row.version += 1
    row.save(update_fields=["state", "ended_by", "ended_at", "end_note", "version"])
    record(deed, [row], before, move=str(state))
    return row


def _remind(row: DueBack, days: WorkingDays, now: datetime) -> int:
    """Each step whose day has come and that was not made; it is one deed with its message."""
    today = timezone.localdate(now)
    if today < row.due_on:
        return 0
    late = days.since(row.council_id, row.due_on, today)
    made = set(row.chases.filter(how=Chase.How.REMINDER).values_list("step", flat=True))
    return sum(_make(row, at, now) for at, step in enumerate(STEPS) if step.days <= late and at not in made)


def _make(row: DueBack, at: int, now: datetime) -> int:
    with transaction.atomic(), change_set(by=None, now=now) as deed:
        return _tell(deed, row, at, f"due back {row.pk} {at}")


def _tell(deed: ChangeSet, row: DueBack, step: int | None, cause: str) -> int:
    """Tell who is told at a step, the first one where it is none of them, and write it down."""
    people = _whom(row, STEPS[step or 0].whom)
    told = post(
        people,
        EVENT,
        about=row,
        council=row.council,
        subject=f"{'Reminder: ' if step else ''}{what_it_is(row.asset)} is due back",
        body=_letter(row),
        cause=cause,
        by=None,
        now=deed.at,
    )
    chase = Chase.objects.create(
        due_back=row,
        person=people[0] if len(people) == 1 else None,
        how=Chase.How.REMINDER,
        step=step,
        note=", ".join(str(person) for person in people)[:200] or "Nobody could be told",
        at=deed.at,
    )
    record(deed, [chase])
    return told


def _whom(row: DueBack, whom: str) -> list[Person]:
    """Who is told at a step. Where there is none, those who keep the register are."""
    manager = row.person.line_manager
    if whom == "holder" and row.person.is_active and row.person.email:
        return [row.person]
    if whom != "keepers" and manager and manager.is_active:
        return [manager]
    keepers = holders_of(Permission.EDIT_ASSETS, row.council_id).values("person")
    return list(Person.objects.filter(pk__in=keepers, is_active=True).order_by("pk"))


def _letter(row: DueBack) -> str:
    return (
        f"{what_it_is(row.asset)}, {row.asset}, was due back on {wording.day(row.due_on)}. "
        f"{row.person} has it, by the register of {row.council}.\n\n"
        f"{row.get_why_display()}. Bring it to the IT desk, or tell the desk where it is."
    )


def seen(person: Person) -> DueBackQuerySet:
    """What is due back of the registers that the person reads, the longest due first."""
    return DueBack.objects.visible_to(person).select_related(*RELATED)


class Told(NamedTuple):
    """What is due back, how many working days it is late, and who was asked for it, the last first."""

    row: DueBack
    late: int
    chases: list[Chase]


def with_chases(rows: Iterable[DueBack], today: date) -> list[Told]:
    """The same rows, with what was done about each in one question."""
    rows, days = list(rows), WorkingDays()
    chases: dict[int, list[Chase]] = {row.pk: [] for row in rows}
    for chase in Chase.objects.filter(due_back__in=rows).select_related("by", "person"):
        chases[chase.due_back_id].append(chase)
    return [Told(row, days.since(row.council_id, row.due_on, today), chases[row.pk]) for row in rows]

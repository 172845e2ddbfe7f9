"""Approval of a batch by each council that pays for it, never by who had a hand in it.

What was approved is an amount. Where the plan goes beyond it by more than the tolerance of the batch, the council is
asked again, and until it has answered nothing is ordered, begun or allocated for it.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError

from assets.batches.costing import covers, most, paying, planned
from assets.batches.counting import Counts, counts_of
from assets.batches.duties import hands_of, why_not
from assets.batches.models import Batch, BatchApproval, BatchCouncil, BatchLine
from assets.batches.states import AT_WORK, BatchState
from assets.batches.supply import Supplies, supplies_of
from assets.register.lifecycle import MoveRefused
from servicedesk import wording
from servicedesk.history.editing import Stale
from servicedesk.history.models import ChangeSet
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.people.access import may, require
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission

Decision = BatchApproval.Decision
MOST_MONEY = Decimal("9999999999.99")
"""The most that a sum of a batch may be, by its columns."""


class Approval(NamedTuple):
    """Where one paying council stands: what it is asked to spend, and its last word, if it has said one."""

    council: Council
    cost: Decimal
    word: BatchApproval | None
    approved: Decimal | None
    is_given: bool


def lines_of(batch: Batch) -> list[BatchLine]:
    return list(batch.lines.select_related("council").order_by("council__code", "category", "pk"))


def spending(
    batch: Batch,
    counts: Counts,
    lines: list[BatchLine] | None = None,
    supplies: Supplies | None = None,
) -> dict[int, Decimal]:
    """What each paying council spends by the plan."""
    lines = lines_of(batch) if lines is None else lines
    known = supplies_of(lines) if supplies is None else supplies
    return {
        council: planned([line for line in lines if line.council_id == council], counts, known)
        for council in paying(lines, counts)
    }


def limit_of(batch: Batch, council: int) -> Decimal | None:
    """The most that a council's part may cost by what it approved; None where it approved nothing."""
    part = BatchCouncil.objects.filter(batch=batch, council=council).first()
    if part is None or part.approved is None:
        return None
    return most(part.approved, batch.tolerance_percent)


def approvals_of(
    batch: Batch, counts: Counts | None = None, supplies: Supplies | None = None
) -> list[Approval]:
    """Each paying council, in the order of their codes."""
    sums = spending(batch, counts or counts_of(batch), list(batch.lines.all()), supplies)
    words = {word.council_id: word for word in batch.approvals.all() if word.is_current}
    found = []
    for part in sorted(batch.paying.all(), key=lambda part: part.council.code):
        if part.council_id not in sums:
            continue
        word, cost = words.get(part.council_id), sums[part.council_id]
        yes = word is not None and word.decision == Decision.APPROVED
        given = yes and covers(part.approved, cost, batch.tolerance_percent)
        found.append(Approval(part.council, cost, word, part.approved, given))
    return found


def missing_of(batch: Batch, counts: Counts | None = None) -> list[Council]:
    """The councils whose approval is missing, or does not cover the plan any more."""
    return [one.council for one in approvals_of(batch, counts) if not one.is_given]


def refuse_unwritable(amount: Decimal, council: Council, by: Person) -> None:
    """Refuse a sum that is beyond what is written down: some price in it is wrong. It is told to whoever sees the
    council's money alone. Raises MoveRefused."""
    if abs(amount) <= MOST_MONEY:
        return
    if may(by, Permission.SEE_ASSET_MONEY, council.pk):
        raise MoveRefused(f"It comes to {wording.money(amount)}, which cannot be right. Check the prices.")
    raise MoveRefused(f"What it comes to for {council} cannot be right. Its prices must be checked.")


def waits_for(councils: list[Council]) -> str:
    names = " and ".join(council.name for council in councils)
    return f"{names} {'has' if len(councils) == 1 else 'have'} not approved what it costs yet."


def needs_reference(cost: Decimal) -> bool:
    """Whether a decision of the council must be named: over a set sum."""
    return cost > settings.BATCH_DECISION_OVER


def approve(
    batch: Batch,
    council: Council,
    *,
    by: Person,
    amount: Decimal | None = None,
    decision_reference: str = "",
    reason: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> BatchApproval:
    """Approve what a batch costs one council; the last of the approvals approves a batch that waits for them.

    `amount` is what the approver read. Raises PermissionDenied, MoveRefused, Stale, or ValidationError by field.
    """
    require(by, Permission.APPROVE_SPENDING, council)
    with change_set(by=by, now=now) as deed:
        batch = _held(batch, version)
        waiting = _asked(batch, council, by)
        if waiting.is_given:
            raise MoveRefused(_given_already(batch, council))
        if amount is not None and amount != waiting.cost:
            raise MoveRefused("What it costs was changed while you were looking at it. Look at it again.")
        if needs_reference(waiting.cost) and not decision_reference.strip():
            over = wording.money(settings.BATCH_DECISION_OVER)
            raise ValidationError(
                {"decision_reference": f"Enter the reference of the decision: it is needed over {over}"}
            )
        word = _say(deed, batch, waiting, Decision.APPROVED, by, reason, decision_reference)
        if batch.state == BatchState.SUBMITTED and not missing_of(batch):
            set_state(deed, batch, "approve", BatchState.APPROVED)
    return word


def reject(
    batch: Batch,
    council: Council,
    *,
    by: Person,
    reason: str,
    version: int | None = None,
    now: datetime | None = None,
) -> BatchApproval:
    """Say no for one council, which rejects the batch. Raises PermissionDenied, MoveRefused, Stale, ValidationError."""
    require(by, Permission.APPROVE_SPENDING, council)
    with change_set(by=by, reason=reason.strip(), now=now) as deed:
        batch = _held(batch, version)
        waiting = _asked(batch, council, by)
        if batch.state != BatchState.SUBMITTED:
            raise MoveRefused(f"{batch} is {batch.get_state_display().lower()}, so it cannot be rejected.")
        if not reason.strip():
            raise ValidationError({"reason": "Enter why it is rejected"})
        word = _say(deed, batch, waiting, Decision.REJECTED, by, reason)
        set_state(deed, batch, "reject", BatchState.REJECTED)
    return word


def set_state(deed: ChangeSet, batch: Batch, move: str, state: str, **values: Any) -> None:
    """Write a move of a batch that is held."""
    before = snapshot([batch])
    for name, value in {"state": state, "state_since": deed.at, **values}.items():
        setattr(batch, name, value)
    batch.version += 1
    batch.save(update_fields=["state", "state_since", "version", *values])
    record(deed, [batch], before, move=move)


def forget_words(deed: ChangeSet, batch: Batch) -> None:
    """A plan that is changed is asked about anew: what was said of the old one stands in its history."""
    words = list(batch.approvals.filter(is_current=True).select_related("batch", "council", "decided_by"))
    parts = list(batch.paying.exclude(approved=None).select_related("batch", "council"))
    _retire(deed, words)
    before = snapshot(parts)
    for part in parts:
        part.approved, part.version = None, part.version + 1
        part.save(update_fields=["approved", "version"])
    record(deed, parts, before)


def _held(batch: Batch, version: int | None) -> Batch:
    batch = (
        Batch.objects.select_related("council", "owner", "submitted_by", "programme")
        .select_for_update(of=("self",))
        .get(pk=batch.pk)
    )
    if version is not None and version != batch.version:
        raise Stale(batch)
    return batch


def _asked(batch: Batch, council: Council, by: Person) -> Approval:
    """What waits for the word of this person for the council. Raises PermissionDenied or MoveRefused."""
    if refused := why_not(by, batch, council, hands_of(batch, council)):
        raise PermissionDenied(refused)
    if batch.state != BatchState.SUBMITTED and batch.state not in AT_WORK:
        raise MoveRefused(f"{batch} is {batch.get_state_display().lower()}, so there is nothing to approve.")
    found = [one for one in approvals_of(batch) if one.council.pk == council.pk]
    if not found:
        raise MoveRefused(f"{council} pays for nothing in {batch}.")
    return found[0]


def _given_already(batch: Batch, council: Council) -> str:
    others = missing_of(batch)
    return f"{council} has approved {batch} already." + (f" {waits_for(others)}" if others else "")


def _say(
    deed: ChangeSet,
    batch: Batch,
    waiting: Approval,
    decision: str,
    by: Person,
    reason: str,
    decision_reference: str = "",
) -> BatchApproval:
    """Write the word of a council in the place of its last, and what it has approved with it."""
    refuse_unwritable(waiting.cost, waiting.council, by)
    _retire(deed, [waiting.word] if waiting.word else [])
    word = BatchApproval.objects.create(
        batch=batch,
        council=waiting.council,
        decision=decision,
        amount=waiting.cost,
        decision_reference=decision_reference.strip(),
        reason=reason.strip(),
        decided_by=by,
        decided_at=deed.at,
    )
    record(deed, [word])
    part = BatchCouncil.objects.select_related("batch", "council").get(batch=batch, council=waiting.council)
    approved = waiting.cost if decision == Decision.APPROVED else None
    if part.approved != approved:
        before = snapshot([part])
        part.approved, part.version = approved, part.version + 1
        part.save(update_fields=["approved", "version"])
        record(deed, [part], before)
    return word


def _retire(deed: ChangeSet, words: list[BatchApproval]) -> None:
    before = snapshot(words)
    for word in words:
        word.is_current = False
        word.save(update_fields=["is_current"])
    record(deed, words, before)

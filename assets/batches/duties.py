"""Who may say yes or no to what a batch costs a council: whoever approves its budget and had no hand in it."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import Max, OuterRef, Subquery

from assets.batches.models import Batch, BatchApproval, BatchItem, BatchLine, LineOrder
from servicedesk.history.models import Change
from servicedesk.people.access import may
from servicedesk.people.holders import holders_of
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission

Hands = dict[int, str]
"""What each person, by key, did to it, as it is told to them."""
BOUGHT = "changed what it buys or what that costs"


def hands_in(batches: Iterable[Batch]) -> dict[tuple[int, int], Hands]:
    """Who had a hand in what each council is asked to spend, by batch and council.

    The owner, whoever owned it before and whoever submitted it always have. Whoever confirmed assets, changed a line,
    linked an order to one or took it off has until the council's next word: what others agreed to is not asked any
    more.
    """
    batches = list(batches)
    words = BatchApproval.objects.filter(batch__in=batches, is_current=True)
    said = {(word.batch_id, word.council_id): word.decided_at for word in words}
    found: dict[tuple[int, int], Hands] = {}
    for key, person, last, what in _done(batches):
        if key not in said or last > said[key]:
            found.setdefault(key, {})[person] = what
    passed_on = _earlier_owners(batches)
    for batch in batches:
        for part in batch.paying.all():
            mine = found.setdefault((batch.pk, part.council_id), {})
            mine |= dict.fromkeys(passed_on.get(batch.pk, ()), "owned it")
            if batch.submitted_by_id:
                mine[batch.submitted_by_id] = "submitted it"
            mine[batch.owner_id] = "own it"
    return found


def hands_of(batch: Batch, council: Council) -> Hands:
    return hands_in([batch]).get((batch.pk, council.pk), {})


def may_decide(person: Person, council: Council, hands: Hands) -> bool:
    """Whether the person may say yes or no for the council."""
    return may(person, Permission.APPROVE_SPENDING, council.pk) and person.pk not in hands


def why_not(person: Person, batch: Batch, council: Council, hands: Hands) -> str:
    """Why somebody who approves the council's budget may not decide, and who can; "" where they may."""
    if person.pk not in hands:
        return ""
    who = holders_of(Permission.APPROVE_SPENDING, council.pk).exclude(person__in=hands)
    others = Person.objects.filter(pk__in=who.values("person"), is_active=True).order_by("display_name", "pk")
    can = " or ".join(str(one) for one in others)
    told = f"{can} can." if can else "Nobody else approves its budget: an administrator can give the role."
    return f"Somebody else must approve {batch} for {council}, because you {hands[person.pk]}. {told}"


def _earlier_owners(batches: list[Batch]) -> dict[int, list[int]]:
    """By batch, whoever has passed it on."""
    changes = Change.objects.filter(
        kind=Batch._meta.label_lower, object_id__in=[batch.pk for batch in batches], move="pass_on"
    )
    found: dict[int, list[int]] = {}
    for batch, owner in changes.values_list("object_id", "fields__owner__0"):
        found.setdefault(batch, []).append(owner)
    return found


def _done(batches: list[Batch]) -> Iterator[tuple[tuple[int, int], int, datetime, str]]:
    """Each deed by which a person has a hand: in which batch and council, when for the last time, and what it was."""
    of = {"batch__in": batches}
    lines = BatchLine.objects.filter(**of)
    kinds: list[tuple[Any, str, str, dict[str, str]]] = [
        (BatchItem.objects.filter(**of), "", "confirmed assets for it", {"move": "confirm"}),
        (lines, "", BOUGHT, {}),
        (LineOrder.objects.filter(line__in=lines), "line__", BOUGHT, {}),
    ]
    for rows, way, what, more in kinds:
        one = rows.model.objects.filter(pk=OuterRef("object_id"))
        changes = Change.objects.filter(
            kind=rows.model._meta.label_lower, object_id__in=rows.values("pk"), **more
        )
        told = changes.exclude(change_set__by_id=None).annotate(
            of=Subquery(one.values(f"{way}batch")), whose=Subquery(one.values(f"{way}council"))
        )
        deeds = told.order_by().values_list("of", "whose", "change_set__by_id")
        for batch, council, person, last in deeds.annotate(last=Max("change_set__at")):
            yield (batch, council), person, last, what
    where = {pk: (batch, council) for pk, batch, council in lines.values_list("pk", "batch", "council")}
    links = Change.objects.filter(kind=LineOrder._meta.label_lower, action=Change.Action.REMOVE)
    unlinked = links.filter(fields__line__0__in=[*where]).exclude(change_set__by_id=None).order_by("pk")
    told_of: Any = unlinked.values_list("fields__line__0", "change_set__by_id", "change_set__at")
    for line, person, at in told_of:
        yield where[line], person, at, BOUGHT

"""Trying to send, again and again, until it went: what messages and deliveries have in common.

Who sends a row holds it by a lease, and by the number of its attempt: of two senders one gets it, and whoever comes
back from the dead after the lease has ended can no longer say how the row fared.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, QuerySet
from django.utils import timezone

from servicedesk.notifications.models import Sending

LEASE = timedelta(minutes=2)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=12)
MOST_ATTEMPTS = 15
"""Together some two and a half days."""
ENDED = (Sending.State.SENT, Sending.State.WITHHELD, Sending.State.FAILED)
UNSENT = (Sending.State.WAITING, Sending.State.SENDING)
DIED = "Whatever sends it died each time that it tried."


@dataclass(frozen=True)
class Outcome:
    """How one attempt went: a state to end in, or WAITING to try again; the problem is a sentence."""

    state: str
    problem: str = ""
    more: dict[str, Any] | None = None


SENT, WITHHELD = Outcome(Sending.State.SENT), Outcome(Sending.State.WITHHELD)


def again(problem: str, **more: Any) -> Outcome:
    """It did not go this time."""
    return Outcome(Sending.State.WAITING, problem, more)


def never(problem: str, **more: Any) -> Outcome:
    """It will not go at all."""
    return Outcome(Sending.State.FAILED, problem, more)


def wait_after(attempts: int) -> timedelta:
    """One minute after the first attempt, twice as long after each more, up to twelve hours."""
    return min(FIRST_WAIT * 2 ** min(attempts - 1, 20), LONGEST_WAIT)


def claimed(rows: QuerySet, clock: Callable[[], datetime] = timezone.now) -> Iterator[Any]:
    """Each row whose time has come, the one that waits longest first, held by us while the caller sends it."""
    while (row := _claim(rows, clock())) is not None:
        yield row


def settle(row: Any, outcome: Outcome, now: datetime) -> bool:
    """Write down how the attempt went. False where the row was no longer ours."""
    state, problem = outcome.state, outcome.problem[:300]
    if state == Sending.State.WAITING and row.attempts >= MOST_ATTEMPTS:
        state = Sending.State.FAILED
    ended = state in ENDED
    fields: dict[str, Any] = {"state": state, "problem": problem, "ended_at": now if ended else None}
    if not ended:
        fields["next_try_at"] = now + wait_after(row.attempts)
    ours = type(row).objects.filter(pk=row.pk, state=Sending.State.SENDING, attempts=row.attempts)
    return bool(ours.update(**fields, **(outcome.more or {})))


def try_again(row: Sending, now: datetime) -> bool:
    """Begin afresh with what failed or waits for its next attempt. False where it is being sent or has ended."""
    fresh = {"state": Sending.State.WAITING, "attempts": 0, "next_try_at": now, "ended_at": None}
    return _still(row, Sending.State.FAILED, Sending.State.WAITING).update(**fresh) > 0


def give_up(row: Sending, now: datetime) -> bool:
    """Stop trying. False where it is being sent or has ended."""
    ended = {"state": Sending.State.FAILED, "ended_at": now}
    return _still(row, Sending.State.WAITING).update(**ended) > 0


def _still(row: Sending, *states: str) -> QuerySet:
    return type(row)._default_manager.filter(pk=row.pk, state__in=states)


def _claim(rows: QuerySet, now: datetime) -> Any | None:
    due = rows.filter(state__in=UNSENT, next_try_at__lte=now)
    due.filter(attempts__gte=MOST_ATTEMPTS).update(state=Sending.State.FAILED, ended_at=now, problem=DIED)
    while (found := due.order_by("next_try_at", "pk").values_list("pk", "attempts").first()) is not None:
        pk, attempts = found
        mine = due.filter(pk=pk, attempts=attempts).update(
            state=Sending.State.SENDING, attempts=F("attempts") + 1, next_try_at=now + LEASE
        )
        if mine:
            return rows.get(pk=pk)
    return None

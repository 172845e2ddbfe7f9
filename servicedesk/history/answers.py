"""What was answered to a request that carried a key, so that the same one gets the same: see `models.Answer`."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from servicedesk.history.models import Answer

KEPT = timedelta(hours=24)
ABANDONED = timedelta(minutes=5)
"""A claim that has no answer by then is that of a server that died, which wrote nothing."""


class ClaimLost(Exception):
    """The claim was given to another while we served the request: undo what we did."""


def claim(by: int, key: str, request: str, now: datetime) -> Answer | None:
    """The key for ourselves: one that is new, that was forgotten, or whose server died. None where another has it."""
    try:
        with transaction.atomic():
            return Answer.objects.create(by_id=by, key=key, request=request, at=now)
    except IntegrityError:
        free = Q(at__lt=now - KEPT) | Q(status=None, at__lt=now - ABANDONED)
        ours = {"request": request, "at": now, "status": None, "headers": {}, "body": ""}
        taken = Answer.objects.filter(free, by_id=by, key=key).update(**ours)
        return answered(by, key) if taken else None


def answered(by: int, key: str) -> Answer | None:
    """What was answered to the key, or that it is under way."""
    return Answer.objects.filter(by_id=by, key=key).first()


def keep(claim: Answer, *, status: int, headers: dict[str, str], body: str) -> None:
    """Write down the answer, in the transaction of what the request did. Raises ClaimLost."""
    if not _held(claim).update(status=status, headers=headers, body=body):
        raise ClaimLost


def release(claim: Answer) -> None:
    """Let the key be used again, because nothing was done."""
    _held(claim).delete()


def forget_answers(now: datetime | None = None) -> int:
    """Forget what was answered more than a day ago; runs each hour. Returns how many."""
    return Answer.objects.filter(at__lt=(now or timezone.now()) - KEPT).delete()[0]


def _held(claim: Answer):
    return Answer.objects.filter(pk=claim.pk, at=claim.at, status=None)

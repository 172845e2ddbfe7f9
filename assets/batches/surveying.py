"""After a swap: a check list two hours later, and on the next working day the question how it went. Once for an item.

Letters wait for the hours of their person, as every letter does. What was not followed up within a week is not asked
about any more.
"""

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from assets.batches.models import BatchItem, SwapSurvey
from assets.batches.survey_letters import tell_asked, tell_check_list
from assets.register.lifecycle import MoveRefused
from servicedesk.history.editing import Stale
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.people.models import Person
from servicedesk.service_levels.working_days import WorkingDays
from servicedesk.tickets.satisfying import MENDED_WITHIN, SCORES

CHECKED_AFTER, FORGOTTEN_AFTER = timedelta(hours=2), timedelta(days=7)
ASKED_AFTER = 1
"""Working days of the council's desk."""
RELATED = ("council", "person", "item__batch", "item__asset", "item__replacement__model__manufacturer")


def follow_up(now: datetime | None = None) -> int:
    """Run often. Run twice it tells nobody twice. Returns how many were told."""
    now = now or timezone.now()
    return send_check_lists(now) + ask_how_it_went(now)


def send_check_lists(now: datetime) -> int:
    """Send whoever got a new device two hours ago what to look at."""
    lately = BatchItem.objects.filter(
        swapped_at__range=(now - FORGOTTEN_AFTER, now - CHECKED_AFTER),
        survey=None,
        replacement__holder__is_active=True,
    )
    told = 0
    for item in lately.select_related("council", "replacement__holder").order_by("pk"):
        with change_set(by=None, now=now) as deed:
            person = item.replacement.holder  # type: ignore[union-attr]
            row = SwapSurvey(council=item.council, item=item, person=person, checked_at=deed.at)
            row.save()
            record(deed, [row])
            told += tell_check_list(SwapSurvey.objects.select_related(*RELATED).get(pk=row.pk), now)
    return told


def ask_how_it_went(now: datetime) -> int:
    """Ask whoever was swapped on the working day before, and has not said it already."""
    today, days, told = timezone.localdate(now), WorkingDays(), 0
    waiting = SwapSurvey.objects.filter(asked_at=None, answered_at=None, item__swapped_at__isnull=False)
    for row in waiting.filter(checked_at__gt=now - FORGOTTEN_AFTER).select_related(*RELATED).order_by("pk"):
        swapped_on = timezone.localdate(row.item.swapped_at)
        if days.after(row.council_id, swapped_on, ASKED_AFTER) > today:
            continue
        taken = SwapSurvey.objects.filter(pk=row.pk, asked_at=None, answered_at=None)
        if taken.update(asked_at=now):
            told += tell_asked(row, now)
    return told


def is_open(row: SwapSurvey, now: datetime) -> bool:
    """Whether it may be answered, or the answer mended."""
    return row.answered_at is None or now <= row.answered_at + MENDED_WITHIN


def answer(
    row: SwapSurvey,
    *,
    by: Person,
    score: int,
    comment: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> SwapSurvey:
    """Say how it went, or mend for half a day what was said. Raises PermissionDenied, MoveRefused, Stale or
    ValidationError."""
    now = now or timezone.now()
    if row.person_id != by.pk:
        raise PermissionDenied("Only whoever got the new device says how it went.")
    if score not in SCORES:
        raise ValidationError({"score": "Choose a score from 1 to 5"})
    with change_set(by=by, now=now) as deed:
        row = SwapSurvey.objects.select_related(*RELATED).select_for_update(of=("self",)).get(pk=row.pk)
        if version is not None and version != row.version:
            raise Stale(row)
        if not is_open(row, now):
            raise MoveRefused("You have answered this, and it is too late to change that.")
        before = snapshot([row])
        row.score, row.comment, row.answered_at = score, comment.strip(), row.answered_at or deed.at
        row.version += 1
        row.save(update_fields=["score", "comment", "answered_at", "version"])
        record(deed, [row], before)
    return row

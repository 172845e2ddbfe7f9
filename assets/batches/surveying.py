"""After swaps: a check list two hours later, and on the next working day the question how it went.

Somebody is asked once for all that they got on a day. Letters wait for the hours of their person, as every letter does,
and the question waits until they have had two of them for the check list. Of what was not followed up within a week
nobody is asked any more.
"""

from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from assets.batches.models import BatchItem, SwapSurvey
from assets.batches.survey_letters import tell_asked, tell_check_list
from assets.register.lifecycle import MoveRefused
from servicedesk.history.editing import Stale
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.notifications.hours import openings
from servicedesk.people.models import Person
from servicedesk.service_levels.working_days import WorkingDays
from servicedesk.tickets.satisfying import MENDED_WITHIN, SCORES

CHECKED_AFTER, FORGOTTEN_AFTER = timedelta(hours=2), timedelta(days=7)
ASKED_AFTER = 1
"""Working days of the council's desk."""
LONGEST_CLOSED = timedelta(days=60)
"""No desk is closed for longer, so that what was swapped before is not looked at any more."""
RELATED = ("council", "person", "item__batch", "item__asset", "item__replacement__model__manufacturer")


def follow_up(now: datetime | None = None) -> int:
    """Run often. Run twice it tells nobody twice. Returns how many were told."""
    now = now or timezone.now()
    return send_check_lists(now) + ask_how_it_went(now)


def send_check_lists(now: datetime) -> int:
    """Send whoever got new devices, the first of a day two hours ago, what to look at."""
    followed = SwapSurvey.objects.filter(item=OuterRef("pk"), swapped_at=OuterRef("swapped_at"))
    lately = BatchItem.objects.filter(
        ~Exists(followed),
        swapped_at__range=(now - FORGOTTEN_AFTER, now - CHECKED_AFTER),
        replacement__holder__is_active=True,
    )
    told, asked = 0, _asked_already(now)
    for item in lately.select_related("council", "replacement__holder").order_by("swapped_at", "pk"):
        person: Person = item.replacement.holder  # type: ignore[union-attr,assignment]
        visit = person.pk, timezone.localdate(item.swapped_at)
        if visit in asked:
            continue
        asked.add(visit)
        with change_set(by=None, now=now) as deed:
            row = SwapSurvey(
                council=item.council,
                item=item,
                swapped_at=item.swapped_at,  # type: ignore[misc]
                person=person,
                checked_at=deed.at,
            )
            row.save()
            record(deed, [row])
            told += tell_check_list(SwapSurvey.objects.select_related(*RELATED).get(pk=row.pk), now)
    return told


def _asked_already(now: datetime) -> set[tuple[int, date]]:
    """Whom a check list went to, and for the swaps of which day."""
    since = now - FORGOTTEN_AFTER - timedelta(days=1)
    lately = SwapSurvey.objects.standing().filter(swapped_at__gt=since)
    return {(person, timezone.localdate(at)) for person, at in lately.values_list("person", "swapped_at")}


def ask_how_it_went(now: datetime) -> int:
    """Ask whoever was swapped on the working day before, and has not said it already."""
    today, days, told = timezone.localdate(now), WorkingDays(), 0
    waiting = SwapSurvey.objects.standing().filter(
        asked_at=None, answered_at=None, swapped_at__gt=now - LONGEST_CLOSED
    )
    for row in waiting.select_related(*RELATED).order_by("pk"):
        day = days.after(row.council_id, timezone.localdate(row.swapped_at), ASKED_AFTER)
        if not day <= today <= day + FORGOTTEN_AFTER:
            continue
        if now < openings([row.person], row.checked_at)[row.person_id] + CHECKED_AFTER:
            continue
        with transaction.atomic():
            taken = SwapSurvey.objects.filter(pk=row.pk, asked_at=None, answered_at=None)
            if taken.update(asked_at=now):
                told += tell_asked(row, now)
    return told


def stands(row: SwapSurvey) -> bool:
    """Whether the swap that it is about was not taken back."""
    return row.item.swapped_at == row.swapped_at


def is_open(row: SwapSurvey, now: datetime) -> bool:
    """Whether it may be answered, or the answer mended."""
    return stands(row) and (row.answered_at is None or now <= row.answered_at + MENDED_WITHIN)


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
        if not stands(row):
            raise MoveRefused("This replacement was taken back.")
        if not is_open(row, now):
            raise MoveRefused("You have answered this, and it is too late to change that.")
        before = snapshot([row])
        row.score, row.comment, row.answered_at = score, comment.strip(), row.answered_at or deed.at
        row.version += 1
        row.save(update_fields=["score", "comment", "answered_at", "version"])
        record(deed, [row], before)
    return row

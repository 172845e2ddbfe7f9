"""What is written to people once their equipment has been replaced, and whether it still may be said when it goes."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from assets.batches.letters import tell
from assets.batches.models import BatchItem, SwapSurvey
from assets.register.facts import what_it_is
from servicedesk.notifications.models import Message
from servicedesk.notifications.sending import Letter
from servicedesk.people.models import Person

EVENT = "swap_followed"
CHECK_LIST = (
    "You can sign in",
    "Your email and calendar open",
    "Your files are there",
    "You can print, and join a meeting with sound and picture",
    "The programs and the assistive technology that you need for your work start",
)


def tell_check_list(row: SwapSurvey, now: datetime) -> int:
    """What to look at while it is easily mended. Returns how many were told."""
    kinds = dict.fromkeys(what_it_is(new) for item in _of_the_day(row) if (new := item.replacement))
    things = " and ".join(kinds)
    points = "\n".join(f"- {point}" for point in CHECK_LIST)
    help_page = settings.BASE_URL + reverse("portal:help", query={"asset": row.item.replacement_id})
    body = (
        f"You have had your new {things} for a while. Please look whether\n\n{points}\n\n"
        f"Is something wrong? Tell us, and we put it right:\n{help_page}"
    )
    return tell(row, EVENT, f"Does your new {things} work?", body, f"swap survey {row.pk} checked", now)


def tell_asked(row: SwapSurvey, now: datetime) -> int:
    """Ask how it went. Returns how many were told."""
    address = settings.BASE_URL + reverse("batches:survey", args=[row.pk])
    things = " and ".join(f"{what_it_is(item.asset)}, {item.asset}" for item in _of_the_day(row))
    body = (
        f"We have replaced your {things}.\n\n"
        f"How content are you with what we did? One click is enough:\n{address}"
    )
    subject = "How did the replacement of your equipment go?"
    return tell(row, EVENT, subject, body, f"swap survey {row.pk} asked", now)


def _of_the_day(row: SwapSurvey) -> list[BatchItem]:
    """All that the person got on the same day, that of the survey among it."""
    swapped_on = timezone.localdate(row.swapped_at)
    theirs = BatchItem.objects.filter(replacement__holder=row.person_id, swapped_at__date=swapped_on)
    kinds = ("asset__model__manufacturer", "replacement__model__manufacturer")
    return list(theirs.select_related(*kinds).order_by("swapped_at", "pk")) or [row.item]


def about_survey(person: Person, message: Message) -> Letter | None:
    """TOLD_ABOUT: to whoever it is for, as long as they have not answered and the swap was not taken back."""
    waits = SwapSurvey.objects.standing().filter(pk=message.about_id, person=person, answered_at=None)
    return Letter(message.subject, message.body, []) if waits.exists() else None

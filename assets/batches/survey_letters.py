"""What is written to people once their equipment has been replaced, and whether it still may be said when it goes."""

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from assets.batches.models import SwapSurvey
from assets.register.facts import what_it_is
from servicedesk.notifications.models import Message
from servicedesk.notifications.outbox import post
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
    new = row.item.replacement
    thing = what_it_is(new) if new else ""
    points = "\n".join(f"- {point}" for point in CHECK_LIST)
    body = (
        f"You have had your new {thing} for a while. Please look whether\n\n{points}\n\n"
        f"Is something wrong? Tell us, and we put it right:\n{settings.BASE_URL}/help/?asset={new.pk if new else ''}"
    )
    return _tell(row, f"Does your new {thing} work?", body, f"swap {row.item_id} checked", now)


def tell_asked(row: SwapSurvey, now: datetime) -> int:
    """Ask how it went. Returns how many were told."""
    address = settings.BASE_URL + reverse("batches:survey", args=[row.pk])
    body = (
        f"We have replaced your {what_it_is(row.item.asset)}, {row.item.asset}.\n\n"
        f"How content are you with what we did? One click is enough:\n{address}"
    )
    return _tell(row, "How did the replacement of your equipment go?", body, f"swap {row.item_id} asked", now)


def about_survey(person: Person, message: Message) -> Letter | None:
    """TOLD_ABOUT: to whoever it is for, as long as they have not answered and the swap was not taken back."""
    waits = SwapSurvey.objects.filter(
        pk=message.about_id, person=person, answered_at=None, item__swapped_at__isnull=False
    )
    return Letter(message.subject, message.body, []) if waits.exists() else None


def _tell(row: SwapSurvey, subject: str, body: str, cause: str, now: datetime) -> int:
    return post(
        [row.person],
        EVENT,
        about=row,
        council=row.council,
        subject=subject,
        body=body,
        cause=cause,
        by=None,
        now=now,
    )

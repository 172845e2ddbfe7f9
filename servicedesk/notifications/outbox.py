"""Writing what is to be told, in the transaction of what caused it; sending comes later, by a job.

A message that is written is not yet one that may be sent: `sending` asks again.
"""

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.conf import settings
from django.db import models, transaction

from servicedesk.files.models import StoredFile
from servicedesk.jobs.models import Job
from servicedesk.jobs.running import enqueue
from servicedesk.notifications.events import EVENTS
from servicedesk.notifications.hours import openings
from servicedesk.notifications.models import Message, Preference
from servicedesk.notifications.tasks import send_now
from servicedesk.people.models import Council, Person


def post(
    people: Iterable[Person],
    event: str,
    *,
    about: models.Model,
    council: Council,
    subject: str,
    body: str,
    cause: str,
    by: Person | None,
    now: datetime,
    files: Sequence[StoredFile] = (),
    at_once: bool = False,
    address: str = "",
) -> int:
    """Write one message to each of the people who has an e-mail, is active, wants the event and did not do it.

    `cause` names the deed: told again of the same one, a person gets nothing more. Each waits for the hours of its
    person, unless it is to go `at_once`. What is for an `address` goes there, whatever has become of the account. Call
    inside the transaction of the cause. Returns how many were written.
    """
    told = [person for person in _reached(people, event, address) if by is None or person.pk != by.pk]
    if not told:
        return 0
    opens = {} if at_once else openings(told, now)
    written = [
        Message(
            person=person,
            address=address,
            event=event,
            about_kind=about._meta.label_lower,
            about_id=about.pk,
            council=council,
            subject=" ".join(subject.split())[:250],
            body=body,
            cause=cause,
            message_id=f"<{uuid.uuid4()}@{settings.MAIL_DOMAIN}>",
            created_at=now,
            next_try_at=opens.get(person.pk, now),
        )
        for person in told
    ]
    Message.objects.bulk_create(written, ignore_conflicts=True)
    _attach(files, written)
    if any(message.next_try_at <= now for message in written):
        transaction.on_commit(wake, robust=True)
    return len(written)


def wake() -> None:
    """Have what waits sent at once, unless a worker is about to anyway. The timetable comes by each minute too."""
    task = f"{send_now.__module__}.{send_now.__qualname__}"
    if not Job.objects.filter(task=task, state=Job.State.QUEUED).exists():
        enqueue(send_now)


def _reached(people: Iterable[Person], event: str, address: str) -> list[Person]:
    """Those who can be and want to be told, each once."""
    able = {person.pk: person for person in people if address or person.is_active and person.email}
    default = EVENTS[event]
    if not default.optional:
        return list(able.values())
    chosen = dict(Preference.objects.filter(person__in=able, event=event).values_list("person_id", "wanted"))
    return [person for key, person in able.items() if chosen.get(key, default.wanted)]


def _attach(files: Sequence[StoredFile], written: list[Message]) -> None:
    """The files of each message that was really written: of one told before there is none by this Message-ID."""
    if not files:
        return
    message_ids = [message.message_id for message in written]
    for message in Message.objects.filter(message_id__in=message_ids):
        message.files.add(*files)

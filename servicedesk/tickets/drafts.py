"""What somebody has begun to write, kept until it is sent, thrown away or a month old, whatever happens to the ticket.

A draft is named by its form and, where it is about a ticket, its reference: `help`, `say-INC-2026-000123`. Where a
form is about one of several rows its key follows: `change-task-INC-2026-000123-7`.
"""

import re
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from servicedesk.forms import CONTROLS, composed
from servicedesk.tickets.models import Draft

NAME = re.compile(
    r"(?=.{1,60}$)(?P<form>[a-z][a-z_-]{0,30}?)"
    r"(-(?P<reference>[A-Z]{3}-[0-9]{4}-[0-9]{1,12}))?(-(?P<number>[0-9]{1,18}))?"
)
LONGEST = 100_000
MOST = 200
KEPT_FOR = timedelta(days=30)
WRITING_FOR = timedelta(minutes=2)
NOT_KEPT = ("csrfmiddlewaretoken", "seen", "token")
"""What a form sends that belongs to the page it stood on, and not to what was written."""
PAGES = {
    "help": "portal:help",
    **dict.fromkeys(("reply", "not-fixed", "cancel-own", "again", "content"), "portal:request"),
    "call": "tickets:log_call",
    "glass": "tickets:glass",
    "change": "tickets:change",
    "split": "tickets:split",
    "open": "tickets:ask_to_open",
    "priority": "tickets:priority",
    "uplift": "tickets:uplift",
    "late": "tickets:breach",
    "task": "tickets:add_task",
    "change-task": "tickets:change_task",
    "end-task": "tickets:task",
    "announcement": "knowledge:new",
    "change-announcement": "knowledge:change",
}
"""The page of each form that does not stand on the page of a ticket."""


def keep(person, name: str, sent: QueryDict, now: datetime | None = None) -> Draft:
    """Keep what a form holds, in place of what was kept of it before. Raises ValidationError when it is too long."""
    values = {
        named: _clean(given[0]) if len(given) == 1 else [_clean(one) for one in given]
        for field, given in sent.lists()
        if (named := _clean(field)) not in NOT_KEPT
    }
    if sum(len(field) + len(str(value)) for field, value in values.items()) > LONGEST:
        raise ValidationError("This is too long to keep as a draft. Copy it somewhere safe")
    kept, _ = Draft.objects.update_or_create(
        person=person, form=name, defaults={"values": values, "saved_at": now or timezone.now()}
    )
    _forget(Draft.objects.filter(person=person).order_by("-saved_at")[MOST:])
    return kept


def drafts_of(person) -> QuerySet[Draft]:
    """All that the person has begun to write, and nobody else."""
    return Draft.objects.filter(person=person.pk)


def draft_of(person, name: str) -> Draft | None:
    """What the person has begun to write in the form."""
    return Draft.objects.filter(person=person, form=name).first()


def drafts_on(person, reference: str) -> dict[str, Draft]:
    """What the person has begun to write about a ticket, by form."""
    kept = Draft.objects.filter(person=person, form__endswith=f"-{reference}")
    return {draft.form: draft for draft in kept}


def begun(draft: Draft | None, *without: str, several: Collection[str] = ()) -> dict[str, Any]:
    """What a form starts with, from its draft. Boxes of which `several` can be ticked send nothing where none is, so
    what a draft does not name of them was left empty."""
    if draft is None:
        return {}
    values: Mapping[str, Any] = {**dict.fromkeys(several, ()), **draft.values}
    return {field: value for field, value in values.items() if field not in without}


def forget(person, *names: str) -> None:
    """It is sent, or no longer wanted."""
    Draft.objects.filter(person=person, form__in=names).delete()


def forget_old(now: datetime | None = None) -> int:
    """Remove what nobody has gone on with for a month; runs each day. Returns how many went."""
    return _forget(Draft.objects.filter(saved_at__lt=(now or timezone.now()) - KEPT_FOR))


def others_writing(person, reference: str, now: datetime) -> list[str]:
    """Who else is writing to the requester, or is the requester and writing, at this moment, by name."""
    forms = [f"say-{reference}", f"reply-{reference}"]
    lately = Draft.objects.filter(form__in=forms, saved_at__gt=now - WRITING_FOR).exclude(person=person)
    return list(lately.order_by("person__display_name").values_list("person__display_name", flat=True))


def page_of(name: str) -> str:
    """The address of the page that a draft was begun on; where that is not known, of the list of drafts."""
    found = NAME.fullmatch(name)
    if found:
        which = [each for each in found.group("reference", "number") if each]
        with suppress(NoReverseMatch):
            return reverse(PAGES.get(found["form"], "tickets:ticket"), args=which)
    return reverse("tickets:drafts")


def _clean(text: str) -> str:
    return CONTROLS.sub("", composed(text))


def _forget(drafts: QuerySet[Draft]) -> int:
    return Draft.objects.filter(pk__in=list(drafts.values_list("pk", flat=True))).delete()[0]

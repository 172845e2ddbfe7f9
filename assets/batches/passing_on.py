"""Passing a batch on: it belongs to somebody else from now on, and whoever had it still has had a hand in it."""

from datetime import datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.urls import reverse

from assets.batches.models import Batch
from assets.batches.states import BATCH_ENDS
from assets.register.lifecycle import MoveRefused
from servicedesk.history.editing import Stale
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.notifications.models import Message
from servicedesk.notifications.outbox import post
from servicedesk.notifications.sending import Letter
from servicedesk.people.access import require
from servicedesk.people.holders import holders_of
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission

EVENT = "batch_given"


def may_own(batch: Batch) -> QuerySet[Person]:
    """Who may have it next: others who plan the refresh of the council that leads it."""
    planners = holders_of(Permission.PLAN_REFRESH, batch.council_id)
    people = Person.objects.active().filter(pk__in=planners.values("person"))
    return people.exclude(pk=batch.owner_id).order_by("display_name", "pk")


def pass_on(
    batch: Batch,
    *,
    by: Person,
    owner: Person,
    reason: str = "",
    version: int | None = None,
    now: datetime | None = None,
) -> Batch:
    """Give an open batch to another owner. Raises PermissionDenied, Stale, MoveRefused, or ValidationError by field."""
    with change_set(by=by, reason=reason.strip(), now=now) as deed:
        held = Batch.objects.select_related("council", "owner", "submitted_by", "programme")
        batch = held.select_for_update(of=("self",)).get(pk=batch.pk)
        require(by, Permission.PLAN_REFRESH, batch)
        if version is not None and version != batch.version:
            raise Stale(batch)
        if batch.state in BATCH_ENDS:
            raise MoveRefused(
                f"{batch} is {batch.get_state_display().lower()}, so it stays with {batch.owner}."
            )
        if not may_own(batch).filter(pk=owner.pk).exists():
            raise ValidationError({"owner": f"Choose somebody else who plans the refresh of {batch.council}"})
        if batch.approvals.filter(is_current=True, decided_by=owner).exists():
            raise ValidationError({"owner": f"{owner} has approved or rejected it, so cannot have it too"})
        before = snapshot([batch])
        batch.owner, batch.version = owner, batch.version + 1
        batch.save(update_fields=["owner", "version"])
        record(deed, [batch], before, move="pass_on")
        _tell(batch, by, reason.strip(), deed.at)
    return batch


def _tell(batch: Batch, by: Person, reason: str, now: datetime) -> None:
    """Whoever has it now learns so, and why."""
    why = f"\n\n{reason}" if reason else ""
    post(
        [batch.owner],
        EVENT,
        about=batch,
        council=batch.council,
        subject=f"{batch} is yours now",
        body=f"{by} has passed {batch}, {batch.title}, on to you.{why}\n\n"
        f"See what it waits for:\n{settings.BASE_URL}{reverse('batches:batch', args=[batch.reference])}",
        cause=f"batch {batch.pk} passed on {batch.version}",
        by=by,
        now=now,
    )


def about_batch(person: Person, message: Message) -> Letter | None:
    """TOLD_ABOUT: to whoever it is for, as long as it is theirs to see through."""
    theirs = owned_by(person).filter(pk=message.about_id)
    return Letter(message.subject, message.body, []) if theirs.exists() else None


def owned_by(person: Person) -> QuerySet[Batch]:
    """The batches that are somebody's to see through."""
    return Batch.objects.filter(owner=person).exclude(state__in=BATCH_ENDS).order_by("-pk")

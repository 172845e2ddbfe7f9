"""Webhooks: making, changing and ending them, and writing down what each is to be told."""

import base64
import secrets
import uuid
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from servicedesk.history.editing import change
from servicedesk.history.recording import change_set, record
from servicedesk.notifications.addresses import AddressRefused, target_of
from servicedesk.notifications.delivering import PREFIX
from servicedesk.notifications.events import HOOK_EVENTS, TEST
from servicedesk.notifications.models import Delivery, Webhook
from servicedesk.notifications.outbox import wake
from servicedesk.people.access import require
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission

MOST = 20
CHANGEABLE = ("name", "address", "events")


class WebhookRefused(Exception):
    """The webhook has ended. The text is for the person."""


def make_webhook(
    *, council: Council, name: str, address: str, events: list[str], by: Person, now: datetime | None = None
) -> Webhook:
    """Make one that tells what `by` may see. Its `secret` is shown to whoever made it, and never again.

    Raises PermissionDenied, or ValidationError by field.
    """
    require(by, Permission.ADMINISTER, council)
    _check(address, events)
    now = now or timezone.now()
    with change_set(by=by, now=now) as deed:
        # Held, so that of two at once both count.
        Council.objects.select_for_update().get(pk=council.pk)
        if Webhook.objects.filter(council=council, archived_at=None).count() >= MOST:
            raise ValidationError(f"{council} has {MOST} webhooks. Archive one before you add another.")
        webhook = Webhook.objects.create(
            council=council,
            owner=by,
            name=name,
            address=address,
            events=sorted(events),
            secret=PREFIX + base64.b64encode(secrets.token_bytes(32)).decode(),
            created_at=now,
        )
        record(deed, [webhook])
    return webhook


def change_webhook(webhook: Webhook, *, by: Person, version: int, **fields: Any) -> Webhook:
    """Change its name, address or events, as read at `version`. It tells from now on what `by` may see.

    Raises PermissionDenied, WebhookRefused, history.editing.Stale, or ValidationError by field.
    """
    require(by, Permission.ADMINISTER, webhook)
    unknown = set(fields) - set(CHANGEABLE)
    if unknown:
        raise ValidationError({name: "This cannot be changed here." for name in unknown})
    _check(fields.get("address"), fields.get("events"))
    if "events" in fields:
        fields["events"] = sorted(fields["events"])
    return change(_standing(webhook), by=by, version=version, owner=by, **fields)


def archive_webhook(
    webhook: Webhook, *, by: Person, version: int | None = None, now: datetime | None = None
) -> Webhook:
    """End it: nothing more is sent to it, nor what waits."""
    require(by, Permission.ADMINISTER, webhook)
    now = now or timezone.now()
    return change(_standing(webhook), by=by, version=version or webhook.version, now=now, archived_at=now)


def try_out(webhook: Webhook, *, by: Person, now: datetime | None = None) -> Delivery:
    """Send it an event that says nothing, to see whether it answers."""
    require(by, Permission.ADMINISTER, webhook)
    with change_set(by=by, now=now):
        return _deliver(_standing(webhook), TEST, webhook, {}, now or timezone.now())


def announce(event: str, *, about: models.Model, council: Council, now: datetime, **facts: Any) -> int:
    """Write down what the council's webhooks are to be told. `facts` are what JSON can hold.

    Call inside the transaction of the cause. Returns for how many.
    """
    told = [
        webhook
        for webhook in Webhook.objects.filter(council=council, archived_at=None)
        if event in webhook.events
    ]
    for webhook in told:
        _deliver(webhook, event, about, facts, now)
    return len(told)


def _standing(webhook: Webhook) -> Webhook:
    if webhook.archived_at:
        raise WebhookRefused(f"{webhook} is archived.")
    return webhook


def _deliver(webhook: Webhook, event: str, about: models.Model, facts: dict, now: datetime) -> Delivery:
    transaction.on_commit(wake, robust=True)
    return Delivery.objects.create(
        webhook=webhook,
        event=event,
        event_id=uuid.uuid4(),
        about_kind=about._meta.label_lower,
        about_id=about.pk,
        payload=facts,
        created_at=now,
        next_try_at=now,
    )


def _check(address: str | None, events: list[str] | None) -> None:
    problems = {}
    if address is not None:
        try:
            target_of(address)
        except AddressRefused as refused:
            problems["address"] = str(refused)
    if events is not None and (not events or set(events) - set(HOOK_EVENTS)):
        problems["events"] = "Select at least one event from the list."
    if problems:
        raise ValidationError(problems)

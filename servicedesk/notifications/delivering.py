"""Delivering events to webhooks: what is sent is made at each attempt, as the webhook's owner may see it then."""

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.utils import timezone
from django.utils.module_loading import import_string

from servicedesk.notifications.addresses import AddressRefused, target_of
from servicedesk.notifications.calling import CallFailed, call
from servicedesk.notifications.events import TEST
from servicedesk.notifications.models import Delivery
from servicedesk.notifications.trying import SENT, WITHHELD, Outcome, again, claimed, never, settle
from servicedesk.people.access import may
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission

log = logging.getLogger(__name__)
PREFIX = "whsec_"


def deliver_waiting(clock: Callable[[], datetime] = timezone.now) -> int:
    """Deliver everything whose time has come. Returns how many went. Safe to run twice, also at once."""
    went = 0
    for delivery in claimed(Delivery.objects.select_related("webhook__owner", "webhook__council"), clock):
        try:
            outcome = _attempt(delivery, clock())
        except Exception:  # one delivery that we cannot make holds up no other
            log.exception("Delivery %s could not be made", delivery.pk)
            outcome = again("Something went wrong on our side while the call was made.")
        settle(delivery, outcome, clock())
        went += outcome.state == SENT.state
    return went


def signature(secret: str, event_id: str, timestamp: str, body: bytes) -> str:
    """What proves to the receiver that we sent it and when: HMAC-SHA256 as in the Standard Webhooks."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = b".".join([event_id.encode(), timestamp.encode(), body])
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _attempt(delivery: Delivery, now: datetime) -> Outcome:
    told = _what_may_be_told(delivery)
    if told is None:
        return WITHHELD
    event = {"id": str(delivery.event_id), "event": delivery.event, "at": delivery.created_at.isoformat()}
    body = json.dumps({**event, "council": delivery.webhook.council.code, **told}).encode()
    try:
        status = call(target_of(delivery.webhook.address), body, _headers(delivery, body, now))
    except AddressRefused as refused:
        return again(str(refused), answer_status=None)
    except CallFailed as failed:
        return again(str(failed), answer_status=None)
    return _judged(status)


def _what_may_be_told(delivery: Delivery) -> dict[str, Any] | None:
    """None where the webhook or its owner's right to have it is gone, or the owner may not see what it is about.

    HOOK_BODIES names the function that knows, for each kind of thing that a delivery may be about.
    """
    webhook = delivery.webhook
    if webhook.archived_at or not may(webhook.owner, Permission.ADMINISTER, webhook.council_id):
        return None
    if delivery.event == TEST:
        return {}
    told: Callable[[Person, Delivery], dict[str, Any] | None] = import_string(
        settings.HOOK_BODIES[delivery.about_kind]
    )
    return told(webhook.owner, delivery)


def _headers(delivery: Delivery, body: bytes, now: datetime) -> dict[str, str]:
    event_id, timestamp = str(delivery.event_id), str(int(now.timestamp()))
    return {
        "Content-Type": "application/json",
        "User-Agent": "servicedesk",
        "webhook-id": event_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(delivery.webhook.secret, event_id, timestamp, body),
    }


def _judged(status: int) -> Outcome:
    if 200 <= status < 300:
        return Outcome(SENT.state, more={"answer_status": status})
    if status == HTTPStatus.GONE:
        return never("It says that it is gone.", answer_status=status)
    if 300 <= status < 400:
        return again("It answered with a redirect, which we do not follow.", answer_status=status)
    return again(f"It answered with status {status}.", answer_status=status)

"""Opening a sealed ticket that is not one's own to see: for four hours, to read, for a reason that others are told."""

from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.notifications import outbox
from servicedesk.people.access import councils_of, may, require
from servicedesk.people.guarding import who_watch
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission
from servicedesk.tickets.models import BreakGlass, RefusedGlass, Sharing, Ticket
from servicedesk.tickets.news import tell
from servicedesk.tickets.rights import may_work
from servicedesk.tickets.states import MoveRefused
from servicedesk.tickets.telling import watchers

NOBODY_TO_TELL = (
    "Nobody else could be told that you open it, so it stays closed. Ask an administrator to name a cyber security "
    "officer, or somebody for its case group."
)
LASTS = timedelta(hours=4)
MOST_TRIES, TRIED_WITHIN = 5, timedelta(hours=1)


class TooManyTries(Exception):
    """The person has tried so often within the hour that nothing more is answered. The text is for them."""


def break_glass(*, by: Person, reference: str, reason: str, now: datetime | None = None) -> BreakGlass | None:
    """Let the person read the sealed ticket of this reference for four hours. None where there is no such ticket.

    The answer does say whether a sealed ticket has the reference, so there are few tries in an hour, whatever came of
    them, and one that fails is kept and told of too. A ticket beyond the reach of the person's right, or one that is
    not sealed, is as one that is not there.

    Raises PermissionDenied, TooManyTries, MoveRefused where the person sees it anyway or nobody else could be told of
    it, or ValidationError by field.
    """
    now = now or timezone.now()
    require(by, Permission.BREAK_GLASS)
    reference = reference.strip().upper()
    if not reference or not reason.strip():
        empty = {"reference": reference, "reason": reason.strip()}
        raise ValidationError({name: f"Enter the {name}" for name, text in empty.items() if not text})
    with transaction.atomic():
        Person.objects.select_for_update().get(
            pk=by.pk
        )  # tries come one after the other, so that each is counted
        _check_tries(by, now)
        if Ticket.objects.visible_to(by).filter(reference=reference).exists():
            raise MoveRefused(f"You can see {reference} already.")
        reached = councils_of(by, Permission.BREAK_GLASS)
        sealed = Ticket.objects.filter(sharing=Sharing.RESTRICTED, council__in=reached)
        ticket = sealed.filter(reference=reference).first()
        if ticket:
            return _break(ticket, by, reason.strip(), now)
        _keep_try(by, reference, reason.strip(), now)
    return None


def may_end_glass(person, glass: BreakGlass) -> bool:
    """Whether the person may end it early: who broke it, the case group, and whoever answers for cyber security."""
    officer = may(person, Permission.SEE_CYBER_TICKETS, glass.ticket.council_id)
    return person.pk == glass.person_id or officer or may_work(person, glass.ticket)


def end_glass(glass: BreakGlass, *, by: Person, now: datetime | None = None) -> BreakGlass:
    """End it before its four hours are over. Raises PermissionDenied, or MoveRefused where it has ended."""
    now = now or timezone.now()
    with change_set(by=by, now=now) as deed:
        held = BreakGlass.objects.select_related("person", "ticket").select_for_update(of=("self",))
        glass = held.get(pk=glass.pk)
        if not may_end_glass(by, glass):
            raise PermissionDenied(
                "Only who opened it, its case group or the cyber security officer may end it."
            )
        if glass.is_over(now):
            raise MoveRefused("This has ended already.")
        before = snapshot([glass])
        glass.ends_at = now
        glass.save()
        record(deed, [glass], before)
    return glass


def _check_tries(by: Person, now: datetime) -> None:
    since = now - TRIED_WITHIN
    tries = BreakGlass.objects.filter(person=by, starts_at__gt=since).count()
    tries += RefusedGlass.objects.filter(person=by, at__gt=since).count()
    if tries >= MOST_TRIES:
        raise TooManyTries(
            "You have tried five times within the hour. Wait, or call the cyber security officer."
        )


def _break(ticket: Ticket, by: Person, reason: str, now: datetime) -> BreakGlass:
    if not watchers(ticket, by, {}):
        raise MoveRefused(NOBODY_TO_TELL)
    with change_set(by=by, reason=reason, now=now) as deed:
        glass = BreakGlass.objects.create(
            person=by, ticket=ticket, reason=reason, starts_at=now, ends_at=now + LASTS
        )
        record(deed, [glass])
        tell("glass_broken", ticket, by=by, now=now, glass=glass)
    return glass


def _keep_try(by: Person, reference: str, reason: str, now: datetime) -> None:
    refused = RefusedGlass.objects.create(person=by, reference=reference[:40], reason=reason, at=now)
    outbox.post(
        who_watch([], [by.council_id], but=[by], now=now),
        "glass_broken",
        about=refused,
        council=by.council,
        subject="Somebody tried in vain to open a private request",
        body=f"{by} tried to open a private request, and there was none for them to open. See “Private requests”.",
        cause=f"glass_refused {refused.pk}",
        by=by,
        now=now,
        at_once=True,
    )

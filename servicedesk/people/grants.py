"""Giving and taking away roles and team places."""

from datetime import datetime

from django.db import models
from django.utils import timezone

from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.people.models import Council, Grant, Membership, Person, Span, Team


def give_role(
    person: Person, role: str, council: Council, *, by: Person | None, now: datetime | None = None
) -> Grant:
    """Give a person a role at a council from now on."""
    now = now or timezone.now()
    with change_set(by=by, now=now) as deed:
        grant = Grant.objects.create(person=person, role=role, council=council, granted_by=by, starts_at=now)
        record(deed, [grant])
    return grant


def join_team(person: Person, team: Team, *, by: Person | None, now: datetime | None = None) -> Membership:
    """Put a person into a team from now on."""
    now = now or timezone.now()
    with change_set(by=by, now=now) as deed:
        membership = Membership.objects.create(person=person, team=team, starts_at=now)
        record(deed, [membership])
    return membership


def end(span: Span, *, by: Person | None, reason: str = "", now: datetime | None = None) -> None:
    """Take a role or a team place away: it no longer holds from the person's next request."""
    now = now or timezone.now()
    rows: models.QuerySet = type(span).objects.filter(pk=span.pk, ends_at=None).select_related()
    with change_set(by=by, reason=reason, now=now) as deed:
        ended = list(rows.select_for_update(of=("self",)))
        before = snapshot(ended)
        for row in ended:
            row.ends_at = max(now, row.starts_at)
            row.save(update_fields=["ends_at"])
        record(deed, ended, before)

"""Announcements: who may write and publish them, and every write to them.

Who may publish for every council of an announcement may do all with it. Who may only draft changes drafts. The owner
of a service publishes what is about that service. Nobody announces to the people of a council beyond their reach.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from servicedesk.catalogue.models import Service
from servicedesk.history import editing
from servicedesk.knowledge.models import Announcement
from servicedesk.knowledge.states import MOVES, MoveRefused
from servicedesk.people.access import councils_of
from servicedesk.people.models import Council, Person, Site
from servicedesk.people.roles import Permission

EDITABLE = ("kind", "title", "text", "public_text", "councils", "sites", "service", "starts_at", "ends_at")
NOT_YOURS = "You need the right to announce something to every council that this is for."


def publishes_to(person, service: Service | None = None) -> frozenset[int]:
    """The councils to whose people the person may publish something, about the service if one is named."""
    councils = councils_of(person, Permission.ANNOUNCE)
    if service and service.owner_id == person.pk:
        councils |= councils_of(person, Permission.ANNOUNCE_SERVICES)
    return councils


def drafts_for(person, service: Service | None = None) -> frozenset[int]:
    """The councils for whose people the person may draft something."""
    return publishes_to(person, service) | councils_of(person, Permission.DRAFT_ANNOUNCEMENTS)


def writes_somewhere(person) -> frozenset[int]:
    """The councils to whose people the person may announce anything at all, if only of a service of theirs."""
    owned = councils_of(person, Permission.ANNOUNCE_SERVICES)
    if owned and not Service.objects.visible_to(person).on_offer().filter(owner=person.pk).exists():
        owned = frozenset()
    return drafts_for(person) | owned


def may_publish(person, announcement: Announcement) -> bool:
    """Whether the person may publish it, change what is published, and end it."""
    return _councils_of(announcement) <= publishes_to(person, announcement.service)


def may_change(person, announcement: Announcement) -> bool:
    """Whether the person may change it as it stands: a draft, or what is published for who publishes."""
    if announcement.state == Announcement.State.DRAFT:
        return _councils_of(announcement) <= drafts_for(person, announcement.service)
    return announcement.state == Announcement.State.PUBLISHED and may_publish(person, announcement)


def may_read_history(person, announcement: Announcement) -> bool:
    """Whether the person may read what became of it, drafts too: who writes to the people of one of its councils."""
    return bool(_councils_of(announcement) & drafts_for(person, announcement.service))


def moves_open_to(person, announcement: Announcement) -> list[str]:
    """The names of the moves that the person may make now."""
    publishes, changes = may_publish(person, announcement), may_change(person, announcement)
    return [
        move.name
        for move in MOVES.values()
        if announcement.state in move.sources and (publishes if move.publishers else changes)
    ]


def draft(
    announcement: Announcement,
    councils: Iterable[Council],
    sites: Iterable[Site] = (),
    *,
    by: Person | None,
    now: datetime | None = None,
) -> Announcement:
    """Write a new announcement, which nobody reads but who may write it. Raises PermissionDenied, ValidationError."""
    councils, sites = list(councils), list(sites)
    _check_reach(by, councils, announcement.service)
    _check_whom(councils, sites, announcement.service)
    announcement.state, announcement.written_by = Announcement.State.DRAFT, by
    return editing.add(announcement, by=by, check=_check, now=now, councils=councils, sites=sites)


def change_announcement(
    announcement: Announcement, *, by: Person | None, version: int, now: datetime | None = None, **values: Any
) -> Announcement:
    """Change an announcement that was read at `version`. Returns it as it now is.

    Raises PermissionDenied, history.editing.Stale, MoveRefused where it is over, or ValidationError by field.
    """
    unknown = set(values) - set(EDITABLE)
    if unknown:
        raise ValidationError({name: "This cannot be changed here." for name in unknown})
    if announcement.state not in (Announcement.State.DRAFT, Announcement.State.PUBLISHED):
        raise MoveRefused(
            f"“{announcement}” is {announcement.get_state_display().lower()}, so it stays as it is."
        )
    if by is not None and not may_change(by, announcement):
        raise PermissionDenied(NOT_YOURS)
    service = values.get("service", announcement.service)
    councils = list(values.get("councils", announcement.councils.all()))
    published = announcement.state == Announcement.State.PUBLISHED
    _check_reach(by, councils, service, published=published)
    _check_whom(councils, list(values.get("sites", announcement.sites.all())), service)
    return editing.change(announcement, by=by, version=version, check=_check, now=now, **values)


def move(
    announcement: Announcement, name: str, *, by: Person | None, version: int, now: datetime | None = None
) -> Announcement:
    """Make a move of MOVES with an announcement that was read at `version`. Returns it as it now is.

    Raises PermissionDenied, history.editing.Stale, or MoveRefused.
    """
    step, now = MOVES[name], now or timezone.now()
    allowed = may_publish if step.publishers else may_change
    if announcement.state in step.sources and by is not None and not allowed(by, announcement):
        raise PermissionDenied(NOT_YOURS)
    _check_move(announcement, name, now)
    values: dict[str, Any] = {"state": step.target}
    if name == "publish":
        values |= {"published_by": by, "published_at": now}
    if name == "end":
        values["ends_at"] = min(announcement.ends_at or now, now)
    return editing.change(announcement, by=by, version=version, now=now, **values)


def _check_move(announcement: Announcement, name: str, now: datetime) -> None:
    if announcement.state not in MOVES[name].sources:
        raise MoveRefused(f"“{announcement}” is {announcement.get_state_display().lower()} already.")
    if name == "publish" and announcement.ends_at and announcement.ends_at <= now:
        raise MoveRefused("It would be over already. Say until when it holds, then publish it.")
    if name == "end" and announcement.starts_at > now:
        raise MoveRefused("It has not begun, so it cannot be over. Withdraw it instead.")


def _councils_of(announcement: Announcement) -> set[int]:
    return {council.pk for council in announcement.councils.all()}


def _check_reach(
    by: Person | None, councils: list[Council], service: Service | None, *, published: bool = False
) -> None:
    """Refuse councils that the person may not write to. Raises PermissionDenied or ValidationError."""
    if by is None:
        return
    if not writes_somewhere(by):
        raise PermissionDenied(NOT_YOURS)
    reach = publishes_to(by, service) if published else drafts_for(by, service)
    beyond = [str(council) for council in councils if council.pk not in reach]
    if beyond:
        raise ValidationError({"councils": f"You cannot announce this to {' and '.join(beyond)}"})


def _check_whom(councils: list[Council], sites: list[Site], service: Service | None) -> None:
    """Whom it is for must be one thing. Raises ValidationError by field."""
    if not councils:
        raise ValidationError({"councils": "Choose at least one council"})
    own = {council.pk for council in councils}
    elsewhere = [str(site) for site in sites if site.council_id not in own]
    if elsewhere:
        raise ValidationError(
            {"sites": f"{' and '.join(elsewhere)} is of none of the councils that you chose"}
        )
    lacking = [
        str(council)
        for council in councils
        if service and not Service.objects.offered_to(council.pk).filter(pk=service.pk).exists()
    ]
    if lacking:
        raise ValidationError({"service": f"{service} is not offered to {' and '.join(lacking)}"})


def _check(announcement: Announcement) -> None:
    announcement.clean_fields()
    if announcement.kind == Announcement.Kind.PLANNED and announcement.ends_at is None:
        raise ValidationError({"ends_at": "Say until when the planned work takes"})
    if announcement.ends_at and announcement.ends_at <= announcement.starts_at:
        raise ValidationError({"ends_at": "The end must be after the beginning"})

"""Giving and taking away roles and team places, with the duties that are kept apart.

Nobody gives a role to themselves or puts themselves into a case group; a supplier contact has no other role, and an
auditor no work at the council that they audit; a council is never left without an administrator who stays. Where the
setting asks for a second administrator, a role or a place in a case group is only asked for until another agrees. Where
a council has no other, a cyber security officer agrees to who becomes the second one; where there is none of these
either, whoever asked gives the role after some days, and everybody who watches is told beforehand.
"""

from datetime import datetime, timedelta
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from servicedesk.history import editing
from servicedesk.history.recording import change_set, record, snapshot
from servicedesk.people.access import councils_of, require
from servicedesk.people.guarding import OPENERS, tell_of_span, tell_that_second_is_asked
from servicedesk.people.holders import holders_of
from servicedesk.people.models import Council, Grant, GrantRequest, Membership, Person, Span, Team
from servicedesk.people.organising import BESIDE_OTHERS, may_administer
from servicedesk.people.querysets import in_force, not_over
from servicedesk.people.roles import Permission, cannot_hold_both
from servicedesk.wording import moment

ADMINISTRATOR = "administrator"
LAST_ADMINISTRATOR = "{council} would have no administrator who stays. Give somebody else that role first."
DECIDED = "This was decided already."
ALONE_AFTER = timedelta(days=3)
"""How long a sole administrator waits for a second one to whom nobody can agree."""


def give_role(
    person: Person,
    role: str,
    council: Council,
    *,
    by: Person | None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    now: datetime | None = None,
) -> Grant | GrantRequest:
    """Give a person a role at a council, from now on or from another moment, and perhaps until one.

    Where the setting asks for a second administrator it is only asked for, and a GrantRequest is returned.
    Raises PermissionDenied, or ValidationError by field.
    """
    now = now or timezone.now()
    span: dict[str, Any] = {"starts_at": _begins(starts_at, by, now), "ends_at": ends_at}
    if by is not None:
        require(by, Permission.ADMINISTER, council)
        _refuse_oneself(by, person, "You cannot give a role to yourself.")
        if role in OPENERS:
            _refuse_without_address(person)
    _check_apart(person, role, council, **span)
    with change_set(by=by, now=now) as deed:
        if by is not None and settings.GRANTS_NEED_SECOND_ADMINISTRATOR:
            request = _ask(deed, person, by, now, role=role, council=council, **span)
            if _without_administrator().filter(pk=request.pk).exists():
                tell_that_second_is_asked(request, now)
            return request
        grant = Grant.objects.create(person=person, role=role, council=council, granted_by=by, **span)
        record(deed, [grant])
        tell_of_span(grant, by=by, now=now)
    return grant


def may_decide(request: GrantRequest, by: Person) -> bool:
    """Whether the person decides on the request: another administrator of every council that it concerns, or a cyber
    security officer where there is none."""
    if by.pk in (request.asked_by_id, request.person_id):
        return False
    administered = councils_of(by, Permission.ADMINISTER)
    if all(council.pk in administered for council in request.councils):
        return True
    beside = requests_for_councils if _adds_a_council(request) else requests_for_officer
    return request.role == ADMINISTRATOR and beside(by).filter(pk=request.pk).exists()


def _adds_a_council(request: GrantRequest) -> bool:
    """Whether it asks for the first administrator of a council that whoever asks would add."""
    return request.asked_by_id == request.person_id


def requests_for_councils(person: Person) -> QuerySet[GrantRequest]:
    """Who is to be the first administrator of a council that they add: each decided on by another administrator of a
    council of theirs. Nobody asks for a role for themselves otherwise."""
    theirs = Grant.objects.filter(in_force(), role=ADMINISTRATOR)
    theirs = theirs.filter(council__in=councils_of(person, Permission.ADMINISTER)).exclude(person=person.pk)
    return GrantRequest.objects.filter(
        asked_by=F("person"), asked_by__in=theirs.values("person"), decided_at=None
    )


def requests_for_officer(person: Person) -> QuerySet[GrantRequest]:
    """Who is to be a second administrator, at the councils for whose cyber security the person answers."""
    officer_at = councils_of(person, Permission.SEE_CYBER_TICKETS)
    return (
        _without_administrator()
        .filter(council__in=officer_at)
        .exclude(asked_by=person.pk)
        .exclude(person=person.pk)
    )


def alone_from(request: GrantRequest) -> datetime | None:
    """From when whoever asked gives the role themselves, because nobody can agree to it; nothing where somebody can."""
    if request.role != ADMINISTRATOR or not _without_administrator().filter(pk=request.pk).exists():
        return None
    if _adds_a_council(request):
        own = Grant.objects.filter(in_force(), role=ADMINISTRATOR, person=request.person_id).values("council")
        beside = Grant.objects.filter(in_force(), role=ADMINISTRATOR, council__in=own, person__is_active=True)
        alone = not beside.exclude(person=request.person_id).exists()
        return request.asked_at + ALONE_AFTER if alone else None
    council = cast(Council, request.council)
    officers = holders_of(Permission.SEE_CYBER_TICKETS, council.pk).filter(person__is_active=True)
    if officers.exclude(person__in=[request.asked_by_id, request.person_id]).exists():
        return None
    return request.asked_at + ALONE_AFTER


def _without_administrator() -> QuerySet[GrantRequest]:
    """Requests for the role of administrator that no administrator can decide on."""
    theirs = Grant.objects.filter(in_force(), role=ADMINISTRATOR, council=OuterRef("council"))
    others = theirs.filter(person__is_active=True).exclude(person=OuterRef("asked_by"))
    return GrantRequest.objects.filter(
        ~Exists(others.exclude(person=OuterRef("person"))), role=ADMINISTRATOR, decided_at=None
    )


def agree(request: GrantRequest, *, by: Person, now: datetime | None = None) -> Grant | Membership:
    """Give the role or the place that another asked for; or that one asked for oneself, where `alone_from` says so.

    Raises PermissionDenied, or ValidationError.
    """
    now = now or timezone.now()
    with change_set(by=by, now=now) as deed:
        alone = by.pk == request.asked_by_id and _may_go_alone(request, now)
        request = _locked(request) if alone else _undecided(request, by)
        given = _asked_for(request, now)
        given.save()
        record(deed, [given])
        if _adds_a_council(request) and request.council:
            council = request.council
            editing.change(council, by=by, version=council.version, now=now, archived_at=None)
        tell_of_span(given, by=by, asked_by=request.asked_by, now=now)
        made = {"place" if request.team else "grant": given}
        _decide(deed, request, decided_by=None if alone else by, decided_at=now, **made)
    return given


def refuse(request: GrantRequest, *, by: Person, now: datetime | None = None) -> None:
    """Refuse what another administrator asked for. Raises PermissionDenied, or ValidationError."""
    now = now or timezone.now()
    with change_set(by=by, now=now) as deed:
        _decide(deed, _undecided(request, by), decided_by=by, decided_at=now)


def withdraw(request: GrantRequest, *, by: Person, now: datetime | None = None) -> None:
    """Ask no longer for what one has asked for. Raises PermissionDenied, or ValidationError."""
    if request.asked_by_id != by.pk:
        raise PermissionDenied("Only who asked for it may withdraw it.")
    with change_set(by=by, now=now) as deed:
        _decide(deed, _locked(request), decided_at=now or timezone.now())


def join_team(
    person: Person,
    team: Team,
    *,
    by: Person | None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    now: datetime | None = None,
) -> Membership | GrantRequest:
    """Put a person into a team, from now on or from another moment.

    Where the setting asks for a second administrator, a place in a case group is only asked for, and a GrantRequest is
    returned. Raises PermissionDenied, or ValidationError.
    """
    now = now or timezone.now()
    span: dict[str, Any] = {"starts_at": _begins(starts_at, by, now), "ends_at": ends_at}
    sealed = team.kind == Team.Kind.CASE_GROUP
    if by is not None:
        _check_team(by, team)
        if sealed:
            _refuse_oneself(by, person, "You cannot put yourself into a case group.")
            _refuse_without_address(person)
    _check_place(person, team, now, **span)
    with change_set(by=by, now=now) as deed:
        if by is not None and sealed and settings.GRANTS_NEED_SECOND_ADMINISTRATOR:
            return _ask(deed, person, by, now, team=team, **span)
        place = Membership.objects.create(person=person, team=team, **span)
        record(deed, [place])
        tell_of_span(place, by=by, now=now)
    return place


def end(span: Span, *, by: Person | None, reason: str = "", now: datetime | None = None) -> None:
    """Take a role or a team place away: it no longer holds from the person's next request.

    Raises PermissionDenied, or ValidationError where a council would be left without an administrator.
    """
    now = now or timezone.now()
    rows: models.QuerySet = type(span).objects.filter(not_over(now), pk=span.pk).select_related()
    with change_set(by=by, reason=reason, now=now) as deed:
        ended = list(rows.select_for_update(of=("self",)))
        if by is not None:
            for row in ended:
                _check_may_end(by, row)
        before = snapshot(ended)
        for row in ended:
            row.ends_at = max(now, row.starts_at)
            row.save(update_fields=["ends_at"])
            tell_of_span(row, by=by, ended=True, now=now)
        record(deed, ended, before)


def refuse_to_lose_the_last(person: Person, *councils: Council) -> None:
    """Refuse what would leave a council that the person administers, one of these or any, without an administrator.

    One who stays is active, with a role and an employment that have no end. Raises ValidationError.
    """
    held = person.grants.filter(in_force(), role=ADMINISTRATOR)
    for council in Council.objects.select_for_update().filter(
        pk__in=[one.pk for one in councils] or held.values_list("council", flat=True)
    ):
        staying = council.grants.filter(in_force(), role=ADMINISTRATOR, ends_at=None)
        staying = staying.filter(person__is_active=True, person__employed_to=None).exclude(person=person)
        if not staying.exists():
            raise ValidationError(LAST_ADMINISTRATOR.format(council=council))


def _may_go_alone(request: GrantRequest, now: datetime) -> bool:
    """Whether whoever asked has waited long enough. Raises ValidationError where they have to wait still."""
    begins = alone_from(request)
    if begins and now < begins:
        raise ValidationError(
            f"Nobody else can agree to this, so you can give the role from {moment(begins)}."
        )
    return begins is not None


def _ask(
    deed,
    person: Person,
    by: Person,
    now: datetime,
    *,
    starts_at: datetime,
    ends_at: datetime | None,
    **what: Any,
) -> GrantRequest:
    if person.grant_requests.filter(decided_at=None, **what).exists():
        raise ValidationError({"role" if "role" in what else "person": f"This is asked for {person} already"})
    request = GrantRequest.objects.create(
        person=person, asked_by=by, asked_at=now, starts_at=starts_at, ends_at=ends_at, **what
    )
    record(deed, [request])
    return request


def _check_apart(
    person: Person, role: str, council: Council, *, starts_at: datetime, ends_at: datetime | None
) -> None:
    """Refuse a role beside those that the person has at any time of it."""
    _check_span(starts_at, ends_at)
    beside = person.grants.filter(not_over(starts_at))
    for other in beside.filter(starts_at__lt=ends_at) if ends_at else beside:
        same = other.council_id == council.pk
        if same and other.role == role:
            raise ValidationError({"role": f"{person} has this role at {council} already"})
        if sentence := cannot_hold_both(role, other.role, same_council=same):
            raise ValidationError({"role": f"{sentence}. {person} is {other}"})


def _check_place(
    person: Person, team: Team, now: datetime, *, starts_at: datetime, ends_at: datetime | None
) -> None:
    """Refuse a place in a team beside one that the person has, or will have."""
    _check_span(starts_at, ends_at)
    if team.memberships.filter(not_over(now), person=person).exists():
        raise ValidationError({"person": f"{person} is in {team} already"})


def _check_span(starts_at: datetime, ends_at: datetime | None) -> None:
    if ends_at is not None and ends_at <= starts_at:
        raise ValidationError({"ends": "The last day must not be before the first"})


def _begins(starts_at: datetime | None, by: Person | None, now: datetime) -> datetime:
    """From when it holds. No person says that somebody had it before."""
    starts_at = starts_at or now
    return starts_at if by is None else max(starts_at, now)


def _refuse_without_address(person: Person) -> None:
    """Whoever is to reach sealed requests signs in, and by an address that nobody can give them afterwards unseen."""
    if not person.email:
        raise ValidationError({"person": f"{person} has no email address. Write it down first"})


def _check_team(by: Person, team: Team) -> None:
    require(by, Permission.ADMINISTER)
    if not may_administer(by, team):
        raise PermissionDenied(BESIDE_OTHERS)


def _check_may_end(by: Person, row: Span) -> None:
    if isinstance(row, Membership):
        _check_team(by, row.team)
    elif isinstance(row, Grant):
        require(by, Permission.ADMINISTER, row.council)
        if row.role == ADMINISTRATOR:
            refuse_to_lose_the_last(row.person, row.council)


def _refuse_oneself(by: Person, person: Person, sentence: str) -> None:
    if by.pk == person.pk:
        raise PermissionDenied(sentence)


def _undecided(request: GrantRequest, by: Person) -> GrantRequest:
    """The request, held until it is decided, where the person may decide it."""
    if not may_decide(request, by):
        councils = " and ".join(map(str, request.councils))
        raise PermissionDenied(
            f"Another administrator of {councils} decides this: not who asked, and not whose it would be."
        )
    return _locked(request)


def _asked_for(request: GrantRequest, now: datetime) -> Grant | Membership:
    """What was asked for, not yet saved: from now on, or from the later moment that was asked for."""
    person = request.person
    span: dict[str, Any] = {"starts_at": max(now, request.starts_at), "ends_at": request.ends_at}
    if request.council:
        _check_apart(person, request.role, request.council, **span)
        given_by = None if _adds_a_council(request) else request.asked_by
        return Grant(person=person, role=request.role, council=request.council, granted_by=given_by, **span)
    team = cast(Team, request.team)
    _check_place(person, team, now, **span)
    return Membership(person=person, team=team, **span)


def _locked(request: GrantRequest) -> GrantRequest:
    rows = GrantRequest.objects.select_related("person", "council", "team", "asked_by")
    request = rows.select_for_update(of=("self",)).get(pk=request.pk)
    if request.decided_at:
        raise ValidationError(DECIDED)
    return request


def _decide(deed, request: GrantRequest, **fields) -> None:
    before = snapshot([request])
    for name, value in fields.items():
        setattr(request, name, value)
    request.save(update_fields=list(fields))
    record(deed, [request], before)

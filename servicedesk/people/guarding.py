"""Who reaches sealed requests, and who watches that: what an administrator never does unseen.

Whoever is in a case group reads its requests, everybody their own, and some roles may open any. When somebody comes to
such a place or role or leaves it, when their account changes hands, or when a case group takes over other matters, the
watchers are told at once: whoever is in the case group, and the cyber security officers of its councils.

With GRANTS_NEED_SECOND_ADMINISTRATOR no administrator does it alone either: another agrees (`grants`), or, where that
would be too much for what it is, it is refused with the way round (`refuse_alone`).
"""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from servicedesk import wording
from servicedesk.people.holders import holders_of
from servicedesk.people.models import Council, Grant, GrantRequest, Membership, Person, Team
from servicedesk.people.querysets import in_force, not_over
from servicedesk.people.roles import ROLES, Permission

OPENERS = frozenset(code for code, role in ROLES.items() if Permission.BREAK_GLASS in role.permissions)
"""The roles by which somebody may open a sealed request."""

SUBJECT = "A change to who reaches private requests"
BODY = """\
{by} {did}.

You are told because you are in a case group, because you answer for private requests otherwise, or because it is \
about you. If this should not have been, tell an administrator other than {by}.
"""
ADDRESS_SUBJECT = "Your email address at the IT service desk"
ADDRESS_BODY = """\
Hello {person},

{by} has changed the email address by which you sign in to the IT service desk.

If you did not expect this, tell the IT desk at once. {phone}
"""


class Reach(NamedTuple):
    """By what somebody reaches sealed requests: their case groups and those of their own requests, and the councils
    where a role may open them."""

    groups: list[Team]
    councils: list[Council]


def reach_of(person: Person, now: datetime | None = None) -> Reach | None:
    """By what the person reaches sealed requests, now or later, or is asked to; None where they do not."""
    places, grants, asked = (rows.filter(person=person) for rows in _reaching(now))
    own = _sealed().filter(Q(requester=person) | Q(affected_person=person)).values("case_group")
    groups = Team.objects.filter(
        Q(memberships__in=places) | Q(grant_requests__in=asked) | Q(pk__in=own)
    ).distinct()
    councils = Council.objects.filter(Q(grants__in=grants) | Q(grant_requests__in=asked)).distinct()
    reach = Reach(list(groups), list(councils))
    return reach if any(reach) else None


def who_reach(now: datetime | None = None) -> QuerySet[Person]:
    """Everybody who has a reach: `reach_of`, asked of all."""
    rule = Q(pk__in=_sealed().values("requester")) | Q(pk__in=_sealed().values("affected_person"))
    for rows in _reaching(now):
        rule |= Q(pk__in=rows.values("person"))
    return Person.objects.filter(rule)


def who_watch(
    groups: Iterable[Team],
    councils: Iterable[int] = (),
    *,
    but: Collection[Person] = (),
    now: datetime | None = None,
) -> QuerySet[Person]:
    """Who watches over case groups and councils: those in the groups, and the cyber security officers of the councils
    and of those that the groups serve.

    `but` says who is left out, because it is they who are watched. Where nobody else is left, it is those who may open
    sealed requests of these councils.
    """
    groups = list(groups)
    served = {council.pk for group in groups for council in group.councils.all()} | {*councils}
    others = Person.objects.active().exclude(email=None).exclude(pk__in=[one.pk for one in but])
    members = Membership.objects.filter(in_force(now), team__in=groups).values("person")
    told = others.filter(Q(pk__in=members) | _holding(Permission.SEE_CYBER_TICKETS, served, now))
    return told if told.exists() else others.filter(_holding(Permission.BREAK_GLASS, served, now))


def tell_of_span(
    span: Membership | Grant,
    *,
    by: Person | None,
    asked_by: Person | None = None,
    ended: bool = False,
    now: datetime,
) -> None:
    """Tell the watchers, and whose it is, that somebody came to a place or role that reaches sealed requests, or left
    it. Of any other nothing is told."""
    if by is None or not _reaching_now(span):
        return
    person, but = span.person, [span.person, by]
    if isinstance(span, Membership):
        watchers = who_watch([span.team], but=but, now=now)
        took, out_of = ("took", "out of") if ended else ("put", "into")
        did = f"{took} {_named(person)} {out_of} the case group {span.team}"
    else:
        watchers = who_watch([], [span.council_id], but=but, now=now)
        did = f"{'took from' if ended else 'gave to'} {_named(person)} the role of {span}"
    did += f", from {wording.moment(span.starts_at)}" if span.starts_at > now and not ended else ""
    did += f", as {asked_by} had asked" if asked_by else ""
    tell([*watchers, person], did, about=span, cause="ended" if ended else "begun", by=by, now=now)


def tell_that_second_is_asked(request: GrantRequest, now: datetime) -> None:
    """Tell the watchers that a sole administrator asks for a second one, before that has the role."""
    by, person = request.asked_by, request.person
    watchers = who_watch([], [one.pk for one in request.councils], but=[person, by], now=now)
    did = f"asked that {_named(person)} have the role of {request.what}, where nobody else administers"
    tell(watchers, did, about=person, cause=f"asked {request.pk}", by=by, now=now)


def tell_of_account(person: Person, did: str, *, by: Person | None, now: datetime | None = None) -> None:
    """Tell the watchers what was done to an account by which sealed requests are reached; `did` ends before whose."""
    now = now or timezone.now()
    reach = reach_of(person, now)
    if by and reach:
        people = who_watch(reach.groups, [one.pk for one in reach.councils], but=[person, by], now=now)
        tell(
            people,
            f"{did} {_named(person)}, who reaches private requests",
            about=person,
            cause=f"version {person.version}",
            by=by,
            now=now,
        )


def tell_of_address(
    person: Person, old: str | None, *, by: Person | None, now: datetime | None = None
) -> None:
    """Tell the person that they sign in by another address, at the old and at the new one; and their watchers."""
    now = now or timezone.now()
    for which, address in (("old", old), ("new", person.email)):
        if not address:
            continue
        _post(
            [person],
            "account",
            about=person,
            council=person.council,
            subject=ADDRESS_SUBJECT,
            body=ADDRESS_BODY.format(
                person=person, by=by or "The system", phone=person.council.desk_phone
            ).rstrip(),
            cause=f"{which} address {person.pk} {person.version}",
            by=None,
            now=now,
            at_once=True,
            address=address,
        )
    tell_of_account(person, f"changed, from {old or 'none'}, the email address of", by=by, now=now)


def tell(
    people: Iterable[Person], did: str, *, about: Model, cause: str, by: Person | None, now: datetime
) -> None:
    """Tell people what `by` did, in words that go on from their name. Nothing of a request is among them."""
    if by is not None:
        _post(
            people,
            "access",
            about=about,
            council=by.council,
            subject=SUBJECT,
            body=BODY.format(by=by, did=did),
            cause=f"access {about._meta.label_lower} {about.pk} {cause}",
            by=by,
            now=now,
            at_once=True,
        )


def refuse_alone(by: Person | None, sentence: str, field: str = "") -> None:
    """Refuse what one administrator may not do alone. Raises ValidationError where the setting asks for a second."""
    if by is not None and settings.GRANTS_NEED_SECOND_ADMINISTRATOR:
        raise ValidationError({field: sentence} if field else sentence)


def _reaching(now: datetime | None) -> tuple[QuerySet, QuerySet, QuerySet]:
    """The places, roles and requests for them by which anybody reaches sealed requests, now or later."""
    group = Q(team__kind=Team.Kind.CASE_GROUP)
    return (
        Membership.objects.filter(not_over(now), group),
        Grant.objects.filter(not_over(now), role__in=OPENERS),
        GrantRequest.objects.filter(group | Q(role__in=OPENERS), decided_at=None),
    )


def _sealed() -> QuerySet:
    """All sealed requests, by the slot SEALED_REQUESTS: `tickets` stands above us."""
    return import_string(settings.SEALED_REQUESTS)()


def _reaching_now(span: Membership | Grant) -> bool:
    return span.team.kind == Team.Kind.CASE_GROUP if isinstance(span, Membership) else span.role in OPENERS


def _holding(permission: Permission, councils: Iterable[int], now: datetime | None) -> Q:
    rule = Q(pk__in=[])
    for council in councils:
        rule |= Q(pk__in=holders_of(permission, council, now).values("person"))
    return rule


def _named(person: Person) -> str:
    return f"{person} ({person.email or 'without an email address'})"


def _post(people: Iterable[Person], event: str, **letter) -> None:
    """Write mail, by the slot POST: `notifications` stands above us."""
    import_string(settings.POST)(people, event, **letter)

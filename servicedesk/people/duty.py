"""Who is on duty: the rota of a team week by week, and absences. Who manages the queue keeps them as well.

They decide who hears of what: `who_is_told`.
"""

from collections.abc import Iterable
from datetime import date, datetime, time

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from servicedesk.history.models import Change
from servicedesk.history.recording import Entry, change_set, difference, record, record_entries, snapshot
from servicedesk.people.access import councils_of
from servicedesk.people.models import Absence, Membership, Person, RotaSlot, Team
from servicedesk.people.querysets import in_force
from servicedesk.people.roles import Permission

LAST_MINUTE = time(23, 59)
KEEPING = (Permission.ADMINISTER, Permission.MANAGE_QUEUE)


def may_keep_rota(person, team: Team) -> bool:
    """Whether the person keeps the rota of the team: who administers a council of it, or manages its queue.

    A case group is for administrators alone.
    """
    keeping = KEEPING[:1] if team.kind == Team.Kind.CASE_GROUP else KEEPING
    return team.councils.filter(pk__in=_councils(person, keeping)).exists()


def may_note_absence(person, of: Person) -> bool:
    """Whether the person writes down when somebody is away."""
    return of.council_id in _councils(person, KEEPING)


def put_on_rota(
    person: Person, team: Team, *, weekday: int, begins: time, ends: time, by: Person | None
) -> RotaSlot:
    """Put a member of a team on duty, each week, from one time to another by the clocks on the wall.

    Raises PermissionDenied, or ValidationError by field.
    """
    _check_may_keep(by, team)
    if ends <= begins:
        raise ValidationError({"ends": "The end must be after the beginning"})
    if not team.memberships.filter(in_force(), person=person).exists():
        raise ValidationError({"person": f"{person} is not in {team}"})
    own = team.rota.filter(person=person, weekday=weekday)
    if own.filter(begins__lt=ends, ends__gt=begins).exists():
        raise ValidationError({"begins": f"{person} is on duty for {team} then already"})
    with change_set(by=by) as deed:
        slot = RotaSlot.objects.create(person=person, team=team, weekday=weekday, begins=begins, ends=ends)
        record(deed, [slot])
    return slot


def take_off_rota(slot: RotaSlot, *, by: Person | None) -> None:
    """Take a slot out of the rota of a team. Its history says whose it was. Raises PermissionDenied."""
    _check_may_keep(by, slot.team)
    with change_set(by=by) as deed:
        was = snapshot([slot])[slot.pk]
        entry = Entry(
            slot.pk, str(slot), None, Change.Action.UPDATE, difference(was, dict.fromkeys(was, (None, "")))
        )
        slot.delete()
        record_entries(deed, RotaSlot, [entry])


def note_absence(person: Person, first_day: date, last_day: date, *, by: Person | None) -> Absence:
    """Write down that somebody is away, both days included. Raises PermissionDenied, or ValidationError by field."""
    _check_may_note(by, person)
    if last_day < first_day:
        raise ValidationError({"last_day": "The last day must not be before the first"})
    with change_set(by=by) as deed:
        absence = Absence.objects.create(person=person, first_day=first_day, last_day=last_day)
        record(deed, [absence])
    return absence


def cancel_absence(absence: Absence, *, by: Person | None, now: datetime | None = None) -> None:
    """Say that somebody is not away after all. Raises PermissionDenied."""
    _check_may_note(by, absence.person)
    with change_set(by=by, now=now) as deed:
        before = snapshot([absence])
        absence.cancelled_at = absence.cancelled_at or now or timezone.now()
        absence.save(update_fields=["cancelled_at"])
        record(deed, [absence], before)


def on_duty(team: Team, now: datetime | None = None) -> QuerySet[Person]:
    """The members of a team who are on duty at this moment by its rota, and not away."""
    return Person.objects.active().filter(pk__in=slots_now(now).filter(team=team).values("person"))


def slots_now(now: datetime | None = None) -> QuerySet[RotaSlot]:
    """The slots of all rotas that run at this moment, of members who are not away. One that ends at 23:59 ends at
    midnight."""
    here = timezone.localtime(now)
    ends_later = Q(ends__gt=here.time()) | Q(ends__gte=LAST_MINUTE)
    members = Membership.objects.filter(in_force(now), team=OuterRef("team"), person=OuterRef("person"))
    running = RotaSlot.objects.filter(
        ends_later, Exists(members), weekday=here.weekday(), begins__lte=here.time()
    )
    return running.exclude(person__in=absences_now(now).values("person"))


def who_is_told(team: Team, now: datetime, *, at_once: bool) -> list[Person]:
    """Who of a team hears of its work: the members who are here. Of what is told at once, whatever the hour, those of
    them who are on duty by the rota. Where that is nobody, everybody hears of it."""
    members = Person.objects.active().filter(pk__in=team.memberships.filter(in_force(now)).values("person"))
    here = members.exclude(pk__in=absences_now(now).values("person"))
    for people in (on_duty(team, now) if at_once else here, here, members):
        if told := list(people):
            return told
    return []


def absences_now(now: datetime | None = None) -> QuerySet[Absence]:
    """Who is away on this day."""
    today = timezone.localdate(now)
    return Absence.objects.filter(cancelled_at=None, first_day__lte=today, last_day__gte=today)


def away_until(people: Iterable[Person], now: datetime | None = None) -> dict[int, date]:
    """Of these people those who are away, by key, and the last day of it."""
    away = absences_now(now).filter(person__in=people)
    return dict(away.order_by("last_day").values_list("person", "last_day"))


def last_day_away(person: Person | None, now: datetime | None = None) -> date | None:
    """Until when the person is away; nothing where they are here, or nobody is meant."""
    return away_until([person], now).get(person.pk) if person else None


def _councils(person, permissions: tuple[Permission, ...]) -> frozenset[int]:
    return frozenset().union(*(councils_of(person, permission) for permission in permissions))


def _check_may_keep(by: Person | None, team: Team) -> None:
    if by is not None and not may_keep_rota(by, team):
        raise PermissionDenied("You need the right to keep the rota of this team.")


def _check_may_note(by: Person | None, person: Person) -> None:
    if by is not None and not may_note_absence(by, person):
        raise PermissionDenied("You need the right to keep the rotas of this person's council.")

"""Councils, their sites and departments, and teams: every write to them but those of imports.

Who administers a council looks after what is its own. A team that serves several may be changed by who administers
any of them, but such a person adds and takes away no council beyond those that they administer, or that their desk
serves by agreement. A case group is its own council's matter alone.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from typing import Any, TypeGuard, TypeVar

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.utils import timezone

from servicedesk.history import editing
from servicedesk.history.recording import change_set, record
from servicedesk.people.access import councils_of, require, served_by
from servicedesk.people.guarding import refuse_alone, tell, who_watch
from servicedesk.people.models import Council, Department, Grant, GrantRequest, Person, Site, Team
from servicedesk.people.querysets import not_over
from servicedesk.people.roles import Permission

Row = TypeVar("Row", bound=models.Model)

EDITABLE: dict[type[models.Model], tuple[str, ...]] = {
    Council: ("name", "colour", "desk_phone", "desk_hours"),
    Site: ("name", "kind", "address", "postcode", "uprn"),
    Department: ("name", "cost_centre"),
    Team: ("name", "tier", "councils"),
}
"""What may be changed of each. What else a row is, it stays: whose it is, a council's code, a team's kind."""

COUNCILS_KEPT = (
    "This would show the private requests of one council to people who were agreed on for another. Make another case "
    "group, and ask for people to be put into it"
)
MEMBERS_FIRST = (
    "{group} would receive private requests again. Take everybody out of it first; bring it back, and ask for them to "
    "be put into it again, to which another administrator agrees"
)
BESIDE_OTHERS = "You administer none of the councils that this belongs to."
NO_COUNCIL = "Choose at least one council"
NOBODY = "Nobody at your councils, or those that your desk serves, has the email address {}"


def add_council(council: Council, *, by: Person | None, now: datetime | None = None) -> Council:
    """Take in another council. Whoever adds it becomes its first administrator, or nobody could go on.

    That role comes from nobody, because nobody gives one to themselves. Where the setting asks for a second
    administrator it is only asked for, and the council stands archived until another has agreed; what was refused may
    be asked for again under the same code. Raises PermissionDenied, or ValidationError.
    """
    now = now or timezone.now()
    if by is not None:
        require(by, Permission.ADMINISTER)
    with change_set(by=by, now=now) as deed:
        if by is None or not settings.GRANTS_NEED_SECOND_ADMINISTRATOR:
            editing.add(council, by=by, check=_check, now=now)
        else:
            council = _add_archived(council, by, now)
        if by is not None:
            first: dict[str, Any] = {
                "person": by,
                "role": "administrator",
                "council": council,
                "starts_at": now,
            }
            asked = (
                GrantRequest(asked_by=by, asked_at=now, **first) if council.archived_at else Grant(**first)
            )
            asked.save()
            record(deed, [asked])
    return council


def _add_archived(council: Council, by: Person, now: datetime) -> Council:
    """Write the council down as one that is not offered: a new one, or anew one that was refused."""
    council.archived_at = now
    refused = Council.objects.exclude(archived_at=None).filter(
        code=council.code, grants=None, grant_requests__isnull=False
    )
    before = refused.exclude(grant_requests__in=GrantRequest.objects.filter(decided_at=None)).first()
    if before is None:
        return editing.add(council, by=by, check=_check, now=now)
    values = {name: getattr(council, name) for name in EDITABLE[Council]}
    return editing.change(before, by=by, version=before.version, check=_check, now=now, **values)


def add_place(
    place: Site | Department, *, by: Person | None, now: datetime | None = None
) -> Site | Department:
    """Write down a new site or department of a council. Raises PermissionDenied, or ValidationError by field."""
    _check_right(by, place)
    return editing.add(place, by=by, check=_check, now=now)


def add_team(
    team: Team, councils: Iterable[Council], *, by: Person | None, now: datetime | None = None
) -> Team:
    """Make a team of some councils. Raises PermissionDenied, or ValidationError by field."""
    councils = list(councils)
    if by is not None:
        require(by, Permission.ADMINISTER)
        check_councils(by, [], councils, alone=team.kind == Team.Kind.CASE_GROUP)
    with _watched(team, "made", by=by, now=now):
        check = partial(_check_team, by=by, councils=_held(councils))
        return editing.add(team, by=by, check=check, now=now, councils=councils)


def change(row: Row, *, by: Person | None, version: int, now: datetime | None = None, **values: Any) -> Row:
    """Change a council, a site, a department or a team that was read at `version`, with what others changed since kept
    where it is not the same. Returns it as it now is.

    Raises PermissionDenied, history.editing.Clash or Stale, or ValidationError by field.
    """
    unknown = set(values) - set(EDITABLE[type(row)])
    if unknown:
        raise ValidationError({name: "This cannot be changed here." for name in unknown})
    _check_right(by, row)
    with _watched(row, "changed", by=by, now=now):
        row, values = editing.settled(row, version, values)
        check: Callable[[Any], None] = _check
        if isinstance(row, Team):
            _check_councils_of(row, values, by)
            check = partial(_check_team, by=by, councils=_held(values.get("councils", row.councils.all())))
        return editing.change(row, by=by, version=row.version, check=check, now=now, **values)  # type: ignore[attr-defined]


def archive(row: Row, *, by: Person | None, version: int, now: datetime | None = None) -> Row:
    """Offer a row no longer; it is still read. Raises as `change` does."""
    _check_right(by, row)
    if isinstance(row, Council) and row.people.filter(is_active=True).exists():
        raise ValidationError(f"People of {row} can still sign in. Switch off their accounts first.")
    with _watched(row, "archived", by=by, now=now):
        return editing.change(row, by=by, version=version, now=now, archived_at=now or timezone.now())


def bring_back(row: Row, *, by: Person | None, version: int, now: datetime | None = None) -> Row:
    """Offer an archived row again. Raises as `change` does."""
    _check_right(by, row)
    if _is_case_group(row) and row.memberships.filter(not_over(now)).exists():
        refuse_alone(by, MEMBERS_FIRST.format(group=row))
    with _watched(row, "brought back", by=by, now=now):
        return editing.change(row, by=by, version=version, now=now, archived_at=None)


def may_administer(person, row: models.Model) -> bool:
    """Whether the person looks after the row: its council, or any of its councils."""
    administered = councils_of(person, Permission.ADMINISTER)
    if isinstance(row, Council):
        return row.pk in administered
    if hasattr(row, "council_id"):
        return row.council_id in administered
    return row.councils.filter(pk__in=administered).exists()  # type: ignore[attr-defined]


def _check_councils_of(team: Team, values: dict[str, Any], by: Person | None) -> None:
    """Refuse councils of a team that are not the person's to add or take away."""
    if by is None or "councils" not in values:
        return
    alone = _is_case_group(team)
    check_councils(by, team.councils.all(), values["councils"], alone=alone)
    if alone and {*values["councils"]} != {*team.councils.all()}:
        refuse_alone(by, COUNCILS_KEPT, "councils")


def check_councils(
    by: Person, old: Iterable[Council], new: Iterable[Council], *, alone: bool = False
) -> None:
    """Refuse to add or take away a council that is not the person's to speak for. Raises ValidationError.

    `alone`: nor those that their desk serves by agreement.
    """
    before, after = {council.pk: council for council in old}, {council.pk: council for council in new}
    if not after:
        raise ValidationError({"councils": NO_COUNCIL})
    beyond = [
        str(council)
        for key, council in {**before, **after}.items()
        if (key in before) != (key in after) and key not in councils_within(by, alone=alone)
    ]
    if beyond:
        raise ValidationError({"councils": f"You cannot add or take away {', '.join(beyond)}"})


def councils_within(by: Person, *, alone: bool = False) -> set[int]:
    """The councils that the person may add to what councils share, and take away from it."""
    administered = councils_of(by, Permission.ADMINISTER)
    return set(administered) if alone else set().union(*served_by(administered).values())


def known_by_address(by: Person, address: str) -> Person:
    """The person of an address: of a council that one administers, or of one that its desk serves by agreement.

    Raises ValidationError, in the same words for somebody of another council as for nobody.
    """
    for person in Person.objects.active().filter(council__in=councils_within(by), email__iexact=address)[:1]:
        return person
    raise ValidationError(NOBODY.format(address))


def _is_case_group(row: models.Model) -> TypeGuard[Team]:
    return isinstance(row, Team) and row.kind == Team.Kind.CASE_GROUP


@contextmanager
def _watched(row: models.Model, did: str, *, by: Person | None, now: datetime | None) -> Iterator[None]:
    """What is done to a case group inside is one deed with telling those who watch over it, and over the others that
    handle the same matters for its councils: one of them may receive what another did."""
    with change_set(by=by, now=now) as deed:
        yield
        if by is not None and _is_case_group(row):
            group = Team.objects.get(pk=row.pk)
            councils = list(group.councils.all())
            alike = Team.objects.on_offer().filter(sensitivity=group.sensitivity, councils__in=councils)
            did = f"{did} the case group {group}, for {' and '.join(map(str, councils))}"
            people = who_watch([group, *alike.distinct()], but=[by], now=now)
            tell(people, did, about=group, cause=f"version {group.version}", by=by, now=deed.at)


def _check_right(by: Person | None, row: models.Model) -> None:
    if by is None:
        return
    require(by, Permission.ADMINISTER)
    if not may_administer(by, row):
        raise PermissionDenied(BESIDE_OTHERS)


def _check(row: models.Model) -> None:
    """What would be refused by the database, in words. Raises ValidationError by field."""
    row.clean_fields()
    if isinstance(row, Council):
        editing.refuse_taken(row, "code", "name")
    else:
        editing.refuse_taken(row, "name", within="council_id")


def _check_team(team: Team, *, by: Person | None, councils: Collection[int]) -> None:
    """The same of a team. Its name is taken where another team of a council of its own has it, of those that whoever
    names it knows of: so it tells nothing of other councils' teams."""
    team.clean_fields()
    known = Team.objects.all() if by is None else Team.objects.visible_to(by)
    alike = known.filter(pk__in=Team.councils.through.objects.filter(council__in=councils).values("team"))
    editing.refuse_taken(team, "name", among=alike)
    if (team.kind == Team.Kind.CASE_GROUP) != bool(team.sensitivity):
        raise ValidationError(
            {"sensitivity": "Choose what a case group is for, and for no other kind of team"}
        )


def _held(councils: Iterable[Council]) -> list[int]:
    """The keys of the councils, held until the transaction ends: two teams of one name are never made at once."""
    keys = sorted(council.pk for council in councils)
    list(Council.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
    return keys

"""The councils, their places, people, teams and roles, and the services that they get help with."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeVar

from django.contrib.auth.hashers import make_password
from django.db.models import Model
from django.utils import timezone

from demo.reading import table
from servicedesk.catalogue.models import Service
from servicedesk.history.models import ChangeSet
from servicedesk.history.recording import record
from servicedesk.people.models import Agreement, Council, Department, Grant, Membership, Person, Site, Team
from servicedesk.service_levels.models import Calendar, CouncilCalendar, Metric, ServiceLevel
from servicedesk.service_levels.promises import STANDARD

HOUR = 3600
PASSWORD = "try-the-service-desk"  # noqa: S105 - for everybody to know
Row = TypeVar("Row", bound=Model)


def load_organisation(deed: ChangeSet) -> None:
    """Write all of it, as of the time of the deed."""
    councils = {
        council.code: council for council in _add(deed, [Council(**row) for row in table("councils")])
    }
    _add_agreement(deed, councils)
    _add_hours(deed, councils)
    departments = _add(deed, [_in(councils, Department, row) for row in table("departments")])
    sites = _add(deed, [_in(councils, Site, row) for row in table("sites")])
    people = _add_people(deed, councils, departments, sites)
    teams = _add_teams(deed, councils)
    _add_roles(deed, people, teams, deed.at)
    _add_services(deed, councils, people, teams)


def _add_hours(deed: ChangeSet, councils: dict[str, Council]) -> None:
    """A calendar for each council, which its administrator may change; they begin as the usual one."""
    usual = Calendar.objects.get(code=STANDARD)
    calendars = _add(
        deed,
        [
            Calendar(code=council.code, name=f"Office hours of {council}", windows=usual.windows)
            for council in councils.values()
        ],
    )
    links = zip(councils.values(), calendars, strict=True)
    _add(deed, [CouncilCalendar(council=council, calendar=calendar) for council, calendar in links])


def _add(deed: ChangeSet, rows: Iterable[Row]) -> list[Row]:
    rows = list(rows)
    type(rows[0])._default_manager.bulk_create(rows)
    record(deed, rows)
    return rows


def _in(councils: dict[str, Council], kind: type[Row], row: dict) -> Row:
    return kind(**{**row, "council": councils[row["council"]]})


def _add_agreement(deed: ChangeSet, councils: dict[str, Council]) -> None:
    joint = Agreement(name="The shared IT desk", kind=Agreement.Kind.JOINT, starts_at=deed.at)
    _add(deed, [joint])
    joint.councils.set(councils.values())
    # What the councils have agreed on beyond what the desk promises anybody: for what is reported from here on.
    within = {Metric.RESPONSE: 8 * HOUR, Metric.RESOLUTION: 38 * HOUR}
    targets = [
        ServiceLevel(
            agreement=joint,
            starts_on=timezone.localdate(deed.at),
            ticket_type="incident",
            priority="P4",
            metric=metric,
            target_seconds=seconds,
        )
        for metric, seconds in within.items()
    ]
    _add(deed, targets)


def _add_people(
    deed: ChangeSet, councils: dict[str, Council], departments: list[Department], sites: list[Site]
) -> dict[str, Person]:
    """Everybody by e-mail. All have the same password, scrambled once because scrambling is slow by design."""
    password = make_password(PASSWORD)
    department_of = {(row.council_id, row.name): row for row in departments}
    site_of = {(row.council_id, row.name): row for row in sites}
    rows, people = table("people"), {}
    for number, row in enumerate(rows, start=300):
        council = councils[row["council"]]
        people[row["email"]] = Person(
            email=row["email"],
            display_name=row["name"],
            council=council,
            department=department_of.get((council.pk, row["department"])),
            site=site_of.get((council.pk, row["site"])),
            job_title=row["job"],
            kind=row["kind"],
            phone=f"01632 960{number}",
            vip=bool(row["vip"]),
            password=password,
        )
    Person.objects.bulk_create(people.values())
    for row in rows:
        people[row["email"]].line_manager = people.get(row["manager"])
    Person.objects.bulk_update(people.values(), ["line_manager"])
    record(deed, people.values())
    return people


def _add_teams(deed: ChangeSet, councils: dict[str, Council]) -> dict[str, Team]:
    rows = table("teams")
    teams = {row["name"]: Team(**{k: v for k, v in row.items() if k != "councils"}) for row in rows}
    _add(deed, teams.values())
    for row in rows:
        teams[row["name"]].councils.set(councils[code] for code in row["councils"].split())
    return teams


def _add_roles(deed: ChangeSet, people: dict[str, Person], teams: dict[str, Team], now: datetime) -> None:
    """Roles at one's own council, given by its administrator; the administrator's own come from nobody."""
    rows = table("people")
    administrators = {
        people[row["email"]].council_id: people[row["email"]]
        for row in rows
        if row["role"] == "administrator"
    }
    grants, memberships = [], []
    for row in rows:
        person = people[row["email"]]
        giver = administrators[person.council_id]
        grants.append(
            Grant(
                person=person,
                role=row["role"],
                council=person.council,
                granted_by=None if giver == person else giver,
                starts_at=now,
            )
        )
        names = [name for name in row["teams"].split(";") if name]
        memberships += [Membership(person=person, team=teams[name], starts_at=now) for name in names]
    _add(deed, grants)
    _add(deed, memberships)


def _add_services(
    deed: ChangeSet, councils: dict[str, Council], people: dict[str, Person], teams: dict[str, Team]
) -> None:
    rows = table("services")
    services = [
        Service(
            name=row["name"],
            sentence=row["sentence"],
            owner=people[row["owner"]],
            support_team=teams[row["team"]],
            criticality=row["criticality"],
            public_facing=bool(row["public_facing"]),
            first_line=bool(row["first_line"]),
            out_of_hours_cover=bool(row["out_of_hours_cover"]),
            sharing=row["sharing"],
        )
        for row in rows
    ]
    _add(deed, services)
    for service, row in zip(services, rows, strict=True):
        service.councils.set(councils[code] for code in row["councils"].split())

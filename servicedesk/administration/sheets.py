"""What rows of a spreadsheet mean as sites and people of one council.

A person who comes by a sheet can sign in only once somebody gives them a role and a letter. How somebody signs in, and
when they leave, is changed on their own page and never by a sheet.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db.models import QuerySet
from django.db.models.functions import Lower

from servicedesk.history.models import ChangeSet
from servicedesk.people.access import councils_of
from servicedesk.people.guarding import who_reach
from servicedesk.people.inviting import NO_CIRCLE, is_under
from servicedesk.people.models import Council, Department, Person, Site
from servicedesk.people.roles import Permission
from servicedesk.spreadsheets.applying import GoodRow
from servicedesk.spreadsheets.changing import CHECK_AGAIN, Overtaken
from servicedesk.spreadsheets.council_names import department_names, people_with_addresses, site_names
from servicedesk.spreadsheets.headers import Synonyms
from servicedesk.spreadsheets.kinds import Ask, Field, Key, Kind
from servicedesk.spreadsheets.matching import look_up, refuse_other_councils
from servicedesk.spreadsheets.staging import Check, StagedRow, fold
from servicedesk.spreadsheets.stored_rows import StoredRow

Current = Mapping[str, Any] | None
SITE_WORDS = {
    **dict.fromkeys(("council office", "offices", "civic centre"), "office"),
    **dict.fromkeys(("academy", "primary school", "secondary school"), "school"),
    **dict.fromkeys(("yard", "workshop"), "depot"),
}
PERSON_WORDS = {
    **dict.fromkeys(("employee", "officer", "permanent"), "staff"),
    **dict.fromkeys(("member", "elected member", "cllr"), "member"),
    **dict.fromkeys(("agency", "temp", "consultant"), "contractor"),
}


def administered(model: Any) -> Callable[[Person, Mapping[str, Any]], QuerySet]:
    """The rows of the councils that a person administers: their lists are not narrowed."""

    def rows(person: Person, filters: Mapping[str, Any]) -> QuerySet:
        return model.objects.visible_to(person).filter(council__in=councils_of(person, Permission.ADMINISTER))

    return rows


def interpret_sites(rows: Sequence[StagedRow], check: Check) -> None:
    """A site points at nothing but its council."""
    refuse_other_councils(rows, check)


def interpret_people(rows: Sequence[StagedRow], check: Check) -> None:
    """Departments and sites of the council, managers by e-mail address; an address is one person's alone."""
    refuse_other_councils(rows, check)
    for name, model in (("department", Department), ("site", Site)):
        held = model.objects.filter(council=check.council).values_list("pk", "name")
        look_up(rows, name, {fold(each): (pk, each) for pk, each in held}, check)
    colleagues = Person.objects.filter(council=check.council).exclude(email=None)
    by_email = {
        fold(email or ""): (pk, name)
        for pk, email, name in colleagues.values_list("pk", "email", "display_name")
    }
    look_up(rows, "line_manager", by_email, check)
    asked = {row.values["email"].lower() for row in rows if row.values.get("email")}
    elsewhere = Person.objects.exclude(council=check.council).annotate(small=Lower("email"))
    taken = set(elsewhere.filter(small__in=asked).values_list("small", flat=True)) if asked else set()
    for row in rows:
        email = row.values.get("email")
        if email and email.lower() in taken:
            _refuse(
                row, check, "email", f"{email} is already in use", "Enter another address, or leave it empty"
            )


def settle_site(row: StagedRow, current: Current, check: Check) -> None:
    """A new site has a name."""
    if current is None and not row.values.get("name"):
        _refuse(row, check, "name", "A new site needs a name", "Enter the name")


def settle_person(row: StagedRow, current: Current, check: Check) -> None:
    """A new person has a name. The address by which somebody signs in is changed on their own page; so is the first one
    of somebody who reaches sealed requests."""
    if current is None:
        if not row.values.get("display_name"):
            _refuse(row, check, "display_name", "A new person needs a name", "Enter the name")
        return
    if "email" in row.changes:
        name, remedy = current["display_name"], "Change the address on the person’s own page"
        if current["email"]:
            _refuse(row, check, "email", f"{current['email']} is how {name} signs in", remedy)
        elif row.target in _reaching_without_address(check):
            _refuse(row, check, "email", f"{name} reaches private requests", remedy)
    if "line_manager" in row.changes and not row.refused:
        _settle_manager(row, check)


def _settle_manager(row: StagedRow, check: Check) -> None:
    """Nobody comes under themselves, neither by this row nor by it and those before it."""
    if "managers" not in check.memo:
        check.memo["managers"] = _managers(check.council)
    managers, manager = check.memo["managers"], row.changes["line_manager"][1]
    if is_under(manager, row.target, managers.get):
        _refuse(row, check, "line_manager", "They would come under themselves", NO_CIRCLE)
    else:
        managers[row.target] = manager


def refuse_circles(
    keys: Sequence[int], changed: Iterable[StoredRow], deed: ChangeSet, council: Council
) -> None:
    """What was in order when the rows were checked, and is no more. Raises Overtaken."""
    managers = _managers(council) if changed else {}
    for row in changed:
        if is_under(managers.get(row.target_id or 0), row.target_id, managers.get):
            raise Overtaken(f"The person of row {row.number} would come under themselves. {CHECK_AGAIN}")


def _managers(council: Council) -> dict[int, int | None]:
    """Who manages whom, by keys."""
    return dict(Person.objects.filter(council=council).values_list("pk", "line_manager"))


def _reaching_without_address(check: Check) -> frozenset[int]:
    """Who of the council reaches sealed requests, and has no address yet, looked up once for all rows."""
    if "reaching" not in check.memo:
        found = who_reach(check.now).filter(council=check.council, email=None)
        check.memo["reaching"] = frozenset(found.values_list("pk", flat=True))
    return check.memo["reaching"]


def _refuse(row: StagedRow, check: Check, name: str, message: str, remedy: str) -> None:
    check.problem(row, name, "look_up_unknown", severity="error", message=message, remedy=remedy)


def complete_sites(rows: Sequence[GoodRow], deed: ChangeSet, council: Council) -> None:
    """Nothing is lacking."""


def complete_people(rows: Sequence[GoodRow], deed: ChangeSet, council: Council) -> None:
    """New people have no password."""
    unusable = make_password(None)
    for row in rows:
        if row.key is not None:
            row.values["password"] = unusable


SITES = Kind(
    code="sites",
    one="site",
    many="sites",
    model=Site,
    permission=Permission.ADMINISTER,
    synonyms=Synonyms(
        {
            "name": ("site", "name", "site name", "building", "location"),
            "council": ("council", "authority", "organisation"),
            "kind": ("kind", "type", "site type", "use"),
            "address": ("address", "street"),
            "postcode": ("postcode", "post code"),
            "uprn": ("uprn", "unique property reference number"),
            "version": ("version",),
        }
    ),
    fields=(
        Field("name", "Site"),
        Field("council", "Council", label="council__code", serves=True),
        Field("kind", "Kind", "coded", words=SITE_WORDS),
        Field("address", "Address"),
        Field("postcode", "Postcode"),
        Field("uprn", "UPRN", "tag"),
        Field("version", "Version", "integer", serves=True),
    ),
    keys=(Key("name"),),
    interpret=interpret_sites,
    settle=settle_site,
    filtered=administered(Site),
    complete=complete_sites,
    title=lambda values: str(values["name"]),
    search_text=lambda values: str(values["name"]),
)
PEOPLE = Kind(
    code="people",
    one="person",
    many="people",
    model=Person,
    permission=Permission.ADMINISTER,
    synonyms=Synonyms(
        {
            "display_name": ("name", "full name", "display name", "person", "employee"),
            "email": ("email address", "email", "e-mail", "work email", "upn"),
            "council": ("council", "authority", "organisation", "company"),
            "kind": ("kind", "type", "employment type"),
            "job_title": ("job title", "job", "position", "role", "title"),
            "department": ("department", "directorate", "service area", "team"),
            "site": ("site", "location", "office", "building"),
            "phone": ("telephone", "phone", "phone number"),
            "payroll_number": ("payroll number", "payroll no", "employee number", "staff number"),
            "line_manager": ("line manager’s email", "line manager email", "manager email", "manager"),
            "employed_from": ("employed from", "start date", "starts"),
            "version": ("version",),
        }
    ),
    fields=(
        Field("display_name", "Name", "person"),
        Field("email", "Email address", "email"),
        Field("council", "Council", label="council__code", serves=True),
        Field("kind", "Kind", "coded", words=PERSON_WORDS),
        Field("job_title", "Job title"),
        Field("department", "Department", label="department__name"),
        Field("site", "Site", label="site__name"),
        Field("phone", "Telephone", "tag"),
        Field("payroll_number", "Payroll number", "tag"),
        Field("line_manager", "Line manager’s email", label="line_manager__email"),
        Field("employed_from", "Employed from", "end_date"),
        Field("version", "Version", "integer", serves=True),
    ),
    keys=(Key("email"), Key("payroll_number"), Key("display_name", last=True)),
    interpret=interpret_people,
    settle=settle_person,
    filtered=administered(Person),
    complete=complete_people,
    written=refuse_circles,
    heeds=frozenset({"line_manager"}),
    asks=(
        Ask("department", department_names),
        Ask("site", site_names),
        Ask("line_manager", people_with_addresses),
    ),
    title=lambda values: str(values["display_name"]),
    search_text=lambda values: str(values["display_name"]),
)

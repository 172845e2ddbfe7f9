"""What a row of a spreadsheet means to the desk: a request of ours that comes back, or one of another desk's log.

What somebody took out, edited and brings back is changed by `sheet_changes`, and makes no new request. A log is taken
over as it was left, by the system alone, because it makes people and teams. Rows of one number are one ticket in its
last state. It has no clocks and nobody is told; people whom the log only names become people who cannot sign in. A
ticket that is here already is left as it is.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db.models import QuerySet
from django.utils import timezone

from servicedesk.history.models import ChangeSet
from servicedesk.history.recording import record
from servicedesk.lists.references import take_references
from servicedesk.people.models import Council, Person, Team
from servicedesk.people.roles import Permission
from servicedesk.spreadsheets.applying import GoodRow
from servicedesk.spreadsheets.headers import Synonyms
from servicedesk.spreadsheets.kinds import Field, Key, Kind, Opening, narrowed
from servicedesk.spreadsheets.matching import refuse_other_councils
from servicedesk.spreadsheets.staging import Check, Placed, StagedRow
from servicedesk.spreadsheets.table import Table
from servicedesk.spreadsheets.words import plain
from servicedesk.tickets import sheet_changes
from servicedesk.tickets.filters import TicketFilter
from servicedesk.tickets.finding import search_text
from servicedesk.tickets.grounds import RESTRICTED
from servicedesk.tickets.models import Channel, Ticket, TicketState, TicketType

STATES = {
    "new": TicketState.NEW,
    "active": TicketState.IN_PROGRESS,
    "awaiting user info": TicketState.WAITING_CUSTOMER,
    "awaiting evidence": TicketState.WAITING_CUSTOMER,
    "awaiting vendor": TicketState.WAITING_SUPPLIER,
    "awaiting problem": TicketState.IN_PROGRESS,
    "resolved": TicketState.RESOLVED,
    "closed": TicketState.CLOSED,
}
PRIORITIES = {"1 - Critical": "P1", "2 - High": "P2", "3 - Moderate": "P3", "4 - Low": "P4"}
LEVELS = {"1 - High": 1, "2 - Medium": 2, "3 - Low": 3}
ENDED = (TicketState.RESOLVED, TicketState.CLOSED)
NOBODY = "Caller not recorded"
LONGEST_TITLE = 200


def _names_of(name: str) -> Callable[[frozenset[int]], list[str]]:
    """What drops down in a column that points at something: what requests of these councils can be given."""
    words = "display_name" if name == "assignee" else "name"
    return lambda councils: list(sheet_changes.offered(councils)[name].values_list(words, flat=True))


FIELDS = (
    Field("reference", "Reference", fixed=True),
    Field("source_ref", "Number", fixed=True),
    Field("title", "Summary"),
    Field("council", "Council", label="council__code", serves=True, fixed=True),
    Field("service", "Service", label="service__name", offers=_names_of("service")),
    Field("site", "Site", label="site__name", offers=_names_of("site")),
    Field("state", "State", "coded", words=STATES),
    Field("requester", "Caller", label="requester__display_name", fixed=True),
    Field("channel", "Contact type", "coded", words={"self-service": Channel.PORTAL}, fixed=True),
    Field("category", "Category"),
    Field("subcategory", "Subcategory"),
    Field("symptom", "Symptom", serves=True),
    Field("location", "Location", serves=True),
    Field("impact", "Impact", "coded", words=LEVELS),
    Field("urgency", "Urgency", "coded", words=LEVELS),
    Field("priority", "Priority", "coded", words=PRIORITIES),
    Field("team", "Assignment group", label="team__name", offers=_names_of("team")),
    Field("assignee", "Assigned to", label="assignee__display_name", offers=_names_of("assignee")),
    Field("note", "Reason or note", "note", serves=True, blank=True),
    Field("resolution_code", "How it was resolved", "coded"),
    Field("resolution_note", "What was done", "note"),
    Field("reassign_count", "Reassignment count", "integer", fixed=True),
    Field("reopen_count", "Reopen count", "integer", fixed=True),
    Field("reported_at", "Opened", "datetime", fixed=True),
    Field("logged_at", "Created", "datetime", fixed=True),
    Field("resolved_at", "Resolved", "datetime", fixed=True),
    Field("closed_at", "Closed", "datetime", fixed=True),
    Field("closed_code", "Close code", serves=True),
    Field("resolved_by", "Resolved by", serves=True),
    Field("version", "Version", "integer", serves=True),
)
TOLD = (
    Field("type", "Type", "coded"),
    Field("affected_person", "For", label="affected_person__display_name"),
    Field("due_at", "Aim to fix by", "datetime"),
)
FOR_ITS_REQUESTER = {
    *("reference", "title", "type", "council", "service", "requester", "affected_person", "site", "state"),
    *("reported_at", "due_at", "resolved_at", "closed_at", "version"),
}
"""What whoever asked may take out, without how the desk works on it."""
HEADINGS = {
    "reference": ("reference",),
    "source_ref": ("number", "incident number", "ticket number"),
    "title": ("summary", "short description", "short_description", "title"),
    "council": ("council",),
    "service": ("service",),
    "site": ("site",),
    "state": ("state", "incident_state"),
    "requester": ("caller", "caller_id"),
    "channel": ("contact type", "contact_type"),
    "category": ("category",),
    "subcategory": ("subcategory",),
    "symptom": ("symptom", "u_symptom"),
    "location": ("location",),
    "impact": ("impact",),
    "urgency": ("urgency",),
    "priority": ("priority",),
    "team": ("assignment group", "assignment_group"),
    "assignee": ("assigned to", "assigned_to"),
    "note": ("reason or note",),
    "resolution_code": ("how it was resolved",),
    "resolution_note": ("what was done",),
    "reassign_count": ("reassignment count", "reassignment_count"),
    "reopen_count": ("reopen count", "reopen_count"),
    "reported_at": ("opened", "opened_at"),
    "logged_at": ("created", "sys_created_at"),
    "resolved_at": ("resolved", "resolved_at"),
    "closed_at": ("closed", "closed_at"),
    "closed_code": ("close code", "closed_code"),
    "resolved_by": ("resolved by", "resolved_by"),
    "version": ("version",),
    "_ignore": tuple(field.heading for field in TOLD),
}


def gather(table: Table, placed: Sequence[Placed]) -> list[int]:
    """The last row of each number of a log, and every row whose state we do not know, which is refused and does not
    count. Rows with a reference are requests of ours, each for itself.
    """
    at = {each.field.name: each.column for each in placed}
    if "reference" in at or "state" not in at or "source_ref" not in at:
        return list(range(len(table.rows)))
    number, state, known = at["source_ref"], at["state"], KIND.words(KIND.by_name["state"])
    last: dict[Any, int] = {}
    odd = []
    for index, row in enumerate(table.rows):
        if row[number] is None or plain(str(row[state])) not in known:
            odd.append(index)
        else:
            last[row[number]] = index
    return sorted([*last.values(), *odd])


def interpret(rows: Sequence[StagedRow], check: Check) -> None:
    """Requests of ours that come back, and rows of a log."""
    refuse_other_councils(rows, check)
    back = [row for row in rows if check.by or "reference" in row.values]
    sheet_changes.interpret(back, check)
    _interpret_log([row for row in rows if not (check.by or "reference" in row.values)], check)


def _interpret_log(rows: Sequence[StagedRow], check: Check) -> None:
    """Refuse what cannot be a ticket; turn names into people and teams of the council, or into ones to be made."""
    people = dict(_people(check.council))
    teams = dict(Team.objects.filter(councils=check.council).values_list("name", "pk"))
    for row in rows:
        _refuse_without_state(row, check)
        _see_to_times(row, check)
        values = row.values
        if "requester" not in values:
            values["requester"] = NOBODY
            check.problem(
                row,
                "requester",
                "look_up_unknown",
                message="The row has no caller",
                remedy="Enter the caller",
            )
        for name in ("requester", "assignee"):
            if name in values:
                values[name] = [people.get(values[name]), values[name]]
        team = values.pop("team", None)
        if team:
            values["team"] = [teams.get(team), team]


def _people(council: Council) -> Iterable[tuple[str, int]]:
    """People of the council whom only a log has named, by name."""
    known_by_name = Person.objects.filter(council=council, email=None).order_by("-pk")
    return known_by_name.values_list("display_name", "pk")


def _refuse_without_state(row: StagedRow, check: Check) -> None:
    if "state" not in row.values:
        told = [problem["value"] for problem in row.problems if problem["field"] == "state"]
        row.problems = [problem for problem in row.problems if problem["field"] != "state"]
        check.problem(row, "state", "status_not_known", told[0] if told else "", severity="error")


def _see_to_times(row: StagedRow, check: Check) -> None:
    """A ticket says when it was opened and, once it has ended, when it was resolved."""
    values = row.values
    if "reported_at" not in values:
        check.problem(row, "reported_at", "date_not_understood", severity="error")
    if values.get("state") in ENDED and "resolved_at" not in values:
        if "closed_at" in values:
            values["resolved_at"] = values["closed_at"]
            check.problem(row, "resolved_at", "end_not_recorded")
        else:
            check.problem(row, "resolved_at", "date_not_understood", severity="error")


def settle(row: StagedRow, current: Mapping[str, Any] | None, check: Check) -> None:
    """What becomes of a request that comes back, or what a ticket of ours says beside what the log says."""
    values = row.values
    if check.by or "reference" in values:
        sheet_changes.settle(row, current, check)
        return
    symptom, location = values.pop("symptom", ""), values.pop("location", "")
    closed_code, resolved_by = values.pop("closed_code", ""), values.pop("resolved_by", "")
    what = ", ".join(filter(None, [values.get("category"), values.get("subcategory"), symptom]))
    values.setdefault("title", (what or values["source_ref"])[:LONGEST_TITLE])
    values["description"] = f"Reported from {location}." if location else ""
    values["type"] = TicketType.INCIDENT
    values.setdefault("logged_at", values["reported_at"])
    if values["state"] in ENDED:
        ended = [f"Closed as {closed_code}." if closed_code else "", f"{resolved_by}." if resolved_by else ""]
        values["resolution_note"] = " ".join(filter(None, ended))
    else:
        values.pop("resolved_at", None)
        values.pop("closed_at", None)
    if values["state"] != TicketState.CLOSED:
        values.pop("closed_at", None)


def complete(rows: Sequence[GoodRow], deed: ChangeSet, council: Council) -> None:
    """Make the people and teams that a log names, and take references in the order of reporting."""
    rows = [row for row in rows if row.key is not None]
    named = [row.values[name] for row in rows for name in ("requester", "assignee") if name in row.values]
    _make_people(named, council, deed)
    _make_teams([row.values["team"] for row in rows if "team" in row.values], council, deed)
    by_year: defaultdict[int, list[GoodRow]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: row.values["reported_at"]):
        by_year[timezone.localtime(datetime.fromisoformat(row.values["reported_at"])).year].append(row)
    for year, reported in by_year.items():
        for row, reference in zip(reported, take_references("INC", year, len(reported)), strict=True):
            row.values["reference"] = reference


def _make_people(named: Sequence[list], council: Council, deed: ChangeSet) -> None:
    people = dict(_people(council))
    missing = dict.fromkeys(name for pk, name in named if pk is None and name not in people)
    unusable = make_password(None)
    made = [Person(council=council, display_name=name, password=unusable) for name in missing]
    Person.objects.bulk_create(made)
    record(deed, made)
    _give_keys(named, people | {person.display_name: person.pk for person in made})


def _make_teams(named: Sequence[list], council: Council, deed: ChangeSet) -> None:
    teams = dict(Team.objects.filter(councils=council).values_list("name", "pk"))
    missing = dict.fromkeys(name for pk, name in named if pk is None and name not in teams)
    made = Team.objects.bulk_create(Team(name=name) for name in missing)
    served = Team.councils.through
    served.objects.bulk_create(served(team=team, council=council) for team in made)
    record(deed, made)
    _give_keys(named, teams | {team.name: team.pk for team in made})


def _give_keys(named: Iterable[list], keys: Mapping[str, int]) -> None:
    for value in named:
        value[0] = keys[value[1]]


def _search_text(values: Mapping[str, Any]) -> str:
    return search_text(values["reference"], values["title"], values["description"], values["requester"][1])


def filtered(person: Person, filters: Mapping[str, Any]) -> QuerySet[Ticket]:
    """The tickets that the person may see, with these filters. Raises ValidationError by filter."""
    return narrowed(TicketFilter, Ticket.objects.visible_to(person), person, filters)


def open_to(person: Person) -> list[Opening]:
    """Whoever sees a ticket by a right takes out all of it; whoever asked for it, what they are told of it."""
    rest = frozenset(field.name for field in FIELDS) - FOR_ITS_REQUESTER
    return [Opening(rest, sheet_changes.seen_by_right(person))]


KIND = Kind(
    code="tickets",
    one="ticket",
    many="tickets",
    model=Ticket,
    permission=Permission.WORK_TICKETS,
    synonyms=Synonyms(HEADINGS),
    fields=FIELDS,
    keys=(Key("reference"), Key("source_ref")),
    filtered=filtered,
    filters=TicketFilter,
    open_to=open_to,
    told=TOLD,
    never=RESTRICTED,
    gather=gather,
    interpret=interpret,
    settle=settle,
    complete=complete,
    title=lambda values: values["reference"],
    search_text=_search_text,
    whole=False,
    deeds=sheet_changes.DEEDS,
)

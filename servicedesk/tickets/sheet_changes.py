"""Requests that come back in a sheet: every changed cell is the deed that a page would have made of it.

Facts are corrected by `workflow.change`, a priority is set by hand by `prioritising`, and a new state, team or person
is the move that leads there: each with its rights, its clocks and its news. A check does all of it and takes it back,
so it knows what follows, such as another priority, and refuses in the words of the page.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q

from servicedesk.catalogue.models import Service
from servicedesk.history.models import ChangeSet
from servicedesk.history.recording import as_json, change_set
from servicedesk.history.taking_back import Row, plan
from servicedesk.history.undoing import Undone
from servicedesk.people.models import Person, Site, Team
from servicedesk.spreadsheets.applying import GoodRow
from servicedesk.spreadsheets.changing import CHECK_AGAIN, Overtaken
from servicedesk.spreadsheets.kinds import Deeds
from servicedesk.spreadsheets.staging import Check, StagedRow, fold
from servicedesk.spreadsheets.trying import tried_out
from servicedesk.tickets.choices import engineers_of
from servicedesk.tickets.grounds import RESTRICTED, Holds, grounds
from servicedesk.tickets.models import Ticket, TicketState
from servicedesk.tickets.prioritising import override_priority
from servicedesk.tickets.rights import may_make
from servicedesk.tickets.states import MOVES, MoveRefused
from servicedesk.tickets.workflow import change, locked, move

FACTS = ("title", "service", "category", "subcategory", "site", "impact", "urgency")
POINTED: dict[str, Any] = {"service": Service, "site": Site, "team": Team, "assignee": Person}
GIVEN_ON = ("team", "assignee")
OUTCOME = ("resolution_code", "resolution_note")
EDITED = (*FACTS, "priority", "state", *GIVEN_ON, *OUTCOME)
"""The columns whose cells change a request."""

GIVES: dict[str, Mapping[str, str]] = {
    "assign": {"team": "team", "assignee": "assignee"},
    "start": {},
    "take": {},
    "put_back": {"note": "note"},
    "hand_over": {"note": "note", "team": "team", "assignee": "assignee"},
    "customer_replied": {},
    "supplier_answered": {},
    "begin_booked": {},
    "resolve": {"resolution_code": "resolution_code", "resolution_note": "resolution_note"},
    "reopen": {},
    "cancel": {"reason": "note"},
    "close": {},
}
"""What the columns of a row give with a move: {what it asks for: column}. The other moves are made on the page."""
SENT_AS = {"reason": "note"}
"""The columns that deeds know by another name."""
PRIORITIES = ("priority", "priority_override", "priority_reason")
MOST_AT_ONCE = 200
"""So many requests are changed by one sheet: others wait while they are."""

NOT_HERE = {"message": "We have no request of this reference", "remedy": "Correct it, or leave the row out"}
NOT_BY_SHEET = {
    "message": "A sheet changes requests, and makes none",
    "remedy": "Log the request on its own page, or leave the row out",
}
BY_NOBODY = {
    "message": "A sheet changes requests in somebody’s name",
    "remedy": "Bring it in on the page of imports, or say by whom it is",
}
PRIVATE = "Requests for this service are private: choose it on the page of the request."
UNHEARD = (
    "Nothing that this row changes keeps a note. Empty the cell, and write to the request on its own page"
)
ON_ITS_OWN = {
    "message": "The row says a reason or note and changes nothing",
    "remedy": "Empty the cell, and write to the request on its own page",
}
STAYS = "It was moved or given to others, which is not taken back by itself."


def interpret(rows: Sequence[StagedRow], check: Check) -> None:
    """Turn names into teams, people, services and sites of the council; what cannot be changed is not looked at.

    A name that is not on offer may still be the one that stands there. Of namesakes none is meant.
    """
    for name, known in _known(rows, check).items():
        for row in rows:
            if name in row.values:
                row.values[name] = [known.get(fold(row.values[name])), row.values[name]]
    for row in rows:
        key = "reference" if "reference" in row.values else "source_ref"
        kept = {*EDITED, key, "note", "version"}
        row.values = {name: value for name, value in row.values.items() if name in kept}


def _known(rows: Sequence[StagedRow], check: Check) -> dict[str, dict[str, int | None]]:
    return {
        name: _by_name(offer.values_list("pk", "display_name" if name == "assignee" else "name"))
        for name, offer in offered([check.council.pk]).items()
        if any(name in row.values for row in rows)
    }


def _by_name(pairs: Any) -> dict[str, int | None]:
    known: dict[str, int | None] = {}
    for pk, name in pairs:
        known[fold(name)] = None if fold(name) in known else pk
    return known


def offered(councils: Sequence[int] | frozenset[int]) -> dict[str, Any]:
    """What requests of these councils can be given by a sheet."""
    return {
        "service": Service.objects.offered_to(*councils).filter(sensitivity=""),
        "site": Site.objects.on_offer().filter(council__in=councils),
        "team": Team.objects.on_offer()
        .exclude(kind=Team.Kind.CASE_GROUP)
        .filter(councils__in=councils)
        .distinct(),
        "assignee": engineers_of(councils),
    }


def settle(row: StagedRow, current: Mapping[str, Any] | None, check: Check) -> None:
    """Make of a row what it asks for, take it back, and keep what became of it."""
    if current is None:
        if "reference" in row.values:
            check.problem(
                row, "reference", "look_up_unknown", row.values["reference"], severity="error", **NOT_HERE
            )
        else:
            check.problem(row, "source_ref", "look_up_unknown", severity="error", **NOT_BY_SHEET)
        return
    row.changes = {name: change for name, change in row.changes.items() if name in EDITED}
    if row.told:
        return
    if refusal := _not_to_be_tried(row, check):
        name, words = refusal
        check.problem(row, name, "breaks_a_rule", **words)
        return
    if not row.changes or check.by is None:
        return
    try:
        with tried_out(), change_set(by=check.by, now=check.now):
            changed = carry_out(_found(row.target, check.by), row.changes, _note(row), check.by)
            row.values["typed"] = ",".join(row.changes)
            row.changes |= dict(_followed(changed, row.changes, current))
    except (PermissionDenied, MoveRefused) as refused:
        check.problem(
            row, _cause(row), "breaks_a_rule", message=_sentence(refused), remedy=_ways(row, current, check)
        )
    except ValidationError as error:
        for name, sentence in _sentences(error):
            check.problem(row, name, "breaks_a_rule", message=sentence, remedy=_ways(row, current, check))


def _not_to_be_tried(row: StagedRow, check: Check) -> tuple[str, dict[str, str]] | None:
    """Why a row is refused as it stands, and the column that says so."""
    if not row.changes:
        return ("note", ON_ITS_OWN) if _note(row) else None
    if check.by is None:
        return "reference", BY_NOBODY
    tried = check.memo["changed"] = check.memo.get("changed", 0) + 1
    too_many = f"At most {MOST_AT_ONCE} requests are changed by one sheet"
    told = {"message": too_many, "remedy": "Bring the others in another sheet"}
    return ("reference", told) if tried > MOST_AT_ONCE else None


def carry_out(ticket: Ticket, changes: Mapping[str, Sequence], note: str, by: Person) -> Ticket:
    """Do to a ticket what its row asks for. Raises PermissionDenied, MoveRefused, or ValidationError by column."""
    wanted = {name: _meant(name, new, words) for name, (_, new, _, words) in changes.items()}
    facts = {name: wanted[name] for name in FACTS if name in wanted}
    if facts:
        if facts.get("service") and facts["service"].sensitivity:
            raise ValidationError({"service": PRIVATE})
        ticket = change(ticket, by=by, version=ticket.version, **facts)
    noted = not note
    if wanted.get("priority", ticket.priority) != ticket.priority:
        ticket = override_priority(
            ticket, by=by, priority=wanted["priority"], reason=note, version=ticket.version
        )
        noted = True
    if target := _target(ticket, wanted):
        step = _step_to(ticket, target, by)
        ticket = _take(ticket, step, {**wanted, "note": note}, by)
        noted = noted or "note" in GIVES[step].values()
    for name in wanted:
        if getattr(ticket, name) != wanted[name]:
            raise ValidationError({name: _otherwise(ticket, name)})
    if not noted:
        raise ValidationError({"note": UNHEARD})
    return ticket


def _meant(name: str, key: Any, words: str) -> Any:
    """What a cell means: the row of ours that it names, or what it says. Raises ValidationError."""
    if name not in POINTED:
        return key
    if key is None and words:
        raise ValidationError({name: f"We know no one thing on offer called “{words}”."})
    return POINTED[name].objects.get(pk=key) if key else None


def _target(ticket: Ticket, wanted: Mapping[str, Any]) -> TicketState | None:
    """The state that a row leads to, None where it makes no move."""
    if wanted.get("state", ticket.state) != ticket.state:
        return TicketState(wanted["state"])
    given_on = any(name in wanted and getattr(ticket, name) != wanted[name] for name in GIVEN_ON)
    return TicketState.ASSIGNED if given_on else None


def _step_to(ticket: Ticket, target: TicketState, by: Person) -> str:
    """The move that leads to the state: the first that is the person's to make. Raises MoveRefused."""
    possible = set(_moves_from(ticket.state, target))
    leading = [name for name in GIVES if name in possible]
    if not leading:
        raise MoveRefused(f"No sheet brings {ticket} to “{target.label}”.")
    return next((name for name in leading if may_make(by, ticket, name)), leading[0])


def _take(ticket: Ticket, step: str, said: Mapping[str, Any], by: Person) -> Ticket:
    """Make the move, with what the row says for it."""
    given = {asked: said[column] for asked, column in GIVES[step].items() if said.get(column)}
    if step == "assign":
        given.setdefault("team", ticket.team)
    return move(ticket, step, by=by, version=ticket.version, **given)


def _moves_from(state: str, target: TicketState | None = None) -> Iterator[str]:
    for name, step in MOVES.items():
        if TicketState(state) in step.sources and target in (None, step.target):
            yield name


def _otherwise(ticket: Ticket, name: str) -> str:
    """That a cell does not come true, whatever else is done."""
    present = getattr(ticket, f"get_{name}_display", lambda: getattr(ticket, name))()
    if name in OUTCOME:
        return "How it was resolved is said when it is resolved."
    return f"With the rest of the row it would be “{present or 'nothing'}”."


def _followed(
    ticket: Ticket, typed: Mapping[str, Any], current: Mapping[str, Any]
) -> Iterator[tuple[str, list]]:
    """What follows from what was typed, as changes of other columns."""
    for name in EDITED:
        new = as_json(getattr(ticket, f"{name}_id" if name in POINTED else name))
        old = as_json(current[name])
        if name in typed or new == old:
            continue
        if name in POINTED:
            yield name, [old, new, current[f"{name} label"] or "", str(getattr(ticket, name) or "")]
        else:
            words = dict(Ticket._meta.get_field(name).flatchoices)  # type: ignore[union-attr]
            yield name, [old, new, str(words.get(old, old)), str(words.get(new, new))]


def _note(row: StagedRow | GoodRow) -> str:
    return str(row.values.get("note", ""))


def _cause(row: StagedRow) -> str:
    """The column that a refusal is told of."""
    return next(
        (name for name in ("state", *GIVEN_ON, "priority") if name in row.changes), next(iter(row.changes))
    )


def _ways(row: StagedRow, current: Mapping[str, Any], check: Check) -> str:
    """How to mend a row that is refused: of a new state by the moves that there are."""
    if "state" not in row.changes:
        return "Correct the row, or leave it out"
    words = [f"{MOVES[name].words} ({MOVES[name].target.label})" for name in _moves_from(current["state"])]
    reads = TicketState(current["state"]).label.lower()
    return f"From {reads} it can go on by: {'; '.join(words)}" if words else f"Nothing follows {reads}"


def _sentence(refused: Exception) -> str:
    return str(refused).removesuffix(".")


def _sentences(error: ValidationError) -> Iterator[tuple[str, str]]:
    by_column = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    for name, sentences in by_column.items():
        for sentence in sentences:
            yield SENT_AS.get(name, name), sentence.removesuffix(".")


def seen_by_right(person: Person) -> Q | None:
    """The tickets that the person sees by a right, not only because they asked for them; None where that is none."""
    rule = None
    for ground in grounds():
        by_right = ground.reads_notes or any(isinstance(each, Holds) for each in ground.conditions)
        held = ground.tickets(person) if by_right else None
        if held is not None:
            rule = held if rule is None else rule | held
    return rule


def reach(person: Person) -> Any:
    """The requests that a sheet of the person may find: those that they may take out with all of their columns."""
    rule = seen_by_right(person)
    return Ticket.objects.visible_to(person).filter(rule) if rule else Ticket.objects.none()


def change_rows(rows: Sequence[GoodRow], deed: ChangeSet, by: Person) -> None:
    """Do to each ticket what its row asks for, all in one deed. Raises Overtaken."""
    for row in sorted(rows, key=lambda row: row.target_id or 0):
        typed = {name: row.changes[name] for name in row.values["typed"].split(",")}
        try:
            ticket = _found(row.target_id, by)
            if ticket.version != row.target_version:
                raise Overtaken(
                    f"Row {row.number} was changed by somebody since the rows were checked. {CHECK_AGAIN}"
                )
            carry_out(ticket, typed, _note(row), by)
        except (PermissionDenied, MoveRefused) as refused:
            raise Overtaken(f"Row {row.number}: {_sentence(refused)}. {CHECK_AGAIN}") from refused
        except ValidationError as error:
            told = ". ".join(sentence for _, sentence in _sentences(error))
            raise Overtaken(f"Row {row.number}: {told}. {CHECK_AGAIN}") from error


def _found(pk: int | None, by: Person) -> Ticket:
    """The ticket as it is now, held, where a sheet of the person may still find it."""
    found = reach(by).exclude(RESTRICTED).filter(pk=pk).first()
    if found is None:
        raise MoveRefused("This request is out of your reach now.")
    return locked(found)


def give_back(deed: ChangeSet, by: Person | None, undone: Undone) -> None:
    """Give back facts and priorities that nobody has changed since, as corrections of their own; what was moved or
    given to others stays where it is, and is listed."""
    planned = plan(deed, set(deed.changes.values_list("kind", flat=True)) - {Ticket._meta.label_lower})
    undone.left += planned.left
    for part in planned.parts:
        for row in part.restore:
            try:
                _give_back(part.kind, row, by, undone)
            except (PermissionDenied, MoveRefused, ValidationError) as refused:
                why = refused.messages[0] if isinstance(refused, ValidationError) else str(refused)
                undone.left.append(row.left(part.kind, why, row.fields))


def _give_back(kind: str, row: Row, by: Person | None, undone: Undone) -> None:
    """Correct one ticket to what it said before. Raises as what corrects it does."""
    if row.moved or row.fields.keys() - {*FACTS, *PRIORITIES}:
        undone.left.append(row.left(kind, STAYS, row.fields))
        return
    old = {name: change[0] for name, change in row.fields.items()}
    with transaction.atomic():
        ticket = locked(Ticket(pk=row.pk))
        facts = {
            name: POINTED[name].objects.get(pk=key) if key and name in POINTED else key
            for name, key in old.items()
        }
        if facts := {name: facts[name] for name in FACTS if name in facts}:
            ticket = change(ticket, by=by, version=ticket.version, **facts)
        if "priority_override" in old:
            reason = old.get("priority_reason") or undone.deed.reason
            override_priority(
                ticket, by=by, priority=old["priority_override"], reason=reason, version=ticket.version
            )
    undone.restored += 1


DEEDS = Deeds(reach, change_rows, give_back, goes_with="note", known_by="reference")

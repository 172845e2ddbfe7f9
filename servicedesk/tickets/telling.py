"""Whom the news of a ticket concerns, and in which words they are told.

Whoever is named here is told only if they may still see it when the mail goes: `letters` is asked then.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from servicedesk import wording
from servicedesk.notifications import outbox, webhooks
from servicedesk.people.duty import last_day_away, who_is_told
from servicedesk.people.guarding import who_watch
from servicedesk.people.models import Grant, Person, Team
from servicedesk.people.querysets import in_force
from servicedesk.people.roles import ROLES
from servicedesk.tickets.joined import family_of, people_of
from servicedesk.tickets.letters import page_of, sealed_body, sealed_subject
from servicedesk.tickets.models import Comment, Priority, Sharing, Ticket
from servicedesk.tickets.models.sealing import TOLD_OF_ALERTS
from servicedesk.tickets.rights import is_its_supplier

Facts = dict[str, Any]
Whom = Callable[[Ticket, Any, Facts], Iterable[Person]]


def customers(ticket: Ticket, by, facts: Facts) -> Iterable[Person]:
    """Whose request it is, and for whom; and whose requests were merged into it."""
    return people_of(*family_of(ticket))


def holders(ticket: Ticket, by, facts: Facts) -> Iterable[Person]:
    """Who has it; while nobody has, or who has it is away, its team."""
    assignee = ticket.assignee
    if assignee and not last_day_away(assignee, facts["now"]):
        return [assignee]
    return {
        person.pk: person for person in filter(None, [assignee, *_of_team(ticket.team, ticket, facts)])
    }.values()


def _of_team(team: Team | None, ticket: Ticket, facts: Facts) -> Iterable[Person]:
    return who_is_told(team, facts["now"], at_once=_at_once(ticket)) if team else []


def _at_once(ticket: Ticket) -> bool:
    """Whether nobody's hours count."""
    return ticket.priority == Priority.P1


def _people_of(spans) -> Iterable[Person]:
    return Person.objects.active().filter(pk__in=spans.values("person"))


def _holders_of_customers_words(ticket: Ticket, by, facts: Facts) -> Iterable[Person]:
    return holders(ticket, by, facts) if by in customers(ticket, by, facts) else []


def _customers_logged_for(ticket: Ticket, by, facts: Facts) -> Iterable[Person]:
    told = customers(ticket, by, facts)
    return [] if by in told else told


def _holders_of_suppliers_words(ticket: Ticket, by, facts: Facts) -> Iterable[Person]:
    comment = facts.get("comment")
    noted = comment and comment.visibility == Comment.Visibility.SUPPLIER and is_its_supplier(by, ticket)
    return holders(ticket, by, facts) if noted or not comment else []


def _firm(ticket: Ticket, by, facts: Facts) -> Iterable[Person]:
    comment = facts.get("comment")
    return _of_team(comment.supplier_team if comment else ticket.supplier_team, ticket, facts)


def _approvers(ticket: Ticket, by, facts: Facts) -> Iterable[Person]:
    if facts.get("people") or not ticket.approver:
        return facts.get("people") or []
    standing_in = ticket.approver.stood_in_for_by.in_force(facts["now"]).select_related("stand_in")
    return [ticket.approver, *(row.stand_in for row in standing_in)]


def _of_the_task(ticket: Ticket, by, facts: Facts) -> Iterable[Person]:
    task = facts["task"]
    return [task.assignee] if task.assignee else _of_team(task.team, ticket, facts)


def watchers(ticket: Ticket, by, facts: Facts) -> Iterable[Person]:
    """Who watches over a sealed ticket: its case group and the cyber security officers, without who is watched; where
    nobody else is left, those who may break its glass as well."""
    groups = [ticket.case_group] if ticket.case_group else []
    return who_watch(groups, [ticket.council_id], but=[by] if by else [])


def _warned(ticket: Ticket, by, facts: Facts) -> Iterable[Person]:
    roles = [code for code, role in ROLES.items() if {*TOLD_OF_ALERTS} & {*role.permissions}]
    return _people_of(Grant.objects.filter(in_force(), role__in=roles, council=facts["alert"].council_id))


@dataclass(frozen=True)
class Telling:
    """One event of `notifications.EVENTS` that follows from news: whom, and the words.

    The subject and the words take {ref}, {by}, {booked}, {due}, {task}, {until} and {council}; `quotes` says what is
    quoted below them. `bare` is for what says nothing of the ticket itself, so that a sealed one is told of alike: a
    warning, which goes at once.
    """

    event: str
    whom: Whom
    subject: str
    words: str
    quotes: Callable[[Ticket, Facts], str] = lambda ticket, facts: ""
    bare: bool = False


def _said(ticket: Ticket, facts: Facts) -> str:
    return facts["comment"].body if "comment" in facts else ""


def _outcome(ticket: Ticket, facts: Facts) -> str:
    return ticket.resolution_note


def _why_approved(ticket: Ticket, facts: Facts) -> str:
    return ticket.approval_reason


def _description(ticket: Ticket, facts: Facts) -> str:
    return ticket.description


YOURS = "Update on your request {ref}"
TOLD: dict[str, tuple[Telling, ...]] = {
    "raised": (
        Telling("given", holders, "New: {ref}", "{by} asked for help.", _description),
        Telling("logged", _customers_logged_for, YOURS, "{by} has logged this for you."),
    ),
    "assigned": (Telling("given", holders, "For you: {ref}", "{by} has given this to you or your team."),),
    "handed_over": (
        Telling("given", holders, "Handed over: {ref}", "{by} has handed this over to you or your team."),
    ),
    "approved": (Telling("given", holders, "Approved: {ref}", "{by} has approved this. It can begin."),),
    "replied": (
        Telling("answered", customers, YOURS, "{by} wrote:", _said),
        Telling(
            "customer_replied", _holders_of_customers_words, "Customer replied: {ref}", "{by} wrote:", _said
        ),
    ),
    "noted": (
        Telling("referred", _firm, "Note for your firm: {ref}", "{by} wrote:", _said),
        Telling(
            "supplier_answered", _holders_of_suppliers_words, "Supplier answered: {ref}", "{by} wrote:", _said
        ),
    ),
    "asked": (Telling("asked", customers, YOURS, "We need an answer from you. {by} asks:", _said),),
    "waiting": (
        Telling(
            "asked",
            customers,
            YOURS,
            "We asked you something on {asked}, and cannot go on without your answer. Tell us too if you no longer "
            "need this.",
        ),
    ),
    "booked": (Telling("booked", customers, YOURS, "We have booked this for {booked}."),),
    "referred": (Telling("referred", _firm, "For your firm: {ref}", "{by} needs your help with this."),),
    "supplier_answered": (
        Telling("supplier_answered", holders, "Supplier answered: {ref}", "{by} has answered."),
    ),
    "resolved": (
        Telling("resolved", customers, YOURS, "We think that this is done. Tell us if it is not.", _outcome),
    ),
    "reopened": (
        Telling("customer_replied", holders, "Opened again: {ref}", "{by} says that it is not fixed.", _said),
        Telling("answered", _customers_logged_for, YOURS, "We have opened this again.", _said),
    ),
    "cancelled": (Telling("ended", customers, YOURS, "This is cancelled, for this reason:", _outcome),),
    "rejected": (Telling("ended", customers, YOURS, "This is not approved, for this reason:", _outcome),),
    "approval_wanted": (
        Telling(
            "approval_wanted",
            _approvers,
            "For you to approve: {ref}",
            "{requester} needs your approval, for this reason:",
            _why_approved,
        ),
    ),
    "warned": (Telling("warned", holders, "Soon late: {ref}", "{metric} is due by {due}."),),
    "breached": (Telling("breached", holders, "Late: {ref}", "{metric} was due by {due}."),),
    "task_given": (
        Telling("task_given", _of_the_task, "Task for you: {ref}", "There is something to do: {task}"),
    ),
    "glass_broken": (
        Telling(
            "glass_broken",
            watchers,
            "Private request opened in an emergency: {ref}",
            "{by} has opened the private request {ref} of {council} in an emergency. It closes again on {until}.",
            bare=True,
        ),
    ),
    "alert": (
        Telling(
            "alert",
            _warned,
            "Security warning: {ref}",
            "{by} warns you that a security incident at {council} may concern you: {ref}. Call them to learn more.",
            bare=True,
        ),
    ),
}
"""What follows from each news for people. Of the rest nobody is told by mail."""


def tell_people(event: str, ticket: Ticket, *, by, now: datetime, **facts: Any) -> None:
    """A listener of TICKET_NEWS: write a message to everybody whom the news concerns."""
    facts["now"] = now
    for telling in TOLD.get(event, ()):
        subject, body = _words(telling, ticket, by, facts)
        comment = facts.get("comment")
        outbox.post(
            telling.whom(ticket, by, facts),
            _event(telling, ticket),
            about=_about(ticket, facts),
            council=ticket.council,
            subject=subject,
            body=body,
            cause=_cause(event, ticket, facts),
            by=by,
            now=now,
            files=[each.stored_file for each in comment.attachments.select_related("stored_file")]
            if comment
            else [],
            at_once=telling.bare or _at_once(ticket),
        )


def tell_systems(event: str, ticket: Ticket, *, by, now: datetime, **facts: Any) -> None:
    """A listener of TICKET_NEWS: write down what webhooks are to be told. Of sealed tickets they are told nothing."""
    if ticket.sharing != Sharing.RESTRICTED:
        said = {"comment": facts["comment"].pk} if "comment" in facts else {}
        webhooks.announce(f"ticket.{event}", about=ticket, council=ticket.council, now=now, **said)


ABOUT = ("comment", "task", "glass", "alert")


def _about(ticket: Ticket, facts: Facts):
    """What decides, at sending, who may be told: the row that came with the news, else the ticket."""
    return next((facts[name] for name in ABOUT if name in facts), ticket)


def _cause(event: str, ticket: Ticket, facts: Facts) -> str:
    """The deed, by what came with it: a row that is written once, or the ticket as the deed left it."""
    if "clock" in facts:
        return f"{event} clock {facts['clock'].pk} {facts['clock'].due_at:%Y-%m-%dT%H:%M:%S}"
    if "days" in facts:
        return f"{event} {ticket.pk} {facts['asked_at']:%Y-%m-%dT%H:%M:%S} {facts['days']}"
    row = _about(ticket, facts)
    if row is not ticket:
        return f"{event} {row._meta.label_lower} {row.pk} {getattr(row, 'version', '')}".strip()
    return f"{event} {ticket.pk} {ticket.version}"


def _event(telling: Telling, ticket: Ticket) -> str:
    """By which of their choices people are told; that something critical has come is nobody's choice."""
    if _is_case(telling, ticket):
        return "case"
    return "critical" if telling.event == "given" and _at_once(ticket) else telling.event


def _is_case(telling: Telling, ticket: Ticket) -> bool:
    """Who works on sealed tickets need not be of the desk, and chooses by one line of its own."""
    return ticket.sharing == Sharing.RESTRICTED and telling.event in (
        "given",
        "customer_replied",
        "warned",
        "breached",
    )


def _words(telling: Telling, ticket: Ticket, by, facts: Facts) -> tuple[str, str]:
    if ticket.sharing == Sharing.RESTRICTED and not telling.bare:
        return sealed_subject(ticket), sealed_body(ticket)
    words = _facts_in_words(ticket, by, facts)
    subject, said = telling.subject.format(**words), telling.words.format(**words)
    if telling.bare:
        return subject, said
    quoted = telling.quotes(ticket, facts).strip()
    parts = [
        f"{ticket.title}",
        said,
        *([quoted] if quoted else []),
        f"Read it and answer:\n{page_of(ticket)}",
    ]
    return f"{subject} {ticket.title}", "\n\n".join(parts)


def _facts_in_words(ticket: Ticket, by, facts: Facts) -> dict[str, str]:
    clock, glass = facts.get("clock"), facts.get("glass")
    return {
        "ref": ticket.reference,
        "by": str(by) if by else "The IT desk",
        "requester": str(ticket.requester),
        "council": str(ticket.council),
        "booked": wording.moment(ticket.booked_for),
        "asked": wording.day(facts.get("asked_at")),
        "metric": clock.get_metric_display() if clock else "",
        "due": wording.moment(clock.due_at) if clock else "",
        "task": facts["task"].title if "task" in facts else "",
        "until": wording.moment(glass.ends_at) if glass else "",
    }

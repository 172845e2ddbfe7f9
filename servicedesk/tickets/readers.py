"""Who can read each kind of word on a ticket, by name where they are few and by number where they are many."""

from collections.abc import Iterable

from django.db.models import QuerySet

from servicedesk import wording
from servicedesk.people.models import Membership, Person, Team
from servicedesk.people.querysets import in_force
from servicedesk.tickets.models import Comment, Sharing, Ticket
from servicedesk.tickets.sight import people_who_see

FEW = 3
Sentences = dict[tuple[str, int | None], str]
"""{(visibility, firm): sentence}"""


def readers(ticket: Ticket, comments: Iterable[Comment], supplier: Team | None) -> Sentences:
    """Who can read what is said now, and what was said: a sentence for each visibility, and of each firm's notes."""
    asking = Person.objects.filter(pk__in=[ticket.requester_id, ticket.affected_person_id])
    desk = _those(people_who_see(ticket, lambda ground: ground.reads_notes), _desk(ticket))
    others = _those(people_who_see(ticket).exclude(pk__in=asking), "who can see this request")
    known = [str(person) for person in (ticket.requester, ticket.affected_person) if person]
    said: Sentences = {
        (Comment.Visibility.PUBLIC, None): _can([*known, others]),
        (Comment.Visibility.INTERNAL, None): _can([desk]),
    }
    firms = {comment.supplier_team for comment in comments if comment.supplier_team}
    for firm in firms | ({supplier} if supplier else set()):
        said[Comment.Visibility.SUPPLIER, firm.pk] = _can([_firm(firm), desk])
    return said


def readers_of(said: Sentences, comment: Comment) -> str:
    """Who can read something that was said."""
    return said.get((comment.visibility, comment.supplier_team_id), "")


def _desk(ticket: Ticket) -> str:
    return f"of {ticket.case_group}" if ticket.sharing == Sharing.RESTRICTED else "of the desk"


def _firm(firm: Team) -> str:
    members = Membership.objects.filter(in_force(), team=firm).values("person")
    people = _those(Person.objects.active().filter(pk__in=members), f"of {firm}")
    return people or str(firm)


def _those(people: QuerySet[Person], of_whom: str) -> str:
    names = list(people.order_by("display_name").values_list("display_name", flat=True)[: FEW + 1])
    if len(names) <= FEW:
        return _joined(names)
    return f"{wording.counted(people.count(), 'person', 'people')} {of_whom}"


def _can(readers: list[str]) -> str:
    return f"Can be read by {_joined([reader for reader in readers if reader]) or 'nobody'}"


def _joined(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))

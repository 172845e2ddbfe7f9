"""What is still to be done before a ticket can be resolved: its open tasks and its open children."""

from servicedesk.tickets.joined import family_of
from servicedesk.tickets.models import Task, Ticket
from servicedesk.wording import counted

UNSEEN = "an open record that you cannot see"


def unfinished(ticket: Ticket, by) -> str:
    """A sentence that says what must end first; nothing where all has ended.

    What was merged into the ticket counts as its own. What the person (None: the system) may not see is neither
    counted nor named.
    """
    family = [each.pk for each in family_of(ticket)]
    tasks = Task.objects.filter(ticket__in=family).open()
    children = open_children(family)
    seen_tasks = tasks.visible_to(by).count() if by else tasks.count()
    seen = list(children.visible_to(by) if by else children)
    parts = [counted(seen_tasks, "open task")] if seen_tasks else []
    if seen:
        named = ", ".join(child.reference for child in seen)
        parts.append(f"{counted(len(seen), 'open child', 'open children')} ({named})")
    if tasks.count() > seen_tasks or children.count() > len(seen):
        parts.append(UNSEEN)
    if not parts:
        return ""
    one = seen_tasks + len(seen) == 1 and len(parts) == 1 or parts == [UNSEEN]
    return f"{ticket.reference} has {' and '.join(parts)}. End {'it' if one else 'them'} first."


def open_children(family: list[int]):
    """The open tickets whose parent is one of these."""
    return Ticket.objects.filter(parent__in=family, is_open=True).exclude(pk__in=family).order_by("pk")

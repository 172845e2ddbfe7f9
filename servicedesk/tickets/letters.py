"""What may be said of a ticket by mail, asked at the moment of sending: who may see it, read it and have its files.

Of a sealed ticket a mail says nothing but that there is something to read, whatever was written before it was sealed.
"""

from django.conf import settings

from servicedesk.notifications.models import Message
from servicedesk.notifications.sending import Letter
from servicedesk.people.access import councils_of
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission
from servicedesk.tickets.conversation import readable_by
from servicedesk.tickets.models import (
    Alert,
    Attachment,
    BreakGlass,
    Comment,
    RefusedGlass,
    Satisfaction,
    Sharing,
    Task,
    Ticket,
)


def page_of(ticket: Ticket) -> str:
    """The address of the ticket; whose own request it is is led on to the page for them."""
    return f"{settings.BASE_URL}/tickets/{ticket.reference}/"


def sealed_subject(ticket: Ticket) -> str:
    """All that a mail's subject tells of a sealed ticket."""
    return f"Update on your request {ticket.reference}"


def sealed_body(ticket: Ticket) -> str:
    """All that a mail tells of a sealed ticket."""
    return (
        f"There is something new on {ticket.reference}. It is private, so it is not in this e-mail.\n\n"
        + (f"Sign in to read it:\n{page_of(ticket)}")
    )


def about_ticket(person: Person, message: Message) -> Letter | None:
    """To whoever may see the ticket; how content they are is asked of nobody who has said it meanwhile."""
    ticket = Ticket.objects.visible_to(person).filter(pk=message.about_id).first()
    if message.event == "how_content" and Satisfaction.objects.filter(ticket=message.about_id).exists():
        return None
    return _letter(ticket, message, None) if ticket else None


def about_comment(person: Person, message: Message) -> Letter | None:
    """To whoever may see the ticket and read what was said, with files that came with it and no other."""
    comment = Comment.objects.select_related("ticket").filter(pk=message.about_id).first()
    ticket = comment and Ticket.objects.visible_to(person).filter(pk=comment.ticket_id).first()
    if not ticket or not readable_by(person, ticket).filter(pk=message.about_id).exists():
        return None
    return _letter(ticket, message, comment)


def about_task(person: Person, message: Message) -> Letter | None:
    """To whoever may see the task, and so the ticket that it belongs to."""
    seen = Task.objects.visible_to(person).select_related("ticket")
    task = seen.filter(pk=message.about_id).first()
    return _letter(task.ticket, message, None) if task else None


def about_broken_glass(person: Person, message: Message) -> Letter | None:
    """To whoever may know that it happened, or could open it as well; it says nothing of what the ticket is about."""
    glass = BreakGlass.objects.filter(pk=message.about_id)
    known = BreakGlass.objects.visible_to(person).filter(pk=message.about_id).exists()
    opener = glass.filter(ticket__council__in=councils_of(person, Permission.BREAK_GLASS)).exists()
    return Letter(message.subject, message.body, []) if known or opener else None


def about_refused_glass(person: Person, message: Message) -> Letter | None:
    """To the cyber security officer of whoever tried, or to others who could try."""
    councils = councils_of(person, Permission.BREAK_GLASS)
    known = RefusedGlass.objects.filter(pk=message.about_id, person__council__in=councils).exclude(
        person=person.pk
    )
    return Letter(message.subject, message.body, []) if known.exists() else None


def about_alert(person: Person, message: Message) -> Letter | None:
    """To whoever is warned for their council; it says nothing of what the ticket is about."""
    known = Alert.objects.visible_to(person).filter(pk=message.about_id).exists()
    return Letter(message.subject, message.body, []) if known else None


def _letter(ticket: Ticket, message: Message, comment: Comment | None) -> Letter | None:
    if ticket.sharing == Sharing.RESTRICTED:
        return Letter(sealed_subject(ticket), sealed_body(ticket), [])
    files = list(message.files.all())
    came_with_it = set(
        Attachment.objects.filter(comment=comment).values_list("stored_file", flat=True) if comment else ()
    )
    if not {file.pk for file in files} <= came_with_it:
        return None
    return Letter(message.subject, message.body, files)

"""Inviting somebody, with the letter that goes with it."""

from servicedesk.administration.tasks import send_letter
from servicedesk.history.recording import change_set
from servicedesk.jobs.running import enqueue
from servicedesk.people.inviting import invite, invite_again
from servicedesk.people.models import Person


def invite_by_letter(person: Person, *, by: Person) -> Person:
    """Write down a new person, and have a letter sent to their address, if they have one. Raises as `invite` does."""
    with change_set(by=by):
        person = invite(person, by=by)
        if person.email:
            enqueue(send_letter, person=person.pk)
    return person


def send_again(person: Person, *, by: Person) -> None:
    """Have the letter sent once more. Raises as `invite_again` does."""
    with change_set(by=by):
        invite_again(person, by=by)
        enqueue(send_letter, person=person.pk)

"""What a person wants to be told of by mail."""

from django.core.exceptions import ValidationError
from django.db import transaction

from servicedesk.notifications.events import events_for
from servicedesk.notifications.models import Preference
from servicedesk.people.models import Person


def wants(person: Person) -> dict[str, bool]:
    """Each event that the person can meet, and whether they are told of it."""
    chosen = dict(Preference.objects.filter(person=person).values_list("event", "wanted"))
    return {
        name: not event.optional or chosen.get(name, event.wanted)
        for name, event in events_for(person).items()
    }


@transaction.atomic
def choose(person: Person, wanted: dict[str, bool]) -> None:
    """Take down the person's choice of events. Raises ValidationError, by event, for what cannot be chosen."""
    offered = events_for(person)
    for name, value in wanted.items():
        if name not in offered:
            raise ValidationError({name: "You are not told of this."})
        if not offered[name].optional and not value:
            raise ValidationError({name: "You are always told of this."})
    for name, value in wanted.items():
        Preference.objects.update_or_create(person=person, event=name, defaults={"wanted": value})

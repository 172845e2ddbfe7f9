"""When somebody may be told: within their own hours, and while they are on duty."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from servicedesk.people.duty import slots_now
from servicedesk.people.models import Membership, Person
from servicedesk.people.querysets import in_force
from servicedesk.service_levels.promises import next_working_instant


def openings(people: Iterable[Person], now: datetime) -> dict[int, datetime]:
    """By person: now where they are at work or on duty, else when they next are at work. Asked once of all who keep
    equal hours."""
    people = list(people)
    on_duty = set(slots_now(now).filter(person__in=people).values_list("person_id", flat=True))
    own: defaultdict[int, set[int]] = defaultdict(set)
    kept = Membership.objects.filter(in_force(now), person__in=people, team__calendar_link__isnull=False)
    for key, calendar in kept.values_list("person_id", "team__calendar_link__calendar_id"):
        own[key].add(calendar)
    opens: dict[tuple[int, frozenset[int]], datetime] = {}
    keys = {person.pk: (person.council_id, frozenset(own[person.pk])) for person in people}
    for person in people:
        if keys[person.pk] not in opens:
            opens[keys[person.pk]] = next_working_instant(person, now)
    return {person.pk: now if person.pk in on_duty else opens[keys[person.pk]] for person in people}

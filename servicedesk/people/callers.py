"""People who telephone or stand at the desk: finding them by what they say, and writing down who is not known yet."""

import re
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Replace

from servicedesk.history import editing
from servicedesk.people.access import councils_of, require
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import Permission

MOST_WORDS, FEWEST_DIGITS = 5, 3
BETWEEN_DIGITS = " -()+"


def callers_for(by: Person) -> QuerySet[Person]:
    """Whom the person may log a call for: the people of the councils whose desk they work at."""
    served = councils_of(by, Permission.WORK_TICKETS)
    return Person.objects.visible_to(by).active().filter(council__in=served).select_related("council", "site")


def called(text: str) -> Q:
    """Of people `with_digits` those with every word of the text in their name or e-mail, or with its digits in their
    telephone number.
    """
    rule = Q()
    for word in text.split()[:MOST_WORDS]:
        rule &= Q(display_name__icontains=word) | Q(email__icontains=word)
    digits = _digits(text)
    only_digits = not re.search(r"[^\W\d_]", text)
    return rule | Q(digits__contains=digits) if only_digits and len(digits) >= FEWEST_DIGITS else rule


def with_digits(people: QuerySet[Person]) -> QuerySet[Person]:
    """People with the bare `digits` of their telephone number."""
    bare: Replace | F = F("phone")
    for sign in BETWEEN_DIGITS:
        bare = Replace(bare, Value(sign), Value(""))
    return people.annotate(digits=bare)


def perhaps_the_same(by: Person, *, name: str, council: Council, phone: str) -> QuerySet[Person]:
    """The people of the council with that very name or telephone number, whom one may be about to write down again."""
    rule = Q(display_name__iexact=" ".join(name.split()))
    if len(_digits(phone)) >= FEWEST_DIGITS:
        rule |= Q(digits=_digits(phone))
    return with_digits(callers_for(by)).filter(rule, council=council).order_by("display_name", "pk")


def add_caller(
    *, name: str, council: Council, phone: str = "", by: Person, now: datetime | None = None
) -> Person:
    """Write down somebody without an account: no e-mail, and no way to sign in until they are invited.

    Raises PermissionDenied, or ValidationError.
    """
    require(by, Permission.WORK_TICKETS, council)
    if council.archived_at:
        raise ValidationError({"new_council": f"{council} is no longer served."})
    person = Person(display_name=" ".join(name.split()), council=council, phone=phone.strip())
    person.set_unusable_password()
    return editing.add(person, by=by, now=now)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)

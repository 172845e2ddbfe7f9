"""Inviting people, and what is known of them: every write to a person but imports and leaving."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.utils import timezone

from servicedesk.history import editing
from servicedesk.history.recording import change_set
from servicedesk.people.access import require
from servicedesk.people.guarding import reach_of, refuse_alone, tell_of_address
from servicedesk.people.models import Person
from servicedesk.people.roles import Permission

EDITABLE = (
    "display_name",
    "email",
    "kind",
    "department",
    "site",
    "line_manager",
    "job_title",
    "phone",
    "payroll_number",
    "vip",
    "uses_assistive_technology",
    "employed_from",
)
"""What may be changed of a person. Whose they are stays; their end is the matter of `leaving`."""

NO_CIRCLE = "Choose somebody who is not the person, nor managed by them"
SUBJECT = "Your account at the IT service desk"
ADDRESS_KEPT = (
    "{person} reaches private requests, so no administrator alone changes how they sign in. Take away the place in the "
    "case group, or the role, and change the address; then ask for it again, and another administrator agrees. Where "
    "there is neither, switch off this account and invite {person} anew, by the new address"
)
LETTER = """\
Hello {name},

{council} has made an account for you at the IT service desk, where you can ask for help and follow your requests.

Choose a password here: {link}

The link works for {days} days. After that, ask for another: “I have forgotten my password”, where you sign in.
{site}

If you did not expect this, tell the IT desk.
"""


def invite(person: Person, *, by: Person | None, now: datetime | None = None) -> Person:
    """Write down a new person of a council, who chooses a password by the link of a letter (`write_letter`).

    Raises PermissionDenied, or ValidationError by field.
    """
    if by is not None:
        require(by, Permission.ADMINISTER, person)
    person.set_unusable_password()
    person.invited_at = (now or timezone.now()) if person.email else None
    return editing.add(person, by=by, check=_check, now=now)


def invite_again(person: Person, *, by: Person, now: datetime | None = None) -> Person:
    """Say that a person is to get another letter. Raises PermissionDenied, or ValidationError."""
    require(by, Permission.ADMINISTER, person)
    if not (person.email and person.is_active):
        raise ValidationError(f"{person} has no email address, or no account that is switched on.")
    return editing.change(person, by=by, version=person.version, now=now, invited_at=now or timezone.now())


def change_person(
    person: Person, *, by: Person | None, version: int, now: datetime | None = None, **values: Any
) -> Person:
    """Change what is known of a person that was read at `version`, with what others changed since kept where it is not
    the same. Returns the person as it now is.

    By the address somebody signs in, so whose address is changed is told, at the old one as well; and that of somebody
    who reaches sealed requests is watched, and is no matter for one administrator alone where the setting says so.

    Raises PermissionDenied, history.editing.Clash or Stale, or ValidationError by field.
    """
    unknown = set(values) - set(EDITABLE)
    if unknown:
        raise ValidationError({name: "This cannot be changed here." for name in unknown})
    if by is not None:
        require(by, Permission.ADMINISTER, person)
    with change_set(by=by, now=now):
        person, values = editing.settled(person, version, values)
        old = person.email
        moves = "email" in values and (values["email"] or None) != old
        if moves and reach_of(person, now):
            refuse_alone(by, ADDRESS_KEPT.format(person=person), "email")
        person = editing.change(person, by=by, version=person.version, check=_check, now=now, **values)
        if moves:
            tell_of_address(person, old, by=by, now=now)
    return person


def write_letter(person: Person) -> None:
    """Send the letter of an invitation. The link is made now and kept nowhere; it ends when a password is chosen."""
    key = f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}"
    text = LETTER.format(
        name=person.display_name,
        council=person.council,
        link=get_adapter().get_reset_password_from_key_url(key),
        days=settings.PASSWORD_RESET_TIMEOUT // (24 * 3600),
        site=settings.BASE_URL,
    )
    send_mail(SUBJECT, text, None, [str(person.email)])


def _check(person: Person) -> None:
    """What cannot be, in words. Raises ValidationError by field."""
    person.email = person.email or None
    person.clean_fields(exclude=["password"])
    editing.refuse_taken(person, "email")
    problems = {
        name: f"Choose one that belongs to {person.council}"
        for name in ("department", "site", "line_manager")
        if (chosen := getattr(person, name)) and chosen.council_id != person.council_id
    }
    if is_under(person.line_manager_id, person.pk, _manager_of):
        problems["line_manager"] = NO_CIRCLE
    if problems:
        raise ValidationError(problems)


def is_under(person: int | None, manager: int | None, manager_of: Callable[[int], int | None]) -> bool:
    """Whether somebody is the manager, or below them, however far; all by their keys."""
    met: set[int] = set()
    while person is not None and person not in met:
        if person == manager:
            return True
        met.add(person)
        person = manager_of(person)
    return False


def _manager_of(person: int) -> int | None:
    return Person.objects.values_list("line_manager", flat=True).get(pk=person)

"""Tokens by which programs act for a person: shown once, kept as a hash, working for a while, taken back at any time.

A token carries no rights of its own. It may do what the person may at that moment, and nothing once the person is not
active.
"""

from datetime import timedelta
from typing import NamedTuple

from django.core.exceptions import ValidationError
from knox.models import AuthToken

from servicedesk.history.models import Change, ChangeSet
from servicedesk.history.recording import Entry, change_set, record_entries
from servicedesk.people.models import Person

WORKS_FOR = timedelta(days=90)
MOST = 10
SHOWN = 6


class NewToken(NamedTuple):
    """A token that was just made, with the only sight of its text."""

    row: AuthToken
    text: str


def tokens_of(person: Person):
    """The person's tokens, newest first."""
    return AuthToken.objects.filter(user=person).order_by("-created", "digest")


def beginning_of(token: AuthToken) -> str:
    """What a person knows a token by: far too little of it to use."""
    return token.token_key[:SHOWN]


def make_token(*, by: Person) -> NewToken:
    """Make a token for oneself. Raises ValidationError when one has as many as one may."""
    with change_set(by=by) as deed:
        if tokens_of(by).count() >= MOST:
            raise ValidationError(f"You have {MOST} tokens. Take one back before you make another.")
        row, text = AuthToken.objects.create(user=by, expiry=WORKS_FOR)
        _record(deed, by, [None, beginning_of(row), "", f"made, begins with {beginning_of(row)}"])
    return NewToken(row, text)


def take_back(digest: str, *, by: Person) -> int:
    """Take back one of one's own tokens, named by its hash. Returns how many went: none where there is none."""
    return _take_back(by, [token for token in tokens_of(by) if token.digest == digest], by)


def take_back_all(person: Person, *, by: Person | None) -> int:
    """Take back every token of a person. Returns how many went."""
    tokens = list(tokens_of(person))
    return _take_back(person, tokens, by) if tokens else 0


def _take_back(person: Person, tokens: list[AuthToken], by: Person | None) -> int:
    with change_set(by=by) as deed:
        for token in tokens:
            token.delete()
            words = f"taken back, began with {beginning_of(token)}"
            _record(deed, person, [beginning_of(token), None, words, ""])
    return len(tokens)


def _record(deed: ChangeSet, person: Person, change: list) -> None:
    """Tell it of the person as they are now, held, so that whoever reads them later is not told it as news."""
    person = Person.objects.select_for_update().get(pk=person.pk)
    fields = {"api_token": change}
    entry = Entry(person.pk, str(person), person.council_id, Change.Action.UPDATE, fields, person.version)
    record_entries(deed, Person, [entry])

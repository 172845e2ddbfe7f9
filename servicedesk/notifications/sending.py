"""Sending messages, each asked about once more just before it goes.

A message is in effect sent once. It is marked as being sent before the mail server hears of it, and as sent as soon as
the server has taken it. So a sender that is killed leaves one of two things. Nearly always the server never had the
whole message: then it goes when the lease ends. Had the server got its last byte and the sender died before its own
mark, some milliseconds later, it goes a second time, with the same Message-ID, by which mail systems know it for the
same. No order of the two marks can close that gap: the other way round a message would be lost in it.
"""

import logging
import smtplib
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils import timezone
from django.utils.module_loading import import_string

from servicedesk.files.models import StoredFile
from servicedesk.notifications.models import Message
from servicedesk.notifications.trying import SENT, WITHHELD, Outcome, again, claimed, never, settle
from servicedesk.people.models import Person

log = logging.getLogger(__name__)

MOST_ATTACHED = 10 * 1024 * 1024
"""Bytes of files in one message; many mail servers take no more. What is larger is fetched from the page."""

UNMADE = "Something went wrong on our side while the message was made."
TOO_LARGE = "\n\nWhat was attached is too large for an e-mail. Sign in to download it."
FOOT = """

--
You get this because of your requests or your work at the IT desk. Choose what you are told of:
{address}/account/notifications/
"""
HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}


class Letter(NamedTuple):
    """What may be said to a person at this moment."""

    subject: str
    body: str
    files: list[StoredFile]


class ServerAway(Exception):
    """The mail server cannot be reached or lets nobody in, so the next message would fare no better."""


def send_waiting(clock: Callable[[], datetime] = timezone.now) -> int:
    """Send every message whose time has come. Returns how many went. Safe to run twice, also at once."""
    sent, connection = 0, get_connection()
    try:
        for message in claimed(Message.objects.select_related("person"), clock):
            try:
                outcome = _attempt(message, connection)
            except ServerAway as away:
                settle(message, again(str(away)), clock())
                break
            except Exception:  # one message that we cannot make holds up no other
                log.exception("Message %s could not be made", message.pk)
                outcome = again(UNMADE)
            settle(message, outcome, clock())
            sent += outcome is SENT
    finally:
        connection.close()
    return sent


def letter_for(person: Person, message: Message) -> Letter | None:
    """What the message may say to the person now; None where it may no longer be sent.

    TOLD_ABOUT names the function that knows, for each kind of thing that a message may be about.
    """
    if not (message.address or person.is_active and person.email):
        return None
    told_about: Callable[[Person, Message], Letter | None] = import_string(
        settings.TOLD_ABOUT[message.about_kind]
    )
    return told_about(person, message)


def as_written(person: Person, message: Message) -> Letter:
    """TOLD_ABOUT: what was theirs to know when it happened, and says nothing of any request. Who has lost their place
    meanwhile is told all the same: whoever did it could otherwise see to that before the mail goes."""
    return Letter(message.subject, message.body, [])


def _attempt(message: Message, connection) -> Outcome:
    letter = letter_for(message.person, message)
    if letter is None:
        return WITHHELD
    mail = _mail(message, letter, connection)
    try:
        connection.open()
    except (smtplib.SMTPException, OSError) as error:
        raise ServerAway(_problem(error)) from error
    try:
        connection.send_messages([mail])
    except smtplib.SMTPServerDisconnected as error:
        raise ServerAway(_problem(error)) from error
    except (smtplib.SMTPException, OSError, ValueError) as error:
        connection.close()
        return never(_problem(error)) if _is_for_ever(error) else again(_problem(error))
    return SENT


def _mail(message: Message, letter: Letter, connection) -> EmailMessage:
    attached = sum(file.size for file in letter.files) <= MOST_ATTACHED
    body = letter.body + ("" if attached else TOO_LARGE) + FOOT.format(address=settings.BASE_URL)
    mail = EmailMessage(
        subject=letter.subject,
        body=body,
        to=[message.address or message.person.email or ""],
        reply_to=[settings.MAIL_REPLY_TO],
        headers={**HEADERS, "Message-ID": message.message_id},
        connection=connection,
    )
    for file in letter.files if attached else ():
        with file.content.open("rb") as content:
            mail.attach(file.name, content.read(), file.content_type)
    return mail


def _is_for_ever(error: Exception) -> bool:
    """Whether the server says that trying again is of no use: a reply of the five hundreds about this one message."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, ValueError) or (
        isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500
    )


def _problem(error: Exception) -> str:
    """What went wrong, for the administrator: nothing of the message, nor of what the server quotes of it."""
    for kind, sentence in PROBLEMS:
        if isinstance(error, kind):
            return sentence
    return "The mail server could not be reached."


PROBLEMS: list[tuple[type[Exception], str]] = [
    (smtplib.SMTPRecipientsRefused, "The mail server refused the person's address."),
    (smtplib.SMTPSenderRefused, "The mail server refused our own address."),
    (smtplib.SMTPDataError, "The mail server refused the message."),
    (smtplib.SMTPAuthenticationError, "The mail server refused our name and password."),
    (smtplib.SMTPServerDisconnected, "The mail server broke off."),
    (smtplib.SMTPException, "The mail server did not answer as it should."),
    (TimeoutError, "The mail server did not answer in time."),
    (ValueError, "The address or the subject cannot be written in an e-mail."),
]

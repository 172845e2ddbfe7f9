"""How messages go, and what becomes of those that do not."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.base import ContentFile
from environ import Env

from servicedesk.files.storing import keep
from servicedesk.notifications import outbox
from servicedesk.notifications.models import Message
from servicedesk.notifications.sending import send_waiting
from servicedesk.notifications.trying import (
    LEASE,
    MOST_ATTEMPTS,
    claimed,
    give_up,
    settle,
    try_again,
    wait_after,
)
from servicedesk.notifications.trying import SENT as WENT
from servicedesk.people.grants import end
from servicedesk.people.models import Person
from servicedesk.tickets.models import Attachment, Comment, Sharing, Ticket
from servicedesk.tickets.replying import say
from tests.factories import a_case_group, a_council, a_requester, a_ticket, an_engineer
from tests.notifications.smtp_sink import smtp_sink
from tests.notifications.writing import NOON, a_message, as_stored, at
from tests.tickets.world import MONDAY, a_world

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def sink(settings):
    with smtp_sink() as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", sink.port, False
        yield sink


def test_message_reaches_the_mail_server_as_it_was_written(sink):
    message = a_message(a_requester(email="ben@occ.example"), subject="Update on\nyour request")

    assert send_waiting(at(NOON)) == 1

    received = sink.taken[0]
    names = ("To", "From", "Reply-To", "Subject", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress")
    assert [received[name] for name in names] == [
        "ben@occ.example",
        "IT service desk <servicedesk@localhost>",
        "IT service desk <servicedesk@localhost>",
        "Update on your request",
        message.message_id,
        "auto-generated",
        "All",
    ]
    assert received.get_payload().replace("\r\n", "\n").startswith("Hello\n\n--\n")
    sent = as_stored(message)
    assert (sent.state, sent.attempts, sent.ended_at, sent.problem) == ("sent", 1, NOON, "")


def test_where_there_is_no_mail_server_messages_are_printed(settings, capsys):
    settings.EMAIL_BACKEND = Env.email_url_config("consolemail://")["EMAIL_BACKEND"]
    ben, dev = (a_requester(email=f"{name}@occ.example") for name in ("ben", "dev"))
    messages = [a_message(person, subject=f"Update for {person.email}") for person in (ben, dev)]

    assert send_waiting(at(NOON)) == 2

    printed = capsys.readouterr().out
    for message in messages:
        said = (
            f"To: {message.person.email}",
            f"Subject: {message.subject}",
            f"Message-ID: {message.message_id}",
        )
        assert [printed.count(f"{line}\n") for line in said] == [1, 1, 1]
    assert printed.count("\nHello\n") == 2
    assert [as_stored(message).state for message in messages] == ["sent", "sent"]


def test_message_waits_for_its_hour(sink):
    a_message(a_requester())
    Message.objects.update(next_try_at=NOON)

    assert send_waiting(at(NOON - MINUTE)) == 0
    assert send_waiting(at(NOON)) == 1


def test_one_cause_is_told_once():
    ben, cause = a_requester(), "reply 1"
    ticket = a_ticket(ben)
    a_message(ben, ticket, cause=cause)

    outbox.post(
        [ben],
        "answered",
        about=ticket,
        council=ticket.council,
        subject="s",
        body="b",
        cause=cause,
        by=None,
        now=NOON,
    )

    assert Message.objects.count() == 1


class TestFailures:
    @pytest.mark.parametrize(
        ("step", "answer", "state", "problem"),
        [
            ("rcpt", "550 no such user", "failed", "The mail server refused the person's address."),
            ("rcpt", "450 come later", "waiting", "The mail server refused the person's address."),
            ("body", "554 spam", "failed", "The mail server refused the message."),
            ("body", "451 busy", "waiting", "The mail server refused the message."),
            ("mail", "451 busy", "waiting", "The mail server refused our own address."),
            ("hello", "554 go away", "waiting", "The mail server did not answer as it should."),
        ],
    )
    def test_refusal_is_said_in_words(self, sink, step, answer, state, problem):
        message = a_message(a_requester())
        sink.at_step = lambda now: answer if now == step else None

        assert send_waiting(at(NOON)) == 0

        kept = as_stored(message)
        assert (kept.state, kept.problem, kept.attempts) == (state, problem, 1)
        assert kept.next_try_at == (NOON + MINUTE if state == "waiting" else NOON + LEASE)
        assert kept.ended_at == (NOON if state == "failed" else None)

    def test_one_refused_message_holds_up_no_other(self, sink):
        first, second = a_message(a_requester(email="a@occ.example")), a_message(a_requester())
        sink.at_step = lambda step, done=[]: (
            "550 no" if step == "rcpt" and not done and not done.append(1) else None
        )

        assert send_waiting(at(NOON)) == 1
        assert [as_stored(first).state, as_stored(second).state] == ["failed", "sent"]

    def test_absent_server_is_asked_once_a_time_and_tried_at_growing_intervals(self, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
        first, second = a_message(a_requester()), a_message(a_requester())

        assert send_waiting(at(NOON)) == 0

        assert as_stored(first).problem == "The mail server could not be reached."
        assert (as_stored(first).attempts, as_stored(second).attempts) == (1, 0)

    def test_intervals_grow_from_a_minute_to_twelve_hours(self):
        minutes = [wait_after(attempts) / MINUTE for attempts in range(1, 13)]

        assert minutes == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 720, 720]

    def test_after_the_last_attempt_it_has_failed(self, sink):
        message = a_message(a_requester())
        Message.objects.update(attempts=MOST_ATTEMPTS - 1)
        sink.at_step = lambda step: "451 busy" if step == "rcpt" else None

        send_waiting(at(NOON))

        assert (as_stored(message).state, as_stored(message).ended_at) == ("failed", NOON)

    def test_message_that_kills_whoever_sends_it_has_failed_in_the_end(self):
        message = a_message(a_requester())
        Message.objects.update(state="sending", attempts=MOST_ATTEMPTS)

        send_waiting(at(NOON))

        assert (as_stored(message).state, mail.outbox) == ("failed", [])

    def test_file_that_is_gone_holds_up_no_other_message(self, caplog):
        world = a_world()
        Message.objects.all().delete()
        comment = say(world.ticket, by=world.people["assignee"], body="See", visibility="public", now=MONDAY)
        stored = keep(ContentFile(b"x"), "x.txt", council=world.ticket.council, by=None)
        Attachment.objects.create(comment=comment, stored_file=stored)
        Message.objects.first().files.add(stored)
        stored.content.delete(save=False)

        assert send_waiting(at(MONDAY)) == 1
        assert set(Message.objects.values_list("state", flat=True)) == {"sent", "waiting"}


class TestLeases:
    def test_of_two_senders_one_gets_it(self):
        a_message(a_requester())

        first = list(zip(claimed(Message.objects, at(NOON)), range(1), strict=False))
        second = list(claimed(Message.objects, at(NOON)))

        assert (len(first), len(second)) == (1, 0)

    def test_when_the_lease_ends_another_takes_over_and_the_first_has_no_say(self):
        message = a_message(a_requester())
        slow = next(claimed(Message.objects, at(NOON)))

        quick = next(claimed(Message.objects, at(NOON + LEASE)))

        assert not settle(slow, WENT, NOON)
        assert settle(quick, WENT, NOON + LEASE)
        assert as_stored(message).ended_at == NOON + LEASE

    def test_administrator_tries_again_or_gives_up(self):
        message = a_message(a_requester())

        assert give_up(message, NOON)
        assert (as_stored(message).state, give_up(message, NOON)) == ("failed", False)
        assert try_again(message, NOON)
        assert (as_stored(message).state, as_stored(message).attempts) == ("waiting", 0)

    def test_what_is_being_sent_is_left_alone(self):
        message = a_message(a_requester())
        next(claimed(Message.objects, at(NOON)))

        assert (try_again(message, NOON), give_up(message, NOON)) == (False, False)


class TestAskedAgainAtSending:
    """Between writing and sending somebody may lose sight of what they were to be told."""

    def reply(self, **fields) -> tuple[Message, Ticket, Comment]:
        """A reply of the desk to Ben, whose message still waits."""
        asha, ben = an_engineer(name="Asha"), a_requester(name="Ben")
        ticket = a_ticket(ben, title="Secret title", **fields)
        comment = say(ticket, by=asha, body="Secret words", visibility="public", now=NOON)
        return Message.objects.get(), ticket, comment

    def check(self, message: Message, state: str, sent: int) -> None:
        send_waiting(at(message.next_try_at))
        kept = as_stored(message)
        assert (kept.state, kept.problem, len(mail.outbox)) == (state, "", sent)

    def test_who_sees_it_still_is_told(self):
        message, _, _ = self.reply()

        self.check(message, "sent", 1)
        assert "Secret words" in mail.outbox[0].body

    def test_who_has_left_is_not(self):
        message, _, _ = self.reply()
        Person.objects.filter(pk=message.person_id).update(is_active=False)

        self.check(message, "withheld", 0)

    def test_whose_address_is_gone_is_not(self):
        message, _, _ = self.reply()
        Person.objects.filter(pk=message.person_id).update(email=None)

        self.check(message, "withheld", 0)

    def test_whose_roles_have_ended_is_not(self):
        message, _, _ = self.reply()
        for grant in message.person.grants.all():
            end(grant, by=None)

        self.check(message, "withheld", 0)

    def test_whose_request_it_no_longer_is_is_not(self):
        message, ticket, _ = self.reply()
        Ticket.objects.filter(pk=ticket.pk).update(requester=a_requester(ticket.council))

        self.check(message, "withheld", 0)

    def test_note_that_only_the_desk_may_read_is_not_mailed_to_the_requester(self):
        message, _, comment = self.reply()
        Comment.objects.filter(pk=comment.pk).update(visibility="internal")

        self.check(message, "withheld", 0)

    def test_what_was_sealed_meanwhile_is_told_of_without_its_words(self):
        message, ticket, _ = self.reply()
        group = a_case_group("hr", ticket.council)
        Ticket.objects.filter(pk=ticket.pk).update(
            sharing=Sharing.RESTRICTED, sensitivity="hr", case_group=group
        )

        self.check(message, "sent", 1)
        assert "Secret" not in mail.outbox[0].subject + mail.outbox[0].body
        assert ticket.reference in mail.outbox[0].subject

    def test_engineer_of_another_council_no_longer_sees_what_a_council_keeps_to_itself(self):
        ben, dev = a_requester(a_council("OCC")), an_engineer(a_council("CDC"), name="Dev")
        ticket = a_ticket(ben, assignee=dev)
        say(ticket, by=ben, body="Secret", visibility="public", now=NOON)
        message = Message.objects.get(person=dev)
        Ticket.objects.filter(pk=ticket.pk).update(sharing=Sharing.OWN_COUNCIL, assignee=None)

        self.check(message, "withheld", 0)

    def test_files_of_what_may_be_read_go_along(self):
        message, ticket, comment = self.reply()
        stored = keep(
            ContentFile(b"picture"), "a.txt", council=ticket.council, by=None, content_type="text/plain"
        )
        Attachment.objects.create(comment=comment, stored_file=stored)
        message.files.add(stored)

        self.check(message, "sent", 1)
        assert mail.outbox[0].attachments == [("a.txt", "picture", "text/plain")]

    def test_file_of_something_else_keeps_the_message_back(self):
        message, ticket, comment = self.reply()
        note = Comment.objects.create(ticket=ticket, visibility="internal", body="x", at=NOON)
        stored = keep(ContentFile(b"private"), "a.txt", council=ticket.council, by=None)
        Attachment.objects.create(comment=note, stored_file=stored)
        message.files.add(stored)

        self.check(message, "withheld", 0)

    def test_large_files_are_fetched_from_the_page(self):
        message, ticket, comment = self.reply()
        stored = keep(ContentFile(b"x"), "a.txt", council=ticket.council, by=None)
        type(stored).objects.filter(pk=stored.pk).update(size=11 * 1024 * 1024)
        Attachment.objects.create(comment=comment, stored_file=stored)
        message.files.add(stored)

        self.check(message, "sent", 1)
        assert mail.outbox[0].attachments == []
        assert "too large" in mail.outbox[0].body

"""What webhooks are told, how it is signed, and what becomes of calls that fail."""

import base64
import hashlib
import hmac
import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from servicedesk.config.environment import BASE_DIR
from servicedesk.history.editing import Stale
from servicedesk.notifications.delivering import deliver_waiting, signature
from servicedesk.notifications.models import Delivery, Webhook
from servicedesk.notifications.trying import MOST_ATTEMPTS
from servicedesk.notifications.webhooks import (
    MOST,
    WebhookRefused,
    archive_webhook,
    change_webhook,
    make_webhook,
    try_out,
)
from servicedesk.people.access import history_of
from servicedesk.people.grants import end
from servicedesk.people.models import Person
from servicedesk.tickets.models import Sharing, Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.workflow import move
from tests.factories import a_case_group, a_council, a_person, a_requester, an_engineer
from tests.notifications.http_sink import http_sink
from tests.notifications.writing import NOON, as_stored, at

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def sink(settings):
    settings.WEBHOOK_ALLOW_PRIVATE = True
    with http_sink() as sink:
        yield sink


@pytest.fixture
def owner() -> Person:
    """Who administers the council and works its desk."""
    person = a_person(a_council("OCC"), "administrator", "engineer", name="Ada")
    return Person.objects.get(pk=person.pk)


def a_webhook(owner: Person, sink, *events: str) -> Webhook:
    return make_webhook(
        council=owner.council,
        name="Wall",
        address=sink.address,
        events=list(events or ["ticket.raised", "ticket.replied", "ticket.taken"]),
        by=owner,
        now=NOON,
    )


def raised(council: str = "OCC", **fields) -> Ticket:
    ben = a_requester(a_council(council), name="Ben")
    return raise_ticket(by=ben, requester=ben, type="incident", title="No sound", now=NOON, **fields)


def test_event_is_told_as_the_api_would_tell_it(sink, owner):
    hook = a_webhook(owner, sink)
    ticket = raised()

    assert deliver_waiting(at(NOON)) == 1

    delivery, called = Delivery.objects.get(), sink.calls[0]
    told = json.loads(called.body)
    assert {name: told[name] for name in ("id", "event", "at", "council")} == {
        "id": str(delivery.event_id),
        "event": "ticket.raised",
        "at": "2026-11-23T12:00:00+00:00",
        "council": "OCC",
    }
    assert (told["ticket"]["reference"], told["ticket"]["title"]) == (ticket.reference, "No sound")
    assert called.path == "/hook?a=1"
    assert called.headers["content-type"] == "application/json"
    assert (delivery.webhook, delivery.state, delivery.answer_status) == (hook, "sent", 200)


def test_receiver_can_prove_who_sent_it(sink, owner):
    hook = a_webhook(owner, sink)
    raised()
    deliver_waiting(at(NOON))

    called = sink.calls[0]
    signed = f"{called.headers['webhook-id']}.{called.headers['webhook-timestamp']}.".encode() + called.body
    key = base64.b64decode(hook.secret.removeprefix("whsec_"))
    mac = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert called.headers["webhook-signature"] == f"v1,{mac}"
    assert called.headers["webhook-timestamp"] == str(int(NOON.timestamp()))
    assert called.headers["webhook-id"] == str(Delivery.objects.get().event_id)


def test_signature_of_the_standards_own_example():
    assert (
        signature(
            "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            "1614265330",
            b'{"test": 2432232314}',
        )
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_it_is_told_of_what_it_asked_for_at_its_own_council(sink, owner):
    a_webhook(owner, sink, "ticket.taken")
    ticket = raised()
    raised("CDC")
    move(ticket, "take", by=an_engineer(), now=NOON)

    assert [delivery.event for delivery in Delivery.objects.all()] == ["ticket.taken"]


def test_what_was_said_in_public_goes_along(sink, owner):
    a_webhook(owner, sink, "ticket.replied")
    ticket = raised()
    say(ticket, by=ticket.requester, body="Still none", visibility="public", now=NOON)
    say(ticket, by=owner, body="A secret", visibility="internal", now=NOON)
    deliver_waiting(at(NOON))

    (called,) = sink.calls
    assert json.loads(called.body)["comment"]["body"] == "Still none"
    assert b"A secret" not in called.body


class TestFailures:
    @pytest.mark.parametrize(
        ("status", "state", "problem"),
        [
            (204, "sent", ""),
            (302, "waiting", "It answered with a redirect, which we do not follow."),
            (410, "failed", "It says that it is gone."),
            (500, "waiting", "It answered with status 500."),
        ],
    )
    def test_what_it_answers_decides(self, sink, owner, status, state, problem):
        a_webhook(owner, sink)
        raised()
        sink.status = status

        deliver_waiting(at(NOON))

        delivery = Delivery.objects.get()
        assert (delivery.state, delivery.problem, delivery.answer_status) == (state, problem, status)

    def test_it_is_tried_again_at_growing_intervals_as_the_same_event(self, sink, owner):
        a_webhook(owner, sink)
        raised()
        sink.status = 503

        tries = []
        for minutes in (0, 0.5, 1, 2, 3):
            deliver_waiting(at(NOON + minutes * MINUTE))
            tries.append(len(sink.calls))

        assert tries == [1, 1, 2, 2, 3]
        assert len({called.headers["webhook-id"] for called in sink.calls}) == 1
        assert len({called.headers["webhook-timestamp"] for called in sink.calls}) == 3

    def test_in_the_end_it_is_given_up(self, sink, owner):
        a_webhook(owner, sink)
        raised()
        sink.status = 503
        Delivery.objects.update(attempts=MOST_ATTEMPTS - 1)

        deliver_waiting(at(NOON))

        assert Delivery.objects.get().state == "failed"

    def test_address_that_has_come_to_lead_inside_is_not_called(self, sink, owner, settings):
        a_webhook(owner, sink)
        raised()
        Webhook.objects.update(address=sink.address.replace("http:", "https:"))
        settings.WEBHOOK_ALLOW_PRIVATE = False

        deliver_waiting(at(NOON))

        assert sink.calls == []
        assert Delivery.objects.get().problem.startswith("The address leads into a private network.")

    def test_one_that_fails_holds_up_no_other(self, sink, owner, monkeypatch, caplog):
        a_webhook(owner, sink)
        raised(), raised()
        Delivery.objects.filter(pk=Delivery.objects.last().pk).update(about_kind="odd")

        assert deliver_waiting(at(NOON)) == 1


class TestAskedAgainAtSending:
    """What the owner may see when it is sent decides, not what they saw when it happened."""

    def check(self, sink, state: str = "withheld") -> None:
        deliver_waiting(at(NOON))
        assert ({delivery.state for delivery in Delivery.objects.all()}, sink.calls) == ({state}, [])

    @pytest.mark.parametrize("role", ["administrator", "engineer"])
    def test_owner_without_the_role_is_told_nothing(self, sink, owner, role):
        a_webhook(owner, sink)
        raised()
        end(owner.grants.get(role=role), by=None)

        self.check(sink)

    def test_owner_who_has_left_is_told_nothing(self, sink, owner):
        a_webhook(owner, sink)
        raised()
        Person.objects.filter(pk=owner.pk).update(is_active=False)

        self.check(sink)

    def test_of_sealed_tickets_nothing_is_told_even_to_those_who_see_them(self, sink, owner):
        a_webhook(owner, sink)
        ticket = raised()
        group = a_case_group("hr", owner.council, owner)
        Ticket.objects.filter(pk=ticket.pk).update(
            sharing=Sharing.RESTRICTED, sensitivity="hr", case_group=group
        )

        self.check(sink)

    def test_sealed_from_birth_is_not_even_written_down(self, sink, owner):
        a_webhook(owner, sink)
        a_case_group("hr", owner.council, owner)
        raised(sensitivity="hr")

        assert not Delivery.objects.exists()

    def test_comment_that_the_owner_may_not_read_is_told_nothing_of(self, sink, owner):
        a_webhook(owner, sink, "ticket.replied")
        ticket = raised()
        comment = say(ticket, by=ticket.requester, body="x", visibility="public", now=NOON)
        comment.delete()

        self.check(sink)

    def test_archived_webhook_is_told_nothing_more(self, sink, owner):
        hook = a_webhook(owner, sink)
        raised()
        archive_webhook(hook, by=owner)

        self.check(sink)


class TestKeeping:
    def test_making_it_is_recorded_without_its_secret(self, sink, owner):
        hook = a_webhook(owner, sink)

        (change,) = history_of(owner, hook)
        assert hook.secret not in json.dumps(change.fields)
        assert change.fields["address"][1] == sink.address

    def test_whoever_changes_it_becomes_its_owner(self, sink, owner):
        """Else an administrator could have another's sight sent to an address of their own."""
        hook = a_webhook(owner, sink)
        other = a_person(owner.council, "administrator")

        changed = change_webhook(hook, by=other, version=1, address=sink.address + "2")

        assert (changed.owner, changed.version) == (other, 2)

    def test_change_of_what_has_changed_is_refused(self, sink, owner):
        hook = a_webhook(owner, sink)
        change_webhook(hook, by=owner, version=1, name="Other")

        with pytest.raises(Stale):
            change_webhook(hook, by=owner, version=1, name="Mine")

    def test_archived_one_is_neither_changed_nor_tried(self, sink, owner):
        hook = archive_webhook(a_webhook(owner, sink), by=owner)

        for deed in (
            lambda: change_webhook(hook, by=owner, version=2, name="x"),
            lambda: try_out(hook, by=owner),
        ):
            with pytest.raises(WebhookRefused):
                deed()

    @pytest.mark.parametrize("deed", ["make", "change", "archive", "try"])
    def test_who_does_not_administer_the_council_may_not(self, sink, owner, deed):
        hook, other = a_webhook(owner, sink), a_person(a_council("CDC"), "administrator", "engineer")
        deeds = {
            "make": lambda: make_webhook(
                council=owner.council, name="x", address=sink.address, events=[], by=other
            ),
            "change": lambda: change_webhook(hook, by=other, version=1, name="x"),
            "archive": lambda: archive_webhook(hook, by=other),
            "try": lambda: try_out(hook, by=other),
        }
        with pytest.raises(PermissionDenied):
            deeds[deed]()

    @pytest.mark.parametrize(
        ("fields", "field"),
        [
            ({"address": "https://127.0.0.1/"}, "address"),
            ({"address": "http://hooks.example.com/"}, "address"),
            ({"events": []}, "events"),
            ({"events": ["ticket.noted"]}, "events"),
            ({"secret": "mine"}, "secret"),
        ],
    )
    def test_what_cannot_be_is_refused(self, sink, owner, settings, fields, field):
        hook = a_webhook(owner, sink)
        settings.WEBHOOK_ALLOW_PRIVATE = False

        with pytest.raises(ValidationError) as refused:
            change_webhook(hook, by=owner, version=1, **fields)

        assert list(refused.value.message_dict) == [field]

    def test_there_are_only_so_many(self, sink, owner):
        for _ in range(MOST):
            a_webhook(owner, sink)

        with pytest.raises(ValidationError, match="has 20 webhooks"):
            a_webhook(owner, sink)

    def test_trial_says_nothing_and_shows_how_it_went(self, sink, owner):
        delivery = try_out(a_webhook(owner, sink), by=owner, now=NOON)
        deliver_waiting(at(NOON))

        assert set(json.loads(sink.calls[0].body)) == {"id", "event", "at", "council"}
        assert as_stored(delivery).state == "sent"


def test_administrator_alone_sees_nobodys_requests_and_so_tells_nothing(sink):
    pure = a_person(a_council("OCC"), "administrator")
    a_webhook(pure, sink)
    raised()
    deliver_waiting(at(NOON))

    assert (Delivery.objects.get().state, sink.calls) == ("withheld", [])


def test_private_addresses_are_never_allowed_in_production():
    environment = {
        **os.environ,
        "ENVIRONMENT": "production",
        "BASE_URL": "https://desk.example.gov.uk",
        "WEBHOOK_ALLOW_PRIVATE": "yes",
        "DJANGO_SETTINGS_MODULE": "servicedesk.config.settings",
    }
    started = subprocess.run(  # noqa: S603
        [sys.executable, "-c", "import django; django.setup()"],
        cwd=BASE_DIR,
        env=environment,
        capture_output=True,
    )
    assert b"WEBHOOK_ALLOW_PRIVATE is on" in started.stderr

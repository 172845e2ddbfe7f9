"""Webhooks, preferences and unsent mail, for programs."""

import pytest

from servicedesk.history.models import Answer
from servicedesk.notifications.models import Delivery, Message, Preference, Webhook
from servicedesk.people.models import Person
from tests.api.calling import NOTHING, as_person, as_program, named, one_page, problem
from tests.factories import a_council, a_person, a_requester, an_engineer
from tests.notifications.writing import NOON, a_message

pytestmark = pytest.mark.django_db
ADDRESS = "https://127.0.0.1/hook"
SENT = {"council": "OCC", "name": "Wall", "address": ADDRESS, "events": ["ticket.raised"]}


@pytest.fixture
def ada(settings) -> Person:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    return a_person(a_council("OCC"), "administrator", name="Ada")


def stored(person: Person) -> Webhook:
    as_person(person).ask("POST", "webhooks/", SENT)
    return Webhook.objects.get()


def shown(hook: Webhook, **changed) -> dict:
    times = {"created_at": hook.created_at.isoformat().replace("+00:00", "Z"), "archived_at": None}
    fields = {"id": hook.pk, "owner": named(hook.owner), **SENT, **times, "version": hook.version}
    return {**fields, **changed}


def test_secret_is_told_once(ada):
    caller = as_program(ada)

    made = caller.ask("POST", "webhooks/", SENT)

    hook = Webhook.objects.get()
    assert (made.status_code, made.json()) == (201, shown(hook, secret=hook.secret))
    assert hook.secret.startswith("whsec_")
    assert caller.get("webhooks/").json() == one_page(shown(hook))
    assert caller.get(f"webhooks/{hook.pk}/").json() == shown(hook)


def test_secret_is_not_kept_for_a_key(ada):
    caller = as_program(ada)
    made, again = (caller.ask("POST", "webhooks/", SENT, headers={"Idempotency-Key": "k"}) for _ in range(2))

    assert (made.status_code, again.status_code, Webhook.objects.count()) == (201, 409, 1)
    assert made.json()["secret"] not in str(Answer.objects.values())


def test_address_inside_is_refused(ada, settings):
    settings.WEBHOOK_ALLOW_PRIVATE = False

    answer = as_person(ada).ask("POST", "webhooks/", SENT)

    assert answer.json()["errors"] == {
        "address": ["The address leads into a private network. We call only public addresses."]
    }


def test_change_is_made_at_the_version_that_was_read(ada):
    hook, caller = stored(ada), as_person(ada)

    changed = caller.ask("PATCH", f"webhooks/{hook.pk}/", {"name": "New"}, headers={"If-Match": '"1"'})
    late = caller.ask("PATCH", f"webhooks/{hook.pk}/", {"name": "Late"}, headers={"If-Match": '"1"'})

    assert changed.json() == shown(hook, name="New", version=2)
    assert (late.status_code, late.json()["current"]["name"]) == (409, "New")


def test_trial_and_its_delivery(ada):
    hook, caller = stored(ada), as_person(ada)

    tried = caller.ask("POST", f"webhooks/{hook.pk}/test/")

    delivery = Delivery.objects.get()
    assert (tried.status_code, tried.json()["event"], tried.json()["state"]) == (202, "test", "waiting")
    assert caller.get(f"webhooks/{hook.pk}/deliveries/").json() == one_page(tried.json())
    assert tried.json()["event_id"] == str(delivery.event_id)


def test_archived_one_is_tried_no_more(ada):
    hook, caller = stored(ada), as_person(ada)

    assert caller.ask("POST", f"webhooks/{hook.pk}/archive/").json()["archived_at"] is not None
    assert caller.ask("POST", f"webhooks/{hook.pk}/test/").json() == problem(
        409, "Conflict", "Wall is archived."
    )


@pytest.mark.parametrize("role", ["engineer", "requester", "queue_manager", "cyber_officer", "auditor"])
def test_who_does_not_administer_may_not_and_sees_none(ada, role):
    hook, caller = stored(ada), as_person(a_person(a_council("OCC"), role))

    assert caller.ask("POST", "webhooks/", SENT).status_code == 403
    assert caller.get("webhooks/").json() == one_page()
    assert caller.get(f"webhooks/{hook.pk}/").json() == NOTHING


def test_administrator_of_another_council_may_not_and_sees_none(ada):
    hook, caller = stored(ada), as_person(a_person(a_council("CDC"), "administrator"))

    assert caller.ask("POST", "webhooks/", SENT).json()["errors"]["council"]
    for path in ("", "deliveries/"):
        assert caller.get(f"webhooks/{hook.pk}/{path}").json() == NOTHING


class TestMessages:
    def test_what_did_not_go_is_told_without_its_words(self, ada):
        ben = a_requester(a_council("OCC"), name="Ben")
        failed, waiting = a_message(ben, subject="Secret", body="Secret"), a_message(ben)
        Message.objects.filter(pk=failed.pk).update(
            state="failed", problem="Refused", attempts=3, ended_at=NOON
        )
        Message.objects.filter(pk=waiting.pk).update(state="sent")

        answer = as_person(ada).get(f"messages/{failed.pk}/")

        assert b"Secret" not in answer.content
        assert answer.json() == {
            "id": failed.pk,
            "person": named(ben),
            "event": "answered",
            "state": "failed",
            "created_at": "2026-11-23T12:00:00Z",
            "attempts": 3,
            "next_try_at": "2026-11-23T12:00:00Z",
            "ended_at": "2026-11-23T12:00:00Z",
            "problem": "Refused",
        }

    def test_it_is_tried_again_or_given_up(self, ada):
        message, caller = a_message(a_requester(a_council("OCC"))), as_person(ada)

        given_up = caller.ask("POST", f"messages/{message.pk}/give-up/")
        again = caller.ask("POST", f"messages/{message.pk}/give-up/")
        retried = caller.ask("POST", f"messages/{message.pk}/try-again/")

        assert given_up.json()["state"] == "failed"
        assert again.json() == problem(409, "Conflict", "It is given up.")
        assert retried.json()["state"] == "waiting"

    @pytest.mark.parametrize("role", ["engineer", "requester"])
    def test_nobody_else_sees_it(self, role):
        message = a_message(a_requester(a_council("OCC")))

        assert as_person(a_person(a_council("OCC"), role)).get(f"messages/{message.pk}/").json() == NOTHING


class TestPreferences:
    def test_everybody_sees_what_they_can_meet(self):
        of_ben = as_person(a_requester()).get("preferences/").json()["results"]
        of_asha = as_person(an_engineer()).get("preferences/").json()["results"]

        assert {
            "event": "answered",
            "words": "Somebody replies to your request",
            "optional": True,
            "wanted": True,
        } in (of_ben)
        assert {row["event"] for row in of_asha} - {row["event"] for row in of_ben} >= {"given", "warned"}

    def test_choice_is_kept(self):
        ben = a_requester()

        answer = as_person(ben).ask("PATCH", "preferences/", {"answered": False})

        wanted = {row["event"]: row["wanted"] for row in answer.json()["results"]}
        assert (wanted["answered"], wanted["resolved"]) == (False, True)
        assert list(Preference.objects.values_list("person", "event", "wanted")) == [
            (ben.pk, "answered", False)
        ]

    @pytest.mark.parametrize(
        ("sent", "field"),
        [
            ({"asked": False}, "asked"),
            ({"given": True}, "given"),
            ({"x": True}, "x"),
            ({"answered": "?"}, "answered"),
        ],
    )
    def test_what_cannot_be_chosen_is_refused(self, sent, field):
        answer = as_person(a_requester()).ask("PATCH", "preferences/", sent)

        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])

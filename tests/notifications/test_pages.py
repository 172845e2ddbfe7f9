"""The pages about what is sent out."""

import pytest
from django.test import Client
from django.utils import timezone

from servicedesk.notifications.models import Delivery, Message, Preference, Webhook
from servicedesk.people.models import Person
from tests.factories import a_council, a_person, a_requester
from tests.notifications.writing import a_message

pytestmark = pytest.mark.django_db
SENT = {"name": "Wall", "address": "https://127.0.0.1/hook", "events": ["ticket.raised"]}


@pytest.fixture
def ada(settings) -> Person:
    settings.WEBHOOK_ALLOW_PRIVATE = True
    return a_person(a_council("OCC"), "administrator", name="Ada")


def as_person(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text(response) -> str:
    return response.content.decode()


class TestPreferences:
    def test_choice_is_kept(self):
        ben = a_requester()
        client = as_person(ben)

        saved = client.post("/account/notifications/", {"wanted": ["resolved"]}, follow=True)

        kept = dict(Preference.objects.filter(person=ben).values_list("event", "wanted"))
        assert (kept["resolved"], kept["answered"], "asked" in kept) == (True, False, False)
        assert "Your choice is saved." in text(saved)

    def test_odd_choice_is_refused(self):
        assert as_person(a_requester()).post("/account/notifications/", {"wanted": ["x"]}).status_code == 422


class TestUnsentMail:
    def test_administrator_sees_what_did_not_go_and_not_what_it_says(self, ada):
        ben = a_requester(a_council("OCC"), name="Ben Smith")
        failed, theirs = (
            a_message(ben, subject="Secret"),
            a_message(a_requester(a_council("CDC"), name="Eve Other")),
        )
        Message.objects.update(state="failed", problem="It was refused.", ended_at=timezone.now())

        page = text(as_person(ada).get("/admin/messages/"))

        assert all(
            words in page for words in ("Ben Smith", "Somebody replies to your request", "It was refused.")
        )
        assert "Secret" not in page
        assert "Eve Other" not in page
        assert (failed.person, str(theirs.person)) == (ben, "Eve Other")

    def test_it_is_tried_again_and_given_up(self, ada):
        message, client = a_message(a_requester(a_council("OCC"))), as_person(ada)
        Message.objects.update(state="failed", attempts=15, ended_at=timezone.now())

        client.post(f"/admin/messages/{message.pk}/try-again/")
        assert Message.objects.values_list("state", "attempts").get() == ("waiting", 0)

        client.post(f"/admin/messages/{message.pk}/give-up/")
        assert Message.objects.get().state == "failed"

    def test_of_whose_private_requests_it_tells_is_not_said(self, ada):
        a_message(a_requester(a_council("OCC"), name="Hana of Personnel"))
        Message.objects.update(event="case", attempts=1)

        page, told = (as_person(ada).get(path) for path in ("/admin/messages/", "/api/v1/messages/"))

        assert "Somebody in a case group" in text(page)
        assert "Hana of Personnel" not in text(page) + text(told)

    @pytest.mark.parametrize("event", ["glass_broken", "access", "account", "alert", "case"])
    def test_what_people_are_always_told_of_is_not_given_up(self, ada, event):
        message, client = a_message(a_requester(a_council("OCC"))), as_person(ada)
        Message.objects.update(event=event, attempts=1)
        page = f"/admin/messages/{message.pk}/give-up/"

        assert page not in text(client.get("/admin/messages/"))
        assert client.post(page).status_code == 403
        assert client.post(f"/api/v1/messages/{message.pk}/give-up/").status_code == 403
        assert Message.objects.get().state == "waiting"

    def test_others_may_not(self):
        client = as_person(a_person(a_council("OCC"), "engineer"))

        assert client.get("/admin/messages/").status_code == 403


class TestWebhooks:
    def test_it_is_added_and_its_secret_shown_once(self, ada):
        client = as_person(ada)

        added = client.post("/admin/webhooks/", {**SENT, "council": ada.council_id})

        hook = Webhook.objects.get()
        assert (added.status_code, hook.secret in text(added)) == (200, True)
        for page in ("/admin/webhooks/", f"/admin/webhooks/{hook.pk}/"):
            assert hook.secret not in text(client.get(page))

    def test_address_inside_is_refused_with_what_was_typed(self, ada, settings):
        settings.WEBHOOK_ALLOW_PRIVATE = False

        refused = as_person(ada).post("/admin/webhooks/", {**SENT, "council": ada.council_id})

        assert (refused.status_code, Webhook.objects.count()) == (422, 0)
        assert "The address leads into a private network." in text(refused)
        assert 'value="Wall"' in text(refused)

    def test_it_is_changed_tried_and_archived(self, ada):
        client = as_person(ada)
        client.post("/admin/webhooks/", {**SENT, "council": ada.council_id})
        hook = Webhook.objects.get()
        page = f"/admin/webhooks/{hook.pk}/"

        client.post(f"{page}change/", {**SENT, "name": "Board", "version": 1})
        late = client.post(f"{page}change/", {**SENT, "name": "Late", "version": 1})
        client.post(f"{page}test/")
        shown = text(client.get(page))
        client.post(f"{page}archive/")

        hook.refresh_from_db()
        assert (hook.name, late.status_code, Delivery.objects.count()) == ("Board", 409, 1)
        assert "Waiting to be sent" in shown
        assert hook.archived_at is not None

    def test_others_may_not(self):
        assert as_person(a_person(a_council("OCC"), "engineer")).get("/admin/webhooks/").status_code == 403

"""Contact after a request has ended raises a new one that goes on from it, and leaves the old one as it was."""

from datetime import timedelta

import pytest
from django.utils import timezone
from lxml import html

from servicedesk.people.models import Person
from servicedesk.tickets.models import Link, Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.workflow import move
from tests.factories import a_case_group, a_council, a_requester, a_service, a_site, a_team, an_engineer

pytestmark = pytest.mark.django_db

LONG_AGO = timezone.now() - timedelta(days=60)


class Desk:
    """Ben's request for Eve, which Asha resolved and which then closed."""

    def __init__(self, client, **given) -> None:
        self.client = client
        self.cdc = a_council("CDC")
        self.ben, self.eve = a_requester(self.cdc, name="Ben"), a_requester(self.cdc, name="Eve")
        self.asha = an_engineer(self.cdc, name="Asha")
        self.team = a_team("Networks", members=(self.asha,))
        self.wifi = a_service("Wi-Fi", self.team)
        said = {"type": "incident", "title": "No Wi-Fi", "description": "Since today", "service": self.wifi}
        said |= {"affected_person": self.eve, "site": a_site(self.cdc), "impact": 2, "urgency": 1, **given}
        self.old = raise_ticket(by=self.ben, requester=self.ben, now=LONG_AGO, **said)

    def ended(self) -> "Desk":
        worker = self.old.case_group.memberships.get().person if self.old.case_group else self.asha
        note = {"resolution_code": "fixed", "resolution_note": "Restarted"}
        self.old = move(self.old, "resolve", by=worker, now=LONG_AGO, **note)
        self.old = move(self.old, "close", by=self.ben, now=LONG_AGO)
        return self

    def ask(self, by: Person, **given):
        self.client.force_login(by)
        return self.client.post(f"/requests/{self.old}/again/", {"message": "It is back", **given})

    def new(self) -> Ticket:
        return Ticket.objects.exclude(pk=self.old.pk).get()


@pytest.fixture
def desk(client):
    return Desk(client).ended()


def facts(ticket: Ticket) -> dict:
    names = ("type", "title", "service", "site", "impact", "urgency", "team", "sharing", "affected_person")
    return {name: getattr(ticket, name) for name in names}


def test_it_is_back_raises_a_linked_request_about_the_same(desk):
    before = Ticket.objects.values().get(pk=desk.old.pk)

    answer = desk.ask(desk.ben)

    new = desk.new()
    assert answer.headers["Location"] == f"/requests/{new}/"
    assert facts(new) == facts(desk.old)
    assert (new.requester, new.description, new.state) == (desk.ben, "It is back", "new")
    assert new.due_at > timezone.now()
    link = Link.objects.get()
    assert (link.ticket, link.other, link.kind) == (new, desk.old, "relates")
    assert Ticket.objects.values().get(pk=desk.old.pk) == before


def test_both_requests_name_each_other_to_their_requester_and_to_the_desk(desk, client):
    page = client.get
    client.force_login(desk.ben)
    offered = page(f"/requests/{desk.old}/").content.decode()
    desk.ask(desk.ben)
    new = desk.new()

    old_page, new_page = (page(f"/requests/{each}/").content.decode() for each in (desk.old, new))
    client.force_login(desk.asha)
    desk_page = page(f"/tickets/{new}/").content.decode()

    assert "Ask again about this" in offered
    assert f'You asked again about this: <a class="govuk-link" href="/requests/{new}/">' in old_page
    assert f'You asked about this before: <a class="govuk-link" href="/requests/{desk.old}/">' in new_page
    assert "Ask again about this" not in new_page
    assert str(desk.old) in desk_page


def test_form_that_is_sent_twice_raises_one(desk, client):
    client.force_login(desk.ben)
    page = html.fromstring(client.get(f"/requests/{desk.old}/").content.decode())
    (token,) = page.xpath("//form[contains(@action, '/again/')]//input[@name='token']/@value")

    for _ in range(2):
        desk.ask(desk.ben, token=token)

    assert Link.objects.get().ticket == desk.new()


def test_reply_that_comes_too_late_stands_ready_to_be_asked(desk, client):
    client.force_login(desk.ben)
    page = client.post(f"/requests/{desk.old}/reply/", {"body": "The Wi-Fi is gone again"})

    box = html.fromstring(page.content.decode()).xpath("//form[contains(@action, '/again/')]//textarea")
    assert page.status_code == 409
    assert box[0].text.strip() == "The Wi-Fi is gone again"


def test_for_whom_it_was_may_ask_as_well_and_nobody_else(desk):
    assert desk.ask(desk.eve).status_code == 302
    assert (desk.new().requester, desk.new().affected_person) == (desk.eve, None)
    for stranger in (desk.asha, a_requester(desk.cdc)):
        assert desk.ask(stranger).status_code == 404


def test_what_is_not_finished_is_not_asked_again(client):
    desk = Desk(client)

    refused = desk.ask(desk.ben)

    assert refused.status_code == 409
    assert "is not finished, or goes on as another. Answer it instead." in refused.content.decode()
    assert "It is back" in refused.content.decode()
    assert Ticket.objects.count() == 1


def test_without_words_it_says_what_is_missing(desk):
    refused = desk.ask(desk.ben, message=" ")
    assert refused.status_code == 422
    assert "Enter what is wrong, or what you need, now" in refused.content.decode()


def test_critical_is_not_so_again_by_itself(client):
    desk = Desk(client, impact=1).ended()
    desk.ask(desk.ben)
    assert (desk.old.priority, desk.new().priority) == ("P1", "P2")


def test_private_stays_private(client):
    gil = a_requester(a_council("CDC"), name="Gil")
    group = a_case_group("hr", gil.council, gil)
    desk = Desk(client, sensitivity="hr").ended()
    desk.ask(desk.ben)
    new = desk.new()
    assert (new.sharing, new.sensitivity, new.case_group, new.team) == ("restricted", "hr", group, group)
    assert not Ticket.objects.visible_to(desk.asha).exists()


def test_what_the_council_kept_to_itself_stays_so(desk):
    Ticket.objects.filter(pk=desk.old.pk).update(sharing="own_council")
    desk.ask(desk.ben)
    assert desk.new().sharing == "own_council"


def test_service_that_is_no_longer_offered_is_left_open(desk):
    type(desk.wifi).objects.update(archived_at=timezone.now())
    desk.ask(desk.ben)
    assert desk.new().service is None


def test_program_asks_again(desk, client):
    client.force_login(desk.ben)
    path = f"/api/v1/tickets/{desk.old}/ask-again/"

    made = client.post(path, {"message": "It is back"}, content_type="application/json")
    empty = client.post(path, {}, content_type="application/json")
    client.force_login(desk.asha)
    refused = client.post(path, {"message": "It is back"}, content_type="application/json")

    new = desk.new()
    assert (made.status_code, made.json()["reference"]) == (201, new.reference)
    assert (empty.status_code, refused.status_code) == (400, 403)
    client.force_login(desk.ben)
    again = client.post(
        f"/api/v1/tickets/{new}/ask-again/", {"message": "x"}, content_type="application/json"
    )
    assert again.status_code == 409

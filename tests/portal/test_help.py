"""Getting help: from plain words to a ticket that the desk can work on."""

import re
from uuid import uuid4

import pytest
from django.test import Client

from servicedesk.tickets.models import Priority, Ticket
from tests.factories import (
    a_case_group,
    a_council,
    a_person,
    a_requester,
    a_service,
    a_team,
    an_asset,
)

pytestmark = pytest.mark.django_db

SAID = {"kind": "incident", "title": "No sound", "effect": "me", "sensitivity": "normal"}


@pytest.fixture
def ben():
    return a_requester(a_council("CDC"), name="Ben")


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def send(person, status: int = 302, **said) -> str:
    response = signed_in(person).post("/help/", {**SAID, "token": uuid4().hex, **said})
    assert response.status_code == status, response.content.decode()
    return response.content.decode() if status != 302 else response.headers["Location"]


def test_page_asks_in_plain_words(ben):
    text = signed_in(ben).get("/help/").content.decode()
    assert "Something is not working" in text
    assert "Many people cannot work?</strong> Call us now on 01865 000000" in text
    said = re.sub(r'(value|nonce|content)="[^"]*"', "", text)  # tokens may spell anything
    assert not re.search(r"priority|impact|incident<|\bP[1-4]\b", said, re.IGNORECASE)


def test_what_was_asked_becomes_a_ticket_of_the_persons_council(ben):
    laptops = a_service("Laptops", a_team("Service desk"))
    where = send(ben, description="Since this morning", service=laptops.pk)
    ticket = Ticket.objects.get()
    assert where == f"/requests/{ticket}/"
    assert (
        ticket.requester,
        ticket.council,
        ticket.type,
        ticket.title,
        ticket.description,
        ticket.service,
        ticket.team,
        ticket.channel,
        ticket.sharing,
    ) == (
        ben,
        ben.council,
        "incident",
        "No sound",
        "Since this morning",
        laptops,
        laptops.support_team,
        "portal",
        "shared",
    )


def test_page_after_sending_says_the_reference_what_happens_next_and_by_when(ben):
    client = signed_in(ben)
    text = client.post("/help/", {**SAID, "token": uuid4().hex}, follow=True).content.decode()
    assert f"We have your request. Its reference is {Ticket.objects.get()}." in text
    assert re.search(r"We aim to reply by \w+ \d+ \w+, .+?\. We aim to fix this by \w+ \d+ \w+, ", text)


@pytest.mark.parametrize(
    ("effect", "priority"), [("team", "P2"), ("me", "P3"), ("slow", "P4"), ("wait", "P4")]
)
def test_what_it_stops_sets_the_priority_and_never_the_highest(ben, effect, priority):
    send(ben, effect=effect)
    assert Ticket.objects.get().priority == priority != Priority.P1


def test_effect_that_is_not_offered(ben):
    assert "Select an answer to “What does it stop?” from the list" in send(
        ben, status=422, effect="everything"
    )


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"kind": ""}, "Choose what it is about"),
        ({"title": ""}, "Enter what is wrong, or what you need"),
        ({"title": "x" * 201}, "What is wrong must be 200 characters or fewer. Put the rest below"),
        ({"title": "a\0b"}, "Remove the character that cannot be shown"),
        ({"description": "x" * 20_001}, "Tell us more must be 20000 characters or fewer"),
        ({"effect": ""}, "Choose what it stops"),
        ({"service": "99999"}, "Select an answer to “Which service is it about?” from the list"),
        ({"token": "banana"}, "must be a whole identifier"),
    ],
)
def test_what_cannot_be_sent_says_why_and_keeps_the_rest(ben, said, sentence):
    text = send(ben, status=422, **{"description": "Since this morning", **said})
    assert sentence in text
    assert "<title>Error: " in text
    assert said.get("description", "Since this morning") in text
    assert not Ticket.objects.exists()


def test_only_services_of_the_persons_council_are_offered(ben):
    elections = a_service("Elections of the county")
    elections.councils.set([a_council("OCC")])
    retired = a_service("Fax")
    retired.archived_at = "2026-01-01T00:00Z"
    retired.save()
    text = signed_in(ben).get("/help/").content.decode()
    assert ("Elections of the county" in text, "Fax" in text) == (False, False)
    assert "from the list" in send(ben, status=422, service=elections.pk)
    assert "from the list" in send(ben, status=422, service=retired.pk)


def test_form_sent_twice_raises_one_ticket(ben):
    token = uuid4().hex
    assert send(ben, token=token) == send(ben, token=token)
    assert Ticket.objects.count() == 1
    send(ben)
    assert Ticket.objects.count() == 2


def test_token_of_a_form_belongs_to_one_person(ben):
    token, eve = uuid4().hex, a_requester(ben.council)
    answers = [send(ben, token=token), send(eve, token=token), send(ben, token=token, title="Another")]

    assert answers[0] == answers[2] != answers[1]
    assert list(Ticket.objects.order_by("id").values_list("requester", "title", "source_ref")) == [
        (person.pk, "No sound", f"form-{person.pk}-{token[:24]}") for person in (ben, eve)
    ]


def test_form_without_its_token_is_sent_all_the_same(ben):
    send(ben, token="")
    assert Ticket.objects.count() == 1


def test_only_private_matters_that_somebody_receives_are_offered(ben):
    assert "Should it stay private?" not in signed_in(ben).get("/help/").content.decode()
    group = a_case_group("hr", ben.council)
    a_case_group("legal", a_council("OCC"))
    text = signed_in(ben).get("/help/").content.decode()
    assert "Yes: a personnel matter" in text
    assert f"Read only by you and {group}" in text
    assert "Yes: a legal matter" not in text
    assert "from the list" in send(ben, status=422, sensitivity="legal")


def test_private_matter_goes_to_its_case_group_alone(ben):
    group = a_case_group("hr", ben.council)
    send(ben, sensitivity="hr", service=a_service().pk)
    ticket = Ticket.objects.get()
    assert (ticket.sharing, ticket.case_group, ticket.team) == ("restricted", group, group)


def test_security_problem_goes_to_who_handles_them(ben):
    group = a_case_group("cyber", ben.council)
    send(ben, kind="security")
    ticket = Ticket.objects.get()
    assert (ticket.type, ticket.sharing, ticket.sensitivity, ticket.case_group) == (
        "security",
        "restricted",
        "cyber",
        group,
    )


def test_security_problem_where_nobody_handles_them(ben):
    text = send(ben, status=422, kind="security")
    assert "Nobody at your council receives private requests of this kind. Call the IT desk." in text
    assert not Ticket.objects.exists()


def test_own_device_is_offered_and_linked(ben):
    mine = an_asset(ben.council, "CDC-1", holder=ben)
    theirs = an_asset(ben.council, "CDC-2", holder=a_requester(ben.council))
    text = signed_in(ben).get("/help/").content.decode()
    assert ("CDC-1" in text, "CDC-2" in text) == (True, False)
    token = uuid4().hex
    send(ben, asset=mine.pk, token=token)
    send(ben, asset=mine.pk, token=token)
    assert list(Ticket.objects.get().service_records.values_list("asset", flat=True)) == [mine.pk]
    send(ben, status=422, asset=theirs.pk)


def test_page_begins_with_the_device_that_a_link_names(ben):
    mine = an_asset(ben.council, "CDC-1", holder=ben)
    text = signed_in(ben).get(f"/help/?asset={mine.pk}&token=known&title=Hello").content.decode()
    assert re.search(rf'value="{mine.pk}" checked', text)
    assert ("known" in text, "Hello" in text) == (False, False)


def test_help_is_for_those_who_may_ask():
    contact = a_person(None, "supplier_contact")
    assert signed_in(contact).get("/help/").status_code == 403
    assert send(contact, status=403)

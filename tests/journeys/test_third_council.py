"""A third council, its site, team, service, person and roles, made by browser alone; and then it works."""

import re

import pytest
from django.core import mail

from servicedesk.administration.tasks import send_letter
from servicedesk.jobs.models import Job
from servicedesk.people.models import Person
from servicedesk.tickets.models import Ticket
from tests.factories import a_council, a_person
from tests.journeys.keyboard import Hands

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
PASSWORD = "three random words"  # noqa: S105


def test_third_council_works_by_browser_alone(browser, live_server):
    nadia = a_person(a_council("OCC"), "administrator", name="Nadia Rahman")
    admin = Hands(browser, live_server.url, nadia, 1280)

    add_council(admin)
    add_site_team_and_service(admin)
    for name, role in (("Rosa Field", "Requester"), ("Emil Fix", "Engineer")):
        invite(admin, name)
        admin.select("Role", role)
        admin.press("Give the role")
        admin.sees(f"{name} is {role.lower()} at West Oxfordshire District Council.")
        assert admin.faults() == []
    put_into_team(admin)

    rosa = sign_in(browser, live_server.url, "rosa.field@wodc.example")
    ticket = ask_for_help(rosa)
    resolve(sign_in(browser, live_server.url, "emil.fix@wodc.example"), ticket)
    rosa.go("/requests/")
    rosa.sees("We think it is fixed")


def add_council(admin: Hands) -> None:
    admin.go("/")
    admin.press("Administration")
    assert admin.faults() == []
    admin.press("Councils")
    admin.press("Add a council")
    admin.write("Code", "WODC")
    admin.write("Name", "West Oxfordshire District Council")
    admin.press("Add")
    admin.sees("West Oxfordshire District Council is added")
    assert admin.faults() == []


def add_site_team_and_service(admin: Hands) -> None:
    admin.go("/admin/sites/new/")
    admin.select("Council", "West")
    admin.write("Name", "Elmfield")
    admin.press("Add")
    admin.sees("Elmfield is added")

    admin.go("/admin/teams/new/")
    admin.write("Name", "West desk")
    admin.tick("West Oxfordshire District Council")
    admin.press("Add")
    admin.sees("West desk is added")

    admin.go("/admin/services/new/")
    admin.write("Name", "Planning maps")
    admin.select("Support team", "West desk")
    admin.tick("West Oxfordshire District Council")
    admin.press("Add")
    admin.sees("Planning maps is added")


def put_into_team(admin: Hands) -> None:
    admin.go("/admin/rotas/")
    admin.press("West desk")
    admin.select("Person", "Emil Fix")
    admin.press("Put into the team")
    admin.sees("Emil Fix is in West desk.")
    assert admin.faults() == []


def ask_for_help(rosa: Hands) -> Ticket:
    rosa.go("/help/")
    rosa.choose("Something is not working")
    rosa.write("What is wrong, or what do you need?", "The map of Witney is empty")
    rosa.select("Which service is it about? (optional)", "Planning maps")
    rosa.choose("I cannot work")
    rosa.press("Send")
    ticket = Ticket.objects.get()
    rosa.sees(ticket.reference)
    return ticket


def resolve(emil: Hands, ticket: Ticket) -> None:
    emil.go("/queue/")
    emil.press(ticket.reference)
    emil.press("Take")
    emil.sees(f"{ticket.reference} is now in progress.")
    emil.open("Resolve")
    emil.select("How it was resolved", "Fixed")
    emil.write("What was done, for Rosa Field to read", "The layer is back")
    emil.press("Resolve")
    emil.sees(f"{ticket.reference} is now resolved.")


def invite(admin: Hands, name: str) -> None:
    """Invite somebody to the new council, and stay on their page."""
    admin.go("/admin/people/invite/")
    admin.press("West Oxfordshire District Council")
    admin.write("Name", name)
    admin.write("Email address (optional)", f"{name.lower().replace(' ', '.')}@wodc.example")
    admin.press("Invite")
    admin.sees(f"{name} is added")


def sign_in(browser, site: str, email: str) -> Hands:
    """Follow the link of the letter, choose a password, and sign in."""
    person = Person.objects.get(email=email)
    send_letter(Job.objects.first(), person=person.pk)
    link = re.search(r"(/account/password/reset/key/\S+)", mail.outbox[-1].body)[1]
    hands = Hands(browser, site, None, 1280)
    hands.go(link)
    hands.write("New password", PASSWORD)
    hands.write("New password again", PASSWORD)
    hands.press("Save the password")
    hands.go("/account/login/")
    hands.write("Email address", email)
    hands.write("Password", PASSWORD)
    hands.press("Sign in")
    return hands

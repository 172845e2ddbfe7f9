"""A third council is made by browser alone, with all that belongs to it; and then everything works for it."""

import re

import pytest
from django.core import mail
from django.utils import timezone

from servicedesk.administration.tasks import send_letter
from servicedesk.jobs.models import Job
from servicedesk.people.models import Person
from servicedesk.tickets.models import Ticket
from tests.factories import a_council, a_person
from tests.journeys.keyboard import Hands

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "three random words"  # noqa: S105
PEOPLE = (
    ("Rosa Field", "Requester"),
    ("Emil Fix", "Engineer"),
    ("Hana Case", "Requester"),
    ("Ada Keep", "Asset manager"),
    ("Quin Lead", "Queue manager"),
)


def test_third_council_works_by_browser_alone(browser, live_server):
    nadia = a_person(a_council("OCC"), "administrator", name="Nadia Rahman")
    asha = a_person(nadia.council, "engineer", name="Asha Patel")
    admin = Hands(browser, live_server.url, nadia, 1280)

    add_council(admin)
    add_site_team_and_service(admin)
    keep_hours(admin)
    add_case_group(admin)
    for name, role in PEOPLE:
        invite(admin, name)
        admin.select("Role", role)
        admin.press("Give the role")
        admin.sees(f"{name} is {role.lower()} at West Oxfordshire District Council.")
        assert admin.faults() == []
    put_into_team(admin, "West desk", "Emil Fix")
    put_into_team(admin, "West personnel", "Hana Case")

    rosa, emil, hana, ada, quin = (
        sign_in(browser, live_server.url, f"{name.lower().replace(' ', '.')}@wodc.example")
        for name, _ in PEOPLE
    )
    ticket = ask_for_help(rosa)
    promised_by_its_own_hours(emil, ticket)
    private = ask_in_private(rosa)
    read_by_the_case_group_alone(hana, emil, private)
    share_by_agreement(admin, Hands(browser, live_server.url, asha, 1280), ticket)
    resolve(emil, ticket)
    rosa.go("/requests/")
    rosa.sees("We think it is fixed")
    register_a_laptop(ada)
    read_the_figures(quin, ticket)
    take_what_is_about_no_service(rosa, emil)


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


def keep_hours(admin: Hands) -> None:
    """A desk that is open on Sundays alone, so that a deadline tells by which hours it was reckoned."""
    admin.go("/admin/calendars/")
    admin.press("Add a calendar")
    admin.write("Name", "West hours")
    admin.write("Code", "WODC")
    admin.write("Sunday (optional)", "06:00 to 22:00")
    admin.press("Save")
    admin.sees("West hours is added.")
    admin.press("Make them a council's or a team's hours")
    admin.select("Council (optional)", "West")
    admin.press("See what it does")
    admin.press("Save it")
    admin.go("/admin/calendars/")
    admin.sees("West Oxfordshire District Council")


def add_case_group(admin: Hands) -> None:
    admin.go("/admin/teams/new/")
    admin.write("Name", "West personnel")
    admin.select("Kind", "Case")
    admin.select("What a case group is for (optional)", "A personnel")
    admin.tick("West Oxfordshire District Council")
    admin.press("Add")
    admin.sees("West personnel is added")


def put_into_team(admin: Hands, team: str, name: str) -> None:
    admin.go("/admin/rotas/")
    admin.press(team)
    admin.select("Person", name)
    admin.press("Put into the team")
    admin.sees(f"{name} is in {team}.")
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


def promised_by_its_own_hours(emil: Hands, ticket: Ticket) -> None:
    emil.go(f"/tickets/{ticket}/")
    emil.sees(re.compile(r"Sun(day)? \d"))
    assert emil.faults() == []


def ask_in_private(rosa: Hands) -> Ticket:
    rosa.go("/help/")
    rosa.choose("Something is not working")
    rosa.write("What is wrong, or what do you need?", "A quarrel at Elmfield")
    rosa.choose("I cannot work")
    rosa.choose("Yes: a personnel matter")
    rosa.press("Send")
    ticket = Ticket.objects.latest("pk")
    rosa.sees(ticket.reference)
    return ticket


def read_by_the_case_group_alone(hana: Hands, emil: Hands, ticket: Ticket) -> None:
    hana.go("/queue/")
    hana.press(ticket.reference)
    hana.sees("A quarrel at Elmfield")
    emil.go("/queue/?my_teams=")
    emil.sees("The map of Witney is empty")
    assert "quarrel" not in emil.reads()
    emil.go(f"/tickets/{ticket}/")
    assert "quarrel" not in emil.reads()


def share_by_agreement(admin: Hands, asha: Hands, ticket: Ticket) -> None:
    """The desk of another council sees what is shared, from the click after the agreement, and not before."""
    asha.go("/queue/")
    assert ticket.reference not in asha.reads()
    admin.go("/admin/agreements/")
    admin.press("Propose an agreement")
    admin.write("Name", "The western desk")
    admin.choose("Joint: each serves the others")
    admin.tick("Oxfordshire County Council")
    admin.tick("West Oxfordshire District Council")
    admin.press("Propose")
    admin.sees("The western desk")
    asha.go("/queue/")
    asha.sees(ticket.reference)
    assert "quarrel" not in asha.reads()


def register_a_laptop(ada: Hands) -> None:
    ada.go("/assets/new/")
    ada.write("Asset tag (optional)", "WO/0017")
    ada.select("Category", "Laptop")
    ada.press("Register")
    ada.sees("WO/0017 is in the register")
    ada.go("/assets/")
    ada.sees("WO/0017")
    assert ada.faults() == []


def read_the_figures(quin: Hands, ticket: Ticket) -> None:
    """This month's: one request raised and resolved, and the private one in no figure."""
    quin.go("/reports/service/?month=" + f"{timezone.localdate():%Y-%m}" + "&council=WODC")
    raised = quin.page.get_by_role("row").filter(has_text=re.compile(r"^\s*Raised"))
    assert raised.first.get_by_role("cell").first.inner_text() == "1"
    quin.press("1")
    quin.sees(ticket.reference)
    quin.sees("1 request")


def take_what_is_about_no_service(rosa: Hands, emil: Hands) -> None:
    """Who does not know what it is about is answered all the same: it waits for the first line."""
    rosa.go("/help/")
    rosa.choose("Something is not working")
    rosa.write("What is wrong, or what do you need?", "It beeps")
    rosa.choose("I cannot work")
    rosa.press("Send")
    emil.go("/queue/?my_teams=true")
    emil.sees("It beeps")
    emil.press("Take next")
    emil.sees("It beeps")
    emil.sees("Emil Fix")


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

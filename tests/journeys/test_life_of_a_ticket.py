"""From a request for help to its end and back, by keyboard alone, at a desk and on a phone."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from servicedesk.tickets.models import Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.workflow import move
from tests.factories import a_case_group, a_council, a_requester, a_service, a_team, an_asset, an_engineer
from tests.journeys.keyboard import Hands

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = [pytest.param(1280, id="desktop"), pytest.param(375, id="phone")]


@pytest.fixture
def ben():
    council = a_council("CDC")
    ben = a_requester(council, name="Ben Carter")
    a_case_group("hr", council)
    an_asset(council, "CDC-1", holder=ben)
    return ben


@pytest.fixture
def asha():
    return an_engineer(a_council("OCC"), name="Asha Patel")


@pytest.fixture
def laptops(asha):
    return a_service("Laptops", a_team("Service desk", members=(asha,)))


@pytest.mark.parametrize("width", WIDTHS)
def test_raise_take_ask_reply_resolve_and_reopen(browser, live_server, ben, asha, laptops, width):
    staff = Hands(browser, live_server.url, ben, width)
    desk = Hands(browser, live_server.url, asha, width)

    staff.go("/")
    staff.press("Get help")
    assert staff.faults() == []
    staff.choose("Something is not working")
    staff.write("What is wrong, or what do you need?", "No sound in meetings")
    staff.write("Tell us more (optional)", "Since this morning")
    staff.choose("I cannot work")
    staff.press("Send")
    reference = Ticket.objects.get().reference
    staff.sees(f"We have your request. Its reference is {reference}.")
    staff.sees(re.compile(r"We aim to fix this by \w+day \d+ \w+, "))
    assert staff.faults() == []

    desk.go("/queue/")
    desk.sees("No sound in meetings")
    assert desk.faults() == []
    desk.press(reference)
    assert desk.faults() == []
    desk.press("Take")
    desk.sees(f"{reference} is now in progress.")
    desk.open("Ask the requester")
    desk.write("Question for Ben Carter", "Which headset do you use?")
    desk.press("Ask the requester")
    desk.sees(f"{reference} is now waiting for the customer.")

    staff.go("/")
    staff.sees("Needs your answer")
    assert staff.faults() == []
    staff.press("No sound in meetings")
    staff.sees("Which headset do you use?")
    staff.write("Your message", "The grey one")
    staff.press("Send")
    staff.sees("We are working on it")

    desk.go("/queue/?customer_replied=true")
    desk.press(reference)
    desk.sees("The grey one")
    desk.open("Resolve")
    desk.select("How it was resolved", "Fixed")
    desk.write("What was done, for Ben Carter to read", "We replaced it")
    desk.press("Resolve")
    desk.sees(f"{reference} is now resolved.")

    staff.go("/requests/")
    assert staff.faults() == []
    staff.press("No sound in meetings")
    assert staff.faults() == []
    staff.write("What is still wrong?", "It hums")
    staff.press("It is not fixed")
    staff.sees("Thank you for telling us. We are working on it again.")
    ticket = Ticket.objects.get()
    assert (ticket.state, ticket.reopen_count, ticket.assignee) == ("in_progress", 1, asha)


@pytest.mark.parametrize("width", WIDTHS)
def test_note_cannot_be_mistaken_for_a_reply(browser, live_server, ben, asha, laptops, width):
    ticket = raise_ticket(by=ben, requester=ben, type="incident", title="No sound", service=laptops)
    desk = Hands(browser, live_server.url, asha, width)
    desk.go(f"/tickets/{ticket}/")
    desk.choose("Internal note – Ben Carter cannot see this")
    desk.write("Message", "User error?")
    desk.press("Send")
    expect(desk.page.locator(".app-comment--internal")).to_contain_text("Ben Carter cannot see this")
    assert desk.faults() == []
    staff = Hands(browser, live_server.url, ben, width)
    staff.go(f"/requests/{ticket}/")
    assert "User error?" not in staff.reads()


def test_two_windows_the_second_is_told_by_whom_and_keeps_the_text(browser, live_server, ben, asha, laptops):
    ticket = raise_ticket(by=ben, requester=ben, type="incident", title="No sound", service=laptops)
    move(ticket, "assign", by=asha, team=laptops.support_team)
    dev = an_engineer(a_council("CDC"), name="Dev Brown")
    desk = Hands(browser, live_server.url, asha, 1280)
    desk.go(f"/tickets/{ticket}/")
    desk.open("Put back")
    desk.write("Note for whoever takes this on", "Not for us, try networks", within="details[open]")
    move(ticket, "take", by=dev)
    move(ticket, "ask_customer", by=dev, question="Which?")
    desk.press("Put back")
    desk.sees("is not possible. Dev Brown was the last to change it.")
    expect(desk.page.locator("#put_back-note")).to_have_value("Not for us, try networks")
    assert desk.faults() == []


def test_pressing_twice_sends_once(browser, live_server, ben, asha, laptops):
    page = Hands(browser, live_server.url, ben, 1280).page
    page.goto(live_server.url + "/help/")
    page.get_by_label("Something is not working").check()
    page.get_by_label("What is wrong, or what do you need?").fill("No sound")
    page.get_by_label("I cannot work").check()
    page.get_by_role("button", name="Send").dblclick()
    page.wait_for_url("**/requests/**")
    assert Ticket.objects.count() == 1


def test_reply_outlives_an_expired_sign_in(browser, live_server, ben, laptops):
    ticket = raise_ticket(by=ben, requester=ben, type="incident", title="No sound", service=laptops)
    staff = Hands(browser, live_server.url, ben, 1280)
    staff.go(f"/requests/{ticket}/")
    staff.write("Your message", "It hums and crackles")
    Session.objects.all().delete()
    staff.press("Send")
    page = staff.page
    page.get_by_label("Email").fill(ben.email)
    page.locator("[name=password]").fill("correct horse battery staple")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/requests/{ticket}/")
    expect(page.get_by_label("Your message")).to_have_value("It hums and crackles")
    staff.press("Send")
    staff.sees("It hums and crackles")
    expect(page.get_by_label("Your message")).to_have_value("")


def test_everything_works_without_script(browser, live_server, ben, laptops):
    staff = Hands(browser, live_server.url, ben, 375)
    cookies = staff.page.context.cookies()
    page = browser.new_context(java_script_enabled=False, viewport={"width": 375, "height": 800}).new_page()
    page.context.add_cookies(cookies)
    page.goto(live_server.url + "/help/")
    page.get_by_label("I need something").check()
    page.get_by_label("What is wrong, or what do you need?").fill("A second monitor")
    page.get_by_label("Which service is it about?").select_option("Laptops")
    page.get_by_label("It can wait").check()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("We have your request.")).to_be_visible()
    page.get_by_label("Your message").fill("A big one")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("A big one")).to_be_visible()
    page.get_by_text("I no longer need this").click()
    page.get_by_label("Why do you no longer need it?").fill("I found one")
    page.get_by_role("button", name="Cancel this request").click()
    expect(page.get_by_text("Your request is cancelled.")).to_be_visible()

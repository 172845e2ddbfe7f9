"""Words with files, two people at once, and drafts that outlive their window: by keyboard in Chromium."""

import pytest
from playwright.sync_api import expect

from servicedesk.tickets.models import Draft, Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from tests.factories import a_council, a_requester, a_service, a_team, an_engineer
from tests.files.test_checking import PNG
from tests.journeys.keyboard import Hands

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = [pytest.param(1280, id="desktop"), pytest.param(375, id="phone")]


@pytest.fixture
def asha():
    return an_engineer(a_council("OCC"), name="Asha Patel")


@pytest.fixture
def ben():
    return a_requester(a_council("CDC"), name="Ben Carter")


@pytest.fixture
def ticket(asha, ben) -> Ticket:
    service = a_service("Laptops", a_team("Service desk", members=(asha,)))
    return raise_ticket(by=ben, requester=ben, type="incident", title="No sound", service=service)


def saved(hands: Hands) -> None:
    """Wait until the page says that what was typed is kept."""
    expect(hands.page.locator("form:focus-within [data-draft-said]")).to_contain_text("Draft saved")


@pytest.mark.parametrize("width", WIDTHS)
def test_reply_with_a_file(browser, live_server, asha, ben, ticket, width, tmp_path):
    photo = tmp_path / "headset.png"
    photo.write_bytes(PNG)
    desk = Hands(browser, live_server.url, asha, width)
    desk.go(f"/tickets/{ticket}/")
    desk.choose("Reply to Ben Carter")
    desk.write("Message", "Is it this one?", within=".app-say")
    box = desk.page.get_by_label("Attach files (optional)")
    desk.reach(box)
    box.set_input_files(photo)
    desk.press("Send")
    desk.sees("Your reply is sent. Can be read by Ben Carter and Asha Patel.")
    assert desk.faults() == []

    staff = Hands(browser, live_server.url, ben, width)
    staff.go("/requests/")
    staff.sees("New reply")
    staff.press("No sound")
    expect(staff.page.get_by_alt_text("headset.png")).to_be_visible()
    assert staff.faults() == []
    staff.go("/requests/")
    expect(staff.page.locator("main")).not_to_contain_text("New reply")


def test_two_windows_that_correct_different_facts_are_both_kept(browser, live_server, asha, ticket):
    dev = an_engineer(a_council("CDC"), name="Dev Brown")
    first, second = (Hands(browser, live_server.url, person, 1280) for person in (asha, dev))
    for hands in (first, second):
        hands.go(f"/tickets/{ticket}/change/")
    first.write("Category (optional)", "Audio")
    first.press("Save")
    second.write("Subcategory (optional)", "Headset")
    second.press("Save")
    second.sees("Asha Patel changed the category meanwhile. Both are kept.")
    ticket.refresh_from_db()
    assert (ticket.category, ticket.subcategory) == ("Audio", "Headset")


def test_two_windows_that_correct_the_same_fact_see_both_values(browser, live_server, asha, ticket):
    dev = an_engineer(a_council("CDC"), name="Dev Brown")
    first, second = (Hands(browser, live_server.url, person, 375) for person in (asha, dev))
    for hands in (first, second):
        hands.go(f"/tickets/{ticket}/change/")
    first.write("Category (optional)", "Audio")
    first.press("Save")
    second.write("Category (optional)", "Laptop")
    second.press("Save")
    second.sees("Asha Patel changed this to “Audio” on")
    expect(second.page.locator("#id_category")).to_have_value("Laptop")
    assert second.faults() == []
    second.press("Save")
    ticket.refresh_from_db()
    assert ticket.category == "Laptop"


def test_draft_outlives_its_window_and_comes_back_at_another_machine(browser, live_server, asha, ticket):
    desk = Hands(browser, live_server.url, asha, 1280)
    desk.go(f"/tickets/{ticket}/")
    desk.choose("Internal note – Ben Carter cannot see this")
    desk.write("Message", "Half a thought", within=".app-say")
    saved(desk)
    desk.page.context.close()

    other = Hands(browser, live_server.url, asha, 375)
    other.go(f"/tickets/{ticket}/")
    expect(other.page.locator("#say-body")).to_have_value("Half a thought")
    expect(other.page.get_by_label("Internal note – Ben Carter cannot see this")).to_be_checked()
    other.sees("Your draft of ")
    assert other.faults() == []
    other.press("Send")
    other.sees("Your internal note is saved.")
    expect(other.page.locator("#say-body")).to_have_value("")
    assert not Draft.objects.exists()


def test_sent_in_the_middle_of_being_kept_leaves_no_draft(browser, live_server, asha, ticket):
    desk = Hands(browser, live_server.url, asha, 1280)
    desk.go(f"/tickets/{ticket}/")
    desk.choose("Reply to Ben Carter")
    desk.write("Message", "Which headset?", within=".app-say")
    desk.reach(desk.page.locator(".app-say").get_by_role("button", name="Send"))
    hide = "Object.defineProperty(document, 'hidden', {value: true})"
    desk.page.evaluate(f"{hide}; document.dispatchEvent(new Event('visibilitychange'))")
    desk.press("Send")
    desk.sees("Your reply is sent.")
    assert not Draft.objects.exists()


def test_draft_that_is_kept_is_sent(browser, live_server, ben, ticket):
    staff = Hands(browser, live_server.url, ben, 375)
    staff.go(f"/requests/{ticket}/")
    staff.write("Your message", "It hums")
    saved(staff)
    staff.press("Send")
    staff.sees("Your message is sent.")
    assert not Draft.objects.exists()


def test_draft_thrown_away(browser, live_server, ben, ticket):
    staff = Hands(browser, live_server.url, ben, 375)
    staff.go(f"/requests/{ticket}/")
    staff.write("Your message", "It hums")
    saved(staff)
    staff.press("Discard draft")
    staff.sees("The draft is thrown away.")
    expect(staff.page.get_by_label("Your message")).to_have_value("")
    assert not Draft.objects.exists()


def test_word_that_arrives_while_one_writes_is_said_before_sending(browser, live_server, asha, ben, ticket):
    desk = Hands(browser, live_server.url, asha, 1280)
    desk.go(f"/tickets/{ticket}/")
    desk.choose("Reply to Ben Carter")
    desk.write("Message", "Which headset?", within=".app-say")
    say(ticket, by=ben, body="I found another one", visibility="public")
    desk.press("Send")
    desk.sees("Ben Carter wrote since you began. Read it first")
    desk.sees("I found another one")
    assert desk.faults() == []
    desk.press("Send anyway")
    desk.sees("Your reply is sent.")
    desk.sees("Which headset?")


def test_page_says_by_itself_that_somebody_wrote(browser, live_server, asha, ben, ticket):
    desk = Hands(browser, live_server.url, asha, 1280)
    desk.page.clock.install()
    desk.go(f"/tickets/{ticket}/")
    desk.page.wait_for_function("window.htmx")
    say(ticket, by=ben, body="I found another one", visibility="public")
    desk.page.clock.run_for(21_000)
    desk.sees("Ben Carter wrote since you opened this page.")
    assert desk.faults() == []


def test_draft_is_kept_by_a_button_without_script(browser, live_server, ben, ticket):
    cookies = Hands(browser, live_server.url, ben, 375).page.context.cookies()
    page = browser.new_context(java_script_enabled=False).new_page()
    page.context.add_cookies(cookies)
    page.goto(f"{live_server.url}/requests/{ticket}/")
    page.get_by_label("Your message").fill("It hums")
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_label("Your message")).to_have_value("It hums")
    expect(page.get_by_text("Your draft of ")).to_be_visible()

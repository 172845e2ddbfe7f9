"""Logging a call: who is found, what is taken down, what becomes of it, and that it is all or nothing, once."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from lxml import html

from assets.register.keeping import add_row
from assets.register.models import ServiceRecord, Supplier
from servicedesk.people.callers import add_caller
from servicedesk.people.models import Person
from servicedesk.tickets.calling import find_callers, log_call
from servicedesk.tickets.models import Ticket
from tests.factories import (
    a_case_group,
    a_council,
    a_council_alone,
    a_requester,
    a_service,
    a_team,
    a_ticket,
    an_asset,
    an_engineer,
)

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)
PAGE = "/queue/log/"
TOKEN = "6f9619ff-8b86-4d01-b42d-00c04fc964ff"  # noqa: S105 - of a form


@pytest.fixture
def asha() -> Person:
    return an_engineer(a_council("OCC"), name="Asha Patel", phone="01865 111111")


@pytest.fixture
def ben() -> Person:
    return a_requester(
        a_council("CDC"), name="Ben Carter", phone="01295 (960) 301", email="ben.c@cdc.example"
    )


@pytest.fixture
def laptops(asha):
    return a_service("Laptops", a_team("Service desk", members=(asha,)))


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def filled_in(caller: Person | str, **other: str) -> dict[str, str]:
    """What is sent for a call that is resolved at once."""
    return {
        "token": TOKEN,
        "caller": str(getattr(caller, "pk", caller)),
        "type": "incident",
        "title": "No sound",
        "stops": "31",
        "sensitivity": "normal",
        "channel": "phone",
        "outcome": "resolve",
        "resolution_code": "fixed",
        "resolution_note": "Unplugged and plugged in",
        **other,
    }


def sent(person: Person, **data: str):
    return signed_in(person).post(PAGE, data)


def errors(response) -> list[str]:
    page = html.fromstring(response.content.decode())
    lines = page.xpath("//*[contains(@class, 'govuk-error-summary__list')]/li")
    return [" ".join(each.text_content().split()) for each in lines]


def names(by: Person, text: str) -> list[tuple[str, str]]:
    return [(found.person.display_name, found.words) for found in find_callers(by, text)]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("ben", [("Ben Carter", "")]),
        ("carter b", [("Ben Carter", "")]),
        ("BEN.C@cdc", [("Ben Carter", "")]),
        ("960301", [("Ben Carter", "")]),
        ("01295 960 301", [("Ben Carter", "")]),
        ("301", [("Ben Carter", "")]),
        ("lt/17", [("Ben Carter", "has LT/17")]),
        ("LT/", [("Ben Carter", "has LT/17")]),
        ("pf2abc", [("Ben Carter", "has LT/17")]),
        ("patel", [("Asha Patel", "")]),
        ("b", []),
        ("", []),
        ("nobody", []),
        ("ben\0", []),
        ("%", []),
    ],
)
def test_caller_is_found_by_any_part(asha, ben, typed, found):
    an_asset(ben.council, "LT/17", serial_number="PF2ABC", holder=ben)
    an_asset(ben.council, "LT/18", holder=ben, state="disposed")
    assert names(asha, typed) == found


def test_nobody_is_found_beyond_the_desk(asha):
    alone = a_council_alone("SND", "South Northants")
    stranger = a_requester(alone, name="Ben Stranger", phone="01295 960301")
    an_asset(alone, "LT/17", holder=stranger)
    a_requester(a_council("OCC"), name="Ben Left", is_active=False)
    assert [names(asha, typed) for typed in ("ben", "960301", "lt/17", stranger.email)] == [[], [], [], []]
    assert signed_in(asha).get(f"{PAGE}caller/?caller={stranger.pk}").content.count(b"Stranger") == 0
    assert errors(sent(asha, **filled_in(stranger))) == [
        "Find who is calling and choose them, or choose somebody who is not listed"
    ]
    assert Ticket.objects.count() == 0


def test_call_resolved_at_once(asha, ben, laptops):
    response = sent(asha, **filled_in(ben, service=str(laptops.pk)))
    ticket = Ticket.objects.get()
    assert response.headers["Location"] == f"/tickets/{ticket}/"
    taken = (ticket.requester, ticket.title, ticket.priority, ticket.channel, ticket.council.code)
    assert taken == (ben, "No sound", "P3", "phone", "CDC")
    done = (ticket.state, ticket.assignee, ticket.team, ticket.resolution_code, ticket.resolution_note)
    assert done == ("resolved", asha, laptops.support_team, "fixed", "Unplugged and plugged in")
    assert ticket.first_response_at == ticket.resolved_at == ticket.logged_at


def test_call_passed_on(asha, ben, laptops):
    networks = a_team("Networks")
    dev = an_engineer(ben.council)
    passed = {"outcome": "pass_on", "team": str(networks.pk), "assignee": str(dev.pk)}
    sent(asha, **filled_in(ben, **passed))
    ticket = Ticket.objects.get()
    assert (ticket.state, ticket.team, ticket.assignee) == ("assigned", networks, dev)


def test_call_that_nobody_would_get_is_passed_on_to_nobody(asha, ben):
    assert errors(sent(asha, **filled_in(ben, outcome="pass_on"))) == [
        "Choose a team, or the service that it is about"
    ]
    assert Ticket.objects.count() == 0


def test_call_passed_on_goes_to_the_team_of_its_service(asha, ben, laptops):
    a_team("Front desk", ben.council)
    sent(asha, **filled_in(ben, outcome="pass_on", service=str(laptops.pk)))
    ticket = Ticket.objects.get()
    assert (ticket.state, ticket.team, ticket.assignee) == ("new", laptops.support_team, None)


def test_call_about_no_service_is_passed_on_to_the_first_line(asha, ben):
    desk = a_team("Front desk", ben.council)
    sent(asha, **filled_in(ben, outcome="pass_on"))
    ticket = Ticket.objects.get()
    assert (ticket.state, ticket.team, ticket.assignee) == ("new", desk, None)


@pytest.mark.parametrize(
    ("channel", "words"),
    [
        ("phone", "Phone"),
        ("walk_in", "In person"),
        ("email", "E-mail"),
        ("portal", "Web page"),
        ("monitoring", "Monitoring"),
    ],
)
def test_call_kept_says_how_it_reached_us(asha, ben, channel, words):
    sent(asha, **filled_in(ben, outcome="keep", channel=channel))
    ticket = Ticket.objects.get()
    assert (ticket.state, ticket.assignee, ticket.channel) == ("in_progress", asha, channel)
    page = html.fromstring(signed_in(asha).get(f"/tickets/{ticket}/").content.decode())
    said = page.xpath("//dt[normalize-space()='How']/following-sibling::dd[1]")
    assert [" ".join(one.text_content().split()) for one in said] == [words]


def test_call_told_earlier_today_runs_from_then(asha, ben):
    ticket = log_call(
        by=asha,
        caller=ben,
        said={"type": "incident", "title": "No sound", "reported_at": MONDAY - timedelta(minutes=42)},
        about={},
        outcome="keep",
        then={},
        token="1" * 32,
        now=MONDAY,
    )
    assert (ticket.reported_at, ticket.logged_at) == (MONDAY - timedelta(minutes=42), MONDAY)
    started = set(ticket.clocks.filter(metric="resolution").values_list("started_at", flat=True))
    assert started == {MONDAY - timedelta(minutes=42)}


def test_time_to_come_is_refused(asha, ben, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: MONDAY)
    assert errors(sent(asha, **filled_in(ben, reported_at="9:13"))) == [
        "When they told us must be earlier today"
    ]
    assert errors(sent(asha, **filled_in(ben, reported_at="soon"))) == [
        "When they told us must be a time, like 14:30"
    ]


def test_what_is_private_goes_to_its_case_group_and_out_of_sight(asha, ben):
    group = a_case_group("hr", ben.council, a_requester(ben.council))
    goes = "You cannot work on this: it goes to those who handle it. Choose “Pass on”, and no team or person"
    private = {"sensitivity": "hr", "outcome": "keep"}
    assert errors(sent(asha, **filled_in(ben, **private))) == [goes]
    private |= {"outcome": "pass_on", "team": str(a_team("Networks").pk)}
    assert errors(sent(asha, **filled_in(ben, **private))) == [goes]
    assert Ticket.objects.count() == 0
    response = sent(asha, **filled_in(ben, **{**private, "team": ""}))
    ticket = Ticket.objects.get()
    assert (ticket.sharing, ticket.team, response.headers["Location"]) == ("restricted", group, "/queue/")
    assert not Ticket.objects.visible_to(asha).exists()


def test_private_call_that_nobody_receives_is_refused(asha, ben):
    assert "Nobody at your council" in errors(sent(asha, **filled_in(ben, sensitivity="hr")))[0]
    assert Ticket.objects.count() == 0


def test_security_incident_is_not_resolved_in_passing(asha, ben):
    a_case_group("cyber", ben.council, asha)
    response = sent(asha, **filled_in(ben, type="security"))
    assert errors(response)[0].startswith("A security incident is resolved on its own page")
    sent(asha, **filled_in(ben, type="security", outcome="keep"))
    assert Ticket.objects.get().state == "in_progress"


def test_call_about_one_of_the_callers_devices(asha, ben):
    asset = an_asset(ben.council, "LT/17", holder=ben)
    sent(asha, **filled_in(ben, asset=str(asset.pk)))
    assert list(ServiceRecord.objects.values_list("asset", "ticket")) == [(asset.pk, Ticket.objects.get().pk)]


def test_pressing_twice_logs_once(asha, ben):
    first, second = (sent(asha, **filled_in(ben)) for _ in range(2))
    assert Ticket.objects.count() == 1
    assert first.headers["Location"] == second.headers["Location"]


def test_pressing_twice_writes_down_a_new_caller_once(asha):
    council = a_council("CDC")
    new = {"new_name": "Pat  Smith", "new_council": str(council.pk), "new_phone": "07700 900123"}
    for _ in range(2):
        sent(asha, **filled_in("new", **new, new_anyway="on"))
    pat = Person.objects.get(display_name="Pat Smith")
    known = (pat.council, pat.phone, pat.email, pat.has_usable_password())
    assert known == (council, "07700 900123", None, False)
    assert list(Ticket.objects.values_list("requester", "state")) == [(pat.pk, "resolved")]


def test_one_known_already_is_shown_before_they_are_written_down_again(asha, ben):
    new = {"new_name": "Somebody", "new_council": str(ben.council_id), "new_phone": "01295960301"}
    response = sent(asha, **filled_in("new", **new))
    assert errors(response) == [
        "Somebody of that name or number is known. Choose them, or say that it is not them"
    ]
    assert f'value="{ben.pk}"' in response.content.decode()
    assert Person.objects.filter(display_name="Somebody").count() == 0
    sent(asha, **filled_in("new", **new, new_anyway="on"))
    assert Person.objects.filter(display_name="Somebody").count() == 1


def test_new_caller_needs_a_name_and_a_council(asha):
    assert errors(sent(asha, **filled_in("new"))) == [
        "Enter the name of the caller",
        "Select the council of the caller",
    ]


def test_nobody_is_written_down_for_a_council_beyond_the_desk(asha):
    alone = a_council_alone("SND", "South Northants")
    assert errors(sent(asha, **filled_in("new", new_name="Pat", new_council=str(alone.pk))))
    with pytest.raises(PermissionDenied):
        add_caller(name="Pat", council=alone, by=asha)


def test_what_goes_wrong_at_the_end_leaves_nothing_behind(asha):
    council = a_council("CDC")
    new = {"new_name": "Pat", "new_council": str(council.pk), "outcome": "pass_on"}
    assert sent(asha, **filled_in("new", **new)).status_code == 422
    assert (Person.objects.filter(display_name="Pat").count(), Ticket.objects.count()) == (0, 0)


def test_what_is_missing_is_said_and_what_was_typed_stays(asha, ben):
    response = sent(
        asha, **filled_in(ben, title="", resolution_code="", resolution_note="", description="Grey")
    )
    assert response.status_code == 422
    assert errors(response) == [
        "Enter the summary",
        "Choose how it was resolved",
        "Enter what was done, in words for the caller",
    ]
    page = html.fromstring(response.content.decode())
    assert page.get_element_by_id("id_description").text.strip() == "Grey"
    assert page.xpath("//*[@name='caller'][@checked]")[0].get("value") == str(ben.pk)


def test_without_script_the_button_finds_and_keeps_what_was_typed(asha, ben):
    a_requester(ben.council, name="Benedict Carter")
    response = sent(asha, find="1", q="carter", title="No sound", outcome="keep")
    page = html.fromstring(response.content.decode())
    assert response.status_code == 200
    assert [each.get("value") for each in page.xpath("//*[@name='caller']")][0] == str(ben.pk)
    assert (len(page.xpath("//*[@name='caller']")), page.xpath("//*[@name='caller'][@checked]")) == (3, [])
    assert page.xpath("//*[@name='title']")[0].get("value") == "No sound"
    assert page.xpath("//*[@name='outcome'][@checked]")[0].get("value") == "keep"
    assert not errors(response)


def test_the_only_one_found_is_chosen_with_what_is_known_of_them(asha, ben):
    an_asset(ben.council, "LT/17", holder=ben)
    a_ticket(ben, title="Screen is dark")
    a_ticket(ben, title="Long done", state="closed", resolved_at=MONDAY)
    hidden = a_case_group("hr", ben.council, a_requester(ben.council))
    a_ticket(ben, title="A quarrel", sharing="restricted", sensitivity="hr", case_group=hidden)
    text = signed_in(asha).get(f"{PAGE}callers/?q=ben").content.decode()
    seen = [each in text for each in ("Ben Carter", "LT/17", "Screen is dark", "Long done", "A quarrel")]
    assert seen == [True, True, True, False, False]
    assert html.fromstring(text).xpath("//*[@name='caller'][@checked]")[0].get("value") == str(ben.pk)


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}callers/", f"{PAGE}caller/"])
def test_logging_is_for_whoever_works_on_requests(ben, path):
    assert signed_in(ben).get(path).status_code == 403


@pytest.mark.parametrize("key", ["", "x", "-1", "0", "9" * 30, "new", "٣"])
def test_caller_that_nobody_is_shows_nothing(asha, key):
    assert signed_in(asha).get(f"{PAGE}caller/", {"caller": key}).status_code == 200


def test_call_is_not_passed_on_to_a_supplier_that_has_lapsed(asha, ben, laptops):
    acme = a_team("Acme", kind="supplier")
    add_row(Supplier(name="Acme", status="ended"), by=None)

    response = sent(asha, **filled_in(ben, service=str(laptops.pk), outcome="pass_on", team=str(acme.pk)))

    assert errors(response) == [
        "Acme has lapsed. Only a cyber security officer can refer this to it, with a reason. "
        "Ask them, or choose another."
    ]
    assert Ticket.objects.count() == 0


def test_supplier_that_has_lapsed_for_the_callers_council_is_not_among_the_teams(asha, ben):
    for name in ("Acme", "Bits"):
        a_team(name, kind="supplier")
    add_row(Supplier(name="ACME", status="ended"), by=None)

    page = signed_in(asha).get(PAGE, {"caller": ben.pk}).content.decode()

    options = html.fromstring(page).xpath("//select[@name='team']/option/text()")
    assert ("Acme" in options, "Bits" in options) == (False, True)

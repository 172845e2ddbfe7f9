"""Logging a call in one step through the API: the same deed, doors and words as at the page."""

from datetime import UTC, datetime

import pytest

from assets.register.models import ServiceRecord
from servicedesk.people.models import Person
from servicedesk.tickets.models import Ticket
from tests.api.calling import as_person, invalid, problem
from tests.factories import (
    a_case_group,
    a_council,
    a_council_alone,
    a_requester,
    a_service,
    a_team,
    an_asset,
    an_engineer,
)

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)
FIXED = {"resolution_code": "fixed", "resolution_note": "Plugged in"}


@pytest.fixture
def asha() -> Person:
    return an_engineer(a_council("OCC"), name="Asha")


@pytest.fixture
def ben() -> Person:
    return a_requester(a_council("CDC"), name="Ben", phone="01295 960301")


def log(by: Person, status: int, **call):
    answer = as_person(by).ask("POST", "calls/", {"title": "No sound", "outcome": "resolve", **call})
    assert answer.status_code == status, answer.content
    return answer.json() if answer.content else None


def test_call_of_somebody_known_is_resolved_in_one_step(asha, ben):
    device = an_asset(ben.council, "LT/17", holder=ben)

    told = log(asha, 201, caller=ben.pk, about={"asset": device.pk}, impact=3, urgency=1, **FIXED)

    ticket = Ticket.objects.get()
    assert {name: told[name] for name in ("reference", "state", "type", "channel", "priority", "title")} == {
        "reference": ticket.reference,
        "state": "resolved",
        "type": "incident",
        "channel": "phone",
        "priority": ticket.priority,
        "title": "No sound",
    }
    assert told["requester"] == {"id": ben.pk, "name": "Ben"}
    assert (ticket.assignee, ticket.resolution_note) == (asha, "Plugged in")
    assert list(ServiceRecord.objects.values_list("asset", "ticket")) == [(device.pk, ticket.pk)]


@pytest.mark.parametrize("channel", ["phone", "walk_in", "email", "portal", "monitoring"])
def test_call_says_how_it_reached_us(asha, ben, channel):
    told = log(asha, 201, caller=ben.pk, channel=channel, **FIXED)

    assert told["channel"] == Ticket.objects.get().channel == channel


def test_call_of_somebody_without_an_account_is_passed_on(asha):
    cherwell, team = a_council("CDC"), a_team("Networks")
    new = {"new_name": "Pat  Smith", "new_council": "CDC", "new_phone": "07700 900123"}

    told = log(asha, 201, outcome="pass_on", team=team.pk, channel="walk_in", **new)

    pat = Person.objects.get(display_name="Pat Smith")
    assert (pat.council, pat.phone, pat.has_usable_password()) == (cherwell, "07700 900123", False)
    assert (told["requester"]["id"], told["state"], told["team"]["id"], told["assignee"]) == (
        pat.pk,
        "new",  # it is the first line's from the start
        team.pk,
        None,
    )


def test_call_goes_to_the_team_of_its_service_where_none_is_named(asha, ben):
    service = a_service("Laptops", a_team("Laptops"))
    told = log(asha, 201, outcome="pass_on", caller=ben.pk, service=service.pk)
    assert told["team"]["name"] == "Laptops"


def test_call_that_is_kept_is_in_progress_with_whoever_took_it(asha, ben, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: MONDAY)
    told = log(asha, 201, outcome="keep", caller=ben.pk, reported_at="2026-11-23T08:30:00Z")
    assert (told["state"], told["assignee"]["name"], told["reported_at"]) == (
        "in_progress",
        "Asha",
        "2026-11-23T08:30:00Z",
    )
    for other in ("2026-11-23T09:13:00Z", "2026-11-22T09:00:00Z"):
        refused = log(asha, 400, outcome="keep", caller=ben.pk, reported_at=other)
        assert refused == invalid(reported_at=["When they told us must be earlier today."])


def test_what_is_private_goes_to_its_case_group_and_out_of_sight(asha, ben):
    group = a_case_group("hr", ben.council, a_requester(ben.council))
    assert log(asha, 204, outcome="pass_on", caller=ben.pk, sensitivity="hr") is None
    assert list(Ticket.objects.values_list("sharing", "team")) == [("restricted", group.pk)]


def test_what_cannot_be_taken_is_said_and_leaves_nothing_behind(asha, ben):
    eve = a_requester(ben.council, name="Eve")
    hers = an_asset(ben.council, "LT/18", holder=eve)
    alone = a_council_alone("SND", "South Northants")
    stranger = a_requester(alone)
    somebody = "Say who called: a caller by id, or new_name and new_council."
    for call, field in (
        ({}, "caller"),
        ({"new_name": "Pat"}, "caller"),
        ({"caller": ben.pk, "new_name": "Pat", "new_council": "CDC"}, "caller"),
        ({"caller": stranger.pk}, "caller"),
        ({"new_name": "Pat", "new_council": "SND"}, "new_council"),
        ({"caller": ben.pk, "about": {"asset": hers.pk}}, "about"),
        ({"caller": ben.pk, "about": {"mood": 1}}, "about"),
        ({"caller": ben.pk, "outcome": "lose"}, "outcome"),
    ):
        assert list(log(asha, 400, **{**FIXED, **call})["errors"]) == [field], call
    assert log(asha, 400, **FIXED)["errors"] == {"caller": [somebody]}
    assert sorted(log(asha, 400, caller=ben.pk)["errors"]) == ["resolution_code", "resolution_note"]
    refused = log(asha, 400, outcome="pass_on", new_name="Pat", new_council="CDC")
    assert list(refused["errors"]) == ["team"]
    assert (Ticket.objects.count(), Person.objects.filter(display_name="Pat").count()) == (0, 0)


def test_one_known_already_is_named_before_they_are_written_down_again(asha, ben):
    new = {"new_name": "Somebody", "new_council": "CDC", "new_phone": "01295960301", **FIXED}
    known = f"Somebody of that name or number is known: Ben ({ben.pk}). Send the id as caller, or new_anyway."
    assert log(asha, 400, **new) == invalid(new_anyway=[known])
    log(asha, 201, **new, new_anyway=True)
    assert Person.objects.filter(display_name="Somebody").count() == 1


def test_call_that_is_sent_twice_with_a_key_is_logged_once(asha, ben):
    call = {"title": "No sound", "outcome": "keep", "caller": ben.pk}
    first, second = (
        as_person(asha).ask("POST", "calls/", call, headers={"Idempotency-Key": "call-1"}) for _ in range(2)
    )
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert Ticket.objects.count() == 1


def test_columns_that_are_not_asked_for_are_not_written(asha, ben):
    hopes = {"token": "x", "priority": "P1", "state": "closed", "source_ref": "x", "requester": asha.pk}
    log(asha, 201, outcome="keep", caller=ben.pk, **hopes)
    ticket = Ticket.objects.get()
    assert (ticket.priority != "P1", ticket.state, ticket.council, ticket.requester) == (
        True,
        "in_progress",
        ben.council,
        ben,
    )
    assert ticket.source_ref.startswith(f"call-{asha.pk}-")


def test_only_the_desk_logs_calls(ben):
    refused = log(ben, 403, outcome="keep", caller=ben.pk)
    assert refused == problem(403, "Forbidden", refused["detail"])
    assert Ticket.objects.count() == 0

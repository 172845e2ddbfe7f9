"""Finding who is calling, and what is known of them: the same people, rights and words as at the page."""

from datetime import UTC, datetime

import pytest

from servicedesk.tickets.models import Sighting
from tests.api.calling import NOTHING, as_person, named, one_page
from tests.factories import (
    a_case_group,
    a_council,
    a_council_alone,
    a_person,
    a_requester,
    a_site,
    a_ticket,
    an_asset,
    an_engineer,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def asha():
    return an_engineer(a_council("OCC"), name="Asha")


@pytest.fixture
def ben():
    council = a_council("CDC")
    site = a_site(council, "Bodicote House")
    return a_requester(council, name="Ben Hill", email="b.hill@cdc.example", phone="01295 960-301", site=site)


def found(by, text: str) -> list:
    answer = as_person(by).get(f"calls/callers/?q={text}")
    assert answer.status_code == 200, answer.content
    return answer.json()["results"]


def as_told(person) -> dict:
    return {
        "id": person.pk,
        "display_name": person.display_name,
        "email": person.email,
        "phone": person.phone,
        "council": person.council.code,
        "site": named(person.site) if person.site else None,
    }


@pytest.mark.parametrize("text", ["hil", "ben hill", "b.hill@", "960301", "01295 960", "LT/17"])
def test_caller_is_found_by_part_of_a_name_number_or_address_or_by_a_tag(asha, ben, text):
    an_asset(ben.council, "LT/17", holder=ben)
    a_requester(ben.council, name="Pat Mill", phone="01865 1")

    words = "has LT/17" if text == "LT/17" else ""
    assert found(asha, text) == [{"person": as_told(ben), "words": words}]


@pytest.mark.parametrize("text", ["b", "", "nobody"])
def test_too_little_or_what_fits_nobody_finds_nobody(asha, ben, text):
    assert found(asha, text) == []


def test_people_of_a_council_whose_desk_one_does_not_work_at_are_not_found(ben):
    alone = an_engineer(a_council_alone("WODC"))

    assert found(alone, "Ben") == []
    assert as_person(alone).get(f"calls/callers/{ben.pk}/").json() == NOTHING


@pytest.mark.parametrize("role", ["requester", "asset_manager", "administrator", "auditor", "service_owner"])
def test_who_does_not_work_the_desk_finds_no_callers(role):
    person = a_person(a_council("OCC"), role)
    colleague = a_requester(person.council, name="Ben")

    answers = [as_person(person).get(f"calls/callers/{path}") for path in ("?q=Ben", f"{colleague.pk}/")]

    assert [answer.status_code for answer in answers] in ([403, 403], [403, 404])


def test_filter_that_there_is_not_is_refused(asha):
    assert as_person(asha).get("calls/callers/?name=Ben").status_code == 400


def test_caller_is_told_with_what_they_have_and_asked_as_far_as_one_may_see_it(asha, ben):
    device = an_asset(ben.council, "LT/17", holder=ben, category="laptop")
    an_asset(ben.council, "LT/18", holder=a_requester(ben.council))
    group = a_case_group("hr", ben.council)
    reported = datetime(2026, 11, 23, 9, 12, tzinfo=UTC)
    open_one = a_ticket(ben, title="No sound", reported_at=reported)
    a_ticket(ben, sharing="restricted", sensitivity="hr", case_group=group)
    a_ticket(a_requester(ben.council), title="Not Ben's")

    told = as_person(asha).get(f"calls/callers/{ben.pk}/").json()

    assert told == {
        "person": as_told(ben),
        "belongings": [{"kind": "asset", "id": device.pk, "name": "Laptop, LT/17"}],
        "requests": [
            {
                "reference": open_one.reference,
                "title": "No sound",
                "state": open_one.state,
                "reported_at": "2026-11-23T09:12:00Z",
            }
        ],
    }
    logged = as_person(asha).ask(
        "POST",
        "calls/",
        {
            "caller": told["person"]["id"],
            "about": {one["kind"]: one["id"] for one in told["belongings"]},
            "title": "No sound",
            "outcome": "keep",
        },
    )
    assert logged.status_code == 201, logged.content


def test_that_titles_of_private_requests_were_shown_is_written_down(ben):
    cas = an_engineer(ben.council)
    group = a_case_group("hr", ben.council, cas)
    sealed = a_ticket(ben, sharing="restricted", sensitivity="hr", case_group=group)

    told = as_person(cas).get(f"calls/callers/{ben.pk}/").json()

    assert [one["reference"] for one in told["requests"]] == [sealed.reference]
    assert list(Sighting.objects.values_list("person", "ticket", "how")) == [(cas.pk, sealed.pk, "list")]


def test_caller_whose_account_is_closed_is_none(asha):
    gone = a_requester(a_council("OCC"), is_active=False)

    assert as_person(asha).get(f"calls/callers/{gone.pk}/").status_code == 404
    assert as_person(asha).get("calls/callers/?q=zz").json() == one_page()

"""Roles by the person's address, the roles of one's councils, and the letter of an invitation sent again."""

import pytest

from servicedesk.jobs.models import Job
from servicedesk.people.models import GrantRequest
from tests.api.calling import NOTHING, as_person, named
from tests.factories import a_council, a_council_alone, a_grant, a_person, a_requester, an_agreement

pytestmark = pytest.mark.django_db


@pytest.fixture
def county():
    return a_council("OCC")


@pytest.fixture
def nadia(county):
    return a_person(county, "administrator", name="Nadia")


@pytest.fixture
def grace(county):
    return a_requester(county, name="Grace", email="grace@occ.example")


def give(by, **sent):
    answer = as_person(by).ask("POST", "roles/", {"role": "engineer", "council": "OCC", **sent})
    return answer.status_code, answer.json()


def ask(by, method: str, path: str):
    answer = as_person(by).ask(method, path)
    return answer.status_code, answer.json()


def test_role_is_given_by_address_from_one_day_to_another(nadia, grace):
    span = {"starts_at": "2036-04-01T00:00:00+01:00", "ends_at": "2036-05-01T00:00:00+01:00"}

    status, told = give(nadia, email="GRACE@occ.example", **span)

    held = grace.grants.get(role="engineer")
    assert (status, told) == (
        201,
        {
            "id": held.pk,
            "person": named(grace),
            "role": "engineer",
            "council": "OCC",
            "starts_at": span["starts_at"],
            "ends_at": span["ends_at"],
        },
    )
    assert (held.granted_by, f"{held.ends_at:%Y-%m-%d %H:%M}") == (nadia, "2036-04-30 23:00")


def test_somebody_of_a_council_that_the_desk_serves_is_known_by_address_and_nobody_else(nadia, county):
    served, other = a_council_alone("WODC"), a_council_alone("SODC")
    an_agreement("Hosted", county, served, provider=county)
    eve, stranger = a_requester(served, email="eve@x.example"), a_requester(other, email="sam@x.example")

    assert give(nadia, email=eve.email)[0] == 201
    hidden, none = give(nadia, email=stranger.email), give(nadia, email="sim@x.example")

    assert (hidden[0], none[0]) == (400, 400)
    words = "Nobody at your councils, or those that your desk serves, has the email address {}"
    assert [answer[1]["errors"] for answer in (hidden, none)] == [
        {"email": [words.format(email)]} for email in (stranger.email, "sim@x.example")
    ]
    assert not stranger.grants.filter(role="engineer").exists()


def test_duties_are_kept_apart(nadia, grace):
    a_grant(grace, "auditor")

    assert (give(nadia, email=grace.email)[0], give(nadia, email=nadia.email)[0]) == (400, 403)
    assert give(nadia, email=grace.email, council="CDC")[0] == 400
    ends = give(nadia, email=grace.email, role="asset_manager", ends_at="2020-01-01T00:00:00Z")
    assert (ends[0], grace.grants.count()) == (400, 2)


def test_second_administrator_agrees_to_what_was_given_by_address(nadia, grace, county, settings):
    settings.GRANTS_NEED_SECOND_ADMINISTRATOR = True
    sam = a_person(county, "administrator")

    status, asked = give(nadia, email=grace.email)

    request = GrantRequest.objects.get()
    assert (status, asked["id"], asked["role"], asked["council"]) == (202, request.pk, "engineer", "OCC")
    assert not grace.grants.filter(role="engineer").exists()
    assert ask(sam, "POST", f"role-requests/{request.pk}/agree/")[0] == 200
    assert grace.grants.filter(role="engineer").exists()


@pytest.mark.parametrize("role", ["requester", "engineer", "queue_manager", "auditor"])
def test_who_administers_nothing_gives_no_role(grace, county, role):
    assert give(a_person(county, role), email=grace.email)[0] == 403


def test_roles_in_force_are_listed_to_who_administers_and_audits_and_taken_away(nadia, grace, county):
    auditor = a_person(county, "auditor")
    held = a_grant(grace, "engineer")
    elsewhere = a_grant(a_person(a_council("CDC")), "engineer")

    listed = ask(nadia, "GET", "roles/?role=engineer")[1]["results"]

    assert [one["id"] for one in listed] == [held.pk]
    assert ask(auditor, "GET", "roles/?role=engineer")[1]["results"] == listed
    assert {one["role"] for one in ask(nadia, "GET", "roles/")[1]["results"]} == {
        "administrator",
        "auditor",
        "engineer",
    }
    assert ask(grace, "GET", "roles/")[1]["results"] == []
    assert ask(nadia, "GET", "roles/?role=king")[0] == 400
    assert ask(nadia, "POST", f"roles/{elsewhere.pk}/end/") == (404, NOTHING)
    assert ask(auditor, "POST", f"roles/{held.pk}/end/")[0] == 403
    status, ended = ask(nadia, "POST", f"roles/{held.pk}/end/")
    assert (status, ended["id"], ended["ends_at"] is not None) == (200, held.pk, True)
    assert ask(nadia, "GET", "roles/?role=engineer")[1]["results"] == []
    assert ask(nadia, "GET", f"roles/{held.pk}/")[1] == ended


def test_letter_of_an_invitation_is_sent_again(nadia, grace, county):
    path = f"people/{grace.pk}/invite-again/"
    unknown = a_requester(county, email=None)

    status, told = ask(nadia, "POST", path)

    grace.refresh_from_db()
    job = Job.objects.get()
    assert (status, told["id"], told["version"]) == (200, grace.pk, grace.version)
    assert (job.arguments, grace.invited_at is not None) == ({"person": grace.pk}, True)
    assert ask(nadia, "POST", f"people/{unknown.pk}/invite-again/")[0] == 400
    assert ask(a_person(county, "engineer"), "POST", path)[0] == 403
    assert ask(a_person(a_council_alone("WODC"), "administrator"), "POST", path) == (404, NOTHING)
    assert Job.objects.count() == 1


def test_people_are_found_by_part_of_a_name_or_address_and_those_whose_account_is_closed_apart(
    nadia, grace, county
):
    gone = a_requester(county, name="Gone", is_active=False)
    engineer = a_person(county, "engineer", name="Asha")

    def names(by, query: str) -> list[str]:
        return [one["display_name"] for one in ask(by, "GET", f"people/?{query}")[1]["results"]]

    assert names(nadia, "q=grac") == names(engineer, "q=grace@") == ["Grace"]
    assert names(nadia, "q=gone") == []
    assert names(nadia, "off=true") == [str(gone)]
    assert names(engineer, "off=true") == []


def test_what_happened_to_somebody_is_told_with_their_roles_to_who_administers_them(nadia, grace):
    give(nadia, email=grace.email)
    as_person(nadia).ask("PATCH", f"people/{grace.pk}/", {"phone": "1", "version": 1})

    status, told = ask(nadia, "GET", f"people/{grace.pk}/history/")

    changed, given = told["results"]
    assert (status, changed["by"], given["by"]) == (200, "Nadia", "Nadia")
    assert [(one["field"], one["old"], one["new"]) for one in changed["changes"]] == [("phone", "", "1")]
    assert {one["field"]: one["new_words"] for one in given["changes"]}["role"] == "Engineer"
    assert ask(grace, "GET", f"people/{grace.pk}/history/")[0] == 403

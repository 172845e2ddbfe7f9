"""Two administrators edit one row at once: what they changed apart is kept of both, what both changed is shown."""

import pytest

from servicedesk.people.inviting import change_person
from servicedesk.people.models import Department, Person, Site
from servicedesk.people.organising import add_place, archive, change
from servicedesk.people.tokens import make_token
from servicedesk.tickets.sealing import change_service
from tests.administration.asking import body, signed_in
from tests.api.calling import as_person
from tests.factories import a_person, a_service, a_site, a_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(nadia):
    return signed_in(nadia)


@pytest.fixture
def sam(county):
    return a_person(county, "administrator", name="Sam")


@pytest.fixture
def hall(county, sam):
    return add_place(Site(council=county, name="Old Hall", kind="office"), by=sam)


def test_page_keeps_what_was_changed_apart_and_says_so(client, sam, hall):
    change(hall, by=sam, version=1, postcode="OX1 1ND", kind="depot")

    typed = {"name": "New Hall", "kind": "office", "postcode": "", "version": 1}
    page = body(client.post(f"/admin/sites/{hall.pk}/", typed, follow=True))

    saved = Site.objects.get()
    assert (saved.name, saved.postcode, saved.kind, saved.version) == ("New Hall", "OX1 1ND", "depot", 3)
    assert "New Hall is saved. Sam changed the kind and postcode meanwhile. Both are kept." in page


def test_page_shows_both_values_of_the_same_field_and_what_else_is_new_stands_in_the_form(client, sam, hall):
    change(hall, by=sam, version=1, name="Town Hall", postcode="OX1 1ND")
    typed = {"name": "New Hall", "kind": "depot", "postcode": "", "version": 1}

    refused = client.post(f"/admin/sites/{hall.pk}/", typed)
    page = body(refused)

    assert (refused.status_code, Site.objects.get().name) == (409, "Town Hall")
    assert "Town Hall" in page
    for standing in ('value="New Hall"', 'value="OX1 1ND"', '<option value="depot" selected>', 'value="2"'):
        assert standing in page
    again = {"name": "New Hall", "kind": "depot", "postcode": "OX1 1ND", "version": 2}
    assert client.post(f"/admin/sites/{hall.pk}/", again).status_code == 302
    saved = Site.objects.get()
    assert (saved.name, saved.kind, saved.postcode) == ("New Hall", "depot", "OX1 1ND")


def test_councils_of_a_service_are_compared_as_they_were_read(client, nadia, sam, county, district):
    service = a_service("Payroll", a_team("Desk", county))
    service.councils.set([county])
    change_service(service, by=sam, version=1, sentence="What people are paid")
    typed = {
        "name": "Payroll",
        "sentence": "",
        "support_team": service.support_team_id,
        "councils": [county.pk],
        "criticality": 1,
        "sharing": service.sharing,
        "approval": "",
        "version": 1,
        "first_line": "on",
    }

    assert client.post(f"/admin/services/{service.pk}/", typed).status_code == 302

    service.refresh_from_db()
    assert (service.sentence, service.criticality) == ("What people are paid", 1)
    assert list(service.councils.all()) == [county]


def test_what_is_known_of_a_person_is_kept_of_both(client, sam, county):
    grace = a_person(county, name="Grace", email="grace@occ.example")
    change_person(grace, by=sam, version=1, job_title="Clerk")
    sent = {"display_name": "Grace Hall", "email": grace.email, "kind": grace.kind, "version": 1}

    page = body(client.post(f"/admin/people/{grace.pk}/edit/", sent, follow=True))

    saved = Person.objects.get(pk=grace.pk)
    assert (saved.display_name, saved.job_title) == ("Grace Hall", "Clerk")
    assert "Grace Hall is saved. Sam changed the job title meanwhile. Both are kept." in page


def test_token_that_was_made_before_is_not_told_as_changed_meanwhile(client, sam, county):
    grace = a_person(county, name="Grace", email="grace@occ.example")
    change_person(grace, by=sam, version=1, job_title="Clerk")
    make_token(by=grace)
    change_person(grace, by=sam, version=2, job_title="Head clerk")
    sent = {"display_name": "Grace Hall", "email": grace.email, "kind": grace.kind, "version": 2}

    page = body(client.post(f"/admin/people/{grace.pk}/edit/", {**sent, "job_title": "Clerk"}, follow=True))

    assert "Grace Hall is saved. Sam changed the job title meanwhile. Both are kept." in page


def test_what_was_archived_meanwhile_stays_so(sam, nadia, hall):
    archive(hall, by=sam, version=1)

    saved = change(hall, by=nadia, version=1, name="New Hall")

    assert (saved.name, saved.archived_at is not None) == ("New Hall", True)


def test_program_has_what_was_changed_apart_kept_and_is_told_both_values_of_the_same(nadia, sam, county):
    planning = add_place(Department(council=county, name="Planning"), by=sam)
    caller, path = as_person(nadia), f"departments/{planning.pk}/"
    change(planning, by=sam, version=1, cost_centre="C1")

    kept = caller.ask("PATCH", path, {"name": "Plans", "version": 1})
    clash = caller.ask("PATCH", path, {"cost_centre": "C2", "version": 1})

    told = {"name": "Plans", "cost_centre": "C1", "version": 3}
    assert (kept.status_code, {name: kept.json()[name] for name in told}) == (200, told)
    refused = clash.json()
    assert (clash.status_code, refused["detail"]) == (
        409,
        "Plans was changed by Sam while you were looking at it.",
    )
    [said] = refused["errors"].pop("cost_centre")
    assert said.startswith("Sam changed this to “C1” on ")
    assert (refused["errors"], refused["current"]) == ({}, caller.get(path).json())


def test_right_is_asked_before_what_others_did_is_told(county, sam, hall):
    change(hall, by=sam, version=1, name="Town Hall")
    engineer = a_person(county, "engineer")

    answer = as_person(engineer).ask("PATCH", f"sites/{hall.pk}/", {"name": "Mine", "version": 1})

    assert (answer.status_code, "Town Hall" in answer.content.decode()) == (403, False)


def test_archiving_what_was_changed_is_refused_all_the_same(client, sam, county):
    site = a_site(county, "Old Hall")
    change(site, by=sam, version=1, name="Town Hall")

    assert client.post(f"/admin/sites/{site.pk}/archive/", {"version": 1}).status_code == 409

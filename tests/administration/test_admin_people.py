"""Inviting people, what is known of them, and their accounts."""

import re
from datetime import UTC, datetime

import pytest
from django.core import mail
from django.test import Client

from servicedesk.administration.tasks import send_letter
from servicedesk.jobs.models import Job
from servicedesk.people.grants import give_role
from servicedesk.people.models import Person
from servicedesk.people.tokens import make_token, tokens_of
from tests.administration.asking import body, signed_in
from tests.factories import (
    PASSWORD,
    a_grant,
    a_person,
    a_site,
    an_engineer,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(nadia):
    return signed_in(nadia)


class TestInviting:
    SENT = {"display_name": "Grace Hall", "email": "grace@occ.example", "kind": "staff"}

    def invite(self, client, **sent):
        return client.post("/admin/people/invite/", {**self.SENT, **sent}, follow=True)

    def test_letter_leads_to_a_password_and_to_sign_in(self, client, county):
        assert "is on its way to grace@occ.example" in body(self.invite(client))
        grace = Person.objects.get(email="grace@occ.example")
        job = Job.objects.get()
        assert (grace.council, grace.has_usable_password(), job.arguments) == (
            county,
            False,
            {"person": grace.pk},
        )

        send_letter(job, **job.arguments)

        letter = mail.outbox[0]
        assert letter.to == ["grace@occ.example"]
        link = re.search(r"http://127.0.0.1:8000(/account/password/reset/key/\S+)", letter.body)[1]
        stranger = Client()
        chosen = {"password1": "three random words", "password2": "three random words"}
        stranger.post(stranger.get(link)["Location"], chosen)
        assert stranger.login(email="grace@occ.example", password="three random words")  # noqa: S106
        assert "link has been used" in body(Client().get(link))

    def test_address_that_is_taken_is_refused(self, client, district):
        a_person(district, email="grace@occ.example")

        response = self.invite(client, email="GRACE@occ.example")

        assert response.status_code == 422
        assert "Email is already in use" in body(response)

    def test_person_without_an_address_gets_no_letter(self, client):
        self.invite(client, email="")

        assert (Person.objects.get(display_name="Grace Hall").email, Job.objects.count()) == (None, 0)

    def test_administrator_of_several_councils_says_which(self, client, nadia, district):
        a_grant(nadia, "administrator", district)
        client = signed_in(nadia)
        assert "Which council do they work for?" in body(client.get("/admin/people/invite/"))
        page = body(client.get("/admin/people/invite/?council=CDC"))
        assert f"Invite somebody of {district.name}" in page

        client.post("/admin/people/invite/?council=CDC", self.SENT)

        assert Person.objects.get(display_name="Grace Hall").council == district

    def test_letter_is_sent_again(self, client, county):
        grace = a_person(county)

        page = client.post(f"/admin/people/{grace.pk}/invite/", follow=True)

        assert "is on its way" in body(page)
        assert Job.objects.count() == 1


class TestKnowing:
    def test_people_of_ones_councils_are_found_by_name_address_or_job(self, client, county, district):
        grace = a_person(county, name="Grace Hall", email="g.h@occ.example", job_title="Librarian")
        a_person(district, name="Grace Miller")

        for text in ("grace", "g.h@", "librar"):
            page = body(client.get(f"/admin/people/?q={text}"))
            assert f"/admin/people/{grace.pk}/" in page
            assert "Grace Miller" not in page

    def test_person_of_another_council_is_not_to_be_seen(self, client, district):
        other = a_person(district)
        addresses = ["", "edit/", "leaving/"]

        assert {client.get(f"/admin/people/{other.pk}/{each}").status_code for each in addresses} == {404}

    def test_engineer_who_knows_the_person_may_not_administer(self, county):
        known = a_person(county)
        client = signed_in(an_engineer(county))

        assert client.get(f"/admin/people/{known.pk}/").status_code == 403
        assert client.post(f"/admin/people/{known.pk}/roles/", {"role": "engineer"}).status_code == 403

    def test_edit_is_saved_recorded_and_shown(self, client, county):
        grace, site = a_person(county, name="Grace Hall"), a_site(county, "County Hall")
        sent = {
            "display_name": "Grace Hill",
            "email": grace.email,
            "kind": "staff",
            "site": site.pk,
            "version": 1,
        }

        client.post(f"/admin/people/{grace.pk}/edit/", sent)

        page = body(client.get(f"/admin/people/{grace.pk}/"))
        assert "Name: Grace Hall → Grace Hill" in page or "Display name: Grace Hall → Grace Hill" in page
        assert "Site: County Hall" in page

    def test_history_tells_roles_and_days_in_words(self, client, nadia, county):
        grace = a_person(county, name="Grace Hall")
        give_role(grace, "engineer", county, by=nadia, starts_at=datetime(2030, 6, 1, 11, tzinfo=UTC))

        page = body(client.get(f"/admin/people/{grace.pk}/"))

        assert "Engineer at Oxfordshire County Council: created" in page
        assert "Starts at: Saturday 1 June 2030, midday" in page

    def test_stale_edit_is_refused_with_both_values(self, client, county):
        grace = a_person(county, name="Grace Hall")
        Person.objects.filter(pk=grace.pk).update(display_name="Grace Hill", version=2)
        sent = {"display_name": "Grace Mill", "email": grace.email, "kind": "staff", "version": 1}

        response = client.post(f"/admin/people/{grace.pk}/edit/", sent)

        assert response.status_code == 409
        assert "Grace Hill" in body(response)
        assert "Grace Mill" in body(response)

    def test_manager_is_of_the_same_council_and_not_below(self, client, county, district):
        grace = a_person(county)
        below, other = a_person(county, line_manager=grace), a_person(district)
        sent = {"display_name": "Grace", "email": grace.email, "kind": "staff", "version": 1}

        statuses = [
            client.post(f"/admin/people/{grace.pk}/edit/", {**sent, "line_manager": who.pk}).status_code
            for who in (below, other)
        ]

        assert statuses == [422, 422]


class TestAccounts:
    def test_switched_off_signs_out_and_takes_tokens_back(self, client, county):
        grace = a_person(county, "engineer")
        hers = signed_in(grace)
        make_token(by=grace)

        client.post(f"/admin/people/{grace.pk}/off/", {"version": 1})

        assert hers.get("/queue/").status_code == 302
        assert tokens_of(grace).count() == 0
        assert not Client().login(email=grace.email, password=PASSWORD)

        client.post(f"/admin/people/{grace.pk}/on/", {"version": 2})
        assert signed_in(grace).get("/queue/").status_code == 200

    def test_last_administrator_is_neither_switched_off_nor_leaving(self, client, nadia):
        off = client.post(f"/admin/people/{nadia.pk}/off/", {"version": 1}, follow=True)
        leaving = client.post(f"/admin/people/{nadia.pk}/leaving/", {"employed_to": "1/1/2030", "version": 1})

        assert "would have no administrator who stays" in body(off)
        assert "would have no administrator who stays" in body(leaving)
        nadia.refresh_from_db()
        assert (nadia.is_active, nadia.employed_to) == (True, None)

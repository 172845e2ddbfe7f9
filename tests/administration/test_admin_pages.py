"""The pages on which administrators look after councils, places, teams and services."""

import os

import pytest
from django.test import Client
from django.urls import reverse

from servicedesk.catalogue.models import Service
from servicedesk.history.models import Change
from servicedesk.people.access import may
from servicedesk.people.models import Council, Person, Site, Team
from servicedesk.people.roles import ROLES, Permission
from tests.administration.asking import body, signed_in
from tests.factories import (
    a_case_group,
    a_council_alone,
    a_person,
    a_service,
    a_site,
    a_team,
    a_ticket,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(nadia):
    return signed_in(nadia)


PLAIN = [
    "index",
    "councils",
    "sites",
    "departments",
    "teams",
    "services",
    "people",
    "invite",
    "grants",
    "rotas",
    "agreements",
    "new_agreement",
    *(f"new_{noun}" for noun in ("council", "site", "department", "team", "service")),
]


@pytest.mark.parametrize("name", PLAIN)
def test_page_opens_for_an_administrator_and_for_nobody_else(client, county, name):
    a_site(county), a_team(), a_service()
    address = reverse(f"administration:{name}")
    others = {role: signed_in(a_person(county, role)).get(address).status_code for role in ROLES}

    assert client.get(address).status_code == 200
    rotas = ["queue_manager"] if name in ("index", "rotas") else []
    reading = ["auditor"] if name in ("index", "people", "grants") else []
    assert sorted(role for role, status in others.items() if status == 200) == sorted(
        ["administrator", *reading, *rotas]
    )
    assert set(others.values()) <= {200, 403}


def test_index_shows_a_queue_manager_the_rotas_alone(county):
    page = body(signed_in(a_person(county, "queue_manager")).get("/admin/"))

    assert "Rotas" in page
    assert "Agreements" not in page


def test_index_says_that_nobody_answers_for_a_council_until_a_team_does(client, county):
    missing, other = f"No team answers for {county}", a_council_alone("WODC")
    a_team("Acme", county, kind="supplier")
    a_case_group("hr", county)
    a_team("Of nobody").councils.clear()
    found = [missing in body(client.get("/admin/"))]

    a_team("Elsewhere", other)
    found.append(missing in body(client.get("/admin/")))
    a_team("Service desk", county)
    found.append("No team answers for" in body(client.get("/admin/")))

    assert found == [True, True, False]


def test_navigation_leads_to_administration(client, county):
    assert 'href="/admin/"' in body(client.get("/"))
    assert 'href="/admin/"' not in body(signed_in(a_person(county, "engineer")).get("/"))


class TestCouncils:
    SENT = {"code": "WODC", "name": "West Oxfordshire District Council", "colour": "#123456"}

    def test_third_council_is_added_and_its_adder_administers_it(self, client, nadia):
        client.post("/admin/councils/new/", self.SENT)

        council = Council.objects.get(code="WODC")
        assert may(Person.objects.get(pk=nadia.pk), Permission.ADMINISTER, council.pk)
        grant = council.grants.get()
        assert (grant.person, grant.role, grant.granted_by) == (nadia, "administrator", None)
        assert "West Oxfordshire" in body(client.get("/admin/councils/"))

    @pytest.mark.parametrize(
        ("sent", "words"),
        [
            ({"code": "wodc"}, "Code must be capital letters and figures, like WODC"),
            ({"code": "OCC"}, "Code is already in use. Enter another"),
            ({"name": "oxfordshire county council"}, "Name is already in use. Enter another"),
            ({"colour": "red"}, "Colour must be # and six figures"),
            ({"name": ""}, "Enter the name"),
        ],
    )
    def test_what_cannot_be_is_refused_in_words(self, client, sent, words):
        response = client.post("/admin/councils/new/", {**self.SENT, **sent})

        assert response.status_code == 422
        assert words in body(response)
        assert Council.objects.count() == 1

    def test_is_changed_by_its_own_administrator_alone(self, client, county, district):
        sent = {"name": "Another name", "colour": "#123456", "version": 1}
        refused = client.post(f"/admin/councils/{district.pk}/", sent)
        taken = client.post(f"/admin/councils/{county.pk}/", sent)

        assert (refused.status_code, taken.status_code) == (403, 302)
        assert Council.objects.get(pk=county.pk).name == "Another name"

    def test_with_people_who_can_sign_in_is_not_archived(self, client, county):
        page = client.post(f"/admin/councils/{county.pk}/archive/", {"version": 1}, follow=True)

        assert "can still sign in" in body(page)


class TestPlaces:
    def test_site_and_department_are_added(self, client, county):
        client.post("/admin/sites/new/", {"council": county.pk, "name": "County Hall", "kind": "office"})
        client.post(
            "/admin/departments/new/", {"council": county.pk, "name": "Libraries", "cost_centre": "R12"}
        )

        assert [site.name for site in county.sites.all()] == ["County Hall"]
        assert [(one.name, one.cost_centre) for one in county.departments.all()] == [("Libraries", "R12")]
        assert list(Change.objects.values_list("kind", "action", "council_id")) == [
            ("people.site", "create", county.pk),
            ("people.department", "create", county.pk),
        ]

    def test_belongs_to_a_council_that_one_administers(self, client, district):
        response = client.post(
            "/admin/sites/new/", {"council": district.pk, "name": "Bodicote", "kind": "office"}
        )

        assert response.status_code == 422
        assert Site.objects.count() == 0

    def test_name_is_taken_once_at_a_council_whatever_its_case(self, client, county, district):
        a_site(county, "County Hall"), a_site(district, "Bodicote House")

        def status(name):
            sent = {"council": county.pk, "name": name, "kind": "office"}
            return client.post("/admin/sites/new/", sent).status_code

        assert (status("COUNTY hall"), status("Bodicote House")) == (422, 302)

    def test_of_another_council_is_not_to_be_seen_or_changed(self, client, district):
        site = a_site(district, "Bodicote House")

        assert client.get(f"/admin/sites/{site.pk}/").status_code == 404
        assert client.post(f"/admin/sites/{site.pk}/archive/", {"version": 1}).status_code == 404
        assert "Bodicote House" not in body(client.get("/admin/sites/"))

    def test_archived_is_offered_no_more_but_still_read_and_brought_back(self, client, county, nadia):
        site = a_site(county, "Old Hall")
        client.post(f"/admin/sites/{site.pk}/archive/", {"version": 1}, follow=True)
        assert "Old Hall" not in body(client.get("/admin/sites/"))
        assert "Old Hall" in body(client.get("/admin/sites/?archived=yes"))
        assert "Old Hall" not in body(client.get("/admin/people/invite/"))
        assert "Old Hall" in body(client.get(f"/admin/sites/{site.pk}/"))

        client.post(f"/admin/sites/{site.pk}/bring-back/", {"version": 2}, follow=True)

        assert "Old Hall" in body(client.get("/admin/people/invite/"))

    def test_history_is_told_on_the_page(self, client, county):
        site = a_site(county, "Old Hall")
        client.post(f"/admin/sites/{site.pk}/", {"name": "New Hall", "kind": "office", "version": 1})

        page = body(client.get(f"/admin/sites/{site.pk}/"))

        assert "Name: Old Hall → New Hall" in page
        assert "Nadia Rahman" in page

    def test_stale_edit_shows_both_values_and_keeps_what_was_typed(self, client, county):
        site = a_site(county, "Old Hall")
        Site.objects.filter(pk=site.pk).update(name="New Hall", version=2)

        stale = client.post(f"/admin/sites/{site.pk}/", {"name": "My Hall", "kind": "office", "version": 1})

        assert stale.status_code == 409
        page = body(stale)
        assert "New Hall" in page
        assert 'value="My Hall"' in page
        assert Site.objects.get().name == "New Hall"
        again = client.post(f"/admin/sites/{site.pk}/", {"name": "My Hall", "kind": "office", "version": 2})
        assert again.status_code == 302

    def test_stale_archiving_is_refused(self, client, county):
        site = a_site(county, "Old Hall")
        Site.objects.filter(pk=site.pk).update(version=2)

        assert client.post(f"/admin/sites/{site.pk}/archive/", {"version": 1}).status_code == 409
        assert client.post(f"/admin/sites/{site.pk}/archive/", {"version": "x" * 30}).status_code == 409


class TestTeams:
    def sent(self, *councils, **fields) -> dict:
        return {
            "name": "Schools desk",
            "kind": "in_house",
            "tier": 1,
            "councils": [c.pk for c in councils],
            **fields,
        }

    def test_is_made_with_its_councils_told_in_history(self, client, county):
        client.post("/admin/teams/new/", self.sent(county))

        team = Team.objects.get()
        assert list(team.councils.all()) == [county]
        assert Change.objects.get().fields["councils"] == [[], [county.pk], "", str(county)]

    def test_serves_a_council_that_the_desk_serves_by_agreement(self, client, county, district):
        alone = a_council_alone("WODC")

        taken = client.post("/admin/teams/new/", self.sent(county, district))
        refused = client.post("/admin/teams/new/", self.sent(county, alone, name="Other"))

        assert (taken.status_code, refused.status_code) == (302, 422)

    def test_name_is_taken_within_a_council_and_tells_nothing_of_another(self, client, county):
        alone = a_council_alone("WODC")
        a_team("Schools desk", alone)
        a_team("Networks", county)

        made = client.post("/admin/teams/new/", self.sent(county))
        again = client.post("/admin/teams/new/", self.sent(county, name="schools DESK"))
        renamed = client.post(
            f"/admin/teams/{county.teams.get(name='Schools desk').pk}/",
            self.sent(county, name="Networks", version=1),
        )

        assert [each.status_code for each in (made, again, renamed)] == [302, 422, 422]
        assert "Name is already in use. Enter another" in body(again)
        assert "Name is already in use. Enter another" in body(renamed)

    def test_name_of_a_case_group_that_nobody_here_knows_is_not_given_away(self, client, county, district):
        a_case_group("hr", district)
        Team.objects.update(name="Schools desk")

        made = client.post("/admin/teams/new/", self.sent(county, district))

        assert made.status_code == 302

    def test_case_group_is_its_own_councils_matter(self, client, county, district):
        group = {"kind": "case_group", "sensitivity": "hr"}
        refused = client.post("/admin/teams/new/", self.sent(county, district, **group))
        taken = client.post("/admin/teams/new/", self.sent(county, **group))

        assert (refused.status_code, taken.status_code) == (422, 302)
        assert "You cannot add or take away Cherwell District Council" in body(refused)

    def test_case_group_says_what_for_and_no_other_team_does(self, client, county):
        statuses = [
            client.post(
                "/admin/teams/new/", self.sent(county, kind=kind, sensitivity=sensitivity)
            ).status_code
            for kind, sensitivity in [("case_group", ""), ("in_house", "hr")]
        ]
        assert statuses == [422, 422]

    def test_kind_is_not_changed_afterwards(self, client, county):
        team = a_team("Desk", county)
        client.post(f"/admin/teams/{team.pk}/", self.sent(county, kind="supplier", version=1))

        team.refresh_from_db()
        assert (team.name, team.kind) == ("Schools desk", "in_house")

    def test_of_no_council_of_ones_own_is_out_of_reach(self, client, district):
        group = a_case_group("hr", district)

        assert client.get(f"/admin/teams/{group.pk}/").status_code == 404

    def test_that_is_missed_is_not_archived(self, client, county):
        team = a_team("Desk", county)
        service = a_service("Payroll", team)
        address = f"/admin/teams/{team.pk}/archive/"
        assert "Desk supports Payroll" in body(client.post(address, {"version": 1}, follow=True))

        Service.objects.filter(pk=service.pk).update(support_team=a_team("Other", county))
        ticket = a_ticket(team=team)
        assert "Desk has open requests" in body(client.post(address, {"version": 1}, follow=True))

        ticket.state = "cancelled"
        ticket.save()
        client.post(address, {"version": 1})
        assert Team.objects.get(pk=team.pk).archived_at is not None


class TestServices:
    def sent(self, team, *councils, **fields) -> dict:
        return {
            "name": "Payroll",
            "support_team": team.pk,
            "councils": [council.pk for council in councils],
            "criticality": 2,
            "sharing": "shared",
            **fields,
        }

    def test_is_added_and_changed(self, client, county, district):
        team = a_team("Desk", county, district)
        client.post("/admin/services/new/", self.sent(team, county))
        service = Service.objects.get()

        client.post(
            f"/admin/services/{service.pk}/", self.sent(team, county, district, sensitivity="hr", version=1)
        )

        service.refresh_from_db()
        assert (service.sensitivity, service.version) == ("hr", 2)
        assert list(service.councils.all()) == [district, county]

    def test_administrator_of_one_of_its_councils_does_not_take_another_away(self, client, county):
        alone = a_council_alone("WODC")
        team = a_team("Desk", county)
        service = a_service("Payroll", team)
        service.councils.set([county, alone])

        refused = client.post(f"/admin/services/{service.pk}/", self.sent(team, county, version=1))

        assert refused.status_code == 422
        assert set(service.councils.all()) == {county, alone}

    def test_archived_is_not_asked_for(self, client, county):
        service = a_service("Payroll", a_team("Desk", county))
        client.post(f"/admin/services/{service.pk}/archive/", {"version": 1})

        assert "Payroll" not in body(signed_in(a_person(county, "requester")).get("/help/"))


def test_first_screen_of_an_administrator_says_when_the_last_backup_was(db, settings, tmp_path):
    nadia, stamp = a_person(None, "administrator"), tmp_path / "backed-up"
    client = Client()
    client.force_login(nadia)
    assert "Last backup: not known here" in client.get("/").content.decode()

    settings.BACKUP_STAMP = str(stamp)
    assert "Last backup: not known here" in client.get("/").content.decode()
    stamp.touch()
    os.utime(stamp, (1795424400, 1795424400))

    assert "23 Nov 2026, 9am" in client.get("/").content.decode()

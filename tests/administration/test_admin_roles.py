"""Roles and places in case groups, given and taken away by page."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from servicedesk.people.duty import note_absence
from servicedesk.people.grants import end, give_role
from servicedesk.people.models import GrantRequest, Person
from servicedesk.service_levels.models import Calendar, ServiceLevel
from tests.administration.asking import body, signed_in
from tests.api.calling import as_person
from tests.factories import (
    a_case_group,
    a_council_alone,
    a_grant,
    a_person,
    a_requester,
    a_team,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(nadia):
    return signed_in(nadia)


class TestRoles:
    def give(self, client, person, role="engineer", **sent):
        data = {"role": role, "council": person.council_id, **sent}
        return client.post(f"/admin/people/{person.pk}/roles/", data, follow=True)

    def test_given_by_page_holds_and_taken_away_is_refused_from_the_next_click(self, client, county):
        grace = a_person(county)
        hers = signed_in(grace)
        assert hers.get("/queue/").status_code == 403

        self.give(client, grace)
        assert hers.get("/queue/").status_code == 200

        client.post(f"/admin/people/{grace.pk}/roles/{grace.grants.get().pk}/end/")
        assert hers.get("/queue/").status_code == 403

    def test_lasts_from_and_to_the_days_that_are_written(self, client, county):
        grace = a_person(county)
        self.give(client, grace, begins="1/6/2030", ends="30/6/2030")

        grant = grace.grants.get()
        assert (grant.starts_at, grant.ends_at) == (
            datetime(2030, 5, 31, 23, tzinfo=UTC),
            datetime(2030, 6, 30, 23, tzinfo=UTC),
        )

    def test_refusal_is_said_at_the_field(self, client, county):
        grace = a_person(county, "auditor")

        response = self.give(client, grace)

        assert response.status_code == 422
        assert "An auditor does none of the work of the council that they audit" in body(response)

    def test_nobody_gives_one_to_themselves(self, client, nadia):
        assert "Nobody gives a role to themselves" in body(client.get(f"/admin/people/{nadia.pk}/"))
        assert self.give(client, nadia).status_code == 403

    def test_last_administrator_is_not_taken_away(self, client, nadia):
        page = client.post(f"/admin/people/{nadia.pk}/roles/{nadia.grants.get().pk}/end/", follow=True)

        assert "would have no administrator who stays" in body(page)
        assert nadia.grants.get().ends_at is None

    def test_somebody_of_a_council_that_the_desk_serves_is_named_by_address(self, client, county, district):
        eve, stranger = a_person(district), a_person(a_council_alone("WODC"))

        def give(who):
            sent = {"email": who.email, "role": "engineer", "council": county.pk}
            return client.post("/admin/grants/give/", sent).status_code

        assert (give(eve), give(stranger)) == (302, 422)
        page = body(client.get("/admin/grants/"))
        assert eve.display_name in page
        client.post(f"/admin/grants/{eve.grants.get().pk}/end/")
        assert eve.grants.get().ends_at is not None

    def test_grant_at_another_council_is_out_of_reach(self, client, district):
        grant = a_grant(a_person(district), "engineer")

        assert client.post(f"/admin/grants/{grant.pk}/end/").status_code == 400
        assert "Nobody has this role." in body(client.get("/admin/grants/?role=engineer"))

    def test_second_administrator_agrees_by_page(self, client, county, settings):
        settings.GRANTS_NEED_SECOND_ADMINISTRATOR = True
        grace, sam = a_person(county), a_person(county, "administrator", name="Sam")

        assert "Another administrator of Oxfordshire County Council has to agree" in body(
            self.give(client, grace)
        )
        asked = GrantRequest.objects.get()
        assert client.post(f"/admin/grants/{asked.pk}/agree/").status_code == 403
        page = body(signed_in(sam).get("/admin/grants/"))
        assert "Engineer at Oxfordshire County Council for" in page

        signed_in(sam).post(f"/admin/grants/{asked.pk}/agree/")

        assert signed_in(grace).get("/queue/").status_code == 200

    def test_cyber_officer_agrees_to_a_second_administrator_on_their_first_screen(
        self, client, county, settings
    ):
        settings.GRANTS_NEED_SECOND_ADMINISTRATOR = True
        grace, officer = a_requester(county, name="Grace"), signed_in(a_person(county, "cyber_officer"))
        assert "to agree to" not in body(officer.get("/home/"))
        self.give(client, grace, "administrator")
        asked = GrantRequest.objects.get()
        address = f"/admin/grants/{asked.pk}/agree/"

        assert f"Nobody else administers {county}. Grace signs in as {grace.email}." in body(
            officer.get("/home/")
        )
        assert "a cyber security officer" in body(client.get("/admin/grants/"))
        assert signed_in(a_person(county, "queue_manager")).post(address).status_code == 403
        assert "Agreed: Administrator at" in body(officer.post(address, follow=True))
        assert signed_in(grace).get("/admin/").status_code == 200

    def test_sole_administrator_is_told_from_when_they_can_give_the_role(self, client, county, settings):
        settings.GRANTS_NEED_SECOND_ADMINISTRATOR = True
        self.give(client, a_requester(county, name="Grace"), "administrator")
        asked = GrantRequest.objects.get()

        assert "Nobody else can decide." in body(client.get("/admin/grants/"))
        refused = body(client.post(f"/admin/grants/{asked.pk}/agree/", follow=True))
        assert "Nobody else can agree to this, so you can give the role from" in refused
        GrantRequest.objects.update(asked_at=asked.asked_at - timedelta(days=3))
        assert "Agreed: Administrator at" in body(
            client.post(f"/admin/grants/{asked.pk}/agree/", follow=True)
        )


class TestCaseGroups:
    @pytest.fixture
    def group(self, county):
        return a_case_group("hr", county, a_requester(county, name="Hana"))

    @pytest.fixture
    def sam(self, county):
        return a_person(county, "administrator", name="Sam")

    def join(self, client, group, person):
        return body(client.post(f"/admin/teams/{group.pk}/rota/join/", {"person": person.pk}, follow=True))

    def test_one_administrator_puts_somebody_in_where_no_second_is_needed(self, client, county, group):
        grace = a_requester(county, name="Grace")

        assert f"Grace is in {group}." in self.join(client, group, grace)
        assert grace.memberships.get().team == group

    def test_second_administrator_agrees_by_page(self, client, county, group, sam, settings):
        settings.GRANTS_NEED_SECOND_ADMINISTRATOR = True
        grace = a_requester(county, name="Grace", email="grace@occ.example")
        words = f"A place in {group} for Grace"

        page = self.join(client, group, grace)
        assert f"Another administrator has to agree before Grace is in {group}." in page
        assert f"Nadia Rahman asks for this: {words}." in page
        assert f"{words}: created" in page
        assert not grace.memberships.exists()
        assert f"Nadia Rahman asks for this: {words}." in body(client.get(f"/admin/people/{grace.pk}/"))

        asked = GrantRequest.objects.get()
        hers, his = body(client.get("/admin/grants/")), body(signed_in(sam).get("/admin/grants/"))
        buttons = [f"/admin/grants/{asked.pk}/{name}/" for name in ("withdraw", "agree", "refuse")]
        assert [button in hers for button in buttons] == [True, False, False]
        assert [button in his for button in buttons] == [False, True, True]
        assert "Grace signs in as grace@occ.example." in his
        assert "1 request to be agreed to" in body(signed_in(sam).get("/"))
        assert client.post(buttons[1]).status_code == 403

        done = body(signed_in(sam).post(buttons[1], follow=True))

        assert f"Agreed: {words}." in done
        assert grace.memberships.get().team == group
        assert "to be agreed to" not in body(signed_in(sam).get("/"))
        assert "Decided by: Sam" in body(client.get(f"/admin/people/{grace.pk}/"))

    def test_it_is_withdrawn_or_refused_by_page(self, client, county, group, sam, settings):
        settings.GRANTS_NEED_SECOND_ADMINISTRATOR = True
        grace = a_requester(county, name="Grace")
        for who, name, done in (
            (client, "withdraw", "No longer asked for"),
            (signed_in(sam), "refuse", "Refused"),
        ):
            self.join(client, group, grace)
            asked = GrantRequest.objects.get(decided_at=None)
            page = body(who.post(f"/admin/grants/{asked.pk}/{name}/", follow=True))
            assert f"{done}: A place in {group} for Grace." in page
        assert not grace.memberships.exists()

    def test_administrator_of_another_council_neither_sees_nor_decides(
        self, client, county, district, group, settings
    ):
        settings.GRANTS_NEED_SECOND_ADMINISTRATOR = True
        self.join(client, group, a_requester(county))
        other = signed_in(a_person(district, "administrator"))

        assert str(group) not in body(other.get("/admin/grants/"))
        assert other.post(f"/admin/grants/{GrantRequest.objects.get().pk}/agree/").status_code == 400

    def test_address_of_a_member_is_refused_at_its_field(self, client, county, group, settings):
        settings.GRANTS_NEED_SECOND_ADMINISTRATOR = True
        hana = Person.objects.get(display_name="Hana")
        sent = {"display_name": "Hana", "email": "evil@occ.example", "kind": "staff", "version": 1}

        refused = client.post(f"/admin/people/{hana.pk}/edit/", sent)

        assert refused.status_code == 422
        assert "Hana reaches private requests, so no administrator alone" in body(refused)
        settings.GRANTS_NEED_SECOND_ADMINISTRATOR = False
        assert client.post(f"/admin/people/{hana.pk}/edit/", sent).status_code == 302

    def test_archived_group_with_people_in_it_does_not_come_back(self, client, group, settings):
        settings.GRANTS_NEED_SECOND_ADMINISTRATOR = True
        client.post(f"/admin/teams/{group.pk}/archive/", {"version": 1})

        page = client.post(f"/admin/teams/{group.pk}/bring-back/", {"version": 2}, follow=True)

        assert "Take everybody out of it first" in body(page)
        group.refresh_from_db()
        assert group.archived_at is not None


class TestWhoChecksWithoutAdministering:
    """An auditor reads who has which role and what the desk promises, and changes none of it."""

    @pytest.fixture
    def audrey(self, county):
        return a_person(county, "auditor", name="Audrey")

    def test_reads_the_roles_of_the_council_that_they_audit_alone(self, audrey, county, district):
        grace, eve = a_person(county, "engineer", name="Grace"), a_person(district, "engineer", name="Eve")

        page = body(signed_in(audrey).get("/admin/grants/"))

        assert ("Grace" in page, "Eve" in page) == (True, False)
        assert not re.search(r"Take away|Give the role|Waiting to be agreed to", page)
        for who, status in ((grace, 200), (eve, 404)):
            path = f"people/{who.pk}/roles/"
            assert (who, as_person(audrey).get(path).status_code) == (who, status)
        assert [
            row["role"] for row in as_person(audrey).get(f"people/{grace.pk}/roles/").json()["results"]
        ] == ["engineer"]

    def test_is_led_to_what_they_may_read_and_to_nothing_else(self, audrey):
        page = body(signed_in(audrey).get("/admin/"))
        links = re.findall(r'<li><a class="govuk-link govuk-!-font-weight-bold" href="([^"]*)">', page)

        assert links == ["/admin/people/", "/admin/grants/", "/admin/calendars/", "/admin/service-levels/"]
        assert [signed_in(audrey).get(link).status_code for link in links] == [200] * 4

    def test_reads_the_people_of_their_council_and_nothing_that_is_private_of_them(self, audrey, county):
        grace = a_person(
            county,
            "engineer",
            name="Grace",
            payroll_number="PAY-77",
            job_title="Welder",
            employed_to=date(2041, 12, 24),
        )
        eve = a_person(a_council_alone("WODC"), "engineer", name="Eve")
        group = a_case_group("hr", county, grace)
        a_team("Networks", county, members=(grace,))
        note_absence(
            grace,
            by=a_person(county, "administrator"),
            first_day=timezone.localdate(),
            last_day=timezone.localdate(),
        )
        client = signed_in(audrey)

        listed, page = body(client.get("/admin/people/")), body(client.get(f"/admin/people/{grace.pk}/"))

        assert ("Grace" in listed, "Eve" in listed, "Invite somebody" in listed) == (True, False, False)
        assert ("Networks" in page, "Engineer" in page, grace.email in page) == (True, True, True)
        main = page[page.index("<main") : page.index("</main>")]
        assert not re.search(f"PAY-77|Welder|24 December 2041|Absence|{group}|<form|<button", main)
        assert "Welder" not in listed
        assert client.get(f"/admin/people/{eve.pk}/").status_code == 404
        deeds = ["edit", "leaving", "roles", f"roles/{grace.grants.first().pk}/end", "absences"]
        deeds += ["invite", "off", "on"]
        addresses = [f"/admin/people/{grace.pk}/{deed}/" for deed in deeds]
        assert [client.post(address, {"version": 1}).status_code for address in addresses] == [403] * len(
            deeds
        )

    def test_reads_which_role_was_given_and_taken_away(self, audrey, county):
        admin, grace = a_person(county, "administrator"), a_person(county, name="Grace")
        for role in ("engineer", "asset_manager"):
            end(give_role(grace, role, county, by=admin), by=admin)

        page = body(signed_in(audrey).get(f"/admin/people/{grace.pk}/"))

        history = page[page.index("History") :]
        grants = [str(grant) for grant in grace.grants.filter(role__in=["engineer", "asset_manager"])]
        assert [history.count(f"{grant}: created") for grant in grants] == [1, 1]

    def test_reads_calendars_and_promises_and_is_offered_no_change(self, audrey):
        client, standard, level = signed_in(audrey), Calendar.objects.first(), ServiceLevel.objects.first()
        pages = [f"/admin/calendars/{standard.pk}/", "/admin/calendars/", "/admin/service-levels/"]

        for page in map(body, map(client.get, pages)):
            assert not re.search(r"Change the hours|Make them|Add a |/hours/|/keep/", page)
        changing = [
            *(f"/admin/calendars/{standard.pk}/{deed}/" for deed in ("hours", "day", "keep")),
            "/admin/calendars/new/",
            f"/admin/service-levels/{level.pk}/",
            "/admin/service-levels/new/",
        ]
        assert [client.get(page).status_code for page in changing] == [403] * len(changing)
        assert [client.post(page, {}).status_code for page in changing] == [403] * len(changing)

    def test_takes_no_role_away_and_gives_none(self, audrey, county):
        grace = a_person(county, "engineer")
        client = signed_in(audrey)

        client.post(f"/admin/grants/{grace.grants.get().pk}/end/")
        client.post("/admin/grants/give/", {"email": grace.email, "role": "auditor", "council": county.pk})

        assert [(grant.role, grant.ends_at) for grant in grace.grants.all()] == [("engineer", None)]

"""Inviting people, what is known of them, their roles and absences, and their end."""

import re
from datetime import UTC, date, datetime, time

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from assets.register.models import Asset
from servicedesk.administration.leaving import in_hand
from servicedesk.administration.tasks import close_accounts, send_letter
from servicedesk.history.models import Change
from servicedesk.jobs.models import Job
from servicedesk.people.duty import note_absence, on_duty, put_on_rota
from servicedesk.people.grants import give_role
from servicedesk.people.models import GrantRequest, Person
from servicedesk.people.tokens import make_token, tokens_of
from servicedesk.tickets.models import Task, Ticket
from tests.factories import (
    PASSWORD,
    a_case_group,
    a_council,
    a_council_alone,
    a_grant,
    a_person,
    a_requester,
    a_service,
    a_site,
    a_team,
    a_ticket,
    an_asset,
    an_engineer,
)

pytestmark = pytest.mark.django_db
LAST_DAY = date(2026, 11, 30)


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def body(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.fixture
def county():
    return a_council("OCC")


@pytest.fixture
def district():
    return a_council("CDC")


@pytest.fixture
def nadia(county):
    return a_person(county, "administrator", name="Nadia Rahman")


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


class TestLeaving:
    @pytest.fixture
    def grace(self, county):
        manager = a_requester(county, name="Mary Manager")
        return a_person(county, "engineer", name="Grace Hall", line_manager=manager, employed_to=LAST_DAY)

    @pytest.fixture
    def world(self, grace, county, district):
        team = a_team("Desk", members=(grace,))
        group = a_case_group("hr", county, grace)
        ben = a_requester(district)
        a_service("Payroll", team, owner=grace)
        an_asset(county, "TAG-7", holder=grace)
        sealed = {"sharing": "restricted", "sensitivity": "hr", "case_group": group}
        rows = {
            "asked": a_ticket(grace, title="zzsecret one"),
            "asked in private": a_ticket(grace, title="zzsecret two", **sealed),
            "working": a_ticket(ben, title="zzsecret three", state="in_progress", team=team, assignee=grace),
            "waiting": a_ticket(
                ben, title="zzsecret four", state="waiting_customer", team=team, assignee=grace
            ),
            "approving": a_ticket(ben, title="zzsecret five", state="waiting_approval", approver=grace),
        }
        Task.objects.create(
            ticket=rows["working"],
            position=1,
            title="zzsecret",
            team=team,
            assignee=grace,
            created_at=timezone.now(),
        )
        return rows

    def test_page_lists_what_is_in_hand_and_no_content(self, client, grace, world):
        make_token(by=grace)

        page = body(client.get(f"/admin/people/{grace.pk}/leaving/"))

        for words in (
            "Requests that they asked for: 1",
            "Requests that they are working on: 2",
            "Requests that they are asked to approve: 1",
            "Tasks that they have not finished: 1",
            "Tokens: 1",
            "Payroll",
            "Laptop",
            "Engineer at Oxfordshire County Council",
            "Mary Manager",
        ):
            assert words in page
        assert "zzsecret" not in page
        assert "TAG-7" not in page
        assert world["asked"].reference not in page

    def test_references_and_tags_are_told_to_who_may_see_them(self, nadia, grace, world):
        a_grant(nadia, "engineer")

        page = body(signed_in(nadia).get(f"/admin/people/{grace.pk}/leaving/"))

        assert world["asked"].reference in page
        assert world["asked in private"].reference not in page
        assert "TAG-7" in page

    def test_last_day_is_set_by_page_and_stale_is_refused(self, client, grace):
        sent = {"employed_to": "31/12/2026", "version": 1}
        done = client.post(f"/admin/people/{grace.pk}/leaving/", sent, follow=True)
        assert "The last day of Grace Hall is 31 December 2026" in body(done)

        stale = client.post(f"/admin/people/{grace.pk}/leaving/", {**sent, "employed_to": "1/1/2027"})

        assert stale.status_code == 409
        assert "now the last day is 31 December 2026" in body(stale)

    @pytest.mark.parametrize(
        ("now", "active"),
        [
            (datetime(2026, 11, 30, 23, 59, tzinfo=UTC), True),
            (datetime(2026, 12, 1, 0, 0, tzinfo=UTC), False),
        ],
    )
    def test_account_is_open_until_the_end_of_the_last_day(self, grace, now, active):
        close_accounts(now)

        assert Person.objects.get(pk=grace.pk).is_active is active

    def test_last_day_ends_by_the_clocks_on_the_wall(self, grace):
        Person.objects.filter(pk=grace.pk).update(employed_to=date(2026, 6, 30))

        close_accounts(datetime(2026, 6, 30, 22, 59, tzinfo=UTC))
        assert Person.objects.get(pk=grace.pk).is_active
        close_accounts(datetime(2026, 6, 30, 23, 0, tzinfo=UTC))
        assert not Person.objects.get(pk=grace.pk).is_active

    def test_what_was_in_hand_goes_back_or_on(self, grace, world):
        close_accounts(datetime(2026, 12, 1, tzinfo=UTC))

        after = {name: Ticket.objects.get(pk=row.pk) for name, row in world.items()}
        manager = grace.line_manager
        assert (after["asked"].requester, after["asked"].affected_person) == (manager, grace)
        assert after["asked in private"].requester == grace
        assert (after["working"].assignee, after["working"].state) == (None, "new")
        assert (after["waiting"].assignee, after["waiting"].state) == (None, "waiting_customer")
        assert after["approving"].approver == manager
        assert Task.objects.get().assignee is None
        assert not grace.grants.filter(ends_at=None).exists()
        assert not grace.memberships.filter(ends_at=None).exists()
        deeds = set(Change.objects.filter(kind="tickets.ticket").values_list("change_set__reason", flat=True))
        assert deeds == {"The last day is over"}

    def test_without_a_manager_nothing_passes_on(self, grace, world):
        Person.objects.filter(pk=grace.pk).update(line_manager=None)

        close_accounts(datetime(2026, 12, 1, tzinfo=UTC))

        assert Ticket.objects.get(pk=world["asked"].pk).requester == grace

    def test_closing_again_changes_nothing(self, grace, world):
        close_accounts(datetime(2026, 12, 1, tzinfo=UTC))
        before = Change.objects.count()

        close_accounts(datetime(2026, 12, 2, tzinfo=UTC))

        assert Change.objects.count() == before

    def test_private_requests_are_not_even_counted(self, nadia, grace, world):
        assert [one.count for one in in_hand(grace, by=nadia).tickets] == [1, 2, 1]
        assert Asset.objects.held_by(grace).count() == 1


class TestDuty:
    MONDAY = datetime(2026, 6, 1, 7, 30, tzinfo=UTC)  # 8:30 by the clocks on the wall

    @pytest.fixture
    def team(self, county):
        return a_team("Desk", county, members=(a_person(county, "engineer", name="Asha"),))

    def test_on_duty_is_who_the_rota_names_and_is_not_away(self, team, nadia):
        asha = team.memberships.get().person

        put_on_rota(asha, team, weekday=0, begins=time(8), ends=time(9), by=nadia)
        assert list(on_duty(team, self.MONDAY)) == [asha]
        assert list(on_duty(team, self.MONDAY.replace(hour=8))) == []
        assert list(on_duty(team, self.MONDAY.replace(day=2))) == []

        note_absence(asha, date(2026, 6, 1), date(2026, 6, 1), by=nadia)
        assert list(on_duty(team, self.MONDAY)) == []

    def test_queue_manager_keeps_the_rota_by_page_but_not_the_members(self, team, county):
        asha = team.memberships.get().person
        keeper = signed_in(a_person(county, "queue_manager"))
        at = f"/admin/teams/{team.pk}/rota/"
        slot = {"person": asha.pk, "weekday": 0, "begins": "08:00", "ends": "17:30"}

        assert keeper.post(f"{at}slots/", slot).status_code == 302
        assert keeper.post(f"{at}slots/", slot).status_code == 422
        assert keeper.post(f"{at}away/", {"person": asha.pk, "first_day": "1/6/2030", "last_day": "2/6/2030"})
        page = body(keeper.get(at))
        assert "08:00" in page
        assert re.search("1 Jun 2030</time> to <time[^>]*>2 Jun 2030", page)
        assert keeper.post(f"{at}leave/{team.memberships.get().pk}/").status_code == 403

        keeper.post(f"{at}slots/{team.rota.get().pk}/remove/")
        assert team.rota.count() == 0

    def test_people_of_another_council_are_put_in_by_its_own_administrator(self, client, county, district):
        eve, shared = a_person(district, name="Eve Other"), a_team("Joint desk", county, district)
        address = f"/admin/teams/{shared.pk}/rota/"
        assert "Eve Other" not in body(client.get(address))
        assert client.post(f"{address}join/", {"person": eve.pk}).status_code == 422

        theirs = signed_in(a_person(district, "administrator"))
        assert theirs.post(f"{address}join/", {"person": eve.pk}).status_code == 302

    def test_member_joins_and_leaves_by_page(self, client, team, county):
        kim = a_person(county)
        client.post(f"/admin/teams/{team.pk}/rota/join/", {"person": kim.pk, "ends": "30/6/2030"})
        place = team.memberships.get(person=kim)
        assert place.ends_at == datetime(2030, 6, 30, 23, tzinfo=UTC)

        client.post(f"/admin/teams/{team.pk}/rota/leave/{place.pk}/")

        place.refresh_from_db()
        assert place.ends_at <= timezone.now()

    def test_case_group_is_kept_by_administrators_alone(self, county, nadia):
        group = a_case_group("hr", county)

        assert (
            signed_in(a_person(county, "queue_manager")).get(f"/admin/teams/{group.pk}/rota/").status_code
            == 404
        )
        assert signed_in(nadia).get(f"/admin/teams/{group.pk}/rota/").status_code == 200

    def test_absence_is_noted_and_cancelled_on_the_page_of_a_person(self, client, county):
        kim = a_person(county)
        client.post(f"/admin/people/{kim.pk}/absences/", {"first_day": "1/6/2030", "last_day": "2/6/2030"})
        absence = kim.absences.get()

        client.post(f"/admin/people/{kim.pk}/absences/{absence.pk}/cancel/")

        absence.refresh_from_db()
        assert absence.cancelled_at is not None

"""The end of somebody’s employment: what is in hand, and what becomes of it."""

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from assets.batches.models import Batch, BatchCouncil
from assets.disposal.chasing import expect
from assets.register.models import Asset
from servicedesk.administration.leaving import in_hand
from servicedesk.administration.tasks import close_accounts
from servicedesk.history.models import Change
from servicedesk.people.models import Person
from servicedesk.people.tokens import make_token
from servicedesk.tickets.models import Task, Ticket
from tests.administration.asking import body, signed_in
from tests.factories import (
    a_case_group,
    a_council_alone,
    a_grant,
    a_person,
    a_requester,
    a_service,
    a_team,
    a_ticket,
    an_asset,
)

pytestmark = pytest.mark.django_db
LAST_DAY = date(2026, 11, 30)


@pytest.fixture
def client(nadia):
    client = signed_in(nadia)
    client.nadia = nadia
    return client


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
        (due,) = expect(Asset.objects.all(), by=None, why="swapped", due_on=date(2026, 11, 27))

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
        a_grant(client.nadia, "engineer")
        listed = body(client.get(f"/admin/people/{grace.pk}/leaving/"))
        assert f'/due-back/{due.pk}/">TAG-7</a>, due back on' in listed and ": it was replaced</li>" in listed
        assert world["asked"].reference not in page

    def test_case_groups_and_roles_at_other_councils_are_counted_and_not_named(self, client, grace, world):
        there = a_council_alone("WODC", "West Oxfordshire District Council")
        hawk = a_case_group("legal", there, grace)
        type(hawk).objects.filter(pk=hawk.pk).update(name="Operation Hawk")
        a_grant(grace, "auditor", there)

        leaving, person = (body(client.get(f"/admin/people/{grace.pk}/{page}")) for page in ("leaving/", ""))
        programs = client.get(f"/api/v1/people/{grace.pk}/leaving/").json()
        roles = client.get(f"/api/v1/people/{grace.pk}/roles/").json()["results"]

        assert "team places, roles and batches that you may not see: 2." in leaving
        for page in (leaving, person):
            assert "Operation Hawk" not in page
            assert "Auditor at" not in page
        assert "West Oxfordshire" not in leaving
        named = [team["name"] for team in programs["teams"]]
        assert (programs["elsewhere"], "Desk" in named, "Operation Hawk" in named) == (2, True, False)
        assert (
            [role["role"] for role in programs["roles"]] == [role["role"] for role in roles] == ["engineer"]
        )

    def test_of_batches_those_are_counted_that_may_be_seen_and_the_rest_elsewhere(
        self, client, county, grace
    ):
        there = a_council_alone("WODC", "West Oxfordshire District Council")
        for at, council in enumerate((county, there, there), start=1):
            Batch.objects.create(
                council=council,
                reference=f"RB-2026-00000{at}",
                title="Wave",
                owner=grace,
                as_at=LAST_DAY,
                base_fy="2026/27",
                state="draft",
                state_since=timezone.now(),
            )
            BatchCouncil.objects.create(batch=Batch.objects.latest("pk"), council=council)

        before = in_hand(grace, by=client.nadia)
        a_grant(client.nadia, "engineer")
        told = in_hand(grace, by=Person.objects.get(pk=client.nadia.pk))
        page = body(client.get(f"/admin/people/{grace.pk}/leaving/"))

        assert (before.batches, before.elsewhere) == ([], 3)
        assert ([str(batch) for batch in told.batches], told.elsewhere) == (["RB-2026-000001"], 2)
        assert "RB-2026-000001" in page and "RB-2026-000002" not in page

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

"""Rotas and absences, kept by page."""

import re
from datetime import UTC, date, datetime, time

import pytest
from django.utils import timezone

from servicedesk.people.duty import note_absence, on_duty, put_on_rota
from tests.administration.asking import body, signed_in
from tests.factories import (
    a_case_group,
    a_person,
    a_team,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(nadia):
    return signed_in(nadia)


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

"""The rota and absences decide who hears of what, and are said where work is given."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from servicedesk.notifications.models import Message
from servicedesk.notifications.preferences import choose
from servicedesk.people.models import Absence, Person, RotaSlot, Team
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.workflow import move
from tests.factories import a_council, a_requester, a_service, a_team, an_engineer

pytestmark = pytest.mark.django_db

MONDAY_NIGHT = datetime(2026, 11, 23, 22, 15, tzinfo=UTC)
TUESDAY_MORNING = datetime(2026, 11, 24, 8, tzinfo=UTC)


class Desk:
    """Ben's council and a team of three, of whom Asha is on duty on Monday evenings."""

    def __init__(self) -> None:
        self.occ = a_council("OCC")
        self.ben = a_requester(self.occ, name="Ben")
        self.asha, self.dev, self.eve = (an_engineer(self.occ, name=name) for name in ("Asha", "Dev", "Eve"))
        self.team = a_team("Networks", members=(self.asha, self.dev, self.eve))
        self.wifi = a_service("Wi-Fi", self.team)
        self.on_duty(self.asha, time(18), time(23, 59))

    def on_duty(self, person: Person, begins: time, ends: time, weekday: int = 0) -> RotaSlot:
        return RotaSlot.objects.create(
            team=self.team, person=person, weekday=weekday, begins=begins, ends=ends
        )

    def away(self, *people: Person, until: date = date(2026, 11, 30)) -> None:
        for person in people:
            Absence.objects.create(person=person, first_day=date(2026, 11, 20), last_day=until)

    def broken(self, now: datetime = MONDAY_NIGHT, **given) -> Ticket:
        return raise_ticket(
            by=self.ben,
            requester=self.ben,
            type="incident",
            title="Down",
            service=self.wifi,
            now=now,
            **given,
        )


ALL_DOWN = {"impact": 1, "urgency": 1}


@pytest.fixture
def desk():
    return Desk()


def told(event: str = "given") -> dict[str, datetime]:
    """Who gets a letter, and when it goes."""
    letters = Message.objects.filter(event=event).select_related("person")
    return {letter.person.display_name: letter.next_try_at for letter in letters}


def test_critical_at_night_goes_to_who_is_on_duty_alone(desk):
    desk.broken(**ALL_DOWN)
    assert told("critical") == {"Asha": MONDAY_NIGHT}


def test_that_something_critical_has_come_is_told_whatever_people_chose(desk):
    for person in (desk.asha, desk.dev):
        choose(person, {"given": False})

    desk.broken(**ALL_DOWN)
    desk.broken()

    assert told("critical") == {"Asha": MONDAY_NIGHT}
    assert set(told()) == {"Eve"}
    with pytest.raises(ValidationError):
        choose(desk.asha, {"critical": False})


def test_last_minute_of_the_day_has_its_duty(desk):
    now = MONDAY_NIGHT.replace(hour=23, minute=59, second=30)
    desk.broken(now, **ALL_DOWN)
    assert told("critical") == {"Asha": now}


def test_critical_while_nobody_is_on_duty_goes_to_all_who_are_here(desk):
    desk.away(desk.eve)
    desk.broken(TUESDAY_MORNING, **ALL_DOWN)
    assert told("critical") == {"Asha": TUESDAY_MORNING, "Dev": TUESDAY_MORNING}


def test_who_is_away_or_has_left_the_team_is_not_on_duty(desk):
    desk.away(desk.asha)
    desk.on_duty(desk.dev, time(18), time(23))
    desk.on_duty(desk.eve, time(18), time(23))
    desk.team.memberships.filter(person=desk.eve).update(ends_at=MONDAY_NIGHT - timedelta(days=1))
    desk.broken(**ALL_DOWN)
    assert told("critical") == {"Dev": MONDAY_NIGHT}


def test_while_all_are_away_all_are_told(desk):
    desk.away(desk.asha, desk.dev, desk.eve)
    desk.broken(**ALL_DOWN)
    assert set(told("critical")) == {"Asha", "Dev", "Eve"}


def test_what_is_not_critical_waits_for_the_hours_of_all_but_who_is_on_duty(desk):
    desk.broken()
    assert told() == {"Asha": MONDAY_NIGHT, "Dev": TUESDAY_MORNING, "Eve": TUESDAY_MORNING}


def test_while_who_has_it_is_away_their_team_hears_of_it_too(desk):
    ticket = desk.broken()
    move(ticket, "assign", by=desk.asha, team=desk.team, assignee=desk.dev, now=MONDAY_NIGHT)

    say(ticket, by=desk.ben, body="Still down", visibility="public", now=TUESDAY_MORNING)
    assert set(told("customer_replied")) == {"Dev"}
    desk.away(desk.dev, desk.eve)
    say(ticket, by=desk.ben, body="And now?", visibility="public", now=TUESDAY_MORNING + timedelta(hours=1))

    assert set(told("customer_replied")) == {"Dev", "Asha"}


def test_giving_work_to_who_is_away_is_said_and_not_forbidden(desk, client):
    today = timezone.localdate()
    Absence.objects.create(person=desk.dev, first_day=today, last_day=date(2030, 1, 7))
    ticket = desk.broken()
    client.force_login(desk.asha)

    page = client.get(f"/tickets/{ticket}/").content.decode()
    given = {"team": desk.team.pk, "assignee": desk.dev.pk}
    after = client.post(f"/tickets/{ticket}/moves/assign/", given, follow=True).content.decode()
    body = client.get(f"/api/v1/tickets/{ticket}/").json()

    ticket.refresh_from_db()
    assert "Dev (away until 7 Jan 2030)" in page
    assert "Eve (away" not in page
    assert "Dev is away until Monday 7 January 2030. Their team hears of it too." in after
    assert "Dev, away until 7 Jan 2030" in after
    assert (ticket.assignee, body["assignee_away_until"]) == (desk.dev, "2030-01-07")


def test_ticket_and_queue_say_who_is_on_duty(desk, client):
    day = timezone.localtime().weekday()
    desk.on_duty(desk.eve, time(0), time(23, 59), weekday=day)
    a_team("No rota", members=(desk.asha,))
    quiet: Team = a_team("Quiet", members=(desk.asha,))
    RotaSlot.objects.create(
        team=quiet, person=desk.asha, weekday=(day + 2) % 7, begins=time(9), ends=time(17)
    )
    ticket = desk.broken()
    client.force_login(desk.asha)

    pages = {
        path: client.get(path).content.decode()
        for path in (
            f"/tickets/{ticket}/",
            "/queue/",
            "/queue/?my_teams=true",
            f"/queue/?team={desk.team.pk}",
            "/queue/?team=x",
        )
    }

    words = {path: [line for line in ON_DUTY if line in page] for path, page in pages.items()}
    assert words == {
        f"/tickets/{ticket}/": ["On duty now"],
        "/queue/": [],
        "/queue/?my_teams=true": ["On duty for Networks: Eve", "On duty for Quiet: nobody at this moment"],
        f"/queue/?team={desk.team.pk}": ["On duty for Networks: Eve"],
        "/queue/?team=x": [],
    }
    assert "On duty for No rota" not in pages["/queue/?my_teams=true"]


ON_DUTY = ("On duty now", "On duty for Networks: Eve", "On duty for Quiet: nobody at this moment")


def test_who_is_on_duty_is_told_to_whoever_may_see_the_team(desk, client):
    desk.on_duty(desk.eve, time(0), time(23, 59), weekday=timezone.localtime().weekday())
    path = f"/api/v1/teams/{desk.team.pk}/on-duty/"
    client.force_login(desk.dev)
    assert {"id": desk.eve.pk, "name": "Eve"} in client.get(path).json()["results"]
    client.force_login(desk.ben)
    assert client.get(path).status_code == 404

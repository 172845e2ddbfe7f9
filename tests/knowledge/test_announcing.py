"""Who tells whom of outages and planned work, and who reads it where."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from lxml import html

from servicedesk.history.editing import Stale
from servicedesk.history.models import Change
from servicedesk.knowledge.announcing import change_announcement, draft, move, moves_open_to
from servicedesk.knowledge.models import Announcement
from servicedesk.knowledge.states import MOVES, MoveRefused
from tests.factories import (
    a_council,
    a_council_alone,
    a_person,
    a_requester,
    a_service,
    a_site,
    a_team,
    an_agreement,
    an_engineer,
)

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)


class Desk:
    """Two councils that share a desk, with a site each."""

    def __init__(self):
        self.occ, self.cdc = a_council("OCC"), a_council("CDC")
        self.hall, self.bodicote = a_site(self.occ, "County Hall"), a_site(self.cdc, "Bodicote House")
        self.asha = an_engineer(self.occ, name="Asha")
        self.mia = a_person(self.cdc, "queue_manager", name="Mia")
        self.ben = a_requester(self.cdc, name="Ben", site=self.bodicote)

    def drafted(self, *councils, by=None, sites=(), **fields) -> Announcement:
        given = {"title": "Email is down", "starts_at": MONDAY, **fields}
        return draft(Announcement(**given), councils or [self.cdc], sites, by=by or self.mia, now=MONDAY)

    def published(self, *councils, **fields) -> Announcement:
        row = self.drafted(*councils, **fields)
        return move(row, "publish", by=self.mia, version=row.version, now=MONDAY)


@pytest.fixture
def desk():
    return Desk()


def seen(person, **given) -> list[str]:
    return [str(row) for row in Announcement.objects.visible_to(person).filter(**given)]


def main(person, path: str) -> str:
    client = Client()
    if person:
        client.force_login(person)
    return " ".join(html.fromstring(client.get(path).content).xpath("//main")[0].text_content().split())


def test_engineer_drafts_and_queue_manager_publishes(desk):
    row = desk.drafted(by=desk.asha)
    assert (seen(desk.asha), seen(desk.mia), seen(desk.ben)) == (["Email is down"], ["Email is down"], [])
    assert moves_open_to(desk.asha, row) == ["discard"]
    with pytest.raises(PermissionDenied):
        move(row, "publish", by=desk.asha, version=row.version)

    told = move(row, "publish", by=desk.mia, version=row.version, now=MONDAY)

    assert (told.state, told.published_by, told.published_at) == ("published", desk.mia, MONDAY)
    assert seen(desk.ben) == ["Email is down"]
    assert [
        change.action for change in Change.objects.filter(kind="knowledge.announcement").order_by("pk")
    ] == [
        "create",
        "update",
    ]
    with pytest.raises(PermissionDenied):
        change_announcement(told, by=desk.asha, version=told.version, title="Nothing")


def test_it_is_for_the_people_of_its_councils_and_for_the_desks_that_serve_them(desk):
    desk.published(desk.cdc)
    elsewhere = a_council_alone("WODC")

    readers = {
        "of the council": desk.ben,
        "of the other council": a_requester(desk.occ),
        "engineer of the other council": desk.asha,
        "auditor of the other council": a_person(desk.occ, "auditor"),
        "auditor of the council": a_person(desk.cdc, "auditor"),
        "supplier": a_person(desk.cdc, "supplier_contact"),
        "without a role": a_person(desk.cdc),
        "engineer of a third": an_engineer(elsewhere),
    }
    assert {name: bool(seen(person)) for name, person in readers.items()} == {
        "of the council": True,
        "of the other council": False,
        "engineer of the other council": True,
        "auditor of the other council": False,
        "auditor of the council": True,
        "supplier": False,
        "without a role": False,
        "engineer of a third": False,
    }


def test_nobody_announces_to_a_council_that_their_desk_does_not_serve(desk):
    host, customer = a_council_alone("WODC"), a_council_alone("VALE")
    an_agreement("Hosting", customer, provider=host)
    of_host = a_person(host, "queue_manager")
    of_customer = a_person(customer, "queue_manager")

    row = draft(Announcement(title="Phones", starts_at=MONDAY), [host, customer], by=of_host)
    with pytest.raises(ValidationError, match="You cannot announce this to Council WODC"):
        draft(Announcement(title="Phones", starts_at=MONDAY), [host, customer], by=of_customer)

    assert move(row, "publish", by=of_host, version=row.version, now=MONDAY).state == "published"
    row.refresh_from_db()
    assert (seen(of_customer), moves_open_to(of_customer, row)) == (["Phones"], [])
    with pytest.raises(PermissionDenied):
        draft(Announcement(title="Phones", starts_at=MONDAY), [desk.cdc], by=desk.ben)


def test_service_owner_announces_what_is_about_their_service_and_nothing_else(desk):
    owner = a_person(desk.cdc, "service_owner", name="Olu")
    team = a_team("Desk")
    payroll, other = a_service("Payroll", team, owner=owner), a_service("Planning", team)

    row = desk.drafted(by=owner, service=payroll)
    assert move(row, "publish", by=owner, version=row.version, now=MONDAY).state == "published"
    for service in (other, None):
        with pytest.raises(ValidationError, match="You cannot announce this"):
            desk.drafted(by=owner, service=service)


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"ends_at": MONDAY}, "ends_at", "The end must be after the beginning"),
        ({"kind": "planned"}, "ends_at", "Say until when the planned work takes"),
        ({"title": ""}, "title", "This field cannot be blank."),
        ({"sites": "hall"}, "sites", "County Hall is of none of the councils that you chose"),
        ({"service": "county's"}, "service", "Roads is not offered to Cherwell District Council"),
    ],
)
def test_what_cannot_be_is_refused_by_field(desk, fields, field, sentence):
    if fields.get("service"):
        roads = a_service("Roads", a_team("Desk"))
        roads.councils.set([desk.occ])
        fields = {"service": roads}
    if fields.get("sites"):
        fields = {"sites": [desk.hall]}

    with pytest.raises(ValidationError) as refused:
        desk.drafted(**fields)

    assert refused.value.message_dict == {field: [sentence]}
    assert Announcement.objects.count() == 0


def test_database_refuses_planned_work_without_an_end():
    with pytest.raises(IntegrityError), transaction.atomic():
        Announcement.objects.create(kind="planned", title="Work", starts_at=MONDAY)


@pytest.mark.parametrize("name", MOVES)
@pytest.mark.parametrize("state", Announcement.State.values)
def test_every_move_from_every_state(desk, name, state):
    row = desk.drafted()
    Announcement.objects.filter(pk=row.pk).update(state=state)
    row.refresh_from_db()

    if state in MOVES[name].sources:
        assert name in moves_open_to(desk.mia, row)
        assert move(row, name, by=desk.mia, version=row.version, now=MONDAY).state == MOVES[name].target
    else:
        assert name not in moves_open_to(desk.mia, row)
        with pytest.raises(MoveRefused):
            move(row, name, by=desk.mia, version=row.version, now=MONDAY)


def test_it_ends_when_somebody_says_so_and_never_before_it_began(desk):
    row = desk.published()
    with pytest.raises(MoveRefused, match="Withdraw it instead"):
        move(row, "end", by=desk.mia, version=row.version, now=MONDAY - AN_HOUR)

    over = move(row, "end", by=desk.mia, version=row.version, now=MONDAY + AN_HOUR)

    assert (over.state, over.ends_at) == ("ended", MONDAY + AN_HOUR)
    with pytest.raises(MoveRefused, match="so it stays as it is"):
        change_announcement(over, by=desk.mia, version=over.version, title="No")


def test_of_two_who_change_it_the_later_is_told(desk):
    row = desk.published()
    change_announcement(row, by=desk.mia, version=row.version, title="Email is slow")

    with pytest.raises(Stale):
        change_announcement(row, by=desk.mia, version=row.version, title="Email is back")


def test_what_holds_now_what_comes_and_what_is_over(desk):
    desk.published(title="now")
    desk.published(title="until later", ends_at=MONDAY + AN_HOUR)
    desk.published(title="tomorrow", starts_at=MONDAY + 24 * AN_HOUR)
    desk.drafted(title="draft")
    rows, then = Announcement.objects.order_by("id"), MONDAY + AN_HOUR

    assert [str(row) for row in rows.on(MONDAY)] == ["now", "until later"]
    assert [str(row) for row in rows.on(then)] == ["now"]
    assert [str(row) for row in rows.over(then)] == ["until later"]
    assert [str(row) for row in rows.coming(then)] == ["tomorrow"]
    assert [str(row) for row in rows.unpublished()] == ["draft"]


def test_first_screen_says_what_is_out_of_order_at_my_site(desk):
    now = timezone.now()
    shown = {"starts_at": now - AN_HOUR, "text": "A detail"}
    desk.published(title="Wifi at Bodicote", sites=[desk.bodicote], **shown)
    desk.published(desk.cdc, desk.occ, title="Email", **shown)
    desk.published(desk.occ, title="County alone", **shown)
    desk.published(title="Elsewhere", sites=[a_site(desk.cdc, "Banbury")], **shown)
    desk.published(
        title="New firewall", kind="planned", starts_at=now + 24 * AN_HOUR, ends_at=now + 26 * AN_HOUR
    )
    desk.published(title="In a year", starts_at=now + timedelta(days=365))

    home = main(desk.ben, "/")

    assert [words for words in ("Wifi at Bodicote", "Email", "New firewall") if words in home] == [
        "Wifi at Bodicote",
        "Email",
        "New firewall",
    ]
    assert not [words for words in ("County alone", "Elsewhere", "In a year") if words in home]
    assert "A detail" in main(desk.ben, f"/announcements/{Announcement.objects.get(title='Email').pk}/")


def test_sign_in_page_says_the_public_text_and_no_more(desk):
    now = timezone.now()
    told = {"starts_at": now - AN_HOUR, "text": "Since the core switch burnt"}
    desk.published(title="Switch 4 is dead", public_text="Email does not work.", **told)
    desk.published(title="Without public words", **told)
    desk.published(title="Over", public_text="Phones are down.", ends_at=now - AN_HOUR / 2, **told)
    desk.drafted(title="Draft", public_text="Nobody knows.", **told)

    page = main(None, "/account/login/")

    assert "Out of order now Email does not work." in page
    hidden = ("Switch 4", "core switch", "Without public", "Phones are down", "Nobody knows", "Cherwell is")
    assert not [words for words in hidden if words in page]


def post(person, path: str, **given):
    client = Client()
    client.force_login(person)
    return client.post(path, given)


def written(desk, **given) -> dict:
    asked = {
        "kind": "outage",
        "title": "Email is down",
        "councils": [desk.cdc.pk],
        "starts_at": "23/11/2026 09:00",
    }
    return {**asked, **given}


def test_queue_manager_publishes_in_one_page(desk):
    answer = post(desk.mia, "/announcements/new/", **written(desk, then="publish"))

    row = Announcement.objects.get()
    assert (answer.status_code, row.state, row.starts_at) == (302, "published", MONDAY)
    assert [council.code for council in row.councils.all()] == ["CDC"]
    page = main(desk.mia, f"/announcements/{row.pk}/")
    assert "Say that it is over" in page and "Withdraw it" in page
    over = post(desk.mia, f"/announcements/{row.pk}/moves/end/", version=row.version)
    assert (over.status_code, Announcement.objects.get().state) == (302, "ended")
    again = post(desk.mia, f"/announcements/{row.pk}/moves/withdraw/", version=row.version)
    assert again.status_code == 409


def test_engineer_who_would_publish_keeps_a_draft_instead(desk):
    answer = post(desk.asha, "/announcements/new/", **written(desk, then="publish"))

    assert (answer.status_code, Announcement.objects.get().state) == (302, "draft")


def test_page_of_change_shows_both_where_somebody_was_quicker(desk):
    row = desk.published()
    change_announcement(row, by=desk.mia, version=row.version, title="Email is slow")

    path = f"/announcements/{row.pk}/change/"
    client = Client()
    client.force_login(desk.mia)
    shown = html.fromstring(client.get(path).content)
    assert shown.xpath("//input[@name='starts_at']/@value") == ["23/11/2026 09:00"]
    answer = post(desk.mia, path, **written(desk, title="Email is back", version=row.version))

    page = " ".join(html.fromstring(answer.content).text_content().split())
    assert answer.status_code == 409
    assert "Email is slow" in page and "Email is back" in page
    assert Announcement.objects.get().title == "Email is slow"
    saved = post(desk.mia, path, **written(desk, title="Email is back", version=row.version + 1))
    assert (saved.status_code, Announcement.objects.get().title) == (302, "Email is back")


def test_staff_read_and_do_not_write(desk):
    row = desk.published()

    assert post(desk.ben, "/announcements/new/", **written(desk)).status_code == 403
    assert post(desk.ben, f"/announcements/{row.pk}/change/", **written(desk)).status_code == 403
    assert post(desk.ben, f"/announcements/{row.pk}/moves/end/", version=row.version).status_code == 403
    page = main(desk.ben, f"/announcements/{row.pk}/")
    assert "Written by" not in page and "Withdraw" not in page


def test_page_tells_those_who_write_what_became_of_it(desk):
    row = desk.drafted(by=desk.mia, public_text="Email does not work")
    row = move(row, "publish", by=desk.mia, version=row.version, now=MONDAY + AN_HOUR)
    other = desk.drafted(desk.occ, by=desk.mia, title="Not this one")
    change_announcement(
        row, by=desk.mia, version=row.version, title="Email is slow", now=MONDAY + 2 * AN_HOUR
    )

    told = history(desk.mia, row)

    assert [(title, by) for title, by, _ in told] == [
        ("Changed", "Mia"),
        ("Changed", "Mia"),
        ("Created", "Mia"),
    ]
    assert told[0][2] == ["Title: Email is down → Email is slow"]
    assert set(told[1][2]) == {
        "State: Draft → Published",
        "Published by: Mia",
        "Published at: Monday 23 November 2026, 10am",
    }
    assert {"Title: Email is down", "Public text: Email does not work"} <= set(told[2][2])
    assert history(desk.ben, row) == []
    assert "Not this one" not in str(told) and other.pk != row.pk


def history(person, row: Announcement) -> list[tuple[str, str, list[str]]]:
    """Each deed that the page tells of: what, by whom, and its lines."""
    client = Client()
    client.force_login(person)
    page = html.fromstring(client.get(f"/announcements/{row.pk}/").content.decode())
    return [
        (
            " ".join(one.xpath(".//*[contains(@class, 'timeline__title')]")[0].text_content().split()),
            one.xpath("string(.//*[contains(@class, 'timeline__by')])").strip().removeprefix("by "),
            [" ".join(line.text_content().split()) for line in one.xpath(".//li")],
        )
        for one in page.xpath("//*[contains(@class, 'timeline__item')]")
    ]

"""Two people at one ticket's priority: what does not clash is kept of both, what does is shown with both values."""

from datetime import timedelta

import pytest

from servicedesk.history.models import Change
from servicedesk.tickets.editing import Clash, save
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.prioritising import override_priority, set_uplift
from servicedesk.tickets.states import StaleTicket
from servicedesk.tickets.workflow import change
from tests.factories import a_person, a_site
from tests.tickets.test_ticket_page import post, signed_in
from tests.tickets.world import MONDAY, a_world

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(minutes=5)


@pytest.fixture
def world():
    """Ben's ticket of Cherwell, which everybody here has read at version 1."""
    return a_world()


@pytest.fixture
def mia(world):
    """Who manages Cherwell's queue."""
    return world.people["queue manager"]


@pytest.fixture
def moe(world):
    return a_person(world.ticket.council, "queue_manager", name="Moe")


def now_is(*names: str) -> tuple:
    ticket = Ticket.objects.get()
    return tuple(getattr(ticket, name) for name in names)


def test_priority_by_hand_is_kept_beside_what_others_changed(world, mia):
    dev, site = world.people["assignee"], a_site(world.ticket.council)
    change(world.ticket, by=dev, version=1, now=MONDAY, site=site, impact=2)
    set_uplift(world.ticket, by=dev, uplift="vip", now=MONDAY)

    override_priority(world.ticket, by=mia, priority="P1", reason="Payday", version=1, now=LATER)

    assert now_is("site", "impact", "uplift", "priority_override", "priority", "version") == (
        site,
        2,
        "vip",
        "P1",
        "P1",
        4,
    )


def test_uplift_is_kept_beside_what_others_changed(world, mia):
    override_priority(world.ticket, by=mia, priority="P1", reason="Payday", version=1, now=MONDAY)

    set_uplift(world.ticket, by=world.people["assignee"], uplift="vip", version=1, now=LATER)

    assert now_is("uplift", "priority_override", "priority_reason") == ("vip", "P1", "Payday")


def test_same_priority_shows_both_with_who_and_when_and_writes_nothing(world, mia, moe):
    override_priority(world.ticket, by=mia, priority="P1", reason="Payday", version=1, now=MONDAY)

    with pytest.raises(Clash) as clash:
        override_priority(world.ticket, by=moe, priority="P3", reason="It can wait", version=1, now=LATER)

    assert [(each.name, each.typed, each.present, each.by) for each in clash.value.differences] == [
        ("priority_override", "P3", "P1", "Mia"),
        ("priority_reason", "It can wait", "Payday", "Mia"),
    ]
    assert now_is("priority_override", "priority_reason", "version") == ("P1", "Payday", 2)


def test_the_same_twice_is_no_clash_and_no_second_change(world, mia, moe):
    given = {"priority": "P1", "reason": "Payday", "version": 1}
    override_priority(world.ticket, by=mia, now=MONDAY, **given)
    override_priority(world.ticket, by=moe, now=LATER, **given)
    assert now_is("priority_override", "priority_reason") == ("P1", "Payday")


def test_what_was_left_as_it_was_read_undoes_nobodys_change(world, mia):
    set_uplift(world.ticket, by=mia, uplift="vip", version=1, now=MONDAY)
    changes = Change.objects.count()

    set_uplift(world.ticket, by=world.people["assignee"], uplift="", version=1, now=LATER)

    assert now_is("uplift", "version") == ("vip", 2)
    assert Change.objects.count() == changes


def test_page_shows_both_and_takes_the_second_sending(world, mia, moe):
    override_priority(world.ticket, by=mia, priority="P1", reason="Payday", version=1, now=MONDAY)
    path, client = f"/tickets/{world.ticket}/priority/", signed_in(moe)
    sent = {"version": 1, "priority": "P3", "reason": "It can wait"}

    refused = client.post(path, sent)
    again = client.post(path, sent | {"version": 2})

    page = refused.content.decode()
    assert refused.status_code == 409
    for words in (
        "was changed by Mia while you were looking at it.",
        "Mia changed this to “P1 critical” on ",
        "Mia changed this to “Payday” on ",
        'name="version" value="2"',
        "It can wait",
    ):
        assert words in page
    assert again.status_code == 302
    assert now_is("priority_override") == ("P3",)


def test_page_of_the_uplift_shows_both(world, moe):
    set_uplift(world.ticket, by=moe, uplift="vip", version=1, now=MONDAY)
    page = post(world, "queue manager", "uplift", status=409, version=1, uplift="safeguarding")
    assert "Moe changed this to “A councillor, chief officer or statutory officer” on " in page


def test_program_is_told_the_other_value_and_how_it_stands_now(world, mia, moe):
    override_priority(world.ticket, by=mia, priority="P1", reason="Payday", version=1, now=MONDAY)
    path, client = f"/api/v1/tickets/{world.ticket}/priority/", signed_in(moe)
    given = {"priority": "P3", "reason": "It can wait", "version": 1}

    answer = client.post(path, given, content_type="application/json")
    merged = client.post(
        f"/api/v1/tickets/{world.ticket}/uplift/",
        {"uplift": "vip", "version": 1},
        content_type="application/json",
    )

    body = answer.json()
    assert answer.status_code == 409
    assert sorted(body["errors"]) == ["priority", "reason"]
    assert body["errors"]["priority"][0].startswith("Mia changed this to “P1” on ")
    assert (body["current"]["priority_override"], body["current"]["version"]) == ("P1", 2)
    assert (merged.status_code, merged.json()["uplift"], merged.json()["version"]) == (200, "vip", 3)


def test_another_council_learns_nothing_of_what_raised_it(world, mia):
    """What somebody needs because of a disability is their own council's matter."""
    asha = world.people["engineer"]  # of the other council
    set_uplift(world.ticket, by=mia, uplift="assistive", version=1, now=MONDAY)

    with pytest.raises(StaleTicket) as refused:
        set_uplift(world.ticket, by=asha, uplift="vip", version=1, now=LATER)
    saved = save(world.ticket, by=asha, version=1, title="No sound at all", now=LATER)

    assert not isinstance(refused.value, Clash)
    assert str(refused.value) == f"{world.ticket} was changed while you were looking at it."
    assert saved.meanwhile == "Mia changed the priority meanwhile. Both are kept."
    assert now_is("uplift", "title") == ("assistive", "No sound at all")

"""Two people correct one ticket at once."""

from datetime import timedelta

import pytest

from servicedesk.history.models import Change
from servicedesk.tickets.editing import Clash, save
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.states import StaleTicket
from servicedesk.tickets.workflow import change, move
from tests.factories import a_site
from tests.tickets.test_ticket_page import post, signed_in
from tests.tickets.world import MONDAY, a_world

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(minutes=5)


@pytest.fixture
def world():
    return a_world()


def typed(ticket: Ticket, **fields) -> dict:
    """All that the page sends: what was read, but for what was edited."""
    as_read = {
        "title": ticket.title,
        "description": ticket.description,
        "service": ticket.service,
        "category": ticket.category,
        "subcategory": ticket.subcategory,
        "site": ticket.site,
        "impact": ticket.impact,
        "urgency": ticket.urgency,
    }
    return as_read | fields


def test_what_does_not_clash_is_kept_of_both(world):
    asha, dev, site = world.people["engineer"], world.people["assignee"], a_site(world.ticket.council)
    change(world.ticket, by=dev, version=1, now=MONDAY, site=site, impact=2)

    saved = save(world.ticket, by=asha, version=1, now=LATER, **typed(world.ticket, title="No sound at all"))

    ticket = Ticket.objects.get()
    assert (ticket.title, ticket.site, ticket.impact, ticket.urgency) == ("No sound at all", site, 2, 1)
    assert ticket.priority == "P2"
    assert saved.meanwhile == "Dev changed the site, impact and priority meanwhile. Both are kept."
    assert [change.version for change in Change.objects.filter(kind="tickets.ticket").order_by("id")] == [
        1,
        2,
        3,
    ]


def test_a_move_meanwhile_does_not_stand_in_the_way(world):
    ticket = world.stand("new", assignee=None)
    move(ticket, "take", by=world.people["assignee"], now=MONDAY)

    save(ticket, by=world.people["engineer"], version=1, now=LATER, **typed(ticket, title="No sound at all"))

    ticket = Ticket.objects.get()
    assert (ticket.title, ticket.state, ticket.assignee) == (
        "No sound at all",
        "in_progress",
        world.people["assignee"],
    )


def test_same_field_shows_both_values_with_who_and_when_and_writes_nothing(world):
    asha, dev = world.people["engineer"], world.people["assignee"]
    change(world.ticket, by=dev, version=1, now=MONDAY, title="Newer", category="Audio")

    with pytest.raises(Clash) as clash:
        save(world.ticket, by=asha, version=1, now=LATER, **typed(world.ticket, title="Older", urgency=2))

    found = clash.value.differences
    assert [(each.name, each.typed, each.present, each.by, each.at) for each in found] == [
        ("title", "Older", "Newer", "Dev", MONDAY)
    ]
    assert clash.value.mine == {"title", "urgency"}
    assert Ticket.objects.get().title == "Newer"


def test_the_same_value_twice_is_no_clash(world):
    change(world.ticket, by=world.people["assignee"], version=1, now=MONDAY, title="No sound at all")

    saved = save(
        world.ticket, by=world.people["engineer"], version=1, **typed(world.ticket, title="No sound at all")
    )

    assert (saved.ticket.title, saved.ticket.version) == ("No sound at all", 2)


def test_put_back_meanwhile_to_what_was_read_is_seen(world):
    dev = world.people["assignee"]
    change(world.ticket, by=dev, version=1, now=MONDAY, title="Newer")
    change(world.ticket, by=dev, version=2, now=MONDAY, title="No sound")

    with pytest.raises(Clash):
        save(world.ticket, by=world.people["engineer"], version=1, **typed(world.ticket, title="Older"))


def test_a_version_that_is_not_yet(world):
    with pytest.raises(StaleTicket):
        save(world.ticket, by=world.people["engineer"], version=9, **typed(world.ticket))


def test_what_history_does_not_tell_of_a_request_is_not_guessed(world):
    change(world.ticket, by=world.people["assignee"], version=1, now=MONDAY, title="Newer")
    Ticket.objects.update(category="Audio", version=3)

    with pytest.raises(StaleTicket):
        save(world.ticket, by=world.people["engineer"], version=1, **typed(world.ticket, impact=1))
    assert Ticket.objects.get().category == "Audio"


def test_changes_from_before_versions_were_kept_count_as_later(world):
    change(world.ticket, by=world.people["assignee"], version=1, now=MONDAY, title="Newer")
    Change.objects.filter(pk=Change.objects.latest("pk").pk)._raw_delete("default")
    older = Change.objects.get(kind="tickets.ticket")
    Change.objects.bulk_create(
        [
            Change(
                change_set=older.change_set,
                kind="tickets.ticket",
                object_id=world.ticket.pk,
                label="x",
                action="update",
                fields={"title": ["No sound", "Newer", "No sound", "Newer"]},
            )
        ]
    )

    with pytest.raises(Clash):
        save(world.ticket, by=world.people["engineer"], version=1, **typed(world.ticket, title="Older"))


def sent(ticket: Ticket, **fields) -> dict:
    return {
        "version": ticket.version,
        "title": ticket.title,
        "description": ticket.description,
        "service": ticket.service_id,
        "category": "",
        "subcategory": "",
        "impact": 3,
        "urgency": 1,
        **fields,
    }


def test_page_says_what_was_changed_meanwhile(world):
    change(world.ticket, by=world.people["assignee"], version=1, now=MONDAY, category="Audio")
    client = signed_in(world.people["engineer"])

    page = client.post(
        f"/tickets/{world.ticket}/change/", sent(world.ticket, title="No sound at all"), follow=True
    )

    assert "is saved. Dev changed the category meanwhile. Both are kept." in page.content.decode()
    ticket = Ticket.objects.get()
    assert (ticket.title, ticket.category) == ("No sound at all", "Audio")


def test_page_keeps_what_was_typed_and_shows_all_else_as_it_is_now(world):
    change(world.ticket, by=world.people["assignee"], version=1, now=MONDAY, title="Newer", category="Audio")

    text = post(world, "engineer", "change", status=409, **sent(world.ticket, title="Older"))

    assert "Dev changed this to “Newer” on Monday 23 November 2026, 9:12am" in text
    assert 'name="version" value="2"' in text
    assert 'value="Older"' in text
    assert 'value="Audio"' in text
    post(world, "engineer", "change", **sent(world.ticket, version=2, title="Older", category="Audio"))
    ticket = Ticket.objects.get()
    assert (ticket.title, ticket.category, ticket.version) == ("Older", "Audio", 3)

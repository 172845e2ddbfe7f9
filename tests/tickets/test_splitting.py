"""Splitting: what goes into the new ticket, and that nobody reads more than before."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from servicedesk.history.models import Change
from servicedesk.tickets.models import Link, Ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.splitting import split
from tests.tickets.world import MONDAY, a_world, restricted

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return a_world()


def said(world, who: str, body: str, visibility: str = "public") -> int:
    return say(world.ticket, by=world.people[who], body=body, visibility=visibility, now=MONDAY).pk


def test_new_ticket_is_the_same_requesters_and_says_what_was_chosen(world):
    chosen = said(world, "requester", "And my phone is broken")
    said(world, "requester", "Thank you")
    new = split(world.ticket, by=world.people["engineer"], title="Phone", comments=[chosen], now=MONDAY)

    same = ("type", "council", "sharing", "sensitivity", "requester", "affected_person", "service", "site")
    assert [getattr(new, name) for name in same] == [getattr(world.ticket, name) for name in same]
    assert (new.title, new.state, new.description) == (
        "Phone",
        "new",
        "Ben wrote on Monday 23 November 2026, 9:12am:\nAnd my phone is broken",
    )
    assert new.clocks.count() > 0
    assert world.ticket.comments.count() == 2


def test_both_are_linked_and_both_histories_tell_it(world):
    chosen = said(world, "requester", "And my phone")
    new = split(world.ticket, by=world.people["engineer"], title="Phone", comments=[chosen], now=MONDAY)
    link = Link.objects.get()
    assert (link.ticket, link.other, link.kind) == (new, world.ticket, "relates")
    told = Change.objects.filter(fields__has_key="split").order_by("id").values_list("object_id", "fields")
    assert [(key, fields["split"][3]) for key, fields in told] == [
        (world.ticket.pk, f"{new} was split off"),
        (new.pk, f"Split off from {world.ticket}"),
    ]


def test_note_becomes_a_note_so_that_the_requester_does_not_read_it(world):
    public = said(world, "requester", "And my phone")
    note = said(world, "engineer", "He drops everything", "internal")
    new = split(world.ticket, by=world.people["engineer"], title="Phone", comments=[public, note], now=MONDAY)
    assert "drops" not in new.description
    assert [(comment.visibility, comment.body) for comment in new.comments.all()] == [
        ("internal", "Asha wrote on Monday 23 November 2026, 9:12am:\nHe drops everything")
    ]


def test_split_of_a_sealed_ticket_is_sealed_from_the_first(world):
    restricted(world)
    chosen = said(world, "requester", "And this")
    new = split(world.ticket, by=world.people["case worker"], title="This", comments=[chosen], now=MONDAY)
    assert (new.sharing, new.sensitivity, new.case_group) == ("restricted", "hr", world.ticket.case_group)
    seen = [
        who for who, person in world.people.items() if Ticket.objects.visible_to(person).filter(pk=new.pk)
    ]
    assert seen == ["requester", "affected person", "case worker"]


def test_split_of_what_a_council_keeps_to_itself(world):
    world.stand("in_progress", sharing="own_council")
    chosen = said(world, "requester", "And this")
    new = split(world.ticket, by=world.people["assignee"], title="This", comments=[chosen], now=MONDAY)
    assert (new.sharing, Ticket.objects.visible_to(world.people["engineer"]).exists()) == (
        "own_council",
        False,
    )


@pytest.mark.parametrize("who", ["requester", "stranger", "asset manager", "supplier contact"])
def test_who_does_not_work_on_the_ticket_splits_nothing(world, who):
    chosen = said(world, "requester", "And this")
    with pytest.raises(PermissionDenied):
        split(world.ticket, by=world.people[who], title="This", comments=[chosen])


def test_split_of_nothing_or_of_what_was_said_elsewhere(world):
    chosen = said(world, "requester", "And this")
    for given in ({"title": " ", "comments": []}, {"title": "", "comments": [chosen + 999]}):
        with pytest.raises(ValidationError) as refused:
            split(world.ticket, by=world.people["engineer"], **given)
        assert refused.value.message_dict == {
            "title": ["Enter the summary of the new request"],
            "comments": ["Choose what was said about the new request"],
        }

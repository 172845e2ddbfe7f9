"""Parents, children and links: who may tie what, and what comes of it."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from servicedesk.history.models import Change
from servicedesk.tickets.cascading import move_all, offers, tell_children
from servicedesk.tickets.linking import add_link, adopt, end_link, release
from servicedesk.tickets.models import Comment, Link, Ticket
from servicedesk.tickets.states import MoveRefused, StaleTicket
from servicedesk.tickets.tasking import add_task
from tests.factories import a_council, a_requester, a_team, a_ticket, an_engineer
from tests.tickets.world import MONDAY

pytestmark = pytest.mark.django_db
FIXED = {"resolution_code": "fixed", "resolution_note": "All is well again"}


class Desk:
    """A parent and two children, of three requesters of one council."""

    def __init__(self):
        self.council = a_council("CDC")
        self.asha = an_engineer(a_council("OCC"), name="Asha")
        self.dev = an_engineer(self.council, name="Dev")
        self.parent = self.a_ticket()
        self.children = [self.a_ticket(parent=self.parent), self.a_ticket(parent=self.parent)]

    def a_ticket(self, **fields) -> Ticket:
        return a_ticket(a_requester(self.council), **{"state": "in_progress", **fields})


@pytest.fixture
def desk():
    return Desk()


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def states(*tickets: Ticket) -> list[str]:
    return [fresh(ticket).state for ticket in tickets]


def told(ticket: Ticket) -> list[tuple[str, str, str]]:
    changes = Change.objects.filter(kind="tickets.ticket", object_id=ticket.pk).order_by("id")
    return [(name, values[2], values[3]) for change in changes for name, values in change.fields.items()]


def test_child_is_tied_to_its_parent_and_taken_out_again(desk):
    child = desk.a_ticket()
    assert adopt(child, desk.parent, by=desk.asha).parent == desk.parent
    assert release(child, by=desk.asha).parent is None
    assert told(child) == [("parent", "", str(desk.parent)), ("parent", str(desk.parent), "")]
    assert told(desk.parent) == [("child", "", str(child)), ("child", str(child), "")]


def test_child_that_changes_its_parent_is_told_by_both(desk):
    other = desk.a_ticket()
    child = desk.children[0]
    adopt(child, other, by=desk.asha)
    assert told(desk.parent) == [("child", str(child), "")]
    assert told(other) == [("child", "", str(child))]


def test_ticket_is_never_part_of_itself(desk):
    grandchild = desk.a_ticket(parent=desk.children[0])
    for below in (desk.parent, desk.children[0], grandchild):
        with pytest.raises(ValidationError):
            adopt(desk.parent, fresh(below), by=desk.asha)


def test_tickets_are_part_of_one_another_five_levels_deep_at_most(desk):
    chain = [desk.a_ticket() for _ in range(6)]
    for parent, child in list(zip(chain, chain[1:], strict=False))[:4]:
        adopt(child, fresh(parent), by=desk.asha)
    with pytest.raises(ValidationError) as refused:
        adopt(chain[5], fresh(chain[4]), by=desk.asha)
    assert refused.value.message_dict == {"other": ["Requests can be part of one another 5 levels deep"]}
    with pytest.raises(ValidationError):
        adopt(chain[0], chain[5], by=desk.asha)


def test_parent_that_has_ended_takes_no_open_child(desk):
    ended = desk.a_ticket(state="cancelled")
    with pytest.raises(MoveRefused, match="has ended, so an open request cannot be part of it"):
        adopt(desk.parent, ended, by=desk.asha)
    assert adopt(ended, desk.parent, by=desk.asha).parent == desk.parent


def test_who_does_not_work_on_both_ties_neither(desk):
    hidden = desk.a_ticket(sharing="own_council")
    for child, parent in ((hidden, desk.parent), (desk.parent, hidden)):
        with pytest.raises(PermissionDenied):
            adopt(child, parent, by=desk.asha)
    with pytest.raises(PermissionDenied):
        release(desk.children[0], by=desk.parent.requester)


def test_resolving_with_the_children_resolves_all_in_one_change_set(desk):
    grandchild = desk.a_ticket(parent=desk.children[0])
    assert offers(desk.parent, "resolve", desk.asha) == 3
    move_all(desk.parent, "resolve", by=desk.asha, children=True, now=MONDAY, **FIXED)

    every = [desk.parent, *desk.children, grandchild]
    assert states(*every) == ["resolved"] * 4
    assert {(fresh(each).resolution_code, fresh(each).resolution_note) for each in every} == {
        tuple(FIXED.values())
    }
    deeds = Change.objects.filter(kind="tickets.ticket", move="resolve").values_list("change_set", flat=True)
    assert (len(deeds), len(set(deeds))) == (4, 1)


def test_resolving_without_the_choice_is_refused(desk):
    first, second = desk.children
    with pytest.raises(MoveRefused) as refused:
        move_all(desk.parent, "resolve", by=desk.asha, **FIXED)
    assert str(refused.value) == (f"{desk.parent} has 2 open children ({first}, {second}). End them first.")


def test_children_that_cannot_be_resolved_are_listed_with_the_reason_and_nothing_is_written(desk):
    first, second = desk.children
    Ticket.objects.filter(pk=first.pk).update(type="security")
    Ticket.objects.filter(pk=second.pk).update(state="waiting_approval")
    third = desk.a_ticket(parent=desk.parent)
    add_task(third, by=desk.asha, title="Order it", team=a_team())
    before = Change.objects.count()

    with pytest.raises(MoveRefused) as refused:
        move_all(desk.parent, "resolve", by=desk.asha, children=True, **FIXED)

    said = str(refused.value)
    assert said.startswith(f"{desk.parent} and its children cannot all be resolved, so nothing was changed: ")
    for part in (
        f"{third} ({third} has 1 open task. End it first)",
        f"{second} ({second} is waiting for approval, so “Resolve” is not possible)",
        f"{first} (Enter how it was contained",
    ):
        assert part in said
    assert (states(desk.parent, *desk.children, third), Change.objects.count()) == (
        ["in_progress", "in_progress", "waiting_approval", "in_progress"],
        before,
    )


def test_requester_who_cancels_learns_of_no_children(desk):
    ticket = a_ticket(a_requester(), state="new")
    hidden = desk.a_ticket(parent=ticket)

    move_all(ticket, "cancel", by=ticket.requester, children=True, reason="No longer needed")

    assert states(ticket, hidden) == ["cancelled", "in_progress"]


def test_child_that_the_person_may_not_see_is_neither_counted_nor_named(desk):
    Ticket.objects.filter(pk=desk.children[1].pk).update(sharing="own_council")
    assert offers(desk.parent, "resolve", desk.asha) == 1
    with pytest.raises(MoveRefused) as refused:
        move_all(desk.parent, "resolve", by=desk.asha, children=True, **FIXED)
    assert str(refused.value) == (
        f"{desk.parent} and its children cannot all be resolved, so nothing was changed: "
        "an open record that you cannot see."
    )
    assert states(*desk.children) == ["in_progress", "in_progress"]


def test_cancelling_with_the_children_and_without(desk):
    manager = an_engineer(desk.council, name="Mia")
    manager.grants.update(role="queue_manager")
    other = desk.a_ticket(parent=desk.a_ticket())
    move_all(other.parent, "cancel", by=manager, reason="Gone")
    assert states(other.parent, other) == ["cancelled", "in_progress"]
    move_all(desk.parent, "cancel", by=manager, children=True, reason="Gone", duplicate_of=other)
    assert states(desk.parent, *desk.children) == ["cancelled"] * 3
    assert [fresh(each).duplicate_of for each in (desk.parent, *desk.children)] == [other, None, None]


def test_version_of_the_parent_is_asked_for_before_any_child_moves(desk):
    with pytest.raises(StaleTicket):
        move_all(desk.parent, "resolve", by=desk.asha, children=True, version=99, **FIXED)
    assert states(*desk.children) == ["in_progress", "in_progress"]


def test_reply_to_all_children_is_said_on_each_that_the_person_works_on(desk):
    Ticket.objects.filter(pk=desk.children[1].pk).update(sharing="own_council")
    said, refused = tell_children(desk.parent, by=desk.asha, body="We look at it", now=MONDAY)
    assert ([comment.ticket for comment in said], refused) == ([desk.children[0]], [])
    assert list(Comment.objects.values_list("ticket", "visibility", "body")) == [
        (desk.children[0].pk, "public", "We look at it")
    ]


def test_reply_to_no_children(desk):
    with pytest.raises(MoveRefused):
        tell_children(desk.children[0], by=desk.asha, body="Anybody?")
    with pytest.raises(PermissionDenied):
        tell_children(desk.parent, by=desk.parent.requester, body="Hello")


def test_link_is_told_from_both_ends_and_ended_rather_than_deleted(desk):
    cause, effect = desk.children
    link = add_link(effect, cause, "caused_by", by=desk.asha, now=MONDAY)
    ended = end_link(link, by=desk.dev, now=MONDAY)
    assert (Link.objects.count(), ended.ended_at, ended.made_by) == (1, MONDAY, desk.asha)
    assert told(effect) == [("link", "", f"Caused by {cause}"), ("link", f"Caused by {cause}", "")]
    assert told(cause) == [("link", "", f"Cause of {effect}"), ("link", f"Cause of {effect}", "")]


def test_link_said_twice_is_one_link(desk):
    first, second = desk.children
    again = [
        add_link(*pair, kind, by=desk.asha)
        for pair, kind in (
            ((first, second), "relates"),
            ((second, first), "relates"),
            ((first, second), "blocks"),
            ((first, second), "blocks"),
        )
    ]
    assert Link.objects.count() == 2
    assert again[0] == again[1] and again[2] == again[3]


def test_ticket_never_comes_before_itself(desk):
    first, second = desk.children
    add_link(first, second, "blocks", by=desk.asha)
    add_link(second, desk.parent, "blocks", by=desk.asha)
    with pytest.raises(ValidationError) as refused:
        add_link(desk.parent, first, "blocks", by=desk.asha)
    assert refused.value.message_dict == {
        "kind": [f"{first} is tied to {desk.parent} the other way round already"]
    }
    with pytest.raises(ValidationError):
        add_link(first, first, "relates", by=desk.asha)


def test_link_to_what_the_person_may_not_see_is_refused_like_one_to_nothing(desk):
    Ticket.objects.filter(pk=desk.children[1].pk).update(sharing="own_council")
    with pytest.raises(ValidationError) as refused:
        add_link(desk.children[0], desk.children[1], "relates", by=desk.asha)
    assert refused.value.message_dict == {
        "other": ["Enter the reference of another request that you can see"]
    }
    link = add_link(desk.children[0], desk.children[1], "relates", by=desk.dev)
    with pytest.raises(PermissionDenied):
        end_link(link, by=desk.asha)

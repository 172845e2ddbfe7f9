"""Merging: a pointer that shows nobody more than before, tells nobody, and comes apart again."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from servicedesk.history.models import Change
from servicedesk.notifications.models import Message
from servicedesk.service_levels.promises import Hours
from servicedesk.service_levels.stopwatch import rebuild
from servicedesk.tickets.joined import root_of, sources_of
from servicedesk.tickets.merging import merge, newcomers, obstacles, said_since, undo
from servicedesk.tickets.models import How, Merge, Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.sealing import raise_sensitivity
from servicedesk.tickets.settling import READ_FROM_EVENTS, events_of, hours_by_event
from servicedesk.tickets.states import MoveRefused, StaleTicket
from servicedesk.tickets.weaving import woven
from servicedesk.tickets.workflow import move
from tests.factories import a_case_group, a_council, a_person, a_requester, an_engineer

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
AN_HOUR = timedelta(hours=1)


class Desk:
    """Ben asked twice, and Asha and Dev work on it."""

    def __init__(self):
        self.occ, self.cdc = a_council("OCC"), a_council("CDC")
        self.ben = a_requester(self.cdc, name="Ben")
        self.asha = an_engineer(self.occ, name="Asha")
        self.dev = an_engineer(self.cdc, name="Dev")
        self.first, self.second = self.raised(self.ben), self.raised(self.ben)

    def raised(self, person, **fields) -> Ticket:
        given = {"type": "incident", "title": "No sound", **fields}
        return raise_ticket(by=person, requester=person, now=MONDAY, **given)


@pytest.fixture
def desk():
    return Desk()


def merged(desk, source: Ticket | None = None, target: Ticket | None = None, **given) -> Merge:
    given = {"by": desk.asha, "now": MONDAY + AN_HOUR, **given}
    return merge(source or desk.first, target or desk.second, **given)


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def refusal(desk, *tickets, **given) -> str:
    with pytest.raises(MoveRefused) as refused:
        merged(desk, *tickets, **given)
    return str(refused.value)


def test_source_ends_and_points_at_the_target(desk):
    before = fresh(desk.second)
    merged(desk)

    source, target = fresh(desk.first), fresh(desk.second)
    assert (source.state, source.merged_into, source.duplicate_of) == ("cancelled", target, target)
    assert {**vars(before), "_state": None} == {**vars(target), "_state": None}
    assert (root_of(source), sources_of(target)) == (target, [source])


def test_both_histories_tell_it(desk):
    merged(desk)
    told = [
        (change.object_id, change.move, sorted(change.fields))
        for change in Change.objects.filter(change_set__reason="Merged", kind="tickets.ticket").order_by("id")
    ]
    assert told == [
        (desk.first.pk, "merge", ["duplicate_of", "merged_into", "state"]),
        (desk.second.pk, "", ["merged"]),
    ]


def test_nobody_is_told(desk, settings):
    written = Message.objects.count()
    settings.TICKET_NEWS = ["tests.tickets.test_merging.never"]
    taken_back = merged(desk)
    undo(taken_back, by=desk.asha, now=MONDAY + 2 * AN_HOUR)
    assert Message.objects.count() == written


def never(event, *args, **kwargs):
    raise AssertionError(event)


def test_conversations_are_woven_by_time_and_each_keeps_its_readers(desk):
    for hour, (ticket, visibility) in enumerate(
        [(desk.first, "public"), (desk.second, "public"), (desk.first, "internal")]
    ):
        say(
            ticket,
            by=desk.asha,
            body=f"{hour}",
            visibility=visibility,
            now=MONDAY + hour * timedelta(minutes=1),
        )
    merged(desk)
    target = fresh(desk.second)
    assert [comment.body for comment in woven(desk.dev, target, How.PAGE)] == ["0", "1", "2"]
    assert [comment.body for comment in woven(desk.ben, target, How.PAGE)] == ["0", "1"]


def test_reader_of_the_target_who_may_not_see_the_source_reads_nothing_of_it(desk):
    say(desk.first, by=desk.ben, body="Secret", visibility="public", now=MONDAY)
    merged(desk)
    Ticket.objects.filter(pk=desk.first.pk).update(sharing="own_council")
    target = fresh(desk.second)
    assert list(woven(desk.asha, target, How.PAGE)) == []
    assert [comment.body for comment in woven(desk.dev, target, How.PAGE)] == ["Secret"]


def test_what_is_said_on_the_source_is_said_on_the_target(desk):
    merged(desk)
    said = say(fresh(desk.first), by=desk.ben, body="Still broken", visibility="public", now=MONDAY)
    note = say(fresh(desk.first), by=desk.dev, body="A note", visibility="internal", now=MONDAY)
    assert (said.ticket, note.ticket) == (desk.second, desk.second)
    assert fresh(desk.second).last_comment_by == desk.dev


def test_answer_given_on_the_source_sets_the_desk_to_work_again(desk):
    move(desk.second, "take", by=desk.asha, now=MONDAY)
    move(desk.second, "ask_customer", by=desk.asha, question="Which?", now=MONDAY)
    merged(desk)
    say(fresh(desk.first), by=desk.ben, body="This one", visibility="public", now=MONDAY + 2 * AN_HOUR)
    assert fresh(desk.second).state == "in_progress"


def test_reply_on_the_source_is_refused_once_the_target_is_seen_by_more(desk):
    a_case_group("hr", desk.cdc, a_person(desk.cdc, "requester", name="Cas"))
    cas = a_person(desk.cdc, "requester", name="Cas")
    group = a_case_group("legal", desk.cdc, cas)
    Ticket.objects.update(sharing="restricted", sensitivity="legal", case_group=group)
    merged(desk, by=cas)
    Ticket.objects.filter(pk=desk.second.pk).update(sharing="shared", sensitivity="normal")
    with pytest.raises(MoveRefused, match="goes on as another"):
        say(fresh(desk.first), by=desk.ben, body="Private", visibility="public")


def test_requester_of_the_source_hears_of_public_replies_on_the_target(desk):
    eve = a_requester(desk.cdc, name="Eve")
    target = desk.raised(eve)
    Ticket.objects.filter(pk=target.pk).update(affected_person=desk.ben)
    third = desk.raised(desk.ben)
    merged(desk, third, fresh(target))
    Message.objects.all().delete()
    say(fresh(target), by=desk.asha, body="We look at it", visibility="public", now=MONDAY + 2 * AN_HOUR)
    assert set(Message.objects.values_list("person__display_name", flat=True)) == {"Eve", "Ben"}


def test_merge_that_would_show_somebody_what_they_may_not_see_is_refused_by_name(desk):
    eve = a_requester(desk.cdc, name="Eve")
    others = desk.raised(eve)
    assert refusal(desk, desk.first, others) == (
        f"Ben would be answered on {others}, which Eve asked for and Ben may not see."
    )
    assert fresh(desk.first).state == "new"


def test_requester_who_sees_the_target_by_their_work_is_let_in_and_named(desk):
    own = desk.raised(desk.dev)
    assert obstacles(own, desk.first) == []
    assert newcomers(own, desk.first) == [desk.dev]
    assert merged(desk, own, desk.first)


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        (
            "restricted",
            "shared",
            "{0} is private and {1} is not, so more people would read what is said on it.",
        ),
        (
            "own_council",
            "shared",
            "{0} is kept to Cherwell District Council and {1} is not, so more people would read what is said on it.",
        ),
        ("shared", "restricted", ""),
        ("shared", "own_council", ""),
        ("restricted", "restricted", ""),
    ],
)
def test_merge_into_what_more_people_see_is_refused_and_only_the_reverse_is_possible(
    desk, source, target, said
):
    group = a_case_group("legal", desk.cdc, desk.dev)
    for ticket, sharing in ((desk.first, source), (desk.second, target)):
        sealed = {"sensitivity": "legal", "case_group": group} if sharing == "restricted" else {}
        Ticket.objects.filter(pk=ticket.pk).update(sharing=sharing, **sealed)
    first, second = fresh(desk.first), fresh(desk.second)
    if said:
        assert refusal(desk, first, second, by=desk.dev) == said.format(first, second)
    else:
        assert merged(desk, first, second, by=desk.dev)


def test_merge_across_case_groups_and_councils_is_refused(desk):
    hr, legal = a_case_group("hr", desk.cdc, desk.dev), a_case_group("legal", desk.cdc, desk.dev)
    Ticket.objects.update(sharing="restricted", case_group=hr)
    Ticket.objects.filter(pk=desk.second.pk).update(case_group=legal)
    first, second = fresh(desk.first), fresh(desk.second)
    assert refusal(desk, first, second, by=desk.dev) == f"{first} and {second} are of two case groups."

    dual = a_person(desk.occ, "engineer", name="Dual")
    own = desk.raised(dual)
    Ticket.objects.update(sharing="shared", case_group=None)
    Ticket.objects.filter(pk=own.pk).update(sharing="own_council")
    assert obstacles(desk.first, fresh(own)) == [
        f"{desk.first} and {own} are of two councils, and not shared alike.",
        f"Ben would be answered on {own}, which Dual asked for and Ben may not see.",
    ]


@pytest.mark.parametrize("hidden", ["first", "second"])
def test_who_does_not_work_on_both_merges_nothing(desk, hidden):
    Ticket.objects.filter(pk=getattr(desk, hidden).pk).update(sharing="own_council")
    with pytest.raises(PermissionDenied):
        merged(desk, fresh(desk.first), fresh(desk.second))
    with pytest.raises(PermissionDenied):
        merged(desk, by=desk.ben)


def test_nothing_is_merged_by_way_of_one_that_has_become_private(desk):
    a_case_group("hr", desk.cdc)
    merged(desk, desk.second, desk.first)
    raise_sensitivity(fresh(desk.second), by=desk.asha, sensitivity="hr", now=MONDAY + AN_HOUR)
    third = desk.raised(desk.ben)

    with pytest.raises(PermissionDenied):
        merged(desk, third, fresh(desk.second))

    assert fresh(third).merged_into is None


def test_chain_is_followed_and_never_closes(desk):
    third = desk.raised(desk.ben)
    merged(desk)
    merged(desk, fresh(desk.second), third)
    assert root_of(fresh(desk.first)) == third
    assert sources_of(third) == [desk.second, desk.first]
    for target in (desk.first, desk.second, third):
        assert refusal(desk, third, fresh(target)) == "A request cannot be merged into itself."
    fourth = desk.raised(desk.ben)
    assert merged(desk, fourth, fresh(desk.first)).target == third


def test_merging_twice_and_into_what_has_ended(desk):
    third = desk.raised(desk.ben)
    merged(desk)
    assert refusal(desk, fresh(desk.first), third) == f"{desk.first} was merged into {desk.second} already."
    Ticket.objects.filter(pk=third.pk).update(state="cancelled")
    assert refusal(desk, fresh(desk.second), fresh(third)) == f"{third} has ended."


def test_merging_what_was_changed_meanwhile(desk):
    with pytest.raises(StaleTicket):
        merged(desk, version=desk.first.version + 1)


@pytest.mark.parametrize("state", ["new", "in_progress", "waiting_customer"])
def test_undo_gives_everything_back_as_if_it_had_never_been(desk, state):
    if state != "new":
        move(desk.first, "take", by=desk.asha, now=MONDAY)
    if state == "waiting_customer":
        move(desk.first, "ask_customer", by=desk.asha, question="Which?", now=MONDAY)
    kept = [name for name in vars(fresh(desk.first)) if name not in ("_state", "version")]
    before = {name: getattr(fresh(desk.first), name) for name in kept}
    clocks_before = list(desk.first.clocks.order_by("pk").values())

    undo(merged(desk), by=desk.dev, now=MONDAY + 2 * AN_HOUR)

    after = fresh(desk.first)
    assert {name: getattr(after, name) for name in kept} == before
    assert list(desk.first.clocks.order_by("pk").values()) == clocks_before
    for clock in after.clocks.all():
        events = events_of([clock])[clock.pk]
        reading = rebuild(events, hours_by_event(events, Hours()), MONDAY + 2 * AN_HOUR)
        assert [getattr(clock, name) for name in READ_FROM_EVENTS] == [
            getattr(reading, name) for name in READ_FROM_EVENTS
        ]


def test_clock_that_was_cancelled_before_the_merge_stays_so(desk):
    clock = desk.first.clocks.get(metric="response")
    say(desk.first, by=desk.asha, body="We look", visibility="public", now=MONDAY + timedelta(minutes=5))
    taken_back = merged(desk)
    clock.refresh_from_db()
    assert clock.state == "cancelled"
    undo(taken_back, by=desk.asha, now=MONDAY + 2 * AN_HOUR)
    clock.refresh_from_db()
    assert clock.state == "met"


def test_time_while_merged_counts_so_that_a_promise_may_be_broken_meanwhile(desk):
    urgent = desk.raised(desk.ben, urgency=1)
    taken_back = merged(desk, urgent, now=MONDAY)
    undo(taken_back, by=desk.asha, now=MONDAY + timedelta(hours=23))
    assert urgent.clocks.get(metric="response").breached_at is not None
    assert fresh(urgent).breached_at is not None


def test_undo_after_24_hours_or_twice(desk):
    taken_back = merged(desk, now=MONDAY)
    with pytest.raises(MoveRefused, match="more than 24 hours ago"):
        undo(taken_back, by=desk.asha, now=MONDAY + timedelta(hours=24, seconds=1))
    undo(taken_back, by=desk.asha, now=MONDAY + timedelta(hours=24))
    with pytest.raises(MoveRefused, match="Asha has undone this merge already"):
        undo(taken_back, by=desk.dev, now=MONDAY + AN_HOUR)


def test_what_was_said_meanwhile_stays_on_the_target_and_is_listed(desk):
    say(desk.second, by=desk.ben, body="Before", visibility="public", now=MONDAY)
    taken_back = merged(desk)
    say(fresh(desk.first), by=desk.ben, body="Meanwhile", visibility="public", now=MONDAY + 2 * AN_HOUR)
    undo(taken_back, by=desk.asha, now=MONDAY + 3 * AN_HOUR)
    say(desk.second, by=desk.ben, body="Later", visibility="public", now=MONDAY + 4 * AN_HOUR)
    taken_back.refresh_from_db()
    assert [comment.body for comment in said_since(taken_back, desk.asha)] == ["Meanwhile"]
    assert said_since(taken_back, a_requester(desk.occ)) == []
    said_again = say(fresh(desk.first), by=desk.ben, body="Mine again", visibility="public")
    assert said_again.ticket == desk.first


def test_merged_again_after_undo(desk):
    undo(merged(desk), by=desk.asha, now=MONDAY + 2 * AN_HOUR)
    again = merged(desk, fresh(desk.first), now=MONDAY + 3 * AN_HOUR)
    undo(again, by=desk.asha, now=MONDAY + 4 * AN_HOUR)
    assert fresh(desk.first).state == "new"
    assert set(desk.first.clocks.values_list("state", flat=True)) == {"running"}

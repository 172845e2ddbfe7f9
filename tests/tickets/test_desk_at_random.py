"""A desk where anything happens in any order: moves, edits by two who read at different times, words, drafts, clocks.

Whatever the sequence, four things hold: clocks are what their events add up to; of two edits that clash one wins and
the other is told; nothing that was said or begun is lost; and history alone tells how the ticket came to be as it is.

RANDOM_SEQUENCES says how many sequences are played; a few unless said.
"""

import os
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import QueryDict
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from servicedesk.history.models import Change
from servicedesk.history.recording import snapshot
from servicedesk.tickets import drafts
from servicedesk.tickets.breaches import mark_breaches, mark_warnings
from servicedesk.tickets.editing import Clash, save
from servicedesk.tickets.models import Comment, Ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.states import MoveRefused
from tests.tickets.test_clocks_at_random import (
    a_promising_world,
    assert_all_rebuilt,
    change_the_priority,
    correct_the_hours,
    make_a_move,
)

pytestmark = pytest.mark.django_db
SEQUENCES = int(os.environ.get("RANDOM_SEQUENCES", "25"))
READERS = ("assignee", "engineer")
TEXTS = ("No sound", "No light", "Nothing works", "All is well")
EDITED = ("title", "description")


class Desk(RuleBasedStateMachine):
    """One ticket, two engineers who read and edit it, and everybody else around it."""

    world = None

    @initialize()
    def begin(self):
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.now = self.world.ticket.logged_at
        self.read = {who: self.ticket for who in READERS}
        self.said: list[str] = []
        self.begun: dict[str, str] = {}
        self.edits: list[tuple[int, str]] = []
        self.baseline = (Change.objects.order_by("-id").values_list("id", flat=True).first(), self.columns())

    def teardown(self):
        if not hasattr(self, "savepoint"):
            return
        try:
            mark_breaches(now=self.now)
            assert_all_rebuilt(self.world.ticket, self.now)
        finally:
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    @property
    def ticket(self) -> Ticket:
        return Ticket.objects.get(pk=self.world.ticket.pk)

    def columns(self) -> dict:
        ticket = self.ticket
        return {name: value for name, (value, _) in snapshot([ticket])[ticket.pk].items()}

    @rule(minutes=st.integers(0, 3 * 24 * 60))
    def time_goes_by(self, minutes):
        self.now += timedelta(minutes=minutes)

    @rule(choice=st.integers(0, 30))
    def somebody_moves_it(self, choice):
        with suppress(MoveRefused, ValidationError):
            make_a_move(self.world, choice, self.now)

    @rule(choice=st.integers(0, 8))
    def somebody_changes_the_priority(self, choice):
        with suppress(MoveRefused, PermissionDenied):
            change_the_priority(self.world, choice, self.now)

    @rule(choice=st.integers(0, 30))
    def an_administrator_corrects_the_hours(self, choice):
        with suppress(ValidationError):
            correct_the_hours(self.world, choice, self.now)

    @rule()
    def the_minute_is_watched(self):
        mark_warnings(now=self.now)
        mark_breaches(now=self.now)

    @rule(who=st.sampled_from(READERS))
    def somebody_reads_it(self, who):
        self.read[who] = self.ticket

    @rule(
        who=st.sampled_from(READERS),
        title=st.sampled_from((None, *TEXTS)),
        description=st.sampled_from((None, *TEXTS)),
    )
    def somebody_edits_what_they_read(self, who, title, description):
        read, before = self.read[who], self.ticket
        typed = {"title": title or read.title, "description": description or read.description}
        since = {name for version, name in self.edits if version > read.version}
        mine = {name for name in EDITED if typed[name] != getattr(read, name)}
        clashing = {name for name in mine & since if typed[name] != getattr(before, name)}
        try:
            save(before, by=self.world.people[who], version=read.version, now=self.now, **typed)
        except Clash as clash:
            assert {each.name for each in clash.differences} == clashing != set()
            assert {each.name: each.typed for each in clash.differences} == {
                name: typed[name] for name in clashing
            }
            assert vars_of(self.ticket) == vars_of(before)
        except (MoveRefused, PermissionDenied):
            assert vars_of(self.ticket) == vars_of(before)
        else:
            after = self.ticket
            assert clashing == set()
            for name in EDITED:
                assert getattr(after, name) == (typed[name] if name in mine else getattr(before, name))
            self.edits += [
                (after.version, name) for name in EDITED if getattr(after, name) != getattr(before, name)
            ]
            self.read[who] = after

    @rule(who=st.sampled_from(("requester", "assignee", "supplier contact")), number=st.integers(0, 3))
    def somebody_says_something(self, who, number):
        body, ticket = f"{who} {len(self.said)}", self.ticket
        visibility = ("public", "internal", "supplier", "public")[number]
        with suppress(MoveRefused, PermissionDenied, ValidationError):
            say(ticket, by=self.world.people[who], body=body, visibility=visibility, now=self.now)
            self.said.append(body)

    @rule(who=st.sampled_from(READERS), text=st.sampled_from(TEXTS))
    def somebody_begins_to_write(self, who, text):
        sent = QueryDict(mutable=True)
        sent.update({"body": text, "version": "1"})
        drafts.keep(self.world.people[who], f"say-{self.ticket}", sent, now=self.now)
        self.begun[who] = text

    @invariant()
    def nothing_that_was_written_is_lost(self):
        if not hasattr(self, "now"):
            return
        kept = list(Comment.objects.filter(ticket=self.world.ticket).values_list("body", flat=True))
        assert [kept.count(body) for body in self.said] == [1] * len(self.said)
        for who, text in self.begun.items():
            assert drafts.draft_of(self.world.people[who], f"say-{self.ticket}").values["body"] == text

    @invariant()
    def history_alone_tells_how_it_is(self):
        if not hasattr(self, "now"):
            return
        first, told = self.baseline
        told = dict(told)
        later = Change.objects.filter(kind="tickets.ticket", object_id=self.world.ticket.pk, id__gt=first)
        for change in later.order_by("id"):
            told |= {name: values[1] for name, values in change.fields.items() if name in told}
        assert told == self.columns()


def vars_of(ticket: Ticket) -> dict:
    return {name: value for name, value in vars(ticket).items() if not name.startswith("_")}


def test_whatever_happens_in_whatever_order_nothing_is_lost_and_all_is_told():
    Desk.world = a_promising_world()

    run_state_machine_as_test(
        Desk,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=12,
            deadline=None,
            derandomize=True,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )

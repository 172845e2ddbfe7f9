"""A desk where anything happens in any order, to several requests of two councils: moves with and without children,
edits by people who read at different times, words, tasks, merging, splitting, sealing, drafts, clocks and promises.

Whatever the sequence: clocks are what their events add up to; of two hands that clash one wins and the other is told;
what is refused has changed nothing; nothing that was said or begun is lost; history alone tells how each request came
to be as it is; and nobody outside ever sees a private one.

RANDOM_SEQUENCES says how many sequences are played; a few unless said.
"""

import os
from datetime import timedelta

import pytest
from django.db import connection
from django.http import QueryDict
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from servicedesk.people.models import Person
from servicedesk.tickets import drafts
from servicedesk.tickets.breaches import mark_breaches, mark_warnings
from servicedesk.tickets.cascading import CASCADES, move_all
from servicedesk.tickets.conversation import SaidMeanwhile
from servicedesk.tickets.editing import Clash, save
from servicedesk.tickets.joined import root_of
from servicedesk.tickets.linking import adopt, release
from servicedesk.tickets.merging import merge, undo
from servicedesk.tickets.models import Comment, Merge, OpeningRequest, Sharing, Ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.rights import may_read_notes, moves_open_to
from servicedesk.tickets.sealing import ask_to_open, decide_opening, openings_of, raise_sensitivity
from servicedesk.tickets.splitting import split
from servicedesk.tickets.states import MoveRefused
from servicedesk.tickets.unfinished import open_children
from servicedesk.tickets.workflow import move
from tests.tickets.desk_at_random import READERS, a_desk_of_two_councils, newest
from tests.tickets.test_clocks_at_random import change_the_priority, correct_the_hours
from tests.tickets.work_at_random import ANY, MOST_TICKETS, WHICH, WorkAtRandom

pytestmark = pytest.mark.django_db
SEQUENCES = int(os.environ.get("RANDOM_SEQUENCES", "25" if connection.vendor == "sqlite" else "5"))
WORKERS = (*READERS, "queue manager", "case worker", "requester")
SPEAKERS = ("assignee", "engineer", "requester", "supplier contact", "case worker")
MOVERS = ("assignee", "queue manager", "requester", "case worker", "engineer of her own")
TEXTS = ("No sound", "No light", "Nothing works", "All is well")
EDITED = ("title", "description")


class Desk(WorkAtRandom):
    """Engineers who read and edit several requests, case workers, and everybody else around them."""

    @rule(minutes=st.integers(0, 3 * 24 * 60))
    def time_goes_by(self, minutes):
        self.now += timedelta(minutes=minutes)

    @rule(which=WHICH, choice=ANY, second=ANY)
    def two_move_it_at_once(self, which, choice, second):
        """Both have it before them as it is now: the second is told, whatever they press."""
        ticket = self.nth(which)
        people = [self.world.people[who] for who in MOVERS]
        moves = [(name, by) for by in people for name in moves_open_to(by, ticket)]
        if not moves:
            return
        outcomes = []
        for name, by in (moves[choice % len(moves)], moves[second % len(moves)]):
            given = self.given(name)
            outcomes.append(
                self.attempt(
                    by,
                    lambda name=name, by=by, given=given: move(
                        ticket, name, by=by, version=ticket.version, now=self.now, **given
                    ),
                    ticket,
                )
            )
        assert not all(isinstance(outcome, Ticket) for outcome in outcomes)

    def given(self, name: str) -> dict:
        booked = {"booked_for": self.now + timedelta(days=1)} if name == "book" else {}
        return {**self.world.given(name), **booked}

    @rule(who=st.sampled_from(WORKERS), which=WHICH, name=st.sampled_from(sorted(CASCADES)))
    def somebody_ends_it_with_its_children(self, who, which, name):
        ticket, by = self.nth(which), self.world.people[who]
        reads = may_read_notes(by, ticket)
        outcome = self.attempt(
            by,
            lambda: move_all(ticket, name, by=by, children=True, now=self.now, **self.given(name)),
            ticket,
        )
        if isinstance(outcome, Ticket) and reads:
            assert not open_children([ticket.pk])

    @rule(which=WHICH, choice=st.integers(0, 8))
    def somebody_changes_the_priority(self, which, choice):
        ticket, by = self.nth(which), self.world.people["assignee"]
        if ticket.is_open:
            self.attempt(by, lambda: change_the_priority(self.world, choice, self.now, ticket), ticket)

    @rule(choice=ANY)
    def an_administrator_corrects_the_hours(self, choice):
        self.attempt(
            self.world.people["administrator"], lambda: correct_the_hours(self.world, choice, self.now)
        )

    @rule()
    def the_minute_is_watched(self):
        mark_warnings(now=self.now)
        mark_breaches(now=self.now)
        self.written = None

    @rule(who=st.sampled_from(SPEAKERS), which=WHICH)
    def somebody_reads_it(self, who, which):
        ticket = self.nth(which)
        self.read[who, ticket.pk], self.seen[who, ticket.pk] = ticket, newest(Comment)

    @rule(
        who=st.sampled_from(READERS),
        which=WHICH,
        title=st.sampled_from((None, *TEXTS)),
        description=st.sampled_from((None, *TEXTS)),
    )
    def somebody_edits_what_they_read(self, who, which, title, description):
        before, by = self.nth(which), self.world.people[who]
        read, edits = self.read.get((who, before.pk), before), self.edits[before.pk]
        typed = {"title": title or read.title, "description": description or read.description}
        since = {name for version, name in edits if version > read.version}
        mine = {name for name in EDITED if typed[name] != getattr(read, name)}
        clashing = {name for name in mine & since if typed[name] != getattr(before, name)}
        outcome = self.attempt(
            by, lambda: save(before, by=by, version=read.version, now=self.now, **typed), before
        )
        if isinstance(outcome, Clash):
            assert {each.name for each in outcome.differences} == clashing != set()
            assert {each.name: each.typed for each in outcome.differences} == {
                name: typed[name] for name in clashing
            }
        elif not isinstance(outcome, Exception):
            after = self.ticket(before.pk)
            assert clashing == set()
            for name in EDITED:
                assert getattr(after, name) == (typed[name] if name in mine else getattr(before, name))
            edits += [
                (after.version, name) for name in EDITED if getattr(after, name) != getattr(before, name)
            ]
            self.read[who, before.pk] = after

    @rule(who=st.sampled_from(SPEAKERS), which=WHICH, number=st.integers(0, 3), asked=st.booleans())
    def somebody_says_something(self, who, which, number, asked):
        body, ticket, by = f"{who} {len(self.said)}", self.nth(which), self.world.people[who]
        visibility = ("public", "internal", "supplier", "public")[number]
        seen = self.seen[who, ticket.pk] if asked else None
        missed = Comment.objects.filter(ticket=root_of(ticket), pk__gt=seen or 0).exclude(author=by)
        missed = dict(missed.values_list("pk", "visibility")) if asked else {}
        outcome = self.attempt(
            by,
            lambda: say(ticket, by=by, body=body, visibility=visibility, seen=seen, now=self.now),
            ticket,
        )
        if isinstance(outcome, SaidMeanwhile):
            assert {comment.pk for comment in outcome.comments} <= missed.keys() != set()
        elif isinstance(outcome, Comment):
            assert "public" not in missed.values()
            self.said.append(body)

    @rule(who=st.sampled_from(READERS), which=WHICH, text=st.sampled_from(TEXTS))
    def somebody_begins_to_write(self, who, which, text):
        sent, name = QueryDict(mutable=True), f"say-{self.nth(which)}"
        sent.update({"body": text, "version": "1"})
        drafts.keep(self.world.people[who], name, sent, now=self.now)
        self.begun[who, name], self.written = text, None

    @rule(who=st.sampled_from(WORKERS), which=WHICH, other=WHICH, as_read=st.booleans())
    def somebody_merges_it(self, who, which, other, as_read):
        source, target, by = *self.two(which, other), self.world.people[who]
        read = self.read.get((who, source.pk), source) if as_read else source
        outcome = self.attempt(
            by, lambda: merge(source, target, by=by, version=read.version, now=self.now), source, target
        )
        if isinstance(outcome, Merge):
            assert read.version == source.version
            again = self.attempt(by, lambda: merge(source, target, by=by, now=self.now))
            assert isinstance(again, MoveRefused)

    @rule(who=st.sampled_from(WORKERS), choice=ANY)
    def somebody_undoes_a_merge(self, who, choice):
        standing, by = Merge.objects.filter(undone_at=None).order_by("pk"), self.world.people[who]
        if not standing:
            return
        merged = standing[choice % len(standing)]
        outcome = self.attempt(
            by, lambda: undo(merged, by=by, now=self.now), root_of(merged.source), merged.source
        )
        if isinstance(outcome, Ticket):
            assert (outcome.state, outcome.merged_into) == (merged.before["state"], None)
            assert isinstance(self.attempt(by, lambda: undo(merged, by=by, now=self.now)), MoveRefused)

    @rule(who=st.sampled_from(WORKERS), which=WHICH, other=WHICH)
    def somebody_makes_it_part_of_another(self, who, which, other):
        child, parent, by = *self.two(which, other), self.world.people[who]
        self.attempt(by, lambda: adopt(child, parent, by=by, now=self.now), child, parent)

    @rule(who=st.sampled_from(WORKERS), which=WHICH)
    def somebody_takes_it_out_of_its_parent(self, who, which):
        child, by = self.nth(which), self.world.people[who]
        if child.parent_id:
            self.attempt(by, lambda: release(child, by=by, now=self.now), child)

    @rule(who=st.sampled_from(WORKERS), which=WHICH, choice=ANY)
    def somebody_splits_it(self, who, which, choice):
        ticket, by = self.nth(which), self.world.people[who]
        said = list(ticket.comments.order_by("pk").values_list("pk", flat=True))
        if said and len(self.keys) < MOST_TICKETS:
            new = self.attempt(
                by,
                lambda: split(
                    ticket, by=by, title="Another", comments=[said[choice % len(said)]], now=self.now
                ),
                ticket,
            )
            if isinstance(new, Ticket):
                self.keys.append(new.pk)

    @rule(who=st.sampled_from(WORKERS), which=WHICH, sensitivity=st.sampled_from(("hr", "hr", "legal")))
    def somebody_makes_it_private(self, who, which, sensitivity):
        ticket, by = self.nth(which), self.world.people[who]
        outcome = self.attempt(
            by, lambda: raise_sensitivity(ticket, by=by, sensitivity=sensitivity, now=self.now), ticket
        )
        if isinstance(outcome, Ticket):
            assert self.ticket(ticket.pk).sharing == Sharing.RESTRICTED

    @rule(choice=ANY, who=ANY, way=ANY)
    def somebody_asks_to_open_a_private_one(self, choice, who, way):
        private = Ticket.objects.filter(sharing=Sharing.RESTRICTED).order_by("pk")
        if not private:
            return
        ticket = private[choice % len(private)]
        by, ways, before = self.case_worker(ticket, who), openings_of(ticket), self.columns()
        sharing, sensitivity, _ = ways[way % len(ways)]
        self.attempt(
            by,
            lambda: ask_to_open(
                ticket, by=by, sharing=sharing, sensitivity=sensitivity, reason="Why not", now=self.now
            ),
            ticket,
        )
        assert self.columns() == before

    @rule(choice=ANY, who=ANY, agreed=st.booleans())
    def somebody_decides_it(self, choice, who, agreed):
        waiting = OpeningRequest.objects.filter(decided_at=None).order_by("pk")
        if not waiting:
            return
        asked = waiting[choice % len(waiting)]
        by = self.case_worker(asked.ticket, who)
        outcome = self.attempt(
            by, lambda: decide_opening(asked, by=by, agreed=agreed, now=self.now), asked.ticket
        )
        if isinstance(outcome, OpeningRequest):
            assert asked.asked_by_id != by.pk
            again = self.attempt(by, lambda: decide_opening(asked, by=by, agreed=agreed, now=self.now))
            assert isinstance(again, MoveRefused)

    def case_worker(self, ticket: Ticket, choice: int) -> Person:
        """One of those who handle the private ticket, or now and then an engineer, who does not."""
        members = [
            each.person for each in ticket.case_group.memberships.select_related("person").order_by("pk")
        ]
        return [*members, self.world.people["engineer"]][choice % (1 + len(members))]


def test_whatever_happens_in_whatever_order_nothing_is_lost_and_all_is_told():
    Desk.world = a_desk_of_two_councils()

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

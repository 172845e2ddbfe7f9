"""The part of a desk at random that is about the work itself: tasks, what raises a request, what is promised of it, and
who opens a private one all the same.

What waits and what goes on among tasks, and which priority a request has, must follow from what it says, whatever was
done before.
"""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from servicedesk.service_levels.keeping import save_level
from servicedesk.service_levels.models import ServiceLevel
from servicedesk.tickets.breaking_glass import TooManyTries, break_glass, end_glass
from servicedesk.tickets.models import BreakGlass, Sharing, Task, Ticket, Uplift
from servicedesk.tickets.priorities import priority_for
from servicedesk.tickets.prioritising import override_priority, set_uplift
from servicedesk.tickets.remeasuring import Touched, carry_out
from servicedesk.tickets.states import StaleTicket
from servicedesk.tickets.task_states import ENDED
from servicedesk.tickets.tasking import TASK_MOVES, add_task, change_task, move_task
from tests.tickets.desk_at_random import AnyDesk

WORKERS = ("assignee", "engineer", "queue manager", "case worker", "requester", "supplier contact")
MOST_TICKETS = 5
WHICH = st.integers(0, MOST_TICKETS - 1)
ANY = st.integers(0, 30)
MOST_TASKS = 4


class WorkAtRandom(AnyDesk):
    """What people do to the work on several requests."""

    def tasks(self) -> list[Task]:
        found = Task.objects.filter(ticket__in=self.keys).select_related("ticket", "team", "assignee")
        return list(found.order_by("pk"))

    @rule(who=st.sampled_from(WORKERS), which=WHICH, firm=st.booleans(), waits=st.booleans())
    def somebody_adds_a_task(self, who, which, firm, waits):
        ticket, by = self.nth(which), self.world.people[who]
        standing = list(ticket.tasks.order_by("pk"))
        if len(standing) < MOST_TASKS:
            self.attempt(
                by,
                lambda: add_task(
                    ticket,
                    by=by,
                    title=f"Part {len(standing) + 1}",
                    team=self.world.firm if firm else self.world.team,
                    after=standing[-2:] if waits else (),
                    now=self.now,
                ),
                ticket,
            )

    @rule(choice=ANY, who=st.sampled_from(WORKERS), other=st.sampled_from(WORKERS))
    def two_call_a_task_otherwise(self, choice, who, other):
        """Both have it before them as it is now, and both call it something else: the second is told."""
        tasks = self.tasks()
        if not tasks:
            return
        task, outcomes = tasks[choice % len(tasks)], []
        for name in (who, other):
            by = self.world.people[name]
            outcomes.append(
                self.attempt(
                    by,
                    lambda by=by, name=name: change_task(
                        task,
                        by=by,
                        version=task.version,
                        title=f"{name} {task.version} {len(outcomes)}",
                        now=self.now,
                    ),
                    task.ticket,
                )
            )
        assert sum(isinstance(outcome, Task) for outcome in outcomes) <= 1

    @rule(choice=ANY, who=st.sampled_from(WORKERS), first=st.integers(0, MOST_TASKS))
    def somebody_puts_a_task_after_another(self, choice, who, first):
        tasks, by = self.tasks(), self.world.people[who]
        if tasks:
            task = tasks[choice % len(tasks)]
            after = [each for each in tasks if each.ticket_id == task.ticket_id][:first]
            self.attempt(
                by,
                lambda: change_task(task, by=by, version=task.version, after=after, now=self.now),
                task.ticket,
            )

    @rule(
        choice=ANY,
        who=st.sampled_from(WORKERS),
        name=st.sampled_from(sorted(TASK_MOVES)),
        stale=st.booleans(),
    )
    def somebody_moves_a_task(self, choice, who, name, stale):
        tasks, by = self.tasks(), self.world.people[who]
        if not tasks:
            return
        task = tasks[choice % len(tasks)]
        version = task.version - stale
        outcome = self.attempt(
            by,
            lambda: move_task(task, name, by=by, version=version, outcome="So it was", now=self.now),
            task.ticket,
        )
        assert not (stale and isinstance(outcome, Task))
        if isinstance(outcome, Task):
            again = self.attempt(by, lambda: move_task(task, name, by=by, version=version, outcome="Again"))
            assert isinstance(again, StaleTicket)

    @rule(who=st.sampled_from(WORKERS), which=WHICH, uplift=st.sampled_from(Uplift))
    def somebody_says_what_raises_it(self, who, which, uplift):
        ticket, by = self.nth(which), self.world.people[who]
        self.attempt(
            by,
            lambda: set_uplift(ticket, by=by, uplift=uplift, version=ticket.version, now=self.now),
            ticket,
        )

    @rule(who=st.sampled_from(WORKERS), which=WHICH, priority=st.sampled_from(("P1", "P3", "P4", "")))
    def somebody_sets_the_priority(self, who, which, priority):
        ticket, by = self.nth(which), self.world.people[who]
        self.attempt(
            by,
            lambda: override_priority(ticket, by=by, priority=priority, reason="So it is", now=self.now),
            ticket,
        )

    @rule(choice=ANY, hours=st.integers(1, 40))
    def an_administrator_promises_something_else(self, choice, hours):
        levels = list(ServiceLevel.objects.filter(agreement=None).order_by("pk"))
        level, by = levels[choice % len(levels)], self.world.people["administrator"]

        def write() -> Touched:
            save_level(level, by=by, version=level.version, target_seconds=hours * 3600, now=self.now)
            return Touched(tickets=Q(type=level.ticket_type))

        self.attempt(by, lambda: carry_out(write, by=by, cause="a promise was changed", now=self.now))

    @rule(who=st.sampled_from(("cyber officer", "engineer")), choice=ANY)
    def somebody_breaks_the_glass(self, who, choice):
        """Sight goes by the clock on the wall, so this does too."""
        private = Ticket.objects.filter(sharing=Sharing.RESTRICTED).order_by("pk")
        if private:
            ticket, by = private[choice % len(private)], self.world.people[who]
            reference, lately = ticket.reference, timezone.now() - timedelta(minutes=1)
            try:
                self.attempt(by, lambda: break_glass(by=by, reference=reference, reason="I must", now=lately))
            except TooManyTries:
                assert BreakGlass.objects.filter(person=by).count() > 1
            self.nobody_outside_sees_a_private_one()

    @rule(choice=ANY)
    def somebody_ends_it(self, choice):
        broken = BreakGlass.objects.order_by("pk")
        if broken:
            glass = broken[choice % len(broken)]
            by = glass.person
            outcome = self.attempt(by, lambda: end_glass(glass, by=by))
            if isinstance(outcome, BreakGlass):
                self.nobody_outside_sees_a_private_one()

    @invariant()
    def what_waits_and_how_urgent_it_is_follows_from_what_it_says(self):
        for task in Task.objects.filter(ticket__in=self.keys).prefetch_related("after"):
            if task.state not in ENDED:
                waits = any(each.state not in ENDED for each in task.after.all())
                assert task.state == (Task.State.WAITING if waits else Task.State.OPEN)
        for ticket in Ticket.objects.filter(pk__in=self.keys):
            said = (ticket.impact, ticket.urgency, ticket.uplift, ticket.priority_override)
            assert ticket.priority == priority_for(*said)

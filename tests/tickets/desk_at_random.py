"""A desk on which anything can be tried, and what must hold whatever was done: for tests that play it at random."""

from collections import Counter, defaultdict
from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from servicedesk.history.models import Change
from servicedesk.history.recording import as_json, recorded_fields
from servicedesk.people.models import Membership, Person
from servicedesk.tickets.breaches import mark_breaches
from servicedesk.tickets.models import (
    BreakGlass,
    ClockEvent,
    Comment,
    Draft,
    Merge,
    OpeningRequest,
    Sharing,
    Task,
    Ticket,
)
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.states import MoveRefused
from tests.deeds import watching
from tests.factories import a_case_group, a_council, a_person, an_engineer
from tests.tickets.test_clocks_at_random import a_promising_world, assert_all_rebuilt
from tests.tickets.world import MONDAY

READERS = ("assignee", "engineer")
COMMENT = ("pk", "ticket", "author", "visibility", "supplier_team", "at", "body")
COLUMNS = {column.name: column.attname for column in recorded_fields(Ticket)}
GROWING = (Change, Comment, ClockEvent, Draft, Merge, OpeningRequest, BreakGlass, Task)
ROWS = f"SELECT {', '.join(f'(SELECT count(*) FROM {model._meta.db_table})' for model in GROWING)}"  # noqa: S608
REFUSED = (MoveRefused, PermissionDenied, ValidationError)


def a_desk_of_two_councils():
    """Two requests of Ben's at Cherwell and one of an engineer's own at Oxfordshire. Each council has a case group for
    HR, of two people, and Cherwell another of one for legal matters."""
    world = a_promising_world()
    occ, cdc = a_council("OCC"), a_council("CDC")
    people, ben = world.people, world.people["requester"]
    people["second case worker"] = a_person(cdc, "requester", name="Cal")
    people["engineer of her own"] = an_engineer(occ, name="Olu")
    Membership.objects.create(
        person=people["second case worker"],
        team=people["case worker"].memberships.get(team__sensitivity="hr").team,
        starts_at=MONDAY.replace(year=2020),
    )
    for sensitivity, council, names in (("hr", occ, ("Oda", "Ody")), ("legal", cdc, ("Lex",))):
        members = [a_person(council, "requester", name=name) for name in names]
        a_case_group(sensitivity, council, *members)
        people |= {member.display_name: member for member in members}
    world.tickets = [
        world.ticket,
        *(
            raise_ticket(
                by=whose,
                requester=whose,
                type="incident",
                title="No picture",
                service=world.ticket.service,
                now=MONDAY,
            )
            for whose in (ben, people["engineer of her own"])
        ),
    ]
    return world


class AnyDesk(RuleBasedStateMachine):
    """Several requests with everybody around them, and what holds of them after whatever was done."""

    world: Any = None

    @initialize()
    def begin(self):
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        self.watch = watching()
        self.deeds = self.watch.__enter__()
        self.now = self.world.ticket.logged_at
        self.keys = [ticket.pk for ticket in self.world.tickets]
        self.read = {(who, key): self.ticket(key) for who in READERS for key in self.keys}
        self.seen: defaultdict[tuple, int] = defaultdict(int)
        self.said: list[str] = []
        self.kept: dict[int, tuple] = {}
        self.begun: dict[tuple, str] = {}
        self.edits: defaultdict[int, list] = defaultdict(list)
        self.told, self.last = self.columns(), newest(Change)
        self.written: tuple | None = None

    def teardown(self):
        if not hasattr(self, "savepoint"):
            return
        try:
            mark_breaches(now=self.now)
            for ticket in Ticket.objects.filter(pk__in=self.keys):
                assert_all_rebuilt(ticket, self.now)
                assert ticket.is_open or not ticket.clocks.filter(stopped_at=None).exists()
            unrecorded = self.deeds.unrecorded()
            assert unrecorded == set(), unrecorded
        finally:
            self.watch.__exit__(None, None, None)
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)

    def ticket(self, key: int) -> Ticket:
        return Ticket.objects.get(pk=key)

    def nth(self, which: int) -> Ticket:
        return self.ticket(self.keys[which % len(self.keys)])

    def two(self, which: int, other: int) -> tuple[Ticket, Ticket]:
        """Two that differ."""
        first, rest = which % len(self.keys), 1 + other % (len(self.keys) - 1)
        return self.nth(first), self.nth(first + rest)

    def columns(self) -> dict[int, dict]:
        rows = Ticket.objects.filter(pk__in=self.keys).values("pk", *COLUMNS.values())
        return {row["pk"]: {name: as_kept(row[column]) for name, column in COLUMNS.items()} for row in rows}

    def attempt(self, by: Person, deed: Callable[[], Any], *tickets: Ticket) -> Any:
        """Let somebody do it, or be refused with nothing changed. Returns what came of it, or the refusal.

        What is done was done to what they see.
        """
        keys = {ticket.pk for ticket in tickets}
        seen = Ticket.objects.visible_to(by).filter(pk__in=keys).count() == len(keys)
        before = self.written or written()
        try:
            done = deed()
        except REFUSED as refusal:
            self.written = written()
            assert self.written == before
            return refusal
        self.written = None
        assert seen
        return done

    @invariant()
    def nothing_that_was_written_is_lost(self):
        kept = {key: rest for key, *rest in Comment.objects.values_list(*COMMENT)}
        assert {key: kept.get(key) for key in self.kept} == self.kept
        self.kept = kept
        bodies = Counter(body for *_, body in kept.values())
        assert [bodies[body] for body in self.said] == [1] * len(self.said)
        begun = {(draft.person_id, draft.form): draft.values["body"] for draft in Draft.objects.all()}
        assert begun == {(self.world.people[who].pk, name): text for (who, name), text in self.begun.items()}

    @invariant()
    def history_alone_tells_how_it_is_and_nobody_outside_sees_a_private_one(self):
        later = Change.objects.filter(pk__gt=self.last, kind="tickets.ticket").order_by("pk")
        for change in later:
            if change.action == Change.Action.CREATE:
                self.told[change.object_id] = dict.fromkeys(COLUMNS)
            told = self.told[change.object_id]
            told |= {name: as_kept(values[1]) for name, values in change.fields.items() if name in told}
            self.last = change.pk
        assert self.told == self.columns()
        if later:
            self.nobody_outside_sees_a_private_one()

    def nobody_outside_sees_a_private_one(self):
        """Who sees a ticket follows from what it says, so it is asked whenever that has changed."""
        sealed = Ticket.objects.filter(sharing=Sharing.RESTRICTED).select_related("case_group")
        inside = {
            ticket.pk: {
                ticket.requester_id,
                ticket.affected_person_id,
                *ticket.case_group.memberships.values_list("person", flat=True),
                *BreakGlass.objects.filter(ticket=ticket, ends_at__gt=timezone.now()).values_list(
                    "person", flat=True
                ),
            }
            for ticket in sealed
        }
        for person in filter(None, self.world.people.values() if inside else ()):
            vars(person).pop(
                "_broken", None
            )  # looked up once a request, and each question is one of its own here
            seen = Ticket.objects.visible_to(person).filter(pk__in=inside).values_list("pk", flat=True)
            theirs = {key for key, people in inside.items() if person.pk in people}
            assert set(seen) == theirs, (person, set(seen) ^ theirs)


def newest(model) -> int:
    """The number of its last row."""
    return model.objects.aggregate(newest=Max("pk"))["newest"] or 0


def written() -> tuple:
    """All that a deed could have written, as far as it can be seen quickly."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS)
        return cursor.fetchone(), list(Ticket.objects.order_by("pk").values_list())


def as_kept(value: Any) -> Any:
    """As history tells it, to which nothing and an empty text are one."""
    return None if value in ("", {}) else as_json(value)

"""The history of a ticket by the API: what its page tells, to whom it tells it, and by pages."""

import pytest

from servicedesk.history.models import Change
from servicedesk.tickets.happenings import happenings_to
from servicedesk.tickets.linking import adopt
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.sealing import raise_sensitivity
from servicedesk.tickets.workflow import change, move
from tests.api.calling import as_person, one_page
from tests.factories import a_person, a_ticket
from tests.tickets.world import MONDAY, a_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return a_world()


def history(person, ticket: Ticket) -> dict:
    answer = as_person(person).get(f"tickets/{ticket.reference}/history/")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_what_was_done_is_told_newest_first_in_the_words_of_the_page(world):
    asha = world.people["engineer"]
    change(world.ticket, by=asha, version=1, now=MONDAY, title="No sound at all")
    ticket = move(world.stand("new", assignee=None), "take", by=asha, now=MONDAY)

    told = history(asha, ticket)

    ids = list(Change.objects.filter(kind="tickets.ticket").order_by("-id").values_list("pk", flat=True))
    at = "2026-11-23T09:12:00Z"
    common = {"at": at, "reason": ""}
    taken = [
        {"field": "state", "label": "State", "old": "New", "new": "In progress"},
        {"field": "assignee", "label": "Assignee", "old": "Nothing", "new": "Asha"},
    ]
    renamed = [{"field": "title", "label": "Title", "old": "No sound", "new": "No sound at all"}]
    assert told == one_page(
        {"id": ids[0], "by": "Asha", "done": "Take", "changes": taken, **common},
        {"id": ids[1], "by": "Asha", "done": "Changed", "changes": renamed, **common},
        {"id": ids[2], "by": "Ben", "done": "Created", "changes": [], **common},
    )


@pytest.mark.parametrize(
    ("who", "state"),
    [
        ("requester", "new"),
        ("affected person", "new"),
        ("approver", "waiting_approval"),
        ("supplier contact", "waiting_supplier"),
    ],
)
def test_who_does_not_read_the_notes_is_told_none_of_it(world, who, state):
    assert history(world.people[who], world.stand(state)) == one_page()


def test_who_may_not_see_the_ticket_finds_nothing(world):
    answer = as_person(world.people["stranger"]).get(f"tickets/{world.ticket.reference}/history/")

    assert answer.status_code == 404


def test_what_points_at_a_hidden_ticket_is_left_out_and_leaves_no_gap(world):
    asha, ben = world.people["engineer"], world.people["requester"]
    parent = a_ticket(ben, title="Payslip")
    adopt(world.ticket, parent, by=asha)
    assert parent.reference in str(history(asha, world.ticket))

    raise_sensitivity(parent, by=a_person(ben.council, "queue_manager"), sensitivity="hr")
    told = history(asha, world.ticket)["results"]

    assert parent.reference not in str(told)
    assert [one["id"] for one in told] == [one.id for one in happenings_to(asha, world.ticket)]
    assert {one["done"] for one in told} == {"Created"}


def test_long_history_comes_by_pages(world):
    asha, deed = world.people["engineer"], Change.objects.latest("pk").change_set
    Change.objects.bulk_create(
        Change(
            change_set=deed,
            kind="tickets.ticket",
            object_id=world.ticket.pk,
            label=world.ticket.reference,
            action="update",
            fields={"category": ["", str(number), "", str(number)]},
        )
        for number in range(60)
    )
    caller = as_person(asha)

    first = history(asha, world.ticket)
    second = caller.get(first["next"]).json()
    oldest = caller.get(f"tickets/{world.ticket.reference}/history/?ordering=id").json()["results"][0]

    numbers = [one["changes"][0]["new"] for one in [*first["results"], *second["results"][:-1]]]
    assert numbers == [str(number) for number in reversed(range(60))]
    assert (len(first["results"]), second["next"]) == (50, None)
    assert second["results"][-1] == oldest
    assert oldest["done"] == "Created"

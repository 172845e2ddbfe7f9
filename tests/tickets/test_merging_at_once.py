"""Two people who join the same tickets at once, on real connections: one wins, and nothing goes round."""

from functools import partial

import pytest

from servicedesk.people.models import Person
from servicedesk.tickets.joined import root_of
from servicedesk.tickets.linking import adopt
from servicedesk.tickets.merging import merge
from servicedesk.tickets.models import Merge, Ticket
from servicedesk.tickets.raising import raise_ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.states import MoveRefused
from servicedesk.tickets.tasking import add_task
from servicedesk.tickets.workflow import move
from tests import at_once as several
from tests.factories import a_requester, a_team, an_engineer

pytestmark = pytest.mark.django_db(transaction=True)
at_once = partial(several.at_once, refusals=MoveRefused)


def desk():
    ben, asha, dev = a_requester(), an_engineer(name="Asha"), an_engineer(name="Dev")
    tickets = [raise_ticket(by=ben, requester=ben, type="incident", title="No sound") for _ in range(3)]
    return ben, asha, dev, tickets


def fresh(row):
    return type(row).objects.get(pk=row.pk)


@pytest.mark.parametrize("turn", range(3))
def test_each_into_the_other(turn):
    _, asha, dev, (first, second, _) = desk()

    outcomes = at_once(
        lambda: merge(fresh(first), fresh(second), by=fresh(asha)),
        lambda: merge(fresh(second), fresh(first), by=fresh(dev)),
    )

    assert sorted(isinstance(each, Merge) for each in outcomes) == [False, True]
    (kept,) = Merge.objects.select_related("source", "target")
    assert root_of(kept.source) == kept.target
    assert (kept.source.state, kept.target.state, kept.target.merged_into) == ("cancelled", "new", None)


def test_three_in_a_ring():
    _, asha, _, (first, second, third) = desk()

    at_once(
        *(
            lambda pair=pair: merge(fresh(pair[0]), fresh(pair[1]), by=fresh(asha))
            for pair in ((first, second), (second, third), (third, first))
        )
    )

    roots = {root_of(ticket) for ticket in Ticket.objects.all()}
    assert [root.merged_into for root in roots] == [None] * len(roots)
    assert 1 <= Merge.objects.count() <= 2


def test_one_into_two_targets():
    _, asha, dev, (source, first, second) = desk()

    outcomes = at_once(
        lambda: merge(fresh(source), fresh(first), by=fresh(asha)),
        lambda: merge(fresh(source), fresh(second), by=fresh(dev)),
    )

    assert sorted(isinstance(each, Merge) for each in outcomes) == [False, True]
    assert Merge.objects.get().target == fresh(source).merged_into


def test_reply_while_it_is_merged_is_lost_nowhere():
    ben, asha, _, (source, target, _) = desk()

    at_once(
        lambda: merge(fresh(source), fresh(target), by=fresh(asha)),
        lambda: say(fresh(source), by=fresh(ben), body="Still broken", visibility="public"),
    )

    said = [comment.body for ticket in (source, target) for comment in ticket.comments.all()]
    assert said == ["Still broken"]


def test_each_the_parent_of_the_other():
    _, asha, dev, (first, second, _) = desk()

    def tie(child, parent, by: Person):
        def deed():
            try:
                return adopt(fresh(child), fresh(parent), by=fresh(by))
            except Exception as refused:  # noqa: BLE001 - which refusal it is does not matter here
                return refused

        return deed

    at_once(tie(first, second, asha), tie(second, first, dev))

    assert sorted(ticket.parent is None for ticket in (fresh(first), fresh(second))) == [False, True]


def test_task_added_while_the_ticket_is_resolved_is_refused_or_keeps_it_open():
    _, asha, dev, (ticket, *_) = desk()
    team = a_team(members=(asha,))
    move(ticket, "take", by=asha)

    at_once(
        lambda: move(
            fresh(ticket), "resolve", by=fresh(asha), resolution_code="fixed", resolution_note="Done"
        ),
        lambda: add_task(fresh(ticket), by=fresh(dev), title="Order", team=team),
    )

    open_tasks = ticket.tasks.filter(ended_at=None).count()
    assert (fresh(ticket).state, open_tasks) in (("resolved", 0), ("in_progress", 1))

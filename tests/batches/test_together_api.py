"""Moves of many items by the API: as far as it can be done, each refusal with its reason, and taken back."""

import pytest
from django.utils import timezone

from assets.register.holding import set_hold
from tests.api.calling import NOTHING, as_program, invalid
from tests.batches.test_moves import drafted, world
from tests.batches.waves import NOW, TODAY, items_of

pytestmark = pytest.mark.django_db
__all__ = ["world"]


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def ask(person, path: str, body=None) -> tuple[int, dict]:
    answer = as_program(person).ask("POST", f"refresh/batches/{path}", body)
    return answer.status_code, answer.json()


def read(batch) -> list[dict]:
    return [{"id": item.pk, "version": item.version} for item in items_of(batch)]


def test_many_are_moved_as_far_as_it_can_be_done_and_taken_back(world):
    batch = drafted(world, 4)
    set_hold(world.old[1], by=world.ada, reason="An inquiry")
    first, held, third, theirs = items_of(batch)
    stale = {"id": third.pk, "version": 9}
    sent = {"items": [*read(batch)[:2], stale, read(batch)[3], {"id": 10**9, "version": 1}]}
    refused = [
        {
            "id": held.pk,
            "reason": "O-02 is on legal hold, so it cannot be replaced until the hold is lifted.",
        },
        {"id": third.pk, "reason": "O-03 was changed while you were looking at it."},
        {"id": theirs.pk, "reason": "You may not do this with the assets of Cherwell District Council."},
    ]
    at = f"{batch}/items/moves/confirm/"

    looked = ask(world.ada, at, {**sent, "check": True})
    done = ask(world.ada, at, sent)

    told = {"moved": [first.pk], "refused": refused, "missing": [10**9]}
    assert looked == (200, {"change": None, **told})
    assert done == (200, {"change": done[1]["change"], **told})
    assert [item.state for item in items_of(batch)] == ["confirmed", *["candidate"] * 3]
    undo = f"{batch}/changes/{done[1]['change']}/undo/"
    assert ask(world.dee, undo) == (404, NOTHING)
    assert ask(world.ada, undo) == (200, {"restored": 1, "stays": []})
    assert [item.state for item in items_of(batch)] == ["candidate"] * 4


def test_what_the_move_does_not_take_is_refused_for_all(world):
    batch = drafted(world, 2)
    sent = {"items": read(batch), "condition": "B"}

    for check in (True, False):
        odd = ask(world.ada, f"{batch}/items/moves/confirm/", {**sent, "check": check})
        assert odd == (400, invalid(condition=["This move does not take that."]))
    assert ask(world.ada, f"{batch}/items/moves/confirm/", {"items": []})[0] == 400
    assert ask(world.ada, f"{batch}/items/moves/swap/", sent) == (404, NOTHING)
    assert ask(world.jo, f"{batch}/items/moves/confirm/", {"items": read(batch)})[0] == 404
    assert ask(world.eng, f"{batch}/items/moves/confirm/", {"items": read(batch)})[0] == 403


@pytest.mark.parametrize(
    "rule", [{}, {"tags": []}, {"filters": {}}, {"tags": ["O-01"], "filters": {"council": "OCC"}}]
)
def test_a_batch_says_by_which_rule_its_assets_are_chosen(world, rule):
    status, told = ask(world.ada, "", {"title": "All", "as_at": TODAY.isoformat(), **rule})

    assert (status, list(told["errors"])) == (400, ["filters"])

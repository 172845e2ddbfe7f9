from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from servicedesk.history.models import Change
from servicedesk.tickets.models import Satisfaction
from servicedesk.tickets.satisfying import answer_of, is_asked, say_how_content
from servicedesk.tickets.states import MoveRefused
from tests.tickets.world import MONDAY, a_world

pytestmark = pytest.mark.django_db
LATER = MONDAY + timedelta(hours=2)


@pytest.fixture
def world():
    world = a_world()
    world.stand("resolved")
    return world


def test_requester_answers_once_and_it_is_recorded(world):
    answer = say_how_content(
        world.ticket, by=world.people["requester"], score=4, comment=" Quick ", now=LATER
    )

    assert (answer.score, answer.comment, answer.at, answer.version) == (4, "Quick", LATER, 1)
    change = Change.objects.get(kind="tickets.satisfaction")
    assert (change.action, change.fields["score"][1]) == ("create", 4)


def test_answer_is_mended_within_twelve_hours_and_keeps_when_it_was_given(world):
    ben = world.people["requester"]
    say_how_content(world.ticket, by=ben, score=4, now=LATER)

    mended = say_how_content(world.ticket, by=ben, score=2, version=1, now=LATER + timedelta(hours=12))

    assert (mended.score, mended.at, mended.version) == (2, LATER, 2)


def test_answer_is_not_mended_after_twelve_hours(world):
    ben = world.people["requester"]
    say_how_content(world.ticket, by=ben, score=4, now=LATER)

    with pytest.raises(MoveRefused, match="too late"):
        say_how_content(world.ticket, by=ben, score=2, version=1, now=LATER + timedelta(hours=12, seconds=1))

    assert answer_of(world.ticket).score == 4


def test_answer_of_another_window_is_not_written_over(world):
    ben = world.people["requester"]
    say_how_content(world.ticket, by=ben, score=4, now=LATER)

    with pytest.raises(MoveRefused, match="another window"):
        say_how_content(world.ticket, by=ben, score=1, version=0, now=LATER)


def test_whom_it_was_for_answers_too_but_not_after_the_requester(world):
    eve = world.people["affected person"]
    assert is_asked(world.ticket, None, eve)
    say_how_content(world.ticket, by=world.people["requester"], score=4, now=LATER)

    with pytest.raises(MoveRefused, match="Ben has answered"):
        say_how_content(world.ticket, by=eve, score=1, version=1, now=LATER)


@pytest.mark.parametrize("who", ["engineer", "queue manager", "stranger"])
def test_nobody_else_answers(world, who):
    with pytest.raises(PermissionDenied):
        say_how_content(world.ticket, by=world.people[who], score=5, now=LATER)

    assert not Satisfaction.objects.exists()


@pytest.mark.parametrize("state", ["new", "in_progress", "cancelled"])
def test_nothing_is_asked_of_what_is_not_resolved(world, state):
    world.stand(state)

    assert not is_asked(world.ticket, None, world.people["requester"])
    with pytest.raises(MoveRefused, match="not resolved"):
        say_how_content(world.ticket, by=world.people["requester"], score=5, now=LATER)


@pytest.mark.parametrize("score", [0, 6])
def test_a_score_is_one_to_five(world, score):
    with pytest.raises(ValidationError):
        say_how_content(world.ticket, by=world.people["requester"], score=score, now=LATER)

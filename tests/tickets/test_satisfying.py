from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from servicedesk.history.models import Change
from servicedesk.notifications.models import Message
from servicedesk.tickets.models import Satisfaction, Task
from servicedesk.tickets.satisfying import answer_of, is_asked, say_how_content
from servicedesk.tickets.states import MoveRefused
from servicedesk.tickets.tasking import change_task, move_task
from tests.factories import a_case_group
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


@pytest.mark.parametrize(("score", "called_back"), [(1, True), (2, True), (3, False), (5, False)])
def test_who_is_not_content_is_called_back_by_the_team_within_one_working_day(world, score, called_back):
    say_how_content(world.ticket, by=world.people["requester"], score=score, comment="No", now=LATER)

    tasks = [
        (task.title, task.detail, task.team, task.state, task.created_at, task.due_at)
        for task in Task.objects.all()
    ]
    tuesday = datetime(2026, 11, 24, 11, 12, tzinfo=UTC)  # nine and a half working hours later
    title = f"Call Ben back: score {score} of 5"
    assert tasks == ([(title, "No", world.team, "open", LATER, tuesday)] if called_back else [])
    recorded = Change.objects.filter(kind="tickets.task").values_list("action", "change_set__by_label")
    assert list(recorded) == ([("create", "Ben")] if called_back else [])
    told = Change.objects.filter(kind="tickets.ticket", fields__has_key="task")
    assert [change.fields["task"][3] for change in told] == (
        [f"{title} (Service desk): To do"] if called_back else []
    )
    mailed = {message.person.display_name for message in Message.objects.filter(event="task_given")}
    assert mailed == ({"Asha", "Dev"} if called_back else set())


def test_call_back_is_owed_once_and_done_although_the_request_has_closed(world):
    ben, asha = world.people["requester"], world.people["engineer"]
    say_how_content(world.ticket, by=ben, score=4, now=LATER)
    say_how_content(world.ticket, by=ben, score=1, version=1, now=LATER)
    say_how_content(world.ticket, by=ben, score=2, version=2, now=LATER)
    world.stand("closed")
    call = Task.objects.get()

    call = change_task(call, by=asha, version=1, assignee=asha, now=LATER)
    call = move_task(call, "done", by=asha, outcome="Showed Ben how", now=LATER)

    assert (call.assignee, call.state, call.outcome) == (asha, "done", "Showed Ben how")
    with pytest.raises(PermissionDenied):
        move_task(call, "reopen", by=ben, now=LATER)


def test_call_back_about_a_private_matter_is_its_case_groups(world):
    group = a_case_group("hr", world.ticket.council)
    world.stand("closed", sharing="restricted", case_group=group, team=None)

    say_how_content(world.ticket, by=world.people["requester"], score=1, now=LATER)

    assert Task.objects.get().team == group

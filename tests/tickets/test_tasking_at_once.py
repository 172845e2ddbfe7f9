"""Two people change one task at once: what they changed apart is kept of both, what both changed is shown."""

import pytest
from django.test import Client

from servicedesk.tickets.editing import Clash
from servicedesk.tickets.models import Task
from servicedesk.tickets.states import MoveRefused, StaleTicket
from servicedesk.tickets.tasking import add_task, change_task, move_task, moves_of
from tests.api.calling import as_person
from tests.tickets.world import MONDAY, a_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return a_world()


def add(world, title: str, **fields) -> Task:
    given = {"team": world.team, **fields}
    return add_task(world.ticket, by=world.people["engineer"], title=title, now=MONDAY, **given)


def typed(task: Task, **fields) -> dict:
    """All that the page sends: what was read, but for what was edited."""
    as_read = {"title": task.title, "detail": task.detail, "team": task.team, "assignee": task.assignee}
    return {**as_read, "after": list(task.after.all()), **fields}


def test_what_was_changed_apart_is_kept_of_both(world):
    asha, dev = world.people["engineer"], world.people["assignee"]
    order, task = add(world, "Order"), add(world, "Deliver")
    as_read = typed(task)
    change_task(task, by=dev, version=1, detail="By van", after=[order])
    read_at = Task.objects.get(pk=task.pk).version

    saved = change_task(task, by=asha, version=1, **as_read | {"title": "Bring it", "assignee": asha})

    assert (saved.title, saved.detail, saved.assignee) == ("Bring it", "By van", asha)
    assert (list(saved.after.all()), saved.state, saved.version) == ([order], "waiting", read_at + 1)


def test_taking_it_meanwhile_stands_in_nobodys_way(world):
    dev = world.people["assignee"]
    task = add(world, "Order")
    as_read = typed(task)
    move_task(task, "take", by=dev)

    saved = change_task(task, by=world.people["engineer"], version=1, **as_read | {"title": "Order two"})

    assert (saved.title, saved.assignee) == ("Order two", dev)


def test_task_taken_at_a_firm_meanwhile_is_nobodys_once_another_team_has_it(world):
    world.stand("waiting_supplier")
    asha, sue = world.people["engineer"], world.people["supplier contact"]
    task = add(world, "Repair", team=world.firm)
    as_read = typed(task)
    move_task(task, "take", by=sue)

    saved = change_task(task, by=asha, version=1, **as_read | {"team": world.team})

    assert (saved.team, saved.assignee) == (world.team, None)
    assert "take" in moves_of(asha, saved)


def test_program_that_gives_a_firms_task_to_another_team_takes_it_from_its_person(world):
    world.stand("waiting_supplier")
    task = add(world, "Repair", team=world.firm, assignee=world.people["supplier contact"])
    caller, path = as_person(world.people["engineer"]), f"tasks/{task.pk}/"

    kept = caller.ask("PATCH", path, {"version": 1, "title": "Mend"}).json()
    moved = caller.ask("PATCH", path, {"version": 2, "team": world.team.pk}).json()

    assert (kept["title"], kept["assignee"]["name"]) == ("Mend", "Sue")
    assert (moved["team"]["name"], moved["assignee"]) == ("Service desk", None)


def test_person_of_the_desk_keeps_a_task_that_goes_to_another_team(world):
    dev = world.people["assignee"]
    task = add(world, "Order", assignee=dev)

    saved = change_task(task, by=world.people["engineer"], version=1, team=world.firm)

    assert (saved.team, saved.assignee) == (world.firm, dev)


def test_task_stays_with_whoever_has_it_where_its_team_is_the_same(world):
    sue = world.people["supplier contact"]
    task = add(world, "Repair", team=world.firm, assignee=sue)
    sue.memberships.all().delete()

    saved = change_task(
        task, by=world.people["engineer"], version=1, now=MONDAY, title="Mend", team=world.firm
    )

    assert (saved.title, saved.assignee) == ("Mend", sue)


def test_page_does_not_say_that_a_person_is_kept_whom_the_task_has_left(world):
    world.stand("waiting_supplier")
    task = add(world, "Repair", team=world.firm)
    taken = move_task(task, "take", by=world.people["supplier contact"])
    change_task(taken, by=world.people["assignee"], version=2, detail="By van")

    page = send(world, "engineer", task, 200, version=1, title="Repair", team=world.team.pk)

    assert "Saved: Repair. Dev changed the detail meanwhile. Both are kept." in page
    assert "Sue changed" not in page


def test_the_same_field_is_shown_with_both_values_and_nothing_is_written(world):
    asha, dev = world.people["engineer"], world.people["assignee"]
    order, task = add(world, "Order"), add(world, "Deliver")
    as_read = typed(task)
    change_task(task, by=dev, version=1, now=MONDAY, title="Newer", after=[order])

    with pytest.raises(Clash, match="“Newer” was changed by Dev while you were looking at it.") as clash:
        change_task(task, by=asha, version=1, **as_read | {"title": "Older", "detail": "By van"})

    assert [(each.name, each.typed, each.present, each.by, each.at) for each in clash.value.differences] == [
        ("title", "Older", "Newer", "Dev", MONDAY)
    ]
    assert clash.value.mine == {"title", "detail"}
    stands = Task.objects.get(pk=task.pk)
    assert (stands.title, stands.detail, list(stands.after.all())) == ("Newer", "", [order])


def test_which_tasks_it_comes_after_is_one_field(world):
    first, second, task = add(world, "First"), add(world, "Second"), add(world, "Third")
    change_task(task, by=world.people["assignee"], version=1, after=[first])

    with pytest.raises(Clash) as clash:
        change_task(task, by=world.people["engineer"], version=1, after=[second])

    assert [each.name for each in clash.value.differences] == ["after"]


def test_task_that_ended_meanwhile_is_not_changed(world):
    task = add(world, "Order")
    move_task(task, "done", by=world.people["assignee"], outcome="Ordered")

    with pytest.raises(MoveRefused, match="This task has ended"):
        change_task(task, by=world.people["engineer"], version=1, title="Order two")


@pytest.mark.parametrize("version", [-1, 0, 9])
def test_version_that_never_was_is_refused(world, version):
    with pytest.raises(StaleTicket):
        change_task(add(world, "Order"), by=world.people["engineer"], version=version, title="Order two")


def test_what_history_does_not_tell_of_a_task_is_not_guessed(world):
    task = add(world, "Order")
    change_task(task, by=world.people["assignee"], version=1, title="Order two")
    Task.objects.filter(pk=task.pk).update(detail="By van", version=3)

    with pytest.raises(StaleTicket, match="“Order two” was changed while you were looking at it."):
        change_task(task, by=world.people["engineer"], version=1, detail="By bicycle")


def send(world, who: str, task: Task, status: int, **sent) -> str:
    client = Client()
    client.force_login(world.people[who])
    answer = client.post(f"/tickets/{world.ticket}/tasks/{task.pk}/change/", sent, follow=True)
    assert answer.status_code == status
    return " ".join(answer.content.decode().split())


def test_page_says_what_was_changed_meanwhile(world):
    order, task = add(world, "Order"), add(world, "Deliver")
    change_task(task, by=world.people["assignee"], version=1, detail="By van", after=[order])

    page = send(world, "engineer", task, 200, version=1, title="Bring it", team=world.team.pk)

    said = "Dev changed the detail, tasks that it comes after and state meanwhile. Both are kept."
    assert f"Saved: Bring it. {said}" in page
    saved = Task.objects.get(pk=task.pk)
    assert (saved.title, saved.detail, list(saved.after.all())) == ("Bring it", "By van", [order])


def test_page_shows_both_values_and_saves_the_second_time(world):
    task = add(world, "Order")
    change_task(task, by=world.people["assignee"], version=1, title="Newer", detail="By van")
    sent = {"title": "Older", "team": world.team.pk}

    page = send(world, "engineer", task, 409, version=1, **sent)

    assert "Dev changed this to “Newer” on" in page
    assert 'name="version" value="2"' in page
    assert 'value="Older"' in page
    assert ">By van</textarea>" in page
    send(world, "engineer", task, 200, version=2, detail="By van", **sent)
    saved = Task.objects.get()
    assert (saved.title, saved.detail) == ("Older", "By van")


def test_program_is_told_both_values_and_how_the_task_stands(world):
    task = add(world, "Order")
    change_task(task, by=world.people["assignee"], version=1, title="Newer")
    caller, path = as_person(world.people["engineer"]), f"tasks/{task.pk}/"

    clash = caller.ask("PATCH", path, {"version": 1, "title": "Older", "detail": "By van"})
    kept = caller.ask("PATCH", path, {"version": 1, "detail": "By van"})

    refused = clash.json()
    assert (clash.status_code, refused["detail"]) == (
        409,
        "“Newer” was changed by Dev while you were looking at it.",
    )
    assert list(refused["errors"]) == ["title"]
    assert (refused["current"]["title"], refused["current"]["version"]) == ("Newer", 2)
    told = kept.json()
    assert (kept.status_code, told["title"], told["detail"], told["version"]) == (200, "Newer", "By van", 3)

"""The question on the requester's own page, and its answer on the desk's."""

import pytest
from django.test import Client

from servicedesk.tickets.models import Satisfaction
from tests.tickets.world import World, a_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    world = a_world()
    world.stand("resolved")
    return world


def client_of(world: World, who: str) -> Client:
    client = Client()
    client.force_login(world.people[who])
    return client


def pages(world: World) -> str:
    return f"/requests/{world.ticket.reference}/"


def test_question_stands_on_the_page_once_it_is_resolved(world):
    ben = client_of(world, "requester")
    assert "How content are you" in ben.get(pages(world)).content.decode()

    world.stand("in_progress", resolved_at=None)

    assert "How content are you" not in ben.get(pages(world)).content.decode()


def test_answer_is_kept_shown_and_mended(world):
    ben = client_of(world, "requester")

    response = ben.post(
        f"{pages(world)}content/", {"score": "2", "comment": "Slow", "version": "0"}, follow=True
    )
    page = response.content.decode()
    assert "Thank you for telling us." in page
    assert "Not content" in page and "Change your answer" in page
    ben.post(f"{pages(world)}content/", {"score": "4", "comment": "", "version": "1"})

    answer = Satisfaction.objects.get()
    assert (answer.score, answer.comment, answer.by, answer.version) == (4, "", world.people["requester"], 2)


def test_without_a_score_it_says_what_to_do_and_keeps_the_comment(world):
    response = client_of(world, "requester").post(
        f"{pages(world)}content/", {"comment": "Slow", "version": "0"}
    )
    page = response.content.decode()

    assert response.status_code == 422
    assert "Choose how content you are" in page and ">Slow<" in "".join(page.split())


def test_two_windows_do_not_write_over_each_other(world):
    ben = client_of(world, "requester")
    ben.post(f"{pages(world)}content/", {"score": "5", "version": "0"})

    response = ben.post(f"{pages(world)}content/", {"score": "1", "version": "0"})

    assert response.status_code == 409
    assert Satisfaction.objects.get().score == 5


def test_desk_reads_the_answer_on_the_ticket(world):
    client_of(world, "requester").post(
        f"{pages(world)}content/", {"score": "2", "comment": "Slow", "version": "0"}
    )
    address = f"/tickets/{world.ticket.reference}/"

    assert "Slow" in client_of(world, "engineer").get(address).content.decode()
    assert "Slow" not in client_of(world, "supplier contact").get(address).content.decode()


def test_whom_it_is_not_about_does_not_answer(world):
    response = client_of(world, "engineer").post(f"{pages(world)}content/", {"score": "5", "version": "0"})

    assert response.status_code == 404
    assert not Satisfaction.objects.exists()

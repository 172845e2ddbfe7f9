import pytest
from django.test import Client
from django.utils import timezone

from servicedesk.jobs.models import Job
from tests.factories import a_requester

pytestmark = pytest.mark.django_db


def a_job(person, **fields) -> Job:
    now = timezone.now()
    given = {
        "task": "tests.jobs.tasks.nothing",
        "created_at": now,
        "wanted_by": person,
        **fields,
    }
    return Job.objects.create(**given)


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_job_shows_how_far_it_has_come_and_asks_again():
    ben = a_requester()
    job = a_job(ben, state="running", stage="Checking rows", progress_done=1200, progress_total=4800)

    page = text_of(signed_in(ben).get(f"/jobs/{job.pk}/"))

    assert "<strong>Under way</strong>: Checking rows, 1,200 of 4,800" in page
    assert f'hx-get="/jobs/{job.pk}/progress/" hx-trigger="every 2s"' in page
    assert 'value="25"' in page
    assert "Stop </button>" in page


def test_part_of_a_running_job_is_that_part_alone():
    ben = a_requester()
    job = a_job(ben, state="running")

    response = signed_in(ben).get(f"/jobs/{job.pk}/progress/", headers={"HX-Request": "true"})

    assert text_of(response).startswith(f'<div id="job-{job.pk}"')
    assert "HX-Refresh" not in response


def test_part_of_an_ended_job_has_the_page_load_again():
    ben = a_requester()
    job = a_job(ben, state="done")

    response = signed_in(ben).get(f"/jobs/{job.pk}/progress/")

    assert response["HX-Refresh"] == "true"


@pytest.mark.parametrize("state", ["done", "cancelled", "failed"])
def test_ended_job_neither_asks_again_nor_can_be_stopped(state):
    ben = a_requester()
    job = a_job(ben, state=state, attempts=3, problem="secret of a database")

    page = text_of(signed_in(ben).get(f"/jobs/{job.pk}/"))

    assert "hx-trigger" not in page
    assert "/cancel/" not in page
    assert "secret of a database" not in page
    assert ("It was tried 3 times" in page) == (state == "failed")


def test_waiting_job_is_stopped_and_the_page_that_showed_it_comes_back():
    ben = a_requester()
    job = a_job(ben)

    response = signed_in(ben).post(
        f"/jobs/{job.pk}/cancel/", headers={"Referer": "http://testserver/imports/7/?tab=rows"}
    )

    assert (response.status_code, response["Location"]) == (302, "http://testserver/imports/7/?tab=rows")
    assert Job.objects.get().state == "cancelled"


@pytest.mark.parametrize("page", ["", "https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_stopping_leads_to_no_other_site(page):
    ben = a_requester()
    job = a_job(ben)

    response = signed_in(ben).post(f"/jobs/{job.pk}/cancel/", headers={"Referer": page})

    assert response["Location"] == f"/jobs/{job.pk}/"


def test_running_job_is_asked_to_stop():
    ben = a_requester()
    job = a_job(ben, state="running")
    client = signed_in(ben)

    client.post(f"/jobs/{job.pk}/cancel/")

    assert Job.objects.get().cancel_wanted
    page = text_of(client.get(f"/jobs/{job.pk}/"))
    assert "It stops as soon as it can." in page
    assert "It has been asked to stop" in page


def test_job_that_has_ended_says_so_when_it_is_to_stop():
    ben = a_requester()
    job = a_job(ben, state="done")

    page = text_of(signed_in(ben).post(f"/jobs/{job.pk}/cancel/", follow=True))

    assert "It had already ended." in page


@pytest.mark.parametrize("tail", ["", "progress/", "cancel/"])
def test_job_of_somebody_else_is_not_there(tail):
    job = a_job(a_requester())
    client = signed_in(a_requester())
    send = client.post if tail == "cancel/" else client.get

    assert send(f"/jobs/{job.pk}/{tail}").status_code == 404
    assert Job.objects.get().state == "queued"


def test_stopping_is_a_post():
    ben = a_requester()

    assert signed_in(ben).get(f"/jobs/{a_job(ben).pk}/cancel/").status_code == 405

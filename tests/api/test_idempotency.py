"""A POST with an Idempotency-Key is done once."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.views import APIView

from api.endpoints import Endpoint
from servicedesk.history.answers import forget_answers
from servicedesk.history.models import Answer
from servicedesk.people.grants import end
from servicedesk.tickets import workflow
from servicedesk.tickets.models import Sharing, Ticket
from tests.api.calling import NOTHING, as_person, as_program, problem
from tests.factories import a_case_group, a_requester, an_engineer

pytestmark = pytest.mark.django_db
NEW = {"type": "incident", "title": "No sound"}
OTHER = problem(
    422,
    "Unprocessable Entity",
    "This Idempotency-Key came with another request, or before what you may do here changed. "
    "Use a new key for a new request.",
)
BUSY = problem(
    409, "Conflict", "A request with this Idempotency-Key is under way. Send it again in a moment."
)


def post(caller, path: str, body, key: str = "k1", **headers):
    return caller.ask("POST", path, body, headers={"Idempotency-Key": key, **headers})


def whole(answer) -> tuple:
    return answer.status_code, answer.content, answer["Content-Type"], answer.get("ETag")


def test_same_request_is_done_once_and_answered_alike():
    caller = as_program(a_requester())

    first, second = post(caller, "tickets/", NEW), post(caller, "tickets/", NEW)

    assert first.status_code == 201
    assert whole(first) == whole(second)
    assert Ticket.objects.count() == 1


def test_order_of_names_makes_no_other_request():
    caller = as_program(a_requester())

    first, second = post(caller, "tickets/", NEW), post(caller, "tickets/", dict(reversed(NEW.items())))

    assert whole(first) == whole(second)


@pytest.mark.parametrize(
    ("path", "body"),
    [("tickets/", {**NEW, "title": "Other"}), ("deadlines/explain/", NEW), ("tickets/?a=1", NEW)],
)
def test_other_request_with_the_same_key_is_refused(path, body):
    caller = as_program(a_requester())
    post(caller, "tickets/", NEW)

    assert post(caller, path, body).json() == OTHER
    assert Ticket.objects.count() == 1


def test_keys_are_each_persons_own():
    for person in (a_requester(), a_requester()):
        assert post(as_program(person), "tickets/", NEW).status_code == 201

    assert Ticket.objects.count() == 2


def test_refusal_is_answered_alike_and_nothing_is_kept_of_what_it_began(desk):
    asha, _, ticket, _ = desk
    caller = as_program(asha)
    first = post(caller, f"tickets/{ticket.reference}/moves/start/", {})
    Ticket.objects.filter(pk=ticket.pk).update(state="assigned", assignee=asha)

    second = post(caller, f"tickets/{ticket.reference}/moves/start/", {})

    assert first.status_code == 403
    assert whole(first) == whole(second)
    assert second["Content-Type"] == "application/problem+json"


def test_request_under_way_is_not_begun_again():
    ben = a_requester()
    caller = as_program(ben)
    post(caller, "tickets/", NEW)
    Answer.objects.update(status=None)

    answer = post(caller, "tickets/", NEW)

    assert (answer.json(), answer["Retry-After"]) == (BUSY, "1")
    assert Ticket.objects.count() == 1


def test_claim_of_a_server_that_died_is_free_after_a_while():
    caller = as_program(a_requester())
    post(caller, "tickets/", NEW)
    Answer.objects.update(status=None, at=timezone.now() - timedelta(minutes=6))

    assert post(caller, "tickets/", NEW).status_code == 201


def test_who_lost_the_claim_undoes_what_it_did(monkeypatch):
    caller = as_program(a_requester())
    raised = workflow.fresh

    def slow(ticket):
        Answer.objects.update(at=timezone.now() + timedelta(minutes=6))
        return raised(ticket)

    monkeypatch.setattr("servicedesk.tickets.raising.fresh", slow)

    assert post(caller, "tickets/", NEW).json() == BUSY
    assert Ticket.objects.count() == 0


def test_fault_of_ours_frees_the_key(monkeypatch):
    caller = as_program(a_requester(), raise_request_exception=False)
    with monkeypatch.context() as broken:
        broken.setattr("api.tickets.raise_ticket", lambda **given: 1 / 0)
        assert post(caller, "tickets/", NEW).status_code == 500

    assert post(caller, "tickets/", NEW).status_code == 201


def test_after_a_day_the_key_is_new():
    caller = as_program(a_requester())
    post(caller, "tickets/", NEW)
    Answer.objects.update(at=timezone.now() - timedelta(hours=25))

    assert post(caller, "tickets/", NEW).status_code == 201
    assert Ticket.objects.count() == 2


def test_answers_are_forgotten_after_a_day():
    caller = as_program(a_requester())
    post(caller, "tickets/", NEW, "old")
    Answer.objects.update(at=timezone.now() - timedelta(hours=25))
    post(caller, "tickets/", NEW, "new")

    assert forget_answers() == 1
    assert [answer.key for answer in Answer.objects.all()] == ["new"]


@pytest.mark.parametrize("key", ["", "x" * 101, "clé", "a\tb"])
def test_odd_key_is_refused(key):
    answer = as_program(a_requester()).ask("POST", "tickets/", NEW, HTTP_IDEMPOTENCY_KEY=key)

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["Idempotency-Key"])


def test_move_with_a_version_is_answered_alike_though_the_version_moved(desk):
    asha, _, ticket, _ = desk
    caller, path = as_program(asha), f"tickets/{ticket.reference}/moves/take/"

    first = post(caller, path, {}, **{"If-Match": '"1"'})
    second = post(caller, path, {}, **{"If-Match": '"1"'})

    assert (first.status_code, whole(first)) == (200, whole(second))


def test_who_lost_sight_of_it_is_not_answered_again(desk):
    asha, _, ticket, _ = desk
    caller, path = as_program(asha), f"tickets/{ticket.reference}/moves/take/"
    post(caller, path, {})
    group = a_case_group("hr", ticket.council)
    Ticket.objects.filter(pk=ticket.pk).update(sharing=Sharing.RESTRICTED, sensitivity="hr", case_group=group)

    assert post(caller, path, {}).json() == NOTHING


def test_who_lost_a_right_is_not_answered_again():
    asha, ben = an_engineer(), a_requester()
    caller = as_person(asha)
    assert post(caller, "tickets/", {**NEW, "requester": ben.pk}).status_code == 201
    for grant in asha.grants.all():
        end(grant, by=None)

    assert post(caller, "tickets/", {**NEW, "requester": ben.pk}).json() == OTHER


def test_secret_is_kept_nowhere_and_made_once():
    ben = a_requester()
    caller = as_person(ben)

    first, second = post(caller, "tokens/", None), post(caller, "tokens/", None)

    assert (first.status_code, second.status_code) == (201, 409)
    assert second.json()["detail"] == "This was done, and its answer held a secret that is shown once only."
    assert AuthToken.objects.filter(user=ben).count() == 1
    assert first.json()["token"] not in str(Answer.objects.values())


def test_file_is_part_of_the_request(register):
    caller = as_program(register[0])

    boundary, form = "B", '--B\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n{}\r\n'

    def send(text: str):
        parts = [("kind", "", "assets"), ("council", "", "OCC"), ("file", '; filename="a.csv"', text)]
        body = "".join(form.format(*part) for part in parts) + "--B--\r\n"
        return caller.generic(
            "POST",
            "imports/",
            body,
            f"multipart/form-data; boundary={boundary}",
            headers={"Idempotency-Key": "k1"},
        )

    first, second = send("Asset tag\nT9\n"), send("Asset tag\nT9\n")

    assert first.status_code == 201
    assert whole(first) == whole(second)
    assert send("Asset tag\nT8\n").json() == OTHER


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_is_done():
    ben = a_requester()
    answers: list[int] = []
    barrier = threading.Barrier(2)

    def ask():
        barrier.wait()
        answers.append(post(as_person(ben), "tickets/", NEW).status_code)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) in ([201, 201], [201, 409])
    assert Ticket.objects.count() == 1


def test_every_endpoint_takes_keys():
    views = {view for view in _api_views() if any(hasattr(view, name) for name in ("post", "create"))}
    views |= {
        view for view in _api_views() if any(hasattr(extra, "mapping") for extra in vars(view).values())
    }

    assert [view.__name__ for view in views if not issubclass(view, Endpoint)] == []
    assert len(views) > 5


def _api_views(resolver: URLResolver | None = None) -> set[type[APIView]]:
    found = set()
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            view = getattr(pattern.callback, "cls", None)
            found |= {view} if view else set()
        else:
            found |= _api_views(pattern)
    return found

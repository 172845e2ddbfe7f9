"""Every refusal is a problem document with the right status, whoever asks and whatever for."""

import pytest
from django.core.exceptions import SuspiciousOperation
from django.test import Client
from rest_framework.exceptions import Throttled
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from api.problems import handle
from servicedesk.people.tokens import make_token
from tests.api.calling import NOTHING, PROBLEM, ROOT, Caller, as_person, as_program, invalid, problem
from tests.factories import a_person, a_requester, a_ticket, an_asset, an_engineer

pytestmark = pytest.mark.django_db

SIGNED_OUT = problem(401, "Unauthorized", "Authentication credentials were not provided.")
READS = [
    "tickets/",
    "assets/",
    "people/",
    "sites/",
    "teams/",
    "councils/",
    "services/",
    "manufacturers/",
    "schema/",
]


def refused(answer) -> tuple:
    """Status, type and body of an answer."""
    return answer.status_code, answer["Content-Type"], answer.json()


@pytest.mark.parametrize("path", [*READS, "tickets/INC-2026-000001/", "asset-models/1/"])
def test_strangers_get_401(path):
    answer = Caller().get(path)
    assert refused(answer) == (401, PROBLEM, SIGNED_OUT)
    assert answer["WWW-Authenticate"] == "Token"


def test_strangers_get_401_also_where_tokens_do_not_serve():
    program = as_program(a_requester())
    answer = program.ask("POST", "tokens/", {})
    assert refused(answer) == (401, PROBLEM, SIGNED_OUT)


@pytest.mark.parametrize(
    "token", ["", "x", "é", "\udcff", "0" * 64, "0" * 63, "a\0" * 32, "A" * 64, "0" * 10_000]
)
def test_a_token_that_is_none_gets_401(token):
    answer = Caller().get(
        "tickets/", HTTP_AUTHORIZATION=f"Token {token}".encode(errors="surrogateescape").decode("latin-1")
    )
    assert (answer.status_code, answer["Content-Type"]) == (401, PROBLEM)


def test_a_session_needs_the_page_that_it_came_from_and_a_token_does_not():
    asha = an_engineer()
    body = {"type": "incident", "title": "No sound"}
    from_elsewhere = as_person(asha, enforce_csrf_checks=True).ask("POST", "tickets/", body)
    by_token = as_program(asha, enforce_csrf_checks=True).ask("POST", "tickets/", body)
    detail = "CSRF Failed: CSRF cookie not set."
    assert refused(from_elsewhere) == (403, PROBLEM, problem(403, "Forbidden", detail))
    assert by_token.status_code == 201


def test_who_may_not_write_gets_403():
    answer = as_person(an_engineer()).ask("PATCH", f"assets/{an_asset().pk}/", {"version": 1, "room": "1"})
    detail = "You need the right to: change the council's assets and import spreadsheets of them."
    assert refused(answer) == (403, PROBLEM, problem(403, "Forbidden", detail))


@pytest.mark.parametrize(
    "path", ["", "nowhere/", "tickets", "tickets/x/", "councils/0x1/", "assets/9999/", "../account"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PUT", "PATCH"])
def test_an_unknown_address_gets_404_whatever_the_method(path, method):
    answer = as_person(an_engineer(), enforce_csrf_checks=True).ask(method, path)
    if path == "assets/9999/" and method != "GET":
        assert answer.status_code in (403, 405)
    else:
        assert refused(answer) == (404, PROBLEM, NOTHING)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "councils/", "GET, HEAD, POST"),
        ("DELETE", "tickets/{ref}/", "GET, HEAD, PATCH"),
        ("PUT", "tickets/{ref}/", "GET, HEAD, PATCH"),
        ("GET", "tickets/{ref}/moves/take/", "POST"),
        ("OPTIONS", "tickets/", "GET, HEAD, POST"),
        ("GET", "deadlines/explain/", "POST"),
        ("DELETE", "assets/{pk}/", "GET, HEAD, PATCH"),
    ],
)
def test_a_method_that_is_not_for_it_gets_405(method, path, allowed):
    path = path.format(ref=a_ticket().reference, pk=an_asset().pk)
    answer = as_person(an_engineer()).ask(method, path)
    detail = f'Method "{method}" not allowed.'
    assert refused(answer) == (405, PROBLEM, problem(405, "Method Not Allowed", detail))
    assert answer["Allow"] == allowed


@pytest.mark.parametrize("path", ["tickets/", "tickets/INC-2026-000001/", "schema/"])
def test_another_form_of_answer_gets_406(path):
    answer = as_person(an_engineer()).get(path, HTTP_ACCEPT="text/html")
    assert refused(answer)[:2] == (406, PROBLEM)
    assert answer.json()["title"] == "Not Acceptable"


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "x", "text/json"],
)
def test_another_form_of_question_gets_415(content_type):
    answer = as_person(an_engineer()).generic("POST", "tickets/", b"title=x", content_type)
    assert refused(answer)[:2] == (415, PROBLEM)


def test_too_much_at_once_gets_413(settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000
    answer = as_person(an_engineer()).ask("POST", "tickets/", {"type": "incident", "title": "x" * 1_000})
    detail = "This is larger than we take. Send less at once."
    assert refused(answer) == (413, PROBLEM, problem(413, "Request Entity Too Large", detail))


@pytest.mark.parametrize(
    "body", [b"", b"{", b"{'a': 1}", b"\xff", b"NaN", b'{"a": NaN}', b"[" * 100_000, b"\x00", b"1e"]
)
def test_what_is_no_json_gets_400(body):
    answer = as_person(an_engineer()).generic("POST", "tickets/", body)
    assert refused(answer)[:2] == (400, PROBLEM)


@pytest.mark.parametrize("body", [b"null", b"[]", b"1", b'"x"', b"[[]]", b"true"])
def test_json_that_is_no_object_gets_400(body):
    for path in ("tickets/", "assets/", "deadlines/explain/"):
        person = an_engineer() if path != "assets/" else a_person(None, "asset_manager")
        answer = as_person(person).generic("POST", path, body)
        assert refused(answer)[:2] == (400, PROBLEM), answer.content


def test_wrong_fields_are_named_each_with_its_sentence():
    answer = as_person(an_engineer()).ask("POST", "tickets/", {"type": "fire", "impact": 9, "service": 77})
    assert answer.json() == invalid(
        type=['"fire" is not a valid choice.'],
        title=["This field is required."],
        service=['Invalid pk "77" - object does not exist.'],
        impact=['"9" is not a valid choice.'],
    )


def test_too_often_gets_429_and_says_when_to_come_back():
    request = Request(APIRequestFactory().get(ROOT))
    answer = handle(Throttled(wait=30), {"request": request})
    assert (answer.status_code, answer["Retry-After"], answer.data["title"]) == (
        429,
        "30",
        "Too Many Requests",
    )


def test_a_suspicious_request_gets_400():
    request = Request(APIRequestFactory().get(ROOT))
    answer = handle(SuspiciousOperation("Too many fields."), {"request": request})
    assert answer.data == problem(400, "Bad Request", "Too many fields.")


def test_what_is_no_refusal_stays_an_error():
    assert handle(RuntimeError(), {"request": None}) is None


def test_the_documentation_page_leads_strangers_to_sign_in():
    answer = Client().get(f"{ROOT}docs/")
    assert (answer.status_code, answer["Location"]) == (302, "/account/login/?next=/api/v1/docs/")


def test_answers_are_json():
    token = make_token(by=an_engineer()).text
    answer = Client(headers={"Authorization": f"Token {token}"}).get(f"{ROOT}tickets/")
    assert answer["Content-Type"] == "application/json"

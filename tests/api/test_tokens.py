"""Tokens through the API: made by a person at a page, used by a program, taken back at once."""

from datetime import timedelta

import pytest
from django.utils import timezone
from knox.models import AuthToken

from servicedesk.people.tokens import MOST, make_token
from tests.api.calling import PROBLEM, Caller, as_person, as_program, invalid
from tests.factories import a_requester, an_engineer

pytestmark = pytest.mark.django_db


def test_a_token_is_made_used_and_taken_back():
    asha = an_engineer()
    person = as_person(asha)

    made = person.ask("POST", "tokens/")

    body = made.json()
    assert (made.status_code, set(body)) == (201, {"token", "expiry"})
    program = Caller(headers={"Authorization": f"Token {body['token']}"})
    assert program.get(f"people/{asha.pk}/").json()["id"] == asha.pk
    assert person.ask("DELETE", "tokens/").status_code == 204
    assert program.get(f"people/{asha.pk}/").status_code == 401


def test_taking_back_ones_own_leaves_those_of_others():
    make_token(by=a_requester())
    as_person(a_requester()).ask("DELETE", "tokens/")
    assert AuthToken.objects.count() == 1


def test_a_token_makes_no_token_and_takes_none_back():
    program = as_program(an_engineer())
    answers = [program.ask(method, "tokens/") for method in ("POST", "DELETE")]
    assert [(answer.status_code, answer["Content-Type"]) for answer in answers] == [(401, PROBLEM)] * 2
    assert AuthToken.objects.count() == 1


def test_a_token_ends_by_itself():
    asha = an_engineer()
    program = as_program(asha)
    AuthToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
    assert program.get("tickets/").status_code == 401


def test_too_many_tokens_are_refused():
    asha = an_engineer()
    for _ in range(MOST):
        make_token(by=asha)
    sentence = "You have 10 tokens. Take one back before you make another."
    assert as_person(asha).ask("POST", "tokens/").json() == invalid(__all__=[sentence])

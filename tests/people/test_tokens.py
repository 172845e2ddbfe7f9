from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from knox.models import AuthToken

from servicedesk.history import editing
from servicedesk.history.models import Change
from servicedesk.people.access import history_of
from servicedesk.people.tokens import MOST, make_token, take_back, take_back_all, tokens_of
from tests.factories import a_requester

pytestmark = pytest.mark.django_db


def page_of(person, **options) -> Client:
    client = Client(**options)
    client.force_login(person)
    return client


def test_a_token_works_for_ninety_days_and_only_its_hash_is_kept():
    person = a_requester()

    made = make_token(by=person)

    kept = AuthToken.objects.get()
    assert (kept, kept.user) == (made.row, person)
    assert timedelta(days=89) < kept.expiry - timezone.now() < timedelta(days=90)
    assert len(made.text) == 64
    assert made.text not in str(vars(kept))


def test_making_and_taking_back_are_in_the_persons_history_without_the_token():
    person = a_requester()
    made = make_token(by=person)
    beginning = made.text[:6]

    take_back(made.row.digest, by=person)

    assert [(change.change_set.by_label, change.fields) for change in history_of(person, person)] == [
        (str(person), {"api_token": [beginning, None, f"taken back, began with {beginning}", ""]}),
        (str(person), {"api_token": [None, beginning, "", f"made, begins with {beginning}"]}),
    ]


def test_history_tells_of_a_token_at_the_version_that_the_person_then_has():
    person = a_requester()
    as_read_before = type(person).objects.get(pk=person.pk)
    editing.change(person, by=None, version=1, job_title="Clerk")

    made = make_token(by=as_read_before)
    take_back(made.row.digest, by=as_read_before)

    told = Change.objects.filter(kind="people.person", object_id=person.pk, fields__has_key="api_token")
    assert list(told.values_list("version", flat=True)) == [2, 2]


def test_nobody_takes_back_a_token_of_somebody_else():
    mine, other = a_requester(), a_requester()
    made = make_token(by=other)

    assert take_back(made.row.digest, by=mine) == 0
    assert take_back_all(mine, by=mine) == 0

    assert list(tokens_of(other)) == [made.row]
    assert Change.objects.filter(object_id=mine.pk, kind="people.person").count() == 0


def test_a_person_has_so_many_tokens_and_no_more():
    person = a_requester()
    for _ in range(MOST):
        make_token(by=person)

    with pytest.raises(ValidationError, match="You have 10 tokens. Take one back before you make another."):
        make_token(by=person)

    assert take_back_all(person, by=person) == MOST
    assert tokens_of(person).count() == 0


def test_the_page_shows_a_new_token_once():
    client = page_of(a_requester())

    answer = client.post("/account/tokens/")
    again = client.get("/account/tokens/")

    token = AuthToken.objects.get()
    assert "Copy this token now." in answer.content.decode()
    assert token.token_key in answer.content.decode()
    assert (answer.status_code, again.status_code) == (200, 200)
    assert "no-store" in answer["Cache-Control"]
    assert token.token_key not in again.content.decode()
    assert f"<code>{token.token_key[:6]}</code>" in again.content.decode()


def test_the_page_takes_a_token_back():
    person = a_requester()
    made, kept = make_token(by=person), make_token(by=person)

    answer = page_of(person).post("/account/tokens/take-back/", {"token": made.row.digest}, follow=True)

    assert "The token is taken back. It no longer works." in answer.content.decode()
    assert list(tokens_of(person)) == [kept.row]


@pytest.mark.parametrize("named", ["of another", "none", "", "\0", "\ud800"])
def test_the_page_answers_alike_for_a_token_of_another_and_none(named):
    other = make_token(by=a_requester())
    digest = other.row.digest if named == "of another" else named

    answer = page_of(a_requester()).post(
        "/account/tokens/take-back/",
        b"token=" + digest.encode(errors="surrogatepass"),
        content_type="application/x-www-form-urlencoded",
    )

    assert answer.status_code == 404
    assert AuthToken.objects.count() == 1


def test_the_page_says_when_there_are_too_many():
    person = a_requester()
    for _ in range(MOST):
        make_token(by=person)

    answer = page_of(person).post("/account/tokens/", follow=True)

    assert "You have 10 tokens. Take one back before you make another." in answer.content.decode()


def test_the_page_asks_as_much_for_three_tokens_as_for_one(django_assert_num_queries):
    person = a_requester()
    client = page_of(person)
    make_token(by=person)
    client.get("/account/tokens/")
    with django_assert_num_queries(6):
        client.get("/account/tokens/")
    make_token(by=person)
    make_token(by=person)
    with django_assert_num_queries(6):
        client.get("/account/tokens/")


@pytest.mark.parametrize("path", ["/account/tokens/", "/account/tokens/take-back/"])
def test_the_page_takes_nothing_from_elsewhere(path):
    person = a_requester()
    make_token(by=person)

    assert page_of(person, enforce_csrf_checks=True).post(path).status_code == 403
    assert Client().post(path).status_code == 302
    assert AuthToken.objects.count() == 1

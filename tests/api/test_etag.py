"""Versions in headers."""

import pytest

from servicedesk.tickets.models import Comment, Ticket
from tests.api.calling import as_person, as_program, problem
from tests.factories import a_model

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(desk):
    return desk[2]


@pytest.fixture
def caller(desk):
    return as_program(desk[0])


def path(ticket: Ticket, more: str = "") -> str:
    return f"tickets/{ticket.reference}/{more}"


def test_row_says_its_version(caller, ticket):
    answer = caller.get(path(ticket))

    assert answer["ETag"].startswith('"1-')
    assert answer["Cache-Control"] == "private, no-cache"


def test_row_without_version_says_a_mark_alone(caller):
    assert "-" not in caller.get(f"manufacturers/{a_model().manufacturer_id}/")["ETag"]


def test_list_says_none(caller, ticket):
    assert "ETag" not in caller.get("tickets/")


@pytest.mark.parametrize("form", ["{}", "W/{}", '"0-00", {}'])
def test_known_answer_is_not_sent_again(caller, ticket, form):
    known = caller.get(path(ticket))["ETag"]

    answer = caller.get(path(ticket), headers={"If-None-Match": form.format(known)})

    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", known)


def test_answer_that_changed_without_a_new_version_is_sent(caller, ticket):
    known = caller.get(path(ticket))["ETag"]
    Ticket.objects.filter(pk=ticket.pk).update(breached_at=ticket.reported_at)

    answer = caller.get(path(ticket), headers={"If-None-Match": known})

    assert (answer.status_code, answer["ETag"] == known) == (200, False)


def test_who_may_not_see_it_is_told_nothing_by_an_etag(desk, ticket):
    known = as_person(desk[0]).get(path(ticket))["ETag"]
    Ticket.objects.filter(pk=ticket.pk).update(sharing="own_council", council=desk[3].council)

    assert as_person(desk[0]).get(path(ticket), headers={"If-None-Match": known}).status_code == 404


@pytest.mark.parametrize("form", ['"{0}"', '"{0}-0123abcd"', 'W/"{0}-0123abcd"', "{0}"])
def test_change_at_the_version_that_was_read_is_made(caller, ticket, form):
    answer = caller.ask("PATCH", path(ticket), {"title": "New"}, headers={"If-Match": form.format(1)})

    assert (answer.status_code, answer.json()["title"], answer.json()["version"]) == (200, "New", 2)
    assert answer["ETag"].startswith('"2-')


def test_change_of_what_has_changed_is_refused_and_shows_both(caller, ticket):
    Ticket.objects.filter(pk=ticket.pk).update(version=2, title="Theirs")

    answer = caller.ask("PATCH", path(ticket), {"title": "Mine"}, headers={"If-Match": '"1"'})

    assert (answer.status_code, answer.json()["current"]["title"]) == (409, "Theirs")
    assert Ticket.objects.get(pk=ticket.pk).title == "Theirs"


@pytest.mark.parametrize(
    ("more", "body"), [("moves/take/", {}), ("comments/", {"body": "x", "visibility": "internal"})]
)
def test_deed_upon_what_has_changed_is_refused(caller, ticket, more, body):
    Ticket.objects.filter(pk=ticket.pk).update(version=2)

    answer = caller.ask("POST", path(ticket, more), body, headers={"If-Match": '"1"'})

    assert answer.json() == problem(
        409, "Conflict", f"{ticket.reference} was changed while you were looking at it."
    )
    assert (Ticket.objects.get(pk=ticket.pk).state, Comment.objects.count()) == ("new", 0)


def test_any_version_will_do_for_a_star(caller, ticket):
    assert caller.ask("POST", path(ticket, "moves/take/"), {}, headers={"If-Match": "*"}).status_code == 200


@pytest.mark.parametrize("sent", ["seven", '"1", "2"', '"0"', ""])
def test_odd_version_is_refused(caller, ticket, sent):
    answer = caller.ask("POST", path(ticket, "moves/take/"), {}, headers={"If-Match": sent})

    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["If-Match"])


def test_header_and_body_must_agree(caller, ticket):
    answer = caller.ask("PATCH", path(ticket), {"title": "x", "version": 2}, headers={"If-Match": '"1"'})

    assert answer.json()["errors"] == {"version": ["This is not the version that If-Match names."]}

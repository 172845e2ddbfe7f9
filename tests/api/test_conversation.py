"""What programs say, send and correct, and what they get back."""

import hashlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from servicedesk.tickets.models import Comment, Ticket
from servicedesk.tickets.replying import say
from servicedesk.tickets.workflow import change
from tests.api.calling import NOTHING, as_person, invalid, one_page, problem
from tests.factories import an_engineer
from tests.files.test_checking import PNG

pytestmark = pytest.mark.django_db


def send(person, ticket: Ticket, content: bytes = PNG, **words):
    """A multipart request, as a program makes it."""
    data = {"file": SimpleUploadedFile("photo.png", content), "visibility": "public", **words}
    body = encode_multipart(BOUNDARY, data)
    return as_person(person).generic("POST", f"tickets/{ticket}/attachments/", body, MULTIPART_CONTENT)


def test_file_comes_back_as_it_was_sent(desk):
    asha, ben, ticket, _ = desk

    answer = send(asha, ticket, body="Is it this one?")

    comment = Comment.objects.get()
    attachment = comment.attachments.get()
    told = {
        "id": attachment.pk,
        "comment": comment.pk,
        "name": "photo.png",
        "content_type": "image/png",
        "size": len(PNG),
        "sha256": hashlib.sha256(PNG).hexdigest(),
        "href": f"/api/v1/tickets/{ticket}/attachments/{attachment.pk}/",
    }
    assert (answer.status_code, answer.json()["attachments"], answer.json()["body"]) == (
        201,
        [told],
        "Is it this one?",
    )
    caller = as_person(ben)
    assert caller.get(f"tickets/{ticket}/attachments/").json() == one_page(told)
    assert caller.get(f"tickets/{ticket}/comments/").json()["results"][0]["attachments"] == [told]
    file = caller.get(told["href"])
    assert (file.getvalue(), file.headers["Content-Disposition"]) == (PNG, 'attachment; filename="photo.png"')


def test_file_of_a_note_is_nothing_to_who_does_not_read_it(desk):
    asha, ben, ticket, _ = desk
    send(asha, ticket, visibility="internal")
    attachment = Comment.objects.get().attachments.get()
    caller = as_person(ben)

    assert caller.get(f"tickets/{ticket}/attachments/").json() == one_page()
    assert caller.get(f"tickets/{ticket}/attachments/{attachment.pk}/").json() == NOTHING


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "photo.png is empty. Check it, and select it again"),
        (
            b"MZ",
            "photo.png could run when somebody opens it, so we do not take it. Ask the desk how to send it",
        ),
    ],
)
def test_bad_file_is_refused_with_a_sentence(desk, content, sentence):
    asha, _, ticket, _ = desk

    answer = send(asha, ticket, content)

    assert (answer.status_code, answer.json()) == (400, invalid(file=[sentence]))
    assert not Comment.objects.exists()


def test_word_that_arrived_meanwhile_is_told_first(desk):
    asha, ben, ticket, _ = desk
    said = say(ticket, by=ben, body="It hums", visibility="public")
    path, body = f"tickets/{ticket}/comments/", {"visibility": "public", "body": "Which?", "seen": 0}

    refused = as_person(asha).ask("POST", path, body)
    taken = as_person(asha).ask("POST", path, body | {"seen": said.pk})

    sentence = f"{ben} wrote since you began. Read it first, then send yours if it still fits."
    assert (refused.status_code, refused.json()) == (409, problem(409, "Conflict", sentence))
    assert taken.status_code == 201


def test_corrections_of_two_are_both_kept_also_by_if_match(desk):
    asha, _, ticket, _ = desk
    change(ticket, by=an_engineer(name="Dev"), version=1, category="Audio")

    answer = as_person(asha).ask(
        "PATCH", f"tickets/{ticket}/", {"title": "No sound at all"}, headers={"If-Match": '"1"'}
    )

    told = answer.json()
    assert (answer.status_code, told["title"], told["category"], told["version"]) == (
        200,
        "No sound at all",
        "Audio",
        3,
    )


def test_corrections_that_clash_are_told_with_the_other_value(desk):
    asha, _, ticket, _ = desk
    change(ticket, by=an_engineer(name="Dev"), version=1, title="Newer", category="Audio")

    answer = as_person(asha).ask("PATCH", f"tickets/{ticket}/", {"version": 1, "title": "Older"})

    told = answer.json()
    assert (answer.status_code, told["detail"]) == (
        409,
        f"{ticket} was changed by Dev while you were looking at it.",
    )
    assert list(told["errors"]) == ["title"]
    assert told["errors"]["title"][0].startswith("Dev changed this to “Newer” on ")
    assert told["current"]["title"] == "Newer"

"""What is said with files, to whom, and after what others said meanwhile."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from servicedesk.people.models import Person
from servicedesk.tickets.conversation import SaidMeanwhile
from servicedesk.tickets.models import Attachment, Comment, ReadMark, Ticket
from servicedesk.tickets.readers import readers
from servicedesk.tickets.reading import last_words
from servicedesk.tickets.replying import say
from servicedesk.tickets.rights import may_read_notes
from servicedesk.tickets.sight import people_who_see
from tests.factories import a_person, a_team, an_engineer
from tests.files.test_checking import PNG, SVG
from tests.tickets.test_ticket_page import get, post, signed_in
from tests.tickets.world import MONDAY, a_world, restricted

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world():
    return a_world()


def a_file(name: str = "photo.png", content: bytes = PNG) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def files_of(world, visibility: str) -> Attachment:
    """A file that came with a word of the desk of that visibility."""
    said = say(
        world.ticket,
        by=world.people["engineer"],
        body="",
        visibility=visibility,
        files=[a_file()],
        now=MONDAY,
    )
    return said.attachments.get()


def status(world, who: str, attachment: Attachment) -> int:
    response = signed_in(world.people[who]).get(f"/tickets/{world.ticket}/files/{attachment.pk}/")
    b"".join(response.streaming_content if response.streaming else ())
    return response.status_code


# who reads it


def test_each_choice_says_who_can_read_it_before_and_each_word_after(world):
    world.stand("waiting_supplier")
    say(world.ticket, by=world.people["engineer"], body="User error?", visibility="internal", now=MONDAY)

    text = get(world, "engineer")

    hints = [
        hint.strip() for hint in re.findall(r'class="govuk-hint govuk-radios__hint">(.*?)</div>', text, re.S)
    ]
    desk = "4 people of the desk"
    assert hints == [
        "Can be read by Ben, Eve and 5 people who can see this request",
        f"Can be read by {desk}",
        f"Can be read by Sue and {desk}",
    ]
    assert text.count(f"<br>Can be read by {desk}<") == 1


def test_sent_says_who_can_read_it(world):
    client = signed_in(world.people["engineer"])

    page = client.post(
        f"/tickets/{world.ticket}/comments/", {"visibility": "internal", "body": "User error?"}, follow=True
    )

    assert "Your internal note is saved. Can be read by 4 people of the desk." in page.content.decode()


def test_supplier_is_not_told_who_is_of_the_desk(world):
    world.stand("waiting_supplier")
    assert "Can be read by" not in get(world, "supplier contact")


@pytest.mark.parametrize("sharing", ["shared", "own_council", "hr", "cyber"])
def test_who_is_said_to_read_notes_is_who_reads_them(world, sharing):
    if sharing in ("hr", "cyber"):
        restricted(world, sharing)
    else:
        Ticket.objects.update(sharing=sharing)
    ticket = Ticket.objects.get(pk=world.ticket.pk)

    told = set(people_who_see(ticket, lambda ground: ground.reads_notes))

    seen = [person for person in Person.objects.all() if Ticket.objects.visible_to(person).exists()]
    assert told == {person for person in seen if may_read_notes(person, ticket)}
    assert readers(ticket, [], None)["internal", None].startswith("Can be read by ")


# files


def test_image_is_shown_and_anything_else_is_a_download(world):
    post(
        world,
        "engineer",
        "comments",
        visibility="public",
        body="Look",
        files=[a_file(), a_file("drawing.svg", SVG), a_file("page.png", b"<html><script>1</script>")],
    )

    client, sent = signed_in(world.people["requester"]), []
    for attachment in Attachment.objects.order_by("id"):
        response = client.get(f"/tickets/{world.ticket}/files/{attachment.pk}/")
        response.getvalue()
        headers = response.headers
        sent.append((headers["Content-Type"], headers["Content-Disposition"].split(";")[0]))
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert headers["Cache-Control"] == "private, no-store"
    assert sent == [
        ("image/png", "inline"),
        ("application/octet-stream", "attachment"),
        ("application/octet-stream", "attachment"),
    ]
    shown = client.get(f"/requests/{world.ticket}/").content.decode()
    assert shown.count("<img ") == 1
    assert "drawing.svg</a>" in shown


@pytest.mark.parametrize(
    ("visibility", "who"),
    [
        ("public", {"engineer", "requester", "affected person", "supplier contact", "approver"}),
        ("internal", {"engineer"}),
        ("supplier", {"engineer", "supplier contact"}),
    ],
)
def test_file_goes_to_who_reads_the_words_that_it_came_with(world, visibility, who):
    world.stand("waiting_supplier")
    attachment = files_of(world, visibility)
    asked = {
        "engineer",
        "requester",
        "affected person",
        "supplier contact",
        "stranger",
        "other supplier's contact",
    }

    assert {name for name in asked if status(world, name, attachment) == 200} == who & asked


def test_file_of_another_ticket_is_not_there(world):
    attachment = files_of(world, "public")
    other = Ticket.objects.create(
        reference="INC-2026-999000",
        type="incident",
        council=world.ticket.council,
        requester=world.people["requester"],
        title="x",
        reported_at=MONDAY,
        logged_at=MONDAY,
    )
    client = signed_in(world.people["engineer"])
    assert client.get(f"/tickets/{other}/files/{attachment.pk}/").status_code == 404


def test_sealed_ticket_takes_its_files_with_it(world):
    attachment = files_of(world, "public")
    assert status(world, "engineer", attachment) == 200
    restricted(world)
    assert (status(world, "engineer", attachment), status(world, "case worker", attachment)) == (404, 200)


def test_bad_file_is_said_and_the_text_is_kept(world, settings):
    settings.ATTACHMENT_MAX_BYTES = 10

    text = post(
        world,
        "engineer",
        "comments",
        status=422,
        visibility="internal",
        body="See what it did",
        files=[a_file("run.exe", b"MZ"), a_file("long.txt", b"x" * 11), a_file("empty.txt", b"")],
    )

    assert "run.exe could run when somebody opens it" in text
    assert "long.txt is 0.1 KB. It must be 0.1 KB or smaller" in text
    assert "empty.txt is empty. Check it, and select it again" in text
    assert "See what it did</textarea>" in text
    assert (Comment.objects.count(), Attachment.objects.count()) == (0, 0)


def test_files_need_no_words_but_one_of_both_there_must_be(world):
    post(world, "requester", "comments", status=403, body="")
    post(world, "engineer", "comments", visibility="public", body="", files=[a_file()])
    text = post(world, "engineer", "comments", status=422, visibility="public", body="")

    assert "Enter your message" in text
    assert [comment.body for comment in Comment.objects.all()] == [""]


def test_help_is_asked_for_with_a_file_that_is_nobodys_reply(world):
    ben = world.people["requester"]
    sent = {
        "kind": "incident",
        "title": "It smokes",
        "effect": "me",
        "sensitivity": "normal",
        "token": "6f1b8a5c-3d0e-4c52-9c53-000000000001",
    }

    for _ in range(2):
        signed_in(ben).post("/help/", {**sent, "files": [a_file()]})

    ticket = Ticket.objects.get(title="It smokes")
    attachment = Attachment.objects.get()
    assert (attachment.comment.ticket, attachment.stored_file.council) == (ticket, ben.council)
    assert (ticket.last_comment_at, ticket.first_response_at) == (None, None)
    refused = signed_in(ben).post("/help/", {**sent, "files": [a_file("run.exe")]})
    assert (refused.status_code, "It smokes" in refused.content.decode()) == (422, True)


# what others said meanwhile


def test_word_that_arrived_meanwhile_is_shown_before_ones_own_is_sent(world):
    asha, ben = world.people["engineer"], world.people["requester"]
    first = say(world.ticket, by=ben, body="It hums", visibility="public", now=MONDAY)
    own = {"visibility": "public", "body": "Which headset?", "seen": first.pk}
    say(world.ticket, by=asha, body="A note of my own", visibility="internal", now=MONDAY)
    second = say(world.ticket, by=ben, body="I found another one", visibility="public", now=MONDAY)

    text = post(world, "engineer", "comments", status=409, **own)

    assert "Ben wrote since you began. Read it first, then send yours if it still fits." in text
    assert text.index("I found another one") < text.index("Which headset?</textarea>")
    assert f'name="seen" value="{second.pk}"' in text
    assert "Send anyway" in text
    post(world, "engineer", "comments", **{**own, "seen": second.pk})
    assert Comment.objects.last().body == "Which headset?"


def test_requester_is_not_told_of_notes_among_the_desk(world):
    say(world.ticket, by=world.people["engineer"], body="User error?", visibility="internal", now=MONDAY)
    ben = signed_in(world.people["requester"])

    assert ben.post(f"/requests/{world.ticket}/reply/", {"body": "Well?", "seen": "0"}).status_code == 302
    say(world.ticket, by=world.people["engineer"], body="Fixed now", visibility="public", now=MONDAY)
    overtaken = ben.post(f"/requests/{world.ticket}/reply/", {"body": "Still there?", "seen": "0"})

    text = overtaken.content.decode()
    assert overtaken.status_code == 409
    assert ("Fixed now" in text, "Still there?</textarea>" in text, "User error?" in text) == (
        True,
        True,
        False,
    )


def test_who_says_nothing_of_what_they_saw_is_not_held_up(world):
    ben, asha = world.people["requester"], world.people["engineer"]
    say(world.ticket, by=ben, body="It hums", visibility="public", now=MONDAY)
    say(world.ticket, by=asha, body="Which?", visibility="public", now=MONDAY)
    with pytest.raises(SaidMeanwhile):
        say(world.ticket, by=asha, body="Which?", visibility="public", seen=0, now=MONDAY)


@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 40])
def test_page_asks_what_arrived(world, seen):
    say(world.ticket, by=world.people["engineer"], body="User error?", visibility="internal", now=MONDAY)
    client = signed_in(world.people["requester"])

    assert client.get(f"/tickets/{world.ticket}/comments/new/?seen={seen}").content.decode().strip() == ""
    say(world.ticket, by=world.people["engineer"], body="Which?", visibility="public", now=MONDAY)
    text = client.get(f"/tickets/{world.ticket}/comments/new/?page=request&seen=0").content.decode()
    assert "Asha wrote since you opened this page." in text
    assert f'href="/requests/{world.ticket}/"' in text


# what has been read


def queue_of(world, who: str) -> str:
    return signed_in(world.people[who]).get("/queue/?state=").content.decode()


NEW = '<span class="govuk-visually-hidden">New</span>'


def test_ticket_is_new_until_it_is_opened_and_again_when_somebody_speaks(world):
    ben, asha = world.people["requester"], world.people["engineer"]
    seen = [NEW in queue_of(world, "engineer")]
    get(world, "engineer")
    seen.append(NEW in queue_of(world, "engineer"))
    say(world.ticket, by=ben, body="It hums", visibility="public", now=timezone.now())
    seen.append(NEW in queue_of(world, "engineer"))
    text = get(world, "engineer")
    seen.append(NEW in queue_of(world, "engineer"))
    say(world.ticket, by=asha, body="Which?", visibility="public", now=timezone.now())
    seen.append(NEW in queue_of(world, "engineer"))

    assert seen == [True, False, True, False, False]
    assert NEW in queue_of(world, "assignee")
    assert re.search(r'From the requester\s*<strong class="govuk-tag govuk-tag--blue">\s*New', text)


def test_asking_what_arrived_is_no_reading(world):
    get(world, "engineer")
    say(world.ticket, by=world.people["requester"], body="It hums", visibility="public", now=timezone.now())
    before = ReadMark.objects.get().read_to

    signed_in(world.people["engineer"]).get(f"/tickets/{world.ticket}/comments/new/?seen=0")

    assert ReadMark.objects.get().read_to == before


def test_staff_are_told_of_a_new_reply_and_never_of_a_note(world):
    ben, asha = signed_in(world.people["requester"]), world.people["engineer"]

    def told() -> bool:
        return "New reply" in ben.get("/requests/").content.decode()

    seen = [told()]
    say(world.ticket, by=asha, body="User error?", visibility="internal", now=timezone.now())
    seen.append(told())
    say(world.ticket, by=asha, body="Which?", visibility="public", now=timezone.now())
    seen.append(told())
    ben.get(f"/requests/{world.ticket}/")
    seen.append(told())
    say(
        world.ticket,
        by=world.people["requester"],
        body="The grey one",
        visibility="public",
        now=timezone.now(),
    )
    seen.append(told())

    assert seen == [False, False, True, False, False]


def test_supplier_sees_the_last_word_that_they_may_read(world):
    world.stand("waiting_supplier")
    asha, sue = world.people["engineer"], world.people["supplier contact"]
    say(world.ticket, by=sue, body="Tomorrow", visibility="supplier", now=MONDAY)
    get(world, "supplier contact")
    say(world.ticket, by=asha, body="They are slow", visibility="internal", now=MONDAY + MINUTE)

    text = queue_of(world, "supplier contact")

    assert ("Asha" in text.split("<tbody")[1], NEW in text) == (False, False)
    assert last_words(sue, [world.ticket.pk])[world.ticket.pk].author == sue


def test_long_conversation_folds_what_is_old_and_read(world):
    asha, ben = world.people["engineer"], world.people["requester"]
    for number in range(13):
        say(world.ticket, by=ben, body=f"Word {number}.", visibility="public", now=MONDAY + number * MINUTE)
    unread = get(world, "engineer")
    say(world.ticket, by=asha, body="Word 13.", visibility="public", now=MONDAY + 20 * MINUTE)
    text = get(world, "engineer")

    assert "Show 3 earlier messages" in unread
    assert "Show 4 earlier messages" in text
    assert text.index("Word 3.") < text.index("</details>", text.index("Show 4")) < text.index("Word 4.")


def test_many_others_are_counted_and_few_are_named(world):
    team = a_team(
        "Acme two", kind="supplier", members=tuple(a_person(None, "supplier_contact") for _ in range(5))
    )
    an_engineer(name="Zoe")

    said = readers(world.ticket, [], team)

    assert said["supplier", team.pk] == "Can be read by 5 people of Acme two and 5 people of the desk"

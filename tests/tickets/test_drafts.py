"""What somebody has begun to write is kept, shown where it was begun, and theirs alone."""

import re
from datetime import timedelta

import pytest
from django.http import QueryDict

from servicedesk.people.models import Person
from servicedesk.tickets import drafts
from servicedesk.tickets.breaking_glass import break_glass
from servicedesk.tickets.drafts_shown import shown
from servicedesk.tickets.models import Draft, Ticket
from servicedesk.tickets.replying import say
from tests.factories import a_case_group
from tests.tickets.test_ticket_page import address, get, signed_in
from tests.tickets.world import MONDAY, a_world, restricted

pytestmark = pytest.mark.django_db
SCRIPT = {"headers": {"Accept": "application/json"}}


@pytest.fixture
def world():
    return a_world()


def begin(person: Person, name: str, now=MONDAY, **values) -> Draft:
    sent = QueryDict(mutable=True)
    sent.update(values)
    return drafts.keep(person, name, sent, now=now)


def test_script_keeps_what_is_typed_and_the_page_brings_it_back(world):
    client, name = signed_in(world.people["engineer"]), f"say-{world.ticket}"

    answer = client.post(
        f"/drafts/{name}/",
        {"visibility": "internal", "body": "Half a\r\nthought\0", "seen": "7", "csrfmiddlewaretoken": "x"},
        **SCRIPT,
    )

    draft = Draft.objects.get()
    assert (answer.status_code, set(answer.json())) == (200, {"said"})
    assert draft.values == {"visibility": "internal", "body": "Half a\nthought"}
    text = get(world, "engineer")
    assert "Half a\nthought</textarea>" in text
    assert "Your draft of " in text
    assert get(world, "assignee").count("Half a") == 0


def test_name_of_a_field_is_kept_without_what_no_text_may_hold(world):
    client, name = signed_in(world.people["engineer"]), f"say-{world.ticket}"

    client.post(f"/drafts/{name}/", {"bo\0dy": "Half a thought", "se\0en": "7"}, **SCRIPT)

    assert Draft.objects.get().values == {"body": "Half a thought"}


def test_button_keeps_it_without_script_and_leads_back(world):
    client, name = signed_in(world.people["requester"]), f"reply-{world.ticket}"

    answer = client.post(f"/drafts/{name}/", {"body": "It hums"})

    assert (answer.status_code, answer.headers["Location"]) == (302, f"/requests/{world.ticket}/")
    assert "It hums</textarea>" in client.get(f"/requests/{world.ticket}/").content.decode()


def test_sent_is_no_draft_any_more(world):
    asha, ben = world.people["engineer"], world.people["requester"]
    begin(asha, f"say-{world.ticket}", body="x")
    begin(ben, f"reply-{world.ticket}", body="x")

    said = {"visibility": "public", "body": "x", "seen": "0"}
    signed_in(asha).post(f"/tickets/{world.ticket}/comments/", said)
    signed_in(ben).post(f"/requests/{world.ticket}/reply/", {"body": "x"})

    assert not Draft.objects.exists()


def test_refused_stays_a_draft(world):
    asha = world.people["engineer"]
    begin(asha, f"say-{world.ticket}", body="x")

    signed_in(asha).post(f"/tickets/{world.ticket}/comments/", {"body": "x"})

    assert Draft.objects.count() == 1


def test_discarded(world):
    asha = world.people["engineer"]
    begin(asha, f"say-{world.ticket}", body="x")
    begin(world.people["assignee"], f"say-{world.ticket}", body="y")

    signed_in(asha).post(f"/drafts/say-{world.ticket}/discard/")

    assert [draft.values for draft in Draft.objects.all()] == [{"body": "y"}]


def test_it_outlives_the_end_and_the_loss_of_its_ticket(world):
    asha = world.people["engineer"]
    begin(asha, f"say-{world.ticket}", body="Half a thought")
    begin(asha, f"put_back-{world.ticket}", note="Not for us")
    world.stand("closed")
    ended = get(world, "engineer")
    restricted(world)
    lost = signed_in(asha).get("/drafts/").content.decode()

    assert "Not for us" in ended
    assert ("Half a thought" in lost, "Not for us" in lost) == (True, True)
    assert "No sound" not in lost


def test_reply_begun_before_it_was_resolved_is_offered_where_it_can_be_sent(world):
    ben = world.people["requester"]
    begin(ben, f"reply-{world.ticket}", body="It hums")
    world.stand("resolved")

    assert "It hums</textarea>" in signed_in(ben).get(f"/requests/{world.ticket}/").content.decode()


def test_help_and_facts_are_kept_too(world):
    ben, asha = world.people["requester"], world.people["engineer"]
    begin(ben, "help", kind="request", title="A second monitor")
    begin(asha, f"change-{world.ticket}", title="No sound at all", version="1")
    Ticket.objects.update(version=5)

    asked = signed_in(ben).get("/help/").content.decode()
    facts = signed_in(asha).get(f"/tickets/{world.ticket}/change/").content.decode()

    assert 'value="A second monitor"' in asked
    assert 'value="No sound at all"' in facts
    assert 'name="version" value="1"' in facts


@pytest.mark.parametrize("name", ["x" * 61, "say-INC", "Say-INC-2026-000001", "say-INC-2026-000001-", "1"])
def test_names_that_no_form_has(world, name):
    assert signed_in(world.people["engineer"]).post(f"/drafts/{name}/", {"body": "x"}).status_code == 404


def test_too_long_is_said_and_keeps_what_was_kept(world):
    asha = world.people["engineer"]
    begin(asha, "help", title="x")

    answer = signed_in(asha).post("/drafts/help/", {"title": "x" * 100_001}, **SCRIPT)

    assert answer.status_code == 422
    assert answer.json() == {"said": "This is too long to keep as a draft. Copy it somewhere safe"}
    assert Draft.objects.get().values == {"title": "x"}


def test_the_oldest_of_too_many_goes(world, monkeypatch):
    monkeypatch.setattr(drafts, "MOST", 2)
    for number in range(3):
        reference = f"INC-2026-{number:06}"
        begin(world.people["engineer"], f"say-{reference}", MONDAY + timedelta(hours=number), body="x")

    assert sorted(draft.form for draft in Draft.objects.all()) == [
        "say-INC-2026-000001",
        "say-INC-2026-000002",
    ]


def test_a_month_without_a_word_ends_it(world):
    begin(world.people["engineer"], "help", body="x")
    begin(world.people["requester"], "help", MONDAY + timedelta(days=1), body="x")

    assert drafts.forget_old(MONDAY + timedelta(days=30, seconds=1)) == 1
    assert Draft.objects.get().person == world.people["requester"]


def test_who_else_is_writing_is_said_to_the_desk_alone(world):
    asha, dev, ben = (world.people[name] for name in ("engineer", "assignee", "requester"))
    begin(asha, f"say-{world.ticket}", body="x")
    begin(ben, f"reply-{world.ticket}", body="x")

    assert drafts.others_writing(dev, world.ticket.reference, MONDAY + timedelta(seconds=90)) == [
        "Asha",
        "Ben",
    ]
    assert drafts.others_writing(dev, world.ticket.reference, MONDAY + timedelta(minutes=3)) == []
    Draft.objects.update(saved_at=MONDAY + timedelta(days=20_000))
    say(world.ticket, by=asha, body="x", visibility="public", now=MONDAY)
    for_desk = signed_in(dev).get(f"/tickets/{world.ticket}/comments/new/?seen=0").content.decode()
    for_requester = signed_in(ben).get(f"/tickets/{world.ticket}/comments/new/?seen=0").content.decode()
    assert ("Asha and Ben are writing" in for_desk, "writing on this" in for_requester) == (True, False)


def test_list_of_drafts_shows_what_was_written_and_says_what_was_chosen(world):
    asha, ticket = world.people["engineer"], world.ticket
    begin(asha, "call", type="incident", outcome="resolve", title="Quiet")
    begin(asha, f"end-task-{ticket}-1", outcome="Ordered")
    begin(asha, f"late-{ticket}-1", reason="other", note="It was lost")
    begin(asha, f"priority-{ticket}", priority="P1", reason="The mayor")
    begin(asha, f"uplift-{ticket}", uplift="vip")
    begin(
        asha, f"hand_over-{ticket}", team=str(world.team.pk), assignee="999999", note="Yours", children="on"
    )

    told = {each.form: (each.texts, each.chosen) for each in shown(Draft.objects.all(), asha)}

    assert told == {
        "call": (["Quiet"], [("Type", "Incident"), ("What becomes of it", "Resolve now")]),
        f"end-task-{ticket}-1": (["Ordered"], []),
        f"late-{ticket}-1": (["It was lost"], [("Reason", "Something else")]),
        f"priority-{ticket}": (["The mayor"], [("Priority", "P1 critical")]),
        f"uplift-{ticket}": ([], [("What raises it", "A councillor, chief officer or statutory officer")]),
        f"hand_over-{ticket}": (["Yours"], [("Team", "Service desk")]),
    }
    page = signed_in(asha).get("/drafts/").content.decode()
    assert ("What becomes of it: Resolve now" in page, ">vip<" in page) == (True, False)


def test_team_that_the_writer_may_no_longer_see_is_not_named(world):
    ben, secret = world.people["requester"], a_case_group("legal", world.ticket.council)
    begin(ben, f"reply-{world.ticket}", body="x", team=str(secret.pk))

    assert [each.chosen for each in shown(Draft.objects.all(), ben)] == [[]]


def said_twice(world) -> list[int]:
    ben = world.people["requester"]
    return [
        say(world.ticket, by=ben, body=body, visibility="public", now=MONDAY).pk
        for body in ("It hums", "It blinks too", "And it smells")
    ]


def ticked(page: str) -> list[int]:
    return [int(key) for key in re.findall(r'name="comments"[^>]*value="([0-9]+)"[^>]* checked', page)]


def test_all_that_was_ticked_for_a_split_is_ticked_again(world):
    asha, (first, second, third) = world.people["engineer"], said_twice(world)
    sent = QueryDict(mutable=True)
    sent.update({"title": "The hum"})
    sent.setlist("comments", [str(first), str(third)])
    drafts.keep(asha, f"split-{world.ticket}", sent)

    page = signed_in(asha).get(address(world, "split")).content.decode()

    assert (ticked(page), "The hum" in page) == ([first, third], True)
    assert second not in ticked(page)


def test_split_from_a_message_on_is_what_its_link_says_whatever_was_begun_before(world):
    asha, (first, second, third) = world.people["engineer"], said_twice(world)
    begin(asha, f"split-{world.ticket}", title="The hum", comments=str(first))

    page = signed_in(asha).get(f"{address(world, 'split')}?from={second}").content.decode()

    assert (ticked(page), "The hum" in page) == ([second, third], True)


def test_words_of_a_sealed_matter_are_their_writers_alone(world):
    ticket = restricted(world)
    for name in (f"say-{ticket}", f"resolve-{ticket}", f"open-{ticket}"):
        begin(world.people["case worker"], name, body="Hush", resolution_note="Hush", reason="Hush")
    officer = world.people["cyber officer"]
    assert break_glass(by=officer, reference=str(ticket), reason="It is urgent")

    for person in Person.objects.exclude(pk=world.people["case worker"].pk):
        client = signed_in(person)
        pages = ("/drafts/", f"/tickets/{ticket}/", f"/requests/{ticket}/", "/api/v1/drafts/")
        found = [page for page in pages if "Hush" in client.get(page).content.decode()]
        assert found == [], person
        assert client.get(f"/api/v1/drafts/say-{ticket}/").status_code == 404
    assert "Hush" in get(world, "case worker")

"""After a swap: what to look at two hours later, and on the next working day how it went, of which figures are made."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from assets.batches.contentment import content_of
from assets.batches.models import BatchCouncil, BatchItem, SwapSurvey
from assets.batches.survey_letters import about_survey
from assets.batches.surveying import answer, follow_up
from assets.batches.swapping import swap
from assets.batches.undoing import last_deed, take_back
from assets.register.lifecycle import MoveRefused
from servicedesk.history.editing import Stale
from servicedesk.notifications.models import Message
from tests.api.calling import as_person
from tests.batches.test_appointments import as_, text, world
from tests.batches.waves import laptops

pytestmark = pytest.mark.django_db
__all__ = ["world"]
FRIDAY = datetime(2026, 11, 27, 10, tzinfo=UTC)
MONDAY = datetime(2026, 11, 30, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: FRIDAY)


def swapped(world, at: int = 0) -> BatchItem:
    given = {"old": f"O-0{at + 1}", "new": f"N-0{at + 1}", "signed_by": "Jo", "data_saved": True}
    return swap(world.items[at], by=world.eng, now=FRIDAY, **given).item


def asked(world, at: int = 0) -> SwapSurvey:
    item = swapped(world, at)
    follow_up(FRIDAY + 2 * HOUR)
    follow_up(MONDAY)
    return SwapSurvey.objects.get(item=item)


def told() -> list[tuple]:
    return [
        (str(one.person), one.subject) for one in Message.objects.filter(event="swap_followed").order_by("pk")
    ]


def test_the_check_list_goes_two_hours_later_and_the_question_on_the_next_working_day_once(world):
    swapped(world)
    assert follow_up(FRIDAY + 2 * HOUR - timedelta(minutes=1)) == 0
    assert [follow_up(FRIDAY + 2 * HOUR), follow_up(FRIDAY + 3 * HOUR)] == [1, 0]
    check = ("Jo", "Does your new Laptop, E14 work?")
    assert told() == [check]
    saturday = FRIDAY + timedelta(days=1)
    assert [follow_up(saturday), follow_up(MONDAY), follow_up(MONDAY + HOUR)] == [0, 1, 0]
    assert told() == [check, ("Jo", "How did the replacement of your equipment go?")]
    first, second = Message.objects.filter(event="swap_followed").order_by("pk")
    assert (
        "- Your files are there" in first.body
        and f"/help/?asset={world.items[0].replacement_id}" in first.body
    )
    assert reverse("batches:survey", args=[SwapSurvey.objects.get().pk]) in second.body


def test_what_was_swapped_long_ago_or_taken_back_is_not_asked_about(world):
    item = swapped(world)
    assert follow_up(FRIDAY + timedelta(days=8)) == 0
    follow_up(FRIDAY + 2 * HOUR)
    letter = Message.objects.get(event="swap_followed")
    assert about_survey(world.jo, letter).subject == letter.subject
    assert about_survey(world.kim, letter) is None

    take_back(last_deed(world.eng, item.batch), item.batch, by=world.eng, now=FRIDAY)

    assert (about_survey(world.jo, letter), follow_up(MONDAY)) == (None, 0)


def test_who_has_answered_already_is_not_asked(world):
    swapped(world)
    follow_up(FRIDAY + 2 * HOUR)
    answer(SwapSurvey.objects.get(), by=world.jo, score=4, now=FRIDAY + 3 * HOUR)
    assert follow_up(MONDAY) == 0


def test_one_page_takes_the_answer_and_half_a_day_long_another(world, monkeypatch):
    row = asked(world)
    jo, at = as_(world.jo), reverse("batches:survey", args=[row.pk])
    page = text(jo.get(at))
    assert "How did the replacement of your equipment go?" in page and "You can sign in" in page
    bare = jo.post(at, {"version": row.version})
    assert (bare.status_code, "Choose how content you are" in text(bare)) == (422, True)

    done = jo.post(at, {"score": "2", "comment": "No dock", "version": row.version}, follow=True)

    row.refresh_from_db()
    assert "Thank you. We have your answer" in text(done) and "Not content" in text(done)
    assert (row.score, row.comment, row.answered_at) == (2, "No dock", FRIDAY)
    assert jo.post(at, {"score": "5", "version": 1}).status_code == 409
    assert (as_(world.kim).get(at).status_code, as_(world.ada).get(at).status_code) == (404, 403)
    monkeypatch.setattr(timezone, "now", lambda: FRIDAY + 13 * HOUR)
    assert 'name="score"' not in text(as_(world.jo).get(at))


def test_only_whoever_got_the_new_one_answers_once(world):
    row = asked(world)
    with pytest.raises(PermissionDenied):
        answer(row, by=world.ada, score=5)
    with pytest.raises(Stale):
        answer(row, by=world.jo, score=5, version=7)
    answer(row, by=world.jo, score=5, now=MONDAY)
    answer(row, by=world.jo, score=4, now=MONDAY + 12 * HOUR)
    with pytest.raises(MoveRefused, match="too late"):
        answer(row, by=world.jo, score=1, now=MONDAY + 13 * HOUR)


def test_programs_answer_for_whoever_was_asked_and_for_nobody_else(world):
    row = asked(world)
    path = f"refresh/swap-surveys/{row.pk}/"
    (listed,) = as_person(world.jo).ask("GET", "refresh/swap-surveys/").json()["results"]
    assert {name: listed[name] for name in ("id", "batch", "score", "version")} == {
        "id": row.pk,
        "batch": world.batch.reference,
        "score": None,
        "version": 1,
    }
    for other in (world.kim, world.ada, world.dee):
        assert as_person(other).ask("GET", path).status_code == 404

    done = as_person(world.jo).ask("POST", f"{path}answer/", {"score": 5, "version": 1})

    assert (done.status_code, done.json()["score"]) == (200, 5)
    assert as_person(world.jo).ask("POST", f"{path}answer/", {"score": 4, "version": 1}).status_code == 409


def surveys(world, council, scores: list[int | None]) -> None:
    """As if so many had been swapped and asked, who answered so."""
    prefix = f"S{council.code}"
    for asset, score in zip(laptops(council, len(scores), prefix), scores, strict=True):
        item = BatchItem.objects.create(
            batch=world.batch,
            council=council,
            asset=asset,
            category="laptop",
            state="swapped",
            state_since=FRIDAY,
        )
        when = FRIDAY if score else None
        said = {"score": score, "answered_at": when, "comment": f"{prefix} {score}" if score else ""}
        SwapSurvey.objects.create(council=council, item=item, person=world.jo, checked_at=FRIDAY, **said)


def figures(world, person) -> list[tuple]:
    return [(one.council.code, *one[1:], one.per_cent) for one in content_of(world.batch, person)]


def test_the_asset_manager_sees_how_content_people_were_and_of_the_other_council_no_small_number(world):
    for council in (world.county, world.district):
        BatchCouncil.objects.get_or_create(batch=world.batch, council=council)
    surveys(world, world.county, [5, 4, 2, None])
    surveys(world, world.district, [5] * 6 + [4] * 6 + [1, None])

    assert figures(world, world.ada) == [
        ("CDC", 14, None, None, "kept back", ""),
        ("OCC", 4, 3, 2, "", "66.7%"),
    ]
    assert figures(world, world.dee) == [
        ("CDC", 14, 13, 12, "", "92.3%"),
        ("OCC", None, None, None, "<5", ""),
    ]
    assert figures(world, world.bea) == figures(world, world.eng) == []
    page = text(as_(world.ada).get(reverse("batches:batch", args=[world.batch.reference])))
    said = page.split("What they said")[1].split("</ul>")[0]
    assert ("2 (66.7%)" in page, "2 of 5: SOCC 2" in said, "SCDC" in said) == (True, True, False)
    whole = as_person(world.ada).ask("GET", f"refresh/batches/{world.batch.reference}/").json()["content"]
    assert whole[0] == {
        "council": "CDC",
        "asked": 14,
        "answered": None,
        "content": None,
        "kept_back": "kept back",
    }


def test_many_answers_of_the_other_council_are_shown(world):
    surveys(world, world.district, [5] * 8 + [1] * 6 + [None] * 9)

    assert figures(world, world.ada) == [("CDC", 23, 14, 8, "", "57.1%")]


def test_nobody_is_asked_of_what_went_to_no_person(world):
    item = swapped(world)
    type(item.replacement).objects.filter(pk=item.replacement_id).update(
        holder=None, holder_note="Front desk"
    )

    assert (follow_up(FRIDAY + 2 * HOUR), SwapSurvey.objects.count()) == (0, 0)

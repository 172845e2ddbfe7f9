"""After a swap: what to look at two hours later, and on the next working day how it went, of which figures are made."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from assets.batches import letters
from assets.batches.contentment import comments_of, content_of
from assets.batches.models import BatchCouncil, BatchItem, SwapSurvey
from assets.batches.survey_letters import about_survey
from assets.batches.surveying import answer, follow_up
from assets.batches.swapping import swap
from assets.batches.undoing import last_deed, take_back
from assets.register.lifecycle import MoveRefused
from servicedesk.history.editing import Stale
from servicedesk.history.models import Change
from servicedesk.notifications.models import Message
from servicedesk.service_levels.models import CalendarException
from servicedesk.service_levels.promises import calendar_for
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


def swapped(world, at: int = 0, now: datetime = FRIDAY) -> BatchItem:
    given = {"old": f"O-0{at + 1}", "new": f"N-0{at + 1}", "signed_by": "Jo", "data_saved": True}
    return swap(world.items[at], by=world.eng, now=now, **given).item


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


def test_a_swap_that_was_taken_back_and_made_again_is_asked_about_again(world):
    item = swapped(world)
    follow_up(FRIDAY + 2 * HOUR)
    take_back(last_deed(world.eng, item.batch), item.batch, by=world.eng, now=FRIDAY)
    assert not SwapSurvey.objects.exists()
    gone = Change.objects.get(kind="batches.swapsurvey", action="remove")
    assert (gone.label, gone.change_set.by_id) == ("How the swap of O-01 went", world.eng.pk)

    swapped(world, now=FRIDAY + 3 * HOUR)

    assert [follow_up(FRIDAY + 5 * HOUR), follow_up(MONDAY)] == [1, 1]
    check = ("Jo", "Does your new Laptop, E14 work?")
    assert told() == [check, check, ("Jo", "How did the replacement of your equipment go?")]


def test_an_answer_about_a_swap_that_was_taken_back_is_kept_and_not_counted(world):
    row = asked(world)
    answer(row, by=world.jo, score=5, comment="Quick", now=MONDAY)
    assert figures(world, world.ada) == [("OCC", 1, 1, 1, "", "100.0%")]

    take_back(last_deed(world.eng, world.batch), world.batch, by=world.eng, now=MONDAY)

    assert (figures(world, world.ada), list(comments_of(world.batch, world.ada))) == ([], [])
    assert SwapSurvey.objects.get().score == 5


def test_a_swap_that_is_made_again_is_asked_about_anew_and_the_answer_about_the_first_never_counts(world):
    first = asked(world)
    answer(first, by=world.jo, score=5, comment="Quick", now=MONDAY)
    take_back(last_deed(world.eng, world.batch), world.batch, by=world.eng, now=MONDAY)
    swapped(world, now=MONDAY + HOUR)
    assert (figures(world, world.ada), list(comments_of(world.batch, world.ada))) == ([], [])

    tuesday = MONDAY + timedelta(days=1)
    assert [follow_up(MONDAY + 3 * HOUR), follow_up(tuesday), follow_up(tuesday + HOUR)] == [1, 1, 0]

    again = SwapSurvey.objects.exclude(pk=first.pk).get()
    assert figures(world, world.ada) == [("OCC", 1, 0, 0, "", "")]
    answer(again, by=world.jo, score=2, comment="It broke", now=tuesday)
    assert figures(world, world.ada) == [("OCC", 1, 1, 0, "", "0.0%")]
    assert [row.comment for row in comments_of(world.batch, world.ada)] == ["It broke"]


def test_a_swap_that_is_made_again_within_the_day_is_asked_about_anew_too(world):
    swapped(world)
    follow_up(FRIDAY + 2 * HOUR)
    answer(SwapSurvey.objects.get(), by=world.jo, score=5, now=FRIDAY + 2 * HOUR)
    take_back(last_deed(world.eng, world.batch), world.batch, by=world.eng, now=FRIDAY)
    swapped(world, now=FRIDAY + 3 * HOUR)

    assert [follow_up(FRIDAY + 5 * HOUR), follow_up(MONDAY)] == [1, 1]


def test_somebody_is_asked_once_for_all_that_they_got_on_a_day(world):
    swapped(world, 0), swapped(world, 1, FRIDAY + HOUR), swapped(world, 2)

    assert [follow_up(FRIDAY + 2 * HOUR), follow_up(FRIDAY + 3 * HOUR), follow_up(MONDAY)] == [2, 0, 2]

    assert [person for person, _ in told()] == ["Jo", "Kim", "Jo", "Kim"]
    question = Message.objects.filter(event="swap_followed", person=world.jo).latest("pk")
    assert "your Laptop, E14, O-01 and Laptop, E14, O-02." in question.body


def test_the_question_waits_until_the_check_list_could_be_read(world):
    """Swapped in the evening, the check list is read when Jo's hours begin on Monday; the question comes 2 hours on."""
    swapped(world, now=FRIDAY + 8 * HOUR)
    follow_up(FRIDAY + 10 * HOUR)
    opens = Message.objects.get(event="swap_followed").next_try_at

    assert opens > FRIDAY + 48 * HOUR
    assert [follow_up(opens), follow_up(opens + HOUR), follow_up(opens + 2 * HOUR)] == [0, 0, 1]


def test_however_long_the_desk_is_closed_the_question_comes_when_it_opens(world):
    """Swapped on Wednesday 23 December, and the desk is closed until Monday 4 January."""
    for day in range(24, 32):
        hours = calendar_for(world.county.pk)
        CalendarException.objects.get_or_create(calendar=hours, date=date(2026, 12, day))
    wednesday, monday = datetime(2026, 12, 23, 10, tzinfo=UTC), datetime(2027, 1, 4, 12, tzinfo=UTC)
    swapped(world, now=wednesday)

    told = [follow_up(wednesday + 2 * HOUR), follow_up(monday - timedelta(days=1)), follow_up(monday)]
    assert told == [1, 0, 1]


def test_a_question_whose_letter_was_not_written_is_asked_again(world, monkeypatch):
    swapped(world)
    follow_up(FRIDAY + 2 * HOUR)

    def broken(*args, **more):
        raise OSError("The disk is full")

    with monkeypatch.context() as patch, pytest.raises(OSError, match="full"):
        patch.setattr(letters, "post", broken)
        follow_up(MONDAY)

    assert SwapSurvey.objects.get().asked_at is None
    assert follow_up(MONDAY) == 1


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


def test_the_page_about_a_swap_that_was_taken_back_asks_nothing_of_the_next_one(world):
    first = asked(world)
    answer(first, by=world.jo, score=5, now=FRIDAY)
    take_back(last_deed(world.eng, world.batch), world.batch, by=world.eng, now=FRIDAY)
    swapped(world, now=FRIDAY + HOUR)
    jo, at = as_(world.jo), reverse("batches:survey", args=[first.pk])

    page = text(jo.get(at))

    assert "This replacement was taken back" in page
    assert ('name="score"' in page, "New device" in page, "Tell us what is wrong" in page) == (False,) * 3
    assert jo.post(at, {"score": "1", "version": first.version + 1}).status_code == 409
    assert SwapSurvey.objects.get(pk=first.pk).score == 5


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
            swapped_at=FRIDAY,
        )
        said = {
            "score": score,
            "answered_at": FRIDAY if score else None,
            "asked_at": FRIDAY,
            "comment": f"{prefix} {score}" if score else "",
        }
        when = {"swapped_at": FRIDAY, "checked_at": FRIDAY}
        SwapSurvey.objects.create(council=council, item=item, person=world.jo, **when, **said)


def figures(world, person) -> list[tuple]:
    return [(one.council.code, *one[1:5], one.per_cent) for one in content_of(world.batch, person)]


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
    content = f'>2<span class="govuk-visually-hidden"> content at {world.county}</span></a> (66.7%)'
    assert (content in page, "2 of 5: SOCC 2" in said, "SCDC" in said) == (True, True, False)
    whole = as_person(world.ada).ask("GET", f"refresh/batches/{world.batch.reference}/").json()["content"]
    assert whole[0] == {
        "council": "CDC",
        "asked": 14,
        "answered": None,
        "content": None,
        "kept_back": "kept back",
    }


def test_who_got_a_check_list_alone_does_not_count_as_asked(world):
    surveys(world, world.county, [5, None])
    assert figures(world, world.ada) == [("OCC", 2, 1, 1, "", "100.0%")]
    SwapSurvey.objects.update(asked_at=None)
    assert figures(world, world.ada) == [("OCC", 1, 1, 1, "", "100.0%")]


def test_many_answers_of_the_other_council_are_shown(world):
    surveys(world, world.district, [5] * 8 + [1] * 6 + [None] * 9)

    assert figures(world, world.ada) == [("CDC", 23, 14, 8, "", "57.1%")]


def test_nobody_is_asked_of_what_went_to_no_person(world):
    item = swapped(world)
    type(item.replacement).objects.filter(pk=item.replacement_id).update(
        holder=None, holder_note="Front desk"
    )

    assert (follow_up(FRIDAY + 2 * HOUR), SwapSurvey.objects.count()) == (0, 0)

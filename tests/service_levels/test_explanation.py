"""Deadlines taken apart: as data, in words, and from documents that other people write."""

import json
from datetime import timedelta

import pytest

from servicedesk.service_levels.explanation import explain, explain_cases
from servicedesk.service_levels.working_time import DeadlineError, worked
from tests.service_levels.calendars import CALENDARS, CASES, DOCUMENT, STD, pauses_of, utc

MONDAY = utc("2026-11-23T10:00+00:00")
CASE = {"id": "E01", "calendar": "STD", "start": "2026-11-23T09:12+00:00", "target_seconds": 28800}


def document(**changes) -> dict:
    return {"calendars": DOCUMENT["calendars"], "cases": [CASE | changes]}


def words_of(name: str) -> list[str]:
    case = CASES[name]
    return explain(
        CALENDARS[case["calendar"]], utc(case["start"]), case["target_seconds"], pauses_of(case)
    ).words()


def test_explain_cases_agrees_with_every_worked_example():
    found = explain_cases(DOCUMENT)

    assert [(case["id"], utc(case["due"])) for case in found] == [
        (case["id"], utc(case["due"])) for case in DOCUMENT["cases"]
    ]


def test_explain_cases_gives_slots_that_add_up_to_the_target_and_end_when_it_is_due():
    for found, case in zip(explain_cases(DOCUMENT), DOCUMENT["cases"], strict=True):
        lengths = [utc(closes) - utc(opens) for opens, closes in found["slots"]]

        assert sum(lengths, timedelta(0)).total_seconds() == case["target_seconds"]
        assert found["slots"][-1][1] == found["due"]


def test_explain_cases_cuts_pauses_out_and_writes_local_times_with_their_offset():
    case = {
        "id": "one",
        "calendar": "STD",
        "start": "2026-10-23T14:00+00:00",
        "target_seconds": 4 * 3600,
        "pauses": [["2026-10-23T15:30+00:00", "2026-10-26T09:00+00:00"]],
    }

    assert explain_cases({"calendars": DOCUMENT["calendars"], "cases": [case]}) == [
        {
            "id": "one",
            "due": "2026-10-26T11:30:00+00:00",
            "paused_seconds": 2 * 3600,
            "slots": [
                ["2026-10-23T15:00:00+01:00", "2026-10-23T16:30:00+01:00"],
                ["2026-10-26T09:00:00+00:00", "2026-10-26T11:30:00+00:00"],
            ],
        }
    ]


def test_explain_cases_of_a_pause_that_has_not_ended_leaves_due_open():
    found = explain_cases(document(pauses=[["2026-11-23T10:12+00:00", None]]))

    slots = [["2026-11-23T09:12:00+00:00", "2026-11-23T10:12:00+00:00"]]
    assert found == [{"id": "E01", "due": None, "paused_seconds": 0, "slots": slots}]


def test_explain_counts_a_pause_that_has_not_ended_up_to_now():
    begin = utc("2026-11-23T16:30+00:00")

    found = explain(STD, MONDAY, 102_600, [(begin, None)], now=utc("2026-11-24T08:30+00:00"))

    assert (found.due, found.paused_seconds) == (None, 5400)


def test_explain_ignores_a_pause_after_the_due_instant():
    case = CASES["E19"]

    found = explain(STD, utc(case["start"]), case["target_seconds"], pauses_of(case))

    assert (found.paused_seconds, found.pauses) == (0, [])


def test_words_say_each_slot_and_its_length():
    assert words_of("E02") == [
        "Monday 23 November, 2pm to 5:30pm: 3 h 30 min",
        "Tuesday 24 November, 8am to 12:30pm: 4 h 30 min",
    ]


def test_words_name_pauses_where_they_come():
    assert words_of("E15") == [
        "Tuesday 22 December, 9am to 11am: 2 h",
        "Paused Tuesday 22 December, 11am to 1pm: not counted",
        "Tuesday 22 December, 1pm to 5:30pm: 4 h 30 min",
        "Wednesday 23 December, 8am to 5:30pm: 9 h 30 min",
        "Thursday 24 December, 8am to 4pm: 8 h",
        "Paused Thursday 24 December, 4pm to Tuesday 29 December, 10:30am: not counted",
        "Friday 25 December: bank holiday",
        "Monday 28 December: bank holiday",
        "Tuesday 29 December, 10:30am to 3pm: 4 h 30 min",
    ]


def test_words_name_the_days_that_are_passed_over():
    assert words_of("E07") == [
        "Wednesday 23 December, 3pm to 5:30pm: 2 h 30 min",
        "Thursday 24 December, 8am to 1pm: 5 h",
        "Friday 25 December: bank holiday",
        "Monday 28 December: bank holiday",
        "Tuesday 29 December: closed",
        "Wednesday 30 December: closed",
        "Thursday 31 December: closed",
        "Friday 1 January: bank holiday",
        "Monday 4 January, 8am to 5:30pm: 9 h 30 min",
        "Tuesday 5 January, 8am to 5:30pm: 9 h 30 min",
        "Wednesday 6 January, 8am to 10am: 2 h",
    ]


def test_words_say_which_of_the_two_like_times_of_the_autumn_night_is_meant():
    assert words_of("E12a") == ["Sunday 25 October, 1:15am BST to 1:30am BST: 15 min"]
    assert words_of("E12b") == ["Sunday 25 October, 1:15am GMT to 1:30am GMT: 15 min"]


def test_words_end_a_day_at_midnight():
    assert words_of("E10") == [
        "Saturday 24 October, 11:30pm to midnight: 30 min",
        "Sunday 25 October, midnight to 2:30am: 2 h 30 min",
    ]


def test_words_of_a_pause_that_has_not_ended_say_since_when():
    found = explain(STD, MONDAY, 102_600, [(MONDAY, None)])

    assert found.words() == ["Paused since Monday 23 November, 10am: not counted"]


def test_slots_agree_with_the_working_time_between_their_ends():
    found = explain(STD, MONDAY, 171_000)

    for opens, closes in found.slots:
        assert worked(STD, opens, closes) == closes - opens


@pytest.mark.parametrize("start", [None, 5, "soon", "2026-13-01T09:00+00:00"])
def test_a_start_that_is_no_time_is_refused(start):
    with pytest.raises(
        DeadlineError, match=r"^Case 'E01': start has .+, not a time such as 2026-11-23T09:12"
    ):
        explain_cases(document(start=start))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"calendar": "NONE"}, "calendar is 'NONE', which is not one of the calendars."),
        ({"calendar": ["STD"]}, "calendar is ['STD'], which is not one of the calendars."),
        (
            {"start": "2026-11-23T09:12"},
            "start has '2026-11-23T09:12' without its offset. Write it such as 2026-11-23T09:12+00:00.",
        ),
        (
            {"start": "0001-01-01T00:00+23:00"},
            "start has '0001-01-01T00:00+23:00', outside the years 2000 to 2100.",
        ),
        ({"target_seconds": -1}, "target_seconds must be a whole number from 0 to 158112000, not -1."),
        ({"target_seconds": True}, "target_seconds must be a whole number from 0 to 158112000, not True."),
        ({"target_seconds": 1.5}, "target_seconds must be a whole number from 0 to 158112000, not 1.5."),
        (
            {"target_seconds": 10**9},
            "target_seconds must be a whole number from 0 to 158112000, not 1000000000.",
        ),
        ({"pauses": "none"}, "pauses must be a list of at most 100 pauses."),
        ({"pauses": [[]] * 101}, "pauses must be a list of at most 100 pauses."),
        ({"pauses": [["2026-11-23T10:00+00:00"]]}, None),
        ({"pauses": [[None, None]]}, "pauses has None, not a time such as 2026-11-23T09:12+00:00."),
        (
            {"pauses": [["2026-11-23T11:00+00:00", "2026-11-23T10:00+00:00"]]},
            "pauses has one that ends at 2026-11-23T10:00+00:00, before it begins at 2026-11-23T11:00+00:00.",
        ),
        (
            {"pauses": [["2026-11-23T11:00+00:00", "2036-11-23T10:00+00:00"]]},
            "pauses has one later than five years after start.",
        ),
        (
            {"target_seconds": 158112000},
            "The calendar has too few open hours to use the target up within five years.",
        ),
    ],
)
def test_a_case_that_cannot_be_read_is_refused_by_name_and_field(changes, sentence):
    with pytest.raises(DeadlineError) as refused:
        explain_cases(document(**changes))

    expected = sentence or "pauses must each be a pair, from and to, not ['2026-11-23T10:00+00:00']."
    assert str(refused.value) == f"Case 'E01': {expected}"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ([], "Give one object with calendars and cases, not []."),
        ({"cases": []}, "calendars must be an object of at most 20 calendars by name."),
        (
            {"calendars": dict.fromkeys("abcdefghijklmnopqrstu", {}), "cases": []},
            "calendars must be an object of at most 20 calendars by name.",
        ),
        ({"calendars": {}}, "cases must be a list of at most 1,000 cases."),
        ({"calendars": {}, "cases": [CASE] * 1001}, "cases must be a list of at most 1,000 cases."),
        ({"calendars": {}, "cases": [7]}, "Case 1 must be an object, not 7."),
        ({"calendars": {}, "cases": [{}]}, "Case 1: id must be a text, not None."),
        (
            {"calendars": {"A": {"extends": "B"}, "B": {"extends": "A"}}, "cases": []},
            "Calendar 'A': extends leads in a circle back to 'A'.",
        ),
        (
            {"timezone": "Mars", "calendars": {"A": {"always": True}}, "cases": []},
            "Calendar 'A': timezone is 'Mars', not one such as Europe/London.",
        ),
    ],
)
def test_a_document_that_cannot_be_read_is_refused(wrong, sentence):
    with pytest.raises(DeadlineError) as refused:
        explain_cases(wrong)

    assert str(refused.value) == sentence


@pytest.mark.parametrize(
    ("name", "calendar", "seconds"),
    [
        (55, {"always": True}, 158_000_000),
        (110, {"windows": {"0": []}, "exceptions": {"2031-11-20": ["09:00", "17:00"]}}, 1),
    ],
)
def test_a_document_that_takes_too_long_is_refused(name, calendar, seconds):
    years = CASE | {"calendar": "A", "target_seconds": seconds}

    with pytest.raises(DeadlineError, match=f"^Case {name} makes this too long"):
        explain_cases({"calendars": {"A": calendar}, "cases": [years] * 120})


def test_what_is_found_can_be_written_as_json():
    found = explain_cases(DOCUMENT)

    assert json.loads(json.dumps(found)) == found

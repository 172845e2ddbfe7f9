"""The command that says how deadlines come about."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from tests.service_levels.calendars import DOCUMENT, utc


@pytest.fixture
def run(monkeypatch):
    def run(text: str, *options: str) -> str:
        out = io.StringIO()
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        call_command("explain_deadline", *options, stdout=out)
        return out.getvalue()

    return run


def test_explain_deadline_prints_every_case_as_json(run):
    found = json.loads(run(json.dumps(DOCUMENT), "--json"))

    assert {case["id"]: utc(case["due"]) for case in found} == {
        case["id"]: utc(case["due"]) for case in DOCUMENT["cases"]
    }
    assert found[0] == {
        "id": "E01r",
        "due": "2026-11-23T09:42:00+00:00",
        "paused_seconds": 0,
        "slots": [["2026-11-23T09:12:00+00:00", "2026-11-23T09:42:00+00:00"]],
    }


def test_explain_deadline_prints_words_for_people(run):
    found = run(json.dumps(DOCUMENT | {"cases": [DOCUMENT["cases"][2]]}))

    assert found.splitlines() == [
        "E02: due Tuesday 24 November 2026, 12:30pm",
        "  Monday 23 November, 2pm to 5:30pm: 3 h 30 min",
        "  Tuesday 24 November, 8am to 12:30pm: 4 h 30 min",
    ]


def test_explain_deadline_says_when_a_pause_keeps_the_due_time_open(run):
    case = DOCUMENT["cases"][2] | {"pauses": [["2026-11-23T15:00+00:00", None]]}

    assert run(json.dumps(DOCUMENT | {"cases": [case]})).splitlines() == [
        "E02: due when the pause has ended",
        "  Monday 23 November, 2pm to 3pm: 1 h",
        "  Paused since Monday 23 November, 3pm: not counted",
    ]


def test_explain_deadline_takes_a_file_with_a_byte_order_mark(run):
    assert run("\ufeff" + json.dumps({"calendars": {}, "cases": []}), "--json") == "[]\n"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Standard input is not JSON in UTF-8"),
        ("[" * 100_000, "Standard input is not JSON in UTF-8"),
        ("[]", "Give one object with calendars and cases"),
        ('{"calendars": {}, "cases": [{"id": "A"}]}', "Case 'A': calendar is None"),
    ],
)
def test_explain_deadline_refuses_bad_input_in_a_sentence(run, text, sentence):
    with pytest.raises(CommandError, match=sentence) as refused:
        run(text, "--json")

    assert refused.value.returncode == 1

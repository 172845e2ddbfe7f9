"""The calendars and cases of deadline_cases.json, and a slow second opinion on which minutes count."""

import json
from datetime import datetime, time, timedelta
from pathlib import Path

from servicedesk.service_levels.calendar_shape import calendar_from_shape
from servicedesk.service_levels.working_time import MIDNIGHT, Pause, WorkingCalendar

MINUTE = timedelta(minutes=1)
DOCUMENT = json.loads(Path(__file__).with_name("deadline_cases.json").read_text(encoding="utf-8"))
CALENDARS = {name: calendar_from_shape(DOCUMENT["calendars"], name) for name in DOCUMENT["calendars"]}
STD, ROUND_THE_CLOCK = CALENDARS["STD"], CALENDARS["24X7"]
CASES = {case["id"]: case for case in DOCUMENT["cases"]}

utc = datetime.fromisoformat


def pauses_of(case: dict) -> list[Pause]:
    return [(utc(begin), utc(end)) for begin, end in case["pauses"]]


def is_open(calendar: WorkingCalendar, minute: datetime) -> bool:
    """What a person would say who looks at the clock on the wall and the notice on the door."""
    wall = minute.astimezone(calendar.zone)
    hours = calendar.windows_on(wall.date())
    return any(opens <= wall.time() < (time.max if closes == MIDNIGHT else closes) for opens, closes in hours)

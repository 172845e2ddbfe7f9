"""Dates as people write them in spreadsheets: read, or told why not.

read(text, order="dmy") -> (date or None, code)       code as in problems.PROBLEMS, "" when all is well
read_number(number, date_1904=False) -> the same, for a bare number
read_moment(text, order="dmy") -> (datetime or None, code)
order(cells) -> "dmy" | "mdy" | "either" | "mixed"
day_of(cell, order, date_1904), moment_of(…) -> the same for a cell of any type
"""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from servicedesk.spreadsheets.formats.workbook import Cell

TIME = re.compile(
    r"(?:\s+|(?<=\d)T|,\s*)(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*([ap]m)?\s*(?:Z|[+-]\d\d:?\d\d)?$", re.I
)
NUMERIC = re.compile(r"(\d{1,2})\s?[/.\-\s]\s?(\d{1,2})\s?[/.\-\s]\s?(\d{4}|\d{2})")
YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})|(\d{4})(\d{2})(\d{2})")
DAY_NAME = re.compile(r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?[,.]?\s+", re.I)
DAY_MONTH_YEAR = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?[\s\-/.]*(?:of\s+)?([a-z]{3,9})\.?,?[\s\-/.]*(\d{4}|\d{2})", re.I
)
MONTH_DAY_YEAR = re.compile(r"([a-z]{3,9})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})", re.I)
MONTH_YEAR = re.compile(r"([a-z]{3,9})\.?[\s\-/,]*(\d{4}|\d{2})", re.I)
NUMERIC_MONTH_YEAR = re.compile(r"(\d{1,2})[/.-](\d{4})|(\d{4})-(\d{1,2})")
FINANCIAL_YEAR = re.compile(r"(?:fy\s*)?(\d{4})\s*[/-]\s*(\d{4}|\d{2})", re.I)
YEAR = re.compile(r"(?:fy\s*)?((?:19|20)\d\d)", re.I)
BARE_NUMBER = re.compile(r"\d{1,6}(?:\.\d+)?")
MONTHS = re.compile(
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    "|nov(?:ember)?|dec(?:ember)?"
)
FIRST_LETTERS = "janfebmaraprmayjunjulaugsepoctnovdec"
LONGEST = 60  # beyond it nothing is a date, and these expressions would take their time to say so
SERIALS = range(20_000, 80_000)  # 1954 to 2119
YEARS = range(1900, 2101)
EPOCH_1900, DAYS_TO_1904 = date(1899, 12, 30), 1462
NO_DAYS = {EPOCH_1900: "zero_as_date", date(1900, 2, 28): "excel_leap_day"}
"""Days that are none: how a zero with a date's format is read and, from 28 and 29 February 1900 alike, a 60, because
Excel counts the 29th, which never was."""
CENTURY_TURNS = 69  # 68 is 2068, 69 is 1969

MIDNIGHT = time()  # how a zero with a date's format is read

Read = tuple[date | None, str]


def day_of(cell: Cell, order: str = "dmy", date_1904: bool = False) -> Read:
    """The day that a cell holds, whatever its type."""
    day, code = _day_of(cell, order, date_1904)
    return (None, NO_DAYS[day]) if day in NO_DAYS else (day, code)


def moment_of(cell: Cell, order: str = "dmy", date_1904: bool = False) -> tuple[datetime | None, str]:
    """The day and time of day that a cell holds, whatever its type."""
    if isinstance(cell, datetime):
        moment: datetime | None = cell
        code = ""
    elif isinstance(cell, str):
        moment, code = read_moment(cell, order)
    else:
        day, code = _day_of(cell, order, date_1904)
        moment = datetime.combine(day, time()) if day else None
    return (None, NO_DAYS[moment.date()]) if moment and moment.date() in NO_DAYS else (moment, code)


def read(text: str, order: str = "dmy") -> Read:
    """The date that `text` means. A missing day, month or year is never guessed without a code."""
    if len(text) > LONGEST:
        return None, "date_not_understood"
    text = DAY_NAME.sub("", TIME.sub("", text.strip()), count=1)
    if found := NUMERIC.fullmatch(text):
        return _numeric(int(found[1]), int(found[2]), int(found[3]), order)
    if found := YEAR_FIRST.fullmatch(text):
        return _real(*(int(part) for part in found.groups() if part))
    if found := DAY_MONTH_YEAR.fullmatch(text):
        return _named(found[3], found[2], int(found[1]), "")
    if found := MONTH_DAY_YEAR.fullmatch(text):
        return _named(found[3], found[1], int(found[2]), "")
    if found := MONTH_YEAR.fullmatch(text):
        return _named(found[2], found[1], 1, "month_only")
    return _coarse(text)


def read_number(number: float, date_1904: bool = False) -> Read:
    """A year, or days since the workbook's epoch; 0 is an empty cell."""
    if number == 0:
        return None, ""
    if number in YEARS:
        return date(int(number), 1, 1), "year_only"
    if SERIALS.start <= number < SERIALS.stop:
        return EPOCH_1900 + timedelta(int(number) + DAYS_TO_1904 * date_1904), "excel_serial"
    if 19_000_101 <= number <= 21_001_231 and number == int(number):
        return read(str(int(number)))
    return None, "impossible_date"


def read_moment(text: str, order: str = "dmy") -> tuple[datetime | None, str]:
    """The date and, where it is told, the time of day; a zone is left out of account."""
    day, code = read(text, order)
    if day is None:
        return None, code
    told = TIME.search(text.strip())
    if not told:
        return datetime.combine(day, time()), code
    hour, minute, second = int(told[1]), int(told[2]), int(told[3] or 0)
    if told[4]:
        hour = hour % 12 + 12 * (told[4].lower() == "pm")
    if hour > 23 or minute > 59 or second > 59:
        return None, "impossible_date"
    return datetime.combine(day, time(hour, minute, second)), code


def order(cells: Iterable[object]) -> str:
    """What the written dates of a column say together: a first number over 12 is a day, a second one too."""
    day_first = month_first = False
    for cell in cells:
        if (
            isinstance(cell, str)
            and len(cell) <= LONGEST
            and (found := NUMERIC.fullmatch(TIME.sub("", cell.strip())))
        ):
            day_first |= int(found[1]) > 12
            month_first |= int(found[2]) > 12
    if day_first and month_first:
        return "mixed"
    return "dmy" if day_first else "mdy" if month_first else "either"


def _day_of(cell: Cell, order: str, date_1904: bool) -> Read:
    if isinstance(cell, datetime):
        return cell.date(), ""
    if isinstance(cell, date):
        return cell, ""
    if isinstance(cell, str):
        return read(cell, order)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return read_number(cell, date_1904)
    return None, "zero_as_date" if cell == MIDNIGHT else "date_not_understood"


def _numeric(first: int, second: int, year: int, order: str) -> Read:
    day, month = (second, first) if order == "mdy" else (first, second)
    if order != "mdy" and month > 12 >= day and _real(_whole_year(year), day, month)[0]:
        return None, "month_first_date"
    return _real(_whole_year(year), month, day)


def _named(year: str, month: str, day: int, code: str) -> Read:
    name = month.lower()
    if not MONTHS.fullmatch(name):
        return None, "date_not_understood"
    found, problem = _real(_whole_year(int(year)), FIRST_LETTERS.index(name[:3]) // 3 + 1, day)
    return found, problem or code


def _coarse(text: str) -> Read:
    if found := NUMERIC_MONTH_YEAR.fullmatch(text):
        month, year = (found[1], found[2]) if found[1] else (found[4], found[3])
        if not (found[3] and _follows(int(year), int(month))):
            day, problem = _real(int(year), int(month), 1)
            return day, problem or "month_only"
        return None, "date_not_understood"
    if (found := FINANCIAL_YEAR.fullmatch(text)) and _follows(int(found[1]), int(found[2])):
        return date(int(found[1]), 4, 1), "financial_year_only"
    if found := YEAR.fullmatch(text):
        return date(int(found[1]), 1, 1), "year_only"
    if BARE_NUMBER.fullmatch(text):
        return read_number(float(text))
    return None, "date_not_understood"


def _follows(year: int, second: int) -> bool:
    return second in (year + 1, (year + 1) % 100)


def _whole_year(year: int) -> int:
    if year > 99:
        return year
    return year + (2000 if year < CENTURY_TURNS else 1900)


def _real(year: int, month: int, day: int) -> Read:
    try:
        return date(year, month, day), ""
    except ValueError:
        return None, "impossible_date"

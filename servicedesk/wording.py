"""How dates, times, amounts and counts are written, in the style of GOV.UK. Imports nothing of ours.

Times are stored in UTC and written as the time in the councils' own zone. What is missing is written as nothing.
"""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.dateformat import format as format_date

ZONE = ZoneInfo(settings.TIME_ZONE)
Time = TypeVar("Time", date, datetime)


def local(value: Time) -> Time:
    """The moment as clocks on the wall show it; a plain date stays as it is."""
    return value.astimezone(ZONE) if isinstance(value, datetime) else value


def day(value: date | datetime | None) -> str:
    """30 November 2026"""
    return _day(value, "j F Y")


def weekday(value: date | datetime | None) -> str:
    """Monday 30 November 2026"""
    return _day(value, "l j F Y")


def short_day(value: date | datetime | None) -> str:
    """30 Nov 2026, for tables."""
    return _day(value, "j M Y")


def clock(value: datetime | None) -> str:
    """5:30pm, 6am, midday, midnight; 1:30am GMT in the hour that clocks show twice."""
    if value is None:
        return ""
    moment = value.astimezone(ZONE)
    if moment.minute == 0 and moment.hour in (0, 12):
        return "midday" if moment.hour else "midnight"
    twice = moment.utcoffset() != moment.replace(fold=1 - moment.fold).utcoffset()
    minutes = f":{moment.minute:02}" if moment.minute else ""
    written = f"{moment.hour % 12 or 12}{minutes}{'pm' if moment.hour >= 12 else 'am'}"
    return f"{written} {moment.tzname()}" if twice else written


def moment(value: datetime | None) -> str:
    """Monday 30 November 2026, 5:30pm"""
    return f"{weekday(value)}, {clock(value)}" if value else ""


def deadline(value: datetime | None) -> str:
    """Monday 30 November, 5:30pm: a promise soon enough to need no year."""
    return f"{_day(value, 'l j F')}, {clock(value)}" if value else ""


def short_moment(value: datetime | None) -> str:
    """30 Nov 2026, 5:30pm, for tables."""
    return f"{short_day(value)}, {clock(value)}" if value else ""


def iso(value: date | datetime | None) -> str:
    """2026-11-30T17:30:00+00:00, what the datetime attribute of a time element holds."""
    return local(value).isoformat() if value else ""


def duration(seconds: int) -> str:
    """8 h 18 min, 30 min, 1 min 30 s; parts that are nothing are left out."""
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = (hours, "h"), (minutes, "min"), (seconds, "s")
    return " ".join(f"{amount:,} {unit}" for amount, unit in parts if amount) or "0 min"


def number(value: int | Decimal | None, signed: bool = False) -> str:
    """1,234, and with a true minus −1,234; signed, what is above nothing is +1,234."""
    return "" if value is None else f"{_sign(value, signed)}{abs(value):,}"


def money(value: Decimal | None, signed: bool = False) -> str:
    """£1,234.50, rounded half up at the penny, with its sign as that of a number."""
    if value is None:
        return ""
    pence = value.quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{_sign(pence, signed)}£{abs(pence):,}"


def percent(value: Decimal) -> str:
    """3%, −2.5%, of 0.03 and -0.025."""
    return f"{_sign(value)}{abs(value * 100).normalize():f}%"


def file_size(size: int) -> str:
    """0.4 KB, 120 KB, 3.5 MB: in the steps of 1,024 that file managers count in."""
    kilobytes = size / 1024
    amount, unit = (kilobytes, "KB") if kilobytes < 1024 else (kilobytes / 1024, "MB")
    return f"{max(amount, 0.1):,.1f}".removesuffix(".0") + f" {unit}"


def counted(count: int, one: str, many: str = "") -> str:
    """1 ticket, 1,204 tickets; `many` where it is not `one` with an s."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def _sign(value: int | Decimal, signed: bool = False) -> str:
    return "−" if value < 0 else "+" if signed and value > 0 else ""


def _day(value: date | datetime | None, pattern: str) -> str:
    return format_date(local(value), pattern) if value else ""

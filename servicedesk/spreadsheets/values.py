"""One cell into one value, and what was wrong with it. Never raises, never guesses silently.

    clean(kind, raw, context=Context()) -> Cleaned(value, codes)
    clean_column(kind, raws, context=Context()) -> list[Cleaned]     cleans each different value once: use it
        codes: keys of problems.PROBLEMS, () when nothing is to be said
    date_order(cells) -> "dmy" | "mdy" | "either" | "mixed"          decided per column, never per cell

    kind                         value (None when the cell is empty or was not understood)
    date                         date; in the future or before 1990 is warned of
    end_date                     date; up to 20 years ahead is fine
    datetime                     datetime without zone, as written
    money                        Decimal, 2 places, GBP excluding VAT
    serial                       str, upper case, without spaces
    tag text mac ip email        str
    note                         str as written, line breaks and all
    person                       str, first name first, without what stands in brackets
    yesno                        bool
    status category coded        str, a code of `context.words` or else, for the first two, of our word lists
    integer months               int
    decimal                      Decimal without zeros at its end
    warranty                     date, or int: months

Cleaning a cleaned value gives itself.
"""

import ipaddress
import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import Any, NamedTuple

from servicedesk.spreadsheets import dates, money, texts
from servicedesk.spreadsheets.formats.workbook import Cell
from servicedesk.spreadsheets.words import (
    CATEGORIES,
    EMPTY,
    NO,
    NOT_A_PERSON,
    PLACEHOLDER_SERIALS,
    STATUSES,
    TO_BE_CONFIRMED,
    YES,
    plain,
)

LONGEST_NAME = 300
EXACT_DIGITS = 10**15  # Excel keeps 15 digits of a number
ERRORS = re.compile(
    r"#(?:(?:REF|DIV/0|VALUE|NUM|NULL|SPILL|CALC|FIELD|BLOCKED|CONNECT|BUSY)!|NAME\?|GETTING_DATA)"
)
NOT_AVAILABLE = "#N/A"
# Most cells are so plain that nothing has to be looked for: no formula, no error, nothing to trim.
PLAIN = re.compile(r"[!\"$-<>-~]{1,50}(?: [!-~]{1,50}){0,9}").fullmatch
SHORTENED = re.compile(r"\d(?:\.\d+)?E\+\d+", re.I)
WHOLE_FLOAT = re.compile(r"\d+\.0")
NOTHING_BUT = re.compile(r"0+|x+|\.+|-+")
SEVERAL = re.compile(r"[\w-]{6,}(?:\s*[/,;&\n]\s*[\w-]{6,})+")
MONTHS = re.compile(r"(\d{1,3})\s*(?:months?|mths?|mos?|m)?", re.I)
YEARS = re.compile(r"(\d{1,2}(?:\.5)?)\s*(?:years?|yrs?|y)", re.I)
LONGEST_MONTHS = 600
WHOLE = re.compile(r"-?\d{1,14}(?:\.0)?")
DECIMAL = re.compile(r"-?\d{1,12}(?:\.\d{1,12})?")
MAC_GAPS = re.compile(r"[:.\-\s]")
EARLIEST = date(1990, 1, 1)
MAC = re.compile(r"[0-9A-F]{12}")
EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]+")
IN_BRACKETS = re.compile(r"(?:\s*\([^()]*\))+\s*$")
LETTER = re.compile(r"[^\W\d_]")
NAMED_ROOM = re.compile(r"(?:meeting|training|interview|conference|committee) room\b.*|room \w+", re.I)


class Cleaned(NamedTuple):
    """The value, and the codes of what is to be said about it."""

    value: Any
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Context:
    """What a column knows: its date order, the workbook's epoch, today, and the words of a coded field."""

    date_order: str = "dmy"
    date_1904: bool = False
    as_at: date | None = None
    words: Mapping[str, str] = field(default_factory=dict)


Cleaner = Callable[[Any, Context], Cleaned]
NOTHING = Cleaned(None)
LATER = Cleaned(None, ("to_be_confirmed",))
SAYS_NOTHING = dict.fromkeys(EMPTY, NOTHING) | dict.fromkeys(TO_BE_CONFIRMED, LATER)
NO_CONTEXT = Context()


def clean(kind: str, raw: object, context: Context = NO_CONTEXT) -> Cleaned:
    """The value of one cell of that kind."""
    return CLEANERS[kind](raw, context)


def clean_column(kind: str, raws: Iterable[Cell], context: Context = NO_CONTEXT) -> list[Cleaned]:
    """The values of one column, in order."""
    cleaner = CLEANERS[kind]
    raws = list(raws)
    if bool in set(map(type, raws)):  # True equals 1, and would share its place in the table below
        return [cleaner(raw, context) for raw in raws]
    cleaned = {raw: cleaner(raw, context) for raw in set(raws)}
    return [cleaned[raw] for raw in raws]


date_order = dates.order


def _cleaner(
    from_text: Callable[[str, Context], Cleaned],
    from_other: Callable[[Cell, Context], Cleaned] | None = None,
    formulas: str = "formula_without_value",
) -> Cleaner:
    """A cleaner that has dealt with empty cells, Excel's errors, formulas, unreadable characters and numbers beyond all
    numbers.

    `from_other` takes what is no text; without it, a number or date is taken as it would be typed. `formulas` is
    the code for a formula that has no stored value: formula_text keeps it as text.
    """

    def clean_one(raw: Cell, context: Context) -> Cleaned:
        if raw is None:
            return NOTHING
        if isinstance(raw, str):
            if PLAIN(raw) and raw.casefold() not in SAYS_NOTHING:
                return from_text(raw, context)
            text, code = texts.on_one_line(raw)
        elif isinstance(raw, float) and not math.isfinite(raw):
            return Cleaned(None, ("number_beyond_all",))
        elif from_other:
            return from_other(raw, context)
        else:
            text, code = _as_text(raw)
        if code:
            return Cleaned(None, (code,))
        return _special(text, formulas) or from_text(text, context)

    return clean_one


def _special(text: str, formulas: str) -> Cleaned | None:
    """What a text means whatever its column: nothing, not yet known, an error of Excel, a formula."""
    if said := SAYS_NOTHING.get(text.casefold()):
        return said
    if text[0] == "=" and len(text) > 1:
        return Cleaned(text if formulas == "formula_text" else None, (formulas,))
    return Cleaned(None, ("error_cell",)) if text[0] == "#" and ERRORS.fullmatch(text) else None


def _as_text(raw: Cell | Decimal) -> tuple[str, str]:
    """A number or date as a person would have typed it, or the code of why that is lost."""
    if isinstance(raw, bool):
        return ("TRUE" if raw else "FALSE"), ""
    if isinstance(raw, int | float | Decimal):
        if not -EXACT_DIGITS < raw < EXACT_DIGITS:
            return "", "serial_rounded_by_excel"
        return (str(int(raw)) if raw == int(raw) else str(raw)), ""
    return (raw.isoformat() if isinstance(raw, date | time) else str(raw)), ""


def _text(text: str, context: Context) -> Cleaned:
    return Cleaned(text)


def _note(raw: Cell, context: Context) -> Cleaned:
    if not isinstance(raw, str):
        return TEXT(raw, context)
    text, code = texts.as_written(raw)
    word = text.strip()
    if code or word in ("", NOT_AVAILABLE):
        return Cleaned(None, (code,)) if code else NOTHING
    if word[0] == "#" and ERRORS.fullmatch(word):
        return Cleaned(None, ("error_in_note",))
    return Cleaned(text, ("formula_text",) if text[0] == "=" and len(text) > 1 else ())


def _dated(latest_years: int) -> Callable[[Cell, Context], Cleaned]:
    """A cleaner for dates up to so many years after today."""

    def clean_date(raw: Cell, context: Context) -> Cleaned:
        value, code = dates.day_of(raw, context.date_order, context.date_1904)
        codes = [code] if code else []
        if value and value < EARLIEST:
            codes.append("date_too_old")
        elif value and context.as_at and value > _years_after(context.as_at, latest_years):
            codes.append("date_in_future")
        return Cleaned(value, tuple(codes))

    return clean_date


def _years_after(day: date, years: int) -> date:
    return day if not years else date(day.year + years, day.month, min(day.day, 28))


def _moment(raw: Cell, context: Context) -> Cleaned:
    moment, code = dates.moment_of(raw, context.date_order, context.date_1904)
    return Cleaned(moment, (code,) if code else ())


def _money(raw: Cell | Decimal, context: Context) -> Cleaned:
    return Cleaned(*(money.read(raw) if isinstance(raw, str) else money.read_number(raw)))


def _serial(text: str, context: Context) -> Cleaned:
    if not text.isalnum() and SEVERAL.fullmatch(text):
        return Cleaned(None, ("several_serials",))
    serial = text.replace(" ", "").upper()
    if " " in text and (special := _special(serial, "formula_without_value")):
        return special
    cleaned = _tag(serial if serial.isascii() else unicodedata.normalize("NFC", serial), context)
    word = (cleaned.value or "").casefold()
    if word in PLACEHOLDER_SERIALS or NOTHING_BUT.fullmatch(word):
        return Cleaned(None, ("placeholder_serial",))
    return cleaned


def _tag(text: str, context: Context) -> Cleaned:
    if text.isalnum():
        return Cleaned(text)
    tag = text.lstrip("' ")
    if not tag:
        return NOTHING
    if special := _special(tag, "formula_without_value"):
        return special
    if SHORTENED.fullmatch(tag):
        return Cleaned(None, ("serial_rounded_by_excel",))
    return Cleaned(tag.removesuffix(".0") if WHOLE_FLOAT.fullmatch(tag) else tag)


def _numbered(
    clean_text: Callable[[str, Context], Cleaned], code: str = ""
) -> Callable[[Cell, Context], Cleaned]:
    """Identifiers that Excel has made a number of; what else it makes of them (dates, TRUE) cannot be undone."""

    def clean_number(raw: Cell, context: Context) -> Cleaned:
        if isinstance(raw, bool) or not isinstance(raw, int | float) or raw % 1:
            return Cleaned(None, ("not_an_identifier",))
        text, lost = _as_text(raw)
        if lost:
            return Cleaned(None, (lost,))
        cleaned = clean_text(text, context)
        return cleaned._replace(codes=(code,)) if code and cleaned.value else cleaned

    return clean_number


def _yesno(text: str, context: Context) -> Cleaned:
    word = text.casefold()
    if word in YES or word in NO:
        return Cleaned(word in YES)
    return Cleaned(None, ("yes_no_not_understood",))


def _yesno_of(raw: Cell, context: Context) -> Cleaned:
    if raw in (0, 1):
        return Cleaned(bool(raw))
    return Cleaned(None, ("yes_no_not_understood",))


def _coded(words: Mapping[str, str] | None, code: str) -> Callable[[str, Context], Cleaned]:
    def clean_code(text: str, context: Context) -> Cleaned:
        word = plain(text)
        for form in (word, word.removesuffix("s"), word.removesuffix("es")):
            for known in (context.words, words or {}):
                if form in known:
                    return Cleaned(known[form])
        return Cleaned(None, (code,))

    return clean_code


def _integer(text: str, context: Context) -> Cleaned:
    digits = text.replace(",", "")
    if not WHOLE.fullmatch(digits):
        return Cleaned(None, ("number_not_understood",))
    return Cleaned(int(digits.removesuffix(".0")))


def _integer_of(raw: Cell, context: Context) -> Cleaned:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or not abs(raw) < EXACT_DIGITS or raw % 1:
        return Cleaned(None, ("number_not_understood",))
    return Cleaned(int(raw))


def _decimal(text: str, context: Context) -> Cleaned:
    digits = text.replace(",", "")
    if not DECIMAL.fullmatch(digits):
        return Cleaned(None, ("number_not_understood",))
    return Cleaned(Decimal(f"{Decimal(digits).normalize():f}"))


def _decimal_of(raw: Cell | Decimal, context: Context) -> Cleaned:
    text, lost = _as_text(raw)
    return Cleaned(None, (lost,)) if lost else _decimal(text, context)


def _months(text: str, context: Context) -> Cleaned:
    if found := YEARS.fullmatch(text):
        return Cleaned(int(float(found[1]) * 12))
    if (found := MONTHS.fullmatch(text)) and int(found[1]) <= LONGEST_MONTHS:
        return Cleaned(int(found[1]))
    return Cleaned(None, ("number_not_understood",))


def _months_of(raw: Cell, context: Context) -> Cleaned:
    whole = _integer_of(raw, context)
    if whole.value is None or not 0 <= whole.value <= LONGEST_MONTHS:
        return Cleaned(None, ("number_not_understood",))
    return whole


def _warranty(raw: Cell, context: Context) -> Cleaned:
    months = _months(raw, context) if isinstance(raw, str) else _months_of(raw, context)
    return END_DATE(raw, context) if months.value is None else months


def _mac(text: str, context: Context) -> Cleaned:
    digits = MAC_GAPS.sub("", text).upper()
    if not MAC.fullmatch(digits):
        return Cleaned(None, ("mac_not_understood",))
    return Cleaned(":".join(digits[at : at + 2] for at in range(0, 12, 2)))


def _ip(text: str, context: Context) -> Cleaned:
    try:
        return Cleaned(str(ipaddress.ip_interface(text).ip))
    except ValueError:
        return Cleaned(None, ("ip_not_understood",))


def _email(text: str, context: Context) -> Cleaned:
    address = text.casefold().removeprefix("mailto:")
    return Cleaned(address) if EMAIL.fullmatch(address) else Cleaned(None, ("email_not_understood",))


def _person(text: str, context: Context) -> Cleaned:
    if len(text) > LONGEST_NAME:
        return Cleaned(None, ("text_too_long",))
    name = IN_BRACKETS.sub("", text).strip() if "(" in text else text
    if name.count(",") == 1:
        name = " ".join(reversed(name.split(","))).strip()
    name = " ".join(name.split())
    if not name:
        return NOTHING
    if special := _special(name, "formula_without_value"):
        return special
    if name.casefold() in NOT_A_PERSON or NAMED_ROOM.fullmatch(name) or not LETTER.search(name):
        return Cleaned(None, ("not_a_person",))
    return Cleaned(name)


TEXT = _cleaner(_text, formulas="formula_text")
END_DATE = _dated(20)

CLEANERS: dict[str, Cleaner] = {
    "text": TEXT,
    "note": _note,
    "date": _cleaner(_dated(0), _dated(0)),
    "end_date": _cleaner(END_DATE, END_DATE),
    "datetime": _cleaner(_moment, _moment),
    "money": _cleaner(_money, _money),
    "serial": _cleaner(_serial, _numbered(_serial, "number_as_serial")),
    "tag": _cleaner(_tag, _numbered(_tag)),
    "yesno": _cleaner(_yesno, _yesno_of),
    "status": _cleaner(_coded(STATUSES, "status_not_known")),
    "category": _cleaner(_coded(CATEGORIES, "category_not_known")),
    "coded": _cleaner(_coded(None, "look_up_unknown")),
    "integer": _cleaner(_integer, _integer_of),
    "decimal": _cleaner(_decimal, _decimal_of),
    "months": _cleaner(_months, _months_of),
    "warranty": _cleaner(_warranty, _warranty),
    "mac": _cleaner(_mac),
    "ip": _cleaner(_ip),
    "email": _cleaner(_email),
    "person": _cleaner(_person),
}

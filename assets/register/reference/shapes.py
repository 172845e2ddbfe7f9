"""What the files are made into, whatever their shape, and the values in them read or refused in a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path
from reprlib import repr as shown
from typing import Any, NamedTuple

from assets.register.models import Announced, End

ENDOFLIFE, BOAVIZTA, NETBOX, GOV_UK = (
    "endoflife.date",
    "Boavizta",
    "NetBox device-type library",
    "GOV.UK",
)
TRUTH = {"true": Announced.ENDED, "false": Announced.NOT_ANNOUNCED}
UNKNOWN = End(None, Announced.UNKNOWN)
FIRST_DAY, LAST_DAY = date(1980, 1, 1), date(2100, 12, 31)


class Refused(Exception):
    """A file cannot be read as reference data; the text is a sentence that names the file and the place."""


@dataclass(frozen=True)
class Options:
    """How a load is wanted: when the files were taken, whether what people entered gives way, what may be created."""

    checked: date | None = None
    overwrite: bool = False
    category: str = ""


class Offer(NamedTuple):
    """A value of a model that a source tells. No value means that the maker has announced none."""

    value: date | Decimal | None
    source: str
    checked: date


@dataclass(frozen=True)
class Device:
    """What a source says of a model: by the names of its maker, the offers by the name of the value."""

    where: str
    maker: str
    name: str
    offers: Mapping[str, Offer]
    numbers: tuple[str, ...] = ()
    part_number: str = ""
    is_type: bool = False


@dataclass(frozen=True)
class Release:
    """A release of an operating system: the columns of the table, its ends of support by the name of the column."""

    where: str
    product: str
    cycle: str
    name: str
    edition: str
    released_on: date | None
    ends: Mapping[str, End]
    source: str
    checked: date


@dataclass(frozen=True)
class Holiday:
    """A bank holiday of England and Wales."""

    where: str
    day: date
    title: str
    source: str
    checked: date


@dataclass
class Loaded:
    """What one file holds. `notes` are sentences about what of it is not taken."""

    path: Path
    kind: str
    source: str
    checked: date
    rows: list[Any] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def text(value: Any, where: str, what: str, longest: int, *, needed: bool = True) -> str:
    """A name out of a file, in one line. Raises Refused where it is missing, too long or no text."""
    if value is None or isinstance(value, dict | list | bool):
        found = ""
    else:
        found = " ".join(str(value)[: longest + 200].split())
    if isinstance(value, dict | list) or "\0" in found:
        raise Refused(f"{where}: {what} is {shown(value)}, not a text.")
    if len(found) > longest:
        raise Refused(f"{where}: {what} is longer than {longest} characters.")
    if needed and not found:
        raise Refused(f"{where}: {what} is missing.")
    return found


def day(value: Any, where: str, what: str) -> date | None:
    """A date out of a file, None where it is empty. Raises Refused."""
    if value is None or value == "":
        return None
    try:
        found = (
            date.fromisoformat(value) if isinstance(value, str) and len(value) == len("2026-10-14") else None
        )
    except ValueError:
        found = None
    if found is None or not FIRST_DAY <= found <= LAST_DAY:
        raise Refused(f"{where}: {what} is {shown(value)}, not a date such as 2026-10-14.")
    return found


def end(value: Any, where: str, what: str) -> End:
    """When something ends: a date; false, none is announced; true, it has ended; empty, not known. Raises Refused."""
    said = str(value).lower() if isinstance(value, bool | str) else ""
    if said in TRUTH:
        return End(None, TRUTH[said])
    found = day(value, where, what)
    return End(found, Announced.DATE) if found else UNKNOWN


def number(value: Any, where: str, what: str) -> Decimal | None:
    """A number out of a file, None where it is empty. Raises Refused."""
    if value is None or value == "":
        return None
    try:
        if isinstance(value, bool) or not isinstance(value, str | int | float) or len(str(value)) > 30:
            raise InvalidOperation
        found = Decimal(str(value).strip())
    except InvalidOperation:
        found = Decimal("NaN")
    if not found.is_finite():
        raise Refused(f"{where}: {what} is {shown(value)}, not a number.")
    return found


def rounded(value: Decimal, places: int) -> Decimal:
    """As a column with so many places holds it."""
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)

"""What a stock-take says: how many of each outcome, its lines in words, and what came of one scan."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import Count, Q, QuerySet

from assets.register.addresses import address_of
from assets.register.facts import what_it_is
from assets.register.finding import bare
from assets.register.lifecycle import AssetState
from assets.register.models import Asset, StockTake, StockTakeLine
from assets.register.stock_taking import RULES, Counted, Outcome, outcome
from servicedesk import wording

WORDS = {
    Outcome.FOUND: "Found",
    Outcome.ELSEWHERE: "Here, but not expected",
    Outcome.UNKNOWN: "Not in this council's register",
    Outcome.MISSING: "Not found",
}
STILL = "Still to be found"
"""What is missing is called so until the counting ends."""
SHOWN = ("council", "site", "begun_by", "ended_by")
OF_A_LINE = ("asset__model", "asset__manufacturer", "asset__site", "counted_by")


class Said(NamedTuple):
    """What came of a scan in a sentence, and whether it is as it should be."""

    text: str
    good: bool


def tallied(rows: QuerySet[StockTake]) -> QuerySet[StockTake]:
    """Each with how many lines there are of each outcome: `of_found` and so on."""
    return rows.annotate(
        **{
            f"of_{name}": Count(
                "lines", filter=Q(**{f"lines__{column}": value for column, value in rule.items()})
            )
            for name, rule in RULES.items()
        }
    )


def lines_of(stock_take: StockTake, name: Outcome) -> QuerySet[StockTakeLine]:
    """The lines of one outcome, with what is shown of them."""
    return stock_take.lines.filter(**RULES[name]).select_related(*OF_A_LINE).order_by("name", "id")


def registered(line: StockTakeLine) -> str:
    """Where the register had it when it was met, and why it was not expected: "Banbury Library, 2.14, in repair"."""
    state = AssetState(line.state_then).label.lower() if line.state_then else ""
    return ", ".join(part for part in (line.site_then or "no site", line.room_then, state) if part)


def elsewhere_owned(person, stock_take: StockTake, names: Iterable[str]) -> dict[str, str]:
    """What the person may know of names that are not in this register: whose they are, where they may see that one."""
    names = list(names)
    if not names:
        return {}
    seen = Asset.objects.visible_to(person).exclude(council=stock_take.council_id).named(*names)
    known: dict[str, str] = {}
    for asset in seen.select_related("council", "model", "manufacturer"):
        told = f"In the register of {asset.council}: {what_it_is(asset)}"
        called = (asset.asset_tag, asset.serial_number, address_of(asset.pk))
        known |= {bare(name): told for name in called if name}
    return {name: known[bare(name)] for name in names if bare(name) in known}


def said(person, stock_take: StockTake, counted: Counted) -> Said:
    """One scan in a sentence."""
    line = counted.line
    if line is None:
        return Said(f"{len(counted.several)} assets are called {counted.name}: choose which it is", False)
    if counted.again and line.counted_at:
        by = "you" if counted.again == person else counted.again
        return Said(f"{line} was counted before, by {by} at {wording.clock(line.counted_at)}", False)
    found = outcome(line)
    if found == Outcome.FOUND:
        return Said(f"{line}: found", True)
    if found == Outcome.ELSEWHERE:
        return Said(f"{line} was not expected here. The register has it at: {registered(line)}", False)
    told = elsewhere_owned(person, stock_take, [counted.name]).get(counted.name, "")
    return Said(f"{line} is not in this council's register{f'. {told}' if told else ''}", False)

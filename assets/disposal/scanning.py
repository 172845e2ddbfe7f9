"""Putting what was scanned or pasted into a consignment: what of it is meant, and what cannot go in."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from assets.disposal.consigning import add_items
from assets.disposal.models import Consignment
from assets.register.finding import sort_out
from assets.register.models import Asset
from servicedesk.people.models import Person


class Scan(NamedTuple):
    """What is in the consignment now and was not, and a sentence for each thing that is not."""

    added: list[Asset]
    sentences: list[str]


def scan(row: Consignment, names: Iterable[str], *, by: Person, now: datetime | None = None) -> Scan:
    """Add what the names mean, of the consignment's own council where several bear one. Raises as `add_items` does."""
    found = sort_out(by, names)
    meant = [asset for asset in found.one.values()]
    sentences = [f"{name} is not in the register." for name in found.none]
    for name, assets in found.several.items():
        own = [asset for asset in assets if asset.council_id == row.council_id]
        if len(own) == 1:
            meant += own
        else:
            sentences.append(f"{name} is the name of several things. Scan the serial number.")
    if found.left_out:
        sentences.append(f"{found.left_out} more were scanned than are taken in at once. Scan those again.")
    added, refused = add_items(row, meant, by=by, now=now)
    return Scan(added, [*sentences, *(one.sentence for one in refused)])

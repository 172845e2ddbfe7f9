"""Makers' carbon reports in Boavizta's shape: kWh a year, and the carbon of making one.

What is not taken: the carbon of its use, which is that of the maker's country mix; and the useful life, which each
maker chooses otherwise. Values that cannot be, of which the set has some, are left out and said.
"""

from datetime import date
from decimal import Decimal

from assets.register.reference.files import Content
from assets.register.reference.shapes import BOAVIZTA, Device, Loaded, Offer, number, rounded, text

MOST_KWH, MOST_CARBON = Decimal(1_000_000), Decimal(1_000_000)


def read_footprints(content: Content, checked: date | None) -> Loaded:
    """The devices of a file. Raises Refused."""
    loaded = Loaded(content.path, content.kind, BOAVIZTA, checked or content.written)
    for where, row in content.tree:
        offers = {}
        for name, value in {
            "annual_kwh": _energy(loaded, where, row),
            "embodied_kgco2e": _embodied(loaded, where, row),
        }.items():
            if value is not None:
                offers[name] = Offer(value, BOAVIZTA, loaded.checked)
        maker = text(row["manufacturer"], where, "the manufacturer", 100)
        loaded.rows.append(Device(where, maker, text(row["name"], where, "the name", 300), offers))
    return loaded


def _energy(loaded: Loaded, where: str, row: dict[str, str]) -> Decimal | None:
    kwh = number(row["yearly_tec"], where, "yearly_tec")
    if kwh is not None and not 0 < kwh < MOST_KWH:
        loaded.notes.append(f"{where}: yearly_tec {kwh} cannot be, and is left out.")
        return None
    return None if kwh is None else rounded(kwh, 1)


def _embodied(loaded: Loaded, where: str, row: dict[str, str]) -> Decimal | None:
    """The carbon of making it: a share of the whole, where the maker says which. The rest of the whole is not it."""
    whole = number(row["gwp_total"], where, "gwp_total")
    share = number(row["gwp_manufacturing_ratio"], where, "gwp_manufacturing_ratio")
    if whole is None or share is None:
        return None
    if not (0 < whole < MOST_CARBON and 0 < share <= 1):
        loaded.notes.append(
            f"{where}: gwp_manufacturing_ratio {share} of gwp_total {whole} cannot be, and is left out."
        )
        return None
    return rounded(whole * share, 2)

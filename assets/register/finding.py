"""What a search finds an asset by: what it is called, what it is, who has it and where. Never what it cost.

And many assets at once by what was scanned or pasted, a tag or serial number a line.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from assets.register.models import Asset
from servicedesk.search.index import index


def index_assets(assets: Iterable[Asset]) -> None:
    """Make assets findable by their present words. Reads related names, so select what the rows point at."""
    index(Asset, {asset.pk: search_text(asset) for asset in assets})


def search_text(asset: Asset) -> str:
    """The words of one asset."""
    parts = (
        asset.asset_tag,
        asset.serial_number,
        asset.hostname,
        asset.get_category_display(),
        asset.manufacturer,
        asset.model,
        asset.holder,
        asset.holder_note,
        asset.site,
        asset.room,
        asset.phone_number,
        asset.imei,
        asset.mac_address,
        asset.ip_address,
    )
    return " ".join(str(part) for part in parts if part)


MOST_NAMES = 200


class SortedOut(NamedTuple):
    """What was typed, each name once: with its one asset, with its several, or with none."""

    one: dict[str, Asset]
    several: dict[str, list[Asset]]
    none: list[str]
    left_out: int

    def lines(self) -> list[tuple[str, Asset]]:
        """What matches more than one, an asset a line."""
        return [(name, asset) for name, assets in self.several.items() for asset in assets]


def sort_out(person, names: Iterable[str]) -> SortedOut:
    """The assets that the person may see by what was typed of them, the first `MOST_NAMES` names of it."""
    asked = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    taken = asked[:MOST_NAMES]
    rows = Asset.objects.visible_to(person).named(*taken)
    called: defaultdict[str, dict[int, Asset]] = defaultdict(dict)
    for asset in rows.select_related("council", "manufacturer", "model", "holder", "site").order_by("id"):
        for name in (asset.asset_tag, asset.serial_number):
            called[name.upper()][asset.pk] = asset
    found = {name: [*called.get(name.upper(), {}).values()] for name in taken}
    return SortedOut(
        {name: assets[0] for name, assets in found.items() if len(assets) == 1},
        {name: assets for name, assets in found.items() if len(assets) > 1},
        [name for name, assets in found.items() if not assets],
        len(asked) - len(taken),
    )

"""What a search finds an asset by: what it is called, what it is, who has it and where. Never what it cost.

And many assets at once by what was scanned or pasted, a tag or serial number a line.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import NamedTuple

from assets.register.addresses import address_of
from assets.register.models import Asset, Category
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


READS = (
    *("asset_tag", "serial_number", "hostname", "category", "manufacturer__name", "model__name"),
    *("holder__display_name", "holder_note", "site__name", "room", "phone_number", "imei", "mac_address"),
    "ip_address",
)
SEARCHED = frozenset(path.partition("__")[0] for path in READS)
"""The fields whose words `search_text` gives."""
AT_ONCE = 5000


def index_again(keys: Collection[int]) -> None:
    """Make assets of these keys findable by their present words."""
    index(Asset, texts_of(keys))


def texts_of(keys: Iterable[int]) -> dict[int, str]:
    """The present words of assets by key, without making objects of them: they may be many."""
    wanted, categories, texts = sorted(keys), dict(Category.choices), {}
    for start in range(0, len(wanted), AT_ONCE):
        rows = Asset.objects.filter(pk__in=wanted[start : start + AT_ONCE]).order_by()
        for pk, *parts in rows.values_list("pk", *READS):
            texts[pk] = " ".join(str(categories.get(part, part)) for part in parts if part)
    return texts


MOST_NAMES = 200


class SortedOut(NamedTuple):
    """What was typed, each name once: with its one asset, with its several, or with none.

    An asset that was named twice, such as by its tag and by its serial number, stands there once.
    """

    one: dict[str, Asset]
    several: dict[str, list[Asset]]
    none: list[str]
    left_out: int

    def lines(self) -> list[tuple[str, Asset]]:
        """What matches more than one, an asset a line."""
        return [(name, asset) for name, assets in self.several.items() for asset in assets]


SHOWN = ("council", "manufacturer", "model", "holder", "site")


def sort_out(person, names: Iterable[str], shown: Iterable[str] = SHOWN) -> SortedOut:
    """The assets that the person may see by what was typed of them, the first `MOST_NAMES` names of it.

    Of each what is `shown` is read with it.
    """
    asked = list(dict.fromkeys(name.strip() for name in names if name.strip()))
    taken = asked[:MOST_NAMES]
    rows = Asset.objects.visible_to(person).named(*taken)
    called: defaultdict[str, dict[int, Asset]] = defaultdict(dict)
    for asset in rows.select_related(*shown).order_by("id"):
        for name in (asset.asset_tag, asset.serial_number, address_of(asset.pk)):
            called[bare(name)][asset.pk] = asset
    found = {name: [*called.get(bare(name), {}).values()] for name in taken}
    one = {assets[0].pk: (name, assets[0]) for name, assets in reversed(found.items()) if len(assets) == 1}
    return SortedOut(
        dict(reversed(one.values())),
        {name: assets for name, assets in found.items() if len(assets) > 1},
        [name for name, assets in found.items() if not assets],
        len(asked) - len(taken),
    )


def bare(name: str) -> str:
    """A name as it is compared: whatever its case, and an address with or without its last stroke."""
    return name.upper().rstrip("/") if "://" in name else name.upper()

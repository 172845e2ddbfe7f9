"""What a search finds an asset by: what it is called, what it is, who has it and where. Never what it cost."""

from collections.abc import Iterable

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

"""The address of an asset's page, which its label carries as a QR code, and which asset a scanned address means.

It is made of the internal number: a tag may hold any character, and two councils may have the same one.
"""

import re
from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse

PAGE = re.compile(re.escape(settings.BASE_URL) + r"/assets/(\d{1,18})/?", re.IGNORECASE)


def address_of(key: int) -> str:
    """Where the asset's page is, in full. Whoever opens it is let in, or not, as by any other way."""
    return settings.BASE_URL + reverse("register:asset", args=[key])


def key_in(text: str) -> int | None:
    """The number of the asset whose address this is; None for any other text."""
    found = PAGE.fullmatch(text.strip())
    return int(found[1]) if found else None


def keys_in(texts: Iterable[str]) -> set[int]:
    """The numbers of the assets whose addresses are among these."""
    return {key for text in texts if (key := key_in(text)) is not None}

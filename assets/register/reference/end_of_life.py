"""Ends of support in the shapes of endoflife.date: its answers of both versions, its product files, and flat rows.

A product is an operating system, or a device, or neither, and then it is left out and said so. A file says in
`category` which it is; where it does not, the lists here do. Neither is guessed from the name of a release.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

from assets.register.models import Announced, End, OperatingSystemRelease
from assets.register.reference.files import Content
from assets.register.reference.shapes import (
    ENDOFLIFE,
    TRUTH,
    UNKNOWN,
    Device,
    Loaded,
    Offer,
    Refused,
    Release,
    day,
    end,
    text,
)

SYSTEMS = {
    *("windows", "windows-server", "ios", "ipados", "macos", "android", "chromeos", "watchos", "tvos"),
    *("ubuntu", "debian", "rhel", "centos", "rocky-linux", "almalinux", "sles", "oracle-linux", "fedora"),
    *("cisco-ios-xe", "fortios", "pan-os", "big-ip", "junos", "vmware-esxi", "netapp-ontap", "nutanix-aos"),
}
"""Products that are operating systems, by their names at endoflife.date."""
MAKERS = {
    "surface": "Microsoft",
    **dict.fromkeys(("iphone", "ipad", "apple-watch"), "Apple"),
    **dict.fromkeys(("pixel", "pixel-watch"), "Google"),
    **dict.fromkeys(("samsung-mobile", "samsung-galaxy-tab", "samsung-galaxy-watch"), "Samsung"),
    **dict.fromkeys(("motorola-mobility",), "Motorola"),
    "nokia": "Nokia",
    "fairphone": "Fairphone",
    "sony-xperia": "Sony",
}
"""Products whose releases are devices, and who makes them."""
WINDOWS_EDITIONS = {
    "-iot-lts": OperatingSystemRelease.Edition.IOT_LONG,
    "-e-lts": OperatingSystemRelease.Edition.ENTERPRISE_LONG,
    "-e": OperatingSystemRelease.Edition.ENTERPRISE,
    "-w": OperatingSystemRelease.Edition.PRO,
}
OF_A_RELEASE = {
    "eoas": "end_of_active_support",
    "eol": "end_of_security_support",
    "eoes": "end_of_extended_support",
}
OF_A_MODEL = {"discontinued": "end_of_sale", "eoas": "end_of_software_releases", "eol": "end_of_support"}
NEITHER = "neither an operating system nor a device, and left out"

# Where each shape keeps what is one thing: {our word: theirs}.
ROWS = {
    "title": "title",
    "label": "release",
    "cycle": "cycle",
    "released": "release_date",
    "eoas": "end_of_active_support",
    "eol": "end_of_life",
    "eoes": "extended_support_end",
    "discontinued": "discontinued",
}
CYCLES = {
    "label": "releaseLabel",
    "cycle": "cycle",
    "released": "releaseDate",
    "eoas": "support",
    "eol": "eol",
    "eoes": "extendedSupport",
    "discontinued": "discontinued",
}
PRODUCT = {
    "label": "releaseLabel",
    "cycle": "releaseCycle",
    "released": "releaseDate",
    **{name: name for name in ("eoas", "eol", "eoes", "discontinued")},
}
ANSWER = {"label": "label", "cycle": "name", "released": "releaseDate"}


def read_end_of_life(content: Content, checked: date | None) -> Loaded:
    """The releases and devices of a file. Raises Refused."""
    loaded = Loaded(content.path, content.kind, ENDOFLIFE, checked or _generated(content) or content.written)
    left_out: dict[str, int] = {}
    for product, title, category, where, given in _releases(content):
        row = _row(loaded, product, title, category, where, given)
        if row is None:
            left_out[product] = left_out.get(product, 0) + 1
        else:
            loaded.rows.append(row)
    loaded.notes += [f"{content.name}: {product} is {NEITHER}." for product in left_out]
    return loaded


def _releases(content: Content) -> Iterator[tuple[str, str, str, str, dict[str, Any]]]:
    """Each release: of which product, its title and category, where it stands, and what is said by our words."""
    tree, name = content.tree, content.name
    if content.kind == "end of life rows":
        for where, row in tree:
            yield row["product"], row.get("title", ""), "", where, _ours(row, ROWS)
    elif content.kind == "end of life cycles":
        for place, row in enumerate(tree, 1):
            yield content.path.stem, "", "", f"{name}, release {place}", _ours(row, CYCLES)
    elif content.kind == "end of life product":
        slug = str(tree.get("permalink", "")).strip("/") or content.path.stem
        yield from _of_product(tree["releases"], name, slug, tree.get("title"), tree.get("category"), PRODUCT)
    else:
        result = tree["result"]
        for one in result if isinstance(result, list) else [result]:
            if isinstance(one, dict) and isinstance(one.get("releases"), list):
                told = one["releases"], name, one.get("name"), one.get("label"), one.get("category")
                yield from _of_product(*told, ANSWER)


def _of_product(
    releases: list, name: str, slug: Any, title: Any, category: Any, words: dict[str, str]
) -> Iterator[tuple[str, str, str, str, dict[str, Any]]]:
    for place, release in enumerate(releases, 1):
        where = f"{name}, {slug}, release {place}"
        if not isinstance(release, dict):
            raise Refused(f"{where}: it is not written as a release.")
        given = _ours(release, words)
        if words is ANSWER:
            given |= {word: _of_answer(release, word) for word in (*OF_A_RELEASE, "discontinued")}
        product = text(slug, where, "the name of the product", 60)
        yield product, text(title, where, "the title", 100, needed=False), str(category or ""), where, given


def _ours(row: dict[str, Any], words: dict[str, str]) -> dict[str, Any]:
    return {ours: row.get(theirs) for ours, theirs in words.items()}


def _of_answer(release: dict[str, Any], word: str) -> Any:
    """An answer keeps a date and whether it has come apart: the date, else whether."""
    dated = release.get(f"{word}From")
    return release.get(f"is{word[0].upper()}{word[1:]}") if dated in (None, "") else dated


def _row(
    loaded: Loaded, product: str, title: str, category: str, where: str, given: dict[str, Any]
) -> Release | Device | None:
    product = text(product, where, "the product", 60)
    cycle = text(given["cycle"], where, "the cycle", 60)
    label = _label(given.get("label"), cycle, where)
    if product in SYSTEMS or category == "os":
        return _release(loaded, product, cycle, f"{title or product} {label}", where, given)
    if product in MAKERS:
        return _device(loaded, MAKERS[product], label, where, given)
    return None


def _label(label: Any, cycle: str, where: str) -> str:
    """What people call the release; a label that is still a pattern says nothing."""
    found = text(label, where, "the label", 100, needed=False)
    return cycle if not found or "__" in found else found


def _release(
    loaded: Loaded, product: str, cycle: str, name: str, where: str, given: dict[str, Any]
) -> Release:
    editions = WINDOWS_EDITIONS.items() if product == "windows" else ()
    return Release(
        where=where,
        product=product,
        cycle=cycle,
        name=name[:200],
        edition=next((edition for ending, edition in editions if cycle.endswith(ending)), ""),
        released_on=day(given["released"], where, "the day of the release"),
        ends={column: _end(given.get(word), where, word) for word, column in OF_A_RELEASE.items()},
        source=loaded.source,
        checked=loaded.checked,
    )


def _device(loaded: Loaded, maker: str, label: str, where: str, given: dict[str, Any]) -> Device:
    offers = {}
    for word, column in OF_A_MODEL.items():
        found = _end(given.get(word), where, word)
        if found.known in (Announced.DATE, Announced.NOT_ANNOUNCED):
            offers[column] = Offer(found.day, loaded.source, loaded.checked)
    return Device(where, maker, text(label, where, "the name", 100), offers)


def _end(value: Any, where: str, word: str) -> End:
    if word == "discontinued" and str(value).lower() in TRUTH:
        # That it is still sold says nothing about whether an end of sale is announced.
        return UNKNOWN
    return end(value, where, word)


def _generated(content: Content) -> date | None:
    """The day on which an answer was made, where it says so."""
    said = content.tree.get("generated_at") if isinstance(content.tree, dict) else None
    return day(said[:10], content.name, "generated_at") if isinstance(said, str) else None

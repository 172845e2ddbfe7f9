"""Which release of an operating system the words of a register mean. No database.

Registers say "Windows 10 Enterprise" and "22H2", "Microsoft Windows" and "10.0.19045.3803", "iOS" and "17.2". Where no
version is said the last release of that system is meant. Where no edition is said the one whose support ends first
counts. What fits no release fits none: nothing is guessed.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

WORD = re.compile(r"[a-z0-9]+(?:\.[a-z0-9]+)*")
VERSION = re.compile(r"\d\dh\d|\d{4}")
"""22H2, 1909: which release of one system."""
BUILD = re.compile(r"(?:10\.0\.)?(\d{5})(?:\.|$)")
EDITIONS = {
    "e": {"enterprise", "education", "ent", "edu"},
    "w": {"pro", "home", "professional"},
    "lts": {"ltsc", "ltsb", "lts"},
    "iot": {"iot"},
}
MAKERS = {"cisco", "vmware", "microsoft"}
# What Windows says of itself, as exports of device management have it.
BUILDS = {
    "19044": {"10", "21h2"},
    "19045": {"10", "22h2"},
    "22000": {"11", "21h2"},
    "22621": {"11", "22h2"},
    "22631": {"11", "23h2"},
    "26100": {"11", "24h2"},
    "26200": {"11", "25h2"},
    "14393": {"2016"},
    "17763": {"2019"},
    "20348": {"2022"},
}


class Release(NamedTuple):
    """A release of a system, by the short names of its product and cycle, and when its security support ends."""

    key: int
    product: str
    cycle: str
    name: str
    released_on: date | None
    ends_on: date | None


def release_of(name: str, version: str, releases: Sequence[Release]) -> Release | None:
    """The release that the name and version of a system mean, of these; None where none is sure."""
    said = _words(f"{name} {version}")
    named = [release for release in releases if _product(release) <= said]
    named = _most(named, lambda release: len(_product(release)))
    fitting = [release for release in named if _is_of(release, said)]
    exact = [release for release in fitting if _numbers(release) <= said]
    exact = _most(exact, lambda release: len(_numbers(release)))
    if exact:
        return _of_edition(exact, said)
    if any(VERSION.fullmatch(word) for word in said):
        return None
    latest = [release for release in fitting if not _edition(release) & {"lts", "iot"}]
    return _of_edition(_most(latest, lambda release: release.released_on or date.min), said)


def _words(text: str) -> set[str]:
    """The words, and of 17.2.1 also 17.2 and 17; of a build of Windows its names instead."""
    said: set[str] = set()
    for word in WORD.findall(text.lower().replace("-", " ")):
        build = BUILD.match(word)
        if build and build[1] in BUILDS:
            said |= BUILDS[build[1]]
        else:
            parts = word.split(".")
            said |= {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
    return said


def _product(release: Release) -> set[str]:
    return set(release.product.split("-")) - MAKERS


def _parts(release: Release) -> list[str]:
    return release.cycle.lower().split("-")


def _edition(release: Release) -> set[str]:
    return set(_parts(release)) & set(EDITIONS)


def _numbers(release: Release) -> set[str]:
    return set(_parts(release)) - set(EDITIONS)


def _is_of(release: Release, said: set[str]) -> bool:
    """Windows 11 and no other: the first part of the cycle is said."""
    return _parts(release)[0] in said


def _of_edition(found: Sequence[Release], said: set[str]) -> Release | None:
    asked = {edition for edition, words in EDITIONS.items() if words & said}
    special = asked & {"lts", "iot"}
    fits = [release for release in found if _edition(release) & {"lts", "iot"} == special] or list(found)
    fits = [release for release in fits if not asked or asked & _edition(release)] or fits
    return min(fits, key=lambda release: release.ends_on or date.max, default=None)


def _most(found: Iterable[Release], measure) -> list[Release]:
    """Those of the highest measure."""
    found = list(found)
    highest = max(map(measure, found), default=None)
    return [release for release in found if measure(release) == highest]

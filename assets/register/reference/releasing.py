"""Releases of operating systems, put beside those that we have: added, or renewed by what was checked later.

What a source does not say takes nothing away that it said before.
"""

from collections import defaultdict
from typing import Any

from assets.register.models import Announced, End, OperatingSystemRelease
from assets.register.reference.planning import Action, Line, Value
from assets.register.reference.shapes import Release
from servicedesk.history import editing

KIND = "operating system"


def plan_releases(releases: list[Release]) -> list[Line]:
    """What becomes of each release of the files."""
    known = {(row.product, row.cycle): row for row in OperatingSystemRelease.objects.all()}
    told: dict[tuple[str, str], list[Release]] = defaultdict(list)
    for release in releases:
        told[release.product, release.cycle].append(release)
    return [_plan(found, known.get(key)) for key, found in told.items()]


def _plan(found: list[Release], row: OperatingSystemRelease | None) -> Line:
    latest = max(release.checked for release in found)
    newest = [release for release in found if release.checked == latest]
    first, where = newest[0], ", ".join(dict.fromkeys(release.where for release in newest))
    if any(_columns(release) != _columns(first) for release in newest):
        return Line(Action.AMBIGUOUS, KIND, first.name, where, "the files say several things of it")
    why = f"product {first.product} and cycle {first.cycle}"
    if row is None:
        made = OperatingSystemRelease(product=first.product, cycle=first.cycle, **_columns(first))
        values = tuple(Value(name, "", in_words(release_end)) for name, release_end in first.ends.items())
        return Line(Action.CREATE, KIND, first.name, where, why, values, lambda: editing.add(made, by=None))
    return _renewed(row, first, where, why)


def _renewed(row: OperatingSystemRelease, release: Release, where: str, why: str) -> Line:
    if release.checked < row.checked_on:
        return Line(Action.LEAVE, KIND, row.name, where, f"{why}, older than what we have")
    wanted = {name: value for name, value in _columns(release).items() if getattr(row, name) != value}
    for name, said in release.ends.items():
        if said.known == Announced.UNKNOWN:
            wanted = {
                column: value for column, value in wanted.items() if column not in (name, f"{name}_known")
            }
    if release.released_on is None:
        wanted.pop("released_on", None)
    if not wanted:
        return Line(Action.LEAVE, KIND, row.name, where, f"{why}, the same already")
    values = [
        Value(name, in_words(row.end(name)), in_words(said))
        for name, said in release.ends.items()
        if name in wanted or f"{name}_known" in wanted
    ]
    values += [
        Value(name, str(getattr(row, name) or ""), str(value))
        for name, value in wanted.items()
        if name.removesuffix("_known") not in release.ends
    ]
    return Line(
        Action.CHANGE,
        KIND,
        row.name,
        where,
        why,
        tuple(values),
        lambda: editing.change(row, by=None, version=row.version, **wanted),
    )


def in_words(said: End) -> str:
    """A date, or how much is known of it."""
    return said.day.isoformat() if said.day else Announced(said.known).label.lower()


def _columns(release: Release) -> dict[str, Any]:
    ends = {name: said.day for name, said in release.ends.items()}
    known = {f"{name}_known": str(said.known) for name, said in release.ends.items()}
    return {
        "name": release.name,
        "edition": str(release.edition),
        "released_on": release.released_on,
        **ends,
        **known,
        "source": release.source,
        "checked_on": release.checked,
    }

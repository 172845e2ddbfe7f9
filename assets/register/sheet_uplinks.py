"""The uplink that a row of a sheet names: equipment of the council by its tag, or another row of the same sheet."""

from collections.abc import Sequence

from assets.register.models import Asset
from assets.register.uplinks import circles_in, uplinks_of
from servicedesk.spreadsheets.applying import GoodRow
from servicedesk.spreadsheets.staging import Check, StagedRow, fold

NEW = -1
"""Stands before the number of a row that is not in the register yet."""


def find_uplinks(rows: Sequence[StagedRow], check: Check) -> None:
    """Find each uplink by tag, else by hostname: in the register, else in the sheet, where it is [None, its tag]."""
    if not any("uplink" in row.values for row in rows):
        return
    known = _known(check)
    for row in rows:
        for name in ("hostname", "asset_tag"):
            if row.values.get(name) and not row.refused:
                known.setdefault(
                    fold(row.values[name]),
                    (NEW * row.number, str(row.values.get("asset_tag") or row.values[name])),
                )
    keys: dict[int, int] = {}
    for row in rows:
        written = row.values.get("uplink")
        if written is None:
            continue
        found = known.get(fold(written))
        if found is None:
            del row.values["uplink"]
            check.problem(row, "uplink", "look_up_unknown", written, remedy=_REMEDY)
        else:
            keys[row.number] = found[0]
            row.values["uplink"] = [found[0] if found[0] > 0 else None, found[1]]
    _refuse_circles(rows, keys, known, check)


_REMEDY = "Enter the tag or the hostname of equipment of this council, in the register or in this sheet"


def _known(check: Check) -> dict[str, tuple[int, str]]:
    """The council's assets by tag and by hostname; a tag counts before a hostname."""
    held = Asset.objects.filter(council=check.council).values_list("pk", "asset_tag", "hostname")
    names: dict[str, tuple[int, str]] = {}
    for pk, tag, hostname in held.order_by("-pk").iterator(chunk_size=5000):
        if hostname:
            names[fold(hostname)] = (pk, tag or hostname)
        if tag:
            names[fold(tag)] = (pk, tag)
    return names


def _refuse_circles(
    rows: Sequence[StagedRow], keys: dict[int, int], known: dict[str, tuple[int, str]], check: Check
) -> None:
    """Refuse a row whose way up, by the register and by this sheet together, leads back to it."""
    uplinks, own = uplinks_of(check.council.pk), {}
    for row in rows:
        name = row.values.get("asset_tag") or row.values.get("hostname")
        own[row.number] = known[fold(name)][0] if name and fold(name) in known else NEW * row.number
        if row.number in keys:
            uplinks[own[row.number]] = keys[row.number]
    round_ = circles_in(uplinks, {own[number] for number in keys})
    for row in rows:
        if row.number in keys and own[row.number] in round_:
            check.problem(
                row,
                "uplink",
                "look_up_unknown",
                row.values["uplink"][1],
                severity="error",
                message=f"The uplink to {row.values['uplink'][1]} goes round in a circle",
                remedy="Enter the equipment that is nearer to the core",
            )


def give_keys(rows: Sequence[GoodRow], field: str, by: Sequence[str]) -> None:
    """Give what points at other rows of the same sheet its key. Where such a row was not good, it is left out."""
    keys = {
        fold(row.values[name]): row.key or row.target_id
        for name in by
        for row in rows
        if row.values.get(name)
    }
    for row in rows:
        value = row.values.get(field)
        if value and value[0] is None:
            value[0] = keys.get(fold(value[1]))
            if value[0] is None:
                del row.values[field]
                row.changes.pop(field, None)

"""Reference data loaded from a file or a folder: all of it is read and planned first, then done, or none of it is."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import transaction

from assets.register.reference.closing import KIND as BANK_HOLIDAY
from assets.register.reference.closing import plan_holidays
from assets.register.reference.device_types import read_device_type
from assets.register.reference.end_of_life import read_end_of_life
from assets.register.reference.enriching import plan_models
from assets.register.reference.files import Content, Unknown, find, read
from assets.register.reference.footprints import read_footprints
from assets.register.reference.holidays import read_holidays
from assets.register.reference.planning import Action, Line
from assets.register.reference.releasing import plan_releases
from assets.register.reference.shapes import Device, Holiday, Loaded, Options, Refused, Release
from servicedesk.history.recording import change_set
from servicedesk.tickets.remeasuring import Effect, late_at_once

READERS = {
    "bank holidays": read_holidays,
    "device type": read_device_type,
    "footprints": read_footprints,
    **dict.fromkeys(
        ("end of life rows", "end of life cycles", "end of life product", "end of life answer"),
        read_end_of_life,
    ),
}
MOST_REFUSED = 50


@dataclass
class Outcome:
    """What was read, what is left out, what is refused, and what becomes of the register, line by line; and of the
    deadlines of open requests."""

    files: list[Loaded] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    applied: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """How many lines there are of each action."""
        found = Counter(line.action for line in self.lines)
        return {action.value: found[action] for action in Action if found[action]}

    def as_json(self) -> dict[str, Any]:
        """The same as values for JSON."""
        return {
            "applied": self.applied,
            "refused": self.refused,
            "files": [
                {
                    "file": one.path.name,
                    "holds": one.kind,
                    "source": one.source,
                    "checked": one.checked.isoformat(),
                    "rows": len(one.rows),
                }
                for one in self.files
            ],
            "left_out": self.notes,
            "counts": self.counts,
            "deadlines": {
                "open_requests": len({effect.clock.ticket_id for effect in self.effects}),
                "late_at_once": late_at_once(self.effects),
            },
            "lines": [_line_as_json(line) for line in self.lines],
        }


def load(path: Path, options: Options, *, apply: bool = False) -> Outcome:
    """Read a file or a folder and say what it would do; with `apply` do it, in one change-set.

    What it does to deadlines is found by doing that, and without `apply` taking it back. Where a file is refused,
    nothing is written.
    """
    outcome = Outcome()
    _read_all(path, options, outcome)
    if outcome.refused:
        return outcome
    try:
        with transaction.atomic():
            lines = _plan(outcome.files, options)
            effects = _write([line for line in lines if apply or line.kind == BANK_HOLIDAY], outcome.files)
            if not apply:
                transaction.set_rollback(True)
    except Refused as refusal:
        outcome.refused.append(str(refusal))
        return outcome
    outcome.lines, outcome.effects, outcome.applied = lines, effects, apply
    return outcome


def _write(lines: list[Line], files: list[Loaded]) -> list[Effect]:
    """All that is planned, in one change-set; none where nothing changes. Returns which deadlines that moves."""
    writing = [(line.kind, line.write) for line in lines if line.write]
    effects: list[Effect] = []
    if not writing:
        return effects
    with change_set(by=None, reason=_reason(files)):
        for kind, write in writing:
            done = write()
            effects += done if kind == BANK_HOLIDAY else ()
    return effects


def _read_all(path: Path, options: Options, outcome: Outcome) -> None:
    """Every file: one of a folder that is none of the shapes is left out, one that was named is refused."""
    try:
        found = find(path)
    except Refused as refusal:
        outcome.refused.append(str(refusal))
        return
    alone = [one for one, _ in found] == [path]
    for one, name in found:
        try:
            outcome.files.append(_read(read(one, name), options))
        except Unknown as unknown:
            (outcome.refused if alone else outcome.notes).append(str(unknown))
        except Refused as refusal:
            outcome.refused.append(str(refusal))
        if len(outcome.refused) >= MOST_REFUSED:
            break
    if not outcome.files and not outcome.refused:
        outcome.refused.append(f"{path.name} holds no reference data.")
    outcome.notes += [note for one in outcome.files for note in one.notes]


def _read(content: Content, options: Options) -> Loaded:
    return READERS[content.kind](content, options.checked)


def _plan(files: list[Loaded], options: Options) -> list[Line]:
    rows = [row for one in files for row in one.rows]
    return [
        *plan_releases([row for row in rows if isinstance(row, Release)]),
        *plan_models([row for row in rows if isinstance(row, Device)], options),
        *plan_holidays([row for row in rows if isinstance(row, Holiday)], options),
    ]


def _reason(files: list[Loaded]) -> str:
    sources = ", ".join(sorted({one.source for one in files}))
    return f"Reference data from {sources}"


def _line_as_json(line: Line) -> dict[str, Any]:
    return {
        "action": line.action.value,
        "kind": line.kind,
        "name": line.name,
        "where": line.where,
        "why": line.why,
        "values": [
            {"name": value.name, "old": value.old, "new": value.new, "why": value.why}
            for value in line.values
        ],
    }

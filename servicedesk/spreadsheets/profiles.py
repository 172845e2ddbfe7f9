"""What was once said of a file, kept for the next one with the same headings, for one council and one source.

find(kind, council, sheets, source)     the profile that knows one of these sheets, and that sheet
fitted(profile, sheet)                  what it says of the columns of the sheet
save, rename, remove                    every write
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from servicedesk.history.models import Change
from servicedesk.history.recording import Entry, change_set, difference, record, record_entries, snapshot
from servicedesk.people.models import Council, Person
from servicedesk.spreadsheets.headers import normalise
from servicedesk.spreadsheets.kinds import Kind, kinds
from servicedesk.spreadsheets.mapping import BY_FIELD
from servicedesk.spreadsheets.models import Import, MappingProfile, WrongStep

LONGEST_NAME = 100
OVERTAKEN = "Somebody has changed this mapping while you were looking at it."
NUMBERED = re.compile(r"\d+(?:st|nd|rd|th)?", re.I)
DATED = re.compile(
    r"\b(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]{0,6}\b|\bfinal\b|\bcopy\b", re.I
)
ENDING = re.compile(r"(?:\.[A-Za-z]{2,5})+$")
Sheets = Sequence[Mapping[str, Any]]


def source_of(name: str) -> str:
    """Where a file comes from, as its name says it: without ending, dates and numbers. intune_2026-11.csv → intune"""
    words = DATED.sub(" ", NUMBERED.sub(" ", re.sub(r"[_\W]+", " ", ENDING.sub("", name))))
    return " ".join(words.split())[:200]


def signature(sheet: Mapping[str, Any]) -> str:
    """By what the headings of a sheet are known again, in whatever order they stand; "" where there are none."""
    headings = sorted(f"{heading}#{place}" for _, heading, place in _placed(sheet))
    return hashlib.sha256(json.dumps(headings).encode()).hexdigest() if headings else ""


def knows(profile: MappingProfile | None, sheet: Mapping[str, Any]) -> bool:
    """Whether it was made for these headings: one can be named for others too."""
    return profile is not None and profile.signature == signature(sheet)


def _placed(sheet: Mapping[str, Any]) -> Iterator[tuple[str, str, int]]:
    """Each column that has a heading: its letter, the heading, and which of those with this heading it is."""
    seen: dict[str, int] = {}
    for column in sheet["columns"]:
        if heading := normalise(column["heading"]):
            seen[heading] = seen.get(heading, 0) + 1
            yield column["letter"], heading, seen[heading]


def find(
    kind: Kind, council: Council, sheets: Sheets, source: str
) -> tuple[MappingProfile, Mapping[str, Any]] | None:
    """The profile that knows a sheet: that of the same source before others, the sheet with most rows before others."""
    by_signature = {signature(sheet): sheet for sheet in sorted(sheets, key=lambda sheet: sheet["data_rows"])}
    held = MappingProfile.objects.filter(council=council, kind=kind.code, signature__in=by_signature)
    best = max(
        held,
        key=lambda each: (
            each.source.casefold() == source.casefold(),
            by_signature[each.signature]["data_rows"],
            each.saved_at,
        ),
        default=None,
    )
    return (best, by_signature[best.signature]) if best else None


def named(kind: Kind, council: Council, name: str) -> MappingProfile | None:
    """The council's profile of that name."""
    return MappingProfile.objects.filter(council=council, kind=kind.code, name__iexact=name.strip()).first()


def fitted(profile: MappingProfile, sheet: Mapping[str, Any]) -> dict[str, Any]:
    """What the profile says, by the letters of this sheet; of headings that it does not know, or of which nobody said
    which column is meant, it says nothing.
    """
    left_open = {
        heading
        for then, (heading, _) in profile.headings.items()
        if then not in profile.mapping.get("columns", {})
    }
    letters = {(heading, place): letter for letter, heading, place in _placed(sheet)}
    now = {
        then: letters[heading, place]
        for then, (heading, place) in profile.headings.items()
        if (heading, place) in letters and heading not in left_open
    }
    said = {
        part: {now[then]: value for then, value in profile.mapping.get(part, {}).items() if then in now}
        for part in ("columns", "dates")
    }
    return said | {part: profile.mapping[part] for part in BY_FIELD if profile.mapping.get(part)}


def save(started: Import, name: str, *, by: Person | None, now: datetime | None = None) -> MappingProfile:
    """Keep what is said of an import's columns and values under a name, in place of what was kept for its headings and
    its source. Raises ValidationError when the name is another's."""
    _check_right(started.kind, started.council_id, by)
    now, sheet = now or timezone.now(), started.table
    known = {"council": started.council, "kind": started.kind, "signature": signature(sheet)}
    source = source_of(started.file.name)
    profile = MappingProfile.objects.filter(**known, source=source).first() or MappingProfile(
        **known, source=source
    )
    if started.profile and knows(started.profile, sheet):
        profile = MappingProfile.objects.filter(pk=started.profile.pk).first() or profile
    said = {part: started.mapping.get(part, {}) for part in ("columns", "dates", *BY_FIELD)}
    if encoding := started.mapping.get("encoding"):
        said["encoding"] = encoding
    headings = {letter: [heading, place] for letter, heading, place in _placed(sheet)}
    fields = {"name": _clean(name), "headings": headings, "mapping": said, "create": started.create}
    if profile.pk and all(getattr(profile, key) == value for key, value in fields.items()):
        return profile
    with change_set(by=by, reason=f"Mapping of {started.file}", now=now) as deed:
        before = snapshot([profile]) if profile.pk else None
        for key, value in {**fields, "saved_by": by, "saved_at": now}.items():
            setattr(profile, key, value)
        profile.version += 1 if profile.pk else 0
        _write(profile)
        record(deed, [profile], before)
    return profile


def rename(profile: MappingProfile, name: str, *, by: Person | None, version: int) -> MappingProfile:
    """Give it another name. Raises ValidationError when the name is another's, WrongStep when somebody was quicker."""
    _check_right(profile.kind, profile.council_id, by)
    with change_set(by=by, reason="Mapping renamed") as deed:
        before = snapshot([profile])
        held = MappingProfile.objects.select_for_update().filter(pk=profile.pk, version=version)
        if not held.exists():
            raise WrongStep(OVERTAKEN)
        try:
            with transaction.atomic():
                renamed = held.update(name=_clean(name), version=F("version") + 1)
        except IntegrityError as error:
            raise _taken() from error
        if not renamed:
            raise WrongStep(OVERTAKEN)
        profile.refresh_from_db()
        record(deed, [profile], before)
    return profile


def remove(profile: MappingProfile, *, by: Person | None) -> None:
    """Forget it. Imports that were mapped by it stay as they are."""
    _check_right(profile.kind, profile.council_id, by)
    with change_set(by=by, reason="Mapping deleted") as deed:
        was = snapshot([profile])[profile.pk]
        gone = difference(was, dict.fromkeys(was, (None, "")))
        entry = Entry(profile.pk, str(profile), profile.council_id, Change.Action.UPDATE, gone)
        if MappingProfile.objects.filter(pk=profile.pk).delete()[0]:
            record_entries(deed, MappingProfile, [entry])


def a_name(started: Import) -> str:
    """A name to propose for what is said of an import, that no other profile of the council has."""
    usual = source_of(started.file.name)[:80] or started.kind_of_row.many.capitalize()
    taken = {
        name.casefold()
        for name in MappingProfile.objects.filter(council=started.council, kind=started.kind).values_list(
            "name", flat=True
        )
    }
    tried = (usual, *(f"{usual} {number}" for number in range(2, len(taken) + 3)))
    return next(name for name in tried if name.casefold() not in taken)


def _write(profile: MappingProfile) -> None:
    try:
        with transaction.atomic():
            profile.save()
    except IntegrityError as error:
        raise _taken() from error


def _taken() -> ValidationError:
    return ValidationError({"name": "There is another mapping of this name. Choose a name of its own"})


def _clean(name: str) -> str:
    return " ".join(name.split())[:LONGEST_NAME]


def _check_right(kind: str, council_id: int, by: Person | None) -> None:
    if by is not None and council_id not in kinds()[kind].may_import(by):
        raise PermissionDenied("You may not import for this council.")

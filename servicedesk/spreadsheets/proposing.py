"""What we take a file to be before anybody has said so: its tables, the saved mapping that knows one of them, and what
it names that we do not know. These change the Import in hand; `importing` keeps it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from servicedesk.people.models import Person
from servicedesk.spreadsheets import mapping as mappings
from servicedesk.spreadsheets import profiles
from servicedesk.spreadsheets.columns import describe
from servicedesk.spreadsheets.evidence import Known
from servicedesk.spreadsheets.models import Import, MappingProfile
from servicedesk.spreadsheets.reading import GUESSED, Refused, Workbook
from servicedesk.spreadsheets.unknown import unknown_words

State, Step = Import.State, Import.Step
OF_THE_TABLE = ("sheet", "header_row", "columns", "dates")


def propose(started: Import, workbook: Workbook, said: Mapping[str, Any], by: Person | None) -> None:
    """Find the tables of a file and what their columns are; `said` corrects it. Raises Refused where there is none.

    A saved mapping that `said` names, or one that knows the headings of a visible sheet, says it in our place.
    """
    kind, said = started.kind_of_row, dict(said)
    if given := started.mapping.get("given"):
        said["given"] = {**given, **said.get("given", {})}
    wanted, encoding = said.pop("profile", ""), said.pop("encoding", "")
    started_in = started.mapping.get("encoding", "")
    known = Known(kind, started.council, by)
    sheets = describe(workbook, kind, known=known)
    proposed = mappings.propose(sheets)
    name = said.get("sheet", proposed.get("sheet"))
    if said.get("header_row"):
        sheets = describe(workbook, kind, {str(name): said["header_row"]}, known)
        proposed = mappings.propose([sheet for sheet in sheets if sheet["name"] == name])
    if not any(sheet["header_row"] for sheet in sheets):
        expected = ", ".join(field.heading for field in kind.fields[:4])
        raise Refused(f"We found no row of headings. Put headings such as {expected} above the rows.")
    started.sheets, started.unknown, started.step = sheets, None, Step.SHEET
    started.profile = _profile(started, wanted, [str(name)] if "sheet" in said else None)
    if started.profile:
        proposed = _by_profile(started, started.profile, said.get("sheet") or proposed.get("sheet"))
    started.mapping = mappings.correct(sheets, proposed, said, kind) if said else proposed
    _keep_encoding(started, encoding or started_in)
    started.state = State.MAPPED if started.mapping else State.UPLOADED
    if started.profile:
        started.step = Step.VALUES
        started.unknown = find_unknown(started, workbook)


def _keep_encoding(started: Import, encoding: str) -> None:
    """Keep what a text is written in with what is said of it, so that it is read so whenever it is read again."""
    if encoding and started.mapping and any(sheet.get("encoding") for sheet in started.sheets):
        started.mapping = {**started.mapping, "encoding": encoding}


def kept_encoding(started: Import, profile: MappingProfile | None) -> str:
    """What a saved mapping says that a text is written in, where nobody has said it of this file and we only guess."""
    guessed = any(sheet.get("encoding") in GUESSED for sheet in started.sheets)
    if profile is None or not guessed or started.mapping.get("encoding"):
        return ""
    return profile.mapping.get("encoding", "")


def _profile(started: Import, wanted: str, names: Iterable[str] | None) -> MappingProfile | None:
    """The saved mapping that was named, else one that knows the headings. Raises Refused when there is no such name."""
    kind, council = started.kind_of_row, started.council
    if wanted:
        profile = profiles.named(kind, council, wanted)
        if profile is None:
            raise Refused(f"There is no saved mapping called {wanted} for {kind.many} of {council.code}.")
        return profile
    sheets = [
        sheet
        for sheet in started.sheets
        if sheet["header_row"] and (sheet["name"] in names if names else sheet["visibility"] == "visible")
    ]
    found = profiles.find(kind, council, sheets, profiles.source_of(started.file_name))
    return found[0] if found else None


def _by_profile(started: Import, profile: MappingProfile, name: str | None) -> dict[str, Any]:
    """The mapping that a profile makes of the sheet that it knows, or of the one that is meant."""
    tables = [sheet for sheet in started.sheets if sheet["header_row"]]
    knows = [sheet for sheet in tables if profiles.signature(sheet) == profile.signature]
    meant = next((sheet for sheet in knows if sheet["name"] == name), None) or next(iter(knows), None)
    meant = meant or next((sheet for sheet in tables if sheet["name"] == name), tables[0])
    started.create = [
        each for each in started.kind_of_row.creatable if each in {*started.create, *profile.create}
    ]
    found = mappings.as_found(meant)
    return mappings.correct([meant], found, profiles.fitted(profile, meant), started.kind_of_row)


def moves_table(started: Import, said: Mapping[str, Any]) -> bool:
    """Whether another sheet is meant than was chosen, or another row of headings than was found."""
    name = said.get("sheet", started.mapping.get("sheet"))
    row = said.get("header_row")
    if name != started.mapping.get("sheet") and any(sheet["name"] == name for sheet in started.sheets):
        return True
    return bool(row) and any(sheet["name"] == name and sheet["header_row"] != row for sheet in started.sheets)


def correct(started: Import, said: Mapping[str, Any], by: Person | None) -> None:
    """Put what is said in place of what stands, and look again for what we do not know. Raises Refused."""
    standing_in = started.mapping.get("encoding", "")
    if wanted := said.get("profile"):
        encoding = kept_encoding(started, _profile(started, wanted, None))
        said = {"encoding": encoding, **said} if encoding else said
    if said.get("encoding", standing_in) != standing_in:
        _read_again(started, said["encoding"])
        propose(started, started.workbook, said, by)
    elif moves_table(started, said):
        propose(started, started.workbook, said, by)
    else:
        said, before = dict(said), started.mapping
        if wanted := said.pop("profile", ""):
            started.profile = _profile(started, wanted, None)
            if started.profile:
                before = _by_profile(started, started.profile, said.get("sheet", before.get("sheet")))
        standing = started.mapping
        started.mapping = mappings.correct(started.sheets, before, said, started.kind_of_row)
        _keep_encoding(started, standing_in)
        if any(started.mapping.get(part) != standing.get(part) for part in OF_THE_TABLE):
            started.unknown = None
    if started.unknown is None:
        started.unknown = find_unknown(started, started.workbook)


def _read_again(started: Import, encoding: str) -> None:
    """Read the stored file in another encoding. Raises Refused."""
    started.__dict__.pop("workbook", None)
    started.mapping = {**started.mapping, "encoding": encoding}


def find_unknown(started: Import, workbook: Workbook) -> list[dict[str, Any]]:
    """What the chosen columns name and we do not know."""
    kind = started.kind_of_row
    _, table = mappings.chosen_table(workbook, started.mapping, kind)
    return unknown_words(workbook, table, started.mapping, kind, started.council)

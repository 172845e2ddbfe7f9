"""Which column of which sheet is which field: proposed from the headings and values, corrected by a person."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from servicedesk.spreadsheets.columns import table_of
from servicedesk.spreadsheets.headers import normalise
from servicedesk.spreadsheets.kinds import Kind
from servicedesk.spreadsheets.reading import Refused, Sheet, Workbook
from servicedesk.spreadsheets.table import Table

ORDERS = ("dmy", "mdy")
POLICIES = {
    "overwrite": "Change ours to what the file says",
    "fill": "Fill in only where ours is blank",
    "never": "Never change ours",
}
USUAL_POLICY = "overwrite"
ALL_HIDDEN = "Every sheet that has headings is hidden. Choose the sheet that you mean."
DROPPED = ("duplicate", "taken")
"""Why nothing is taken from a column that has the heading of another."""
BY_FIELD = ("values", "creates", "policies", "keys")
"""What a mapping says of fields, wherever in the file they stand."""


def chosen_table(workbook: Workbook, mapping: Mapping[str, Any], kind: Kind) -> tuple[Sheet, Table]:
    """The sheet that the mapping names, and the table in it. Raises Refused where there is none any more."""
    for sheet in workbook.sheets:
        table = table_of(sheet, kind, mapping["header_row"]) if sheet.name == mapping.get("sheet") else None
        if table:
            return sheet, table
    raise Refused(ALL_HIDDEN)


def propose(sheets: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The mapping as we see it: the visible sheet with the most rows below headings that we know, {} without one."""
    tables = [sheet for sheet in sheets if sheet["header_row"] and sheet["visibility"] == "visible"]
    return as_found(max(tables, key=lambda sheet: sheet["data_rows"])) if tables else {}


def as_found(sheet: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping of a sheet as its columns were found. Of columns with the same heading it has the one that is taken
    for what that says: what the others are, somebody has to say.
    """
    asked = {letter for columns in _namesakes(sheet).values() for letter in _dropped(columns)}
    return {
        "sheet": sheet["name"],
        "header_row": sheet["header_row"],
        "columns": {
            column["letter"]: column["field"] for column in sheet["columns"] if column["letter"] not in asked
        },
        "dates": {},
        **nothing_said(),
    }


def _namesakes(sheet: Mapping[str, Any]) -> dict[str, list[Mapping[str, Any]]]:
    """The columns by each heading that more than one has, where one of them is taken for what the heading says."""
    named: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for column in sheet.get("columns", ()):
        named[normalise(column["heading"])].append(column)
    return {
        heading: columns
        for heading, columns in named.items()
        if heading and len(columns) > 1 and any(column["field"] for column in columns)
    }


def _dropped(columns: Sequence[Mapping[str, Any]]) -> list[str]:
    return [column["letter"] for column in columns if column["why"] in DROPPED]


def nothing_said() -> dict[str, Any]:
    """What a mapping says of fields as long as nobody has said anything."""
    return {"values": {}, "creates": {}, "policies": {}, "keys": []}


def correct(
    sheets: Sequence[Mapping[str, Any]], proposed: Mapping[str, Any], said: Mapping[str, Any], kind: Kind
) -> dict:
    """The mapping with what somebody says in place of what was found. Raises Refused when it does not fit the file."""
    name = said.get("sheet", proposed.get("sheet"))
    sheet = next((each for each in sheets if each["name"] == name), None)
    if name is None:
        raise Refused(ALL_HIDDEN)
    if sheet is None:
        raise Refused(f"There is no sheet called {name}. Choose one of: {_listed(sheets)}.")
    if not sheet["header_row"]:
        raise Refused(f"We found no headings on the sheet {name}. Say in which row they stand.")
    found = as_found(sheet)
    kept = {part: proposed[part] for part in (*BY_FIELD, "given") if part in proposed}
    mapping = {**found, **(proposed if proposed.get("sheet") == name else kept)}
    mapping["header_row"] = sheet["header_row"]
    columns = _named(said.get("columns", {}), [column["letter"] for column in sheet["columns"]], kind)
    mapping["columns"] = _decided(_given(mapping["columns"], columns), columns, sheet)
    mapping["dates"] = {**mapping["dates"], **_orders(said.get("dates", {}), mapping["columns"])}
    mapping["values"] = {**mapping["values"], **said.get("values", {})}
    mapping["creates"] = {**mapping["creates"], **_by_name(said.get("creates", {}), kind)}
    mapping["policies"] = _policies(mapping["policies"], said.get("policies", {}), kind)
    given = {**mapping.get("given", {}), **_by_name(said.get("given", {}), kind)}
    if given := {name: text for name, text in given.items() if text}:
        mapping["given"] = given
    else:
        mapping.pop("given", None)
    if "keys" in said:
        mapping["keys"] = _keys(said["keys"], kind)
    return mapping


def _named(said: Mapping[str, str | None], columns: Sequence[str], kind: Kind) -> dict[str, str | None]:
    _refuse_unknown([name for name in said.values() if name], kind)
    missing = [letter for letter in said if letter not in columns]
    if missing:
        raise Refused(f"The sheet has no column {', '.join(missing)}.")
    return {letter: kind.by_name[name].name if name else None for letter, name in said.items()}


def _refuse_unknown(names: Iterable[str], kind: Kind) -> None:
    unknown = [name for name in names if name not in kind.by_name]
    if unknown:
        listed = ", ".join(field.name for field in kind.fields)
        raise Refused(f"There is no field called {', '.join(unknown)}. There are: {listed}.")


def _by_name(said: Mapping[str, Any], kind: Kind) -> dict[str, Any]:
    """What was said by field, each under its own name."""
    _refuse_unknown(said, kind)
    return {kind.by_name[name].name: value for name, value in said.items()}


def _given(columns: Mapping[str, str | None], said: Mapping[str, str | None]) -> dict[str, str | None]:
    """What was said put over what was found; a field stands in one column only."""
    chosen = [name for name in said.values() if name]
    twice = sorted({name for name in chosen if chosen.count(name) > 1})
    if twice:
        raise Refused(f"Two columns cannot both be {', '.join(twice)}.")
    return {letter: None if name in chosen else name for letter, name in columns.items()} | dict(said)


def _decided(
    columns: dict[str, str | None], said: Mapping[str, str | None], sheet: Mapping[str, Any]
) -> dict[str, str | None]:
    """Whoever says of one column what it is has left out the others with its heading."""
    for named in _namesakes(sheet).values():
        if any(said.get(column["letter"]) for column in named):
            columns = dict.fromkeys(_dropped(named)) | columns
    return columns


def _policies(standing: Mapping[str, str], said: Mapping[str, str], kind: Kind) -> dict[str, str]:
    """How each field may change ours; what is usual is not kept."""
    if any(policy not in POLICIES for policy in said.values()):
        raise Refused(f"What a column may do is one of {', '.join(POLICIES)}, by its field.")
    both = {**standing, **_by_name(said, kind)}
    return {name: policy for name, policy in both.items() if policy != USUAL_POLICY}


def _keys(said: Sequence[str], kind: Kind) -> list[str]:
    """The fields by which rows are recognised, in order; [] for the order of the kind."""
    usual = [key.name for key in kind.keys]
    if len(set(said)) < len(said) or not set(said) <= set(usual):
        raise Refused(f"Rows are recognised by some of {', '.join(usual)}, each named once.")
    return [] if list(said) == usual else list(said)


def _orders(said: Mapping[str, str], columns: Mapping[str, Any]) -> dict[str, str]:
    if any(letter not in columns or order not in ORDERS for letter, order in said.items()):
        raise Refused("The order of a date column is dmy or mdy, by the letter of the column.")
    return dict(said)


def check_complete(mapping: Mapping[str, Any], kind: Kind, sheet: Mapping[str, Any]) -> None:
    """Refuse a mapping by which no row could be recognised, or that leaves open which of two columns is meant. `sheet`
    is what was found of the sheet that it is for.
    """
    left_open = [
        f"{'Two' if len(columns) == 2 else len(columns)} columns are called {heading}"
        f" ({', '.join(column['letter'] for column in columns)})."
        for heading, columns in _namesakes(sheet).items()
        if not mapping["columns"].keys() >= set(_dropped(columns))
    ]
    if left_open:
        raise Refused(" ".join([*left_open, "Say what each of them is, or that it is not to be imported."]))
    names = mapping.get("keys") or [key.name for key in kind.keys]
    keys = [kind.by_name[name] for name in names]
    if not {key.name for key in keys} & set(mapping["columns"].values()):
        listed = ", ".join(key.heading for key in keys)
        raise Refused(
            f"No column says which {kind.one} a row is about. Choose a column for one of: {listed}."
        )


def _listed(sheets: Sequence[Mapping[str, Any]]) -> str:
    return ", ".join(sheet["name"] for sheet in sheets)

"""Files of reference data found, read and told apart: by what is in them, never by their names."""

import csv
import io
import json
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from assets.register.reference.shapes import Refused

LARGEST, LARGEST_YAML, MOST_FILES, LARGEST_IN_ALL = 20_000_000, 1_000_000, 20_000, 200_000_000
MOST_ROWS = 200_000
MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
FRONT_MATTER = "---"
END_OF_LIFE_COLUMNS = {"product", "cycle", "end_of_life"}
FOOTPRINT_COLUMNS = {"manufacturer", "name", "gwp_total", "gwp_manufacturing_ratio", "yearly_tec"}

Row = tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Content:
    """A file read: what it is, and its rows, each with its place, or its whole tree."""

    path: Path
    name: str
    kind: str
    tree: Any
    written: date


class Unknown(Refused):
    """A file that is none of the shapes."""


class PlainLoader(yaml.SafeLoader):
    """YAML whose values are texts, lists and mappings alone: a part number keeps its noughts, nothing is built, and
    nothing stands for something written elsewhere, so that a small file cannot become a large one."""

    yaml_implicit_resolvers: dict = {}

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(
                problem="an alias is not read here", problem_mark=self.peek_event().start_mark
            )
        return super().compose_node(parent, index)


def find(path: Path) -> list[tuple[Path, str]]:
    """The file, or every file below the folder, in the order of their names, with how each is called in sentences.

    Links that lead out of the folder, hidden files and whatever is no ordinary file are not read. Raises Refused.
    """
    try:
        if not path.is_dir():
            _size(path, path.name)
            return [(path, path.name)]
        below = sorted(one for one in path.rglob("*") if _is_readable(one, path))
    except OSError as error:
        raise Refused(f"{path.name} cannot be read: {error.strerror}.") from error
    if len(below) > MOST_FILES:
        raise Refused(f"{path.name} holds more than {MOST_FILES:,} files. Load a folder within it.")
    if sum(one.stat().st_size for one in below) > LARGEST_IN_ALL:
        raise Refused(
            f"{path.name} holds more than {LARGEST_IN_ALL // 1_000_000} MB. Load a folder within it."
        )
    return [(one, one.relative_to(path).as_posix()) for one in below]


def read(path: Path, name: str) -> Content:
    """Read a file and decide what it is. Raises Refused, or Unknown where it is none of the shapes."""
    try:
        _size(path, name)
        content, written = path.read_bytes(), datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
    except OSError as error:
        raise Refused(f"{name} cannot be read: {error.strerror}.") from error
    text = _decoded(content, name)
    kind, tree = _tell(text, name)
    return Content(path, name, kind, tree, written)


def _is_readable(one: Path, root: Path) -> bool:
    hidden = any(part.startswith(".") for part in one.relative_to(root).parts)
    return not hidden and not one.is_symlink() and one.is_file()


def _size(path: Path, name: str) -> None:
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise Refused(f"{name} is no ordinary file.")
    if found.st_size > LARGEST:
        raise Refused(f"{name} is larger than {LARGEST // 1_000_000} MB.")


def _decoded(content: bytes, name: str) -> str:
    encoding = next((known for mark, known in MARKS if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Refused(f"{name}, line {line}: the text is not in UTF-8. Save it as UTF-8.") from error
    if not text.strip():
        raise Unknown(f"{name} is empty.")
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise Unknown(f"{name}, line {line}: there is a zero byte, so this is not a text.")
    return text


def _tell(text: str, name: str) -> tuple[str, Any]:
    start = text.lstrip()
    if start[0] in "{[":
        return _tell_tree(_json(text, name), name)
    header = next(csv.reader([start.splitlines()[0][:10_000]]), [])
    columns = {column.strip().lower() for column in header}
    if columns >= END_OF_LIFE_COLUMNS:
        return "end of life rows", list(_csv(text, name))
    if columns >= FOOTPRINT_COLUMNS:
        return "footprints", list(_csv(text, name))
    if not _may_be_yaml(start):
        raise Unknown(f"{name} is none of the shapes that are read.")
    lead = len(text) - len(start)
    closing = (
        start.find(f"\n{FRONT_MATTER}") if start.startswith(FRONT_MATTER) and "releases:" in start else -1
    )
    return _tell_tree(_yaml(text if closing < 0 else text[: lead + closing], name), name)


def _may_be_yaml(text: str) -> bool:
    """Whether it names what a device type or a product of endoflife.date must name: anything else is not tried."""
    lines = text.splitlines()
    starts = {line.split(":", 1)[0] for line in lines if ":" in line and not line.startswith((" ", "#", "-"))}
    return {"manufacturer", "model"} <= starts or {"title", "releases"} <= starts


def _tell_tree(tree: Any, name: str) -> tuple[str, Any]:
    """What a tree is: the first of the shapes whose marks it bears."""
    for kind, fits in TREES.items():
        if fits(tree):
            return kind, tree
    raise Unknown(f"{name} is none of the shapes that are read.")


def _is_product(tree: Any) -> bool:
    return isinstance(tree, dict) and isinstance(tree.get("releases"), list)


def _is_cycles(tree: Any) -> bool:
    return (
        isinstance(tree, list)
        and bool(tree)
        and all(isinstance(one, dict) and "cycle" in one for one in tree)
    )


def _is_answer(tree: Any) -> bool:
    result = tree.get("result") if isinstance(tree, dict) else None
    return _is_product(result) or (
        isinstance(result, list) and bool(result) and any(_is_product(one) for one in result)
    )


def _is_division(tree: Any) -> bool:
    return isinstance(tree, dict) and "division" in tree and isinstance(tree.get("events"), list)


TREES: dict[str, Callable[[Any], bool]] = {
    "bank holidays": lambda tree: (
        _is_division(tree) or (isinstance(tree, dict) and any(map(_is_division, tree.values())))
    ),
    "end of life answer": _is_answer,
    "end of life cycles": _is_cycles,
    "end of life product": _is_product,
    "device type": lambda tree: isinstance(tree, dict) and {"manufacturer", "model"} <= tree.keys(),
}


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        raise Refused(
            f"{name}, line {error.lineno}, column {error.colno}: the JSON is broken: {error.msg}."
        ) from error
    except RecursionError as error:
        raise Refused(f"{name}: the JSON is nested too deeply.") from error
    except ValueError as error:
        raise Refused(f"{name}: the JSON has a number that is too long.") from error


def _yaml(text: str, name: str) -> Any:
    if len(text) > LARGEST_YAML:
        raise Refused(f"{name} is larger than {LARGEST_YAML // 1_000_000} MB, too large for YAML.")
    try:
        return yaml.load(text, Loader=PlainLoader)  # noqa: S506 a SafeLoader that builds even less
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise Refused(f"{name}{place}: the YAML is broken: {error.problem or error.context}.") from error
    except yaml.YAMLError as error:
        raise Refused(f"{name}: the YAML has a character that it may not have.") from error
    except (RecursionError, ValueError, TypeError) as error:
        raise Refused(f"{name}: the YAML is nested too deeply or has a value that cannot be.") from error


def _csv(text: str, name: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        header = [column.strip().lower() for column in next(reader)]
        if len(set(header)) < len(header):
            raise Refused(f"{name}, line 1: two columns have the same heading.")
        for count, cells in enumerate(reader):
            where = f"{name}, line {reader.line_num}"
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(header):
                raise Refused(f"{where}: there are {len(cells)} cells, not {len(header)}.")
            if count >= MOST_ROWS:
                raise Refused(f"{name} has more than {MOST_ROWS:,} rows.")
            yield where, {column: cell.strip() for column, cell in zip(header, cells, strict=True)}
    except csv.Error as error:
        raise Refused(f"{name}, line {reader.line_num}: the CSV is broken: {error}.") from error

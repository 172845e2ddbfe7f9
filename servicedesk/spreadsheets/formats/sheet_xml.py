"""The XML of one sheet: what its cells cannot tell, and the cells that the fast reader would lose, mended.

A register has half a million cells, so nothing here calls Python for each of them: a search in bytes finds what is
rare, and only where it is found does a regular expression look closer. Attributes may stand in any order and in either
quotes, and elements may carry a namespace prefix. A document that hides from these searches by odd but legal XML loses
its notes, never the limits of the child process.
"""

import re
from collections.abc import Iterator
from itertools import islice

from servicedesk.spreadsheets.formats import safe_xml
from servicedesk.spreadsheets.formats.safe_xml import DAMAGED
from servicedesk.spreadsheets.formats.styles import Show, Styles
from servicedesk.spreadsheets.formats.workbook import Note, Refused, letter

LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
FAR_ROW = 50_000
SAMPLE = 1_000_000
MOST_NOTED = 20_000
ROOT = re.compile(rb"<(?:([\w.-]+):)?worksheet\b[^>]*>")
REFERENCE = re.compile(rb"""\br=["']([A-Z]+)(\d+)["']""")
ROW_NUMBER = re.compile(rb"""\br=["'](\d+)["']""")
TYPE = re.compile(rb"""\s+t=["'](\w+)["']""")
STYLE = re.compile(rb"""\s+s=["']\d+["']""")


class CellsXml:
    """Rows of one worksheet as a part of their own; `part` changes as it is mended."""

    def __init__(self, part: bytes, prefix: bytes) -> None:
        self.part, self.prefix = part, prefix
        self.row_numbers: list[int] | None = None
        self.not_available: list[Note] = []

    def _pattern(self, pattern: bytes) -> re.Pattern[bytes]:
        return re.compile(pattern.replace(b"%s", re.escape(self.prefix)), re.S)

    def mend(self, styles: Styles) -> None:
        """Turn into text what the reader would lose: errors, formulas never calculated, numbers shown otherwise."""
        if b"#" in self.part and b">#" in self.part:
            self.not_available = list(self._not_available())
            self.part = self._pattern(rb"""(<%sc\b[^>]*?\bt=)["']e["']""").sub(rb'\1"str"', self.part)
        if b"</%sf>" % self.prefix in self.part:
            self._mend_formulas()
        for style, show in styles.shown.items():
            if self._has_style(style):
                self._show(self._number_cell(style, rb"\d+(?:\.\d+)?"), show)
        if b"%sv>-" % self.prefix in self.part:
            self._mend_dates(styles)

    def _not_available(self) -> Iterator[Note]:
        """The errors that are read as empty cells, because people write the same for nothing."""
        cell = self._pattern(
            rb"""<%sc\b([^>]*?\bt=["']e["'][^>]*>)(?:<%sf\b[^>]*?(?:/>|>[^<]*</%sf>))?<%sv>#N/A<"""
        )
        for found in islice(cell.finditer(self.part), MOST_NOTED):
            if place := REFERENCE.search(found[1]):
                row, column = self._true_row(int(place[2])), place[1].decode()
                yield Note("not_available", row, column, "#N/A")

    def _mend_dates(self, styles: Styles) -> None:
        """Take the date format off negative numbers, which the reader would take for midnight or fail on."""
        for style in filter(self._has_style, styles.dates):
            cell = self._number_cell(style, rb"-[^<]*")
            self.part = cell.sub(
                lambda found: STYLE.sub(b"", found[1]) + found[0][len(found[1]) :], self.part
            )

    def _show(self, cell: re.Pattern[bytes], show: Show) -> None:
        self.part = cell.sub(lambda found: self._as_text(found[1], show(found[2])), self.part)

    def _has_style(self, style: int) -> bool:
        return b' s="%d"' % style in self.part or b" s='%d'" % style in self.part

    def _number_cell(self, style: int, number: bytes) -> re.Pattern[bytes]:
        return self._pattern(
            rb"""(<%sc\b[^>]*?\ss=["']"""
            + b"%d" % style
            + rb"""["'][^>]*>)(?:<%sf\b[^>]*?(?:/>|>[^<]*</%sf>))?<%sv>("""
            + number
            + rb""")</%sv></%sc>"""
        )

    def _mend_formulas(self) -> None:
        bare = self._pattern(
            rb"(<%sc\b[^>]*>)\s*<%sf\b(?:[^>]*/>|[^>]*>([^<]*)</%sf>)\s*(<%sv\s*/>|<%sv>\s*</%sv>)?\s*</%sc>"
        )

        def as_text(found: re.Match[bytes]) -> bytes:
            kind = TYPE.search(found[1])
            if kind and kind[1] == b"str" and found[3]:
                return found[0]
            return self._as_text(found[1], b"=" + (found[2] or b"(shared formula)"))

        self.part = bare.sub(as_text, self.part)

    def _as_text(self, opening: bytes, text: bytes) -> bytes:
        tag = TYPE.sub(b"", opening)[:-1] + b' t="str">'
        return b"%s<%sv>%s</%sv></%sc>" % (tag, self.prefix, text, self.prefix, self.prefix)

    def notes_on_cells(self, styles: Styles) -> list[Note]:
        """Hidden rows, errors that say that nothing was found, coloured cells (each one, up to 20,000)."""
        return [*self._hidden_rows(), *self.not_available, *self._coloured_cells(styles)]

    def _hidden_rows(self) -> Iterator[Note]:
        if b" hidden=" not in self.part:
            return
        hidden = self._pattern(rb"""<%srow\b[^>]*?\shidden=["'](?:1|true)["'][^>]*>""")
        for tag in hidden.findall(self.part):
            number = ROW_NUMBER.search(tag)
            yield Note("hidden_row", row=self._true_row(int(number[1])) if number else None)

    def _coloured_cells(self, styles: Styles) -> Iterator[Note]:
        used = [b"%d" % style for style in styles.fills if self._has_style(style)]
        if not used:
            return
        coloured = self._pattern(rb"""<%sc\b[^>]*?\ss=["'](""" + b"|".join(used) + rb""")["'][^>]*(?<!/)>""")
        for count, found in enumerate(coloured.finditer(self.part)):
            if count == MOST_NOTED:
                return
            if reference := REFERENCE.search(found[0]):
                row, column = self._true_row(int(reference[2])), reference[1].decode()
                yield Note("coloured_cells", row, column, styles.fills[int(found[1])])

    def _true_row(self, number: int) -> int:
        return self.row_numbers[number - 1] if self.row_numbers else number


class SheetXml(CellsXml):
    """A whole worksheet part. Raises Refused for a damaged one."""

    def __init__(self, part: bytes) -> None:
        root = ROOT.search(part[:4_000])
        if not root:
            raise Refused(DAMAGED)
        super().__init__(part, root[1] + b":" if root[1] else b"")
        self.root = root[0]
        self.inside = self._inside()
        first, last = self.inside
        self.frame = safe_xml.elements(part[:first] + part[last:])

    def _inside(self) -> tuple[int, int]:
        """Where the rows begin and end."""
        opening = self._pattern(rb"<%ssheetData\b[^>]*>").search(self.part)
        if not opening or opening[0].endswith(b"/>"):
            return 0, 0
        closing = self.part.rfind(b"</%ssheetData" % self.prefix)
        if closing < opening.end():
            raise Refused(DAMAGED)
        return opening.end(), closing

    def split(self, count: int) -> list[tuple[int, int]]:
        """Where each of so many pieces of about the same size begins and ends; [] where rows do not say their numbers,
        and so cannot stand without those before them.
        """
        first, last = self.inside
        marks = [first]
        for place in range(1, count):
            at = self.part.find(b"<%srow" % self.prefix, first + (last - first) * place // count, last)
            if at < 0 or not ROW_NUMBER.search(self.part, at, self.part.find(b">", at)):
                return []
            marks.append(at)
        return list(zip(marks, [*marks[1:], last], strict=True))

    def piece(self, first: int, last: int) -> CellsXml:
        """The rows between two places of the part, as a worksheet."""
        inner, outer = (b"%ssheetData" % self.prefix, b"%sworksheet" % self.prefix)
        rows = memoryview(self.part)[first:last]
        return CellsXml(
            b"".join([self.root, b"<", inner, b">", rows, b"</", inner, b"></", outer, b">"]), self.prefix
        )

    def has_far_rows(self) -> bool:
        """Whether the last row stands so far down that most before it do not exist. Raises Refused for an impossible
        one. A row that is out of order is not looked at: it costs what the limits of the child process allow.
        """
        row = b"<%srow" % self.prefix
        last = ROW_NUMBER.search(self.part, max(self.part.rfind(row), 0))
        if not last or int(last[1]) < FAR_ROW:
            return False
        if int(last[1]) > LAST_ROW:
            raise Refused(DAMAGED)
        likely = self.part.count(row, 0, SAMPLE) * len(self.part) // SAMPLE
        return likely < int(last[1]) and self.part.count(row) * 2 <= int(last[1])

    def gather_far_rows(self) -> None:
        """Number the rows that exist from 1, where a stray one far down would make the reader fill a million.

        Their true numbers are then in `row_numbers`. Raises Refused for a row that no sheet can have.
        """
        if not self.has_far_rows():
            return
        row_tag = self._pattern(rb"""(<%srow\b[^>]*?\br=["'])(\d+)""")
        numbers = sorted({int(found[1]) for found in row_tag.findall(self.part)})
        rank = {b"%d" % number: b"%d" % (index + 1) for index, number in enumerate(numbers)}
        cell_tag = self._pattern(rb"""(<%sc\b[^>]*?\br=["'][A-Z]+)(\d+)""")
        try:
            for tag in (row_tag, cell_tag):
                self.part = tag.sub(lambda found: found[1] + rank[found[2]], self.part)
        except KeyError:
            raise Refused(DAMAGED) from None
        self.row_numbers = numbers

    def notes_on_frame(self) -> Iterator[Note]:
        """Hidden columns, merged cells."""
        for path, attributes in self.frame:
            if path[-2:] == ("cols", "col") and attributes.get("hidden") in ("1", "true"):
                for column in range(
                    _integer(attributes["min"]), min(_integer(attributes["max"]), LAST_COLUMN) + 1
                ):
                    yield Note("hidden_column", column=letter(column))
            elif path[-1] == "mergeCell":
                yield _merged(attributes.get("ref", ""))


def _merged(reference: str) -> Note:
    first = re.match(r"([A-Z]+)(\d+)", reference)
    return Note("merged_cells", int(first[2]) if first else None, first[1] if first else None, reference)


def _integer(text: str) -> int:
    return int(text) if text.isdecimal() else 0

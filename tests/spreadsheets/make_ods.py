"""OpenDocument spreadsheets, element by element."""

from xml.sax.saxutils import escape, quoteattr

from tests.spreadsheets.make_files import zipped

MIME = "application/vnd.oasis.opendocument.spreadsheet"
SPACES = "".join(
    f' xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in [
        ("office", "office"),
        ("table", "table"),
        ("text", "text"),
        ("style", "style"),
        ("number", "datastyle"),
        ("fo", "xsl-fo-compatible"),
    ]
)
CALC = ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'


def cell(value: object = None, attributes: str = "") -> str:
    """Nothing, a text or a number; `attributes` say what else there is."""
    if value is None:
        return f"<table:table-cell {attributes}/>"
    if isinstance(value, str):
        kind, text = (
            'office:value-type="string"',
            "".join(f"<text:p>{escape(p)}</text:p>" for p in value.split("\n")),
        )
        return f"<table:table-cell {kind} {attributes}>{text}</table:table-cell>"
    kind = f'office:value-type="float" office:value="{value}"'
    return f"<table:table-cell {kind} {attributes}><text:p>{value}</text:p></table:table-cell>"


def typed(kind: str, **values: str) -> str:
    """A cell of that kind with the attributes that hold its value."""
    held = "".join(f" office:{name.replace('_', '-')}={quoteattr(value)}" for name, value in values.items())
    return f'<table:table-cell office:value-type="{kind}"{held}><text:p>shown</text:p></table:table-cell>'


def row(*cells: str, attributes: str = "") -> str:
    return f"<table:table-row {attributes}>{''.join(cells)}</table:table-row>"


def table(name: str, *rows: str, columns: str = "", attributes: str = "") -> str:
    return f'<table:table table:name="{name}" {attributes}>{columns}{"".join(rows)}</table:table>'


def ods(
    *tables: str, styles: str = "", about: str = "", parts: dict[str, str | bytes] | None = None
) -> bytes:
    """An .ods of these tables."""
    content = (
        f'<?xml version="1.0"?><office:document-content{SPACES}{CALC}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{about}{''.join(tables)}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    return zipped({"mimetype": MIME, "content.xml": content} | (parts or {}))

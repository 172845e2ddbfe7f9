"""An OpenDocument spreadsheet (.ods), read in one pass over its XML: a cell repeated a million times costs one."""

from xml.parsers import expat

from servicedesk.spreadsheets.formats import package
from servicedesk.spreadsheets.formats.ods_sheets import Walk
from servicedesk.spreadsheets.formats.ods_styles import read_styles
from servicedesk.spreadsheets.formats.safe_xml import DAMAGED
from servicedesk.spreadsheets.formats.workbook import Limits, Note, Reading, Refused

SPREADSHEET = b"application/vnd.oasis.opendocument.spreadsheet"
OTHER_DOCUMENT = (
    "This is an OpenDocument file, but not a spreadsheet. Upload a workbook (.xlsx or .ods) or a .csv file."
)


def read(data: bytes, limits: Limits) -> Reading:
    """Every sheet with its rows and notes, those rows left out that hold nothing. Raises Refused."""
    parts = package.open_parts(data, limits, "mimetype")
    if not parts.get("mimetype", SPREADSHEET).startswith(SPREADSHEET):
        raise Refused(OTHER_DOCUMENT)
    if b"encryption-data" in parts.get("META-INF/manifest.xml", b""):
        raise Refused(package.PROTECTED)
    if "content.xml" not in parts:
        raise Refused(package.NOT_A_WORKBOOK)
    walk = Walk(read_styles([parts.get("styles.xml"), parts["content.xml"]]), limits)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = walk.start
    parser.EndElementHandler = walk.end
    parser.CharacterDataHandler = walk.text
    try:
        parser.Parse(parts["content.xml"], True)
    except expat.ExpatError:
        raise Refused(DAMAGED) from None
    if not walk.sheets:
        raise Refused(package.NOT_A_WORKBOOK)
    notes = [Note("external_links")] if walk.external else []
    return Reading("ods", iter(walk.sheets), date_1904=walk.date_1904, notes=notes)

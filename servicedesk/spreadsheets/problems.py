"""Every code that an import can report: how grave it is, what is wrong, and how to mend it.

    PROBLEMS: {code: Problem(severity, message, remedy)}
    describe(code, value="") -> Problem with the value put into its words

An error stops its row, never the file; a warning leaves the cell empty or changes it and says so; an info only tells.
"""

import re
from typing import NamedTuple

SHOWN = 60
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff\ufffd\ud800-\udfff]"
)


class Problem(NamedTuple):
    """`severity` is info, warning or error; {value} in the words stands for what the cell holds."""

    severity: str
    message: str
    remedy: str


def describe(code: str, value: object = "") -> Problem:
    """The problem in words. A long value is cut, and what cannot be seen is named (U+202E); the words are plain text
    and must be escaped like any other.
    """
    severity, message, remedy = PROBLEMS[code]
    text = INVISIBLE.sub(lambda found: f"‹U+{ord(found[0]):04X}›", " ".join(str(value)[: 2 * SHOWN].split()))
    shown = text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
    return Problem(severity, message.replace("{value}", shown), remedy.replace("{value}", shown))


PROBLEMS = {
    # dates
    "month_only": Problem(
        "warning",
        "“{value}” has no day. We use the first of the month",
        "Enter the full date, like 14/09/2022",
    ),
    "year_only": Problem(
        "warning", "“{value}” is only a year. We use 1 January", "Enter the full date, like 14/09/2022"
    ),
    "financial_year_only": Problem(
        "warning", "“{value}” is a financial year. We use 1 April", "Enter the full date, like 14/09/2022"
    ),
    "excel_serial": Problem(
        "info",
        "“{value}” is how Excel stores a date. We have turned it into that date",
        "Check that the date is right",
    ),
    "month_first_date": Problem(
        "error",
        "“{value}” has the month first",
        "Enter the day first, like 14/09/2022, or say that the whole column has the month first",
    ),
    "impossible_date": Problem(
        "error", "“{value}” is not a date in the calendar", "Enter a real date, like 14/09/2022"
    ),
    "zero_as_date": Problem(
        "error",
        "“{value}” is a zero that is shown as a date",
        "Enter the date, like 14/09/2022, or empty the cell",
    ),
    "excel_leap_day": Problem(
        "error",
        "“{value}” may be 29 February 1900, which Excel counts and which never was",
        "Enter a real date, like 14/09/2022, or empty the cell",
    ),
    "date_not_understood": Problem(
        "warning",
        "“{value}” is not a date. We leave the date empty",
        "Enter a date, like 14/09/2022, or leave it empty",
    ),
    "date_in_future": Problem("warning", "“{value}” is in the future", "Check the year"),
    "date_too_old": Problem("warning", "“{value}” is before 1990", "Check the year"),
    "end_not_recorded": Problem(
        "info",
        "The row does not say when it was resolved. We use the time it was closed",
        "Enter it if it is known",
    ),
    "hour_of_clock_change": Problem(
        "warning",
        "“{value}” is in the hour when the clocks change. We use the time before the change",
        "Check the time",
    ),
    "to_be_confirmed": Problem(
        "warning", "“{value}” is still to be confirmed. We leave it empty", "Enter it when it is known"
    ),
    # money and numbers
    "vat_removed": Problem(
        "info", "“{value}” includes VAT. We have taken 20% VAT off", "Enter the price without VAT"
    ),
    "free_of_charge": Problem("info", "“{value}” is taken as £0.00", "Enter the price if there was one"),
    "approximate": Problem(
        "warning", "“{value}” is not exact. We use the figure", "Enter the exact price, like 742.00"
    ),
    "other_currency": Problem(
        "error", "“{value}” is not in pounds", "Enter the price in pounds, like 742.00"
    ),
    "money_not_understood": Problem(
        "error", "“{value}” is not a price that we can read", "Enter pounds and pence, like 1,234.00"
    ),
    "number_not_understood": Problem(
        "warning", "“{value}” is not a whole number. We leave it empty", "Enter a whole number, like 36"
    ),
    "number_out_of_range": Problem(
        "error", "“{value}” is too large or too small a number", "Correct the number, or leave it empty"
    ),
    "number_beyond_all": Problem(
        "error",
        "“{value}” is no number, or one beyond all numbers",
        "Enter the number again, or empty the cell",
    ),
    # identifiers
    "number_as_serial": Problem(
        "info",
        "The serial number {value} is stored as a number",
        "Check that no zeros at the start are missing",
    ),
    "serial_rounded_by_excel": Problem(
        "error",
        "Excel has shortened “{value}”: its last digits are lost",
        "Format the column as text and enter the number again from the device",
    ),
    "placeholder_serial": Problem(
        "warning",
        "“{value}” is not a real serial number. We leave it empty",
        "Enter the number from the device's label",
    ),
    "several_serials": Problem(
        "error", "“{value}” holds more than one serial number", "Give each device a row of its own"
    ),
    "not_an_identifier": Problem(
        "error",
        "“{value}” cannot be a tag or a serial number",
        "Format the column as text and enter it again",
    ),
    "invalid_character": Problem(
        "error", "“{value}” holds a character that cannot be shown or read", "Type it again in an empty cell"
    ),
    "mac_not_understood": Problem(
        "warning",
        "“{value}” is not a MAC address. We leave it empty",
        "Enter 12 digits, like 00:1A:2B:3C:4D:5E",
    ),
    "ip_not_understood": Problem(
        "warning", "“{value}” is not an IP address. We leave it empty", "Enter an address, like 10.20.0.1"
    ),
    "email_not_understood": Problem(
        "warning",
        "“{value}” is not an email address. We leave it empty",
        "Enter an address, like name@example.gov.uk",
    ),
    "not_a_person": Problem(
        "info",
        "“{value}” is not a person. We leave the holder empty",
        "Enter the holder's name if there is one",
    ),
    # coded values and look-ups
    "yes_no_not_understood": Problem(
        "warning", "“{value}” is neither yes nor no. We leave it empty", "Enter Yes or No"
    ),
    "status_not_known": Problem(
        "warning",
        "“{value}” is not a status that we know",
        "Choose what it means, or enter a status from the list",
    ),
    "category_not_known": Problem(
        "warning",
        "“{value}” is not a category that we know",
        "Choose what it means, or enter a category from the list",
    ),
    "look_up_unknown": Problem(
        "warning",
        "We do not know “{value}”. We leave it empty",
        "Choose what it means, or allow it to be created",
    ),
    # text
    "text_too_long": Problem(
        "error",
        "The text “{value}” is too long",
        "Shorten it to what the field allows, at most 32,767 characters",
    ),
    "formula_text": Problem(
        "info",
        "“{value}” is kept as text, not calculated",
        "Replace the formula with its value if that is what you meant",
    ),
    "formula_without_value": Problem(
        "error",
        "The formula “{value}” has no stored value",
        "Open the file in Excel, save it and upload it again, or replace the formula with its value",
    ),
    "error_cell": Problem(
        "error", "The cell holds Excel's error {value}", "Mend the formula, or enter the value"
    ),
    "error_in_note": Problem(
        "warning",
        "The cell holds Excel's error {value}. We leave it empty",
        "Mend the formula, or enter the text",
    ),
    "not_available": Problem(
        "warning",
        "The cell holds Excel's error {value}: a formula found nothing. We leave it empty",
        "Mend the formula, or enter the value",
    ),
    # the file and its rows
    "external_links": Problem(
        "info",
        "The workbook refers to other files. We use the stored values and open nothing",
        "Check the values",
    ),
    "old_workbook": Problem(
        "warning",
        "This is an Excel file of the old kind (.xls). We cannot see its colours, nor zeros that a format puts in front"
        " of a number",
        "Open it in Excel, save it as an Excel workbook (.xlsx) and upload that",
    ),
    "binary_workbook": Problem(
        "warning",
        "This is a binary workbook (.xlsb). We cannot see its colours, nor zeros that a format puts in front of a"
        " number",
        "Open it in Excel, save it as an Excel workbook (.xlsx) and upload that",
    ),
    "hidden_sheet": Problem("warning", "The sheet {value} is hidden", "Choose whether to import it"),
    "hidden_row": Problem("warning", "This row is hidden in the file", "Check whether it should be imported"),
    "hidden_column": Problem(
        "warning", "This column is hidden in the file", "Check whether it should be imported"
    ),
    "coloured_cells": Problem(
        "warning",
        "Some cells are coloured or struck through ({value}). That is not imported",
        "Put what it means into a column",
    ),
    "merged_cells": Problem(
        "warning",
        "The cells {value} are merged. Only the first one has the value",
        "Unmerge them and fill each cell",
    ),
    "row_too_long": Problem(
        "warning",
        "The row has a value without a heading: “{value}”",
        "Give the column a heading, or take the value out",
    ),
    "row_much_too_long": Problem(
        "error",
        "The row has more cells than there are headings: “{value}” stand beyond them",
        "Check that its values are in the right columns, and that none is split by a comma",
    ),
    "row_too_short": Problem(
        "warning", "The row is short: {value}", "Check that its values are in the right columns"
    ),
    "row_much_too_short": Problem(
        "error",
        "The row has too few cells: {value}",
        "Check that its values are in the right columns, and fill in what is missing",
    ),
    "row_far_below": Problem(
        "warning",
        "The row stands far below the others: {value}",
        "Take it out if somebody typed there by mistake",
    ),
    "second_table": Problem(
        "warning",
        "Another table begins in this row ({value}). It is not part of this import",
        "Import the file once more with this row as the row of the headings",
    ),
    "duplicate_header": Problem(
        "warning", "Two columns have the same heading: {value}", "Say what each of them is"
    ),
    "duplicate_in_file": Problem(
        "error", "“{value}” stands in this file more than once", "Leave it in one row only, or correct it"
    ),
    "nothing_to_match_on": Problem(
        "error", "The row has nothing to know it by", "Enter a tag, a serial number or a name"
    ),
    "breaks_a_rule": Problem("error", "The row breaks a rule", "Correct the row, or leave it out"),
    "keys_disagree": Problem(
        "error",
        "The tag belongs to one asset and the serial number to another ({value})",
        "Correct the one that is wrong",
    ),
    "matches_several": Problem(
        "error", "“{value}” matches more than one asset", "Give the asset tag as well"
    ),
    "cannot_be_cleared": Problem(
        "error", "This may not be empty", "Take (clear) out, or enter another value"
    ),
    "no_move_to_state": Problem(
        "error", "The asset cannot become “{value}” from the state it is in", "Choose a state it can reach"
    ),
    "evidence_unused": Problem(
        "warning",
        "“{value}” counts only beside a changed state whose move takes it. We do not keep it",
        "Change the state in the same row, or empty the cell",
    ),
    "stale_version": Problem(
        "error",
        "The asset was changed after this file was exported ({value})",
        "Choose your value, theirs or the one before",
    ),
}

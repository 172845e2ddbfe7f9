import pytest

from servicedesk.spreadsheets.problems import PROBLEMS, Problem, describe

NAMED = [
    "month_only",
    "year_only",
    "financial_year_only",
    "excel_serial",
    "month_first_date",
    "impossible_date",
    "to_be_confirmed",
    "zero_as_date",
    "excel_leap_day",
    "date_not_understood",
    "date_in_future",
    "date_too_old",
    "vat_removed",
    "free_of_charge",
    "approximate",
    "other_currency",
    "money_not_understood",
    "number_as_serial",
    "serial_rounded_by_excel",
    "placeholder_serial",
    "yes_no_not_understood",
    "status_not_known",
    "category_not_known",
    "hidden_row",
    "hidden_column",
    "hidden_sheet",
    "coloured_cells",
    "merged_cells",
    "formula_without_value",
    "error_cell",
    "error_in_note",
    "number_beyond_all",
    "row_too_long",
    "row_much_too_long",
    "row_too_short",
    "row_much_too_short",
    "row_far_below",
    "duplicate_header",
    "duplicate_in_file",
    "keys_disagree",
    "matches_several",
    "look_up_unknown",
    "no_move_to_state",
    "stale_version",
    "formula_text",
]


@pytest.mark.parametrize("code", NAMED)
def test_every_code_has_its_words(code):
    severity, message, remedy = PROBLEMS[code]
    assert severity in ("info", "warning", "error")
    assert message and remedy
    assert not message.endswith(".") and not remedy.endswith(".")


def test_describe_puts_the_value_into_the_words():
    assert describe("other_currency", "$2266.13") == Problem(
        "error", "“$2266.13” is not in pounds", "Enter the price in pounds, like 742.00"
    )


def test_describe_cuts_a_long_value_and_names_what_cannot_be_seen():
    assert describe("text_too_long", "x" * 40_000).message == f"The text “{'x' * 60}…” is too long"
    assert describe("invalid_character", "\u202eTAG").message.startswith("“‹U+202E›TAG” holds")

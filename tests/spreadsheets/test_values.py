from datetime import date, datetime, time
from decimal import Decimal
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from servicedesk.spreadsheets.problems import PROBLEMS
from servicedesk.spreadsheets.values import CLEANERS, Cleaned, Context, clean, clean_column
from servicedesk.spreadsheets.words import EMPTY, TO_BE_CONFIRMED

TODAY = Context(as_at=date(2026, 11, 23))

DATES = [
    ("14/09/2022", "2022-09-14", ""),
    (" 14/09/2022 ", "2022-09-14", ""),
    ("14-09-2022", "2022-09-14", ""),
    ("14.09.2022", "2022-09-14", ""),
    ("1/2/2024", "2024-02-01", ""),
    ("14/09/22", "2022-09-14", ""),
    ("2022-09-14", "2022-09-14", ""),
    ("2022-09-14T00:00:00", "2022-09-14", ""),
    ("29/2/2016 01:16", "2016-02-29", ""),
    ("14 Sep 2022", "2022-09-14", ""),
    ("14th September 2022", "2022-09-14", ""),
    ("14-Sep-22", "2022-09-14", ""),
    ("Sept 2022", "2022-09-01", "month_only"),
    ("2022", "2022-01-01", "year_only"),
    (2022, "2022-01-01", "year_only"),
    ("2022/23", "2022-04-01", "financial_year_only"),
    (44818, "2022-09-14", "excel_serial"),
    ("44818", "2022-09-14", "excel_serial"),
    (44818.75, "2022-09-14", "excel_serial"),
    (0, None, ""),
    ("09/14/2022", None, "month_first_date"),
    ("31/02/2023", None, "impossible_date"),
    ("29/02/2023", None, "impossible_date"),
    ("TBC", None, "to_be_confirmed"),
    ("N/A", None, ""),
    ("-", None, ""),
    ("#N/A", None, ""),
    ("soon", None, "date_not_understood"),
    ("14/09/2030", "2030-09-14", "date_in_future"),
    ("01/01/1970", "1970-01-01", "date_too_old"),
    ("not checked", None, "to_be_confirmed"),
    (date(2022, 9, 14), "2022-09-14", ""),
    (datetime(2022, 9, 14, 16, 30), "2022-09-14", ""),
    (time(), None, "zero_as_date"),
    (date(1899, 12, 30), None, "zero_as_date"),
    (date(1900, 2, 28), None, "excel_leap_day"),
    (datetime(1900, 2, 28, 12), None, "excel_leap_day"),
    ("28/02/1900", None, "excel_leap_day"),
    (date(1900, 3, 1), "1900-03-01", "date_too_old"),
    (time(12), None, "date_not_understood"),
    (True, None, "date_not_understood"),
    (1e308, None, "impossible_date"),
    (-1.0, None, "impossible_date"),
    (60.0, None, "impossible_date"),
    (float("nan"), None, "number_beyond_all"),
    ("#REF!", None, "error_cell"),
    ("=TODAY()", None, "formula_without_value"),
]
MONEY = [
    ("£1,234.00", "1234.00", ""),
    ("1234", "1234.00", ""),
    (742, "742.00", ""),
    (742.5, "742.50", ""),
    ("£742.00 ex VAT", "742.00", ""),
    ("£890.40 inc VAT", "742.00", "vat_removed"),
    ("(15.00)", "-15.00", ""),
    ("£ 1 234.00", "1234.00", ""),
    ("FOC", "0.00", "free_of_charge"),
    ("~£700", "700.00", "approximate"),
    ("$2266.13", None, "other_currency"),
    ("1.234,56", None, "money_not_understood"),
    ("£1,23.00", None, "money_not_understood"),
    ("TBC", None, "to_be_confirmed"),
    ("n/a", None, ""),
    ("0", "0.00", ""),
    ("-0", "0.00", ""),
    ("£742 + VAT", "742.00", ""),
    (2.665, "2.67", ""),
    (True, None, "money_not_understood"),
    (float("inf"), None, "number_beyond_all"),
    (float("nan"), None, "number_beyond_all"),
    ("1e999", None, "money_not_understood"),
    ("9" * 40, None, "money_not_understood"),
]
SERIALS = [
    ("5cg1234abc ", "5CG1234ABC", ""),
    ("5CG 1234 ABC", "5CG1234ABC", ""),
    ("'0012345", "0012345", ""),
    ("000123", "000123", ""),
    (196.0, "196", "number_as_serial"),
    (5.02e18, None, "serial_rounded_by_excel"),
    ("5.02E+18", None, "serial_rounded_by_excel"),
    ("To be filled by O.E.M.", None, "placeholder_serial"),
    ("00000000", None, "placeholder_serial"),
    ("No tag", None, ""),
    ("CN-0K3VT9", "CN-0K3VT9", ""),
    ("PF2G\u200b715G", "PF2G715G", ""),
    ("FCW2222A0B1 / FCW2222A0B2", None, "several_serials"),
    ("\u202eG517", None, "invalid_character"),
    ("n / a", None, ""),
    (3.5, None, "not_an_identifier"),
    (date(2024, 1, 2), None, "not_an_identifier"),
]
OTHERS = [
    ("tag", 196.0, "196", ""),
    ("tag", "00123", "00123", ""),
    ("tag", "123.0", "123", ""),
    ("tag", "LT/17", "LT/17", ""),
    ("tag", 1e16, None, "serial_rounded_by_excel"),
    ("yesno", "Yes", True, ""),
    ("yesno", "y ", True, ""),
    ("yesno", "TRUE", True, ""),
    ("yesno", "✓", True, ""),
    ("yesno", "No", False, ""),
    ("yesno", "0", False, ""),
    ("yesno", "", None, ""),
    ("yesno", "maybe", None, "yes_no_not_understood"),
    ("yesno", 1.0, True, ""),
    ("status", "In-service", "in_use", ""),
    ("status", "Active ", "in_use", ""),
    ("status", "Ready to Deploy", "in_stock", ""),
    ("status", "Pending Diagnostics", "in_repair", ""),
    ("status", "Lost", "lost_stolen", ""),
    ("status", "Archived", "returned", ""),
    ("status", "WEEE", "disposed", ""),
    ("status", "System working but not in use / Extra", None, "status_not_known"),
    ("category", "Laptops", "laptop", ""),
    ("category", "CPU", "desktop", ""),
    ("category", "Notebook", "laptop", ""),
    ("category", "MFD", "printer", ""),
    ("category", "AP", "access_point", ""),
    ("category", "Core Switch", "switch", ""),
    ("category", "Other ", None, "category_not_known"),
    ("category", "iPad", "tablet", ""),
    ("integer", "1,200", 1200, ""),
    ("integer", 36.0, 36, ""),
    ("integer", 3.5, None, "number_not_understood"),
    ("months", "3 years", 36, ""),
    ("months", "36", 36, ""),
    ("months", 601.0, None, "number_not_understood"),
    ("warranty", "36", 36, ""),
    ("warranty", "3 years", 36, ""),
    ("warranty", "27/01/2028", date(2028, 1, 27), ""),
    ("warranty", date(2028, 1, 27), date(2028, 1, 27), ""),
    ("warranty", 44818.0, date(2022, 9, 14), "excel_serial"),
    ("warranty", "Expired", None, "date_not_understood"),
    ("end_date", "31/10/2027", date(2027, 10, 31), ""),
    ("end_date", "31/10/2127", date(2127, 10, 31), "date_in_future"),
    ("datetime", "29/2/2016 01:16", datetime(2016, 2, 29, 1, 16), ""),
    ("datetime", "1 May 2016 3:05 pm", datetime(2016, 5, 1, 15, 5), ""),
    ("datetime", "29/2/2016 25:16", None, "impossible_date"),
    ("datetime", time(), None, "zero_as_date"),
    ("datetime", datetime(1900, 2, 28, 12), None, "excel_leap_day"),
    ("mac", "00-1a-2b-3c-4d-5e", "00:1A:2B:3C:4D:5E", ""),
    ("mac", "001a.2b3c.4d5e", "00:1A:2B:3C:4D:5E", ""),
    ("mac", "00-1a", None, "mac_not_understood"),
    ("ip", "10.20.0.1", "10.20.0.1", ""),
    ("ip", "10.20.0.1/24", "10.20.0.1", ""),
    ("ip", "10.20.0.300", None, "ip_not_understood"),
    ("email", "Siân.Jones@Example.gov.uk", "siân.jones@example.gov.uk", ""),
    ("email", "mailto:a@b.example", "a@b.example", ""),
    ("email", "a at b", None, "email_not_understood"),
    ("person", "Okoro, Jo (Adult Social Care)", "Jo Okoro", ""),
    ("person", "Jo  Okoro", "Jo Okoro", ""),
    ("person", "Spare", None, "not_a_person"),
    ("person", "Meeting Room 2", None, "not_a_person"),
    ("text", 786270.0, "786270", ""),
    ("text", "Latitude\n 5440", "Latitude 5440", ""),
    ("text", "e\u0301", "é", ""),
    ("text", "=1+1", "=1+1", "formula_text"),
    ("text", "x" * 32_768, None, "text_too_long"),
    ("text", "a\ufffdb", None, "invalid_character"),
    ("text", "a" + "\u0301" * 31, None, "invalid_character"),
    ("note", "a" + "\u0301" * 31, None, "invalid_character"),
    ("note", "one\r\n two\x00", "one\n two", ""),
    ("note", "-", "-", ""),
    ("note", "#DIV/0!", None, "error_in_note"),
    ("note", " #REF!\n", None, "error_in_note"),
    ("note", "#N/A", None, ""),
    ("note", "#1 on the list", "#1 on the list", ""),
    ("text", "#DIV/0!", None, "error_cell"),
]
CASES = [
    *(("date", raw, value and date.fromisoformat(value), code) for raw, value, code in DATES),
    *(("money", raw, value and Decimal(value), code) for raw, value, code in MONEY),
    *(("serial", raw, value, code) for raw, value, code in SERIALS),
    *OTHERS,
]

STATUS_WORDS = {
    "in_use": "in use|active|deployed|in-service|in service|live|allocated|issued|yes|operational|managed|checked out",
    "in_stock": "in stock|stock|spare|in storage|store|ict store|available|ready to deploy|pool|inventory",
    "in_repair": "in repair|repair|under repair|rma|faulty|needs repair|broken|pending diagnostics|undeployable"
    "|maintenance",
    "lost_stolen": "lost|stolen|missing|lost/stolen|not found",
    "returned": "retired|decommissioned|redundant|archived|end of life|eol|withdrawn|obsolete",
    "disposed": "disposed|disposed of|weee|scrapped|recycled|sent to recycling|destroyed|sold|donated",
    "on_order": "on order|ordered|po raised|awaiting delivery",
}
CATEGORY_WORDS = {
    "laptop": "laptop|notebook|lap top|laptop computer|portable|ultrabook|tablet pc|surface",
    "desktop": "desktop|pc|cpu|tower|base unit|desktop computer|mini pc|all in one|aio",
    "thin_client": "thin client|terminal",
    "monitor": "monitor|screen|display|vdu|tft",
    "mobile_phone": "mobile|mobile phone|smartphone|smart phone|phone|cell phone",
    "tablet": "tablet|ipad",
    "desk_phone": "ip phone|voip phone|handset|desk phone|telephone",
    "printer": "printer|mfd|mfp|copier|multi function device",
    "switch": "switch|network switch|edge switch|core switch",
    "access_point": "access point|ap|wap|wifi|wireless access point",
    "firewall": "firewall|fw",
    "router": "router|cpe|wan router",
    "server": "server|physical server|blade",
    "ups": "ups",
    "dock": "dock|docking station",
    "storage": "san|nas|storage array",
}
NULL_TOKENS = ["", "#n/a", "-", "--", "0000-00-00", "?", "n/a", "na", "nil", "no tag", "none", "not known"]
NULL_TOKENS += ["not recorded", "null", "unknown", "–"]

SLOW = [
    "x" + "()" * 16_000 + "x",
    "a (" + " " * 32_000 + "b",
    "aaaaaa/" * 4_600 + "!",
    "1,234" * 6_400,
    "9" * 32_000,
]
SLOW += [
    "a" + "\u0301\u0316" * 16_000,
    "a@" + "." * 32_000,
    "inc " * 8_000,
    " 1:" * 10_000,
    "(" * 32_000,
    "\n/" * 16_000,
]

texts = (
    st.text(max_size=40)
    | st.text("0123456789/.-£$ ,()'=+EeJanxX", max_size=14)
    | st.sampled_from([raw for _, raw, _, _ in CASES if isinstance(raw, str) and len(raw) < 100])
)
cells = (
    texts | st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | st.datetimes() | st.times()
)


@pytest.mark.parametrize(("kind", "raw", "value", "code"), CASES)
def test_clean_gives_the_value_and_the_issue_of_each_case(kind, raw, value, code):
    cleaned = clean(kind, raw, TODAY)
    assert cleaned == Cleaned(value, (code,) if code else ())
    assert type(cleaned.value) is type(value)


@pytest.mark.parametrize("kind", sorted(CLEANERS))
@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")], ids=str)
def test_clean_takes_a_number_beyond_all_numbers_for_an_error_in_every_kind(kind, number):
    assert clean(kind, number, TODAY) == Cleaned(None, ("number_beyond_all",))
    assert PROBLEMS["number_beyond_all"].severity == "error"


@pytest.mark.parametrize("kind", ["status", "category"])
def test_clean_knows_every_word_of_the_coded_lists(kind):
    words = STATUS_WORDS if kind == "status" else CATEGORY_WORDS
    expected = {word: code for code, listed in words.items() for word in listed.split("|")}
    assert {word: clean(kind, word.title()).value for word in expected} == expected


@pytest.mark.parametrize("kind", sorted(set(CLEANERS) - {"note"}))
def test_clean_takes_the_words_for_nothing_as_empty_in_every_kind(kind):
    assert sorted(EMPTY) == sorted(NULL_TOKENS)
    assert {clean(kind, word, TODAY) for word in [*NULL_TOKENS, None, "  ", "\xa0"]} == {Cleaned(None)}


def test_clean_says_of_every_word_for_later_that_it_is_to_be_confirmed():
    assert sorted(TO_BE_CONFIRMED) == ["not checked", "pending", "tba", "tbc", "tbd", "to be confirmed"]
    assert {clean("money", word.upper()) for word in TO_BE_CONFIRMED} == {Cleaned(None, ("to_be_confirmed",))}


def test_clean_counts_days_from_1904_where_the_workbook_does():
    assert clean("date", 45000.0, Context(date_1904=True)) == Cleaned(date(2027, 3, 16), ("excel_serial",))


def test_clean_takes_the_words_of_the_column_before_its_own():
    context = Context(words={"sold": "sold", "sold off": "sold"})
    assert [clean("status", raw, context).value for raw in ("Sold", "SOLD OFF", "In use")] == [
        "sold",
        "sold",
        "in_use",
    ]
    assert clean("coded", "Low", Context(words={"low": "P4"})) == Cleaned("P4")


def test_clean_column_keeps_true_and_one_apart():
    assert clean_column("text", [True, 1, 1.0, "1"]) == [
        Cleaned("TRUE"),
        Cleaned("1"),
        Cleaned("1"),
        Cleaned("1"),
    ]


@pytest.mark.parametrize("kind", sorted(CLEANERS))
def test_clean_is_quick_with_text_that_is_made_to_be_slow(kind):
    begun = process_time()
    for text in SLOW:
        clean(kind, text, TODAY)
    assert process_time() - begun < 1


@given(st.sampled_from(sorted(CLEANERS)), cells)
@settings(max_examples=1500, deadline=None)
def test_clean_never_raises_and_gives_itself_for_what_it_has_cleaned(kind, raw):
    value, codes = clean(kind, raw, TODAY)
    assert set(codes) <= set(PROBLEMS)
    assert value is None or not any(PROBLEMS[code].severity == "error" for code in codes)
    assert clean(kind, value, TODAY).value == value


@given(st.sampled_from(sorted(CLEANERS)), st.lists(cells, max_size=8))
@settings(max_examples=200, deadline=None)
def test_clean_column_says_what_clean_says_of_each_cell(kind, raws):
    assert clean_column(kind, raws, TODAY) == [clean(kind, raw, TODAY) for raw in raws]

from datetime import date

import pytest

from servicedesk.spreadsheets import dates

READ = [
    ("Monday 14 September 2022", date(2022, 9, 14), ""),
    ("September 14, 2022", date(2022, 9, 14), ""),
    ("14 of March 2022", date(2022, 3, 14), ""),
    ("2022/09/14", date(2022, 9, 14), ""),
    ("20220914", date(2022, 9, 14), ""),
    ("14/09/2022 3:05 pm", date(2022, 9, 14), ""),
    ("Apr-24", date(2024, 4, 1), "month_only"),
    ("09/2022", date(2022, 9, 1), "month_only"),
    ("2022-09", date(2022, 9, 1), "month_only"),
    ("2011-12", None, "date_not_understood"),
    ("FY2022/23", date(2022, 4, 1), "financial_year_only"),
    ("2022-2023", date(2022, 4, 1), "financial_year_only"),
    ("2022/25", None, "date_not_understood"),
    ("14/13/2022", None, "impossible_date"),
    ("32/13/2022", None, "impossible_date"),
    ("14 Febtember 2022", None, "date_not_understood"),
    ("1/1/1", None, "date_not_understood"),
    ("14/09/69", date(1969, 9, 14), ""),
]
ORDERS = [
    (["14/09/2022", "01/02/2022", None, 5.0, "TBC"], "dmy"),
    (["09/14/2022 10:00", "01/02/2022"], "mdy"),
    (["01/02/2022", "2022-01-01"], "either"),
    (["14/09/2022", "09/14/2022"], "mixed"),
    ([], "either"),
]


@pytest.mark.parametrize(("text", "value", "code"), READ)
def test_read_gives_the_date_or_says_why_not(text, value, code):
    assert dates.read(text) == (value, code)


def test_read_takes_the_month_first_only_where_the_column_is_said_to():
    assert dates.read("09/14/2022", "mdy") == (date(2022, 9, 14), "")
    assert dates.read("14/09/2022", "mdy") == (None, "impossible_date")


@pytest.mark.parametrize(("cells", "expected"), ORDERS)
def test_order_is_decided_by_the_whole_column(cells, expected):
    assert dates.order(cells) == expected


def test_order_takes_no_time_over_a_text_that_is_no_date():
    assert dates.order(["1" + " " * 32_000 + ":", "14/09/2022"]) == "dmy"

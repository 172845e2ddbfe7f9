"""The monthly report in a browser and on paper: charts are drawn from its tables, and paper says what the page says."""

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from tests.reports.november import November

pytestmark = [
    pytest.mark.browser,
    pytest.mark.usefixtures("end_of_november"),
    pytest.mark.django_db(transaction=True),
]
REPORT = "/reports/service/?month=2026-11&council=joint"
CHARTED = "section[data-chart]"
SEAM, LEGEND = 3, 32
BARS = """(canvas, { seam, legend }) => {
  // How tall is each bar in the colour of the first column: what is filled with it below the legend, side by side.
  const { data, width, height } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
  const bars = []
  for (let x = 0, last = -width; x < width; x += 1) {
    let tall = 0
    for (let y = legend; y < height; y += 1) {
      const at = 4 * (y * width + x)
      tall += data[at] === 29 && data[at + 1] === 112 && data[at + 2] === 184
    }
    if (!tall) continue
    if (x - last > seam) bars.push(0)
    bars[bars.length - 1] = Math.max(bars[bars.length - 1], tall)
    last = x
  }
  return bars
}"""

A4_WITHIN_ITS_MARGINS = {"width": 718, "height": 1047}
BEYOND = """() => {
  // Which tables are wider than the paper, and which charts lie over what follows them.
  const end = (element, side) => element.getBoundingClientRect()[side]
  const parts = [...document.querySelectorAll("section[aria-label]")].filter((part) =>
    end(part.querySelector("table"), "right") > document.documentElement.clientWidth ||
    [...part.querySelectorAll("canvas")].some((chart) => end(chart, "bottom") > end(part, "bottom")))
  return parts.map((part) => [part.getAttribute("aria-label"), end(part.querySelector("table"), "right")])
}"""


@pytest.fixture
def url(live_server) -> str:
    return live_server.url


def cookies(url: str) -> list[dict]:
    """Somebody who is shown every figure of both councils, signed in."""
    client = Client()
    client.force_login(November().reader())
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}]


def numbers(section) -> list[float]:
    """Those of the first column that is charted, but for the total."""
    code = section.get_attribute("data-chart").split(",")[0]
    cells = section.locator(f'tbody tr:not([data-total]) td[data-column="{code}"]').all()
    return [float(cell.get_attribute("data-value") or 0) for cell in cells]


def test_each_chart_has_a_bar_for_each_row_of_its_table_as_tall_as_its_number(page: Page, url):
    page.context.add_cookies(cookies(url))
    page.goto(url + REPORT)
    expect(page.locator(f"{CHARTED} canvas").first).to_be_visible()

    drawn = {}
    for section in page.locator(CHARTED).filter(has=page.locator("canvas")).all():
        name, counted = section.get_attribute("aria-label"), [number for number in numbers(section) if number]
        legend = LEGEND if "," in section.get_attribute("data-chart") else 0
        bars = section.locator("canvas").evaluate(BARS, {"seam": SEAM, "legend": legend})
        assert (name, len(bars)) == (name, len(counted))
        tallest = max(zip(bars, counted, strict=True), default=(0, 1))
        for bar, number in zip(bars, counted, strict=True):
            assert abs(bar - tallest[0] * number / tallest[1]) <= 3, (name, bars, counted)
        drawn[name] = len(bars)

    assert {"In time, by priority", "Raised, by how it reached us", "By council"} <= drawn.keys()
    assert sum(drawn.values()) > 6


def test_without_script_the_tables_stand_alone(browser, url):
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies(cookies(url))
    page = context.new_page()
    page.goto(url + REPORT)

    expect(page.locator("canvas")).to_have_count(0)
    expect(page.get_by_role("table", name="In time, by priority").locator("tbody tr")).to_have_count(5)
    expect(page.get_by_role("row", name="Fixed or delivered in time")).to_contain_text("71.4%")


def test_paper_has_the_figures_and_the_tables_and_no_way_to_other_pages(page: Page, url):
    page.context.add_cookies(cookies(url))
    page.goto(url + REPORT)
    buttons = ("Show the report", "Export to a spreadsheet")
    navigation = page.get_by_role("navigation", name="Main")
    expect(navigation).to_be_visible()

    page.emulate_media(media="print")
    page.set_viewport_size(A4_WITHIN_ITS_MARGINS)

    for gone in (navigation, page.get_by_role("link", name="Reports"), page.get_by_role("contentinfo")):
        expect(gone).to_have_count(0)
    for name in buttons:
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    expect(page.get_by_role("heading", name="Monthly service report")).to_be_visible()
    expect(page.get_by_text("November 2026, All councils together")).to_be_visible()
    expect(page.get_by_role("row", name="Fixed or delivered in time")).to_contain_text("71.4%")
    for section in page.locator("section[aria-label]").all():
        expect(section.get_by_role("table")).to_be_visible()
    assert page.evaluate(BEYOND) == []
    assert page.pdf(format="A4").startswith(b"%PDF")

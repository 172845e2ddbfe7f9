"""The pages of the forecast: what they say, that each number opens a list of so many, and whose money they tell."""

import re
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from assets.refresh.models import ExtendedSupport, UnitCosts
from assets.register.models import Asset, AssetModel
from servicedesk.spreadsheets.models import Export
from tests.factories import a_council, a_model, a_person, an_asset
from tests.refresh.estates import NOW, the_estate
from tests.refresh.test_estate_forecast import a_release
from tests.refresh.test_figures import by_year_and_council
from tests.reports.test_pages import Links, cells

pytestmark = pytest.mark.django_db
# What only the money of the other council makes: each price there, a year on, each sum of them, and with ours.
CDC_MONEY = re.compile(r"1,?111\.11|1,?144\.44|2,?222\.22|3,?366\.66|7,?808\.42|2,?964\.22|4,?844\.20")


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: NOW)


def client_of(role: str, council: str = "OCC") -> Client:
    client = Client()
    client.force_login(a_person(a_council(council), role))
    return client


def page(client: Client, address: str = "/refresh/") -> str:
    return client.get(address).content.decode()


def test_the_worked_example_stands_on_the_page():
    the_estate()

    html = page(client_of("asset_manager"))

    due = cells(html, "How many fall due")
    assert due["2026/27"] == ["2", "1", "3"]
    assert due["2027/28"] == ["1", "2", "3"]
    assert due["Not known"] == ["0", "1", "1"]
    assert due["All"] == ["3", "4", "7"]
    cost = cells(html, "What replacing them costs")
    assert (cost["2026/27"], cost["2027/28"], cost["2028/29"], cost["All"]) == (
        ["£742.00"],
        ["£3,699.76"],
        ["–"],
        ["£4,441.76"],
    )
    of_county = cells(html, "Oxfordshire County Council: what it costs")
    assert of_county["Switch"] == ["–", "£2,935.50", "–", "–", "–", "–", "£2,935.50"]
    assert cells(html, "Why they fall due")["End of its maker’s support"] == ["0", "1", "0", "0", "0", "0"]
    assert cells(html, "At a glance")["All councils together"] == ["7", "1", "0", "0", "1", "85.7%", "0"]


def test_nobody_who_may_not_read_a_register_opens_it():
    for role in ("requester", "service_owner", "supplier_contact", "administrator"):
        for address in ("/refresh/", "/refresh/assets/", "/api/v1/refresh/forecast/"):
            assert (role, client_of(role).get(address).status_code) == (role, 403)
        assert client_of(role).post("/refresh/export/").status_code == 403


def test_the_money_that_is_looked_for_is_told_its_own_council():
    the_estate()
    AssetModel.objects.filter(assets__council__code="CDC").update(replacement_cost_ex_vat=Decimal("1111.11"))

    assert set(CDC_MONEY.findall(page(client_of("asset_manager", "CDC")))) >= {
        "1,144.44",
        "2,222.22",
        "3,366.66",
    }


@pytest.mark.parametrize("role", ["asset_manager", "budget_approver", "engineer", "auditor"])
def test_the_other_councils_money_is_nowhere(role):
    the_estate()
    AssetModel.objects.filter(assets__council__code="CDC").update(replacement_cost_ex_vat=Decimal("1111.11"))
    client = client_of(role)

    pages = [
        page(client, address)
        for address in (
            "/refresh/",
            "/refresh/?council=CDC",
            "/refresh/assets/",
            "/refresh/assets/?council=CDC",
        )
    ]
    told = client.get("/api/v1/refresh/forecast/").content.decode()
    book = client.post("/refresh/export/").content
    sheets = load_workbook(BytesIO(book))
    values = [str(cell) for sheet in sheets for row in sheet.iter_rows(values_only=True) for cell in row]
    values += pages + [told]

    assert not [value for value in values if CDC_MONEY.search(value)]
    if role in ("engineer", "auditor"):
        assert not [value for value in values if "£" in value]


def test_every_number_opens_a_list_of_as_many():
    the_estate()
    council = a_council()
    an_asset(council, state="lost_stolen")
    an_asset(council, category="peripheral", purchase_date=date(2024, 1, 1))  # no life is decided
    an_asset(council, purchase_date=date(2025, 1, 1))  # no price
    client = client_of("asset_manager")

    links = [(href, text) for href, text in Links(page(client)).found if "/refresh/assets/" in href and text]

    numbers = [(href, text) for href, text in links if not text.startswith("£") and "%" not in text]
    assert len(numbers) > 40
    for href, text in numbers:
        number = re.search(r"\d+", text)[0]
        assert re.search(rf">{number} assets?<", page(client, href)), (href, text)


def test_the_share_that_is_dated_and_sourced_opens_the_list_of_those():
    the_estate()
    council = a_council()
    an_asset(council, "GUESSED", warranty_end=date(2025, 1, 1), warranty_months=36)
    an_asset(council, "ANNOUNCED", vendor_end_of_support=date(2026, 12, 1))
    client = client_of("asset_manager")

    for code, forecast_row in (("OCC", "Oxfordshire County Council"), ("CDC", "Cherwell District Council")):
        *_, share, _ = cells(page(client), "At a glance")[forecast_row]
        number, whole = (
            int(re.search(r">(\d+) assets?<", page(client, f"/refresh/assets/?council={code}{more}"))[1])
            for more in ("&standing=sourced", "")
        )
        assert share == f"{round(100 * number / whole, 1)}%"
    listed = page(client, "/refresh/assets/?council=OCC&standing=sourced")
    assert ("ANNOUNCED" in listed, "GUESSED" in listed) == (True, False)
    assert "/refresh/assets/?standing=sourced&amp;council=OCC" in page(client)


def test_the_list_says_why_and_what_it_costs_whoever_may_know():
    the_estate()

    html = page(client_of("asset_manager"), "/refresh/assets/?year=2027/28")

    rows = re.findall(r'<tr class="govuk-table__row" role="row">(.*?)</tr>', html, re.DOTALL)[1:]
    told = [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", row)).strip() for row in rows]
    assert told == [
        "CDC-0004 Laptop laptop of 60 months for CDC-0004 CDC In use 1 Apr 2027 End of its useful life",
        "OCC-0001 Laptop laptop of 60 months for OCC-0001 OCC In use 14 Sep 2027 End of its useful life £764.26",
        "OCC-N001 Switch switch of 96 months for OCC-N001 OCC In use 31 Oct 2027 End of its maker’s support £2,935.50",
    ]


def test_what_is_missing_is_said_with_what_would_make_it_known():
    the_estate()
    an_asset(a_council(), category="peripheral", purchase_date=date(2024, 1, 1))
    an_asset(a_council(), category="router", purchase_date=date(2024, 1, 1))

    html = page(client_of("asset_manager"))

    for words in (
        "Nothing says when it came: 1 asset</a>. Enter when it was bought or came into service",
        "No useful life decided: 1 asset</a>. Decide how long things of its category",
        "No price known: 1 asset</a>. Enter the price",
    ):
        assert words in html


def test_a_forecast_as_at_another_day_carries_its_day_to_its_lists():
    the_estate()
    client = client_of("asset_manager")

    html = page(client, "/refresh/?as_at=2028-04-01")

    assert cells(html, "How many fall due")["2028/29"] == ["3", "3", "6"]
    [href] = {
        href for href, text in Links(html).found if "standing=overdue" in href and "council" not in href
    }
    assert ">6 assets<" in page(client, href)


@pytest.mark.parametrize("query", ["?as_at=1900-01-01", "?as_at=tomorrow", "?council=XX"])
def test_what_cannot_be_asked_is_refused_in_words(query):
    client = client_of("asset_manager")

    assert client.get(f"/refresh/{query}").status_code == 422
    assert client.get(f"/api/v1/refresh/forecast/{query}").status_code == 400
    assert client.get("/refresh/assets/?year=2011/12&standing=asleep").status_code == 422


def test_programs_are_told_what_the_page_says():
    the_estate()

    answer = client_of("asset_manager").get("/api/v1/refresh/forecast/").json()

    assert by_year_and_council(answer.pop("rows")) == {
        ("2026/27", "CDC"): (2, None),
        ("2026/27", "OCC"): (1, Decimal("742.00")),
        ("2027/28", "CDC"): (1, None),
        ("2027/28", "OCC"): (2, Decimal("3699.76")),
        ("unknown", "OCC"): (1, None),
    }
    assert answer == {"as_at": "2026-11-23", "inflation": "0.03", "total": "4441.76"}


def test_the_spreadsheet_has_the_tables_and_that_it_was_taken_out_is_kept():
    the_estate()
    client = client_of("asset_manager")

    answer = client.post("/refresh/export/", {"council": "OCC"})

    book = load_workbook(BytesIO(answer.content))
    assert book.sheetnames[:3] == ["About", "At a glance", "How many fall due"]
    rows = list(book["What replacing them costs"].iter_rows(min_row=2, values_only=True))
    assert rows[1] == ("2027/28", 3699.76)
    assert Export.objects.get().filters == {"as_at": "2026-11-23", "councils": ["OCC"]}


def test_the_page_asks_the_database_as_often_for_many_assets_as_for_few():
    the_estate()
    client = client_of("asset_manager")

    def asked(address: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(client, address)
        return len(queries)

    before = [asked(address) for address in ("/refresh/", "/refresh/assets/")]
    for _ in range(5):
        an_asset(a_council(), model=a_model(), purchase_date=date(2024, 1, 1))

    assert [asked(address) for address in ("/refresh/", "/refresh/assets/")] == before


def why(client: Client, asset: Asset) -> str:
    html = page(client, f"/assets/{asset.pk}/")
    start = html.index("Why due?")
    text = re.sub(r"<[^>]+>", " ", html[start : html.index("What it is called", start)])
    return re.sub(r"\s+", " ", text)


def test_an_asset_says_its_driver_first_what_competes_and_what_would_change_it():
    county = a_council()
    asset = an_asset(
        county,
        in_service_date=date(2021, 1, 20),
        os_name="Windows 10",
        os_version="22H2",
        os_upgradeable="no",
        model=a_model(replacement_cost_ex_vat=Decimal(742)),
    )
    a_release("windows", date(2025, 10, 14), cycle="10-22h2", extended=date(2028, 10, 10))

    told = why(client_of("asset_manager"), asset)

    assert "Why due? Windows 10 22H2 unsupported since 14 October 2025" in told
    assert "Planned for 2026/27, overdue by 13 months, at £742.00." in told
    assert told.index("14 Oct 2025") < told.index("20 Jan 2026")
    assert "made up, checked 23 Nov 2026: windows 10-22h2" in told
    assert "From in service 20 Jan 2021; 60 months by the product’s default" in told
    assert (
        "If it can take the next operating system, it is due since 20 January 2026: end of its useful life."
        in told
    )
    assert (
        "Its maker sells support until 10 October 2028: with it, it would be due since 20 January 2026"
        in told
    )


def test_an_engineer_is_told_why_but_no_cost_and_a_holder_neither():
    council = a_council()
    asset = an_asset(
        council, purchase_date=date(2022, 9, 14), model=a_model(replacement_cost_ex_vat=Decimal(742))
    )
    holder = a_person(council, "requester")
    Asset.objects.update(holder=holder)

    told = why(client_of("engineer"), asset)

    assert "Its useful life of 60 months ends on 14 September 2027 Planned for 2027/28." in told
    assert "If its useful life were 12 months longer, it would be due on 14 September 2028" in told
    own = Client()
    own.force_login(holder)
    assert "Why due?" not in page(own, f"/assets/{asset.pk}/")


def test_an_asset_of_which_nothing_is_known_says_what_would_help():
    asset = an_asset(a_council(), category="peripheral", os_name="BeOS", os_version="5")

    told = why(client_of("asset_manager"), asset)

    assert "Nothing says when it has to be replaced" in told
    assert "Enter when it was bought or came into service" in told
    assert "Nobody has decided how long a peripheral lasts." in told
    assert "“BeOS 5” is no release whose end of support is known here." in told


def test_bought_support_and_an_estimate_say_what_they_are():
    council = a_council()
    release = a_release("windows", date(2025, 10, 14), cycle="10-22h2")
    ExtendedSupport.objects.create(council=council, release=release, until=date(2028, 10, 10))
    known = {
        "os_name": "Windows 10",
        "os_version": "22H2",
        "warranty_end": date(2024, 6, 30),
        "warranty_months": 36,
    }

    stuck = why(client_of("asset_manager"), an_asset(council, os_upgradeable="no", **known))
    unsaid = why(client_of("asset_manager"), an_asset(council, **known))

    assert (
        "Its useful life of 60 months ended on 30 June 2026 Planned for 2026/27, overdue by 4 months."
        in stuck
    )
    assert "Support bought by the council" in stuck
    assert "When it came is worked out from its warranty." in stuck
    assert "if it cannot, it is due since 30 June 2026: end of its useful life" in unsaid


def test_what_nobody_replaces_says_nothing():
    asset = an_asset(a_council(), state="sold", purchase_date=date(2020, 1, 1))

    assert "Why due?" not in page(client_of("asset_manager"), f"/assets/{asset.pk}/")


def test_a_category_price_makes_unpriced_assets_priced():
    council = a_council()
    an_asset(council, category="router", purchase_date=date(2024, 1, 1))
    an_asset(council, category="router", purchase_date=date(2024, 1, 1), model=a_model())
    client = client_of("asset_manager")
    assert ">2 assets<" in page(client, "/refresh/assets/?standing=unpriced")

    UnitCosts.objects.create(council=council, category="router", base_fy="2026/27", price=Decimal(500))

    assert "No assets match" in page(client, "/refresh/assets/?standing=unpriced")

"""Counting with a scanner in a browser: each scan goes by itself, and the box is ready for the next."""

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from assets.register import stock_taking
from tests.factories import a_site, an_asset
from tests.register.pages import manager

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_scans_follow_one_another_without_a_hand_on_the_mouse(browser, live_server):
    keeper = manager("OCC")
    council, site = keeper.council, a_site(keeper.council)
    for tag in ("A-1", "A-2"):
        an_asset(council, tag, site=site, state="in_use")
    started = stock_taking.begin(by=keeper, site=site)
    context, broken = browser.new_context(), []
    client = Client()
    client.force_login(keeper)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page = context.new_page()
    page.on("pageerror", lambda error: broken.append(str(error)))

    page.goto(f"{live_server.url}/assets/stock-takes/{started.pk}/")
    box = page.get_by_label("Tag or serial number")
    expect(page.locator("[data-scan-video]")).to_be_hidden()
    for tag in ("A-1", "A-2"):
        expect(box).to_be_focused()
        page.keyboard.type(tag)
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_contain_text(f"{tag}, ")
        expect(box).to_have_value("")
    expect(page.locator("main")).to_contain_text("0 Still to be found")
    context.close()

    assert broken == []

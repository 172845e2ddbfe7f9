"""The description of the API as a page that people try it out on."""

import pytest
from django.conf import settings
from django.test import Client

from tests.factories import an_engineer


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_documentation_page_works_under_its_policy(live_server, page):
    client = Client()
    client.force_login(an_engineer())
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
    )
    said, asked = [], []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))

    page.set_default_timeout(90_000)  # the description is long, and a busy machine slow
    page.goto(f"{live_server.url}/api/v1/docs/")
    for tag, operation, answer in (("councils", "councils_list", "200"), ("tokens", "tokens_make", "201")):
        page.locator(f"#operations-tag-{tag}").click()
        place = page.locator(f"#operations-{tag}-{operation}")
        place.click()
        place.get_by_role("button", name="Try it out").click()
        place.get_by_role("button", name="Execute", exact=True).click()
        place.locator(".live-responses-table .response-col_status", has_text=answer).wait_for()

    assert said == []
    assert [url for url in asked if not url.startswith((live_server.url, "data:", "blob:"))] == []

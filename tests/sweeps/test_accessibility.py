"""Every page in a browser, as wide as a desk and as a phone: axe finds nothing, nothing sticks out or fails."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db import connection
from django.urls import reverse

from tests.sweeps.asking import content, signed_in
from tests.sweeps.registry import Page, Public, Row, entries
from tests.sweeps.world import World, build, grow

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True, serialized_rollback=True)]
WIDTHS = [pytest.param(1280, id="desk"), pytest.param(375, id="phone")]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
NOT_OURS = {"api:docs"}  # Swagger's page, from its makers


@pytest.fixture
def world() -> World:
    if connection.vendor != "sqlite":
        pytest.skip("a page looks the same whichever database it comes from")
    made = build()
    grow(made)
    return made


def pages_of(world: World, role: str | None) -> list[str]:
    """Every address that gives this person a page of its own."""
    named = {name: entry.given(world) for name, entry in entries(Public if role is None else Page).items()}
    for name, entry in entries(Row).items() if role else ():
        named[name] = entry.given(world.sides["OCC"].rows[entry.kinds[0]])
    client = signed_in(role and world.person("OCC", role))
    addresses = [reverse(name, kwargs=given) for name, given in named.items() if name not in NOT_OURS]
    return [address for address in addresses if _is_page(client.get(address))]


def _is_page(response) -> bool:
    body = content(response)
    html = response.headers.get("Content-Type", "").startswith("text/html")
    return response.status_code == 200 and html and b"<html" in body


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "role", [None, "someone", "engineer", "asset_manager", "supplier_contact", "administrator"]
)
def test_every_page_is_accessible_and_fits(world, live_server, browser, width, role):
    pages = pages_of(world, role)
    faults = []
    context = browser.new_context(viewport={"width": width, "height": 900})
    if role:
        session = signed_in(world.person("OCC", role)).cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
        )
    page = context.new_page()
    page.on("console", lambda said: faults.append((page.url, said.text)) if said.type == "error" else None)
    page.on("pageerror", lambda error: faults.append((page.url, str(error))))
    for address in pages:
        page.goto(live_server.url + address, wait_until="load")
        found = Axe().run(page, options={"runOnly": RULES}).response["violations"]
        faults += [(address, fault["id"], node["target"]) for fault in found for node in fault["nodes"]]
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            faults.append(
                (address, "wider than the window", page.evaluate("document.documentElement.scrollWidth"))
            )
    context.close()

    assert pages
    assert faults == []

"""The shell in a browser: accessible, no wider than its window, and its scripts do their work."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.template import engines
from django.test import Client
from django.urls import path
from playwright.sync_api import Page, expect

from servicedesk.config.urls import urlpatterns as ours
from servicedesk.forms import Form, SearchSelect
from tests.factories import a_requester, an_engineer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = [pytest.param(1280, id="desktop"), pytest.param(375, id="phone")]
OPEN_PAGES = [
    "/account/login/",
    "/account/password/reset/",
    "/account/password/reset/done/",
    "/account/inactive/",
    "/accessibility/",
    "/cookies/",
    "/privacy/",
    "/nowhere/",
]


class Help(Form):
    details = forms.CharField(widget=forms.Textarea, max_length=200)
    summary = forms.CharField()
    stops = forms.ChoiceField(choices=[("me", "Only me"), ("many", "Many people")], widget=forms.RadioSelect)
    number = forms.CharField(required=False)
    site = forms.ChoiceField(
        choices=[("", "---------"), ("1", "Bodicote House"), ("2", "County Hall")],
        required=False,
        widget=SearchSelect,
    )


HELP = """
{% extends "base.html" %}
{% block title %}{{ error_prefix(form) }}Help{% endblock %}
{% block content %}
<h1 class="govuk-heading-l">Help</h1>
{{ error_summary(form) }}
<form method="post" novalidate data-draft="help">
  {{ csrf_input }}
  {{ form.details.as_govuk() }}
  {{ form.summary.as_govuk() }}
  {{ form.stops.as_govuk(reveals={"many": form.number}) }}
  {{ form.site.as_govuk() }}
  {{ component("button", {"text": "Send"}) }}
</form>
{% endblock %}
"""


@login_not_required
def help_page(request):
    form = Help(request.POST or None)
    if form.is_valid():
        return HttpResponse(
            f"<title>Taken</title>{form.cleaned_data['site']}<script src='/static/js/drafts.js'></script>"
        )
    return HttpResponse(engines["jinja2"].from_string(HELP).render({"form": form}, request))


urlpatterns = [*ours, path("test/help/", help_page)]


@pytest.fixture
def site(live_server, page: Page):
    """The address of the site."""
    page.set_default_timeout(10_000)
    return live_server.url


def sign_in(page: Page, site: str, person) -> None:
    client = Client()
    client.force_login(person)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}])


def faults(page: Page) -> list:
    """What axe finds, and whether the page is wider than its window."""
    found = [
        (rule["id"], [node["html"] for node in rule["nodes"]])
        for rule in Axe().run(page).response["violations"]
    ]
    over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return found + ([f"{over} pixels too wide"] if over else [])


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_for_everybody_are_accessible(site, page, width):
    page.set_viewport_size({"width": width, "height": 800})
    found = {}
    for address in OPEN_PAGES:
        page.goto(site + address)
        found[address] = faults(page)

    assert found == {address: [] for address in OPEN_PAGES}


@pytest.mark.parametrize("width", WIDTHS)
def test_pages_of_the_account_are_accessible(site, page, width):
    page.set_viewport_size({"width": width, "height": 800})
    sign_in(page, site, an_engineer())
    found = {}
    for address in ["/account/password/change/", "/account/logout/", "/nowhere/"]:
        page.goto(site + address)
        found[address] = faults(page)

    assert found == {"/account/password/change/": [], "/account/logout/": [], "/nowhere/": []}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.urls("tests.frontend.test_pages")
def test_form_is_accessible_before_and_after_a_mistake(site, page, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{site}/test/help/")
    before = faults(page)
    page.get_by_label("Many people").check()
    page.get_by_role("button", name="Send").click()
    page.get_by_text("There is a problem").wait_for()

    assert (before, faults(page)) == ([], [])
    assert page.title() == "Error: Help – IT service desk"
    assert page.evaluate("document.activeElement.className") == "govuk-error-summary"


@pytest.mark.urls("tests.frontend.test_pages")
def test_choice_reveals_its_field_with_and_without_script(site, browser):
    shown = []
    for script in (True, False):
        page = browser.new_context(java_script_enabled=script).new_page()
        page.goto(f"{site}/test/help/")
        before = page.get_by_label("Number").is_visible()
        page.get_by_label("Many people").check()
        shown.append((before, page.get_by_label("Number").is_visible()))

    assert shown == [(False, True), (False, True)]


@pytest.mark.urls("tests.frontend.test_pages")
def test_long_list_is_searched_by_typing_and_emptied_by_clearing(site, page):
    page.goto(f"{site}/test/help/")
    chosen = page.locator("select[name=site]")
    box = page.get_by_role("combobox", name="Site")
    box.press_sequentially("hall")
    page.get_by_role("option", name="County Hall").wait_for()
    page.keyboard.press("ArrowDown")
    page.locator("[role=option][aria-selected=true]").wait_for()
    page.keyboard.press("Enter")
    expect(chosen).to_have_value("2")
    box.fill("")
    box.blur()
    expect(chosen).to_have_value("")


@pytest.mark.urls("tests.frontend.test_pages")
def test_draft_outlives_a_mistake_and_is_forgotten_once_taken(site, page):
    page.goto(f"{site}/test/help/")
    page.get_by_label("Details").fill("It smells of burning")
    page.reload()
    kept = page.get_by_label("Details").input_value()
    page.get_by_role("button", name="Send").click()
    page.get_by_text("There is a problem").wait_for()
    page.goto(f"{site}/test/help/")
    kept_again = page.get_by_label("Details").input_value()
    page.get_by_label("Summary").fill("Fire")
    page.get_by_label("Only me").check()
    page.get_by_role("button", name="Send").click()
    page.wait_for_function("document.title === 'Taken'")
    page.goto(f"{site}/test/help/")

    assert (kept, kept_again, page.get_by_label("Details").input_value()) == (
        "It smells of burning",
        "It smells of burning",
        "",
    )


def test_signing_out_forgets_what_was_typed(site, page):
    sign_in(page, site, a_requester())
    page.goto(f"{site}/privacy/")
    page.evaluate("sessionStorage.setItem('draft:reply:text', 'private')")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in", exact=True).wait_for()

    assert page.evaluate("Object.keys(sessionStorage).filter((key) => key.startsWith('draft'))") == []


def test_first_press_of_tab_leads_past_the_navigation(site, page):
    sign_in(page, site, an_engineer())
    page.goto(f"{site}/privacy/")
    page.keyboard.press("Tab")
    skip = page.evaluate("document.activeElement.textContent.trim()")
    page.keyboard.press("Enter")

    assert (skip, page.evaluate("location.hash")) == ("Skip to main content", "#main-content")


def test_page_says_nothing_on_the_console(site, page):
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    sign_in(page, site, an_engineer())
    page.goto(f"{site}/cookies/")
    page.wait_for_load_state("networkidle")

    assert said == []

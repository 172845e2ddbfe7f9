import json

import pytest
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import resolve
from lxml import html

from servicedesk.config.shell import Shell
from servicedesk.portal.places import PLACES
from tests.factories import a_council, a_person, a_requester

STAFF = ("Home", "Get help", "My requests", "Announcements")


def places(person, path="/") -> list[tuple[str, bool]]:
    request = RequestFactory().get(path)
    request.user = person
    return [(place["text"], place["active"]) for place in Shell(request).navigation]


@pytest.mark.parametrize(
    ("roles", "shown"),
    [
        ((), ["Home"]),
        (("requester",), [*STAFF]),
        (("engineer",), [*STAFF, "Queue", "Tasks", "Assets", "Refresh", "Imports", "Search"]),
        (("supplier_contact",), ["Home", "Queue", "Tasks", "Search"]),
        (("asset_manager",), [*STAFF, "Queue", "Assets", "Refresh", "Imports", "Search"]),
        (
            ("auditor",),
            [
                *("Home", "Announcements", "Queue", "Assets", "Refresh"),
                *("Reports", "Administration", "Private requests", "Search"),
            ],
        ),
        (("administrator",), [*STAFF, "Administration", "Private requests"]),
    ],
)
def test_navigation_shows_what_the_roles_open(db, roles, shown):
    assert [label for label, _ in places(a_person(None, *roles))] == shown


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.label)
def test_navigation_leads_somewhere(place):
    assert resolve(place.href)


def test_navigation_marks_the_place_of_the_page(db):
    assert places(a_requester(), "/requests/INC-2026-000123/") == [
        ("Home", False),
        ("Get help", False),
        ("My requests", True),
        ("Announcements", False),
    ]


def test_sign_in_page_says_whom_to_call(db):
    a_council("OCC")

    page = html.fromstring(Client().get("/account/login/").content)

    assert "Oxfordshire County Council: 01865 000000" in " ".join(page.text_content().split())


def test_colour_of_a_council_reaches_the_page_of_its_people(db):
    council = a_council("SND", name="South Northants")
    type(council).objects.filter(pk=council.pk).update(colour="#00703c")
    client = Client()
    client.force_login(a_person(council))

    page = html.fromstring(client.get("/accessibility/").content)
    sheet = Client().get("/council.css")

    assert f"app-council-{council.pk}" in page.body.get("class").split()
    assert sheet["Content-Type"] == "text/css"
    assert f".app-council-{council.pk} {{ --council-colour: #00703c; }}" in sheet.content.decode()


@pytest.mark.parametrize(
    "path", ["/accessibility/", "/cookies/", "/privacy/", "/account/login/", "/account/password/reset/"]
)
def test_page_for_everybody_is_shown_to_a_stranger_and_runs_nothing_inline(db, path):
    response = Client().get(path)
    page = html.fromstring(response.content)

    assert response.status_code == 200
    assert page.xpath("//script[not(@src)] | //style | //@style | //@onclick | //@onchange") == []
    assert set(response["Content-Security-Policy"].split("; ")) == {
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "form-action 'self'",
    }


def test_htmx_is_told_to_evaluate_nothing_and_to_show_refusals(db):
    page = html.fromstring(Client().get("/cookies/").content)

    config = json.loads(page.xpath("//meta[@name='htmx-config']/@content")[0])
    assert (config["allowEval"], config["includeIndicatorStyles"]) == (False, False)
    assert {"code": "409|422", "swap": True} in config["responseHandling"]


def test_page_that_does_not_exist_says_the_same_at_every_address(db):
    client = Client()
    client.force_login(a_requester())

    first, second = client.get("/nowhere/?a=1"), client.get("/tickets/nobody/at/all/")

    assert first.status_code == second.status_code == 404
    assert first.content == second.content
    assert b"nowhere" not in first.content and b"csrf" not in first.content


@pytest.mark.parametrize(
    "name", ["400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html"]
)
def test_error_page_needs_neither_a_request_nor_a_database(name):
    page = html.fromstring(render_to_string(name))

    assert page.xpath("//main[@data-not-taken]//h1")


def test_conflict_says_why_and_leads_back():
    page = html.fromstring(
        render_to_string("409.html", {"reason": "Taken by Priya Shah.", "back": "/queue/"})
    )

    assert "Taken by Priya Shah." in page.text_content()
    assert page.xpath("//main//a/@href") == ["/queue/"]


def test_flash_message_is_a_banner_with_its_words_escaped(db):
    client = Client()
    client.force_login(a_requester())
    client.post("/account/logout/")

    page = html.fromstring(client.get("/account/login/").content)

    assert "You have signed out." in page.xpath("//*[@role='alert']")[0].text_content()


@pytest.mark.parametrize(
    ("method", "headers", "status", "where"),
    [
        ("get", {}, 302, ("Location", "/account/login/?next=/account/password/change/")),
        (
            "post",
            {"Referer": "http://testserver/tickets/INC-1/?tab=2#reply"},
            302,
            ("Location", "/account/login/?next=/tickets/INC-1/%3Ftab%3D2"),
        ),
        ("post", {}, 302, ("Location", "/account/login/?next=/")),
        (
            "get",
            {"HX-Request": "true", "HX-Current-URL": "http://testserver/queue/"},
            200,
            ("HX-Redirect", "/account/login/?next=/queue/"),
        ),
    ],
)
def test_expired_sign_in_leads_back_to_the_page_it_happened_on(db, method, headers, status, where):
    response: HttpResponse = getattr(Client(headers=headers), method)("/account/password/change/")

    assert (response.status_code, response.headers.get(where[0])) == (status, where[1])


@pytest.mark.django_db
def test_address_of_a_button_says_so_in_words_when_it_is_opened():
    client = Client()
    client.force_login(a_requester())
    response = client.get("/assets/together/")

    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert html.fromstring(response.content).findtext(".//h1") == "Nothing to show at this address"

"""What comes of sending the forms of a page: refused for what is missing, overtaken by somebody, or shown first."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import resolve
from lxml import html
from lxml.html import HtmlElement

from tests.sweeps.asking import content

Data = dict[str, list[str]]
MEASURED = ("version", "seen")
"""By what a form says what its writer had read."""
TYPED = ("title", "name", "display_name", "sentence")
"""What two hands change at once."""


class Sent(NamedTuple):
    """What is sent where, and the status of the page that it brings."""

    address: str
    data: Data
    status: int


def is_page(response: HttpResponse, *statuses: int) -> bool:
    """A whole page of ours, of one of these statuses."""
    body = content(response)
    is_html = response.headers.get("Content-Type", "").startswith("text/html")
    return response.status_code in statuses and is_html and b"<html" in body


def all_sent(client: Client, addresses: Iterable[str]) -> list[Sent]:
    """One for each view and status, of the forms on these pages. Nothing of it is done."""
    found: dict[tuple[str, int], Sent] = {}
    for address in addresses:
        for action, data in _ways(client, address):
            with transaction.atomic():
                response = client.post(action, data)
                there = is_page(response, 200, 409, 422)
                transaction.set_rollback(True)
            if there:
                view = resolve(urlsplit(action).path).view_name
                sent = Sent(action, data, response.status_code)
                found.setdefault((view, sent.status), sent)
    return list(found.values())


def forms_on(client: Client, address: str) -> Iterator[tuple[str, HtmlElement, Data]]:
    """The forms of a page: where each is sent, itself, and what it holds as it stands."""
    page = html.fromstring(client.get(address).content.decode())
    for form in page.xpath("//main//form[@method='post']"):
        shown: Data = {}
        for name, value in form.form_values():
            shown.setdefault(name, []).append(value)
        yield form.get("action") or address, form, shown


def _ways(client: Client, address: str) -> Iterator[tuple[str, Data]]:
    for action, form, shown in forms_on(client, address):
        for data in (_emptied(form, shown), _overtaken(form, shown), shown):
            yield action, data


def _emptied(form: HtmlElement, shown: Data) -> Data:
    """Nothing but what is hidden."""
    return {name: shown[name] for name in _names(form, "input[@type='hidden']") if name in shown}


def _overtaken(form: HtmlElement, shown: Data) -> Data:
    """Written to, as it was read before somebody else changed it."""
    written = {name: ["Something else"] for name in {*_names(form, "textarea"), *TYPED} if name in shown}
    for radio in form.xpath(".//input[@type='radio']"):
        written.setdefault(radio.name, shown.get(radio.name) or [radio.get("value")])
    read = {name: [_another(shown[name][0])] for name in MEASURED if name in shown}
    return {**shown, **written, **read}


def _another(version: str) -> str:
    """An earlier one, where there is one."""
    number = int(version or 0)
    return str(number - 1 if number > 1 else number + 1)


def _names(form: HtmlElement, control: str) -> list[str]:
    return form.xpath(f".//{control}/@name")

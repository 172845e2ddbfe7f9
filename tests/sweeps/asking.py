"""Asking the site something, and all that comes back or happens."""

import io
import re
import zipfile
from collections.abc import Iterable
from typing import NamedTuple

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from tests.sweeps.registry import Row, entries

# As these, who may do least and most, everything is asked; as others by turns.
THOROUGH = {"requester", "engineer", "asset_manager"}
# As these on all databases, as others on the first: sight is one piece of code for all of them.
ON_ALL_DATABASES = {"engineer", "asset_manager"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
# What differs between two answers that are the same: when they were given, and cookies with a fresh secret.
FLEETING = {"Date", "Set-Cookie", "Expires", "Last-Modified"}
WRITE = re.compile(
    r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM|REPLACE INTO)\s+"?(\w+)"?', re.IGNORECASE
)
# Tables that belong to the session of whoever asks, count tries, or say how far somebody has read.
HOUSEKEEPING = {"django_session", "cache", "tickets_readmark"}


def as_roles(roles: Iterable[str]) -> list:
    """The roles, as the parameters of a test."""
    return [
        role if role in ON_ALL_DATABASES else pytest.param(role, marks=pytest.mark.once) for role in roles
    ]


def by_turns(name: str, rows: list, turn: int) -> list:
    """One of the rows that an address might be asked for, so that each is asked for at some address of its kinds; all
    of them where there are fewer such addresses than rows."""
    kinds = entries(Row)[name].kinds
    like = [other for other, entry in entries(Row).items() if entry.kinds == kinds]
    if not rows or len(like) < len(rows):
        return rows
    return [rows[(like.index(name) + turn) % len(rows)]]


class Answer(NamedTuple):
    """What an outsider sees, and how often the database was asked."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    queries: int


class Watch:
    """What happens in the database: how often it is asked, and which tables are written to."""

    def __init__(self) -> None:
        self.queries = 0
        self.written: list[str] = []

    def __call__(self, execute, sql, params, many, context):
        self.queries += 1
        table = WRITE.match(sql)
        if table and table[1] not in HOUSEKEEPING:
            self.written.append(table[1])
        return execute(sql, params, many, context)


def signed_in(person, **options) -> Client:
    client = Client(**options)
    if person:
        client.force_login(person)
    return client


def ask(client: Client, method: str, address: str, **given) -> tuple[HttpResponse, Answer, list[str]]:
    """The response, what of it can be compared, and the tables that were written to."""
    watch = Watch()
    with connection.execute_wrapper(watch):
        response = client.generic(method, address, **given)
        body = content(response)
    headers = sorted((name, value) for name, value in response.headers.items() if name not in FLEETING)
    return response, Answer(response.status_code, tuple(headers), body, watch.queries), watch.written


def content(response: HttpResponse) -> bytes:
    """All of the body; what streams closes itself at its end."""
    return b"".join(response.streaming_content) if response.streaming else response.content


def everything_said(response: HttpResponse, body: bytes) -> str:
    """Headers, cookies and body as one text; of a workbook, all its parts."""
    said = [f"{name}: {value}" for name, value in response.headers.items()]
    said += [str(cookie) for cookie in response.cookies.values()]
    if body[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(body)) as parts:
            said += [parts.read(name).decode("utf-8", "replace") for name in parts.namelist()]
    return "\n".join([*said, body.decode("utf-8", "replace")])

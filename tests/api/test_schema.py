"""The schema says what the API does: generated without a warning, and held against what it answers."""

import json
from io import BytesIO
from typing import NamedTuple

import pytest
import schemathesis
from django.core.files import File
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from servicedesk.config.wsgi import application
from servicedesk.people.tokens import make_token
from servicedesk.spreadsheets import importing, taking_out
from servicedesk.spreadsheets.kinds import kinds
from servicedesk.tickets.raising import raise_ticket
from tests.api.calling import as_person
from tests.factories import a_council, a_model, a_person, a_service, a_site, a_team, an_asset, an_engineer

pytestmark = pytest.mark.django_db

OURS = SchemaGenerator().get_schema(request=None, public=True)
schema = schemathesis.openapi.from_dict(json.loads(json.dumps(OURS)))
schema.app = application
# Every value that is not allowed, one by one, takes a minute; test_hostile.py sends worse.
schema.config.phases.coverage.enabled = False
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)


@pytest.fixture
def kept_connection():
    """The test's own transaction stays open from request to request, as with Django's own client."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


class Made(NamedTuple):
    """A token of somebody who may do it all, and what a path may be about, by the noun that it begins with."""

    token: str
    rows: dict[str, str | int]


@pytest.fixture(scope="module")
def made(make_once) -> Made:
    return make_once(build)


def build() -> Made:
    eve = a_person(a_council("OCC"), "engineer", "queue_manager", "asset_manager", "cyber_officer")
    service = a_service(team=a_team(members=(eve,)))
    ticket = raise_ticket(by=eve, requester=eve, type="incident", title="No sound", service=service)
    model = a_model()
    asset = an_asset(
        eve.council, model=model, manufacturer=model.manufacturer, holder=eve, site=a_site(eve.council)
    )
    asset.service_records.create(council=asset.council, ticket=ticket)
    sheet = b"Asset Tag,Site,Price\nT1,Depot,ten\nT2,Depot,20\n"
    started = importing.start(File(BytesIO(sheet)), "register.csv", kinds()["assets"], eve.council, by=eve)
    checked = importing.check(started, by=eve)
    export = taking_out.start(kinds()["assets"], {}, "csv", by=eve)
    rows = {"tickets": ticket.reference, "imports": checked.pk, "exports": export.pk, "assets": asset.pk}
    return Made(make_token(by=eve).text, rows)


# The client of these tests leaves files open that it is sent.
@schema.exclude(path_regex="/file/$").parametrize()
@settings(
    max_examples=8 if connection.vendor == "sqlite" else 2,  # what an answer looks like is one piece of code
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_the_api_answers_as_its_schema_says(case, made, kept_connection):
    noun = case.path.split("/")[3]
    for name in {"ref", "id"} & set(case.path_parameters):
        case.path_parameters[name] = made.rows.get(noun, made.rows["assets"])
    case.call_and_validate(headers={"Authorization": f"Token {made.token}"}, checks=CHECKS)


def test_the_schema_is_made_without_a_warning(tmp_path):
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(tmp_path / "schema.yml"))


def test_every_operation_says_how_it_refuses_and_who_may_ask():
    operations = [operation for path in OURS["paths"].values() for operation in path.values()]
    assert [each["operationId"] for each in operations if "default" not in each["responses"]] == []
    assert [each["operationId"] for each in operations if {} in each["security"]] == []
    assert len({each["operationId"] for each in operations}) == len(operations)


def test_programs_read_the_schema_as_json_and_people_as_yaml():
    caller = as_person(an_engineer())
    read = caller.get("schema/", HTTP_ACCEPT="application/json")
    assert (read["Content-Type"], read.json()["info"]["title"]) == ("application/json", "Service desk")
    assert caller.get("schema/").content.startswith(b"openapi: 3.0.3\n")
    assert caller.get("schema/", HTTP_ACCEPT="application/json").content == read.content


def test_the_schema_says_which_keys_of_an_asset_are_always_there():
    always = OURS["components"]["schemas"]["Asset"]["required"]
    told = ("asset_tag", "serial_number", "category", "model", "manufacturer", "holder", "site", "room")
    assert sorted(always) == sorted(("id", "council", *told))

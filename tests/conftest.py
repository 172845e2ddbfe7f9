"""What every test may ask for."""

import os

import pytest
from django.db import connections
from django.test.client import ClientHandler
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests.chromium import find_chromium
from tests.deeds import watching

# The same examples each time, and no test fails because a machine is slow.
hypothesis_settings.register_profile(
    "ours", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("ours")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Tests over real connections empty the database at their end, so they come after those that count on it."""
    items.sort(
        key=lambda item: any(mark.kwargs.get("transaction") for mark in item.iter_markers("django_db"))
    )


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """What the migrations laid down is remembered for every connection: Chromium's driver brings one of its own."""
    with django_db_blocker.unblock():
        first = connections["default"]
        if hasattr(first, "_test_serialized_contents"):  # else no test of this run empties it
            type(first)._test_serialized_contents = first._test_serialized_contents


@pytest.fixture(autouse=True)
def files_of_the_test(settings, tmp_path):
    """Each test keeps its files in a folder of its own."""
    ours = {**settings.STORAGES["default"], "OPTIONS": {"location": str(tmp_path / "files")}}
    settings.STORAGES = {**settings.STORAGES, "default": ours}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """The Chromium of the machine; it refuses its sandbox to root."""
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": find_chromium(), "args": arguments}


@pytest.fixture(autouse=True)
def windows_are_closed(request):
    """What a test left open in the browser holds threads of the server, and each of them a database connection."""
    browser = request.getfixturevalue("browser") if "browser" in request.fixturenames else None
    yield
    for context in browser.contexts if browser else ():
        context.close()


@pytest.fixture(autouse=True)
def every_write_is_recorded(monkeypatch):
    """No request of any test writes what people change without recording it."""
    handle = ClientHandler.get_response

    def watched(handler, request):
        with watching() as deeds:
            response = handle(handler, request)
        # Signing in and choosing a password are told by the log of sign-ins, not by history.
        of_signing_in = {"people.person"} if request.path.startswith("/account/") else set()
        assert deeds.unrecorded() - of_signing_in == set()
        return response

    monkeypatch.setattr(ClientHandler, "get_response", watched)

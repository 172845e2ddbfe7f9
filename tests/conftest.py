"""What every test may ask for."""

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.db import DatabaseError, connection, transaction
from django.test import override_settings
from django.test.client import ClientHandler
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests.chromium import find_chromium
from tests.databases import have_database
from tests.deeds import watching

# The same examples each time, and no test fails because a machine is slow.
hypothesis_settings.register_profile(
    "ours", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("ours")


LONGEST = ("sweeps", "architecture", "journeys")
ABOVE_THE_SERVICES = {"administration", "api", "portal"}
# They ask a database what nothing below them asks, or what it might stumble at.
WITH_QUERIES_OF_THEIR_OWN = {
    "administration": {"test_admin_leaving", "test_sheets", "test_what_moves_deadlines"},
    "api": {"test_hostile", "test_idempotency", "test_imports", "test_lists", "test_schema", "test_search"},
    "disposal": {"test_pages"},
    "portal": {"test_home", "test_requests"},
    "refresh": {"test_pages"},
}
OVER_REAL_CONNECTIONS = {"transactional_db", "live_server"}
OF_A_DATABASE = {"db", "django_db_setup", *OVER_REAL_CONNECTIONS}


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items):
    """Those that may ask a database say so, before what is not asked for is left out; then they are put in order.

    Pages and the API are `once`: nearly all that asks a database is below them, and the sweep of doors opens them on
    each.

    Tests over real connections empty the database at their end, so they come after those that count on it, and each
    begins with laying down again what the migrations laid down.

    The longest of them come first, or one process would wait at the end for the other.
    """

    for item in items:
        if item.get_closest_marker("django_db") or OF_A_DATABASE.intersection(item.fixturenames):
            item.add_marker("database")
        if _above_the_services(item.path):
            item.add_marker("once")
    yield

    def empties(item) -> bool:
        marked = any(mark.kwargs.get("transaction") for mark in item.iter_markers("django_db"))
        return marked or bool(OVER_REAL_CONNECTIONS.intersection(item.fixturenames))

    for item in filter(empties, items):
        item.fixturenames.append("django_db_serialized_rollback")
    items.sort(key=lambda item: (empties(item), item.path.parent.name not in LONGEST))


def _above_the_services(path: Path) -> bool:
    folder = path.parent.name
    asks = path.stem in WITH_QUERIES_OF_THEIR_OWN.get(folder, ())
    return not asks and (folder in ABOVE_THE_SERVICES or path.stem.endswith("pages"))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish():
    """What has been imported lives as long as the run, and is not looked through for what can be forgotten."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_setup(
    request,
    django_test_environment,
    django_db_modify_db_settings,
    django_db_blocker,
    tmp_path_factory,
    worker_id,
):
    """Migrations take a minute, so they run once for all processes."""
    workers = {f"gw{number}" for number in range(int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "0")))}
    folder = tmp_path_factory.getbasetemp()
    before = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        have_database(folder.parent if workers else folder, worker_id, workers - {worker_id})
    yield
    with django_db_blocker.unblock():
        try:
            connection.creation.destroy_test_db(before, verbosity=0)
        except DatabaseError as still_used:
            request.node.warn(pytest.PytestWarning(str(still_used)))


@pytest.fixture(autouse=True)
def files_of_the_test(request, settings, tmp_path):
    """Each test keeps its files in a folder of its own, unless its module has made some beforehand."""
    beforehand = "make_once" in request.fixturenames
    settings.STORAGES = request.getfixturevalue("files_of_the_module") if beforehand else _files_in(tmp_path)


@pytest.fixture(scope="module")
def files_of_the_module(tmp_path_factory) -> dict:
    return _files_in(tmp_path_factory.mktemp("module"))


def _files_in(folder) -> dict:
    ours = {**configured.STORAGES["default"], "OPTIONS": {"location": str(folder / "files")}}
    return {**configured.STORAGES, "default": ours}


@pytest.fixture(scope="module")
def make_once(django_db_setup, django_db_blocker, files_of_the_module) -> Iterator[Callable]:
    """Makes what the tests of a module all begin with, in a transaction that is never kept.

    The transaction of each test stands inside it, so every test finds it as it was made. Not for a module with tests
    over real connections, which would empty the database inside it.
    """

    def make(build: Callable):
        with django_db_blocker.unblock(), override_settings(STORAGES=files_of_the_module):
            return build()

    with django_db_blocker.unblock():
        whole = transaction.atomic()
        whole.__enter__()
    yield make
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        whole.__exit__(None, None, None)


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

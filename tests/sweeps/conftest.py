"""Both councils, made once for each module that sweeps over them; every test begins with them as they were made."""

import copy
from collections.abc import Iterator

import pytest
from django.conf import settings as configured
from django.db import transaction
from django.test import override_settings

from tests.sweeps.world import World, build


@pytest.fixture(scope="module")
def where_files_lie(tmp_path_factory) -> dict:
    """The files of a module's world, which outlive a test."""
    folder = str(tmp_path_factory.mktemp("files"))
    return {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": folder}}


@pytest.fixture(autouse=True)
def files_of_the_test(settings, where_files_lie) -> None:
    """The tests of a module read the files of its world."""
    settings.STORAGES = {**settings.STORAGES, "default": where_files_lie}


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker, where_files_lie, request) -> Iterator[World]:
    """The world of a module, in a transaction that is never kept; each test's own stands inside it."""
    storages = {**configured.STORAGES, "default": where_files_lie}
    with django_db_blocker.unblock(), override_settings(STORAGES=storages):
        whole = transaction.atomic()
        whole.__enter__()
        world = getattr(request.module, "build_world", build)()
    yield world
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        whole.__exit__(None, None, None)


@pytest.fixture
def world(made, db) -> World:
    """Both councils, as this test's own."""
    return copy.deepcopy(made)

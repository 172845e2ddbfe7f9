"""Both councils, made once for each module that sweeps over them; every test begins with them as they were made."""

import copy

import pytest
from django.db import connection

from tests.sweeps.asking import THOROUGH
from tests.sweeps.world import World, build


@pytest.fixture(scope="module")
def made(make_once, request) -> World:
    """The world of a module."""
    return make_once(getattr(request.module, "build_world", build))


@pytest.fixture
def world(made, db) -> World:
    """Both councils, as this test's own."""
    return copy.deepcopy(made)


@pytest.fixture
def as_everybody(role):
    """The rules of sight are one piece of code for both databases, so only one of them is asked as every role."""
    if connection.vendor != "sqlite" and role not in THOROUGH:
        pytest.skip("asked as this role on SQLite")

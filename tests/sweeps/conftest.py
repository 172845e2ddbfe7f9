"""Both councils, made once for each module that sweeps over them; every test begins with them as they were made."""

import copy

import pytest

from tests.sweeps.world import World, build


@pytest.fixture(scope="module")
def made(make_once, request) -> World:
    """The world of a module."""
    return make_once(getattr(request.module, "build_world", build))


@pytest.fixture
def world(made, db) -> World:
    """Both councils, as this test's own."""
    return copy.deepcopy(made)

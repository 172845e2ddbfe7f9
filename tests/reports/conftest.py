import copy

import pytest
from django.utils import timezone

from tests.reports.november import November
from tests.reports.vector import AS_AT, at


@pytest.fixture(scope="module")
def month(make_once) -> November:
    """The requests of the vector, played once for all tests of a module."""
    return make_once(November)


@pytest.fixture
def november(month, db) -> November:
    """The requests of the vector, as this test's own."""
    return copy.deepcopy(month)


@pytest.fixture
def end_of_november(monkeypatch):
    """It is the moment as at which the vector counts."""
    monkeypatch.setattr(timezone, "now", lambda: at(AS_AT))

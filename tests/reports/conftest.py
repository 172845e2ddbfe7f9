import pytest
from django.utils import timezone

from tests.reports.november import November
from tests.reports.vector import AS_AT, at


@pytest.fixture
def november() -> November:
    """The requests of the vector."""
    return November()


@pytest.fixture
def end_of_november(monkeypatch):
    """It is the moment as at which the vector counts."""
    monkeypatch.setattr(timezone, "now", lambda: at(AS_AT))

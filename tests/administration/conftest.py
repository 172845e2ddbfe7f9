import pytest

from tests.factories import a_council, a_person


@pytest.fixture
def county():
    return a_council("OCC")


@pytest.fixture
def district():
    return a_council("CDC")


@pytest.fixture
def nadia(county):
    return a_person(county, "administrator", name="Nadia Rahman")

import pytest

from servicedesk.service_levels.models import Calendar, CouncilCalendar
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


@pytest.fixture
def cdc():
    return a_council("CDC")


@pytest.fixture
def hours(cdc):
    """Cherwell's own calendar."""
    windows = {str(n): [["08:00", "17:30"]] for n in range(5)}
    calendar = Calendar.objects.create(code="CDC", name="Cherwell hours", windows=windows)
    CouncilCalendar.objects.create(council=cdc, calendar=calendar)
    return calendar


@pytest.fixture
def admin(cdc, client):
    person = a_person(cdc, "administrator", name="Ada")
    client.force_login(person)
    return person

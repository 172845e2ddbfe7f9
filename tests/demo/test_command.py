import io

from django.core.management import call_command

from demo.organisation import PASSWORD, load_organisation
from servicedesk.history.recording import change_set
from servicedesk.people.grants import end
from servicedesk.people.models import Council, Grant, Person


def demo() -> str:
    out = io.StringIO()
    call_command("demo", "--no-serve", stdout=out)
    return out.getvalue()


def test_nothing_is_loaded_beside_a_council_of_somebody_else(db):
    Council.objects.create(code="WODC", name="West Oxfordshire District Council")

    demo()

    assert not Person.objects.exists()


def test_it_says_who_can_sign_in_as_what_and_where_at_this_moment(db):
    with change_set(by=None) as deed:
        load_organisation(deed)
    end(Grant.objects.get(person__email="auditor@cherwell.example"), by=None)

    said = demo()

    assert PASSWORD in said
    assert len([line for line in said.splitlines() if "@" in line]) == 19
    assert (
        "queue.manager@oxfordshire.example      Queue manager            Oxfordshire County Council" in said
    )
    assert "auditor@cherwell.example" not in said

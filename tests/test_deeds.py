"""The watch over unrecorded writes sees one when there is one."""

import pytest
from django.db import transaction
from django.db.models import F

from servicedesk.history.recording import change_set, record
from servicedesk.people.models import Person, Site
from tests.deeds import watching
from tests.factories import a_council, a_person

pytestmark = pytest.mark.django_db


def unrecorded(write) -> set[str]:
    with watching() as deeds:
        write()
    return deeds.unrecorded()


def a_site() -> Site:
    return Site.objects.create(council=a_council(), name="Depot")


def test_write_without_a_change_is_seen():
    a_council()

    assert unrecorded(a_site) == {"people.site"}


def test_write_with_its_change_is_fine():
    a_council()

    def write():
        with change_set(by=None) as deed:
            record(deed, [a_site()])

    assert unrecorded(write) == set()


def test_change_of_another_kind_does_not_count():
    person = a_person()

    def write():
        with change_set(by=None) as deed:
            a_site()
            record(deed, [person])

    assert unrecorded(write) == {"people.site"}


def test_change_in_another_transaction_does_not_count():
    a_council()

    def write():
        with transaction.atomic():
            site = a_site()
        with change_set(by=None) as deed:
            record(deed, [site])

    assert unrecorded(write) == {"people.site"}


def test_update_and_delete_are_seen():
    a_site()

    assert unrecorded(lambda: Site.objects.update(name="Other")) == {"people.site"}
    assert unrecorded(lambda: Site.objects.all().delete()) == {"people.site"}


def test_update_of_what_is_derived_is_fine():
    person = a_person()

    assert unrecorded(lambda: Person.objects.update(last_login=None)) == set()
    assert unrecorded(lambda: Person.objects.update(last_login=None, vip=True)) == {"people.person"}
    assert unrecorded(lambda: Person.objects.filter(pk=person.pk).update(vip=F("vip"))) == {"people.person"}

"""Nobody alters or deletes history, one row at a time or many."""

import pytest
from django.db import models, transaction

from servicedesk.history.models import AppendOnly, AppendOnlyError, Change, ChangeSet
from servicedesk.history.recording import change_set, record
from servicedesk.tickets.models import ClockEvent
from tests.factories import a_site

pytestmark = pytest.mark.django_db


def a_change() -> Change:
    with change_set(by=None, reason="Because") as deed:
        record(deed, [a_site()])
    return Change.objects.get()


ALTERATIONS = {
    "save of a change": lambda change: change.save(),
    "save of a deed": lambda change: change.change_set.save(),
    "delete of a change": lambda change: change.delete(),
    "delete of a deed": lambda change: change.change_set.delete(),
    "update of many": lambda change: Change.objects.update(label="Other"),
    "delete of many": lambda change: Change.objects.all().delete(),
    "update of what a deed did": lambda change: change.change_set.changes.update(label="Other"),
    "delete of what a deed did": lambda change: change.change_set.changes.all().delete(),
    "update of deeds": lambda change: ChangeSet.objects.filter(pk=change.change_set_id).update(
        reason="Other"
    ),
    "bulk update": lambda change: Change.objects.bulk_update([change], ["label"]),
    "update or create": lambda change: Change.objects.update_or_create(
        pk=change.pk, defaults={"label": "Other"}
    ),
    "bulk create over what is there": lambda change: Change.objects.bulk_create(
        [change], update_conflicts=True, update_fields=["label"], unique_fields=["pk"]
    ),
}


@pytest.mark.parametrize("alter", ALTERATIONS.values(), ids=ALTERATIONS)
def test_history_cannot_be_altered(alter):
    change = a_change()
    change.label = "Other"
    change.change_set.reason = "Other"

    with pytest.raises(AppendOnlyError), transaction.atomic():
        alter(change)

    assert Change.objects.get().label != "Other"
    assert ChangeSet.objects.get().reason == "Because"


def test_a_deed_with_changes_cannot_go_even_past_its_own_rule():
    change = a_change()

    with pytest.raises(models.ProtectedError):
        models.Model.delete(change.change_set)


def test_events_of_a_clock_are_history_too():
    assert issubclass(ClockEvent, AppendOnly)
    with pytest.raises(AppendOnlyError):
        ClockEvent.objects.all().delete()

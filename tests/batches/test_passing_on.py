"""A batch that its owner cannot see through goes to somebody else, and stays with neither of them to approve."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from assets.batches.items import move_items
from assets.batches.passing_on import about_batch, may_own, pass_on
from assets.batches.standing import standings_of
from assets.batches.workflow import answers, move
from assets.register.lifecycle import MoveRefused
from servicedesk.history.editing import Stale
from servicedesk.history.models import Change
from servicedesk.notifications.models import Message
from servicedesk.people.models import Person
from tests.api.calling import as_program, named
from tests.batches.test_moves import drafted, go, submitted, under_way, world
from tests.batches.waves import LATER, NOW, items_of
from tests.factories import a_grant, a_person

pytestmark = pytest.mark.django_db
__all__ = ["world"]


@pytest.fixture
def cal(world):
    """Somebody else who plans the refresh of the county."""
    return a_person(world.county, "asset_manager", name="Cal")


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_it_goes_to_somebody_who_plans_for_its_council_and_history_says_so(world, cal):
    batch = drafted(world)
    assert list(may_own(batch)) == [cal]

    passed = pass_on(batch, by=world.ada, owner=cal, reason="On leave", version=batch.version, now=LATER)

    assert (passed.owner, passed.version) == (cal, batch.version + 1)
    told = Change.objects.get(kind="batches.batch", object_id=batch.pk, move="pass_on")
    assert told.fields["owner"] == [world.ada.pk, cal.pk, "Ada", "Cal"]
    assert (told.change_set.reason, told.change_set.by_id) == ("On leave", world.ada.pk)
    letter = Message.objects.get(event="batch_given")
    assert (letter.person, letter.subject) == (cal, f"{batch} is yours now")
    assert "Ada has passed" in letter.body and "On leave" in letter.body
    assert about_batch(cal, letter).subject == letter.subject
    pass_on(passed, by=cal, owner=world.ada, now=LATER)
    assert about_batch(cal, letter) is None


def test_it_goes_to_nobody_else_by_nobody_else_and_not_when_it_has_ended(world, cal):
    batch = under_way(world)
    for owner in (world.ada, world.dee, world.bea, world.eng):
        with pytest.raises(
            ValidationError, match="Choose somebody else who plans the refresh of Oxfordshire"
        ):
            pass_on(batch, by=world.ada, owner=owner)
    for by in (world.dee, world.bea, world.eng):
        with pytest.raises(PermissionDenied):
            pass_on(batch, by=by, owner=cal)
    with pytest.raises(Stale):
        pass_on(batch, by=world.ada, owner=cal, version=batch.version - 1)
    go(items_of(batch)[0], world, "defer")
    batch = move(batch, "close", by=world.ada, now=LATER)
    with pytest.raises(MoveRefused, match="is closed, so it stays with Ada"):
        pass_on(batch, by=world.ada, owner=cal)


def test_who_has_passed_it_on_does_not_approve_it_either(world, cal):
    a_grant(cal, "budget_approver")
    cal = Person.objects.get(pk=cal.pk)
    batch = pass_on(drafted(world), by=world.ada, owner=cal, now=NOW)
    batch = pass_on(batch, by=world.ada, owner=world.ada, now=NOW)
    batch = _submitted(batch, world)

    with pytest.raises(PermissionDenied, match="because you owned it"):
        move(batch, "approve", by=cal, now=NOW)
    assert "because you owned it" in answers(cal, standings_of([batch])[0])["approve"]
    assert move(batch, "approve", by=world.bea, now=NOW).state == "approved"


def _submitted(batch, world):
    move_items(items_of(batch), "confirm", by=world.ada, now=NOW)
    return move(batch, "submit", by=world.ada, now=NOW)


def test_who_has_approved_it_does_not_get_it(world):
    a_grant(world.bea, "asset_manager")
    batch = move(submitted(world), "approve", by=world.bea, now=NOW)

    with pytest.raises(ValidationError, match="Bea has approved or rejected it, so cannot have it too"):
        pass_on(batch, by=world.ada, owner=world.bea)


def test_it_is_passed_on_on_its_page_and_by_a_program(world, cal):
    batch = drafted(world)
    client, at = signed_in(world.ada), reverse("batches:pass_on", args=[batch.reference])

    assert at in client.get(reverse("batches:batch", args=[batch.reference])).content.decode()
    assert f'<option value="{cal.pk}">Cal</option>' in client.get(at).content.decode()
    sent = client.post(at, {"owner": cal.pk, "version": batch.version}, follow=True).content.decode()
    assert f"{batch} is with Cal now" in sent
    assert client.post(at, {"owner": world.bea.pk}).status_code == 422
    assert signed_in(world.bea).get(at).status_code == 403
    back = as_program(cal).ask(
        "POST", f"refresh/batches/{batch}/owner/", {"owner": world.ada.pk, "reason": "Back"}
    )
    assert (back.status_code, back.json()["owner"]) == (200, named(world.ada))


def test_what_somebody_owns_stands_on_the_page_of_their_leaving(world, cal):
    a_person(world.county, "administrator")
    admin = a_person(world.county, "administrator")
    at = f"/admin/people/{world.ada.pk}/leaving/"
    open_one, ended = drafted(world), drafted(world, 2)
    move(ended, "cancel", by=world.ada, given={"reason": "Not now"}, now=NOW)

    page = signed_in(admin).get(at).content.decode()
    assert "None that you may see." in page and open_one.reference not in page
    assert "team places, roles and batches that you may not see: 1." in page
    a_grant(admin, "asset_manager")
    assert f">{open_one.reference}</a>. Each stays theirs" in signed_in(admin).get(at).content.decode()
    told = as_program(Person.objects.get(pk=admin.pk)).get(f"people/{world.ada.pk}/leaving/").json()
    assert told["batches"] == {"count": 1, "references": [open_one.reference]}
    pass_on(open_one, by=world.ada, owner=cal)
    assert "None that you may see." in signed_in(admin).get(at).content.decode()

"""Several requests chosen in the queue go on as one: seen beforehand, all or none, and all back within a day."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from lxml import html

from servicedesk.history.models import Change, ChangeSet
from servicedesk.tickets.merging import merge
from servicedesk.tickets.merging_several import MOST, merge_several, together_with, undo_together
from servicedesk.tickets.models import Merge, Ticket
from servicedesk.tickets.states import MoveRefused
from servicedesk.tickets.workflow import move
from tests.api.calling import as_person
from tests.factories import a_requester, an_engineer
from tests.tickets.test_merging import AN_HOUR, MONDAY, Desk, fresh

pytestmark = pytest.mark.django_db
NOW = MONDAY + AN_HOUR


@pytest.fixture
def desk():
    """Ben asked three times, and once about something that only his own council may see."""
    desk = Desk()
    desk.third, desk.own = desk.raised(desk.ben), desk.raised(desk.ben, title="Election")
    Ticket.objects.filter(pk=desk.own.pk).update(sharing="own_council")
    desk.own.refresh_from_db()
    return desk


def states(*tickets) -> list[str]:
    return [fresh(ticket).state for ticket in tickets]


def text(response) -> str:
    return " ".join(html.fromstring(response.content).xpath("//main")[0].text_content().split())


def page(person, method: str = "get", **given):
    client = Client()
    client.force_login(person)
    return getattr(client, method)("/queue/merge/", given)


def test_all_go_on_as_one_by_one_deed(desk):
    merged = merge_several([desk.first, desk.second], desk.third, by=desk.asha, now=NOW)

    assert [(one.source, one.target) for one in merged] == [
        (desk.first, desk.third),
        (desk.second, desk.third),
    ]
    assert states(desk.first, desk.second, desk.third) == ["cancelled", "cancelled", "new"]
    deed = ChangeSet.objects.get(reason="Merged")
    told = Change.objects.filter(change_set=deed, kind="tickets.ticket", move="merge")
    assert {change.object_id for change in told} == {desk.first.pk, desk.second.pk}


def test_one_that_cannot_be_merged_keeps_all_from_it_and_says_why(desk):
    with pytest.raises(MoveRefused) as refused:
        merge_several([desk.first, desk.own], desk.third, by=desk.dev, now=NOW)

    assert str(refused.value) == (
        f"{desk.own}: {desk.own} is kept to Cherwell District Council and {desk.third} is not, "
        "so more people would read what is said on it."
    )
    assert (states(desk.first, desk.own), Merge.objects.count()) == (["new", "new"], 0)
    assert not Change.objects.filter(move="merge").exists()


def test_who_does_not_work_on_one_of_them_merges_none(desk):
    with pytest.raises(PermissionDenied):
        merge_several([desk.first, desk.own], desk.third, by=desk.asha, now=NOW)

    assert Merge.objects.count() == 0


def test_one_that_changed_meanwhile_keeps_all_from_it(desk):
    versions = {desk.first.pk: desk.first.version, desk.second.pk: desk.second.version}
    move(desk.second, "take", by=desk.asha, now=NOW)

    with pytest.raises(MoveRefused):
        merge_several([desk.first, desk.second], desk.third, by=desk.asha, versions=versions, now=NOW)

    assert Merge.objects.count() == 0


def test_no_more_than_a_page_of_them_at_once(desk):
    many = [Ticket(pk=number) for number in range(MOST + 1)]

    with pytest.raises(MoveRefused, match="At most 25"):
        merge_several(many, desk.third, by=desk.asha, now=NOW)


def test_all_come_apart_again_within_a_day_and_not_later(desk):
    merged = merge_several([desk.first, desk.second], desk.third, by=desk.asha, now=NOW)
    other = desk.raised(desk.ben)
    merge(other, desk.third, by=desk.asha, now=NOW + AN_HOUR)
    assert together_with(merged[0], desk.asha) == merged

    with pytest.raises(MoveRefused, match="more than 24 hours"):
        undo_together(merged[0], by=desk.asha, now=NOW + timedelta(hours=24, seconds=1))
    undone = undo_together(merged[1], by=desk.dev, now=NOW + timedelta(hours=24))

    assert undone == [desk.first, desk.second]
    assert states(desk.first, desk.second, other) == ["new", "new", "cancelled"]


def test_what_one_does_not_see_is_not_counted_among_what_was_merged_together(desk):
    merged = merge_several([desk.first, desk.second], desk.third, by=desk.dev, now=NOW)
    Ticket.objects.filter(pk=desk.second.pk).update(sharing="own_council")

    assert together_with(merged[0], desk.asha) == merged[:1]


def test_queue_offers_the_choice_to_who_works_there_alone(desk):
    def boxes(person) -> list[str]:
        client = Client()
        client.force_login(person)
        shown = html.fromstring(client.get("/queue/").content)
        return shown.xpath("//form[@action='/queue/merge/']//input[@name='ticket']/@value")

    assert sorted(boxes(desk.asha)) == sorted(map(str, (desk.first, desk.second, desk.third)))
    assert boxes(a_person_who_reads(desk)) == []


def a_person_who_reads(desk):
    auditor = a_requester(desk.cdc)
    auditor.grants.update(role="auditor")
    return auditor


def test_page_says_beforehand_what_would_happen_and_what_is_refused_and_why(desk):
    eve = a_requester(desk.cdc, name="Eve")
    of_eve = desk.raised(eve)
    chosen = [desk.third, desk.first, desk.own, of_eve]

    shown = page(desk.dev, ticket=[str(one) for one in chosen])

    assert shown.status_code == 200
    said = text(shown)
    # The first that was reported is proposed.
    assert html.fromstring(shown.content).xpath("//input[@name='into'][@checked]/@value") == [str(desk.first)]
    assert f"{desk.third} ends and goes on as {desk.first}: No sound" in said
    assert f"{desk.own}: {desk.own} is kept to Cherwell District Council" in said
    assert f"{of_eve}: Eve would be answered on {desk.first}" in said
    assert f"Merge 1 request into {desk.first}" in said
    assert Merge.objects.count() == 0


def test_page_merges_those_that_were_shown_and_they_are_taken_back_together(desk):
    sent = {"into": str(desk.third), "ticket": [str(desk.third), str(desk.first), str(desk.second)]}
    sent |= {f"version-{one}": one.version for one in (desk.first, desk.second)}

    done = page(desk.asha, "post", **sent)

    assert (done.status_code, done["Location"]) == (302, f"/tickets/{desk.third}/")
    client = Client()
    client.force_login(desk.asha)
    there = text(client.get(f"/tickets/{desk.first}/"))
    assert "Take all 2 back that were merged together" in there
    client.post(f"/tickets/{desk.first}/merge/undo-together/")
    assert states(desk.first, desk.second) == ["new", "new"]


def test_page_that_is_out_of_date_merges_nothing_and_says_so(desk):
    sent = {"into": str(desk.third), "ticket": [str(desk.third), str(desk.first)], f"version-{desk.first}": 9}

    done = page(desk.asha, "post", **sent)

    assert (done.status_code, Merge.objects.count()) == (409, 0)
    assert "Nothing was merged" in text(done)


def test_page_does_not_open_for_a_ticket_that_the_person_may_not_see(desk):
    hidden = page(desk.asha, ticket=[str(desk.first), str(desk.own)])
    missing = page(desk.asha, ticket=[str(desk.first), "INC-2026-999999"])

    assert (hidden.status_code, hidden.content) == (404, missing.content)
    assert "Choose at least two requests" in text(page(desk.asha, ticket=[str(desk.first)]))


def test_programs_look_first_and_then_merge_and_take_back(desk):
    sent = {"into": str(desk.third), "tickets": [str(desk.first), str(desk.second)]}
    told = [{"ticket": str(one), "refused": [], "newcomers": []} for one in (desk.first, desk.second)]
    dev, path = as_person(desk.dev), "tickets/merge-several/"

    looked = dev.ask("POST", path, sent).json()
    assert looked == {"applied": False, "into": str(desk.third), "tickets": told}
    assert Merge.objects.count() == 0

    with_own = {**sent, "tickets": [*sent["tickets"], str(desk.own)], "apply": True}
    assert (dev.ask("POST", path, with_own).status_code, Merge.objects.count()) == (409, 0)
    hidden = as_person(desk.asha).ask("POST", path, with_own)
    assert (hidden.status_code, list(hidden.json()["errors"])) == (400, ["tickets"])

    assert dev.ask("POST", path, {**sent, "apply": True}).json()["applied"] is True
    assert states(desk.first, desk.second) == ["cancelled", "cancelled"]
    back = dev.ask("POST", f"tickets/{desk.first}/merge/undo-together/")
    assert (back.status_code, back.json()["state"]) == (200, "new")
    assert states(desk.first, desk.second) == ["new", "new"]
    assert as_person(desk.ben).ask("POST", path, sent).status_code == 403


def test_programs_look_at_no_more_than_can_be_merged_at_once(desk, monkeypatch):
    monkeypatch.setattr("api.merging.MOST", 1)
    sent = {"into": str(desk.third), "tickets": [str(desk.first), str(desk.second)]}

    assert as_person(desk.dev).ask("POST", "tickets/merge-several/", sent).status_code == 409


def test_engineer_of_the_other_council_merges_alike(desk):
    rita = an_engineer(desk.occ, name="Rita")

    assert len(merge_several([desk.first], desk.third, by=rita, now=NOW)) == 1

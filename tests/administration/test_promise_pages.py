"""Promises by browser: what a change does is shown, then done, and only to what is open."""

from datetime import date

import pytest
from django.utils import timezone
from lxml import html

from servicedesk.catalogue.models import Service
from servicedesk.people.models import Team
from servicedesk.service_levels.models import Metric, ServiceLevel
from servicedesk.tickets.workflow import move
from tests.administration.effects import an_open_ticket, sent_again
from tests.factories import a_council, a_grant, a_service, a_team, an_agreement, an_engineer

pytestmark = pytest.mark.django_db

LEVEL = {
    "kind": "sla",
    "ticket_type": "incident",
    "priority": "P4",
    "metric": "resolution",
    "hours": "2",
    "minutes": "30",
    "starts_on": "1/1/2020",
    "goal_percent": "90",
    "warn_percent": "60",
    "pausing": ["waiting_customer", "waiting_supplier"],
}


def test_new_promise_of_a_council_gives_its_open_requests_another_deadline(client, cdc, hours, admin):
    ticket = an_open_ticket(cdc)
    other = an_open_ticket(a_council("OCC"))

    shown = client.post("/admin/service-levels/new/", LEVEL | {"council": cdc.pk})
    sent = sent_again(shown) | {"pausing": LEVEL["pausing"]}
    client.post("/admin/service-levels/new/", sent)

    level = ServiceLevel.objects.get(council=cdc)
    clock, unmoved = (one.clocks.get(metric="resolution") for one in (ticket, other))
    assert "1 open request gets another deadline" in shown.content.decode()
    assert (level.target_seconds, level.warn_percent, level.pausing) == (9000, 60, LEVEL["pausing"])
    assert (clock.service_level, clock.target_seconds) == (level, 9000)
    assert unmoved.target_seconds == 171_000


def test_target_of_an_agreement_is_added_and_moves_what_is_open_and_nothing_that_is_closed(
    client, cdc, admin
):
    hosted = an_agreement("Hosted", cdc, provider=a_council("OCC"))
    a_grant(admin, "administrator", a_council("OCC"))
    ticket, gone = an_open_ticket(cdc), an_open_ticket(cdc)
    theirs = an_open_ticket(a_council("OCC"))
    move(gone, "cancel", by=gone.requester, reason="Works again")
    page = client.get(f"/admin/service-levels/new/?agreement={hosted.pk}").content.decode()
    assert f'<option value="{hosted.pk}" selected>Hosted</option>' in " ".join(page.split())

    shown = client.post("/admin/service-levels/new/", LEVEL | {"agreement": hosted.pk})
    assert not ServiceLevel.objects.filter(agreement=hosted).exists()
    sent = sent_again(shown) | {"pausing": LEVEL["pausing"]}
    client.post("/admin/service-levels/new/", sent)

    clocks = [one.clocks.get(metric="resolution") for one in (ticket, gone, theirs)]
    assert "1 open request gets another deadline" in shown.content.decode()
    assert [clock.service_level.agreement for clock in clocks] == [hosted, None, None]
    assert [clock.target_seconds for clock in clocks] == [9000, 171_000, 171_000]
    client.force_login(an_engineer(cdc))
    explained = client.get(f"/tickets/{ticket.reference}/").content.decode()
    assert explained.count("Promised by the agreement “Hosted”.") == 1
    client.force_login(ticket.requester)
    assert "Hosted" not in client.get(f"/tickets/{ticket.reference}/", follow=True).content.decode()


def test_list_of_promises_is_narrowed_to_those_of_an_agreement(client, cdc, admin):
    hosted = an_agreement("Hosted", cdc, provider=a_council("OCC"))
    level = ServiceLevel.objects.create(
        agreement=hosted, ticket_type="incident", priority="P1", metric="response", target_seconds=60
    )

    found = html.fromstring(client.get(f"/admin/service-levels/?agreement={hosted.pk}").content)
    unknown = client.get("/admin/service-levels/?agreement=999999")

    links = [link for link in found.xpath("//td//a/@href | //th//a/@href") if "service-levels" in link]
    assert links == [f"/admin/service-levels/{level.pk}/"]
    assert unknown.status_code == 422


def test_promise_to_every_council_is_not_one_administrators_to_change(client, cdc, admin):
    a_council("OCC")

    assert client.post("/admin/service-levels/new/", LEVEL).status_code == 403
    level = ServiceLevel.objects.filter(metric=Metric.RESOLUTION).first()
    assert client.post(f"/admin/service-levels/{level.pk}/", LEVEL | {"version": 1}).status_code == 403


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"hours": "", "minutes": ""}, "Enter how long it may take"),
        ({"ticket_type": "request"}, "A request is delivered; an incident is fixed."),
        ({"kind": "uc", "metric": "supplier"}, "Select the team or supplier that promises it"),
        ({"kind": "uc"}, "and nothing else, is measured by the supplier"),
        ({"ended_on": "1/1/2019"}, "The end must be after the start"),
        ({"warn_percent": "100"}, "Warn at must be 99 or less"),
    ],
)
def test_promise_that_makes_no_sense_is_refused_in_a_sentence(client, cdc, admin, given, sentence):
    refused = client.post("/admin/service-levels/new/", LEVEL | {"council": cdc.pk} | given)

    assert refused.status_code == 422
    assert sentence in refused.content.decode()


def test_promise_keeps_the_team_and_the_service_that_are_archived_since(client, cdc, admin):
    firm, tills = a_team("Acme", cdc, kind="supplier"), a_service("Tills", team=a_team("Tills", cdc))
    level = ServiceLevel.objects.create(
        kind="uc",
        council=cdc,
        service=tills,
        team=firm,
        ticket_type="incident",
        priority="P4",
        metric="supplier",
        target_seconds=9000,
        starts_on=date(2020, 1, 1),
    )
    Team.objects.filter(pk=firm.pk).update(archived_at=timezone.now())
    tills.councils.clear()  # and is offered to nobody any more
    Service.objects.filter(pk=tills.pk).update(archived_at=timezone.now())
    page = html.fromstring(client.get(f"/admin/service-levels/{level.pk}/").content)
    form = page.xpath("//main//form[.//select[@name='team']]")[0]

    shown = client.post(f"/admin/service-levels/{level.pk}/", dict(form.form_values()) | {"minutes": "0"})
    client.post(f"/admin/service-levels/{level.pk}/", sent_again(shown))

    level.refresh_from_db()
    assert (level.team, level.service, level.target_seconds) == (firm, tills, 7200)

"""The desks and registers that the tests of the API ask about."""

from decimal import Decimal

import pytest

from assets.register.models import Supplier
from servicedesk.tickets.models import Ticket
from servicedesk.tickets.raising import raise_ticket
from tests.factories import (
    a_council,
    a_model,
    a_person,
    a_requester,
    a_service,
    a_site,
    a_team,
    an_asset,
    an_engineer,
)


@pytest.fixture
def asha():
    return an_engineer(name="Asha", email="asha@occ.example", phone="01865 1")


@pytest.fixture
def desk():
    asha, ben = an_engineer(), a_requester()
    service = a_service(team=a_team(members=(asha,)))
    ticket = raise_ticket(by=ben, requester=ben, type="incident", title="No sound", service=service)
    long_ago = ticket.reported_at.replace(year=2020)
    other = Ticket.objects.create(
        reference="SEC-2026-000001",
        type="security",
        council=a_council("CDC"),
        sharing="own_council",
        sensitivity="cyber",
        requester=a_requester(a_council("CDC")),
        channel="phone",
        title="Strange mail",
        description="From nobody",
        service=service,
        category="Mail",
        subcategory="Spam",
        site=a_site(a_council("OCC")),
        impact=2,
        urgency=2,
        priority="P1",
        state="closed",
        assignee=ben,
        approver=ben,
        reported_at=long_ago,
        logged_at=long_ago,
        resolved_at=long_ago,
        closed_at=long_ago,
        reopen_count=7,
        reassign_count=7,
        resolution_code="fixed",
        resolution_note="x",
        lessons="x",
        source_ref="x",
        version=99,
    )
    return asha, ben, ticket, other


@pytest.fixture
def register():
    council = a_council("OCC")
    model = a_model("Latitude", "Dell")
    asset = an_asset(council, "T1")
    other = an_asset(
        council,
        "T2",
        serial_number="S2",
        category="laptop",
        model=model,
        manufacturer=model.manufacturer,
        ownership="leased",
        managed_by="Firm",
        state="disposed",
        condition="B",
        hostname="h",
        ip_address="10.0.0.1",
        mac_address="00:00:00:00:00:01",
        management_address="10.0.0.2",
        firmware_version="1",
        network_role="access",
        rack="1",
        rack_unit=3,
        stack_name="x",
        stack_member=4,
        uplink=an_asset(council, "CORE"),
        imei="1",
        phone_number="1",
        os_name="x",
        os_version="1",
        os_upgradeable="yes",
        encrypted=True,
        data_classification="x",
        purchase_date="2020-01-01",
        in_service_date="2020-01-02",
        date_precision="month",
        purchase_cost_ex_vat=Decimal("5.00"),
        po_number="1",
        supplier=Supplier.objects.create(name="x"),
        cost_centre="1",
        department=council.departments.create(name="Planning"),
        warranty_months=3,
        warranty_end="2020-01-03",
        support_contract_end="2020-01-03",
        lease_end="2020-01-03",
        vendor_end_of_support="2020-01-03",
        holder=a_requester(council),
        holder_note="x",
        site=a_site(council),
        room="1",
        last_seen_at="2020-01-01T00:00:00Z",
        last_audit_at="2020-01-01",
        disposal_date="2020-01-01",
        certificate_number="1",
        evidence_missing=True,
        annual_kwh_override=Decimal("1.0"),
        notes="x",
        version=99,
    )
    other.refresh_from_db()
    return a_person(council, "asset_manager"), asset, other

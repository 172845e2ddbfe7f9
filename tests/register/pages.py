"""What the tests of the register's pages share."""

from datetime import date
from decimal import Decimal

from assets.register.models import Asset
from tests.factories import (
    a_council,
    a_grant,
    a_model,
    a_person,
    a_site,
    an_asset,
)


def manager(*councils: str):
    person = a_person(a_council(councils[0]), "asset_manager")
    for code in councils[1:]:
        a_grant(person, "asset_manager", a_council(code))
    return person


def text_of(response) -> str:
    return response.content.decode()


def a_full_asset(code: str, tag: str, **fields) -> Asset:
    council = a_council(code)
    model = a_model(end_of_support=date(2028, 10, 10))
    return an_asset(
        council,
        tag,
        model=model,
        manufacturer=model.manufacturer,
        holder=a_person(council),
        site=a_site(council),
        warranty_end=date(2027, 3, 1),
        purchase_cost_ex_vat=Decimal("700.00"),
        **fields,
    )

"""The estate of the worked example, in the register."""

from datetime import UTC, datetime
from decimal import Decimal

from assets.register.models import Asset
from servicedesk.people.models import Council
from tests.factories import a_council, a_model, an_asset
from tests.refresh.vector import ESTATE, ESTATE_ROWS, day

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


def the_estate() -> dict[str, Asset]:
    """Seven assets of two councils, by tag: laptops, and what costs more is a switch."""
    return {row["asset_tag"]: _asset(row) for row in ESTATE_ROWS}


def _asset(row: dict) -> Asset:
    category = "laptop" if row["price"] == "742.00" else "switch"
    return an_asset(
        a_council(row["council"]),
        row["asset_tag"],
        category=category,
        in_service_date=day(row["start"]),
        vendor_end_of_support=day(row["vendor_end_of_support"]),
        model=a_model(
            f"{category} of {row['life_months']} months for {row['asset_tag']}",
            category=category,
            useful_life_months=row["life_months"],
            replacement_cost_ex_vat=Decimal(row["price"]),
            price_base_fy=ESTATE["base_fy"],
        ),
    )


def councils() -> list[Council]:
    return [a_council("CDC"), a_council("OCC")]

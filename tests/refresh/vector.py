"""The worked examples of the forecast, as the arithmetic takes them."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

from assets.refresh.forecast import Facts

VECTOR = json.loads((Path(__file__).parent / "forecast_cases.json").read_text())
AS_AT = date.fromisoformat(VECTOR["as_at"])
DUE = {case["id"]: case for case in VECTOR["due_cases"]}
COSTS = {case["id"]: case for case in VECTOR["cost_cases"]}
ENERGY = {case["id"]: case for case in VECTOR["energy_cases"]}
ESTATE = VECTOR["estate"]
INFLATION = Decimal(ESTATE["inflation"])
ESTATE_ROWS = [dict(zip(ESTATE["columns"], row, strict=True)) for row in ESTATE["assets"]]


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def facts_of(case: dict) -> Facts:
    """What a case says of a thing. Its start is the day that it came into service."""
    return Facts(
        in_service_date=day(case.get("start")),
        warranty_end=day(case.get("warranty_end")),
        warranty_months=case.get("warranty_months"),
        life_months=case.get("life_months"),
        vendor_end_of_support=day(case.get("vendor_end_of_support")),
        os_end_of_support=day(case.get("os_end_of_support")),
        os_upgradeable=case.get("os_upgradeable"),
    )

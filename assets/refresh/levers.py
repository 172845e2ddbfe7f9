"""What a scenario makes otherwise than today, by category."""

from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError

from assets.register.models import Category

SHORTER, LONGER = -36, 60
MOST = Decimal(10) ** 9
ODD = "Say by category how many months longer or shorter it lasts, its price, or what it costs a year in the cloud"


class Levers(NamedTuple):
    """Months more or less, the price of one, and the yearly cost of one in the cloud: each by category."""

    life: dict[str, int]
    prices: dict[str, Decimal]
    cloud: dict[str, Decimal]


def read(said: Any) -> Levers:
    """What the levers of a scenario say. Raises ValidationError for what is no lever."""
    if not isinstance(said, dict) or not set(said) <= set(Category.values):
        raise ValidationError({"levers": ODD})
    found = Levers({}, {}, {})
    for category, parts in said.items():
        if not isinstance(parts, dict) or not parts or not set(parts) <= {"life", "price", "cloud"}:
            raise ValidationError({"levers": ODD})
        if "life" in parts:
            found.life[category] = _months(parts["life"])
        for part, prices in (("price", found.prices), ("cloud", found.cloud)):
            if part in parts:
                prices[category] = _money(parts[part])
    return found


def _months(value: Any) -> int:
    if type(value) is not int or not SHORTER <= value <= LONGER:
        raise ValidationError(
            {"levers": f"A useful life changes by {-SHORTER} months less to {LONGER} months more"}
        )
    return value


def _money(value: Any) -> Decimal:
    try:
        amount = Decimal(value) if isinstance(value, str) else Decimal(-1)
    except InvalidOperation:
        amount = Decimal(-1)
    if not amount.is_finite() or not 0 <= amount < MOST or amount != round(amount, 2):
        raise ValidationError({"levers": "A price is a number of pounds and pence, like 742.00"})
    return amount

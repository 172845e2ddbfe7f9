"""What councils plan with: costs, bought support, energy, what-ifs, and plans as committees were told them."""

from assets.refresh.models.assumptions import ExtendedSupport, UnitCosts
from assets.refresh.models.energy import ClosedYear, EnergyFactor, RoomOverhead, Tariff
from assets.refresh.models.scenarios import Baseline, BaselineLine, Scenario

__all__ = [
    "Baseline",
    "BaselineLine",
    "ClosedYear",
    "EnergyFactor",
    "ExtendedSupport",
    "RoomOverhead",
    "Scenario",
    "Tariff",
    "UnitCosts",
]

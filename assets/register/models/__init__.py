"""What the register knows: makers, models, suppliers, assets, how they hang together, who had them, their evidence."""

from assets.register.models.asset import Asset, Condition, NetworkRole, Ownership, Precision, Upgradeable
from assets.register.models.catalogue import (
    HOLDS_NO_DATA,
    SOURCED,
    VENDOR_DATES,
    AssetModel,
    Category,
    Known,
    Manufacturer,
    holds_no_data,
)
from assets.register.models.custody import Custody, Loan
from assets.register.models.evidence import (
    AssetFile,
    CheckList,
    Disposal,
    Repair,
    Sanitisation,
    StagingCheck,
    Transfer,
    WriteOff,
)
from assets.register.models.media import Medium
from assets.register.models.network import (
    ANALOGUE,
    ANALOGUE_END,
    GONE,
    INVERSE,
    Circuit,
    CIRelation,
    Line,
    Relation,
    Status,
)
from assets.register.models.operating_systems import ENDS, Announced, End, OperatingSystemRelease
from assets.register.models.own_kit import KitAnswer, KitCheck
from assets.register.models.policies import LifecyclePolicy
from assets.register.models.service_record import ServiceRecord
from assets.register.models.stock_take import StockTake, StockTakeLine
from assets.register.models.suppliers import Contract, Supplier

__all__ = [
    "ANALOGUE",
    "ANALOGUE_END",
    "ENDS",
    "GONE",
    "HOLDS_NO_DATA",
    "INVERSE",
    "SOURCED",
    "VENDOR_DATES",
    "Announced",
    "Asset",
    "AssetFile",
    "AssetModel",
    "CIRelation",
    "Category",
    "Circuit",
    "CheckList",
    "Condition",
    "Contract",
    "End",
    "Known",
    "LifecyclePolicy",
    "Line",
    "Custody",
    "Disposal",
    "Loan",
    "KitAnswer",
    "KitCheck",
    "Manufacturer",
    "Medium",
    "NetworkRole",
    "OperatingSystemRelease",
    "Ownership",
    "Precision",
    "Relation",
    "Repair",
    "Sanitisation",
    "ServiceRecord",
    "Status",
    "Supplier",
    "StagingCheck",
    "StockTake",
    "StockTakeLine",
    "Transfer",
    "Upgradeable",
    "WriteOff",
    "holds_no_data",
]

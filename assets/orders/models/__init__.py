"""Models of the orders, each in a module named for its subject."""

from assets.orders.models.order import OrderedAsset, OrderLine, PurchaseOrder
from assets.orders.models.receipt import GoodsReceipt

__all__ = ["GoodsReceipt", "OrderLine", "OrderedAsset", "PurchaseOrder"]

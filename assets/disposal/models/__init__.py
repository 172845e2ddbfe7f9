"""What is due back, and what leaves in consignments."""

from assets.disposal.models.consignments import (
    CertificateLine,
    Consignment,
    ConsignmentItem,
    Outcome,
    State,
)
from assets.disposal.models.due_back import Chase, DueBack

__all__ = [
    "CertificateLine",
    "Chase",
    "Consignment",
    "ConsignmentItem",
    "DueBack",
    "Outcome",
    "State",
]

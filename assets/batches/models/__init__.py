"""Programmes and batches of the refresh: what is replaced together, when, for how much, and how far it has come."""

from assets.batches.models.appointments import Appointment, AppointmentState, ChangeFreeze, SwapSlot
from assets.batches.models.batches import Batch, BatchApproval, BatchCouncil, BatchItem, BatchLine
from assets.batches.models.orders import LineOrder
from assets.batches.models.programmes import Deferral, Programme, ProgrammeBudget
from assets.batches.models.surveys import SwapSurvey

__all__ = [
    "Appointment",
    "AppointmentState",
    "Batch",
    "BatchApproval",
    "BatchCouncil",
    "BatchItem",
    "BatchLine",
    "ChangeFreeze",
    "Deferral",
    "LineOrder",
    "Programme",
    "ProgrammeBudget",
    "SwapSlot",
    "SwapSurvey",
]

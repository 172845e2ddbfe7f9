"""What appointments put into the first screen."""

from typing import Any

from assets.batches.appointment_following import OPEN
from assets.batches.models import Appointment
from servicedesk.people.requests import SignedInRequest


def my_appointments(request: SignedInRequest) -> dict[str, Any] | None:
    """HOME_CARDS: when my equipment is replaced, or that I have to choose when."""
    own = Appointment.objects.visible_to(request.user).filter(person=request.user, state__in=OPEN)
    rows = list(own.select_related("item__asset__model__manufacturer", "slot__site").order_by("pk"))
    return {"template": "batches/appointments_card.html", "context": {"appointments": rows}} if rows else None

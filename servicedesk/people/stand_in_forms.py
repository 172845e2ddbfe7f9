"""Who stands in for somebody, and from when to when."""

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from servicedesk.forms import Form
from servicedesk.people.models import Person
from servicedesk.wording import ZONE


class StandInForm(Form):
    """By address, as one knows a colleague; both days included, by the clocks on the wall."""

    stand_in = forms.EmailField(label="Email address of who decides instead")
    begins = forms.DateField(label="First day", required=False, help_text="Leave this empty for now")
    ends = forms.DateField(label="Last day")

    def __init__(self, data=None, *, person: Person):
        super().__init__(data)
        self.person = person

    def clean_stand_in(self) -> Person:
        typed = self.cleaned_data["stand_in"]
        found = Person.objects.active().filter(council=self.person.council_id, email__iexact=typed).first()
        if found is None:
            raise ValidationError(f"Nobody at {self.person.council} has the email address {typed}")
        if found == self.person:
            raise ValidationError("Enter the email address of somebody else")
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("ends") and cleaned["ends"] < (cleaned.get("begins") or timezone.localdate()):
            self.add_error("ends", "The last day must not be before the first, or today")
        return cleaned

    def given(self) -> dict[str, Any]:
        """Who, and the moments: nothing for now."""
        first, last = self.cleaned_data["begins"], self.cleaned_data["ends"]
        later = first and first > timezone.localdate()
        return {
            "stand_in": self.cleaned_data["stand_in"],
            "starts_at": datetime.combine(first, time.min, ZONE) if later else None,
            "ends_at": datetime.combine(last + timedelta(days=1), time.min, ZONE),
        }

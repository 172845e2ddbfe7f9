"""What is asked of holders, and of whoever asks them."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from assets.register.stock_take_forms import SiteOfCouncilField
from assets.register.together_forms import DepartmentOfCouncilField
from servicedesk.forms import Form, SearchSelect
from servicedesk.people.access import councils_of
from servicedesk.people.models import Department, Person, Site
from servicedesk.people.roles import Permission


class AskForm(Form):
    """Whom to ask: the people of a site, or of a department, of a council whose register the person keeps."""

    site = SiteOfCouncilField(
        label="People of the site", queryset=Site.objects.none(), required=False, widget=SearchSelect
    )
    department = DepartmentOfCouncilField(
        label="Or of the department", queryset=Department.objects.none(), required=False, widget=SearchSelect
    )
    answer_by = forms.DateField(
        label="Answer by", required=False, help_text="In two weeks, unless you say otherwise"
    )

    def __init__(self, data: Any = None, *, by: Person) -> None:
        super().__init__(data)
        councils = councils_of(by, Permission.EDIT_ASSETS)
        for name, model in (("site", Site), ("department", Department)):
            own = model.objects.visible_to(by).filter(council__in=councils).on_offer()
            self.fields[name].queryset = own.select_related("council")

    def clean_answer_by(self) -> Any:
        day = self.cleaned_data["answer_by"]
        if day and day < timezone.localdate():
            raise ValidationError("Answer by must be today or later")
        return day

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and bool(cleaned.get("site")) == bool(cleaned.get("department")):
            raise ValidationError("Choose either a site or a department")
        return cleaned


class NotMineForm(Form):
    """What the holder knows of something that they do not have."""

    note = forms.CharField(
        label="What do you know about it?",
        max_length=500,
        required=False,
        widget=forms.Textarea,
        help_text="For example, when you last had it, or who has it now",
    )

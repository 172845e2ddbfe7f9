"""What is asked before and during a stock-take."""

from typing import Any

from django import forms

from servicedesk.forms import Form, SearchSelect
from servicedesk.people.access import councils_of
from servicedesk.people.models import Person, Site
from servicedesk.people.roles import Permission


class SiteOfCouncilField(forms.ModelChoiceField):
    """Two councils may each have a site of one name."""

    def label_from_instance(self, obj: Site) -> str:
        return f"{obj} ({obj.council.code})"


class BeginForm(Form):
    """Where to count: a site of a council whose register the person keeps, or one room of it."""

    site = SiteOfCouncilField(label="Site", queryset=Site.objects.none(), widget=SearchSelect)
    room = forms.CharField(
        label="Room", max_length=60, required=False, help_text="Leave it empty to count the whole site"
    )

    def __init__(self, data: Any = None, *, by: Person) -> None:
        super().__init__(data)
        own = Site.objects.visible_to(by).filter(council__in=councils_of(by, Permission.EDIT_ASSETS))
        self.fields["site"].queryset = own.on_offer().select_related("council")


class CountForm(Form):
    """One scan. Of several assets with one name, `asset` says which."""

    name = forms.CharField(label="Tag or serial number", max_length=200)
    asset = forms.IntegerField(min_value=1, max_value=2**63 - 1, required=False, widget=forms.HiddenInput)


class MoveHereForm(Form):
    """Which of the things met here are to be here from now on."""

    line = forms.TypedMultipleChoiceField(label="Assets to move here", coerce=int)

    def __init__(self, data: Any = None, *, lines: Any) -> None:
        super().__init__(data)
        self.fields["line"].choices = [(line.pk, str(line)) for line in lines]

"""Choosing what to be told of."""

from django import forms

from servicedesk.forms import Form
from servicedesk.notifications.events import Event


class PreferencesForm(Form):
    """The events that may be chosen, those that are wanted ticked."""

    wanted = forms.MultipleChoiceField(
        label="Email me when", required=False, widget=forms.CheckboxSelectMultiple
    )
    marks_optional = False

    def __init__(self, events: dict[str, Event], data=None, **options):
        super().__init__(data, **options)
        self.fields["wanted"].choices = [(name, event.words) for name, event in events.items()]

"""What is said of a view that is saved."""

from django import forms

from servicedesk.forms import Form
from servicedesk.lists.models import LONGEST_NAME


class SaveViewForm(Form):
    """Its name, and whether colleagues see it too."""

    name = forms.CharField(
        label="Name", max_length=LONGEST_NAME, help_text="Such as “Laptops in County Hall”"
    )
    shared = forms.BooleanField(
        label="Share with colleagues of my council",
        required=False,
        help_text="They see its name and filters. Whoever opens it is shown what they may see themselves",
    )

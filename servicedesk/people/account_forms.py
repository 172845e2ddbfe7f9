"""The forms of signing in and of passwords: allauth's, in our words."""

from typing import Any

from allauth.account import forms

from servicedesk.forms import GovukForm

LABELS = {
    "login": "Email address",
    "email": "Email address",
    "password": "Password",
    "oldpassword": "Current password",
    "password1": "New password",
    "password2": "New password again",
}
HINTS = {
    "password1": "At least 12 characters, and not one that many people use. Three random words are good."
}


class InOurWords:
    """Renames allauth's fields; stands between it and GovukForm, which makes messages from the names."""

    fields: dict

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label, field.help_text = LABELS[name], HINTS.get(name, "")


class LoginForm(GovukForm, InOurWords, forms.LoginForm):
    """Who signs in."""


class ResetPasswordForm(GovukForm, InOurWords, forms.ResetPasswordForm):
    """Who has forgotten a password."""


class ResetPasswordKeyForm(GovukForm, InOurWords, forms.ResetPasswordKeyForm):
    """The new password of somebody who followed the link."""


class ChangePasswordForm(GovukForm, InOurWords, forms.ChangePasswordForm):
    """A password changed by somebody who knows it."""

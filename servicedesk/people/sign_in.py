"""How people sign in."""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.urls import reverse

from servicedesk.people.tokens import take_back_all


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up: people come by invitation or from a directory."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The email address or the password is not right. Check both and try again",
        "too_many_login_attempts": "Too many tries have failed. Wait five minutes, then try again",
        "enter_current_password": "The current password is not right",
        "rate_limited": "Too many tries. Wait five minutes, then try again",
    }

    def is_open_for_signup(self, request) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link in the mail, made from our own address: a request's Host header could name any other."""
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return settings.BASE_URL + path.replace("UID-KEY", key)

    def set_password(self, user, password: str) -> None:
        """Write the password alone, so that what was changed of the person meanwhile stays; tokens end with it."""
        user.set_password(password)
        user.save(update_fields=["password"])
        take_back_all(user, by=user)

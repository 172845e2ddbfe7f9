"""How people sign in."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Nobody signs up: people come by invitation or from a directory."""

    def is_open_for_signup(self, request) -> bool:
        return False

"""Who asks: by a token, or by the session of the page that they have open."""

import re

from drf_spectacular import authentication as schemes
from drf_spectacular.contrib.knox_auth_token import KnoxTokenScheme
from knox.auth import TokenAuthentication as KnoxAuthentication
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed

MADE_HERE = re.compile(rb"[0-9a-f]{64}")


class TokenAuthentication(KnoxAuthentication):
    """Knox's. What cannot be a token is refused before it is looked for, because no database takes every byte."""

    def authenticate_credentials(self, token: bytes):
        if not MADE_HERE.fullmatch(token):
            raise AuthenticationFailed("This token does not work. Make another on the page of your account.")
        return super().authenticate_credentials(token)


class SessionAuthentication(authentication.SessionAuthentication):
    """Django's session; where there is none the answer is 401 also for what takes no tokens."""

    def authenticate_header(self, request) -> str:
        return "Session"


class TokenScheme(KnoxTokenScheme):
    """How the documentation describes it."""

    target_class = "api.authentication.TokenAuthentication"
    name = "token"


class SessionScheme(schemes.SessionScheme):
    """How the documentation describes it."""

    target_class = "api.authentication.SessionAuthentication"
    name = "session"

"""Tokens for programs: shown once, kept as a hash, taken back at any time."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from api.authentication import SessionAuthentication
from api.endpoints import Endpoint
from servicedesk.people.tokens import make_token, take_back_all


class NewTokenSerializer(serializers.Serializer):
    """A token and until when it works. It cannot be read again."""

    token = serializers.CharField()
    expiry = serializers.DateTimeField()


class TokensView(Endpoint):
    """One's own tokens. A token cannot make another: this takes a person who is signed in."""

    http_method_names = ["post", "delete"]
    authentication_classes = [SessionAuthentication]
    tells_a_secret = True

    @extend_schema(operation_id="tokens_make", request=None, responses={201: NewTokenSerializer})
    def post(self, request) -> Response:
        """Make a token; send it as `Authorization: Token …`."""
        made = make_token(by=request.user)
        shown = NewTokenSerializer({"token": made.text, "expiry": made.row.expiry})
        return Response(shown.data, status=status.HTTP_201_CREATED)

    @extend_schema(operation_id="tokens_take_back", request=None, responses={204: None})
    def delete(self, request) -> Response:
        """Take back every token of one's own."""
        take_back_all(request.user, by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

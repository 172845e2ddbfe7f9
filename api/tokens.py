"""Tokens for programs: shown once, kept as a hash, for ten days, taken back at any time."""

from drf_spectacular.utils import extend_schema
from knox.models import get_token_model
from rest_framework import serializers, status
from rest_framework.authentication import SessionAuthentication
from rest_framework.response import Response
from rest_framework.views import APIView


class NewTokenSerializer(serializers.Serializer):
    """A token and until when it works. It cannot be read again."""

    token = serializers.CharField()
    expiry = serializers.DateTimeField()


class TokensView(APIView):
    """One's own tokens. A token cannot make another: this takes a person who is signed in."""

    authentication_classes = [SessionAuthentication]

    @extend_schema(request=None, responses={201: NewTokenSerializer})
    def post(self, request) -> Response:
        """Make a token; send it as `Authorization: Token …`."""
        made, token = get_token_model().objects.create(user=request.user)
        return Response(
            NewTokenSerializer({"token": token, "expiry": made.expiry}).data, status=status.HTTP_201_CREATED
        )

    @extend_schema(request=None, responses={204: None})
    def delete(self, request) -> Response:
        """Take back every token of one's own."""
        request.user.auth_token_set.all().delete()
        return Response(status=status.HTTP_204_NO_CONTENT)

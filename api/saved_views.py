"""Saved views: a list as somebody narrowed it, under a name. Each reader gets their own rows by its filters."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from api.organising import Writing
from api.rows import Named, Shown, code
from servicedesk.lists.models import LONGEST_NAME, SavedView
from servicedesk.lists.savable import savable_lists
from servicedesk.lists.saving import remove_view, save_view


class SavedViewSerializer(Shown):
    """`list` says which list it narrows, and `query` how: filters of that list by their names, as its address has them.
    It is seen by its owner and, where `shared`, by colleagues of the council who read that list."""

    council = code()
    owner = Named()
    query = serializers.DictField(child=serializers.CharField())

    class Meta:
        model = SavedView
        fields = ["id", "council", "owner", "list", "name", "query", "shared"]


class NewSavedViewSerializer(serializers.Serializer):
    """What a new one needs. Names that the list does not filter by are dropped from `query`."""

    list = serializers.ChoiceField(choices=["assets", "due"])
    name = serializers.CharField(max_length=LONGEST_NAME)
    query = serializers.DictField(child=serializers.CharField(max_length=200))
    shared = serializers.BooleanField(default=False)


class SavedViewViewSet(Writing):
    """One's own saved views, and those that colleagues of one's council share."""

    serializer_class = SavedViewSerializer
    http_method_names = ["get", "head", "post", "delete"]

    def rows(self, person) -> QuerySet[SavedView]:
        return SavedView.objects.visible_to(person).select_related("council", "owner")

    @extend_schema(request=NewSavedViewSerializer, responses={201: SavedViewSerializer})
    def create(self, request) -> Response:
        """Save a list as it is narrowed, for oneself or for colleagues too."""
        given: dict[str, Any] = self.given(NewSavedViewSerializer)
        listed, query = savable_lists()[given.pop("list")], given.pop("query")
        return self.shown(save_view(listed, query, by=self.person, **given), status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request, pk: str) -> Response:
        """Keep it no longer: its owner alone. Batches that were chosen by it stay as they are."""
        remove_view(self.get_object(), by=self.person)
        return Response(status=status.HTTP_204_NO_CONTENT)

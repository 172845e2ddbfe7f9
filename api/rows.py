"""What the nouns share: rows that the person may see, one or page by page, and how a row names another."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Model, QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.viewsets import ReadOnlyModelViewSet

from api.endpoints import Endpoint
from api.etags import check_version
from servicedesk.people.access import open_door


class AnyFile(JSONRenderer):
    """Lets a file be asked for as whatever it is; a refusal is JSON all the same."""

    media_type = "*/*"
    format = "file"


class NamedSerializer(serializers.Serializer):
    """A row that another points at: its id, and its name as people read it."""

    id = serializers.IntegerField()
    name = serializers.CharField()


def changed(fields: Mapping[str, list]) -> list[dict[str, Any]]:
    """What changed, for `ChangedSerializer`; `fields` is as history keeps it."""
    return [
        {"field": name, "old": old, "new": new, "old_words": old_words, "new_words": new_words}
        for name, (old, new, old_words, new_words) in fields.items()
    ]


class ChangedSerializer(serializers.Serializer):
    """One value that changed; the words are how the two read at the time."""

    field = serializers.CharField()
    old = serializers.JSONField(allow_null=True)
    new = serializers.JSONField(allow_null=True)
    old_words = serializers.CharField(allow_blank=True)
    new_words = serializers.CharField(allow_blank=True)


@extend_schema_field(NamedSerializer)
class Named(serializers.Field):
    """Says what a row points at. Whoever sees the row may know what it points at by name."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, allow_null=True, **options)

    def to_representation(self, value: Model) -> dict[str, Any]:
        return {"id": value.pk, "name": str(value)}


def code(**options: Any) -> serializers.SlugRelatedField:
    """A council, or several, by the code that everybody knows."""
    return serializers.SlugRelatedField("code", **(options or {"read_only": True}))


class Shown(serializers.ModelSerializer):
    """A row as it is told, of which nothing is written. Each key is always there, but for those of `withheld`."""

    withheld: Collection[str] = ()

    def get_fields(self) -> dict[str, Any]:
        fields = super().get_fields()
        for name, field in fields.items():
            field.required, field.read_only = False, name not in self.withheld
        return fields


class Rows(Endpoint, ReadOnlyModelViewSet, ABC):
    """Rows that the person may see. A noun gives `rows(person)`, which begins at `visible_to`, and its orders."""

    orderings: dict[str, tuple[str, str]] = {"name": ("name", "id")}
    ordering = "name"
    filterset_class: type | None = None
    http_method_names = ["get", "head", "post", "put", "patch"]
    lookup_value_regex = "[0-9]{1,18}"

    @abstractmethod
    def rows(self, person) -> QuerySet:
        """What the person may see, with all that is told of a row selected."""

    def get_queryset(self) -> Any:
        return self.rows(self.request.user if self.request else AnonymousUser())

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "person": self.request and self.request.user}

    def get_object(self) -> Any:
        """The one row, or 404; 409 where a POST asks for another version of it. PUT and PATCH check that themselves."""
        row = self.opened()
        if self.request.method == "POST":
            check_version(row, self.wanted_version)
        return row

    def opened(self) -> Any:
        """The one row, or 404: the same for a hidden row as for none."""
        key = self.kwargs[self.lookup_url_kwarg or self.lookup_field]
        return open_door(self.request.user, self.get_queryset(), **{self.lookup_field: key})

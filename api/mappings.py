"""Saved mappings: what was said of a spreadsheet, for the next one with the same headings."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.response import Response

from api.rows import Named, Rows, Shown, code
from servicedesk.spreadsheets import profiles
from servicedesk.spreadsheets.models import MappingProfile


class SavedMappingSerializer(Shown):
    """A saved mapping. `headings` says by letter which heading stood there, and which of those that read alike it is;
    `mapping` is that of an import, without sheet and row of headings. `source` is what its files are called."""

    council = code()
    saved_by = Named()
    headings = serializers.DictField()
    mapping = serializers.DictField()
    create = serializers.ListField(child=serializers.CharField())  # type: ignore[assignment]

    class Meta:
        model = MappingProfile
        fields = [
            "id",
            "name",
            "kind",
            "council",
            "source",
            "headings",
            "mapping",
            "create",
            "saved_by",
            "saved_at",
            "version",
        ]


class RenameSerializer(serializers.Serializer):
    """Another name for what was read at `version`."""

    version = serializers.IntegerField(min_value=1)
    name = serializers.CharField(max_length=profiles.LONGEST_NAME)


class SavedMappingViewSet(Rows):
    """The saved mappings of the councils that the person may import for."""

    serializer_class = SavedMappingSerializer
    http_method_names = ["get", "head", "patch", "delete"]

    def rows(self, person) -> QuerySet[MappingProfile]:
        return MappingProfile.objects.visible_to(person).select_related("council", "saved_by")

    @extend_schema(request=RenameSerializer, responses=SavedMappingSerializer)
    def partial_update(self, request, pk: str) -> Response:
        """Give it another name, as read at `version`."""
        profile = self.get_object()
        given = RenameSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        said: dict[str, Any] = given.validated_data
        renamed = profiles.rename(profile, said["name"], by=request.user, version=said["version"])
        return Response(SavedMappingSerializer(renamed).data)

    @extend_schema(request=None, responses={204: None})
    def destroy(self, request, pk: str) -> Response:
        """Forget it. Imports that were mapped by it stay as they are."""
        profiles.remove(self.get_object(), by=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

"""Labels to stick on assets, as sheets to print."""

from django.template.loader import render_to_string
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.endpoints import Endpoint
from api.problems import invalid
from assets.register.filters import AssetFilters
from assets.register.label_sheets import lay_out
from assets.register.labels import PAPER, SHEETS


class LabelsSerializer(serializers.Serializer):
    """Labels laid out on sheets of A4, each sheet an SVG image to print at its actual size."""

    count = serializers.IntegerField(help_text="How many labels there are.")
    too_many = serializers.BooleanField(help_text="Whether there are more assets than are laid out at once.")
    sheets = serializers.ListField(child=serializers.CharField())


class LabelsView(Endpoint):
    """Labels of assets."""

    http_method_names = ["get", "head"]

    @extend_schema(
        operation_id="assets_labels",
        responses=LabelsSerializer,
        parameters=[
            OpenApiParameter(
                "asset", int, many=True, description="Names an asset; can be given several times."
            ),
            OpenApiParameter("sheet", str, enum=list(SHEETS), description="Labels across and down."),
            OpenApiParameter("first", int, description="The first label that is still on the sheet, from 1."),
            *(
                OpenApiParameter(name, str, description="As for assets; counts where none is named.")
                for name in AssetFilters.base_filters
            ),
        ],
    )
    def get(self, request) -> Response:
        """The assets named, or else those that the filters leave, in the order of their tags."""
        laid = lay_out(request, request.query_params)
        if laid.pages is None:
            return invalid(laid.errors)
        sheets = [
            render_to_string("register/_label_sheet.svg", {"page": page, "paper": PAPER, "number": number})
            for number, page in enumerate(laid.pages, 1)
        ]
        return Response({"count": laid.count, "too_many": laid.too_many, "sheets": sheets})

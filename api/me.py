"""Who asks, and what they may do: taken from what decides on pages and deeds, so that a program need not try."""

from operator import attrgetter
from typing import Any

from django.db.models import prefetch_related_objects
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.endpoints import Endpoint
from api.organisation_shapes import RoleSerializer
from api.rows import Named, Shown
from servicedesk.people.access import access_of, may
from servicedesk.people.models import Council, Grant, Membership
from servicedesk.people.rights import permissions_of
from servicedesk.people.roles import Permission
from servicedesk.portal.places import places_of
from servicedesk.spreadsheets.export_forms import exported_kinds
from servicedesk.spreadsheets.kinds import kinds_for


class OwnRoleSerializer(RoleSerializer):
    """A role that one has now, and who gave it, where that was a person."""

    name = serializers.CharField(source="get_role_display")
    given_by = Named(source="granted_by")

    class Meta(RoleSerializer.Meta):
        model = Grant
        fields = [*RoleSerializer.Meta.fields, "name", "given_by"]


class OwnTeamSerializer(Shown):
    """A team that one is in now."""

    team = Named()

    class Meta:
        model = Membership
        fields = ["team", "starts_at", "ends_at"]


class RightSerializer(serializers.Serializer):
    """Something that one may do or see."""

    permission = serializers.ChoiceField([(each.value, each.value) for each in Permission])
    words = serializers.CharField()
    councils = serializers.ListField(
        child=serializers.CharField(), help_text="The codes of the councils that it reaches."
    )
    only_own = serializers.BooleanField(
        help_text="Whether in none of them it reaches further than what concerns oneself."
    )


class SheetKindSerializer(serializers.Serializer):
    """Rows that one may take out as a spreadsheet, as far as one sees them."""

    kind = serializers.CharField(help_text="As `imports/` and `exports/` call it.")
    words = serializers.CharField()


class ImportedKindSerializer(SheetKindSerializer):
    """Rows that one may bring in by a spreadsheet."""

    councils = serializers.ListField(child=serializers.CharField(), help_text="For which, by their codes.")


class PlaceSerializer(serializers.Serializer):
    """A part of the site that is open to one."""

    words = serializers.CharField(source="label")
    page = serializers.CharField(source="href", help_text="Its address.")


class MeSerializer(serializers.Serializer):
    """Who asks, and what they may do at this moment."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.CharField(allow_null=True)
    council = serializers.CharField(source="council.code", help_text="Its code.")
    roles = OwnRoleSerializer(many=True)
    teams = OwnTeamSerializer(many=True)
    rights = RightSerializer(many=True)
    imports = ImportedKindSerializer(many=True)
    exports = SheetKindSerializer(many=True)
    places = PlaceSerializer(many=True)


class MeView(Endpoint):
    """Who asks."""

    http_method_names = ["get", "head"]

    @extend_schema(operation_id="me", responses=MeSerializer)
    def get(self, request) -> Response:
        """Who one is, one's roles and teams of now, and what one may do for which councils. A single row has
        rules of its own besides: of who is asked to approve it, say, or whose team has it."""
        person = request.user
        access = access_of(person)
        roles = sorted(access.grants, key=attrgetter("pk")) if access else []
        prefetch_related_objects(roles, "council", "granted_by")
        told = {
            "id": person.pk,
            "name": person.display_name,
            "email": person.email,
            "council": person.council,
            "roles": roles,
            "teams": person.memberships.in_force().select_related("team").order_by("team__name"),
            "rights": [held._asdict() for held in permissions_of(person)],
            "imports": _imports(person),
            "exports": _exports(person),
            "places": places_of(person),
        }
        return Response(MeSerializer(told).data)


def _imports(person) -> list[dict[str, Any]]:
    codes = dict(Council.objects.visible_to(person).order_by("code").values_list("pk", "code"))
    return [
        {
            "kind": kind.code,
            "words": kind.many,
            "councils": [code for key, code in codes.items() if key in kind.may_import(person)],
        }
        for kind in kinds_for(person)
    ]


def _exports(person) -> list[dict[str, str]]:
    kinds = exported_kinds() if may(person, Permission.EXPORT) else []
    return [{"kind": kind.code, "words": kind.many} for kind in kinds]

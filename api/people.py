"""Councils, sites, teams, colleagues and services: what other records point at."""

from rest_framework import serializers
from rest_framework.viewsets import ReadOnlyModelViewSet

from servicedesk.catalogue.models import Service
from servicedesk.people.models import Council, Person, Site, Team


class CouncilSerializer(serializers.ModelSerializer):
    """A council that shares the desk."""

    class Meta:
        model = Council
        fields = ["id", "code", "name", "desk_phone", "desk_hours"]


class SiteSerializer(serializers.ModelSerializer):
    """A place."""

    council = serializers.SlugRelatedField(slug_field="code", read_only=True)

    class Meta:
        model = Site
        fields = ["id", "council", "name", "kind", "address", "postcode", "uprn"]


class TeamSerializer(serializers.ModelSerializer):
    """A team that works on tickets."""

    councils = serializers.SlugRelatedField(slug_field="code", many=True, read_only=True)

    class Meta:
        model = Team
        fields = ["id", "name", "kind", "tier", "councils"]


class PersonSerializer(serializers.ModelSerializer):
    """A colleague: what the other council may know, and no more."""

    council = serializers.SlugRelatedField(slug_field="code", read_only=True)
    site = serializers.StringRelatedField()

    class Meta:
        model = Person
        fields = ["id", "display_name", "email", "phone", "council", "site"]


class ServiceSerializer(serializers.ModelSerializer):
    """Something that people get help with."""

    support_team = serializers.StringRelatedField()

    class Meta:
        model = Service
        fields = [
            "id",
            "name",
            "sentence",
            "support_team",
            "criticality",
            "public_facing",
            "out_of_hours_cover",
        ]


class Reading(ReadOnlyModelViewSet):
    """Rows that the person may see, to be read."""

    orderings: dict[str, tuple[str, str]] = {"name": ("name", "id")}

    def get_queryset(self):
        return super().get_queryset().visible_to(self.request.user)


class CouncilViewSet(Reading):
    """Councils that share the desk."""

    queryset = Council.objects.all()
    serializer_class = CouncilSerializer
    orderings = {"code": ("code", "id")}


class SiteViewSet(Reading):
    """Sites of the councils that the person works for."""

    queryset = Site.objects.select_related("council")
    serializer_class = SiteSerializer


class TeamViewSet(Reading):
    """Teams that tickets can be given to."""

    queryset = Team.objects.prefetch_related("councils")
    serializer_class = TeamSerializer


class PersonViewSet(Reading):
    """Colleagues, for whoever works the desk or the register."""

    queryset = Person.objects.select_related("council", "site")
    serializer_class = PersonSerializer
    orderings = {"display_name": ("display_name", "id")}


class ServiceViewSet(Reading):
    """Services on offer."""

    queryset = Service.objects.on_offer().select_related("support_team")
    serializer_class = ServiceSerializer

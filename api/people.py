"""Councils, sites, teams, colleagues and services: what other records point at."""

from django.db.models import QuerySet

from api.rows import Named, Rows, Shown, code
from servicedesk.catalogue.models import Service
from servicedesk.people.models import Council, Person, Site, Team


class CouncilSerializer(Shown):
    """A council that shares the desk."""

    class Meta:
        model = Council
        fields = ["id", "code", "name", "desk_phone", "desk_hours"]


class SiteSerializer(Shown):
    """A place."""

    council = code()

    class Meta:
        model = Site
        fields = ["id", "council", "name", "kind", "address", "postcode", "uprn"]


class TeamSerializer(Shown):
    """A team that works on tickets."""

    councils = code(many=True, read_only=True)

    class Meta:
        model = Team
        fields = ["id", "name", "kind", "tier", "councils"]


class PersonSerializer(Shown):
    """A colleague: what the other council may know, and no more."""

    council = code()
    site = Named()

    class Meta:
        model = Person
        fields = ["id", "display_name", "email", "phone", "council", "site"]


class ServiceSerializer(Shown):
    """Something that people get help with."""

    support_team = Named()

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


class CouncilViewSet(Rows):
    """Councils that share the desk."""

    serializer_class = CouncilSerializer
    orderings = {"code": ("code", "id")}
    ordering = "code"

    def rows(self, person) -> QuerySet[Council]:
        return Council.objects.visible_to(person)


class SiteViewSet(Rows):
    """Sites of the councils that the person works for."""

    serializer_class = SiteSerializer

    def rows(self, person) -> QuerySet[Site]:
        return Site.objects.visible_to(person).select_related("council")


class TeamViewSet(Rows):
    """Teams that tickets can be given to."""

    serializer_class = TeamSerializer

    def rows(self, person) -> QuerySet[Team]:
        return Team.objects.visible_to(person).prefetch_related("councils")


class PersonViewSet(Rows):
    """Colleagues, for whoever works the desk or the register."""

    serializer_class = PersonSerializer
    orderings = {"display_name": ("display_name", "id")}
    ordering = "display_name"

    def rows(self, person) -> QuerySet[Person]:
        shown = ("display_name", "email", "phone", "council__code", "site__name")
        return Person.objects.visible_to(person).active().select_related("council", "site").only(*shown)


class ServiceViewSet(Rows):
    """Services on offer."""

    serializer_class = ServiceSerializer

    def rows(self, person) -> QuerySet[Service]:
        return Service.objects.visible_to(person).on_offer().select_related("support_team")

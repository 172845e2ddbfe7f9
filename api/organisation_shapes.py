"""How councils, places, teams, people and services look from outside, and what administrators may send about them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.rows import Named, NamedSerializer, Shown, code
from servicedesk.administration.forms import of_councils
from servicedesk.catalogue.models import Service
from servicedesk.catalogue.offering import EDITABLE as OF_A_SERVICE
from servicedesk.people.access import may
from servicedesk.people.inviting import EDITABLE as OF_A_PERSON
from servicedesk.people.models import Agreement, Council, Department, Grant, GrantRequest, Person, Site, Team
from servicedesk.people.organising import EDITABLE, known_by_address
from servicedesk.people.querysets import known_councils
from servicedesk.people.roles import Permission

KEPT = ("archived_at", "version")
COVERED_APART = "Change it at services/{id}/cover/, which says first what it does to open tickets."
FOR_EVERY_COLLEAGUE = ("id", "display_name", "email", "phone", "council", "site")


@extend_schema_field(NamedSerializer(many=True))
class ManyNamed(serializers.Field):
    """Says what a row points at, where that is several."""

    def __init__(self, **options: Any) -> None:
        super().__init__(read_only=True, **options)

    def to_representation(self, value: Any) -> list[dict[str, Any]]:
        return [{"id": row.pk, "name": str(row)} for row in value.all()]


class CouncilSerializer(Shown):
    """A council that shares the desk."""

    class Meta:
        model = Council
        fields = ["id", "code", "name", "colour", "desk_phone", "desk_hours", *KEPT]


class SiteSerializer(Shown):
    """A place."""

    council = code()

    class Meta:
        model = Site
        fields = ["id", "council", "name", "kind", "address", "postcode", "uprn", *KEPT]


class DepartmentSerializer(Shown):
    """A part of a council."""

    council = code()

    class Meta:
        model = Department
        fields = ["id", "council", "name", "cost_centre", *KEPT]


class TeamSerializer(Shown):
    """A team that works on tickets."""

    councils = code(many=True, read_only=True)

    class Meta:
        model = Team
        fields = ["id", "name", "kind", "sensitivity", "tier", "councils", *KEPT]


class PersonSerializer(Shown):
    """A colleague: what the other council may know. Who administers their council is told more, by keys of its own."""

    council = code()
    site = Named()
    department = Named()
    line_manager = Named()
    withheld = (
        *(name for name in OF_A_PERSON if name not in FOR_EVERY_COLLEAGUE),
        "employed_to",
        "is_active",
        "version",
    )

    class Meta:
        model = Person
        fields = [
            *FOR_EVERY_COLLEAGUE,
            *(name for name in OF_A_PERSON if name not in FOR_EVERY_COLLEAGUE),
            "employed_to",
            "is_active",
            "version",
        ]

    def to_representation(self, instance: Person) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if may(self.context["person"], Permission.ADMINISTER, instance.council_id):
            return shown
        return {name: shown[name] for name in FOR_EVERY_COLLEAGUE}


class ServiceSerializer(Shown):
    """Something that people get help with. Who only asks for help is not told its owner and its agreements."""

    withheld = ("owner", "agreements")
    support_team = Named()
    owner = Named()
    councils = code(many=True, read_only=True)
    agreements = ManyNamed()

    class Meta:
        model = Service
        fields = ["id", *OF_A_SERVICE, "out_of_hours_cover", *KEPT]

    def to_representation(self, instance: Service) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if known_councils(self.context["person"]):
            return shown
        return {name: value for name, value in shown.items() if name not in self.withheld}


class RoleSerializer(Shown):
    """A role that somebody has at a council, from a moment and perhaps until one."""

    council = code()

    class Meta:
        model = Grant
        fields = ["id", "role", "council", "starts_at", "ends_at"]


class HeldRoleSerializer(RoleSerializer):
    """A role, and whose it is."""

    person = Named()

    class Meta(RoleSerializer.Meta):
        fields = ["id", "person", *RoleSerializer.Meta.fields[1:]]


class RoleRequestSerializer(Shown):
    """A role that waits until another administrator agrees."""

    council = code()

    class Meta:
        model = GrantRequest
        fields = ["id", "role", "council", "starts_at", "ends_at", "asked_at"]


class Written(serializers.ModelSerializer):
    """What may be sent. What must be given for a new row is in `needed`; a change gives `version` alone."""

    needed: tuple[str, ...] = ()

    class Meta:
        abstract = True

    def get_fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = super().get_fields()
        for name, field in fields.items():
            field.required = name in self.needed
            field.validators = [one for one in field.validators if not hasattr(one, "queryset")]
        for name, rows in self.offered().items():
            if name in fields:
                relation = getattr(fields[name], "child_relation", fields[name])
                relation.queryset = rows
        return fields

    def offered(self) -> dict[str, Any]:
        """The rows that each relation may name: what the person sees. What they may be used for, the deed says."""
        person: Any = self.context.get("person")
        people = Person.objects.visible_to(person)
        return {
            "council": of_councils(person),
            "councils": Council.objects.visible_to(person),
            "department": Department.objects.visible_to(person).on_offer(),
            "site": Site.objects.visible_to(person).on_offer(),
            "line_manager": people,
            "owner": people,
            "support_team": Team.objects.visible_to(person),
            "agreements": Agreement.objects.visible_to(person),
        }


class Versioned(serializers.Serializer):
    """As read at which version."""

    version = serializers.IntegerField(min_value=1)


def written(model: type, fields: tuple[str, ...], needed: tuple[str, ...], **relations: Any) -> type[Written]:
    """What may be sent of a new row (with `needed`), or of a change (which needs its version)."""
    kind = "New" if needed != ("version",) else "Changed"
    meta = type("Meta", (), {"model": model, "fields": fields, "validators": []})
    return type(
        f"{kind}{model.__name__}Serializer", (Written,), {"Meta": meta, "needed": needed, **relations}
    )


def _council() -> Any:
    return code(queryset=Council.objects.none())


def _councils() -> Any:
    return code(queryset=Council.objects.none(), many=True, allow_empty=False)


def _version() -> Any:
    return serializers.IntegerField(min_value=1)


CHANGE = ("version",)
NewCouncil = written(Council, ("code", *EDITABLE[Council]), ("code", "name"))
ChangedCouncil = written(Council, (*EDITABLE[Council], "version"), CHANGE, version=_version())
NewSite = written(Site, ("council", *EDITABLE[Site]), ("council", "name"), council=_council())
ChangedSite = written(Site, (*EDITABLE[Site], "version"), CHANGE, version=_version())
NewDepartment = written(
    Department, ("council", *EDITABLE[Department]), ("council", "name"), council=_council()
)
ChangedDepartment = written(Department, (*EDITABLE[Department], "version"), CHANGE, version=_version())
NewTeam = written(Team, ("kind", "sensitivity", *EDITABLE[Team]), ("name", "councils"), councils=_councils())
ChangedTeam = written(Team, (*EDITABLE[Team], "version"), CHANGE, councils=_councils(), version=_version())
NewPerson = written(Person, ("council", *OF_A_PERSON), ("council", "display_name"), council=_council())
ChangedPerson = written(Person, (*OF_A_PERSON, "version"), CHANGE, version=_version())
NewService = written(
    Service,
    (*OF_A_SERVICE, "out_of_hours_cover"),
    ("name", "support_team", "councils"),
    councils=_councils(),
)


def _without_cover(shape: serializers.BaseSerializer, attrs: dict[str, Any]) -> dict[str, Any]:
    """A change of a service, but for what open tickets follow."""
    if "out_of_hours_cover" in shape.initial_data:
        raise serializers.ValidationError({"out_of_hours_cover": COVERED_APART})
    return attrs


ChangedService = written(
    Service,
    (*OF_A_SERVICE, "version"),
    CHANGE,
    councils=_councils(),
    version=_version(),
    validate=_without_cover,
)
NewRole = written(Grant, ("role", "council", "starts_at", "ends_at"), ("role", "council"), council=_council())


class RoleByAddressSerializer(Written):
    """A role for somebody who is known by their address: of one's own councils, or of one that the desk serves."""

    needed = ("email", "role", "council")
    email = serializers.EmailField()
    council = _council()

    class Meta:
        model = Grant
        fields = ("email", "role", "council", "starts_at", "ends_at")
        validators: tuple = ()

    def validate_email(self, value: str) -> Person:
        return known_by_address(self.context["person"], value)

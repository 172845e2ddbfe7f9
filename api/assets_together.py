"""Many assets at once: find them by what was scanned, change or move them, take it back; the estate as it was."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.response import Response

from api.asset_shapes import AssetSerializer
from api.endpoints import Endpoint
from api.problems import invalid
from api.rows import ChangedSerializer, changed
from api.ticket_shapes import Narrowed, one_of
from assets.register import changes
from assets.register.as_at_report import NAMES, report
from assets.register.finding import MOST_NAMES, sort_out
from assets.register.lifecycle import MOVES
from assets.register.models import Condition, Ownership, Supplier
from assets.register.registering import RELATED
from assets.register.together import CHANGEABLE, MOST, change_all, chosen_assets, look
from assets.register.together_forms import empty_value
from assets.register.together_moves import MoveTogetherForm, make, would_refuse
from servicedesk.history.models import ChangeSet
from servicedesk.people.access import councils_of, require
from servicedesk.people.models import Department, Person, Site
from servicedesk.people.roles import Permission

GREATEST = 2**63 - 1


class NamesSerializer(serializers.Serializer):
    """Tags, serial numbers or the addresses on labels."""

    names = serializers.ListField(
        child=serializers.CharField(max_length=200), min_length=1, max_length=MOST_NAMES
    )


class NamedAssetsSerializer(serializers.Serializer):
    """A name, and the asset, or the several, that bear it."""

    name = serializers.CharField()
    assets = AssetSerializer(many=True)


class SortedOutSerializer(serializers.Serializer):
    """Each name once: with its one asset, with its several, or with none."""

    found = NamedAssetsSerializer(many=True)
    several = NamedAssetsSerializer(many=True)
    not_found = serializers.ListField(child=serializers.CharField())


class ChosenSerializer(serializers.Serializer):
    """An asset, as it was read at a version."""

    id = serializers.IntegerField(min_value=1, max_value=GREATEST)
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


def of_own_council(seen: Any) -> Any:
    """Of what the person sees, that of the councils whose registers they keep."""
    return lambda person: seen(person).filter(council__in=councils_of(person, Permission.EDIT_ASSETS))


class OfManySerializer(serializers.Serializer):
    """The chosen assets. With `check` nothing is written: the answer says what would become of each."""

    assets = ChosenSerializer(many=True, min_length=1, max_length=MOST)  # type: ignore[call-arg]
    check = serializers.BooleanField(required=False, default=False)

    def chosen(self) -> dict[int, int]:
        return {each["id"]: each["version"] for each in self.validated_data["assets"]}


class ChangeManySerializer(Narrowed, OfManySerializer):
    """What is to be the same of all chosen assets. What is left out stays; null or "" makes empty."""

    reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")

    site = one_of(Site, allow_null=True)
    room = serializers.CharField(max_length=60, required=False, allow_blank=True)
    holder = one_of(Person, allow_null=True)
    holder_note = serializers.CharField(max_length=100, required=False, allow_blank=True)
    department = one_of(Department, allow_null=True)
    condition = serializers.ChoiceField(Condition.choices, required=False, allow_blank=True)
    ownership = serializers.ChoiceField(Ownership.choices, required=False)
    supplier = one_of(Supplier, allow_null=True)
    warranty_end = serializers.DateField(required=False, allow_null=True)
    support_contract_end = serializers.DateField(required=False, allow_null=True)
    lease_end = serializers.DateField(required=False, allow_null=True)
    last_audit_at = serializers.DateField(required=False, allow_null=True)

    offered = {
        "site": of_own_council(lambda person: Site.objects.visible_to(person).on_offer()),
        "holder": of_own_council(lambda person: Person.objects.visible_to(person).active()),
        "department": of_own_council(lambda person: Department.objects.visible_to(person).on_offer()),
        "supplier": Supplier.objects.visible_to,
    }


class MoveManySerializer(OfManySerializer):
    """One move of all chosen assets. `given` holds what the move asks for, people by their e-mail address."""

    move = serializers.ChoiceField([(name, name) for name in MOVES])
    given = serializers.DictField(
        child=serializers.CharField(max_length=2000, allow_blank=True), required=False, default=dict
    )


class NotDoneSerializer(serializers.Serializer):
    """An asset to which it was not done, and why."""

    id = serializers.IntegerField()
    reason = serializers.CharField()


class DoneSerializer(serializers.Serializer):
    """What became of the chosen assets, by id. `change` is the deed, null where nothing was written."""

    change = serializers.IntegerField(allow_null=True)
    done = serializers.ListField(child=serializers.IntegerField())
    same = serializers.ListField(child=serializers.IntegerField())
    refused = NotDoneSerializer(many=True)
    missing = serializers.IntegerField()


class DeedLineSerializer(serializers.Serializer):
    """What a deed did to one asset."""

    asset = serializers.IntegerField()
    name = serializers.CharField()
    move = serializers.CharField(allow_blank=True)
    changes = ChangedSerializer(many=True)


class DeedSerializer(serializers.Serializer):
    """One deed on the register. `stays` names what undoing would leave, or has left, as it is, and why."""

    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    by = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)
    may_undo = serializers.BooleanField()
    undone = serializers.BooleanField()
    assets = DeedLineSerializer(many=True)
    stays = serializers.ListField(child=serializers.CharField())


class ThenSerializer(serializers.Serializer):
    """An asset as it read at the end of the day."""

    id = serializers.IntegerField()
    council = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        return super().get_fields() | {name: serializers.CharField(allow_blank=True) for name in NAMES}


class CountSerializer(serializers.Serializer):
    """How many there were of one kind."""

    code = serializers.CharField(allow_blank=True)
    name = serializers.CharField(allow_blank=True)
    number = serializers.IntegerField()


class EstateSerializer(serializers.Serializer):
    """The estate at the end of a day, one page of it, with the counts of all pages."""

    day = serializers.DateField()
    count = serializers.IntegerField()
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    removed_since = serializers.IntegerField()
    by_state = CountSerializer(many=True)
    by_category = CountSerializer(many=True)
    results = ThenSerializer(many=True)


class FindView(Endpoint):
    """Assets by what was scanned or pasted."""

    http_method_names = ["post"]

    @extend_schema(operation_id="assets_find", request=NamesSerializer, responses=SortedOutSerializer)
    def post(self, request) -> Response:
        """What was found, what matches more than one, and what was not found."""
        require(request.user, Permission.SEE_ASSETS)
        found = sort_out(request.user, _given(request, NamesSerializer).validated_data["names"], RELATED)
        body = {
            "found": [_found(request.user, name, [asset]) for name, asset in found.one.items()],
            "several": [_found(request.user, name, assets) for name, assets in found.several.items()],
            "not_found": found.none,
        }
        return Response(body)


class ChangeManyView(Endpoint):
    """Changing many assets at once."""

    http_method_names = ["post"]

    @extend_schema(
        operation_id="assets_change_together", request=ChangeManySerializer, responses=DoneSerializer
    )
    def post(self, request) -> Response:
        """Change the chosen assets as far as it can be done; each refusal has its reason."""
        require(request.user, Permission.EDIT_ASSETS)
        given = _given(request, ChangeManySerializer)
        data, chosen = given.validated_data, given.chosen()
        values = {
            name: empty_value(name) if data[name] in (None, "") else data[name]
            for name in CHANGEABLE
            if name in data
        }
        if data["check"]:
            found = look(chosen, values, by=request.user)
        else:
            found = change_all(chosen, values, by=request.user, reason=data["reason"])
        refused = [(refused.asset.pk, refused.why) for refused in found.refused]
        done, same = [row.asset.pk for row in found.changing], [asset.pk for asset in found.same]
        return _done(found.deed, done, same, refused, found.missing)


class MoveManyView(Endpoint):
    """Moving many assets at once."""

    http_method_names = ["post"]

    @extend_schema(operation_id="assets_move_together", request=MoveManySerializer, responses=DoneSerializer)
    def post(self, request) -> Response:
        """Move the chosen assets as far as it can be done; each refusal has its reason."""
        given = _given(request, MoveManySerializer)
        data, versions = given.validated_data, given.chosen()
        name, person = data["move"], request.user
        require(person, MOVES[name].permission)
        form = MoveTogetherForm(name, data["given"], by=person)
        unknown = {
            each: ["This move does not take that."] for each in data["given"] if each not in form.fields
        }
        if unknown or not form.is_valid():
            errors = {each: list(map(str, said)) for each, said in form.errors.items()}
            return invalid({**errors, **unknown})
        assets = chosen_assets(versions, person)
        given_to_all, missing = form.given(assets), len(versions) - len(assets)
        if data["check"]:
            refused = would_refuse(assets, versions, name, given_to_all, person)
            held = {refusal.asset.pk for refusal in refused}
            deed, moved = None, [asset for asset in assets if asset.pk not in held]
        else:
            moved, refused, deed = make(assets, versions, name, given_to_all, person)
        whys = [(refusal.asset.pk, refusal.sentence) for refusal in refused]
        return _done(deed, [asset.pk for asset in moved], [], whys, missing)


class DeedView(Endpoint):
    """What one deed did to the register."""

    http_method_names = ["get", "head"]

    @extend_schema(operation_id="register_changes_retrieve", responses=DeedSerializer)
    def get(self, request, pk: int) -> Response:
        """What it did to each asset, and what undoing it would leave."""
        return Response(_deed(request.user, changes.open_deed(request.user, pk)))


class UndoView(Endpoint):
    """Taking a deed back."""

    http_method_names = ["post"]

    @extend_schema(operation_id="register_changes_undo", request=None, responses=DeedSerializer)
    def post(self, request, pk: int) -> Response:
        """Give back what nobody has changed since. Done again it changes nothing."""
        deed = changes.open_deed(request.user, pk)
        changes.undo_deed(deed, by=request.user)
        return Response(_deed(request.user, deed))


class AsAtView(Endpoint):
    """The estate as it was on a day."""

    http_method_names = ["get", "head"]

    @extend_schema(
        operation_id="assets_as_at",
        responses=EstateSerializer,
        parameters=[
            OpenApiParameter("day", str, description="Such as 2026-03-31; today unless given."),
            OpenApiParameter("council", str, description="A council's code."),
            OpenApiParameter("category", str),
            OpenApiParameter("state", str),
            OpenApiParameter("site", str, description="The id of a site."),
            OpenApiParameter("page", str, description="Counted from 1."),
        ],
    )
    def get(self, request) -> Response:
        """As the register knew it then: what was registered later is not in it."""
        require(request.user, Permission.SEE_ASSETS)
        found = report(request.user, request.query_params)
        if not found.form.is_valid():
            return invalid({name: list(map(str, errors)) for name, errors in found.form.errors.items()})
        body = {
            "day": found.form.cleaned_data["day"],
            "count": found.count,
            "page": found.page,
            "pages": found.pages,
            "removed_since": found.removed,
            "by_state": _counts(found.by_state),
            "by_category": _counts(found.by_category),
            "results": ThenSerializer(found.rows, many=True).data,
        }
        return Response(body)


def _given(request, shape: type[serializers.Serializer]) -> Any:
    given = shape(data=request.data, context={"person": request.user})
    given.is_valid(raise_exception=True)
    return given


def _found(person, name: str, assets: list) -> dict[str, Any]:
    return {"name": name, "assets": AssetSerializer(assets, many=True, context={"person": person}).data}


def _done(deed: ChangeSet | None, done: list, same: list, refused: list, missing: int) -> Response:
    body = {
        "change": deed and deed.pk,
        "done": done,
        "same": same,
        "refused": [{"id": key, "reason": why} for key, why in refused],
        "missing": missing,
    }
    return Response(body)


def _deed(person, deed: ChangeSet) -> dict[str, Any]:
    return {
        "id": deed.pk,
        "at": deed.at,
        "by": deed.by_label,
        "reason": deed.reason,
        "may_undo": changes.may_undo(person, deed),
        "undone": changes.is_undone(deed) is not None,
        "assets": [
            {
                "asset": told.change.object_id,
                "name": told.change.label,
                "move": told.change.move,
                "changes": changed(told.change.fields),
            }
            for told in changes.told(person, deed)
        ],
        "stays": [changes.left_in_words(left) for left in changes.what_stays(deed)],
    }


def _counts(rows: list) -> list[dict[str, Any]]:
    return [{"code": code, "name": words, "number": number} for code, words, number in rows]

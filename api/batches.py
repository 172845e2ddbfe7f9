"""Batches of the refresh: choose, review, approve, swap, wipe, let go, close; their lines and their items."""

from typing import Any

from django.core.exceptions import ValidationError as Refused
from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from api import batch_shapes as shapes
from api.batch_figure_shapes import SurveyLineSerializer, SwapLineSerializer
from api.batch_rule_shapes import RULES, NewBatchSerializer
from api.items_together_shapes import (
    ExchangeSerializer,
    ItemMoveSerializer,
    ItemsMovedSerializer,
    ItemsMoveSerializer,
    TakenBackSerializer,
)
from api.pages import whole
from api.rows import Named, Rows
from assets.batches import ordering, workflow
from assets.batches.board import ONE_BY_ONE
from assets.batches.choosing import create_batch, rule_of
from assets.batches.exchanging import exchange
from assets.batches.figure_lists import OF, surveys_of, swap_lines
from assets.batches.filters import BatchFilters
from assets.batches.items import RELATED, move_item, move_items, refusals
from assets.batches.models import Batch, BatchItem, BatchLine
from assets.batches.passing_on import pass_on
from assets.batches.planning import change_line
from assets.batches.small import OUTCOME, Made, make_small
from assets.batches.states import BATCH_MOVES, ITEM_MOVES, ItemState
from assets.batches.supply import supplies_of
from assets.batches.undoing import own_deed, take_back
from assets.register.changes import left_in_words
from servicedesk.people.access import open_door, require
from servicedesk.people.models import Council, Person
from servicedesk.people.roles import PERMISSION_WORDS, Permission

TOGETHER = {name: step for name, step in ITEM_MOVES.items() if name not in ONE_BY_ONE}
READ = ("council", "owner", "programme", "submitted_by")
WITH = ("lines__council", "paying__council", "approvals__council", "approvals__decided_by")


def _described(opening: str, moves: dict[str, Any]) -> str:
    """A table of moves, for the documentation."""
    lines = [f"{opening} 409 when it does not stand where the move begins, or a guard says no.", ""]
    for name, step in moves.items():
        needs = f" It needs {step.needs}." if step.needs else ""
        lines.append(
            f"- `{name}`: {step.words}, with the right to {PERMISSION_WORDS[step.permission].lower()}.{needs}"
        )
    return "\n".join(lines)


class MadeBatchSerializer(shapes.WholeBatchSerializer):
    """A batch that was just made."""

    waits = serializers.CharField(
        read_only=True,
        help_text="Why it could not be submitted at once, where that was asked for; else empty.",
    )

    class Meta(shapes.WholeBatchSerializer.Meta):
        fields = [*shapes.WholeBatchSerializer.Meta.fields, "waits"]
        read_only_fields = fields


class OrderForBatchSerializer(serializers.Serializer):
    """The order and its line that count for the batch from now on."""

    order = Named()
    order_line = Named()


class BatchViewSet(Rows):
    """Batches that councils whose registers the person reads take part in."""

    serializer_class = shapes.WholeBatchSerializer
    lookup_field = "reference"
    lookup_url_kwarg = "ref"
    lookup_value_regex = "RB-[0-9]{4}-[0-9]{1,12}"
    orderings = {"id": ("id", "id")}
    ordering = "-id"
    filterset_class = BatchFilters

    def rows(self, person) -> QuerySet[Batch]:
        return Batch.objects.visible_to(person).select_related(*READ).prefetch_related(*WITH)

    def get_serializer_class(self) -> Any:
        return shapes.BatchSerializer if self.action == "list" else shapes.WholeBatchSerializer

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "person": self.request and self.request.user}

    @extend_schema(request=NewBatchSerializer, responses={201: MadeBatchSerializer})
    def create(self, request) -> Response:
        """Freeze what a rule matches as a new batch."""
        require(request.user, Permission.PLAN_REFRESH)
        given = self.given(NewBatchSerializer)
        sent: dict[str, Any] = {name: given.pop(name) for name in RULES if name in given}
        rule = rule_of(sent["view"]) if sent.get("view") else sent
        if given.pop("submit"):
            made = _made_small(request.user, rule, **given)
        else:
            made = Made(create_batch(by=request.user, rule=rule, **given), "")
        told = self._told(made.batch.reference, status.HTTP_201_CREATED)
        told.data["waits"] = made.waits
        return told

    @extend_schema(
        operation_id="batches_move",
        description=_described("Make a named move of a batch.", BATCH_MOVES),
        request=shapes.BatchMoveSerializer,
        responses=shapes.WholeBatchSerializer,
        parameters=[OpenApiParameter("move", str, OpenApiParameter.PATH, enum=list(BATCH_MOVES))],
    )
    @action(detail=True, methods=["post"], url_path=f"moves/(?P<move>{'|'.join(BATCH_MOVES)})")
    def moves(self, request, ref: str, move: str) -> Response:
        batch, given = self.get_object(), self.given(shapes.BatchMoveSerializer)
        if move == "approve" and (unread := [name for name in ("amount", "version") if name not in given]):
            raise ValidationError({name: ["Say what you have read: approving needs it."] for name in unread})
        read_at = given.pop("version", None)
        workflow.move(batch, move, by=request.user, given=given, version=read_at)
        return self._told(ref)

    @extend_schema(
        operation_id="batches_pass_on",
        request=shapes.PassOnSerializer,
        responses=shapes.WholeBatchSerializer,
    )
    @action(detail=True, methods=["post"], url_path="owner")
    def owner(self, request, ref: str) -> Response:
        """Give the batch to another owner: somebody who plans the refresh of the council that leads it."""
        batch = self.get_object()
        require(request.user, Permission.PLAN_REFRESH, batch)
        pass_on(batch, by=request.user, **self.given(shapes.PassOnSerializer))
        return self._told(ref)

    @extend_schema(responses=shapes.BatchLineSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"], orderings={"id": ("id", "id")}, ordering="id")
    def lines(self, request, ref: str) -> Response:
        """What it buys, by council and category."""
        page = self.paginate_queryset(self.opened().lines.select_related("council"))
        return self.get_paginated_response(self._lines_told(page, many=True))

    @extend_schema(
        responses=SwapLineSerializer(many=True),
        filters=False,
        parameters=[OpenApiParameter("council", str, description="Only of this paying council.")],
    )
    @action(
        detail=True, methods=["get"], url_path="energy-lines", orderings={"id": ("id", "id")}, ordering="id"
    )
    def energy_lines(self, request, ref: str) -> Response:
        """The swaps behind its energy, those that are alike in a line: of councils whose register the caller reads."""
        batch = self.opened()
        council = self._paying(batch)
        councils = [council] if council else [part.council for part in batch.paying.all()]
        found = swap_lines(request.user, batch, councils)
        return whole([SwapLineSerializer(line).data for line in found.lines])

    @extend_schema(
        responses=SurveyLineSerializer(many=True),
        filters=False,
        parameters=[
            OpenApiParameter("council", str, description="One whose refresh you plan; else all of these."),
            OpenApiParameter("of", str, enum=list(OF), description="Which figure: `asked` unless said."),
        ],
    )
    @action(detail=True, methods=["get"], orderings={"id": ("id", "id")}, ordering="id")
    def content(self, request, ref: str) -> Response:
        """Whom councils asked how a swap went, or what was answered: then without saying by whom."""
        of = request.query_params.get("of", "asked")
        if of not in OF:
            raise ValidationError({"of": [f"There are: {', '.join(OF)}."]})
        batch = self.opened()
        council = self._paying(batch)
        require(request.user, Permission.PLAN_REFRESH, council)
        rows = surveys_of(request.user, batch, of, council)
        return whole([SurveyLineSerializer(row, context={"of": of}).data for row in rows])

    @extend_schema(request=shapes.LineChangeSerializer, responses=shapes.BatchLineSerializer)
    @action(detail=True, methods=["post"], url_path="lines/(?P<line>[0-9]{1,18})")
    def line(self, request, ref: str, line: str) -> Response:
        """Change the spares and prices of a line."""
        row, given = self._line(line), self.given(shapes.LineChangeSerializer)
        return self._line_told(change_line(row, by=request.user, **given))

    @extend_schema(request=shapes.BatchOrderSerializer, responses={201: OrderForBatchSerializer})
    @action(detail=True, methods=["post"], url_path="lines/(?P<line>[0-9]{1,18})/orders")
    def orders(self, request, ref: str, line: str) -> Response:
        """Write a draft order for the line, or count the `order_line` that there is. It is placed and received as any
        other, and the batch counts what comes of it."""
        row, given = self._line(line), self.given(shapes.BatchOrderSerializer)
        if "order_line" in given:
            bought = ordering.count_order(row, by=request.user, **given).order_line
        else:
            bought = ordering.order_for(row, by=request.user, **given).lines.get()
        told = OrderForBatchSerializer({"order": bought.order, "order_line": bought}).data
        return Response(told, status=status.HTTP_201_CREATED)

    @extend_schema(
        responses=shapes.BatchItemSerializer(many=True),
        filters=False,
        parameters=[
            OpenApiParameter("state", str, enum=ItemState.values, description="Only the items in this state.")
        ],
    )
    @action(detail=True, methods=["get"], orderings={"id": ("id", "id")}, ordering="id")
    def items(self, request, ref: str) -> Response:
        """Its assets of the councils whose registers the person reads, each with where it stands."""
        rows = self.opened().items.visible_to(request.user).select_related(*RELATED)
        state = request.query_params.get("state")
        if state and state not in ItemState.values:
            raise ValidationError({"state": ["No item is ever in this state."]})
        return self._page(rows.filter(state=state) if state else rows, shapes.BatchItemSerializer)

    @extend_schema(
        operation_id="batches_move_item",
        description=_described("Make a named move of an item; its asset moves with it.", ITEM_MOVES),
        request=ItemMoveSerializer,
        responses=shapes.BatchItemSerializer,
        parameters=[OpenApiParameter("move", str, OpenApiParameter.PATH, enum=list(ITEM_MOVES))],
    )
    @action(
        detail=True,
        methods=["post"],
        url_path=f"items/(?P<item>[0-9]{{1,18}})/moves/(?P<move>{'|'.join(ITEM_MOVES)})",
    )
    def item_moves(self, request, ref: str, item: str, move: str) -> Response:
        row = self._item(item)
        given = self.given(ItemMoveSerializer)
        read_at = given.pop("version", None)
        moved = move_item(row, move, by=request.user, given=given, version=read_at)
        return Response(shapes.BatchItemSerializer(moved, context=self.get_serializer_context()).data)

    @extend_schema(
        operation_id="batches_exchange_device",
        request=ExchangeSerializer,
        responses=shapes.BatchItemSerializer,
    )
    @action(detail=True, methods=["post"], url_path="items/(?P<item>[0-9]{1,18})/new-device")
    def new_device(self, request, ref: str, item: str) -> Response:
        """Keep another new device for an item that is allocated and not swapped yet, with the right and by the rules of
        `allocate`: one of the same council and category that is in stock, on no hold, and kept for no other. 409 when
        the item does not stand there."""
        row = self._item(item)
        require(request.user, ITEM_MOVES["allocate"].permission, row)
        changed = exchange(row, by=request.user, **self.given(ExchangeSerializer))
        return Response(shapes.BatchItemSerializer(changed, context=self.get_serializer_context()).data)

    @extend_schema(
        operation_id="batches_move_items",
        description=_described(
            "Make one move of many items, as far as it can be done, in one change; each refusal has its reason.",
            TOGETHER,
        ),
        request=ItemsMoveSerializer,
        responses=ItemsMovedSerializer,
        parameters=[OpenApiParameter("move", str, OpenApiParameter.PATH, enum=list(TOGETHER))],
    )
    @action(detail=True, methods=["post"], url_path=f"items/moves/(?P<move>{'|'.join(TOGETHER)})")
    def items_together(self, request, ref: str, move: str) -> Response:
        batch = self.opened()
        require(request.user, TOGETHER[move].permission)
        given = self.given(ItemsMoveSerializer)
        versions = {one["id"]: one["version"] for one in given.pop("items")}
        seen = batch.items.visible_to(request.user).select_related(*RELATED)
        items = list(seen.filter(pk__in=versions).order_by("pk"))
        found = {item.pk for item in items}
        if given.pop("check"):
            refused = refusals(items, move, by=request.user, given=given, versions=versions)
            moved, deed = found - {one.item.pk for one in refused}, None
        else:
            done = move_items(items, move, by=request.user, given=given, versions=versions)
            moved, refused, deed = {item.pk for item in done.moved}, done.refused, done.deed
        body = {
            "change": deed and deed.pk,
            "moved": sorted(moved),
            "refused": [{"id": one.item.pk, "reason": one.sentence} for one in refused],
            "missing": sorted(versions.keys() - found),
        }
        return Response(body)

    @extend_schema(operation_id="batches_undo", request=None, responses=TakenBackSerializer)
    @action(detail=True, methods=["post"], url_path="changes/(?P<change>[0-9]{1,18})/undo")
    def undo(self, request, ref: str, change: str) -> Response:
        """Take back what one has done to its items oneself, as far as nothing followed."""
        batch, deed = self.opened(), own_deed(request.user, int(change))
        undone = take_back(deed, batch, by=request.user)
        stays = [left_in_words(left) for left in undone.left]
        return Response({"restored": undone.restored, "stays": stays})

    def _paying(self, batch: Batch) -> Council | None:
        """The paying council that is asked for, if any."""
        code = self.request.query_params.get("council", "")
        council = batch.payer(code)
        if code and council is None:
            raise ValidationError({"council": ["No such council pays for it."]})
        return council

    def _line(self, key: str) -> BatchLine:
        rows = self.opened().lines.select_related("council", "batch")
        row = open_door(self.request.user, _Lines(rows), pk=int(key))
        require(self.request.user, Permission.PLAN_REFRESH, row)
        return row

    def _item(self, key: str) -> BatchItem:
        rows = self.opened().items.select_related(*RELATED)
        return open_door(self.request.user, rows, pk=int(key))

    def _page(self, rows: QuerySet, shape: Any) -> Response:
        page = self.paginate_queryset(rows)
        return self.get_paginated_response(shape(page, many=True, context=self.get_serializer_context()).data)

    def _line_told(self, line: BatchLine) -> Response:
        return Response(self._lines_told(line))

    def _lines_told(self, rows: Any, many: bool = False) -> Any:
        context = {**self.get_serializer_context(), "supplies": supplies_of(rows if many else [rows])}
        return shapes.BatchLineSerializer(rows, many=many, context=context).data

    def _told(self, reference: str, code: int = status.HTTP_200_OK) -> Response:
        row = self.rows(self.request.user).get(reference=reference)
        told = shapes.WholeBatchSerializer(row, context=self.get_serializer_context()).data
        return Response(told, status=code)


class _Lines:
    """Lines of a batch that the person has been let in to: whoever sees the batch sees what each council buys."""

    def __init__(self, rows: QuerySet) -> None:
        self.rows = rows

    def visible_to(self, person, /) -> QuerySet:
        return self.rows


def _made_small(person: Person, rule: dict[str, Any], **given: Any) -> Made:
    """What cannot be confirmed of single assets is said of `outcomes`, each with its asset."""
    try:
        return make_small(by=person, rule=rule, **given)
    except Refused as refused:
        found = getattr(refused, "message_dict", {})
        if unconfirmed := [
            words for name, told in found.items() if name.startswith(OUTCOME) for words in told
        ]:
            raise ValidationError({"outcomes": unconfirmed}) from refused
        raise

"""The life of an asset: its moves, who has it, legal hold, files, and what is offered of it to another council."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.response import Response

from api import asset_life_shapes as shapes
from api.asset_shapes import AssetSerializer
from api.pages import whole
from api.parsers import JSONParser, MultiPartParser
from api.rows import AnyFile, Rows
from assets.register import custody, holding, lending, transferring, writing_off
from assets.register.filing import add_files, files_of
from assets.register.handing_over import hand_over
from assets.register.lifecycle import MOVES, MoveRefused
from assets.register.models import Asset, AssetFile, Disposal, Repair, Sanitisation, StagingCheck
from assets.register.workflow import move as move_asset
from servicedesk.files.storing import BYTES, download
from servicedesk.people.access import may, open_door
from servicedesk.people.roles import PERMISSION_WORDS, Permission

MOST = 200


def _described() -> str:
    """The table of moves, for the documentation."""
    lines = [
        "Make a named move. 409 when the asset does not stand where it begins, a guard says no, or it was changed "
        "meanwhile.",
        "",
    ]
    for name, step in MOVES.items():
        given = [*(f"`{each}`" for each in step.asks), *(f"`{each}` if wanted" for each in step.takes)]
        given = [each for each in given if each != "`file` if wanted"]
        needs = f" It needs {step.needs}." if step.needs else ""
        right = PERMISSION_WORDS[step.permission].lower()
        lines.append(
            f"- `{name}`: {step.words}, with the right to {right}. Give {', '.join(given) or 'nothing'}.{needs}"
        )
    return "\n".join(lines)


class AssetLife(Rows):
    """The part of the noun `assets` that is about their lives."""

    _shown: Callable[..., Response]

    @extend_schema(
        operation_id="assets_move",
        description=_described(),
        request=shapes.AssetMoveSerializer,
        responses=AssetSerializer,
        parameters=[OpenApiParameter("move", str, OpenApiParameter.PATH, enum=list(MOVES))],
    )
    @action(detail=True, methods=["post"], url_path=f"moves/(?P<move>{'|'.join(MOVES)})")
    def moves(self, request, pk: str, move: str) -> Response:
        asset, given = self.get_object(), self.given(shapes.AssetMoveSerializer)
        read_at = given.pop("version", None)
        return self._shown(move_asset(asset, move, by=request.user, given=given, version=read_at))

    @extend_schema(request=shapes.AssetMoveSerializer, responses=AssetSerializer)
    @action(detail=True, methods=["post"], url_path="hand-over")
    def hand_over(self, request, pk: str) -> Response:
        """Give what is in use to another person, room or pool. It takes what `issue` takes."""
        asset, given = self.get_object(), self.given(shapes.AssetMoveSerializer)
        read_at = given.pop("version", None)
        return self._shown(hand_over(asset, by=request.user, given=given, version=read_at))

    @extend_schema(responses=shapes.CustodySerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def custody(self, request, pk: str) -> Response:
        """Who has it and had it, the last first."""
        held = custody.custodies_of(request.user, self.get_object())[:MOST]
        return whole(list(shapes.CustodySerializer(held, many=True).data))

    @extend_schema(request=None, responses=shapes.CustodySerializer)
    @action(detail=True, methods=["post"])
    def sign(self, request, pk: str) -> Response:
        """Say that one has it oneself."""
        held = custody.to_sign(request.user, self.get_object())
        if held is None:
            raise MoveRefused("There is nothing to sign for: you do not have it, or you have signed.")
        custody.sign(held, by=request.user)
        held.refresh_from_db()
        return Response(shapes.CustodySerializer(held).data)

    @extend_schema(request=shapes.ReasonSerializer, responses=AssetSerializer)
    @action(detail=True, methods=["post"])
    def hold(self, request, pk: str) -> Response:
        """Put it on legal hold, and say why."""
        asset, given = self.get_object(), self.given(shapes.ReasonSerializer)
        return self._shown(holding.set_hold(asset, by=request.user, **given))

    @extend_schema(request=shapes.ReasonSerializer, responses=AssetSerializer)
    @action(detail=True, methods=["post"], url_path="lift-hold")
    def lift_hold(self, request, pk: str) -> Response:
        """Lift the hold, and say why it is over."""
        asset, given = self.get_object(), self.given(shapes.ReasonSerializer)
        return self._shown(holding.lift_hold(asset, by=request.user, **given))

    @extend_schema(responses=shapes.EvidenceSerializer, filters=False)
    @action(detail=True, methods=["get"])
    def evidence(self, request, pk: str) -> Response:
        """Repairs, check lists, wipings, and how it left."""
        asset, person = self.get_object(), request.user
        found = {
            name: kind.objects.visible_to(person)
            .filter(asset=asset)
            .select_related("council", "recorded_by", *more)
            for name, kind, *more in (
                ("repairs", Repair, "supplier"),
                ("staging_checks", StagingCheck),
                ("sanitisations", Sanitisation),
                ("disposals", Disposal),
            )
        }
        return Response(shapes.EvidenceSerializer(found, context={"person": person}).data)

    @extend_schema(responses=shapes.AssetFileSerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def files(self, request, pk: str) -> Response:
        """The files on it that one may see: an invoice with the right to its council's money."""
        rows = files_of(request.user, self.get_object())
        return whole(list(shapes.AssetFileSerializer(rows, many=True).data))

    @extend_schema(
        operation_id="assets_add_file",
        request={"multipart/form-data": shapes.NewFileSerializer},
        responses={201: shapes.AssetFileSerializer},
    )
    @files.mapping.post
    def add_file(self, request, pk: str) -> Response:
        """Put a file on it. What it is is told by its content; what would run is refused."""
        asset, given = self.get_object(), self.given(shapes.NewFileSerializer)
        try:
            (row,) = add_files(asset, by=request.user, kind=given["kind"], files=[given["file"]])
        except ValidationError as error:
            told = error.message_dict
            renamed = {"file" if name == "files" else name: told[name] for name in told}
            raise ValidationError(renamed) from error
        return Response(shapes.AssetFileSerializer(row).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        operation_id="assets_file",
        responses={(200, BYTES): OpenApiTypes.BINARY},
        parameters=[OpenApiParameter("file", int, OpenApiParameter.PATH)],
    )
    @action(detail=True, url_path="files/(?P<file>[0-9]{1,18})", renderer_classes=[AnyFile])
    def file(self, request, pk: str, file: str) -> FileResponse:
        """The bytes of a file, always as a download."""
        asset = self.get_object()
        return download(open_door(request.user, AssetFile.objects, pk=int(file), asset=asset).file)

    @extend_schema(request=shapes.LoanOfferSerializer, responses={201: shapes.LoanSerializer})
    @action(detail=True, methods=["post"])
    def loans(self, request, pk: str) -> Response:
        """Offer to lend it to somebody of another council."""
        asset, given = self._kept(), self.given(shapes.LoanOfferSerializer)
        loan = lending.offer_loan(asset, by=request.user, **given)
        return Response(shapes.LoanSerializer(loan).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.TransferOfferSerializer, responses={201: shapes.TransferSerializer})
    @action(detail=True, methods=["post"])
    def transfers(self, request, pk: str) -> Response:
        """Offer it to another council."""
        asset, given = self._kept(), self.given(shapes.TransferOfferSerializer)
        transfer = transferring.offer_transfer(asset, by=request.user, **given)
        shown = shapes.TransferSerializer(transfer, context={"person": request.user})
        return Response(shown.data, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.ReasonSerializer, responses={201: shapes.WriteOffSerializer})
    @action(detail=True, methods=["post"], url_path="write-offs")
    def write_offs(self, request, pk: str) -> Response:
        """Ask the budget approver whether it may be written off."""
        asset, given = self._kept(), self.given(shapes.ReasonSerializer)
        asked = writing_off.ask_to_write_off(asset, by=request.user, reason=given["reason"])
        return Response(shapes.WriteOffSerializer(asked).data, status=status.HTTP_201_CREATED)

    def get_parsers(self) -> list:
        """JSON, but for a file."""
        method = str(self.request.method).lower() if self.request else ""
        return [MultiPartParser()] if (self.action_map or {}).get(method) == "add_file" else [JSONParser()]

    def _kept(self) -> Asset:
        """The asset, for whoever keeps its register, before anything that was sent is looked at."""
        asset = self.get_object()
        if not may(self.request.user, Permission.EDIT_ASSETS, asset.council_id):
            raise PermissionDenied(
                f"You need the right to: {PERMISSION_WORDS[Permission.EDIT_ASSETS].lower()}."
            )
        return asset

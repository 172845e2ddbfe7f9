"""Loans, transfers and write-offs: list, read, answer, and take back."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from api import asset_life_shapes as shapes
from api.rows import Rows
from assets.register import dealings, lending, transferring, writing_off
from assets.register.filters import LoanFilters
from assets.register.models import Loan, Transfer, WriteOff


class Dealings(Rows):
    """What one side puts and the other answers."""

    orderings = {"id": ("id", "id")}
    ordering = "-id"

    def _told(self, row: Any) -> Response:
        return Response(self.get_serializer(self.rows(self.request.user).get(pk=row.pk)).data)


class LoanViewSet(Dealings):
    """Loans of both sides."""

    serializer_class = shapes.LoanSerializer

    filterset_class = LoanFilters

    def rows(self, person) -> QuerySet[Loan]:
        return dealings.loans_seen(person)

    @extend_schema(request=shapes.OfferAnswerSerializer, responses=shapes.LoanSerializer)
    @action(detail=True, methods=["post"])
    def answer(self, request, pk: str) -> Response:
        """Agree to it for the council of the person, or refuse and say why."""
        return self._told(
            lending.answer_loan(
                self.get_object(), by=request.user, **self.given(shapes.OfferAnswerSerializer)
            )
        )

    @extend_schema(request=shapes.ReadAtSerializer, responses=shapes.LoanSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request, pk: str) -> Response:
        """End a loan that nobody uses, or take back its offer."""
        return self._told(
            lending.end_loan(self.get_object(), by=request.user, **self.given(shapes.ReadAtSerializer))
        )


class TransferViewSet(Dealings):
    """Transfers of both sides."""

    serializer_class = shapes.TransferSerializer

    def rows(self, person) -> QuerySet[Transfer]:
        return dealings.transfers_seen(person)

    @extend_schema(request=shapes.AcceptSerializer, responses=shapes.TransferSerializer)
    @action(detail=True, methods=["post"])
    def answer(self, request, pk: str) -> Response:
        """Take it over, perhaps with a tag of one's own, or refuse and say why."""
        transfer, given = self.get_object(), self.given(shapes.AcceptSerializer)
        note, tag = given.pop("note"), given.pop("asset_tag")
        if given.pop("agree"):
            transferring.accept_transfer(transfer, by=request.user, asset_tag=tag, **given)
        else:
            transferring.refuse_transfer(transfer, by=request.user, note=note, **given)
        return self._told(transfer)

    @extend_schema(request=shapes.ReadAtSerializer, responses=shapes.TransferSerializer)
    @action(detail=True, methods=["post"])
    def withdraw(self, request, pk: str) -> Response:
        """Take the offer back."""
        return self._told(
            transferring.withdraw_transfer(
                self.get_object(), by=request.user, **self.given(shapes.ReadAtSerializer)
            )
        )


class WriteOffViewSet(Dealings):
    """What budget approvers were asked."""

    serializer_class = shapes.WriteOffSerializer

    def rows(self, person) -> QuerySet[WriteOff]:
        return dealings.write_offs_seen(person)

    @extend_schema(request=shapes.OfferAnswerSerializer, responses=shapes.WriteOffSerializer)
    @action(detail=True, methods=["post"])
    def answer(self, request, pk: str) -> Response:
        """Approve it, or refuse and say why; never what one asked for oneself."""
        asked, given = self.get_object(), self.given(shapes.OfferAnswerSerializer)
        approve = given.pop("agree")
        return self._told(writing_off.answer_write_off(asked, by=request.user, approve=approve, **given))

"""What administrators write of councils, sites, teams, people and services: what these nouns have alike."""

from collections.abc import Callable
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.response import Response

from api.asset_shapes import HistorySerializer
from api.organisation_shapes import Versioned
from api.pages import whole
from api.problems import overtaken
from api.rows import Rows
from servicedesk.administration.archiving import archive, bring_back
from servicedesk.history.editing import Stale
from servicedesk.people.access import history_of, require
from servicedesk.people.models import Person
from servicedesk.people.organising import BESIDE_OTHERS, may_administer
from servicedesk.people.roles import Permission


def described(new: type, change: type, shown: type) -> Callable[[type], type]:
    """Tell the schema what is sent to a noun and what comes back."""
    return extend_schema_view(
        create=extend_schema(request=new, responses={201: shown}),
        partial_update=extend_schema(request=change, responses=shown),
    )


class Writing(Rows):
    """Rows that are written, and what came of it."""

    @property
    def person(self) -> Person:
        """Who asks: the API answers nobody who is not signed in."""
        return cast(Person, self.request.user)

    def written(self, write: Callable[[], Any]) -> Response:
        """What came of a write, or how the row stands now where somebody was quicker."""
        try:
            return self.shown(write())
        except Stale as stale:
            return overtaken(stale, self.shown(stale.row).data)

    def shown(self, row: Any, code: int = status.HTTP_200_OK) -> Response:
        """A row as it is told."""
        return Response(self.get_serializer(row).data, status=code)


class Administered(Writing):
    """Rows that administrators add and change. A noun gives the shapes of both, and the functions that write."""

    new: type
    changed: type
    permission = Permission.ADMINISTER

    def add(self, given: dict[str, Any]) -> Any:
        """Write a new row of what was given."""
        raise NotImplementedError

    def change(self, row: Any, given: dict[str, Any]) -> Any:
        """Write what was given to a row."""
        raise NotImplementedError

    def create(self, request) -> Response:
        """Add one, for a council that one looks after."""
        require(request.user, self.permission)
        return self.shown(self.add(self.given(self.new)), status.HTTP_201_CREATED)

    def partial_update(self, request, pk: str) -> Response:
        """Change one, as read at `version`. A 409 says in `current` how it stands now.

        Of councils, sites, departments, teams, people and services what others changed since is kept, where it is not
        the same: what both changed is refused, with the other value of each in `errors`.
        """
        row = self.get_object()
        require(request.user, self.permission)
        return self.written(lambda: self.change(row, self.given(self.changed)))


class Archivable(Administered):
    """Rows that are archived, never deleted."""

    @extend_schema(request=Versioned)
    @action(detail=True, methods=["post"])
    def archive(self, request, pk: str) -> Response:
        """Offer it no longer. It is still read."""
        return self._written_by(archive)

    @extend_schema(request=Versioned)
    @action(detail=True, methods=["post"], url_path="bring-back")
    def bring_back(self, request, pk: str) -> Response:
        """Offer it again."""
        return self._written_by(bring_back)

    def _written_by(self, write: Callable[..., Any]) -> Response:
        row = self.get_object()
        require(self.request.user, Permission.ADMINISTER)
        version = self.given(Versioned)["version"]
        return self.written(lambda: write(row, by=self.person, version=version))

    @extend_schema(responses=HistorySerializer(many=True), filters=False)
    @action(detail=True, methods=["get"])
    def history(self, request, pk: str) -> Response:
        """What happened to it, newest first, for who looks after it."""
        row = self.get_object()
        require(request.user, Permission.ADMINISTER)
        if not may_administer(request.user, row):
            raise PermissionDenied(BESIDE_OTHERS)
        return whole(list(HistorySerializer(history_of(request.user, row), many=True).data))

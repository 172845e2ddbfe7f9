"""What people are told: outages, planned work and advice, to read and, for who may, to write."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from api.organisation_shapes import ManyNamed, Versioned, Written
from api.organising import Administered, described
from api.rows import Named, Shown, code
from servicedesk.catalogue.models import Service
from servicedesk.knowledge import announcing
from servicedesk.knowledge.filters import AnnouncementFilter
from servicedesk.knowledge.models import Announcement
from servicedesk.knowledge.states import MOVES
from servicedesk.people.models import Council, Site


class AnnouncementSerializer(Shown):
    """What people are told. `public_text` is all that strangers read; `moves` are those open to whoever asks."""

    councils = code(many=True, read_only=True)
    sites = ManyNamed()
    service = Named()
    moves = serializers.SerializerMethodField()

    class Meta:
        model = Announcement
        fields = ["id", *announcing.EDITABLE, "state", "published_at", "version", "moves"]

    @extend_schema_field(serializers.ListField(child=serializers.ChoiceField(list(MOVES))))
    def get_moves(self, announcement: Announcement) -> list[str]:
        return announcing.moves_open_to(self.context["person"], announcement)


class AnnouncementFields(Written):
    """What may be sent: councils by their codes, sites and the service by their ids."""

    councils: Any = code(queryset=Council.objects.none(), many=True, allow_empty=False)

    class Meta:
        model = Announcement
        fields: tuple[str, ...] = announcing.EDITABLE
        validators: list = []

    def offered(self) -> dict[str, Any]:
        person = self.context.get("person")
        return {
            "councils": Council.objects.visible_to(person),
            "sites": Site.objects.visible_to(person).on_offer(),
            "service": Service.objects.visible_to(person).on_offer(),
        }


class NewAnnouncement(AnnouncementFields):
    """A new one: a draft until it is published."""

    needed = ("title", "councils")


class ChangedAnnouncement(AnnouncementFields):
    """A change of what was read at `version`."""

    needed = ("version",)
    version = serializers.IntegerField(min_value=1)

    class Meta(AnnouncementFields.Meta):
        fields = (*announcing.EDITABLE, "version")


@described(NewAnnouncement, ChangedAnnouncement, AnnouncementSerializer)
class AnnouncementViewSet(Administered):
    """Outages, planned work and advice: what is published for one's council, and what one may write."""

    request: Any
    serializer_class = AnnouncementSerializer
    orderings = {"starts_at": ("starts_at", "id")}
    ordering = "-starts_at"
    filterset_class = AnnouncementFilter
    new, changed = NewAnnouncement, ChangedAnnouncement

    def rows(self, person) -> QuerySet[Announcement]:
        seen = Announcement.objects.visible_to(person).select_related("service")
        return seen.prefetch_related("councils", "sites")

    def create(self, request) -> Response:
        """Draft one, for councils whose people one may tell."""
        if not announcing.writes_somewhere(request.user):
            raise PermissionDenied(announcing.NOT_YOURS)
        return self.shown(self.add(self.given(self.new)), status.HTTP_201_CREATED)

    def partial_update(self, request, pk: str) -> Response:
        """Change one, as read at `version`. A 409 says in `current` how it stands now."""
        row = self.get_object()
        if not announcing.writes_somewhere(request.user):
            raise PermissionDenied(announcing.NOT_YOURS)
        return self.written(lambda: self.change(row, self.given(self.changed)))

    def add(self, given: dict[str, Any]) -> Announcement:
        councils, sites = given.pop("councils"), given.pop("sites", [])
        given.setdefault("starts_at", timezone.now())
        return announcing.draft(Announcement(**given), councils, sites, by=self.request.user)

    def change(self, row: Announcement, given: dict[str, Any]) -> Announcement:
        return announcing.change_announcement(row, by=self.request.user, **given)

    @extend_schema(request=Versioned, responses=AnnouncementSerializer)
    @action(detail=True, methods=["post"], url_path="moves/(?P<move>[a-z_]{1,20})")
    def moves(self, request, pk: str, move: str) -> Response:
        """Publish it, end it, withdraw or discard it, as read at `version`."""
        row = self.get_object()
        if move not in MOVES:
            raise Http404
        version = self.given(Versioned)["version"]
        return self.written(lambda: announcing.move(row, move, by=request.user, version=version))

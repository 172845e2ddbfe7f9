"""What is said on a ticket, and the files that come with it."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ValidationError
from django.http import FileResponse
from drf_spectacular.utils import OpenApiParameter, OpenApiTypes, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.parsers import JSONParser, MultiPartParser
from api.rows import AnyFile, Named, Rows
from api.ticket_shapes import LONGEST_TEXT, SEEN
from servicedesk.files.storing import BYTES, download
from servicedesk.tickets.conversation import files_readable_by, open_file, with_files
from servicedesk.tickets.models import Attachment, Comment, How
from servicedesk.tickets.replying import say
from servicedesk.tickets.weaving import woven


class AttachmentSerializer(serializers.ModelSerializer):
    """A file that came with something said. `href` gives its bytes to whoever may read what was said."""

    comment = serializers.IntegerField(source="comment_id", read_only=True)
    name = serializers.CharField(source="stored_file.name", read_only=True)
    content_type = serializers.CharField(source="stored_file.content_type", read_only=True)
    size = serializers.IntegerField(source="stored_file.size", read_only=True)
    sha256 = serializers.CharField(source="stored_file.sha256", read_only=True)
    href = serializers.SerializerMethodField()

    class Meta:
        model = Attachment
        fields = ["id", "comment", "name", "content_type", "size", "sha256", "href"]

    def get_href(self, attachment: Attachment) -> str:
        where = {"ref": attachment.comment.ticket.reference, "file": attachment.pk}
        return reverse("api:ticket-attachment", kwargs=where)


class CommentSerializer(serializers.ModelSerializer):
    """Something said on a ticket, with its files. `visibility` says who reads it."""

    ticket: Any = serializers.SlugRelatedField("reference", read_only=True)
    author = Named()
    body = serializers.CharField(max_length=LONGEST_TEXT)
    attachments = AttachmentSerializer(many=True, read_only=True)
    seen = serializers.IntegerField(required=False, min_value=0, write_only=True, help_text=SEEN)

    class Meta:
        model = Comment
        fields = ["id", "ticket", "author", "visibility", "body", "at", "attachments", "seen"]
        read_only_fields = ["at"]


class NewAttachmentSerializer(serializers.Serializer):
    """One file, and the words that it comes with."""

    file = serializers.FileField(max_length=1000, allow_empty_file=True)
    visibility = serializers.ChoiceField(Comment.Visibility.choices)
    body = serializers.CharField(max_length=LONGEST_TEXT, required=False, default="", allow_blank=True)
    seen = serializers.IntegerField(required=False, min_value=0, help_text=SEEN)


class TicketConversation(Rows):
    """The part of the noun `tickets` that is about what was said."""

    _given: Callable[..., dict[str, Any]]

    @extend_schema(responses=CommentSerializer(many=True), filters=True)
    @action(detail=True, methods=["get"], filterset_class=None, orderings={"at": ("at", "id")}, ordering="at")
    def comments(self, request, ref: str) -> Response:
        """What was said, as far as the person may read it, also on what was merged into the ticket."""
        said = with_files(woven(request.user, self.get_object(), How.API))
        page = self.paginate_queryset(self.filter_queryset(said))
        shown = CommentSerializer(page, many=True, context={"reference": ref})
        return self.get_paginated_response(shown.data)

    @extend_schema(
        operation_id="tickets_comment", request=CommentSerializer, responses={201: CommentSerializer}
    )
    @comments.mapping.post
    def comment(self, request, ref: str) -> Response:
        """Reply, or leave a note."""
        ticket, given = self.get_object(), self._given(CommentSerializer)
        return self._said(say(ticket, by=request.user, **given), ref)

    @extend_schema(responses=AttachmentSerializer(many=True), filters=True)
    @action(detail=True, methods=["get"], filterset_class=None, orderings={"id": ("id", "id")}, ordering="id")
    def attachments(self, request, ref: str) -> Response:
        """The files that came with what the person may read."""
        files = files_readable_by(request.user, self.get_object())
        page = self.paginate_queryset(self.filter_queryset(files))
        shown = AttachmentSerializer(page, many=True, context={"reference": ref})
        return self.get_paginated_response(shown.data)

    @extend_schema(
        operation_id="tickets_attach",
        request={"multipart/form-data": NewAttachmentSerializer},
        responses={201: CommentSerializer},
    )
    @attachments.mapping.post
    def attach(self, request, ref: str) -> Response:
        """Send a file, with words or without. What it is is told by its content; what would run is refused."""
        ticket, given = self.get_object(), self._given(NewAttachmentSerializer)
        try:
            said = say(ticket, by=request.user, files=[given.pop("file")], **given)
        except ValidationError as error:
            told = error.message_dict
            raise ValidationError(
                {"file" if name == "files" else name: told[name] for name in told}
            ) from error
        return self._said(said, ref)

    @extend_schema(
        operation_id="tickets_attachment",
        responses={(200, BYTES): OpenApiTypes.BINARY},
        parameters=[OpenApiParameter("file", int, OpenApiParameter.PATH)],
    )
    @action(detail=True, url_path="attachments/(?P<file>[0-9]{1,18})", renderer_classes=[AnyFile])
    def attachment(self, request, ref: str, file: str) -> FileResponse:
        """The bytes of a file, always as a download."""
        return download(open_file(request.user, self.get_object(), int(file)))

    def get_parsers(self) -> list:
        """JSON, but for a file."""
        method = str(self.request.method).lower() if self.request else ""
        return [MultiPartParser()] if (self.action_map or {}).get(method) == "attach" else [JSONParser()]

    def _said(self, comment: Comment, ref: str) -> Response:
        shown: dict[str, Any] = CommentSerializer(comment, context={"reference": ref}).data
        return Response(shown, status=status.HTTP_201_CREATED)

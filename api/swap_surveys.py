"""How swaps went: what somebody is asked once their equipment was replaced, and what a batch makes of the answers."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from api.organising import Writing
from api.rows import Named, Shown, code
from assets.batches.models import SwapSurvey
from assets.batches.surveying import RELATED, answer
from servicedesk.tickets.satisfying import SCORES


class ContentSerializer(serializers.Serializer):
    """Of those who were asked at a council, how many answered, and how many of these were content: 4 or 5 of 5. What is
    kept back of another council is null, and `kept_back` says what a page shows in its place."""

    council = serializers.CharField(source="council.code")
    asked = serializers.IntegerField(allow_null=True)
    answered = serializers.IntegerField(allow_null=True)
    content = serializers.IntegerField(allow_null=True)
    kept_back = serializers.CharField(source="mark", allow_blank=True)


class SwapSurveySerializer(Shown):
    """How the swap of one item went: a score, of which 5 is best, and what was said with it."""

    council = code()
    batch = serializers.CharField(source="item.batch.reference")
    asset = Named(source="item.asset")
    replacement = Named(source="item.replacement")

    class Meta:
        model = SwapSurvey
        fields = [
            *(
                "id",
                "council",
                "batch",
                "asset",
                "replacement",
                "swapped_at",
                "asked_at",
                "score",
                "comment",
                "answered_at",
            ),
            "version",
        ]


class SwapAnswerSerializer(serializers.Serializer):
    """What to answer, as it was read at `version`."""

    score = serializers.ChoiceField([(score, words) for score, words in SCORES.items()])
    comment = serializers.CharField(max_length=20_000, required=False, default="", allow_blank=True)
    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1)


class SwapSurveyViewSet(Writing):
    """What one is asked oneself; what came of all together, its batch says."""

    serializer_class = SwapSurveySerializer
    orderings = {"id": ("id", "id")}
    ordering = "-id"

    def rows(self, person) -> QuerySet[SwapSurvey]:
        return SwapSurvey.objects.visible_to(person).filter(person_id=person.pk).select_related(*RELATED)

    @extend_schema(request=SwapAnswerSerializer, responses=SwapSurveySerializer)
    @action(detail=True, methods=["post"])
    def answer(self, request, pk: str) -> Response:
        """Say how it went, or mend that for half a day."""
        row = self.get_object()
        return self.written(lambda: answer(row, by=self.person, **self.given(SwapAnswerSerializer)))

"""The API of the glossary: names and words as they are to be written in what is heard."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import UserAPIView
from core.api.errors import described
from core.api.serializers import validated
from core.errors import CoreCode
from mediakit.text.glossary import MAX_TERM_CHARS, MAX_TERM_WORDS, MAX_TERMS
from videos.transcripts.glossary import replace_terms, terms_of


class GlossarySerializer(serializers.Serializer[Any]):
    """The terms of your library."""

    terms = serializers.ListField(
        child=serializers.CharField(max_length=MAX_TERM_CHARS),
        max_length=MAX_TERMS,
        help_text="Names and words as they are to be written, the most important first; each has at most "
        f"{MAX_TERM_WORDS} words.",
    )


class GlossaryView(UserAPIView):
    """The glossary of the signed-in user."""

    @extend_schema(operation_id="glossary_retrieve", responses=GlossarySerializer)
    def get(self, _request: Request) -> Response:
        """The names and words that speech recognition is told, and that its words are corrected to."""
        return Response({"terms": terms_of(self.user.pk)})

    @extend_schema(
        operation_id="glossary_update",
        request=GlossarySerializer,
        responses={200: GlossarySerializer, 422: described(CoreCode.INVALID_INPUT)},
    )
    def put(self, request: Request) -> Response:
        """Replace the list. What was heard before stays as it is until it is heard again."""
        wanted = validated(GlossarySerializer(data=request.data))
        return Response({"terms": replace_terms(self.user, wanted["terms"])})

"""The API of what finishes Shorts: a person's cards and music, and how a request chooses among them."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import UserAPIView
from core.api.errors import described
from core.api.serializers import ModelSerializer, SecondsField, UtcDateTimeField, validated
from core.errors import CoreCode
from exports.errors import ExportCode
from exports.finish import files
from exports.models import FinishFile
from mediakit.render.finish import CARD_LENGTHS_MS, MUSIC_LEVELS

_NOT_FOUND = described(ExportCode.FINISH_FILE_NOT_FOUND)


class CardSerializer(serializers.Serializer[Any]):
    """A card before or after a Short."""

    file_id = serializers.CharField(max_length=36, help_text="A picture or clip of /finish-files.")
    length_ms = serializers.IntegerField(
        min_value=CARD_LENGTHS_MS[0],
        max_value=CARD_LENGTHS_MS[-1],
        required=False,
        allow_null=True,
        help_text="How long it is shown; without it a clip's own length, and 3 s of a picture.",
    )
    sound = serializers.BooleanField(default=True, help_text="Whether a clip is heard.")


class MusicSerializer(serializers.Serializer[Any]):
    """Music under a Short, lowered while something is heard in it."""

    file_id = serializers.CharField(max_length=36, help_text="Music of /finish-files.")
    level = serializers.ChoiceField(choices=MUSIC_LEVELS, default="medium")


class FinishSerializer(serializers.Serializer[Any]):
    """Intro, outro and music. A part that is not sent stays as in the preset; null is none."""

    intro = CardSerializer(required=False, allow_null=True)
    outro = CardSerializer(required=False, allow_null=True)
    music = MusicSerializer(required=False, allow_null=True)


class FinishFileSerializer(ModelSerializer[FinishFile]):
    """One of my cards or pieces of music."""

    file_id = serializers.UUIDField(source="id", read_only=True)
    duration_s = SecondsField(source="duration_ms", read_only=True)
    created_at = UtcDateTimeField(read_only=True)

    class Meta:
        model = FinishFile
        fields = [
            "file_id",
            "name",
            "kind",
            "duration_s",
            "width",
            "height",
            "size_bytes",
            "created_at",
        ]
        read_only_fields = fields


class FinishUploadSerializer(serializers.Serializer[Any]):
    """A picture, a clip or a piece of music."""

    file = serializers.FileField(
        help_text="PNG, JPEG or WebP up to 8 MB, a clip of 0.5 to 10 s, or music up to 10 min; at most 15 MB."
    )


class FinishFileListView(ListAPIView[FinishFile], UserAPIView):
    """My cards and music."""

    serializer_class = FinishFileSerializer
    queryset = FinishFile.objects.none()  # for the API's description only
    parser_classes = [MultiPartParser]

    def get_queryset(self) -> QuerySet[FinishFile]:
        """The user's own files, by name."""
        return files.files_of(self.user.pk)

    @extend_schema(
        operation_id="finish_files_create",
        request={"multipart/form-data": FinishUploadSerializer},
        responses={
            201: FinishFileSerializer,
            409: described(ExportCode.FINISH_FILE_LIMIT),
            422: described(
                CoreCode.INVALID_INPUT,
                ExportCode.FINISH_FILE_INVALID,
                ExportCode.FINISH_FILE_TOO_LARGE,
                ExportCode.FINISH_FILE_TOO_LONG,
            ),
        },
    )
    def post(self, request: Request) -> Response:
        """Keep a file, up to 30. It is made anew; nothing else of what was sent is kept."""
        upload = validated(FinishUploadSerializer(data=request.data))["file"]
        row = files.save_file(self.user, upload, name=upload.name, size=upload.size)
        return Response(FinishFileSerializer(row).data, status=status.HTTP_201_CREATED)


class FinishFileView(UserAPIView):
    """One of my cards or pieces of music."""

    @extend_schema(
        operation_id="finish_files_retrieve",
        responses={200: FinishFileSerializer, 404: _NOT_FOUND},
    )
    def get(self, _request: Request, file_id: str) -> Response:
        """One file."""
        return Response(FinishFileSerializer(files.get_file(self.user.pk, file_id)).data)

    @extend_schema(
        operation_id="finish_files_destroy",
        responses={
            204: None,
            404: _NOT_FOUND,
            409: described(ExportCode.FINISH_FILE_IN_USE),
        },
    )
    def delete(self, _request: Request, file_id: str) -> Response:
        """Delete a file. Presets that have it lose it; finished Shorts are not touched."""
        files.delete_file(self.user, files.get_file(self.user.pk, file_id))
        return Response(status=status.HTTP_204_NO_CONTENT)

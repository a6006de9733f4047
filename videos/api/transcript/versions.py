"""The API of a video's transcripts: list, add, use, download and delete them."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.api.views import UserAPIView
from core.api.errors import described
from core.api.negotiation import AnyAccept
from core.api.serializers import ModelSerializer, SecondsField, validated
from core.errors import CoreCode
from videos import transcript_services
from videos.api.bodies import body_of
from videos.api.serializers import CaptionsSerializer, VideoSerializer
from videos.api.views import VideoAPIView
from videos.errors import VideoCode
from videos.models import Transcript, Video
from videos.queries import get_transcript, get_video
from videos.transcripts import rows as transcript_rows
from videos.transcripts.download import KINDS, transcript_file

_NO_TRANSCRIPT = described(VideoCode.VIDEO_NOT_FOUND, VideoCode.TRANSCRIPT_NOT_FOUND)
_BUSY = described(CoreCode.CONFLICT, note=": the video is being processed")


class TranscriptSerializer(ModelSerializer[Transcript]):
    """One transcript of a video."""

    filename = serializers.CharField(
        source="label", read_only=True, help_text="Of a captions file; empty otherwise."
    )
    is_in_use = serializers.SerializerMethodField()

    class Meta:
        model = Transcript
        fields = [
            "id",
            "source",
            "language",
            "filename",
            "encoding",
            "cue_count",
            "is_in_use",
            "created_at",
        ]
        read_only_fields = fields

    @extend_schema_field({"type": "boolean"})
    def get_is_in_use(self, transcript: Transcript) -> bool:
        """Whether scenes, search and captions are made from it."""
        video: Video = self.context["video"]
        return transcript.pk == video.transcript_id


class TranscriptListSerializer(serializers.Serializer[Any]):
    """All transcripts of a video, the oldest first."""

    results = TranscriptSerializer(many=True)


class NewTranscriptSerializer(CaptionsSerializer):
    """A captions file that becomes one more transcript."""

    language = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=16,
        default="",
        help_text="The language of the file, e.g. `en`; empty: find out.",
    )


class TranscriptListView(UserAPIView):
    """The transcripts of a video."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="transcripts_list",
        responses={
            200: TranscriptListSerializer,
            404: described(VideoCode.VIDEO_NOT_FOUND),
        },
    )
    def get(self, request: Request, video_id: str) -> Response:
        """All transcripts of a video: what was uploaded, read inside its file, or heard."""
        video = get_video(self.user, video_id)
        rows = {"results": list(transcript_rows.listed(video))}
        return Response(TranscriptListSerializer(rows, context={"video": video}).data)

    @extend_schema(
        operation_id="transcripts_create",
        request={"multipart/form-data": NewTranscriptSerializer},
        responses={
            201: TranscriptSerializer,
            404: described(VideoCode.VIDEO_NOT_FOUND),
            409: described(VideoCode.TRANSCRIPT_EXISTS, VideoCode.TRANSCRIPT_LIMIT_EXCEEDED),
            413: described(VideoCode.CAPTIONS_TOO_LARGE),
            422: described(
                VideoCode.CAPTIONS_INVALID,
                VideoCode.CAPTIONS_UNSUPPORTED,
                VideoCode.TEXT_NEEDS_SPEECH,
            ),
        },
    )
    def post(self, request: Request, video_id: str) -> Response:
        """Add a captions file as one more transcript. The one in use stays in use."""
        video = get_video(self.user, video_id)
        data = validated(NewTranscriptSerializer(data=body_of(request)))
        row = transcript_services.add_transcript(video, **data)
        return Response(
            TranscriptSerializer(row, context={"video": video}).data,
            status=status.HTTP_201_CREATED,
            headers={
                "Location": reverse("api:video-transcript", [video.pk, row.pk], request=request)
            },
        )


class TranscriptView(UserAPIView):
    """One transcript."""

    @extend_schema(
        operation_id="transcript_retrieve",
        responses={200: TranscriptSerializer, 404: _NO_TRANSCRIPT},
    )
    def get(self, request: Request, video_id: str, transcript_id: str) -> Response:
        """Retrieve a transcript without its words."""
        row = get_transcript(self.user, video_id, transcript_id)
        return Response(TranscriptSerializer(row, context={"video": row.video}).data)

    @extend_schema(
        operation_id="transcript_destroy",
        responses={
            204: None,
            404: _NO_TRANSCRIPT,
            409: described(VideoCode.TRANSCRIPT_IN_USE, CoreCode.CONFLICT),
        },
    )
    def delete(self, request: Request, video_id: str, transcript_id: str) -> Response:
        """Delete a transcript that is not in use."""
        row = get_transcript(self.user, video_id, transcript_id)
        transcript_services.delete_transcript(row.video, row)
        return Response(status=status.HTTP_204_NO_CONTENT)


class TranscriptUseView(VideoAPIView):
    """Which transcript is used."""

    @extend_schema(
        operation_id="transcript_use",
        request=None,
        responses={202: VideoSerializer, 404: _NO_TRANSCRIPT, 409: _BUSY},
    )
    def post(self, request: Request, video_id: str, transcript_id: str) -> HttpResponse:
        """Build scenes, search and captions from this transcript; the present ones stay until then."""
        row = get_transcript(self.user, video_id, transcript_id)
        video = transcript_services.use_transcript(row.video, row)
        return self.video_response(video, status_code=status.HTTP_202_ACCEPTED)


class RangeToHearSerializer(serializers.Serializer[Any]):
    """A range of the video."""

    start_s = SecondsField()
    end_s = SecondsField()
    language = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=16,
        default="",
        help_text="What is spoken there, e.g. `en`; empty: the video's language, or find out.",
    )


class TranscriptHearView(VideoAPIView):
    """Speech recognition of a range."""

    @extend_schema(
        operation_id="video_hear",
        request=RangeToHearSerializer,
        responses={
            202: VideoSerializer,
            404: described(VideoCode.VIDEO_NOT_FOUND, VideoCode.NO_TRANSCRIPT),
            409: _BUSY,
            422: described(CoreCode.INVALID_INPUT, VideoCode.NO_SOUND),
            503: described(VideoCode.SPEECH_MODEL_MISSING),
        },
    )
    def post(self, request: Request, video_id: str) -> HttpResponse:
        """Hear a range again. What is heard replaces the words there; the others keep their times."""
        data = validated(RangeToHearSerializer(data=request.data))
        video = transcript_services.hear_again(
            get_video(self.user, video_id),
            start_ms=data["start_s"],
            end_ms=data["end_s"],
            language=data["language"],
        )
        return self.video_response(video, status_code=status.HTTP_202_ACCEPTED)


class TranscriptFileView(UserAPIView):
    """A transcript as a file."""

    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="transcript_download",
        parameters=[],
        responses={
            **{(200, kind.content_type): OpenApiTypes.STR for kind in KINDS.values()},
            404: _NO_TRANSCRIPT,
        },
    )
    def get(
        self, request: HttpRequest, video_id: str, transcript_id: str, kind: str
    ) -> HttpResponseBase:
        """The whole transcript as it was read or heard: `srt`, `vtt` or `txt`."""
        return transcript_file(get_transcript(self.user, video_id, transcript_id), kind)

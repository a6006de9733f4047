"""Cut lists for video editors: of one clip, or of all clips, suggestions or scenes of a video."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request

from accounts.api.views import UserAPIView
from core.api.errors import described
from core.api.negotiation import AnyAccept
from core.api.serializers import validated
from core.errors import CoreCode
from videos.clips.cut_lists import KINDS, CutsOf, cut_list_file
from videos.clips.queries import get_clip
from videos.errors import VideoCode
from videos.queries import get_video

# What every cut list's endpoint has.
KIND = OpenApiParameter(
    "kind", str, OpenApiParameter.PATH, enum=list(KINDS), description="The kind of file."
)
FILES = {(200, kind.content_type): OpenApiTypes.STR for kind in KINDS.values()}
ERRORS = (VideoCode.CUT_LIST_UNKNOWN, VideoCode.CUT_LIST_EMPTY)
NOT_READY = described(CoreCode.CONFLICT, note=": the video is not ready")


class CutListQuerySerializer(serializers.Serializer[Any]):
    """What a cut list is made of."""

    of = serializers.ChoiceField(
        choices=[(of.value, of.value) for of in CutsOf],
        default=CutsOf.CLIPS.value,
        help_text="`clips`, `suggestions` that were not dismissed, or `scenes`.",
    )


class ClipCutListView(UserAPIView):
    """A cut list of a clip."""

    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="clip_cut_list",
        parameters=[KIND],
        responses={
            **FILES,
            404: described(VideoCode.CLIP_NOT_FOUND, *ERRORS),
            409: NOT_READY,
        },
    )
    def get(self, _request: Request, clip_id: str, kind: str) -> HttpResponse:
        """The clip as a file for a video editor, exact to the frame; it names the source by its file name."""
        clip = get_clip(self.user, clip_id)
        return cut_list_file(clip.video, kind, clip)


class VideoCutListView(UserAPIView):
    """A cut list of a video."""

    content_negotiation_class = AnyAccept

    @extend_schema(
        operation_id="video_cut_list",
        parameters=[KIND, CutListQuerySerializer],
        responses={
            **FILES,
            404: described(VideoCode.VIDEO_NOT_FOUND, *ERRORS),
            409: NOT_READY,
            422: described(CoreCode.INVALID_INPUT),
        },
    )
    def get(self, request: Request, video_id: str, kind: str) -> HttpResponse:
        """All clips, suggestions or scenes of a video as one file for a video editor."""
        video = get_video(self.user, video_id)
        query = validated(CutListQuerySerializer(data=request.query_params))
        return cut_list_file(video, kind, CutsOf(query["of"]))

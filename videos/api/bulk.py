"""The API of what is done to several videos at once, and of their tags."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import UserAPIView
from core.api.errors import described
from core.api.serializers import validated
from core.errors import CoreCode
from videos import services
from videos.library import deletion, tags
from videos.models import MAX_TAG_CHARS
from videos.queries import MAX_TOGETHER

_REFUSED = {422: described(CoreCode.INVALID_INPUT)}


class VideoIdsSerializer(serializers.Serializer[Any]):
    """Several videos. Ids of videos that are not yours count as missing, and are left out."""

    videos = serializers.ListField(
        child=serializers.UUIDField(),
        allow_empty=False,
        max_length=MAX_TOGETHER,
        help_text=f"Ids of 1 to {MAX_TOGETHER} videos.",
    )


class TagNamesField(serializers.ListField):
    """Names of tags."""

    child = serializers.CharField(max_length=MAX_TAG_CHARS)

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=tags.MAX_TAGS_OF_VIDEO, required=False, **options)


class TagChangesSerializer(VideoIdsSerializer):
    """Tags to add to all of the videos, and to remove from all of them."""

    add = TagNamesField(help_text="Case and accents make no other tag.")
    remove = TagNamesField()


class TagSerializer(serializers.Serializer[Any]):
    """One of your tags."""

    name = serializers.CharField()
    videos = serializers.IntegerField(help_text="How many of your videos have it.")


class TagListSerializer(serializers.Serializer[Any]):
    """Your tags in the order of the alphabet."""

    results = TagSerializer(many=True)


class TagRenameSerializer(serializers.Serializer[Any]):
    """A tag and its new name."""

    name = serializers.CharField(max_length=MAX_TAG_CHARS)
    new_name = serializers.CharField(max_length=MAX_TAG_CHARS)


class CountSerializer(serializers.Serializer[Any]):
    """How many videos were changed."""

    changed = serializers.IntegerField()


class DeletedSerializer(VideoIdsSerializer):
    """The videos that are deleted."""

    undo_s = serializers.IntegerField(help_text="For so many seconds they can be restored.")


class ManyReprocessSerializer(VideoIdsSerializer):
    """The videos to process again, and how."""

    language = serializers.CharField(
        max_length=16,
        required=False,
        allow_blank=True,
        help_text="The spoken language of all of them; empty to find out. Without it each keeps its own.",
    )


class RefusedSerializer(serializers.Serializer[Any]):
    """A video that is left as it is."""

    id = serializers.UUIDField()
    error_code = serializers.CharField()
    message = serializers.CharField()


class ManyReprocessedSerializer(serializers.Serializer[Any]):
    """Which videos are processed again."""

    accepted = serializers.ListField(child=serializers.UUIDField())
    refused = RefusedSerializer(many=True)


class TagListView(UserAPIView):
    """The tags of the signed-in user."""

    @extend_schema(operation_id="tag_list", responses=TagListSerializer)
    def get(self, _request: Request) -> Response:
        """Your tags, with the number of videos that have each."""
        found = [count._asdict() for count in tags.tags_of_person(self.user.pk)]
        return Response({"results": found})


class TagRenameView(UserAPIView):
    """Another name for a tag."""

    @extend_schema(
        operation_id="tag_rename",
        request=TagRenameSerializer,
        responses={200: CountSerializer, **_REFUSED},
    )
    def post(self, request: Request) -> Response:
        """Rename one of your tags on all videos. With the name of another tag the two become one."""
        asked = validated(TagRenameSerializer(data=request.data))
        change = tags.rename_tag(self.user, asked["name"], asked["new_name"])
        return Response({"changed": change.video_count})


class VideoTagsView(UserAPIView):
    """Tags of several videos."""

    @extend_schema(
        operation_id="video_tags",
        request=TagChangesSerializer,
        responses={200: CountSerializer, **_REFUSED},
    )
    def post(self, request: Request) -> Response:
        """Add tags to several videos, and remove others."""
        asked = validated(TagChangesSerializer(data=request.data))
        change = tags.change_tags(
            self.user, asked["videos"], add=asked.get("add", ()), remove=asked.get("remove", ())
        )
        return Response({"changed": change.video_count})


class VideosDeleteView(UserAPIView):
    """Deleting several videos."""

    @extend_schema(
        operation_id="videos_delete",
        request=VideoIdsSerializer,
        responses={200: DeletedSerializer, **_REFUSED},
    )
    def post(self, request: Request) -> Response:
        """Delete several videos; their exports stay. It can be undone for a while."""
        asked = validated(VideoIdsSerializer(data=request.data))
        hidden = deletion.hide_videos(self.user, asked["videos"])
        return Response({"videos": hidden, "undo_s": deletion.UNDO_S})


class VideosRestoreView(UserAPIView):
    """Undoing a deletion."""

    @extend_schema(
        operation_id="videos_restore",
        request=VideoIdsSerializer,
        responses={200: CountSerializer, **_REFUSED},
    )
    def post(self, request: Request) -> Response:
        """Bring back videos that were deleted together a moment ago."""
        asked = validated(VideoIdsSerializer(data=request.data))
        return Response({"changed": deletion.restore_videos(self.user, asked["videos"])})


class VideosReprocessView(UserAPIView):
    """Processing several videos again."""

    @extend_schema(
        operation_id="videos_reprocess",
        request=ManyReprocessSerializer,
        responses={202: ManyReprocessedSerializer, **_REFUSED},
    )
    def post(self, request: Request) -> Response:
        """Build the transcripts and scenes of several videos again. What cannot be is named with its reason."""
        asked = validated(ManyReprocessSerializer(data=request.data))
        done = services.reprocess_videos(self.user, asked["videos"], language=asked.get("language"))
        return Response(_reprocessed(done), status=status.HTTP_202_ACCEPTED)


def _reprocessed(done: services.ReprocessedVideos) -> Mapping[str, Any]:
    refused = [
        {"id": video_id, "error_code": error.code.name, "message": error.message}
        for video_id, error in done.refused.items()
    ]
    return {"accepted": done.accepted, "refused": refused}

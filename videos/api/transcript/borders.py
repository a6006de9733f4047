"""The API of borders: lines and scenes that a person split or joined."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import UserAPIView
from accounts.models import User
from core.api.errors import described
from core.api.serializers import SecondsField, validated
from core.errors import CoreCode
from videos.api.transcript.corrections import EditSerializer
from videos.api.transcript.cues import CuePagination
from videos.choices import BorderKind
from videos.corrections import borders
from videos.corrections.borders import LineChange
from videos.errors import VideoCode
from videos.models import BorderEdit, Video
from videos.queries import get_video

_NEEDED = {
    BorderKind.SPLIT_LINE: ("line", "text", "start"),
    BorderKind.JOIN_LINES: ("line", "text"),
    BorderKind.JOIN_SCENES: ("scene_id",),
}


class BorderSerializer(EditSerializer[BorderEdit]):
    """A border of lines or scenes that a person set or took away."""

    at_s = SecondsField(source="at_ms")

    class Meta:
        model = BorderEdit
        fields = [
            *("id", "kind", "at_s", "before", "after", "made_by", "created_at"),
            *("problem", "problem_message"),
        ]
        read_only_fields = fields


class NewBorderSerializer(serializers.Serializer[Any]):
    """What is split or joined.

    `split_line` takes `line`, `text` and `start`, `join_lines` takes `line` and `text`, `join_scenes` takes `scene_id`,
    and `split_scene` takes `at_s`, or `line`, `text` and `start`.
    """

    id = serializers.UUIDField(
        required=False, help_text="The id that it gets, so that sending it twice makes one."
    )
    kind = serializers.ChoiceField(choices=BorderKind.choices)
    line = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=1_000_000,
        help_text="The line's `index` in `cues`; `join_lines` joins it with the next one.",
    )
    text = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=100_000,
        trim_whitespace=False,
        help_text="The line's text as it was seen, so that another one's change is not overwritten.",
    )
    start = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=100_000,
        help_text="The character of the text, counted from 0: the new line or scene begins with the word there.",
    )
    at_s = SecondsField(
        required=False,
        min_value=0,
        help_text="Where the new scene begins: with the line that begins nearest, if there are lines.",
    )
    scene_id = serializers.UUIDField(
        required=False, help_text="The scene that is joined with the next one."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Each kind needs its own fields."""
        kind = BorderKind(attrs["kind"])
        needed = _NEEDED.get(kind) or (("line", "text", "start") if "line" in attrs else ("at_s",))
        required = self.fields["id"].error_messages["required"]
        missing = {name: [required] for name in needed if name not in attrs}
        if missing:
            raise serializers.ValidationError(missing)
        return attrs


class BorderListView(UserAPIView, ListAPIView[BorderEdit]):
    """The borders of a video that people changed."""

    serializer_class = BorderSerializer
    pagination_class = CuePagination
    filter_backends = []
    queryset = BorderEdit.objects.none()  # for the API's description only

    def get_queryset(self) -> QuerySet[BorderEdit]:
        """The borders of the user's own video."""
        return borders.listed(self._video())

    @extend_schema(
        operation_id="borders_list",
        responses={200: BorderSerializer(many=True), 404: described(VideoCode.VIDEO_NOT_FOUND)},
    )
    def get(self, *args: Any, **kwargs: Any) -> Response:
        """Which lines and scenes were split and joined by hand, the earliest first."""
        return self.list(*args, **kwargs)

    @extend_schema(
        operation_id="borders_create",
        request=NewBorderSerializer,
        responses={
            201: BorderSerializer,
            404: described(
                VideoCode.VIDEO_NOT_FOUND, VideoCode.LINE_NOT_FOUND, VideoCode.SCENE_NOT_FOUND
            ),
            409: described(VideoCode.LINE_CHANGED, VideoCode.CORRECTION_LIMIT, CoreCode.CONFLICT),
            422: described(CoreCode.INVALID_INPUT),
        },
    )
    def post(self, request: Request, video_id: str) -> Response:
        """Split or join lines or scenes. Captions, search and downloads follow; a new transcript gets it again."""
        video = self._video()
        data = validated(NewBorderSerializer(data=request.data))
        edit = made(self.user, video, data)
        return Response(BorderSerializer(edit).data, status=status.HTTP_201_CREATED)

    def _video(self) -> Video:
        return get_video(self.user, self.kwargs["video_id"])


def made(user: User, video: Video, data: dict[str, Any]) -> BorderEdit:
    """Do what a valid `NewBorderSerializer` says."""
    kind = BorderKind(data["kind"])
    key: UUID | None = data.get("id")
    change = (
        LineChange(data["line"], data.get("text", ""), data.get("start", 0))
        if "line" in data
        else None
    )
    if kind == BorderKind.JOIN_SCENES:
        return borders.join_scenes(user, video, data["scene_id"], key=key)
    if kind == BorderKind.SPLIT_SCENE:
        at_ms = data.get("at_s")
        return borders.split_scene(user, video, at_ms=at_ms, change=change, key=key)
    assert change is not None  # noqa: S101 - `NewBorderSerializer.validate`
    act = borders.split_line if kind == BorderKind.SPLIT_LINE else borders.join_lines
    return act(user, video, change, key=key)


class BorderView(UserAPIView):
    """One border."""

    @extend_schema(
        operation_id="border_destroy",
        responses={
            204: None,
            404: described(VideoCode.VIDEO_NOT_FOUND, VideoCode.CORRECTION_NOT_FOUND),
        },
    )
    def delete(self, request: Request, video_id: str, border_id: str) -> Response:
        """Undo what was split or joined; the others count as if it had never been."""
        borders.undo_border(get_video(self.user, video_id), border_id)
        return Response(status=status.HTTP_204_NO_CONTENT)

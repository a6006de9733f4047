"""Tightening a clip through the API: seen first, then taken."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core.api.errors import described
from core.api.serializers import SecondsField, validated
from core.errors import CoreCode
from exports.api.clips import ClipSerializer
from exports.api.views import ExportAPIView
from mediakit.tightening.tighten import CutKind, Speed, TightCut
from videos.clips.queries import get_clip
from videos.clips.tightening import suggested_cuts, tighten_clip
from videos.errors import VideoCode

SPEEDS = [(speed.value, speed.value) for speed in Speed]
KINDS = [(kind.value, kind.value) for kind in CutKind]
_SPEED_HELP = (
    "Which pauses are shortened: `calm` those over 0.6 s (to 0.3 s), `brisk` those over 0.2 s (to 0.14 s), "
    "`fast` those over 0.1 s (to 0.08 s)."
)


class TightCutSerializer(serializers.Serializer[Any]):
    """Something that may go."""

    kind = serializers.ChoiceField(
        choices=KINDS, help_text="Why: a pause, a filler word, or a start that is said again."
    )
    start_s = SecondsField(source="start_ms")
    end_s = SecondsField(source="end_ms")
    saved_s = SecondsField(source="saved_ms", help_text="How much shorter the clip gets.")
    whole_s = SecondsField(source="whole_ms", help_text="The length of the pause it is taken from.")
    text = serializers.CharField(help_text="The words that go; empty for a pause.")


class TightTotalSerializer(serializers.Serializer[Any]):
    """All of one kind."""

    kind = serializers.ChoiceField(choices=KINDS)
    count = serializers.IntegerField()
    saved_s = SecondsField(source="saved_ms")


class TighteningSerializer(serializers.Serializer[Any]):
    """What may go from a clip."""

    version = serializers.IntegerField(help_text="The clip's version that it was found in.")
    cuts = TightCutSerializer(many=True)
    totals = TightTotalSerializer(many=True)


class SpeedSerializer(serializers.Serializer[Any]):
    """How tight a clip is to get."""

    speed = serializers.ChoiceField(choices=SPEEDS, default=Speed.CALM.value, help_text=_SPEED_HELP)


class TightenRequestSerializer(SpeedSerializer):
    """A request to take out what may go."""

    version = serializers.IntegerField(min_value=1, help_text="The version the clip has now.")
    kinds = serializers.ListField(
        child=serializers.ChoiceField(choices=KINDS),
        required=False,
        max_length=len(KINDS),
        help_text="What goes; all kinds when it is left out.",
    )


class ClipTightenView(ExportAPIView):
    """What may go from a clip: pauses, filler words, repeated starts."""

    @extend_schema(
        operation_id="clip_tightening",
        parameters=[OpenApiParameter("speed", enum=list(Speed), description=_SPEED_HELP)],
        responses={
            200: TighteningSerializer,
            404: described(VideoCode.CLIP_NOT_FOUND),
            409: described(VideoCode.SOUND_NOT_MEASURED),
            422: described(CoreCode.INVALID_INPUT, VideoCode.NO_SOUND),
        },
    )
    def get(self, request: Request, clip_id: str) -> Response:
        """Retrieve what may go, with times and reasons. Nothing is changed."""
        clip = get_clip(self.user, clip_id)
        speed = Speed(validated(SpeedSerializer(data=request.query_params))["speed"])
        cuts = suggested_cuts(clip, speed=speed)
        found = {"version": clip.version, "cuts": cuts, "totals": _totals(cuts)}
        return Response(TighteningSerializer(found).data)

    @extend_schema(
        operation_id="clip_tighten",
        request=TightenRequestSerializer,
        responses={
            200: ClipSerializer,
            404: described(VideoCode.CLIP_NOT_FOUND),
            409: described(
                VideoCode.CLIP_CHANGED,
                VideoCode.SOUND_NOT_MEASURED,
                note="; with the newer state in `details.clip` where it was changed",
            ),
            422: described(CoreCode.INVALID_INPUT, VideoCode.NO_SOUND),
        },
    )
    def post(self, request: Request, clip_id: str) -> Response:
        """Take out all that may go, as a new version; `restore` brings the one before back."""
        data = validated(TightenRequestSerializer(data=request.data))
        clip = tighten_clip(
            self.user,
            clip_id,
            speed=Speed(data["speed"]),
            kinds={CutKind(kind) for kind in data.get("kinds", list(CutKind))},
            based_on=data["version"],
        )
        return Response(ClipSerializer(clip).data)


def _totals(cuts: Sequence[TightCut]) -> list[dict[str, Any]]:
    by_kind = {kind: [cut.saved_ms for cut in cuts if cut.kind == kind] for kind in CutKind}
    return [
        {"kind": kind, "count": len(saved), "saved_ms": sum(saved)}
        for kind, saved in by_kind.items()
    ]

"""How a request overrides `smart_crop`: for single shots, and for all shots of a kind."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from exports import policy
from exports.framing.options import MAX_OVERRIDES, TILES
from mediakit.framing.crop_plan import LAYOUTS, PAIR_LAYOUTS, PUNCH_INS
from mediakit.framing.planning.parts.inset_parts import MAX_PERSON_SHARE, MIN_PERSON_SHARE


class ChoiceField(serializers.ChoiceField):
    """A choice whose error message lists the valid choices."""

    def to_internal_value(self, data: Any) -> str:
        """The choice itself."""
        try:
            return str(super().to_internal_value(data))
        except serializers.ValidationError:
            raise serializers.ValidationError(
                policy.invalid_choice_text(list(self.choices)), code="invalid_choice"
            ) from None


@extend_schema_serializer(component_name="ShotWish")  # its name in generated clients
class ShotOverrideSerializer(serializers.Serializer[Any]):
    """Overrides for the shot that is on screen at a time; they take precedence over what was detected.

    At least one of layout, focus, box and tiles.
    """

    at_s = serializers.FloatField(
        min_value=0,
        help_text="A time of the shot, in seconds of the video, not the Short. Outside the range it changes nothing.",
    )
    layout = ChoiceField(
        choices=LAYOUTS,
        required=False,
        allow_null=True,
        help_text="`crop` follows or holds, `stack` gives two to four people a part each, `fit` shows all"
        " on a blurred copy, `inset` shows the content above and below it the person of a small picture that lies on"
        " it: the one that was found, or the box.",
    )
    focus = serializers.ListField(
        child=serializers.FloatField(min_value=0, max_value=1),
        min_length=2,
        max_length=2,
        required=False,
        allow_null=True,
        help_text="A point to keep in the middle: shares of the picture's width and height from its top left corner.",
    )
    box = serializers.ListField(
        child=serializers.FloatField(min_value=0, max_value=1),
        min_length=4,
        max_length=4,
        required=False,
        allow_null=True,
        help_text="A part to keep in sight, or with `inset` the small picture: left, top, width, height as shares of"
        " the picture.",
    )
    tiles = serializers.ListField(
        child=serializers.ListField(
            child=serializers.FloatField(min_value=0, max_value=1), min_length=4, max_length=4
        ),
        min_length=TILES[0],
        max_length=TILES[1],
        required=False,
        allow_null=True,
        help_text="Two to four boxes, one for each part of a `stack`: each part is the smallest that holds its box.",
    )


class FramingDefaultsSerializer(serializers.Serializer[Any]):
    """What `smart_crop` does in all shots of a kind."""

    two_people = ChoiceField(
        choices=PAIR_LAYOUTS,
        required=False,
        help_text=(
            "People too far apart for one window: `auto` (the default) follows who speaks where that is clear and else "
            "gives each a part (`stack`); `fit`, `stack`, or `crop` to follow one at a time in any case."
        ),
    )
    person_share = serializers.FloatField(
        min_value=MIN_PERSON_SHARE,
        max_value=MAX_PERSON_SHARE,
        required=False,
        allow_null=True,
        help_text="How much of the height the person of an `inset` has; without it what the content above leaves, as"
        " with `null`, which says so also where a preset has a share.",
    )
    mark_speaker = serializers.BooleanField(
        required=False,
        help_text="Draw a frame around the part of a `stack` that shows who speaks, where that is clear; false says no"
        " also where a preset says yes.",
    )
    punch_ins = serializers.ListField(
        child=ChoiceField(choices=PUNCH_INS),
        max_length=len(PUNCH_INS),
        required=False,
        help_text="Closer for a while: at `joins` of what was left out, for `emphasis` of the voice; `[]` for nothing,"
        " also where a preset has some.",
    )


class FramingSerializer(FramingDefaultsSerializer):
    """Overrides of `smart_crop`."""

    shots = ShotOverrideSerializer(many=True, required=False, help_text=f"Up to {MAX_OVERRIDES}.")

"""The API of captions: caption styles, saved presets, logos, and the caption files of an export."""

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import UserAPIView
from core.api.errors import described
from core.api.negotiation import AnyAccept
from core.api.serializers import ModelSerializer, UtcDateTimeField, validated
from core.errors import CoreCode, HeimdexError
from exports import queries
from exports.api.finish_files import FinishSerializer
from exports.api.framing import FramingDefaultsSerializer
from exports.captions import presets, styles
from exports.captions.download import caption_file
from exports.choices import CaptionStyleName
from exports.errors import ExportCode
from exports.framing.options import parse_options
from exports.models import CaptionPreset
from mediakit.captions import caption_style, fonts
from mediakit.captions.logo import MAX_BYTES

_COLOR = r"^#[0-9a-fA-F]{6}$"
_NOT_FOUND = described(ExportCode.PRESET_NOT_FOUND)
_INVALID = described(CoreCode.INVALID_INPUT)
_TAKEN = described(ExportCode.PRESET_NAME_TAKEN, ExportCode.PRESET_LIMIT)


class StyleSerializer(serializers.Serializer[Any]):
    """A caption style. Each field changes the preset's value."""

    preset = serializers.ChoiceField(choices=CaptionStyleName.choices, required=False)
    font = serializers.ChoiceField(choices=fonts.FONT_CHOICES, required=False)
    size = serializers.IntegerField(
        min_value=caption_style.FONT_SIZES_PX[0],
        max_value=caption_style.FONT_SIZES_PX[-1],
        required=False,
        help_text="Of the letters, in pixels of 1080x1920.",
    )
    color = serializers.RegexField(_COLOR, required=False, help_text="Of the words: #rrggbb.")
    accent = serializers.RegexField(_COLOR, required=False, help_text="Of what stands out.")
    edge = serializers.RegexField(_COLOR, required=False, help_text="Of outline or box.")
    position = serializers.ChoiceField(choices=caption_style.POSITIONS, required=False)
    height = serializers.IntegerField(
        min_value=0,
        max_value=100,
        required=False,
        help_text='Where their middle lies, in percent from the top, with the position "custom".',
    )
    words = serializers.IntegerField(
        min_value=0,
        max_value=caption_style.WORDS_PER_LINE[-1],
        required=False,
        help_text="In a line; 0: what fits.",
    )
    upper_case = serializers.BooleanField(required=False)
    emoji = serializers.BooleanField(required=False)


class OverlaysSerializer(serializers.Serializer[Any]):
    """Overlays besides captions: a title for the first seconds, a progress bar, a logo."""

    hook = serializers.CharField(
        max_length=caption_style.MAX_HOOK_CHARS, required=False, allow_blank=True
    )
    hook_ms = serializers.IntegerField(
        min_value=caption_style.HOOK_DURATIONS_MS[0],
        max_value=caption_style.HOOK_DURATIONS_MS[-1],
        required=False,
    )
    progress = serializers.BooleanField(required=False)
    progress_color = serializers.RegexField(_COLOR, required=False)
    logo = serializers.RegexField(
        r"^[0-9a-f]{1,64}$", required=False, allow_blank=True, help_text="As /logos answered."
    )
    logo_corner = serializers.ChoiceField(choices=caption_style.CORNERS, required=False)
    logo_opacity = serializers.IntegerField(
        min_value=caption_style.LOGO_OPACITIES_PERCENT[0],
        max_value=caption_style.LOGO_OPACITIES_PERCENT[-1],
        required=False,
    )
    logo_width = serializers.IntegerField(
        min_value=caption_style.LOGO_WIDTHS_PX[0],
        max_value=caption_style.LOGO_WIDTHS_PX[-1],
        required=False,
    )


class PresetSerializer(ModelSerializer[CaptionPreset]):
    """A saved preset."""

    preset_id = serializers.UUIDField(source="id", read_only=True)
    style = StyleSerializer()  # type: ignore[assignment]
    overlays = OverlaysSerializer(required=False)
    finish = FinishSerializer(required=False)
    framing = FramingDefaultsSerializer(required=False)
    created_at = UtcDateTimeField(read_only=True)

    class Meta:
        model = CaptionPreset
        fields = [
            *("preset_id", "name", "style", "overlays", "finish", "framing"),
            *("is_default", "created_at"),
        ]


class BuiltInSerializer(serializers.Serializer[Any]):
    """A preset that comes with Heimdex."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    style = StyleSerializer()  # type: ignore[assignment]


class PresetListSerializer(serializers.Serializer[Any]):
    """All presets that an export can use."""

    built_in = BuiltInSerializer(many=True)
    saved = PresetSerializer(many=True)


class LogoUploadSerializer(serializers.Serializer[Any]):
    """A picture."""

    file = serializers.FileField(help_text="PNG, JPEG or WebP, at most 4 MB.")


class LogoSerializer(serializers.Serializer[Any]):
    """The name of an uploaded logo, for the overlays of an export or preset."""

    logo = serializers.CharField()


class PresetListView(UserAPIView):
    """Presets that come with Heimdex, and my own."""

    @extend_schema(operation_id="caption_presets_list", responses=PresetListSerializer)
    def get(self, request: Request) -> Response:
        """All presets whose name or id `captions` of an export may be."""
        built_in = [
            {"name": name, "label": label, "style": caption_style.PRESETS[name].to_json()}
            for name, label in CaptionStyleName.choices
        ]
        saved = styles.presets_for(self.user.pk)
        return Response(PresetListSerializer({"built_in": built_in, "saved": saved}).data)

    @extend_schema(
        operation_id="caption_presets_create",
        request=PresetSerializer,
        responses={201: PresetSerializer, 409: _TAKEN, 422: _INVALID},
    )
    def post(self, request: Request) -> Response:
        """Save a preset."""
        data = validated(PresetSerializer(data=request.data))
        style = styles.resolve_style(
            self.user.pk,
            data["style"].get("preset", caption_style.OUTLINE),
            style=data["style"],
            overlays=data.get("overlays"),
            finish=data.get("finish"),
        )
        preset = presets.save_preset(
            self.user,
            name=data["name"],
            style=replace(style, framing=parse_options(data.get("framing"))),
            is_default=data.get("is_default", False),
        )
        return Response(PresetSerializer(preset).data, status=status.HTTP_201_CREATED)


class PresetView(UserAPIView):
    """One of my presets."""

    @extend_schema(
        operation_id="caption_presets_retrieve", responses={200: PresetSerializer, 404: _NOT_FOUND}
    )
    def get(self, request: Request, preset_id: str) -> Response:
        """One preset."""
        return Response(PresetSerializer(styles.get_preset(self.user.pk, preset_id)).data)

    @extend_schema(
        operation_id="caption_presets_update",
        request=PresetSerializer,
        responses={200: PresetSerializer, 404: _NOT_FOUND, 409: _TAKEN, 422: _INVALID},
    )
    def patch(self, request: Request, preset_id: str) -> Response:
        """Change a preset; fields that are not sent stay."""
        preset = styles.get_preset(self.user.pk, preset_id)
        data = validated(PresetSerializer(data=request.data, partial=True))
        parts = (data.get(name, {}) for name in ("style", "overlays", "finish", "framing"))
        changed = presets.changed_style(preset, *parts)
        preset = presets.save_preset(
            self.user,
            name=data.get("name", preset.name),
            style=changed,
            is_default=data.get("is_default", preset.is_default),
            preset=preset,
        )
        return Response(PresetSerializer(preset).data)

    @extend_schema(operation_id="caption_presets_destroy", responses={204: None, 404: _NOT_FOUND})
    def delete(self, request: Request, preset_id: str) -> Response:
        """Delete a preset; exports made with it are not touched."""
        presets.delete_preset(styles.get_preset(self.user.pk, preset_id))
        return Response(status=status.HTTP_204_NO_CONTENT)


class LogoView(UserAPIView):
    """Pictures for the corner of a Short."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="logos_create",
        request={"multipart/form-data": LogoUploadSerializer},
        responses={
            201: LogoSerializer,
            422: described(
                CoreCode.INVALID_INPUT, ExportCode.LOGO_INVALID, ExportCode.LOGO_TOO_LARGE
            ),
        },
    )
    def post(self, request: Request) -> Response:
        """Upload a logo. It is drawn anew, small; nothing else of the file is kept."""
        upload = validated(LogoUploadSerializer(data=request.data))["file"]
        if upload.size > MAX_BYTES:
            raise HeimdexError(ExportCode.LOGO_TOO_LARGE)
        logo = presets.save_logo(self.user, upload.read())
        return Response(LogoSerializer({"logo": logo}).data, status=status.HTTP_201_CREATED)


class LogoItemView(UserAPIView):
    """One uploaded logo."""

    @extend_schema(
        operation_id="logos_destroy",
        responses={
            204: None,
            404: described(ExportCode.LOGO_NOT_FOUND),
            409: described(CoreCode.CONFLICT, note=": an export with it waits or runs"),
        },
    )
    def delete(self, _request: Request, logo: str) -> Response:
        """Delete a logo. Presets that have it lose it; finished exports are not touched."""
        presets.delete_logo(self.user, logo)
        return Response(status=status.HTTP_204_NO_CONTENT)


class CaptionFileView(UserAPIView):
    """The words of an export."""

    content_negotiation_class = AnyAccept  # the URL names the format

    @extend_schema(
        operation_id="export_captions",
        responses={
            (200, "application/x-subrip"): OpenApiTypes.STR,
            (200, "text/vtt"): OpenApiTypes.STR,
            (200, "text/plain"): OpenApiTypes.STR,
            404: described(ExportCode.EXPORT_NOT_FOUND, ExportCode.NO_CAPTIONS),
        },
    )
    def get(self, request: Request, export_id: str, kind: str) -> HttpResponse:
        """What is said in exactly the exported range, timed from its start, as SRT, VTT or plain text."""
        return caption_file(queries.get_export(self.user, export_id), kind)

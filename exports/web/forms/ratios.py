"""The choice of aspect ratios in the dialogs: each with its size and the platforms that it suits."""

from collections.abc import Collection
from typing import Any

from exports.choices import AspectRatio
from exports.downloads.filenames import ratio_text
from exports.framing.options import output_format_of
from mediakit.conformance.platforms import platforms_for
from mediakit.framing.output_format import OutputFormat
from videos.models import Video


def ratio_options(video: Video, chosen: Collection[str]) -> list[dict[str, Any]]:
    """The aspect ratios for a template; `chosen` are ticked. Only a probed video has one of its own."""
    found = []
    for value, label in AspectRatio.choices:
        if value == AspectRatio.AS_SOURCE and not video.probe:
            continue
        output = output_format_of(video, value)
        found.append(
            {
                "value": value,
                "label": label,
                "shape": ratio_text(value),
                "width": output.size.width,
                "height": output.size.height,
                "is_full_screen": output.is_full_screen,
                "hint": _hint(output),
                "checked": value in chosen,
            }
        )
    return found


def _hint(output: OutputFormat) -> str:
    """`1080 × 1350 · Instagram, LinkedIn`."""
    names = ", ".join(platform.label for platform in platforms_for(output.size))
    size = f"{output.size.width} × {output.size.height}"
    return f"{size} · {names}" if names else size

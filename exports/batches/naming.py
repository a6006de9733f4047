"""Names of the files of a batch, made from a template such as `{title}_{nn}_{start}`."""

import re
from collections.abc import Sequence

from core.errors import HeimdexError
from exports.downloads.filenames import clock_text, ratio_text, safe_name
from exports.errors import ExportCode
from exports.models import Export

DEFAULT_TEMPLATE = "{nn} {title}"
# Where the files of a batch differ in their aspect ratio.
RATIOS_TEMPLATE = "{nn} {title} {ratio}"
MAX_TEMPLATE_CHARS = 200
MAX_STEM_BYTES = 180
FIELDS = ("title", "video", "nn", "start", "end", "ratio")
_FIELD = re.compile(r"\{([^{}]*)\}")


def check_template(template: str, *, ratios: int = 1) -> str:
    """Return the template; for an empty one the default, which names the ratio where there are several `ratios`.

    Raises FILE_NAMES_INVALID for an unknown field, a brace that is not closed, or more than MAX_TEMPLATE_CHARS.
    """
    template = template.strip() or (RATIOS_TEMPLATE if ratios > 1 else DEFAULT_TEMPLATE)
    fields = _FIELD.findall(template)
    rest = _FIELD.sub("", template)
    is_known = set(fields) <= set(FIELDS) and not {"{", "}"} & set(rest)
    if not is_known or len(template) > MAX_TEMPLATE_CHARS:
        known = ", ".join(f"{{{field}}}" for field in FIELDS)
        raise HeimdexError(ExportCode.FILE_NAMES_INVALID, {"fields": known})
    return template


def file_names(template: str, exports: Sequence[Export]) -> list[str]:
    """Return a file name without its ending for each export: valid on every system, no two alike in any case."""
    taken: set[str] = set()
    names = []
    for export in exports:
        stem = safe_name(_filled(template, export), max_bytes=MAX_STEM_BYTES) or "Short"
        name, number = stem, 2
        while name.casefold() in taken:
            name, number = f"{stem} ({number})", number + 1
        taken.add(name.casefold())
        names.append(name)
    return names


def archive_name(title: str) -> str:
    """Return the name of a batch's archive."""
    return f"{safe_name(title, max_bytes=MAX_STEM_BYTES) or 'Shorts'}.zip"


def _filled(template: str, export: Export) -> str:
    values = {
        "title": export.title,
        "video": export.video_title,
        "nn": f"{export.batch_number or 0:02}",
        "start": clock_text(export.start_ms),
        "end": clock_text(export.end_ms),
        "ratio": ratio_text(export.aspect_ratio),
    }
    return _FIELD.sub(lambda found: values[found[1]], template)

"""`python -m benchmarks.framing.contact_sheets CLIPS SHEETS`: moments of clips and of their Shorts, to judge by eye.

A sheet is a PNG of one range of a clip: moments of the source above, the same moments of the Short below, framed as an
export frames them. `docs/framing_figures.md` has the written measure to judge by. The models are the product's.
"""

import argparse
import os
import tempfile
from pathlib import Path

import django

from mediakit.cutting.cut_time import CutTime, cut_time
from mediakit.errors import MediaError
from mediakit.framing.crop_filters import crop_plan_graph
from mediakit.framing.crop_plan import CropPlan
from mediakit.framing.geometry import SMART_CROP, source_filters
from mediakit.framing.output_format import SHORT
from mediakit.media_info import MediaInfo
from mediakit.probing.probe import probe
from mediakit.render.kept_frames import kept_frames_graph, kept_inputs
from mediakit.render.short import ShortSpec
from mediakit.sandbox import process

MIN_CLIP_MS = 10_000  # a shorter clip has too few ranges to choose from
TILE_WIDTH_PX, GAP_PX = 200, 6


def range_at(info: MediaInfo, share: float, length_ms: int) -> tuple[int, int]:
    """The range of that length which begins at a share of the clip, or ends with the clip, in ms."""
    start_ms = max(0, min(round(share * info.duration_ms), info.duration_ms - length_ms))
    return start_ms, min(info.duration_ms, start_ms + length_ms)


def plan_of(path: Path, info: MediaInfo, span_ms: tuple[int, int]) -> CropPlan:
    """The crop plan of a range as `manage.py make_short` has it: with what is beside the range, and with its voices."""
    from exports.framing.options import NO_FRAMING  # noqa: PLC0415 - needs Django
    from heimdex.standalone.short_framing import plan_short  # noqa: PLC0415

    spec = ShortSpec(*span_ms, strategy=SMART_CROP)
    with tempfile.TemporaryDirectory() as work:
        _, plan, _ = plan_short(
            str(path), info, spec, cues=(), options=NO_FRAMING, folder=Path(work)
        )
    return plan


def write_sheet(
    path: Path, info: MediaInfo, plan: CropPlan, cut: CutTime, *, moments: int, sheet: Path
) -> None:
    """Write the sheet of a cut: so many moments, evenly spread, of the source and of its Short below."""
    inputs = kept_inputs(str(path), info, cut, None)
    frames = [int((number + 0.5) / moments * cut.frames) for number in range(moments)]
    chosen = "+".join(f"eq(n,{frame})" for frame in frames)
    tiles = f"select='{chosen}',setsar=1,tile={moments}x1:padding={GAP_PX}"
    framed = crop_plan_graph(info.video, plan, SHORT.size, rate=cut.rate)
    graph = ";".join(
        [
            kept_frames_graph(info.video, cut, inputs.pictures),
            f"[in]{source_filters(info.video)},split[seen][kept]",
            framed.replace("[in]", "[kept]", 1),
            f"[seen]scale={TILE_WIDTH_PX}:-2,{tiles}[above]",
            f"[out]scale={TILE_WIDTH_PX}:-2,{tiles}[below]",
            f"[above][below]vstack,pad=iw:ih+{GAP_PX}[sheet]",
        ]
    )
    process.run(
        [
            *("ffmpeg", "-nostdin", "-hide_banner", "-v", "error", "-y", *inputs.args),
            *("-filter_complex", graph, "-map", "[sheet]", "-frames:v", "1", sheet.name),
        ],
        timeout_s=600,
        reads=[str(path)],
        cwd=sheet.parent,
    )


def main() -> None:
    """Write a sheet for every clip of a folder that is long enough, and say which clips have none."""
    parser = argparse.ArgumentParser(description="Contact sheets of clips and their Shorts.")
    parser.add_argument("clips", type=Path)
    parser.add_argument("sheets", type=Path)
    parser.add_argument(
        "--at", type=float, default=0.38, help="share of each clip at which to begin"
    )
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--moments", type=int, default=9)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "heimdex.settings")
    django.setup()
    options.sheets.mkdir(parents=True, exist_ok=True)
    for path in sorted(p for p in options.clips.rglob("*") if p.is_file()):
        try:
            info = probe(str(path))
            if info.duration_ms < MIN_CLIP_MS:
                continue
            span_ms = range_at(info, options.at, round(options.seconds * 1000))
            sheet = options.sheets.resolve() / f"{path.stem}_{span_ms[0]}.png"
            plan = plan_of(path.resolve(), info, span_ms)
            cut = cut_time(info, [span_ms])
            write_sheet(path.resolve(), info, plan, cut, moments=options.moments, sheet=sheet)
        except MediaError as error:
            print(f"{path.name}: no sheet: {error}")
        else:
            print(sheet.name)


if __name__ == "__main__":
    main()

"""The crop plan of a stored shot analysis with the user's options applied."""

from dataclasses import dataclass
from functools import cached_property, partial

from exports.framing.options import DEFAULT_PAIR_LAYOUT, FramingOptions
from mediakit.framing.crop_plan import CropPlan, Shot
from mediakit.framing.crop_window import crop_window
from mediakit.framing.geometry import Size
from mediakit.framing.output_format import SHORT
from mediakit.framing.planning.overrides import apply_overrides
from mediakit.framing.planning.parts.inset_parts import inset_shot
from mediakit.framing.planning.parts.stack_parts import drawn_parts
from mediakit.framing.range_analysis import RangeAnalysis
from mediakit.framing.rect import Rect
from mediakit.media_info import MediaInfo, VideoTrack
from videos.analyses.shot_analyses import UNIFORM_LAYOUTS, plans_for
from videos.models import ShotAnalysis, Video


def apply_options(
    video: Video, row: ShotAnalysis, options: FramingOptions, *, canvas: Size = SHORT.size
) -> CropPlan:
    """The crop plan of a shot analysis with the options applied, as an export of the size `canvas` would.

    Times are ms from the start of the analysed range.
    """
    plans = plans_for(video, row, canvas)
    known, track = plans.alternatives, MediaInfo.from_json(video.probe).video
    tiles_of = partial(drawn_parts, video=track, area=plans.main.area, canvas=canvas)
    plan = apply_overrides(
        known.get(options.pair_layout or DEFAULT_PAIR_LAYOUT, plans.main),
        {layout: known[name] for layout, name in UNIFORM_LAYOUTS.items() if name in known},
        options.overrides,
        window=crop_window(track, plans.main.area, canvas),
        inset_of=_Insets(row, track, canvas, options.height_share).lay_out,
        tiles_of=tiles_of,
        start_ms=row.start_ms,
        has_person_share=options.height_share is not None,
    )
    return plan if options.marks_speaker else plan.without_marks()


@dataclass(frozen=True)
class _Insets:
    """The insets of a shot analysis, which is read once and only when it is needed."""

    row: ShotAnalysis
    track: VideoTrack
    canvas: Size
    person_share: float | None

    @cached_property
    def analysis(self) -> RangeAnalysis:
        return RangeAnalysis.from_json(self.row.data)

    def lay_out(self, shot: Shot, drawn: Rect | None) -> Shot:
        """A shot around an inset that was drawn, or around its own; as it is without any."""
        start_ms = self.row.start_ms
        content = self.analysis.content_at(start_ms + (shot.start_ms + shot.end_ms) // 2)
        inset = drawn or (content.inset if content else None)
        if inset is None:
            return shot
        return inset_shot(
            shot,
            inset,
            self.analysis,
            video=self.track,
            canvas=self.canvas,
            start_ms=start_ms,
            person_share=self.person_share,
        )

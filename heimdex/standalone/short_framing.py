"""How a command without a database frames a Short: what is seen and heard, and the crop plan."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from exports.framing.options import DEFAULT_PAIR_LAYOUT, FramingOptions
from exports.framing.punch_ins import Voice, with_punch_ins
from heimdex.standalone.framing_models import framing_models
from mediakit.asr.chunking import SpeechAudio
from mediakit.asr.speech_index import STEP_MS, SpeechIndex
from mediakit.asr.voice_activity import measure_speech
from mediakit.audio.level_meter import SPEECH_FILE
from mediakit.audio.speech_audio import write_speech_audio
from mediakit.cutting.cut_time import CutTime, Span, joined_spans
from mediakit.framing.crop_plan import CropPlan
from mediakit.framing.cut_plan import (
    analysis_in_cut,
    common_area,
    crop_plan_in_cut,
    group_spans_ms,
)
from mediakit.framing.people.emphasis import sentence_starts_ms
from mediakit.framing.people.speech import Speech
from mediakit.framing.planning.shot_planning import make_crop_plan
from mediakit.framing.range_analysis import RangeAnalysis
from mediakit.media_info import MediaInfo
from mediakit.render.short import ShortSpec, spec_cut_time
from mediakit.text.transcript import Cue
from videos.analyses.range_analysis import analyze_range, empty_shot_layout, with_margin

SOUND_TIMEOUT_S = 600


def plan_short(
    source: str,
    info: MediaInfo,
    spec: ShortSpec,
    *,
    cues: Sequence[Cue],
    options: FramingOptions,
    folder: Path,
) -> tuple[RangeAnalysis, CropPlan, Span]:
    """The analysis of a Short's range with its margin, its crop plan, and the range in ms of the plan.

    Of several kept ranges both are those of the cut. `cues` are those of the whole video. Files are written to the
    folder.
    """
    cut, canvas = spec_cut_time(info, spec), spec.format_of(info).size
    span = (spec.start_ms, spec.end_ms)
    spans = group_spans_ms(cut, info.duration_ms) if spec.ranges else (span,)
    seen = [with_margin(*each, info.duration_ms) for each in spans]
    index = _speech_index(source, info, joined_spans(seen), folder)
    models = framing_models()
    analyses = [
        analyze_range(
            source,
            info,
            start_ms=start_ms,
            end_ms=end_ms,
            models=models,
            work_dir=folder,
        )
        for start_ms, end_ms in seen
    ]
    area = common_area(analyses)
    plans = [
        make_crop_plan(
            replace(analysis, area=area),
            info,
            start_ms=start_ms,
            end_ms=end_ms,
            speech=_speech(index, cues, (analysis.start_ms, analysis.end_ms)),
            pair_layout=options.pair_layout or DEFAULT_PAIR_LAYOUT,
            empty_shot_layout=empty_shot_layout(),
            overrides=options.overrides,
            person_share=options.height_share,
            canvas=canvas,
        )
        for analysis, (start_ms, end_ms) in zip(analyses, spans, strict=True)
    ]
    if not options.marks_speaker:
        plans = [plan.without_marks() for plan in plans]
    plans = with_punch_ins(
        *(plans, analyses, options.punch_ins or ()),
        voice=lambda: Voice(index, lambda low, high: _sentences_ms(cues, low, high)),
        cut=cut,
        spans=spans,
        info=info,
        canvas=canvas,
    )
    return _in_cut(analyses, plans, cut) if spec.ranges else (analyses[0], plans[0], span)


def _in_cut(
    analyses: Sequence[RangeAnalysis], plans: Sequence[CropPlan], cut: CutTime
) -> tuple[RangeAnalysis, CropPlan, Span]:
    return analysis_in_cut(analyses, cut), crop_plan_in_cut(plans, cut), (0, cut.duration_ms)


def _speech_index(source: str, info: MediaInfo, spans: Sequence[Span], folder: Path) -> SpeechIndex:
    """What is heard in the spans, with silence elsewhere; empty without sound."""
    track = info.audio_track()
    if track is None:
        return SpeechIndex()
    steps = bytearray()
    for start_ms, end_ms in sorted(spans):
        wav = folder / SPEECH_FILE
        write_speech_audio(
            *(source, info, track, wav),
            timeout_s=SOUND_TIMEOUT_S,
            start_ms=start_ms,
            length_ms=end_ms - start_ms,
        )
        steps += bytes(start_ms // STEP_MS - len(steps)) + measure_speech(SpeechAudio(wav)).steps
        wav.unlink()
    return SpeechIndex(bytes(steps))


def _speech(index: SpeechIndex, cues: Sequence[Cue], span_ms: Span) -> Speech:
    """When a voice is heard; without sound, throughout every line."""
    lines = [(cue.start_ms, cue.end_ms) for cue in cues]
    voice = index.voice_spans_ms(*span_ms) if index.steps else lines
    named = ((cue.start_ms, cue.end_ms, cue.speaker) for cue in cues if cue.speaker)
    return Speech(tuple(voice), tuple(named))


def _sentences_ms(cues: Sequence[Cue], start_ms: int, end_ms: int) -> list[int]:
    """When the sentences of the lines in a range begin."""
    return sentence_starts_ms(
        (word.start_ms, word.text)
        for cue in cues
        if cue.start_ms < end_ms and cue.end_ms > start_ms
        for word in (cue.words or (cue,))
    )

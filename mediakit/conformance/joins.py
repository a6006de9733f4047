"""The joins of a finished Short: what was removed at each, and whether it clicks.

A click is a step: it has more of the highest pitches than the sound beside it. They are what is left of the sound after
two differences between neighbouring samples, which lower a voice's pitch by 40 to 60 dB and leave a step as it is.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mediakit.cutting.cut_time import CutTime, Span

SAMPLE_RATE = 48_000
# A join is held against what surrounds it: the loudest step within JOIN_MS of it, and within NEAR_MS but not AWAY_MS.
JOIN_MS, AWAY_MS, NEAR_MS = 5, 10, 100
MAX_CLICK_DB = 3.0
# A step so much quieter than full scale, or than the sound around it, is not heard.
HEARD_DB, MASKED_DB = -54.0, -50.0
MIN_CLICK_DB = -60.0


@dataclass(frozen=True, slots=True)
class Join:
    """One join. `at_ms` is the time in the file, `removed_ms` the range of the source that was left out there.

    `removed_text` are the words in it. `click_db` is how much louder its highest pitches are than those around it;
    None without sound.
    """

    at_ms: int
    removed_ms: Span
    removed_text: str = ""
    click_db: float | None = None


def measure_joins(
    pcm: bytes, cut: CutTime, *, removed_texts: Sequence[str] = (), lead_ms: int = 0
) -> tuple[Join, ...]:
    """The joins of a finished Short.

    `pcm` is its sound as 16-bit mono samples at SAMPLE_RATE, empty without any; `lead_ms` is what the file has before
    the cut.
    """
    if not cut.joins:
        return ()
    clicks: list[float | None] = [None] * len(cut.joins)
    if pcm:
        lead = lead_ms * SAMPLE_RATE // 1000
        at = [lead + round(after.cut_first * SAMPLE_RATE / cut.rate) for _, after in cut.joins]
        clicks = click_levels_db(pcm, at)
    texts = [*removed_texts, *[""] * len(cut.joins)]
    return tuple(
        Join(lead_ms + cut.cut_span_ms(after)[0], removed_ms, text, click)
        for (_, after), removed_ms, text, click in zip(
            cut.joins, cut.joins_ms, texts, clicks, strict=False
        )
    )


def click_levels_db(pcm: bytes, joins: Sequence[int]) -> list[float | None]:
    """How much each join's highest pitches stand out, in dB. `pcm` is 16-bit mono, `joins` are sample numbers."""
    import numpy as np  # noqa: PLC0415 -- pages import this package, and never need it

    heard = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float32) / 32_768
    steps = np.abs(np.diff(heard, 2))

    def loudest(values: "np.typing.NDArray[np.float32]", low: int, high: int) -> float:
        return float(values[max(0, low) : max(0, high)].max(initial=0.0))

    found: list[float | None] = []
    join, away, near = (ms * SAMPLE_RATE // 1000 for ms in (JOIN_MS, AWAY_MS, NEAR_MS))
    for at in joins:
        here = loudest(steps, at - join, at + join)
        beside = max(
            loudest(steps, at - near, at - away),
            loudest(steps, at + away, at + near),
            10 ** (HEARD_DB / 20),
            10 ** (MASKED_DB / 20) * loudest(np.abs(heard), at - near, at + near),
        )
        found.append(
            round(max(MIN_CLICK_DB, 20 * math.log10(here / beside)), 1) if here else MIN_CLICK_DB
        )
    return found

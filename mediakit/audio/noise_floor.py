"""The noise floor of a sound, which noise reduction is told."""

import re

from mediakit.audio.downmix import SAMPLE_RATE

# The noise floor is at this quantile of the levels, but at least that far below the loud quantile.
NOISE_QUANTILE, LOUD_QUANTILE, MIN_NOISE_DISTANCE_DB = 0.1, 0.9, 12.0
# The range of `afftdn`'s noise floor.
MIN_NOISE_FLOOR_DB, MAX_NOISE_FLOOR_DB = -75.0, -20.0
NOISE_MARGIN_DB = 2.0

# Prints the level of each tenth of a second, which `noise_floor_of` reads.
RMS_METER = (
    f"asetnsamples=n={SAMPLE_RATE // 10}:p=0,astats=metadata=1:reset=1:measure_perchannel=none"
    ":measure_overall=RMS_level,"
    "ametadata=print:key=lavfi.astats.Overall.RMS_level:file=-:direct=1"
)


def noise_floor_of(printed: str) -> float | None:
    """The noise floor in dB of what `RMS_METER` printed; None if there is no noise to reduce."""
    return noise_floor([float(level) for level in re.findall(r"RMS_level=(-?[\d.]+)", printed)])


def noise_floor(levels_db: list[float]) -> float | None:
    """The level in dB below which there is only noise; None if it is too low to matter.

    In speech without pauses the quietest parts are speech too, so the floor is kept well below the
    loud parts.
    """
    if not levels_db:
        return None
    ordered = sorted(levels_db)
    quiet = ordered[int(len(ordered) * NOISE_QUANTILE)]
    loud = ordered[int((len(ordered) - 1) * LOUD_QUANTILE)]
    floor = min(quiet, loud - MIN_NOISE_DISTANCE_DB) + NOISE_MARGIN_DB
    return None if floor < MIN_NOISE_FLOOR_DB else min(floor, MAX_NOISE_FLOOR_DB)

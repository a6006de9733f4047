"""Where captions stand, when they do not stand in the middle."""

import re

from mediakit.captions.caption_style import PRESETS, BurnIn, TimedRegion
from mediakit.captions.overlay import ass_script
from mediakit.text.transcript import Cue


def test_a_lower_third_keeps_off_a_face_at_its_side_and_stays_beside_another():
    def height(face: TimedRegion, text: str) -> float:
        it = BurnIn(4000, (Cue(0, 3900, text),), PRESETS["lower_third"], faces=(face,))
        return max(
            float(y) for y in re.findall(r"\\an[46]\\pos\([\d.]+,([\d.]+)\)", ass_script(it))
        )

    left, right = (TimedRegion(0, 4000, x, 0.55, 0.3, 0.1) for x in (0.05, 0.6))
    assert height(left, "Yes, I do.") < 1000 < height(right, "Yes, I do.")
    assert height(right, "נכון.") < 1000 < height(left, "נכון.")  # from right to left

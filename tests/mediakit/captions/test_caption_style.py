"""Caption styles and overlays as JSON."""

import pytest

from mediakit.captions.caption_style import PRESETS, CaptionStyle, Overlays


@pytest.mark.parametrize(
    "bad",
    [
        {"preset": "nope"}, {"font": "/etc/passwd"}, {"size": 1000}, {"size": True}, {"color": "#fff"},
        {"accent": "&H00&"}, {"position": "left"}, {"words": -1}, {"upper_case": "yes"}, {"extra": 1},
    ],
)  # fmt: skip
def test_bad_styles_are_refused_by_field(bad: dict):
    with pytest.raises(ValueError, match=f"^{next(iter(bad))}$"):
        CaptionStyle.from_json(bad)


def test_styles_survive_json():
    for style in PRESETS.values():
        assert CaptionStyle.from_json(style.to_json()) == style
    overlays = Overlays("Hook", 4000, progress=True, logo="ab12", logo_corner="bottom_right")
    assert Overlays.from_json(overlays.to_json()) == overlays

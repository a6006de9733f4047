"""Sounds that several tests measure."""

import pytest

SPEECH = (  # a tone in syllables, with a pause of a second after every two
    "0.25*sin(2*PI*220*t)*(0.6+0.4*sin(2*PI*5*t))*lt(mod(t,3),2)"
)


@pytest.fixture(scope="session")
def spoken(clips):
    """6 s of something like speech with a hiss behind it, 40 dB below full scale."""
    expr = f"aevalsrc='{SPEECH}+0.01*(2*random(0)-1)*1.73':s=48000"
    return clips.plain("spoken.mp4", seconds=6, sound=("-f", "lavfi", "-i", expr))

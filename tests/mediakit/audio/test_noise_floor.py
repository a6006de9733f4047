"""The noise floor that noise reduction is told."""

from mediakit.audio.noise_floor import noise_floor, noise_floor_of


def test_the_noise_floor_is_a_low_quantile_of_the_levels():
    talk = [-20.0] * 70 + [-45.0] * 30

    assert noise_floor(talk) == -43.0
    assert noise_floor([-20.0] * 95 + [-24.0] * 5) == -30.0  # without pauses
    assert noise_floor([-20.0] * 50 + [-90.0] * 50) is None
    assert noise_floor([]) is None


def test_levels_of_silence_are_left_out():
    printed = "lavfi.astats.Overall.RMS_level=-40.5\nlavfi.astats.Overall.RMS_level=-inf\n"

    assert noise_floor_of(printed) == noise_floor([-40.5])

"""Drawn eyes, open and shut, and who has none."""

from pathlib import Path

import numpy as np
import pytest

from mediakit.framing.analysis.people.eyes import (
    HALF_HEIGHT,
    HALF_WIDTH,
    Picture,
    eye_openness,
    make_eye_meter,
)

SKIN, SCLERA, IRIS, LASHES = 170, 215, 60, 70


def drawn_eye(lids_px: int, *, light: float = 1.0) -> Picture:
    """An eye whose lids are so many px apart: the white, the iris as far as they leave it, and the lashes."""
    y, x = np.mgrid[-HALF_HEIGHT : HALF_HEIGHT + 1, -HALF_WIDTH : HALF_WIDTH + 1]
    half = lids_px / 2 * np.sqrt(np.clip(1 - (x / 22) ** 2, 0, 1))
    eye = np.full(x.shape, SKIN, float)
    between = np.abs(y) < half
    eye[between] = SCLERA
    eye[between & (x**2 + y**2 < 11**2)] = IRIS
    eye[(np.abs(np.abs(y) - half) < 1.5) & (np.abs(x) < 22)] = LASHES
    return (eye * light).astype(np.uint8)


@pytest.mark.parametrize("light", [1.0, 0.4])
def test_an_eye_is_as_open_as_its_lids(light: float):
    shut, half, wide = (eye_openness(drawn_eye(lids, light=light)) for lids in (0, 10, 18))

    assert shut < 0.8 * half < 0.8 * 0.9 * wide


def test_a_place_without_an_eye_is_shut():
    assert eye_openness(np.full((53, 61), SKIN, np.uint8)) == 0


def test_without_the_face_model_nothing_is_told(tmp_path: Path):
    other = tmp_path / "model.onnx"
    other.write_bytes(b"another file")

    assert make_eye_meter(None, "") is None
    assert make_eye_meter(other, "0" * 64) is None

"""Measured values as the short texts of a receipt."""

from collections.abc import Sequence
from fractions import Fraction

from mediakit.cutting.cut_time import Span

NONE = "none"


def format_seconds(ms: int) -> str:
    """As "1.5 s"."""
    return f"{ms / 1000:.3f}".rstrip("0").rstrip(".") + " s"


def format_spans(spans: Sequence[Span], duration_ms: int) -> str:
    """The first five spans: "0–2.4 s, 7–9.1 s"."""
    if not spans:
        return NONE
    shown = [(start, min(end, max(duration_ms, start))) for start, end in spans[:5]]
    words = [f"{start / 1000:.3g}–{end / 1000:.4g} s" for start, end in shown]
    return ", ".join([*words, *(["…"] if len(spans) > 5 else [])])


def format_ratio(sar: Fraction) -> str:
    """As "1:1"."""
    return f"{sar.numerator}:{sar.denominator}" if sar else NONE


def format_fps(rate: Fraction) -> str:
    """As "29.97 fps"."""
    return f"{float(rate):.5g} fps"


def format_mbit(bits: int) -> str:
    """As "8.0 Mbit/s"."""
    return f"{bits / 1_000_000:.1f} Mbit/s"


def format_kbit(bits: int) -> str:
    """As "128 kbit/s"."""
    return f"{bits / 1000:.0f} kbit/s"

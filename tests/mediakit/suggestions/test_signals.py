"""Signals of voice, picture and topic: small functions of plain values."""

from dataclasses import replace

import pytest

from mediakit.audio.loudness_index import LoudnessIndex
from mediakit.suggestions.material import FaceSighting, Material
from mediakit.suggestions.phrases import phrases
from mediakit.suggestions.pictures import (
    change_rate,
    face_share,
    opens_dark,
    opens_frozen,
    with_a_picture,
)
from mediakit.suggestions.sentences import read_sentences
from mediakit.suggestions.topics import key_term_counts, topic_borders, video_key_terms
from mediakit.suggestions.voice import VoiceLevels, ranks, words_per_second
from mediakit.suggestions.wordless import quiet_places
from tests.mediakit.suggestions.speech import said


def test_a_loud_or_lively_voice_has_more_energy_and_pauses_do_not_count() -> None:
    lufs = [-30.0] * 100 + [-20.0] * 100 + [-28.0, -32.0] * 50 + [-30.0] * 50 + [-90.0] * 50
    voice = VoiceLevels(LoudnessIndex.from_levels(lufs, lufs, track=1))
    flat, loud, lively, halting = (voice.energy(at, at + 10_000) for at in range(0, 40_000, 10_000))
    assert flat == pytest.approx(-30, abs=0.2)
    assert loud == pytest.approx(-20, abs=0.2)
    assert lively == pytest.approx(-29, abs=0.3)
    assert halting == pytest.approx(flat, abs=0.01)
    assert voice.energy(35_500, 39_000) is None
    assert voice.energy(90_000, 99_000) is None


def test_pace() -> None:
    assert words_per_second(30, 5_000, 15_000) == 3.0


def test_ranks_spread_from_least_to_most_and_equal_values_share_one() -> None:
    assert ranks([3.0, 1.0, None, 2.0]) == [1.0, -1.0, 0.0, 0.0]
    assert ranks([1.0, 2.0, 2.0, 3.0]) == [-1.0, 0.0, 0.0, 1.0]
    assert ranks([5.0, 5.0]) == [0.0, 0.0]
    assert ranks([None]) == [0.0]


def test_faces_are_shared_over_what_was_looked_at() -> None:
    faces = [
        FaceSighting(0, seen=False),
        FaceSighting(1_000, seen=True),
        FaceSighting(2_000, seen=True),
    ]
    assert face_share(faces, 500, 2_500) == 1.0
    assert face_share(faces, 0, 2_000) == 0.5
    assert face_share(faces, 9_000, 12_000) is None


def test_changes_of_picture_up_to_a_lively_rate() -> None:
    assert change_rate([1_000, 30_000], 10_000, 34_000) == 0.5
    assert change_rate([], 0, 10_000) == 0.0
    assert change_rate(list(range(0, 60_000, 500)), 0, 60_000) == 1.0


def test_openings_without_a_picture_are_left_out() -> None:
    """Black, frozen, and neither; where everything stands still, or nothing else is left, that says nothing."""
    starts = [0, 20_000, 40_000]
    made = Material(100_000, dark_ms=[1_000], still_ms=[(19_000, 22_500)])
    slides = replace(made, dark_ms=[], still_ms=[(0, 60_000)])

    def kept(material: Material, among: list[int]) -> list[int]:
        return with_a_picture(among, material, start=lambda start: start)

    assert kept(made, starts) == [40_000]
    assert kept(slides, starts) == starts
    assert kept(made, [0, 20_000]) == [0, 20_000]
    assert opens_frozen([(19_000, 22_500)], 21_000)
    assert not opens_frozen([(19_000, 22_500)], 21_100)


def test_a_dark_opening() -> None:
    assert opens_dark([20_000], 18_000)
    assert not opens_dark([20_000], 10_000)
    assert not opens_dark([20_000], 20_001)


def test_quiet_places_are_found_in_any_volume() -> None:
    lufs = [-30.0] * 20 + [-60.0] * 6 + [-30.0] * 20 + [-60.0] * 2 + [-30.0] * 20
    assert quiet_places(lufs) == [2_300]
    assert quiet_places([-80.0] * 50) == []


RIVERS = [
    "The river carries sand and water through the valley.",
    "Water in the river moves stones along the valley.",
    "Sand from the river fills the valley with mud.",
    "The water of a river shapes every valley.",
] * 2
ENGINES = [
    "An engine burns fuel inside a metal cylinder.",
    "Fuel and oil keep the engine cylinder running.",
    "Each cylinder of the engine needs fuel and oil.",
    "The engine turns fuel into motion of the cylinder.",
] * 2


def test_a_topic_begins_where_the_words_change() -> None:
    sentences = read_sentences(said([*RIVERS, *ENGINES]), phrases("en"), duration_ms=120_000)
    assert topic_borders(sentences, "en") == {len(RIVERS)}


def test_key_terms_are_those_of_the_whole_video_and_said_more_than_once() -> None:
    texts = [*RIVERS, *ENGINES, "A pelican watched quietly."]
    sentences = read_sentences(said(texts), phrases("en"), duration_ms=120_000)
    terms = video_key_terms(sentences, "en")
    assert {"river", "valley", "engine", "cylinder"} <= set(terms)
    assert "pelican" not in " ".join(terms)
    counts = key_term_counts(sentences, ["river", "valley"])
    assert counts[0] == 2
    assert counts[len(RIVERS)] == 0


def test_korean_words_count_with_and_without_particles() -> None:
    sentences = read_sentences(
        said(["커피는 온도가 중요합니다.", "커피를 마십니다."]), phrases("ko"), duration_ms=9_000
    )
    assert key_term_counts(sentences, ["커피"]) == [1, 1]

"""Speech recognition with a real, tiny model, and the filter of its implausible words."""

import shutil
import wave
from types import SimpleNamespace

import numpy as np
import pytest

from mediakit.asr import whisper
from mediakit.asr.chunking import SAMPLE_RATE_HZ, SpeechAudio, split_audio
from mediakit.asr.hallucination_filter import RepeatDetector, is_invented, is_plausible
from mediakit.asr.heard_piece import HeardPiece, join_pieces, without_overlaps
from mediakit.asr.whisper import SpeechModelMissingError, hear
from mediakit.errors import StoppedError
from mediakit.text.transcript import Transcript, Word
from tests.demo_maker.talk import say
from tests.mediakit.fake_asr import write_fake_model


@pytest.fixture(scope="module")
def fake_model(tmp_path_factory):
    says = "The quick brown fox jumps. Then it sleeps!"
    return write_fake_model(tmp_path_factory.mktemp("fake_model"), says=says, seconds=4)


@pytest.fixture(scope="module")
def voice(tmp_path_factory):
    """Four seconds of a real voice, between one second of silence before and two after."""
    path = tmp_path_factory.mktemp("voice") / "voice.wav"
    say("Somewhere in every lecture there is one minute.", path)
    with wave.open(str(path)) as sound:
        speech = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
    write(path, np.concatenate([np.zeros(SAMPLE_RATE_HZ), speech, np.zeros(2 * SAMPLE_RATE_HZ)]))
    return path


def write(path, samples) -> None:
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE_HZ)
        sound.writeframes(np.asarray(samples).astype("<i2").tobytes())


def transcribe(wav, **options) -> Transcript:
    return join_pieces(hear(SpeechAudio(wav), **options))


@pytest.fixture(autouse=True, scope="module")
def _unload_models():
    yield
    whisper._load.cache_clear()


def test_a_voice_becomes_sentences_with_measured_words(fake_model, voice):
    transcript = transcribe(voice, model=fake_model)
    assert transcript.language == "en"
    assert transcript.cues[0].text.startswith("The quick brown fox")
    words = [word for cue in transcript.cues for word in cue.words]
    assert not any(word.estimated for word in words)
    assert all(word.probability and 0 < word.probability <= 1 for word in words)
    assert words[0].start_ms >= 700
    times = [time for word in words for time in (word.start_ms, word.end_ms)]
    assert times == sorted(times)


def test_pieces_follow_one_another_and_a_later_start_hears_the_rest(fake_model, voice, tmp_path):
    with wave.open(str(voice)) as sound:
        once = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
    write(tmp_path / "long.wav", np.tile(once, 6))
    audio = SpeechAudio(tmp_path / "long.wav")
    pieces = list(hear(audio, model=fake_model))
    assert len(pieces) > 2
    assert [piece.end_ms for piece in pieces[:-1]] == [piece.start_ms for piece in pieces[1:]]
    assert pieces[0].start_ms == 0
    assert pieces[-1].end_ms == pytest.approx(6 * 1000 * len(once) / SAMPLE_RATE_HZ, abs=1)
    assert {piece.language for piece in pieces} == {"en"}
    assert pieces[0].words  # later ones repeat it, which counts as a loop
    rest = list(hear(audio, model=fake_model, start_ms=pieces[0].end_ms))
    assert rest[0].start_ms == pieces[0].end_ms
    assert rest[-1].end_ms == pieces[-1].end_ms
    assert all(word.start_ms >= pieces[0].end_ms - 100 for each in rest for word in each.words)


def test_silence_is_heard_too_and_gives_a_piece_without_words(fake_model, tmp_path):
    write(tmp_path / "a.wav", np.zeros(40 * SAMPLE_RATE_HZ))
    pieces = list(hear(SpeechAudio(tmp_path / "a.wav"), model=fake_model))
    assert pieces[-1].end_ms == 40_000
    assert not any(piece.words for piece in pieces)


def test_pieces_make_a_transcript_in_the_language_of_most_words():
    pieces = [
        HeardPiece(10_000, 20_000, "ko", (Word(10_000, 10_400, "안녕"), Word(10_400, 11_000, "여러분."))),
        HeardPiece(0, 10_000, "en", (Word(0, 400, "Hello."),)),
    ]  # fmt: skip
    transcript = join_pieces(pieces)
    assert transcript.language == "ko"
    assert [cue.text for cue in transcript.cues] == ["Hello.", "안녕 여러분."]
    assert join_pieces([HeardPiece(0, 9, "en", ())]) == Transcript("", ())


@pytest.mark.parametrize("language", ["en-US", "tlh", ""])
def test_a_language_that_the_model_does_not_know_is_not_forced_on_it(fake_model, voice, language):
    assert transcribe(voice, model=fake_model, language=language).language == "en"


@pytest.mark.parametrize("kind", ["silence", "tone", "noise"])
def test_no_voice_gives_no_words(fake_model, tmp_path, kind):
    time = np.arange(8 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    samples = {
        "silence": np.zeros(8 * SAMPLE_RATE_HZ),
        "tone": 9000 * np.sin(2 * np.pi * 220 * time) * (1 + np.sin(2 * np.pi * 2 * time)) / 2,
        "noise": np.random.default_rng(1).normal(0, 2000, 8 * SAMPLE_RATE_HZ),
    }[kind]
    write(tmp_path / "a.wav", samples)
    transcript = transcribe(tmp_path / "a.wav", model=fake_model)
    assert (transcript.language, transcript.cues) == ("", ())


def test_it_stops_when_should_stop_says_so(fake_model, voice):
    with pytest.raises(StoppedError):
        transcribe(voice, model=fake_model, should_stop=lambda: True)


def test_a_missing_or_broken_model_raises(fake_model, voice, tmp_path):
    for model in (str(tmp_path / "none"), "./none", str(tmp_path)):
        with pytest.raises(SpeechModelMissingError) as caught:
            transcribe(voice, model=model)
        assert caught.value.code == "SPEECH_MODEL_MISSING"
        assert caught.value.params == {"model": model}
    broken = shutil.copytree(fake_model, tmp_path / "broken")
    (broken / "model.bin").write_bytes(b"no model")
    with pytest.raises(SpeechModelMissingError):
        transcribe(voice, model=str(broken))


def test_a_model_by_name_is_not_fetched_offline(voice, monkeypatch):
    local_only = []

    def download(name, *, local_files_only=False):
        local_only.append(local_files_only)
        raise OSError("not here")

    monkeypatch.setattr("faster_whisper.download_model", download)
    with pytest.raises(SpeechModelMissingError):
        transcribe(voice, model="small", offline=True)
    assert local_only == [True]
    with pytest.raises(SpeechModelMissingError):
        transcribe(voice, model="small")
    assert local_only == [True, True, False]


class _Cuda:
    """Stands in for WhisperModel: notes on which devices a model was loaded; CUDA may lack its libraries."""

    def __init__(self, monkeypatch, *, devices: int, works: bool) -> None:
        self.loaded: list[str] = []
        self.works = works
        self.model = SimpleNamespace(n_mels=80)
        self.feature_extractor = SimpleNamespace()
        monkeypatch.setattr("ctranslate2.get_cuda_device_count", lambda: devices)
        monkeypatch.setattr("faster_whisper.WhisperModel", self._load)

    def _load(self, _source, *, device, compute_type):
        self.loaded.append(device)
        return self

    def encode(self, _features):
        if not self.works:
            raise RuntimeError("Library libcublas.so.12 is not found")


@pytest.mark.parametrize(
    ("devices", "works", "loaded"),
    [(0, True, ["cpu"]), (1, True, ["cuda"]), (1, False, ["cuda", "cpu"])],
)
def test_a_cuda_device_is_used_where_it_works(fake_model, monkeypatch, devices, works, loaded):
    whisper._load.cache_clear()
    cuda = _Cuda(monkeypatch, devices=devices, works=works)
    whisper.load_model(fake_model, device="auto")
    assert cuda.loaded == loaded
    whisper._load.cache_clear()


def test_a_model_by_name_is_taken_from_this_machine_first(fake_model, voice, monkeypatch):
    monkeypatch.setattr("faster_whisper.download_model", lambda *_, **__: fake_model)
    assert transcribe(voice, model="tiny").cues


def test_long_audio_is_split_into_chunks_at_quiet_moments(tmp_path):
    samples = np.full(25 * SAMPLE_RATE_HZ, 3000)
    samples[int(9.6 * SAMPLE_RATE_HZ) : int(9.9 * SAMPLE_RATE_HZ)] = 0
    write(tmp_path / "a.wav", samples)
    found = list(split_audio(SpeechAudio(tmp_path / "a.wav"), max_s=10))
    assert found[0].start_ms == 0
    assert 9_600 < found[1].start_ms < 9_900
    assert sum(len(chunk.samples) for chunk in found) == len(samples)
    assert all(chunk.duration_ms <= 10_000 for chunk in found)
    assert found[0].peak == pytest.approx(3000 / 32768)


def test_splitting_begins_where_it_is_told_with_a_short_first_chunk(tmp_path):
    write(tmp_path / "a.wav", np.arange(25 * SAMPLE_RATE_HZ) % 30_000)
    found = list(split_audio(SpeechAudio(tmp_path / "a.wav"), max_s=10, start_ms=4_500, first_s=3))
    assert found[0].start_ms == 4_500
    assert found[0].samples[0] == 4.5 * SAMPLE_RATE_HZ % 30_000
    assert found[0].duration_ms <= 3_000
    assert found[1].start_ms == found[0].end_ms
    assert found[1].duration_ms > 9_000
    assert found[-1].end_ms == 25_000


def test_sound_that_is_still_written_is_waited_for(tmp_path):
    write(tmp_path / "whole.wav", np.arange(4 * SAMPLE_RATE_HZ) % 30_000)
    data = (tmp_path / "whole.wav").read_bytes()
    path = tmp_path / "a.wav"
    written: list[int] = []

    def is_complete() -> bool:
        """Each look finds a second more; at first there is no file, and then half a header."""
        ends = [0, 20, *range(40_000, len(data), 40_000), len(data)]
        at = len(written)
        if at < len(ends) and ends[at]:
            path.write_bytes(data[: ends[at]])
        written.append(at)
        return at >= len(ends)

    audio = SpeechAudio(path, is_complete=is_complete)
    first = audio.read(0, SAMPLE_RATE_HZ)
    assert len(first) == SAMPLE_RATE_HZ
    looks = len(written)
    assert list(audio.read(16_000, 3)) == [16_000, 16_001, 16_002]
    assert len(written) <= looks + 2  # what is there needs no waiting
    assert len(audio.read(0, 10 * SAMPLE_RATE_HZ)) == 4 * SAMPLE_RATE_HZ


def test_waiting_for_sound_ends_with_a_stop(tmp_path):
    audio = SpeechAudio(tmp_path / "none.wav", is_complete=lambda: False, should_stop=lambda: True)
    with pytest.raises(StoppedError):
        audio.read(0, 1)


def test_an_empty_file_of_sound_has_no_pieces(tmp_path):
    write(tmp_path / "a.wav", [])
    assert list(split_audio(SpeechAudio(tmp_path / "a.wav"), max_s=10)) == []


def segment(**measured) -> SimpleNamespace:
    """Make a segment of two seconds that is plausible apart from the given values."""
    words = [SimpleNamespace(start=at, end=at + 0.8, word=" Hi") for at in (0.0, 1.0)]
    usual = {"start": 0.0, "end": 2.0, "text": " Hi you", "avg_logprob": -0.3, "words": words,
             "no_speech_prob": 0.05, "compression_ratio": 1.2}  # fmt: skip
    return SimpleNamespace(**(usual | measured))


@pytest.mark.parametrize(
    ("measured", "voiced", "plausible"),
    [
        ({}, [(0.0, 2.0)], True),
        ({"avg_logprob": -1.5}, [(0.0, 2.0)], False),
        ({"no_speech_prob": 0.9, "avg_logprob": -0.9}, [(0.0, 2.0)], False),
        ({"no_speech_prob": 0.9}, [(0.0, 2.0)], True),
        ({"compression_ratio": 3.0}, [(0.0, 2.0)], False),
        ({}, [(1.8, 5.0)], False),
        ({"text": " ... "}, [(0.0, 2.0)], False),
        ({"words": [SimpleNamespace(start=1.0, end=1.0, word=" a")]}, [(0.0, 2.0)], False),
        ({"words": None}, [(0.0, 2.0)], True),
    ],
)
def test_words_that_are_unsure_or_without_voice_are_implausible(measured, voiced, plausible):
    assert is_plausible(segment(**measured), voiced) is plausible


@pytest.mark.parametrize(
    ("text", "logprob", "noise", "invented"),
    [
        (" Mm-hmm, mm-hmm, mm-hmm, mm-hmm, mm-hmm.", -0.52, 0.52, True),
        (" Mm-hmm.", -0.56, 0.53, True),
        (" Thank you.", -0.55, 0.45, True),
        (" Thank you. Bye bye!", -0.4, 0.6, True),
        ("시청해주셔서 감사합니다.", -0.3, 0.4, True),
        (" na na na na na na", -0.4, 0.4, True),
        (" Thank you.", -0.2, 0.05, False),
        (" Thank you.", -0.6, 0.05, False),  # unclear, but a voice
        (" Thank you for coming tonight.", -0.55, 0.5, False),
        (" No, no, no, no, that is mine.", -0.5, 0.35, False),
        (" Somebody must have stolen the crown jewels.", -0.55, 0.23, False),
        (" [Music]", -0.1, 0.0, True),
        (" ♪ ♪", -0.1, 0.0, True),
        (" (applause) And so we begin.", -0.1, 0.0, False),
        ("Sous-titres réalisés par la communauté d'Amara.org", -0.1, 0.0, True),
        ("Untertitelung des ZDF, 2020", -0.1, 0.0, True),
        (" Subtitles by the community", -0.2, 0.1, True),
        (" The subtitles are what people read.", -0.2, 0.1, False),
        (" Subtitles by default are off.", -0.2, 0.1, False),
        ("자막을 추가하면 더 잘 보입니다.", -0.2, 0.1, False),
        ("字幕志愿者 李宗盛", -0.1, 0.0, True),
        ("", -0.1, 0.0, True),
    ],
)
def test_what_recognisers_write_into_music_is_invented(*, text, logprob, noise, invented):
    assert is_invented(text, avg_logprob=logprob, no_speech_prob=noise) is invented


def test_a_line_may_be_said_twice_but_not_for_ever():
    repeats = RepeatDetector()
    assert [repeats.is_loop(text) for text in ("Yes.", " yes. ", "Yes.", "No.", "Yes.")] == [
        *(False, False, True, False, False),
    ]


def test_words_are_put_in_order_without_overlap():
    words = [Word(0, 500, "a"), Word(400, 450, "b"), Word(600, 500, "c")]
    assert without_overlaps(words) == [Word(0, 500, "a"), Word(500, 500, "b"), Word(600, 600, "c")]

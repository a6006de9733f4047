"""Where a transcript comes from, and what is said when a source gives none."""

import errno
from dataclasses import replace
from pathlib import Path

import pytest

from core.errors import HeimdexError, all_codes
from mediakit.asr.chunking import SpeechAudio
from mediakit.asr.heard_piece import HeardPiece
from mediakit.errors import MediaError, MediaErrorCode, StoppedError
from mediakit.model_store import store
from mediakit.subtitles.formats import extract_track
from mediakit.text.transcript import Cue, Transcript, Word
from storage import files as storage_files
from storage.errors import StorageCode
from tests.clips import info_of
from tests.factories import VideoFactory
from tests.mediakit.model_store import sources
from tests.videos.conftest import SRT, remux
from videos import model_files
from videos.choices import TranscriptSource as Source
from videos.models import MachineModel
from videos.transcripts import speech, transcription
from videos.transcripts.reading import SearchContext

pytestmark = pytest.mark.django_db


def said(text: str, language: str = "en") -> Transcript:
    return Transcript(language, (Cue(0, 900, text, (Word(0, 900, text),)),))


@pytest.fixture
def search(tmp_path):
    """Searches for a video's transcript in a clip."""

    def run(
        clip: Path,
        *,
        should_stop=lambda: False,
        on_model_progress=lambda fraction: None,
        **columns,
    ) -> transcription.FoundTranscript:
        context = SearchContext(
            video=VideoFactory(**columns),
            source=str(clip),
            info=info_of(clip),
            work_dir=tmp_path,
            should_stop=should_stop,
            on_progress=lambda fraction: None,
            on_model_progress=on_model_progress,
        )
        search = transcription.TranscriptSearch(context)
        search.read_written()
        audio = SpeechAudio(tmp_path / "speech.wav") if search.needs_audio else None
        return search.transcribe(audio)

    return run


@pytest.fixture
def captions() -> dict[str, str]:
    """Columns of a video with a readable captions file."""
    key = "captions/1/words.srt"
    storage_files.save_bytes(key, SRT.encode(), content_type="text/plain")
    return {"captions_key": key, "captions_filename": "words.srt"}


@pytest.fixture
def hearing(monkeypatch, settings):
    """Speech recognition and service, both set up and both with something to say or to complain."""
    settings.SPEECH_MODEL = "small"
    settings.SPEECH_API_URL = "http://127.0.0.1:9/v1"
    answers: dict[str, Transcript | Exception] = {
        "hear": said("Heard here."),
        "hear_remote": said("Heard there."),
    }

    def answer(name):
        def ask(audio, **_options):
            given = answers[name]
            if isinstance(given, Exception):
                raise given
            words = tuple(word for cue in given.cues for word in cue.words)
            yield HeardPiece(0, 900, given.language, words)

        return ask

    for name in answers:
        monkeypatch.setattr(speech, name, answer(name))
    return answers


def test_captions_come_first(search, subtitled_clip, captions, hearing):
    found = search(subtitled_clip, **captions, language_wanted="en")
    assert (found.source, found.note) == (Source.CAPTIONS, "")
    assert found.transcript.language == "en"
    assert found.transcript.cues[0].text == "The garden begins here."


def test_a_subtitle_track_comes_second(search, subtitled_clip, hearing):
    found = search(subtitled_clip)
    assert (found.source, found.transcript.language) == (Source.TRACK, "ko")


def test_the_track_in_the_requested_language_is_read(search, subtitled_clip):
    found = search(subtitled_clip, language_wanted="en")
    assert (found.source, found.transcript.language) == (Source.TRACK, "en")
    assert found.transcript.cues[0].text == "The garden begins here."


@pytest.fixture(scope="module")
def dubbed_clip(tmp_path_factory, clip):
    """Makes three seconds with a sound and a text track, each with a language tag or none."""
    folder: Path = tmp_path_factory.mktemp("dubbed")

    def make(sound: str, subtitles: str, text: str) -> Path:
        (folder / "words.srt").write_text(f"1\n00:00:00,000 --> 00:00:02,000\n{text}\n")
        options = ["-i", str(folder / "words.srt"), "-map", "0", "-map", "1", "-c", "copy"]
        options += ["-c:s", "srt", "-metadata:s:a:0", f"language={sound}"]
        options += ["-metadata:s:s:0", f"language={subtitles}"]
        return remux(clip, folder / f"{sound}-{subtitles}-{len(text)}.mkv", *options)

    return make


KOREAN, ENGLISH = (
    "오늘은 긴 영상에서 순간을 찾습니다.",
    "This is what we have seen in the first part of it.",
)


@pytest.mark.parametrize(
    ("sound", "subtitles", "text", "wanted", "got"),
    [
        # The main sound's tag tells the spoken language.
        ("jpn", "eng", ENGLISH, "", (Source.SPEECH, "SUBTITLES_OTHER_LANGUAGE")),
        ("eng", "eng", ENGLISH, "", (Source.TRACK, "")),
        ("eng", "kor", KOREAN, "", (Source.SPEECH, "SUBTITLES_OTHER_LANGUAGE")),
        # The user knows it.
        ("und", "eng", ENGLISH, "ko", (Source.SPEECH, "SUBTITLES_OTHER_LANGUAGE")),
        ("eng", "kor", KOREAN, "ko", (Source.TRACK, "")),
        # The words tell their language where the tag does not, as far as they can.
        ("eng", "und", KOREAN, "", (Source.SPEECH, "SUBTITLES_OTHER_LANGUAGE")),
        ("kor", "und", KOREAN, "", (Source.TRACK, "")),
        (
            "dan",
            "und",
            "Det er her vi skal være i dag, og jeg har det godt.",
            "",
            (Source.TRACK, ""),
        ),
        ("yue", "chi", "我們這裡說繁體中文。", "", (Source.TRACK, "")),
        # Nothing tells: the words are taken, and it is said.
        ("und", "eng", ENGLISH, "", (Source.TRACK, "SPOKEN_LANGUAGE_UNKNOWN")),
        ("und", "und", ENGLISH, "", (Source.TRACK, "SPOKEN_LANGUAGE_UNKNOWN")),
    ],
)
def test_the_spoken_language_wins_over_a_translation(
    *, search, dubbed_clip, hearing, sound, subtitles, text, wanted, got
):
    found = search(dubbed_clip(sound, subtitles, text), language_wanted=wanted)
    assert (found.source, found.note) == got
    assert got[1] in {*all_codes(), ""}


def test_a_translation_is_better_than_no_words_and_can_be_asked_for(search, dubbed_clip, hearing):
    translated = dubbed_clip("jpn", "eng", ENGLISH)
    asked = search(translated, transcript_wanted="track")
    assert (asked.source, asked.note, asked.transcript.language) == (Source.TRACK, "", "en")
    hearing["hear"] = hearing["hear_remote"] = Transcript("ja", ())
    left = search(translated)
    assert (left.source, left.note) == (Source.TRACK, "SUBTITLES_OTHER_LANGUAGE")
    assert left.transcript.language == "en"


def test_a_track_that_cannot_be_read_is_passed_over(search, subtitled_clip, monkeypatch):
    tried: list[int] = []

    def broken(source, info, index, work_dir, **options):
        tried.append(index)
        if len(tried) == 1:
            raise MediaError("damaged")
        return extract_track(source, info, index, work_dir, **options)

    monkeypatch.setattr(transcription, "extract_track", broken)
    found = search(subtitled_clip)
    assert (found.source, found.transcript.language, len(tried)) == (Source.TRACK, "en", 2)


def test_tracks_without_words_count_as_none(search, subtitled_clip, monkeypatch, hearing):
    monkeypatch.setattr(transcription, "extract_track", lambda *_args, **_options: [])
    assert search(subtitled_clip).source == Source.SPEECH


def test_being_stopped_while_a_track_is_read_stops(search, subtitled_clip, monkeypatch):
    def stopped(*_args, **_options):
        raise StoppedError("stop")

    monkeypatch.setattr(transcription, "extract_track", stopped)
    with pytest.raises(StoppedError):
        search(subtitled_clip)


def test_speech_comes_third_and_the_service_last(search, clip, hearing):
    assert search(clip).source == Source.SPEECH
    hearing["hear"] = MediaError("gone", code=MediaErrorCode.SPEECH_MODEL_MISSING)
    found = search(clip)
    assert (found.source, found.note) == (Source.SERVICE, "SPEECH_MODEL_MISSING")
    assert found.transcript.cues[0].text == "Heard there."


@pytest.mark.parametrize(
    ("requested", "got"),
    [("speech", Source.SPEECH), ("service", Source.SERVICE), ("track", Source.TRACK)],
)
def test_the_requested_source_goes_first(
    *, search, subtitled_clip, captions, hearing, requested, got
):
    found = search(subtitled_clip, **captions, transcript_wanted=requested)
    assert (found.source, found.note) == (got, "")


@pytest.mark.parametrize(
    ("requested", "note"),
    [
        ("captions", "NO_CAPTIONS_FILE"),
        ("speech", "SPEECH_MODEL_MISSING"),
        ("service", "SPEECH_SERVICE_MISSING"),
    ],
)
def test_a_missing_requested_source_is_noted_and_the_next_one_used(
    search, subtitled_clip, requested, note
):
    found = search(subtitled_clip, transcript_wanted=requested)
    assert (found.source, found.note) == (Source.TRACK, note)
    assert note in all_codes()


def test_no_transcript_can_be_requested(search, subtitled_clip, captions, hearing):
    found = search(subtitled_clip, **captions, transcript_wanted="none")
    assert (found.source, found.transcript.cues, found.note) == (Source.NONE, (), "")


def test_without_any_source_the_note_says_what_is_missing(search, clip, silent_clip):
    assert search(clip).note == "SPEECH_MODEL_MISSING"
    assert search(silent_clip).note == "NO_SOUND"
    assert search(clip, transcript_wanted="track").note == "NO_SUBTITLE_TRACK"


def test_a_video_without_sound_has_no_speech(search, silent_clip, hearing):
    assert search(silent_clip).source == Source.NONE


@pytest.mark.parametrize("broken", ["missing", "unreadable", "too large"])
def test_captions_that_became_unreadable_are_passed_over(search, clip, settings, hearing, broken):
    key = "captions/1/words.srt"
    if broken == "unreadable":
        storage_files.save_bytes(key, b"no captions", content_type="text/plain")
    if broken == "too large":
        settings.CAPTIONS_MAX_BYTES = 10
        storage_files.save_bytes(key, SRT.encode(), content_type="text/plain")
    found = search(clip, captions_key=key, captions_filename="words.srt")
    assert (found.source, found.note) == (Source.SPEECH, "CAPTIONS_UNREADABLE")


def test_a_storage_that_does_not_answer_is_not_taken_for_missing_captions(
    search, clip, captions, monkeypatch
):
    def refuse(*_args, **_kwargs):
        raise HeimdexError(StorageCode.STORAGE_UNAVAILABLE)

    monkeypatch.setattr(storage_files, "read_bytes", refuse)
    with pytest.raises(HeimdexError, match="STORAGE_UNAVAILABLE"):
        search(clip, **captions)


def test_silence_gives_no_words_and_says_so(search, clip, hearing):
    hearing["hear"] = hearing["hear_remote"] = Transcript("en", ())
    found = search(clip)
    assert (found.source, found.transcript.cues, found.note) == (Source.NONE, (), "NO_SPEECH")


def test_a_failing_service_leaves_a_note(search, clip, hearing):
    hearing["hear"] = MediaError("odd")
    hearing["hear_remote"] = MediaError("down", code=MediaErrorCode.SPEECH_SERVICE_FAILED)
    found = search(clip, transcript_wanted="service")
    assert (found.source, found.note) == (Source.NONE, "SPEECH_SERVICE_FAILED")


@pytest.mark.parametrize("requested", ["speech", "service"])
def test_being_stopped_is_no_reason_to_try_the_next_source(search, clip, hearing, requested):
    hearing["hear"] = hearing["hear_remote"] = StoppedError("stop")
    with pytest.raises(StoppedError):
        search(clip, transcript_wanted=requested)


def test_sound_that_cannot_be_decoded_is_no_sound(search, clip, monkeypatch, settings):
    settings.SPEECH_MODEL = "small"
    monkeypatch.setattr(speech, "hear", lambda audio, **_options: iter(()))
    assert search(clip).note == "NO_SOUND"


def test_cues_end_with_the_video(search, clip):
    key = "captions/1/long.srt"
    text = "1\n00:00:02,000 --> 00:00:09,000\nOne two three four.\n\n2\n00:00:20,000 --> 00:00:21,000\nGone.\n"
    storage_files.save_bytes(key, text.encode(), content_type="text/plain")
    cues = search(clip, captions_key=key, captions_filename="long.srt").transcript.cues
    assert len(cues) == 1
    assert cues[0].end_ms <= 3100
    assert all(word.end_ms <= cues[0].end_ms for word in cues[0].words)


class TestSpeechModel:
    """The model that `auto` chooses, and what the video does while it is missing."""

    @pytest.fixture
    def maker(self, monkeypatch, settings):
        """A catalogue with an English model and one for all languages, at a server of this machine."""
        settings.SPEECH_MODEL = "auto"
        files = {"config.json": b"{}", "model.bin": b"weights" * 1000}
        with sources.serving(files) as maker:
            base = sources.model(sources.address(maker, files), size_bytes=7002)
            english = replace(base, name="tiny.en", folder="model-tiny", languages=("en",))
            monkeypatch.setattr(model_files, "SPEECH", (base, english))
            monkeypatch.setattr(model_files, "MODELS", {"base": base, "tiny.en": english})
            monkeypatch.setattr(model_files, "DEFAULT_SPEECH", base)
            self.known = {"base": base, "tiny.en": english}
            yield maker

    def place(self, name):
        model = self.known[name]
        model_files.store().fetch(model)
        return str(model_files.store().path(model))

    def chosen(self, language: str) -> tuple[str, str]:
        """The source, and the name of the model to fetch first."""
        found = model_files.choose_speech_model(language)
        assert found is not None
        return found.source, found.missing.name if found.missing else ""

    def test_the_best_model_that_is_there_and_knows_the_language_is_used(self, maker, settings):
        assert model_files.choose_speech_model("") is None
        english = self.place("tiny.en")
        assert self.chosen("en-GB") == (english, "")
        assert self.chosen("") == (english, "")  # nothing else is there
        settings.FETCH_MODELS = True
        assert self.chosen("ko")[1] == "base"
        base = self.place("base")
        assert self.chosen("en") == (base, "")
        settings.SPEECH_MODEL = "tiny.en"
        assert self.chosen("ko") == (english, "")
        settings.SPEECH_MODEL = "/models/mine"
        assert self.chosen("") == ("/models/mine", "")
        settings.SPEECH_MODEL = "none"
        assert model_files.choose_speech_model("") is None

    def test_a_missing_model_is_fetched_with_its_progress(
        self, search, clip, maker, settings, hearing
    ):
        settings.SPEECH_MODEL, settings.FETCH_MODELS, settings.SPEECH_API_URL = "auto", True, ""
        shares: list[float] = []
        found = search(clip, on_model_progress=shares.append)
        assert found.source == Source.SPEECH
        assert shares[-1] == 1.0
        row = MachineModel.objects.get()
        assert (row.name, row.status, row.percent) == ("base", "present", 100)
        assert row.sha256 == sources.sha256(maker.files["model.bin"])

    def test_without_a_network_the_video_is_ready_with_a_note(self, search, clip, maker, settings):
        settings.FETCH_MODELS = True
        maker.files.clear()
        assert search(clip).note == "SPEECH_MODEL_MISSING"
        assert MachineModel.objects.get().status == "failed"
        requests = len(maker.requests)
        assert search(clip).note == "SPEECH_MODEL_MISSING"
        assert len(maker.requests) == requests  # not tried again so soon

    def test_a_full_disk_says_so(self, search, clip, maker, settings, monkeypatch):
        settings.FETCH_MODELS = True

        def is_full(*_args):
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(store, "_check_space", is_full)
        assert search(clip).note == "STORAGE_FULL"
        assert MachineModel.objects.get().error == "No space left on device"

    def test_a_stop_while_fetching_ends_the_attempt(self, search, clip, maker, settings):
        settings.FETCH_MODELS = True
        with pytest.raises(StoppedError):
            search(clip, should_stop=lambda: bool(maker.requests))

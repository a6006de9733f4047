"""The glossary of a person's library: edited by page and API, told to the recogniser, and used for what it hears."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from mediakit.asr.chunking import SpeechAudio
from mediakit.asr.heard_piece import HeardPiece
from mediakit.text.glossary import MAX_TERM_CHARS, MAX_TERMS
from mediakit.text.transcript import Word
from tests.factories import UserFactory, VideoFactory
from videos.models import Glossary
from videos.transcripts import speech
from videos.transcripts.glossary import terms_of
from videos.transcripts.reading import SearchContext

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return UserFactory()


@pytest.fixture
def api(owner):
    client = APIClient()
    client.force_authenticate(owner)
    return client


def put(api, terms):
    return api.put("/v1/glossary", {"terms": terms}, format="json")


def test_a_script_reads_and_replaces_its_own_terms(api):
    Glossary.objects.create(owner=UserFactory(), terms=["Theirs"])
    assert api.get("/v1/glossary").json() == {"terms": []}
    assert put(api, ["  Heimdex ", "Grace  Hopper", "heimdex"]).json() == {
        "terms": ["Heimdex", "Grace Hopper"]
    }
    assert api.get("/v1/glossary").json()["terms"] == ["Heimdex", "Grace Hopper"]
    assert put(api, []).json() == {"terms": []}


@pytest.mark.parametrize(
    "terms",
    [
        [f"Term {number}" for number in range(MAX_TERMS + 1)],
        ["x" * (MAX_TERM_CHARS + 1)],
        ["one two three four five six"],
        [{"not": "text"}],
        "Heimdex",
    ],
    ids=["many", "long", "wordy", "typed", "single"],
)
def test_what_exceeds_a_limit_is_refused_and_changes_nothing(api, owner, terms):
    put(api, ["Heimdex"])
    refused = put(api, terms)
    assert (refused.status_code, refused.json()["error_code"]) == (422, "INVALID_INPUT")
    assert "terms" in refused.json()["details"]["fields"]
    assert terms_of(owner.pk) == ["Heimdex"]


def test_the_page_shows_and_saves_a_term_a_line(owner):
    client = Client()
    client.force_login(owner)
    saved = client.post("/glossary", {"terms": "Heimdex\r\n\r\n<b>Bold</b>\r\n"})
    assert (saved.status_code, saved["Location"]) == (302, "/glossary")
    assert terms_of(owner.pk) == ["Heimdex", "<b>Bold</b>"]
    shown = client.get("/glossary").content.decode()
    assert "Heimdex\n&lt;b&gt;Bold&lt;/b&gt;</textarea>" in shown
    refused = client.post("/glossary", {"terms": "x" * (MAX_TERM_CHARS + 1)})
    assert refused.status_code == 422
    assert "is too long" in refused.content.decode()
    assert terms_of(owner.pk) == ["Heimdex", "<b>Bold</b>"]
    client.post("/glossary", {"terms": ""})
    assert terms_of(owner.pk) == []


def test_each_piece_is_written_by_the_owners_glossary(monkeypatch, settings, tmp_path, owner):
    """The recogniser is told the terms, and a piece is corrected before it is stored."""
    Glossary.objects.create(owner=owner, terms=["Heimdex"])
    video = VideoFactory(owner=owner, duration_ms=1_000)
    told: list[list[str]] = []

    def hear(_audio, *, terms, **_options):
        told.append(terms)
        yield HeardPiece(0, 1_000, "en", (Word(0, 900, "heimdex.", probability=0.9),))

    monkeypatch.setattr(speech, "hear", hear)
    monkeypatch.setattr(speech, "_speech_model", lambda _context: "model")
    stored: list[HeardPiece] = []

    def keep(piece: HeardPiece) -> bool:
        stored.append(piece)
        return True

    context = SearchContext(
        video=video,
        source="",
        info=type("Info", (), {"duration_ms": 1_000})(),
        work_dir=tmp_path,
        should_stop=lambda: False,
        on_progress=lambda _: None,
        on_piece=keep,
    )
    reading = speech.from_speech(context, SpeechAudio(tmp_path / "speech.wav"))
    assert told == [["Heimdex"]]
    assert [word.text for word in stored[0].words] == ["Heimdex."]
    assert reading.transcript.cues[0].text == "Heimdex."
    assert reading.transcript.cues[0].words[0].heard == "heimdex."

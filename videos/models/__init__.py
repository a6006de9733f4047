"""The tables of videos and of what belongs to them."""

from videos.models.analysis import ShotAnalysis, SoundLevels, SpeechLevels
from videos.models.attempt import ProxyAttempt, VideoAttempt
from videos.models.clip import Clip, ClipChange, ClipQuerySet
from videos.models.correction import (
    BorderEdit,
    Correction,
    SpeakerRename,
    UncorrectedTranscript,
)
from videos.models.glossary import Glossary
from videos.models.machine_model import MachineModel
from videos.models.proxy import Proxy
from videos.models.scene import Cue, Scene
from videos.models.screen_text import ScreenReading, ScreenReadingAttempt, ScreenText
from videos.models.search import SearchEntry, SearchVector, SearchWord
from videos.models.suggestion import (
    BEST_FIRST,
    RankingAttempt,
    Suggestion,
    SuggestionQuerySet,
    SuggestionRanking,
)
from videos.models.tag import MAX_TAG_CHARS, VideoTag
from videos.models.transcript import Transcript
from videos.models.transcript_piece import TranscriptPiece
from videos.models.upload import Upload
from videos.models.video import Video, VideoQuerySet
from videos.models.word_times import WordTimes, WordTimesAttempt

__all__ = [
    "BEST_FIRST",
    "MAX_TAG_CHARS",
    "BorderEdit",
    "Clip",
    "ClipChange",
    "ClipQuerySet",
    "Correction",
    "Cue",
    "Glossary",
    "MachineModel",
    "Proxy",
    "ProxyAttempt",
    "RankingAttempt",
    "Scene",
    "ScreenReading",
    "ScreenReadingAttempt",
    "ScreenText",
    "SearchEntry",
    "SearchVector",
    "SearchWord",
    "ShotAnalysis",
    "SoundLevels",
    "SpeakerRename",
    "SpeechLevels",
    "Suggestion",
    "SuggestionQuerySet",
    "SuggestionRanking",
    "Transcript",
    "TranscriptPiece",
    "UncorrectedTranscript",
    "Upload",
    "Video",
    "VideoAttempt",
    "VideoQuerySet",
    "VideoTag",
    "WordTimes",
    "WordTimesAttempt",
]

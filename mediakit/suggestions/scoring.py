"""The score of a range of sentences: the weighted sum of what speaks for it and what speaks against it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from math import exp, log

from mediakit.suggestions.material import Material, Reason
from mediakit.suggestions.pictures import change_rate, face_share, opens_dark
from mediakit.suggestions.sentences import Sentence
from mediakit.suggestions.statements import Form
from mediakit.suggestions.voice import VoiceLevels, ranks, words_per_second

# The weights of the signals, each of which is between -1 and 1. Chosen by hand on made transcripts and one lecture.
WEIGHTS: Mapping[Reason, float] = {
    Reason.QUESTION: 1.5,
    Reason.OPENING: 0.9,
    Reason.ENDING: 0.9,
    Reason.NUMBERS: 0.4,
    Reason.CONTRAST: 0.4,
    Reason.LIST: 0.4,
    Reason.EXPLANATION: 0.6,
    Reason.CLAIM: 0.5,
    Reason.KEY_TERMS: 0.6,
    Reason.ENERGY: 0.6,
    Reason.PACE: 0.2,
    Reason.LAUGHTER: 0.5,
    Reason.APPLAUSE: 0.4,
    Reason.DIALOGUE: 0.3,
    Reason.FACE: 0.3,
    Reason.PICTURE: 0.2,
}
_FORMS = {
    Reason.NUMBERS: Form.NUMBERS,
    Reason.CONTRAST: Form.CONTRAST,
    Reason.LIST: Form.LIST,
    Reason.EXPLANATION: Form.EXPLANATION,
    Reason.CLAIM: Form.CLAIM,
}
# A signal that adds less is no reason worth showing.
LEAST_REASON = 0.15
MAX_REASONS = 4
# Penalties: for each sentence or word, up to a limit.
CHATTER_PENALTY, MAX_CHATTER = 0.9, 3
BACKWARD_PENALTY, MAX_BACKWARD = 0.4, 3
TOPIC_PENALTY, PAUSE_PENALTY, QUESTION_PENALTY = 0.7, 0.3, 0.4
PRONOUN_PENALTY, HESITATION_PENALTY = 6.0, 6.0  # for a share of the words
UNSURE_BORDER_PENALTY, ADDRESS_PENALTY, DARK_PENALTY = 1.0, 0.8, 0.6
CONTINUES_PENALTY = 0.4  # it goes on from what came before, or the next sentence goes on from it
LENGTH_PENALTY, IDEAL_MS = 0.5, 35_000
LONG_PAUSE_MS, SHORT_PAUSE_MS = 2_000, 700
ANSWER_MS = 8_000
# The score at which a clip is as likely good as not, and how fast that changes.
MIDDLE_SCORE, SCORE_SCALE = 2.5, 1.2


@dataclass(frozen=True, slots=True)
class Window:
    """The sentences `first` to `last`, both included, and the range in which they are said."""

    first: int
    last: int
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True)
class ScoredWindow:
    """A window with its score (0 to 1) and what speaks for it, the strongest first.

    `signals` are what each signal adds to the score, before that becomes a share.
    """

    window: Window
    score: float
    reasons: tuple[Reason, ...]
    signals: Mapping[Reason, float]


class _Counts:
    """Sums of a number over any run of sentences, in constant time."""

    def __init__(self, values: Iterable[int]) -> None:
        self._sums = [0, *accumulate(values)]

    def within(self, window: Window) -> int:
        """Return the sum over the window."""
        return self._sums[window.last + 1] - self._sums[window.first]

    def after_first(self, window: Window) -> int:
        """Return the sum over the window without its first sentence."""
        return self._sums[window.last + 1] - self._sums[window.first + 1]


class WindowScorer:
    """Scores windows of one video. `borders` are the sentences with which a topic begins."""

    def __init__(
        self,
        sentences: Sequence[Sentence],
        material: Material,
        *,
        term_counts: Sequence[int],
        borders: set[int],
        weights: Mapping[Reason, float] = WEIGHTS,
    ) -> None:
        self._sentences = sentences
        self._material = material
        self._borders = borders
        self._weights = weights
        self._voice = VoiceLevels(material.levels)

        def counts(value: Callable[[Sentence], int]) -> _Counts:
            return _Counts(value(sentence) for sentence in sentences)

        self._words = counts(lambda s: len(s.tokens))
        self._chatter = counts(lambda s: s.is_chatter)
        self._backward = counts(lambda s: s.backward_count)
        self._pronouns = counts(lambda s: s.pronoun_count)
        self._hesitations = counts(lambda s: s.hesitation_count)
        self._questions = counts(lambda s: s.is_question)
        self._pauses = counts(lambda s: s.pause_before_ms >= LONG_PAUSE_MS)
        self._laughter = counts(lambda s: s.has_laughter)
        self._applause = counts(lambda s: s.has_applause)
        self._forms = {
            reason: counts(lambda s, form=form: form in s.forms)  # type: ignore[misc]
            for reason, form in _FORMS.items()
        }
        self._terms = _Counts(term_counts)
        self._turns = _Counts(int(index in borders) for index in range(len(sentences)))
        self._speakers = _Counts(
            int(index > 0 and each.speaker != sentences[index - 1].speaker)
            for index, each in enumerate(sentences)
        )

    def score(self, windows: Sequence[Window]) -> list[ScoredWindow]:
        """Score all windows; energy, pace and key terms count by their rank among them."""
        energies = ranks([self._voice.energy(w.start_ms, w.end_ms) for w in windows])
        words = [self._words.within(window) for window in windows]
        paces = ranks(
            [words_per_second(n, w.start_ms, w.end_ms) for n, w in zip(words, windows, strict=True)]
        )
        terms = ranks(
            [self._terms.within(w) / max(1, n) for n, w in zip(words, windows, strict=True)]
        )
        found = []
        for index, window in enumerate(windows):
            signals = self.signals(window)
            signals[Reason.ENERGY] = energies[index]
            signals[Reason.PACE] = paces[index]
            signals[Reason.KEY_TERMS] = terms[index]
            found.append(self._scored(window, signals))
        return found

    def _scored(self, window: Window, signals: Mapping[Reason, float]) -> ScoredWindow:
        parts = {reason: self._weights[reason] * value for reason, value in signals.items()}
        total = sum(parts.values()) - self.penalty(window)
        ranked = sorted(Reason, key=lambda reason: -parts.get(reason, 0.0))
        reasons = [reason for reason in ranked if parts.get(reason, 0.0) >= LEAST_REASON]
        share = 1 / (1 + exp((MIDDLE_SCORE - total) / SCORE_SCALE))
        added = {reason: round(part, 3) for reason, part in parts.items() if part}
        return ScoredWindow(window, round(share, 4), tuple(reasons[:MAX_REASONS]), added)

    def signals(self, window: Window) -> dict[Reason, float]:
        """Return what can be said of a window without the others, each from -1 to 1."""
        material = self._material
        face = face_share(material.faces, window.start_ms, window.end_ms)
        forms = {reason: min(1.0, c.within(window) / 2) for reason, c in self._forms.items()}
        return {
            **forms,
            Reason.QUESTION: float(self._answers_question(window)),
            Reason.OPENING: self._opening(window),
            Reason.ENDING: self._ending(window),
            Reason.LAUGHTER: float(self._laughter.within(window) > 0),
            Reason.APPLAUSE: float(self._applause.within(window) > 0),
            Reason.DIALOGUE: float(1 <= self._speakers.after_first(window) <= 3),
            Reason.FACE: 0.0 if face is None else 2 * face - 1,
            Reason.PICTURE: change_rate(material.shots_ms, window.start_ms, window.end_ms),
        }

    def _answers_question(self, window: Window) -> bool:
        """Whether it begins with a question that is answered in it."""
        first = self._sentences[window.first]
        return first.asks and window.end_ms - first.end_ms >= ANSWER_MS

    def _opening(self, window: Window) -> float:
        """Return how clearly something new begins: another topic, a pause, another speaker."""
        first = self._sentences[window.first]
        pause = min(1.0, first.pause_before_ms / LONG_PAUSE_MS)
        speaker = window.first > 0 and self._sentences[window.first - 1].speaker != first.speaker
        return min(1.0, 0.5 * (window.first in self._borders) + 0.5 * pause + 0.4 * speaker)

    def _ending(self, window: Window) -> float:
        """Return how clearly a thought ends: a conclusion, another topic or speaker next, a pause."""
        last = self._sentences[window.last]
        pause = min(1.0, last.pause_after_ms / LONG_PAUSE_MS)
        ends = window.last + 1 in self._borders or window.last + 1 == len(self._sentences)
        concludes = Form.CONCLUSION in last.forms
        speaker = not ends and self._sentences[window.last + 1].speaker != last.speaker
        return min(1.0, 0.5 * ends + 0.5 * pause + 0.4 * speaker + 0.3 * concludes)

    def penalty(self, window: Window) -> float:
        """Return what speaks against a window."""
        first, last = self._sentences[window.first], self._sentences[window.last]
        following = (
            self._sentences[window.last + 1] if window.last + 1 < len(self._sentences) else None
        )
        count = max(1, self._words.within(window))
        return (
            CHATTER_PENALTY * min(MAX_CHATTER, self._chatter.within(window))
            + BACKWARD_PENALTY * min(MAX_BACKWARD, self._backward.within(window))
            + TOPIC_PENALTY * self._turns.after_first(window)
            + PAUSE_PENALTY * self._pauses.after_first(window)
            + QUESTION_PENALTY * self._questions.after_first(window)
            + PRONOUN_PENALTY * self._pronouns.within(window) / count
            + HESITATION_PENALTY * self._hesitations.within(window) / count
            + UNSURE_BORDER_PENALTY * ((not first.starts_surely) + (not last.ends_surely))
            + ADDRESS_PENALTY * first.addresses
            + DARK_PENALTY * opens_dark(self._material.dark_ms, window.start_ms)
            + CONTINUES_PENALTY * (first.goes_on + (following is not None and following.goes_on))
            + LENGTH_PENALTY * abs(log((window.end_ms - window.start_ms) / IDEAL_MS))
        )

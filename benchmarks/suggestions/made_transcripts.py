"""Transcripts made by rule: rambling speech with self-contained answers in it, whose places are known.

Speech comes from templates about random things, or from the lines of real caption files if they are given. An answer is
three to six sentences about one thing, a third of them without a question; the voice is 4 LU louder in two thirds of
them, and in as many places that are no answer. The same number gives the same transcript.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from mediakit.audio.loudness_index import STEP_MS, LoudnessIndex
from mediakit.suggestions.material import Material
from mediakit.text.transcript import Cue, spread_words

ANSWERS = 8
MINUTES = 40
MS_PER_WORD = {"en": 370, "ko": 620}
LOUD_LU = 4.0

_ENGLISH_THINGS = (
    "bread rivers bridges glaciers volcanoes lighthouses violins vaccines batteries forests markets cathedrals "
    "satellites honey concrete dialects earthquakes orchards railways deserts harbours clocks mirrors copper coffee "
    "whales lanterns mountains newspapers elections museums cotton bicycles telescopes gardens tunnels canals"
)
_ENGLISH_RAMBLING = (
    "And then {he} went over there with the {a}.",
    "That was kind of the thing with the {a}, you know.",
    "{he} put it next to the other one and left.",
    "So, um, this is the part where it gets a bit longer.",
    "It was raining again when {he} came back from the {b}.",
    "I think we talked about {a} and {b} for a while.",
    "There was also something with the {b} later on.",
    "Anyway, they had {n} of them in the back of the van.",
    "We looked at the {a} and nobody said anything.",
    "Did you see that?",
    "But it did not really work out for the {b}.",
    "My neighbour has a photograph of some {a} from the {b}.",
    "Can everybody hear me at the back?",
    "As I said earlier, that comes on the next slide.",
    "The next slide has the {a} that I mentioned.",
    "Those were the ones {he} liked, because {he} always does.",
    "We drove past the {a} on the way to the {b} and had lunch.",
    "In {n} people from the {b} came along, and then they went home.",
)
_ENGLISH_QUESTIONS = (
    "Why do {a} matter so much for {b}?",
    "How do {a} really work?",
    "What can we learn from {a}?",
    "What is the difference between {a} and {b}?",
)
_ENGLISH_OPENINGS = (
    "Most people think {a} are all the same, but the opposite is true.",
    "The biggest mistake with {a} is to hurry.",
    "There are three things that everybody should know about {a}.",
    "In the last {n} years {a} have changed more than in any century before.",
)
_ENGLISH_MIDDLE = (
    "{A} exist because {b} need a steady supply of energy from somewhere.",
    "About {n} percent of all {a} depend on {b}, which means that one cannot be understood without the other.",
    "Unlike {b}, {a} never return to their first state once the heat is gone.",
    "For example, a village in the north rebuilt its {a} within {n} months instead of waiting for {b}.",
    "First, the surface dries, second, the core hardens, and finally the {a} carry weight.",
    "The reason is simple: {a} store what {b} waste.",
    "If the pressure doubles, {a} shrink to half of their size.",
)
_ENGLISH_ENDINGS = (
    "That is why careful builders always begin with {a}.",
    "In the end, {a} reward patience more than strength.",
    "So the lesson of {a} is to measure twice and cut once.",
    "Whoever understands {a} understands half of what {b} are about.",
)
_KOREAN_THINGS = (
    "빵 강 다리 빙하 화산 등대 바이올린 백신 배터리 숲 시장 성당 위성 꿀 콘크리트 사투리 지진 "
    "과수원 철도 사막 항구 시계 거울 구리 커피 고래 등불 산맥 신문 선거 박물관 목화 자전거 망원경 정원 터널 운하"
)
_KOREAN_RAMBLING = (
    "그래서 그분이 {a} 쪽으로 그냥 갔어요.",
    "그게 {a} 때문에 좀 그랬던 것 같아요.",
    "그거를 거기에 두고 나왔거든요.",
    "음 그러니까 그건 조금 길어지는 이야기예요.",
    "그때 {b} 앞에 비가 또 왔어요.",
    "아까 말씀드린 것처럼 다음 슬라이드에 나옵니다.",
    "우리는 {a} 옆을 지나서 밥을 먹었습니다.",
    "뒤에 계신 분들 잘 들리시나요?",
    "이웃집에 {b} 사진이 {n}장 있었어요.",
    "그런데 그 사람들은 {b} 쪽을 좋아했어요.",
    "{a} 이야기를 한참 했던 것 같습니다.",
    "그거 보셨어요?",
)
_KOREAN_QUESTIONS = (
    "{a} 이야기가 왜 그렇게 중요할까요?",
    "{a} 안에서는 실제로 무슨 일이 일어날까요?",
    "우리는 {a} 역사에서 무엇을 배울 수 있을까요?",
)
_KOREAN_OPENINGS = (
    "사람들은 {a} 문제가 다 같다고 생각하지만 사실은 반대입니다.",
    "{a} 앞에서 가장 큰 실수는 서두르는 것입니다.",
    "{a} 이야기에서 누구나 알아야 할 것은 세 가지입니다.",
)
_KOREAN_MIDDLE = (
    "{a} 안에는 꾸준한 힘이 필요하기 때문에 {b} 없이는 설명할 수 없습니다.",
    "전체 {a} 가운데 {n}퍼센트는 {b} 덕분에 움직입니다.",
    "{b} 쪽과 달리 {a} 쪽은 열이 식으면 절대 처음으로 돌아가지 않습니다.",
    "예를 들어 북쪽의 한 마을은 {n}달 만에 {a} 전체를 다시 지었습니다.",
    "첫째 겉이 마르고, 둘째 속이 굳고, 마지막으로 {a} 전체가 무게를 견딥니다.",
)
_KOREAN_ENDINGS = (
    "그래서 좋은 장인은 항상 {a} 준비부터 시작합니다.",
    "결국 {a} 문제는 힘보다 인내로 풀립니다.",
    "한마디로 {a} 이해가 {b} 이해의 절반입니다.",
)


@dataclass(frozen=True, slots=True)
class MadeTranscript:
    """A transcript with its sound levels, and the ranges of the answers in it, in ms."""

    material: Material
    answers: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Language:
    code: str
    things: Sequence[str]
    rambling: Sequence[str]
    questions: Sequence[str]
    openings: Sequence[str]
    middle: Sequence[str]
    endings: Sequence[str]


_ENGLISH = _Language(
    "en",
    _ENGLISH_THINGS.split(),
    _ENGLISH_RAMBLING,
    _ENGLISH_QUESTIONS,
    _ENGLISH_OPENINGS,
    _ENGLISH_MIDDLE,
    _ENGLISH_ENDINGS,
)
_KOREAN = _Language(
    "ko",
    _KOREAN_THINGS.split(),
    _KOREAN_RAMBLING,
    _KOREAN_QUESTIONS,
    _KOREAN_OPENINGS,
    _KOREAN_MIDDLE,
    _KOREAN_ENDINGS,
)
KOREAN_EACH = 4  # every fourth transcript


def make_transcript(number: int, *, real_lines: Sequence[str] = ()) -> MadeTranscript:
    """Return the transcript of a number. With `real_lines`, the speech around the answers is made of them."""
    random = Random(number)  # noqa: S311
    language = _KOREAN if number % KOREAN_EACH == 0 and not real_lines else _ENGLISH
    around = _Around(random, language, real_lines)
    share_ms = MINUTES * 60_000 // (ANSWERS + 1)
    cues: list[Cue] = []
    answers: list[tuple[int, int]] = []
    loud: list[tuple[int, int]] = []
    for part in range(ANSWERS + 1):
        until_ms = share_ms * (part + 1) - random.randrange(60_000)
        first = len(cues)
        while _end_ms(cues) < until_ms:
            _say(cues, around.line(), random, language)
        if random.random() < 2 / 3:
            middle = cues[(first + len(cues)) // 2]
            loud.append((middle.start_ms, middle.start_ms + 30_000))
        if part < ANSWERS:
            span = _say_answer(cues, random, language)
            answers.append(span)
            if random.random() < 2 / 3:
                loud.append(span)
    duration_ms = _end_ms(cues) + 2_000
    material = Material(
        duration_ms=duration_ms,
        cues=cues,
        language=language.code,
        levels=_levels(duration_ms, loud, random),
    )
    return MadeTranscript(material, tuple(answers))


class _Around:
    """What is said around the answers."""

    def __init__(self, random: Random, language: _Language, real_lines: Sequence[str]) -> None:
        self._random, self._language, self._lines = random, language, real_lines
        self._at = random.randrange(len(real_lines)) if real_lines else 0

    def line(self) -> str:
        """Return the next line."""
        if not self._lines:
            return _filled(
                self._random.choice(self._language.rambling), self._random, self._language
            )
        self._at += 1
        return self._lines[self._at % len(self._lines)]


def _say_answer(cues: list[Cue], random: Random, language: _Language) -> tuple[int, int]:
    """Say an answer about one thing of 15 to 60 s; returns its range."""
    first, second = random.sample(language.things, 2)
    asks = random.random() < 2 / 3
    texts = [random.choice(language.questions if asks else language.openings)]
    texts += random.sample(language.middle, random.choice((2, 3, 4)))
    texts.append(random.choice(language.endings))
    start = len(cues)
    for text in texts:
        _say(cues, _with(text, first, second, random), random, language)
    while cues[-1].end_ms - cues[start].start_ms < 16_000:
        text = random.choice(language.middle)
        _say(cues, _with(text, first, second, random), random, language)
    return cues[start].start_ms, cues[-1].end_ms


def _filled(text: str, random: Random, language: _Language) -> str:
    first, second = random.sample(language.things, 2)
    return _with(text, first, second, random)


def _with(text: str, first: str, second: str, random: Random) -> str:
    values = {"a": first, "A": first.capitalize(), "b": second, "n": random.randrange(2, 90)}
    made = text.format(**values, he=random.choice(("he", "she", "they")))
    return made[:1].upper() + made[1:]


def _say(cues: list[Cue], text: str, random: Random, language: _Language) -> None:
    pause_ms = random.choice((150, 250, 400, 700, 1_200))
    start_ms = _end_ms(cues) + pause_ms
    pace = MS_PER_WORD[language.code] * random.uniform(0.9, 1.1)
    end_ms = start_ms + round(pace * max(1, len(text.split())))
    cues.append(Cue(start_ms, end_ms, text, spread_words(text, start_ms, end_ms)))


def _end_ms(cues: Sequence[Cue]) -> int:
    return cues[-1].end_ms if cues else 0


def _levels(duration_ms: int, loud: Sequence[tuple[int, int]], random: Random) -> LoudnessIndex:
    lufs = [-27.0 + random.gauss(0, 2) for _ in range(duration_ms // STEP_MS)]
    for start_ms, end_ms in loud:
        for step in range(start_ms // STEP_MS, min(len(lufs), end_ms // STEP_MS)):
            lufs[step] += LOUD_LU
    return LoudnessIndex.from_levels(lufs, lufs, track=1)

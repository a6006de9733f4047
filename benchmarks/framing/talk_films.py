"""Films of people who speak in turns, composed of real clips of one person each, so that who speaks is known exactly.

Each person has a tile of the film. In their turn their clip plays with its sound; otherwise they listen: the stillest
moment of their clip plays slowly to and fro, and the tile sways and nods, as a head does. With `mouthing` they go on
talking without sound instead, which is harder than any conversation.
"""

import random
import subprocess
import tempfile
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2 as _cv2
import numpy as np

from mediakit.asr.chunking import SpeechAudio
from mediakit.asr.speech_index import STEP_MS, SpeechIndex
from mediakit.asr.voice_activity import measure_speech
from mediakit.framing.analysis.finders.face_detection import Detector
from mediakit.framing.analysis.shot_analysis import analyze_shots
from mediakit.framing.range_analysis import FaceSample, RangeAnalysis
from mediakit.framing.rect import Rect
from mediakit.media_info import MediaInfo

cv2: Any = _cv2  # its annotations are too loose
Pixels = np.ndarray[Any, np.dtype[np.uint8]]
Samples = np.ndarray[Any, np.dtype[np.int16]]

RATE = 25
SOUND_HZ = 16_000
SAMPLES_PER_FRAME = SOUND_HZ // RATE
SIZE = (960, 540)
MAX_CLIP_S, MIN_CLIP_S = 14, 3
SEARCHED_S, MAX_SHOTS_READ, CLIPS_PER_FILE = 120, 4, 2
MIN_ALONE, MIN_SPOKEN = 0.85, 0.7  # shares of a clip with exactly one face, and with a voice
MAX_WALK = 0.7  # how far the face's centre may be from its median, in face widths
STILL_FRAMES = 16  # of a listener's moment, shown at a quarter of its speed
TURN_S = (0.5, 8.0)
FILM_S = 20
SWAY_PX, NOD_PX = 3, 6
DISSOLVE_FRAMES = 6
MAX_FACE_PX = 240  # four fifths of an upright window
LOUD_DB = -23.0  # every voice is brought to this level


@dataclass(frozen=True, slots=True)
class TalkClip:
    """A clip of one person: its pictures (BGR), its sound, and where the face is (the median box, in pixels).

    `spoken` says for each picture whether speech is heard. `still` is the first picture of the stillest moment.
    """

    name: str
    pictures: Pixels
    sound: Samples
    face: tuple[float, float, float, float]
    spoken: tuple[bool, ...]
    still: int


@dataclass(frozen=True, slots=True)
class Turn:
    """`speaker` is a tile's index; both times are in frames."""

    speaker: int
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class TalkFilm:
    """A composed film.

    `columns` are the tiles' edges in pixels. `heard` names the tile whose voice is heard in each frame, -1 for none.
    `cameras` names the tile that fills the picture in each frame, -1 where all are on screen. `voice` is measured from
    the whole sound, as the product does.
    """

    path: Path
    columns: tuple[tuple[int, int], ...]
    turns: tuple[Turn, ...]
    heard: tuple[int, ...]
    cameras: tuple[int, ...]
    voice: SpeechIndex

    def tile(self, speaker: int, frame: int) -> tuple[float, float]:
        """The left and the right edge of a person's part of the picture in a frame, as fractions."""
        if self.cameras[frame] >= 0:
            return 0.0, 1.0
        low, high = self.columns[speaker]
        return low / SIZE[0], high / SIZE[0]


def read_clips(path: Path, info: MediaInfo, detector: Detector) -> list[TalkClip]:
    """The longest shots of a file that show one person who is heard, and not in an inset, as material for films."""
    if not info.audio or info.duration_ms < MIN_CLIP_S * 1000:
        return []
    end_ms = min(info.duration_ms, SEARCHED_S * 1000)
    with tempfile.TemporaryDirectory() as work:
        analysis = analyze_shots(
            *(str(path), info), start_ms=0, end_ms=end_ms, detector=detector, work_dir=Path(work)
        )
    found = (_read_shot(path, info, analysis, shot) for shot in longest_shots(analysis))
    return [clip for clip in found if clip is not None][:CLIPS_PER_FILE]


def longest_shots(analysis: RangeAnalysis) -> list[tuple[int, int]]:
    """(start, end) in ms of the MAX_SHOTS_READ longest shots without an inset: the rest of a webinar is no person's."""
    edges = [analysis.start_ms, *(cut // 1000 for cut in analysis.cuts_us), analysis.end_ms]
    insets = [each for each in analysis.contents if each.inset is not None]
    shots = [
        (low, high)
        for low, high in pairwise(edges)
        if not any(low < each.end_ms - 1 and each.start_ms < high for each in insets)
    ]
    return sorted(shots, key=lambda shot: shot[0] - shot[1])[:MAX_SHOTS_READ]


def _read_shot(
    path: Path, info: MediaInfo, analysis: RangeAnalysis, shot: tuple[int, int]
) -> TalkClip | None:
    start_s, end_s = shot[0] / 1000 + 0.1, min(shot[1] / 1000 - 0.1, shot[0] / 1000 + MAX_CLIP_S)
    samples = [s for s in analysis.samples if start_s * 1000 <= s.time_ms < end_s * 1000]
    face = _one_face(samples)
    if face is None or end_s - start_s < MIN_CLIP_S:
        return None
    pictures, sound = _pictures(path, info, start_s, end_s), _sound(path, start_s, end_s)
    frames = min(len(pictures), len(sound) // SAMPLES_PER_FRAME)
    spoken = _spoken(sound, frames)
    if sum(spoken) < MIN_SPOKEN * frames:
        return None
    height, width = pictures.shape[1:3]
    box = face.left * width, face.top * height, face.width * width, face.height * height
    pictures = pictures[:frames]
    name = f"{path.stem}@{start_s:.0f}"
    return TalkClip(name, pictures, _levelled(sound), box, spoken, _stillest(pictures, box))


def _one_face(samples: Sequence[FaceSample]) -> Rect | None:
    """The median box of the only face; None if it is often absent or not the only one."""
    single = [s.faces[0].box for s in samples if len(s.faces) == 1]
    if not single:
        return None
    sides = [[getattr(box, side) for box in single] for side in Rect.__slots__]
    face = Rect(*(float(np.median(side)) for side in sides))
    near = [b for b in single if abs(b.centre[0] - face.centre[0]) < MAX_WALK * face.width]
    return face if len(near) >= MIN_ALONE * len(samples) else None


def _decoded(path: Path, start_s: float, end_s: float, *options: str) -> bytes:
    command = ["ffmpeg", "-v", "error", "-nostdin", "-ss", f"{start_s:.3f}", "-i", str(path)]
    command += ["-t", f"{end_s - start_s:.3f}", *options, "-"]
    return subprocess.run(command, check=True, capture_output=True).stdout


def _pictures(path: Path, info: MediaInfo, start_s: float, end_s: float) -> Pixels:
    wide, high = info.video.display_width, info.video.display_height
    height = min(SIZE[1], high) // 2 * 2
    width = round(wide * height / high / 2) * 2
    scale = f"fps={RATE},scale={width}:{height},setsar=1"
    raw = _decoded(path, start_s, end_s, "-vf", scale, *("-pix_fmt", "bgr24", "-f", "rawvideo"))
    return np.frombuffer(raw, np.uint8).reshape(-1, height, width, 3)


def _sound(path: Path, start_s: float, end_s: float) -> Samples:
    options = ("-vn", "-ac", "1", "-ar", str(SOUND_HZ), "-f", "s16le")
    return np.frombuffer(_decoded(path, start_s, end_s, *options), np.int16)


def _levelled(sound: Samples) -> Samples:
    """The sound at LOUD_DB."""
    samples = sound.astype(np.float32)
    gain = 10 ** (LOUD_DB / 20) * 32768 / max(1.0, float(np.sqrt(np.mean(samples**2))))
    return np.asarray(np.clip(samples * gain, -32000, 32000), np.int16)


def _spoken(sound: Samples, frames: int) -> tuple[bool, ...]:
    """Whether a voice is heard in each picture."""
    index = speech_index(sound)
    steps = 1000 // RATE // STEP_MS
    return tuple(any(index.has_voice(i * steps + k) for k in range(steps)) for i in range(frames))


def speech_index(sound: Samples) -> SpeechIndex:
    """The levels and the voice of the sound, measured as the product does."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        with wave.open(file.name, "wb") as out:
            out.setparams((1, 2, SOUND_HZ, 0, "NONE", "not compressed"))
            out.writeframes(sound.tobytes())
        return measure_speech(SpeechAudio(Path(file.name)))


def _stillest(pictures: Pixels, face: tuple[float, float, float, float]) -> int:
    """The first picture of the moment in which the lower half of the face changes least."""
    left, top, wide, high = (int(v) for v in face)
    mouth = pictures[:, top + high // 2 : top + high, left : left + wide].mean(axis=3)
    change = np.abs(np.diff(mouth, axis=0)).mean(axis=(1, 2))
    sums = np.convolve(change, np.ones(STILL_FRAMES - 1), "valid")
    return int(sums.argmin())


def make_turns(people: int, chance: random.Random, seconds: float = FILM_S) -> tuple[Turn, ...]:
    """Turns of `TURN_S` that fill the film; no one speaks twice in a row."""
    turns: list[Turn] = []
    at, end = 0, round(seconds * RATE)
    while at < end:
        others = [p for p in range(people) if not turns or p != turns[-1].speaker]
        length = round(chance.uniform(*TURN_S) * RATE)
        until = end if end - at - length < TURN_S[0] * RATE else at + length
        turns.append(Turn(chance.choice(others), at, until))
        at = until
    return tuple(turns)


def make_film(
    clips: Sequence[TalkClip],
    path: Path,
    chance: random.Random,
    *,
    scales: Sequence[float],
    close_ups: bool = False,
    mouthing: bool = False,
) -> TalkFilm:
    """Compose a film of the clips, side by side, each enlarged by its scale (1 fills the tile).

    With `close_ups` a second camera shows the one who speaks in about half of the turns. With `mouthing` listeners go
    on talking without sound.
    """
    width, height = SIZE
    edges = [round(width * i / len(clips) / 2) * 2 for i in range(len(clips) + 1)]
    columns = tuple(pairwise(edges))
    turns = make_turns(len(clips), chance)
    tiles = [
        _Tile(c, hi - lo, height, scale, mouthing=mouthing, seed=chance.random())
        for c, (lo, hi), scale in zip(clips, columns, scales, strict=True)
    ]
    shown: list[int] = []
    heard: list[int] = []
    sound: list[Samples] = []
    silent = path.with_suffix(".raw.mkv")
    encoder = _encoder(silent)
    assert encoder.stdin is not None  # noqa: S101 -- asked for
    for turn in turns:
        close = close_ups and chance.random() < 0.5
        for frame in range(turn.first, turn.end):
            parts = [
                t.picture(frame, speaks=i == turn.speaker, left=turn.end - frame)
                for i, t in enumerate(tiles)
            ]
            voice, spoken = tiles[turn.speaker].voice()
            sound.append(voice)
            heard.append(turn.speaker if spoken else -1)
            shown.append(turn.speaker if close else -1)
            picture = np.concatenate(parts, axis=1)
            if close:
                picture = tiles[turn.speaker].close_up()
            encoder.stdin.write(np.ascontiguousarray(picture).tobytes())
    encoder.stdin.close()
    encoder.wait()
    whole = np.concatenate(sound)
    _add_sound(silent, whole, path)
    return TalkFilm(path, columns, turns, tuple(heard), tuple(shown), speech_index(whole))


class _Tile:
    """One person's part of the film, picture by picture."""

    def __init__(
        self, clip: TalkClip, width: int, height: int, scale: float, *, mouthing: bool, seed: float
    ) -> None:
        self._clip = clip
        self._size = (width, height)
        self._mouthing = mouthing
        self._seed = seed
        self._next = 0
        self._shown = 0
        self._speaks = False
        self._since = DISSOLVE_FRAMES  # frames since they began to speak or to listen
        self._last = np.zeros((height, width, 3), np.uint8)
        # The smallest magnification that fills the tile with room to sway, times the scale.
        high, wide = clip.pictures.shape[1:3]
        fills = max((width + 4 * NOD_PX) / wide, (height + 4 * NOD_PX) / high)
        self._zoom = max(fills, min(fills * scale, MAX_FACE_PX / clip.face[2]))

    def picture(self, frame: int, *, speaks: bool, left: int) -> Pixels:
        """The tile in a frame of the film, `left` frames before the turn ends.

        A speaker's clip goes on, or begins again if it would end before the turn; a listener's does not.
        """
        clip = self._clip
        if speaks != self._speaks:
            self._speaks, self._since = speaks, 0
            if speaks and self._next + left > len(clip.pictures):
                self._next = 0
        if speaks or self._mouthing:
            self._shown = self._next
            self._next = (self._next + 1) % len(clip.pictures)
            return self._dissolved(self._cut(clip.pictures[self._shown], 0.0, 0.0))
        nod = NOD_PX * max(
            0.0, np.sin(frame / RATE * 9) * np.sin(frame / RATE * 0.9 + 6 * self._seed)
        )
        swing = (frame // 4) % (2 * STILL_FRAMES - 2)
        step = swing if swing < STILL_FRAMES else 2 * STILL_FRAMES - 2 - swing
        sway = SWAY_PX * np.sin(frame / RATE * 2.1 + 6 * self._seed)
        return self._dissolved(self._cut(clip.pictures[clip.still + step], sway, nod))

    def close_up(self) -> Pixels:
        """The last picture as a second camera shows it: as wide as the film, the face no wider than MAX_FACE_PX."""
        width = self._last.shape[1]
        zoom = min(SIZE[0] / width, MAX_FACE_PX / (self._clip.face[2] * self._zoom))
        matrix = np.array(
            [[zoom, 0, SIZE[0] / 2 - zoom * width / 2], [0, zoom, SIZE[1] * 0.42 * (1 - zoom)]]
        )
        # Beside the picture its edge goes on, as a wall would.
        return np.asarray(
            cv2.warpAffine(self._last, matrix, SIZE, borderMode=cv2.BORDER_REPLICATE), np.uint8
        )

    def _dissolved(self, picture: Pixels) -> Pixels:
        """The picture, mixed with the last one where another part of the clip begins: a jump would be a cut."""
        self._since += 1
        share = min(1.0, self._since / DISSOLVE_FRAMES)
        if share < 1 and not self._mouthing:
            mixed = cv2.addWeighted(picture, share, self._last, 1 - share, 0)
            picture = np.asarray(mixed, np.uint8)
        self._last = picture
        return picture

    def voice(self) -> tuple[Samples, bool]:
        """The sound of the picture that was shown last, and whether it is speech."""
        at = self._shown * SAMPLES_PER_FRAME
        return self._clip.sound[at : at + SAMPLES_PER_FRAME], self._clip.spoken[self._shown]

    def _cut(self, picture: Pixels, sway: float, nod: float) -> Pixels:
        """The tile around the face, which lies in its upper part."""
        width, height = self._size
        left, top, wide, high = self._clip.face
        x = (left + wide / 2) * self._zoom - width / 2 + sway
        y = (top + high / 2) * self._zoom - height * 0.42 + sway / 2 + nod
        full = picture.shape[1] * self._zoom, picture.shape[0] * self._zoom
        x = min(max(0.0, x), full[0] - width)
        y = min(max(0.0, y), full[1] - height)
        matrix = np.array([[self._zoom, 0, -x], [0, self._zoom, -y]])
        return np.asarray(cv2.warpAffine(picture, matrix, (width, height)), np.uint8)


def _encoder(path: Path) -> "subprocess.Popen[bytes]":
    command = ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "bgr24"]
    command += ["-s", f"{SIZE[0]}x{SIZE[1]}", "-r", str(RATE), "-i", "-"]
    command += ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "20", "-pix_fmt", "yuv420p"]
    return subprocess.Popen([*command, str(path)], stdin=subprocess.PIPE)


def _add_sound(silent: Path, sound: Samples, path: Path) -> None:
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(silent), "-f", "s16le"]
    command += ["-ar", str(SOUND_HZ), "-ac", "1", "-i", "-", "-c:v", "copy", "-c:a", "aac"]
    subprocess.run([*command, str(path)], input=sound.tobytes(), check=True)
    silent.unlink()

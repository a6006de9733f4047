"""Draw and speak the demo talk with ffmpeg alone: no network, no media files."""

import shutil
import tempfile
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from mediakit.errors import ToolError
from mediakit.sandbox import process
from mediakit.subtitles import writers
from mediakit.text.transcript import Cue, Word, spread_words
from tests.demo_maker.drawing import Sheet, render
from tests.demo_maker.scenery import SHOTS

FPS = 25
RATE = 16_000
# A keyframe every two seconds, as cameras and screen recorders write them.
GOP_S = 2

# What is said, shot by shot.
TALK: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "welcome",
        (
            "Hello, and welcome to a very short talk about very long videos.",
            "Somewhere in every lecture there is one minute that people would love to share.",
            "The trouble is finding it.",
        ),
    ),
    (
        "timeline",
        (
            "Nobody wants to drag a slider through an hour of recording.",
            "We remember words, and almost never the time at which they were said.",
            "It was somewhere in the middle, we say, and then we give up.",
            "So the words should be the way in.",
        ),
    ),
    (
        "close_up",
        (
            "First, the recording is turned into a transcript, word by word.",
            "Then it is cut into scenes, and every scene begins and ends with a whole sentence.",
            "A pause helps, and so does a change of picture.",
        ),
    ),
    (
        "search",
        (
            "Now you can search for a phrase and land on the second it was spoken.",
            "Click a word, and the player jumps there.",
            "The best line is lit, and its scene is one click away.",
        ),
    ),
    (
        "phone",
        (
            "When you have found your moment, the picture has to fit a phone.",
            "A wide frame becomes a tall one, and the speaker stays in view.",
            "The sound is levelled, and the file is checked before anyone sees it.",
        ),
    ),
    (
        "goodbye",
        (
            "That is all there is to it.",
            "One long video in, and one good minute out.",
            "Try it with a lecture of your own.",
            "Thank you for listening.",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class _Line:
    """A sentence as it is said: its samples (16 kHz, mono, 16 bit) and when it begins."""

    shot: str
    text: str
    sound: bytes
    start_ms: int = 0

    @property
    def length_ms(self) -> int:
        return len(self.sound) // 2 * 1000 // RATE


def make_talk(
    out_dir: Path,
    *,
    seconds: int = 90,
    size: tuple[int, int] = (1280, 720),
    preset: str = "veryfast",
) -> tuple[Path, Path]:
    """Make a talk of `seconds` with a speaker, slides and a voice, and its captions.

    Returns the paths of `talk.mp4` and `talk.vtt` in `out_dir`. The captions carry word times. A
    shorter talk leaves out its last sentences. `preset` is x264's.
    """
    with tempfile.TemporaryDirectory(prefix="heimdex-demo-") as name:
        work = Path(name)
        lines = _timed(_spoken(work), seconds * 1000)
        cues = [_cue(line) for line in lines]
        _write_sound(work / "voice.wav", lines, seconds * 1000)
        _render(work, lines, cues, seconds=seconds, size=size, preset=preset)
        out_dir.mkdir(parents=True, exist_ok=True)
        video = Path(shutil.move(work / "talk.mp4", out_dir / "talk.mp4"))
    vtt = out_dir / "talk.vtt"
    vtt.write_text(writers.write_vtt(cues, word_times=True), encoding="utf-8")
    return video, vtt


def _spoken(work: Path) -> list[_Line]:
    """Every sentence of the talk with its sound."""
    lines: list[_Line] = []
    for shot, sentences in TALK:
        for text in sentences:
            path = work / f"line{len(lines)}.wav"
            say(text, path)
            with wave.open(str(path)) as sound:
                lines.append(_Line(shot, text, sound.readframes(sound.getnframes())))
    return lines


def say(text: str, path: Path) -> None:
    """Speak into a 16 kHz mono WAV file; where ffmpeg has no voice, hum as long as it takes."""
    plain = "".join(char for char in text if char.isalnum() or char == " ")
    trim = "silenceremove=start_periods=1:start_threshold=-45dB,areverse"
    shaped = f"{trim},{trim},atempo=0.84,volume=-4dB,aresample={RATE}"
    hum = (
        "aevalsrc='(0.5*sin(2*PI*(120+12*sin(5*t))*t)+0.3*sin(2*PI*240*t)+0.2*sin(2*PI*720*t))"
        f"*pow(abs(sin(2*PI*2.1*t)),1.5)*0.4':s={RATE}:d={max(1.0, len(text) / 15):.2f}"
    )
    for voice in (f"flite=text='{plain}':voice=slt", hum):
        argv = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", voice]
        argv += ["-af", shaped, "-ac", "1", "-c:a", "pcm_s16le", path.name]
        try:
            process.run(argv, timeout_s=60, cwd=path.parent)
        except ToolError:
            if voice is hum:
                raise
        else:
            return


def _timed(lines: Sequence[_Line], duration_ms: int) -> list[_Line]:
    """The lines laid over the talk: pauses share what time is left, longer between shots."""
    kept = list(lines)
    while len(kept) > 1 and sum(line.length_ms + 250 for line in kept) > duration_ms:
        kept.pop()
    changes = sum(a.shot != b.shot for a, b in pairwise(kept))
    spare = max(0, duration_ms - sum(line.length_ms for line in kept))
    # In units of one pause between sentences: three for a change of shot, one each at the ends.
    unit = min(900, spare // (len(kept) + 1 + 2 * changes))
    timed, now, shot = [], unit, kept[0].shot
    for line in kept:
        now += 2 * unit if line.shot != shot else 0
        shot = line.shot
        timed.append(_Line(line.shot, line.text, line.sound, now))
        now += line.length_ms + unit
    return timed


def _cue(line: _Line) -> Cue:
    end = line.start_ms + line.length_ms
    words = (
        Word(word.start_ms, word.end_ms, word.text)
        for word in spread_words(line.text, line.start_ms, end)
    )
    return Cue(line.start_ms, end, line.text, tuple(words))


def _write_sound(path: Path, lines: Sequence[_Line], duration_ms: int) -> None:
    """All lines at their times, in one WAV file."""
    whole = bytearray(duration_ms * RATE // 1000 * 2)
    for line in lines:
        begin = line.start_ms * RATE // 1000 * 2
        whole[begin : begin + len(line.sound)] = line.sound
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(RATE)
        sound.writeframes(bytes(whole[: duration_ms * RATE // 1000 * 2]))


def _render(
    work: Path,
    lines: Sequence[_Line],
    cues: Sequence[Cue],
    *,
    seconds: int,
    size: tuple[int, int],
    preset: str,
) -> None:
    """Draw every shot and put picture and sound into `talk.mp4`."""
    graph, events = [], []
    spans = _shot_spans(lines, seconds * 1000)
    for number, (name, begin, end) in enumerate(spans):
        shot, sheet = SHOTS[name], Sheet((begin, end))
        words = [word for cue in cues for word in cue.words if begin <= word.start_ms < end]
        shot.paint(sheet, (begin, end), words)
        events += sheet.events
        (work / f"still{number}.ass").write_text(render(sheet.still), encoding="utf-8")
        first, second = (colour.replace("#", "0x") for colour in shot.colours)
        frames = (end - begin) * FPS // 1000
        graph.append(
            f"gradients=s={size[0]}x{size[1]}:r={FPS}:n=2:seed=1:c0={first}:c1={second}"
            f":x0=0:y0=0:x1={size[0]}:y1={size[1]},trim=end_frame=1"
            f",ass=filename=still{number}.ass,format=yuv420p"
            f",loop={frames - 1}:1:0,setpts=N/{FPS}/TB[shot{number}]"
        )
    (work / "talk.ass").write_text(render(events), encoding="utf-8")
    joined = "".join(f"[shot{number}]" for number in range(len(spans)))
    graph.append(f"{joined}concat=n={len(spans)}:v=1:a=0,ass=filename=talk.ass,setsar=1[picture]")
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", "voice.wav"]
    argv += ["-filter_complex", ";".join(graph), "-map", "[picture]", "-map", "0:a"]
    argv += ["-af", "aresample=48000", "-ac", "2", "-c:a", "aac", "-b:a", "64k"]
    argv += ["-c:v", "libx264", "-preset", preset, "-crf", "22", "-g", str(FPS * GOP_S)]
    argv += ["-pix_fmt", "yuv420p", "-movflags", "+faststart", "talk.mp4"]
    process.run(argv, timeout_s=600, cwd=work)


def _shot_spans(lines: Sequence[_Line], duration_ms: int) -> list[tuple[str, int, int]]:
    """(name, start, end) of every shot, on whole frames: the picture changes before the words."""
    frame = 1000 // FPS
    starts: list[tuple[str, int]] = []
    for line in lines:
        if not starts or starts[-1][0] != line.shot:
            starts.append((line.shot, (line.start_ms - 400) // frame * frame if starts else 0))
    ends = [*(start for _, start in starts[1:]), duration_ms]
    return [(name, start, end) for (name, start), end in zip(starts, ends, strict=True)]

"""`python -m benchmarks.speech.quality MODEL clip.mp4=captions.srt [...]`: how well speech is recognised, and its cost.

MODEL is a folder with a model in CTranslate2's format, such as `data/models/faster-whisper-base`. Each clip is heard
in a process of its own, as the product hears it, and its words are compared with those of its captions file (WER: the
word error rate; `benchmarks.speech.spoken_words` says which spellings are the same). `--beam` takes another beam,
`--minutes` repeats each clip until its sound is that long, to see that memory stays flat; only the first round is
compared then.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from rapidfuzz.distance import Levenshtein

from benchmarks.speech.spoken_words import spoken_words
from mediakit.asr.chunking import SAMPLE_RATE_HZ, SpeechAudio
from mediakit.asr.whisper import BEAM_SIZE, hear, load_model
from mediakit.subtitles.formats import parse_captions
from mediakit.text.transcript import Word


@dataclass(frozen=True, slots=True)
class Result:
    """One clip. CPU time is per second of sound and without loading the model; memory is in MB (1,000,000 bytes).

    `early_mb` is the memory of the process after a tenth of the sound, `late_mb` at its end.
    """

    clip: str
    language: str
    sound_s: float
    words: int
    wrong: float
    cpu: float
    words_per_s: float
    first_words_s: float
    early_mb: float
    late_mb: float
    peak_mb: float


def measure(clip: Path, captions: Path, *, model: str, beam: int, minutes: float) -> Result:
    """Hear one clip in this process."""
    with tempfile.TemporaryDirectory() as work:
        wav = Path(work) / "speech.wav"
        once_s = _extract(clip, wav, minutes=0)
        if minutes:
            _extract(clip, wav, minutes=minutes)
        load_model(model, offline=True)  # as `hear` below, which would load another one
        begun, used = time.monotonic(), time.process_time()
        first_words_s = early_mb = 0.0
        total_ms = wav.stat().st_size // 2 * 1000 // SAMPLE_RATE_HZ
        words: list[Word] = []
        languages: set[str] = set()
        for piece in hear(SpeechAudio(wav), model=model, beam_size=beam, offline=True):
            words += piece.words
            languages |= {piece.language} - {""} if piece.words else set()
            first_words_s = first_words_s or (time.monotonic() - begun if words else 0.0)
            early_mb = early_mb or (_memory_mb() if piece.end_ms * 10 >= total_ms else 0.0)
        wall_s, cpu_s = time.monotonic() - begun, time.process_time() - used
    once = [word.text for word in words if word.start_ms < once_s * 1000]
    said = [cue.text for cue in parse_captions(captions.read_bytes(), filename=captions.name)]
    return Result(
        clip=clip.name,
        language=" ".join(sorted(languages)),
        sound_s=total_ms / 1000,
        words=len(words),
        wrong=word_error_rate(" ".join(said), " ".join(once)),
        cpu=cpu_s * 1000 / total_ms,
        words_per_s=len(words) / wall_s,
        first_words_s=first_words_s,
        early_mb=early_mb,
        late_mb=_memory_mb(),
        peak_mb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6,
    )


def word_error_rate(said: str, heard: str) -> float:
    """Return wrong, missing and added words per word said."""
    reference = spoken_words(said)
    return Levenshtein.distance(reference, spoken_words(heard)) / max(1, len(reference))


def _extract(clip: Path, wav: Path, *, minutes: float) -> float:
    """Write the clip's sound, repeated until it is `minutes` long; returns its length in s."""
    argv = ["ffmpeg", "-nostdin", "-v", "error", "-y"]
    argv += ["-stream_loop", "-1", "-t", str(minutes * 60)] if minutes else []
    argv += ["-i", str(clip), "-vn", "-ac", "1", "-ar", str(SAMPLE_RATE_HZ), str(wav)]
    subprocess.run(argv, check=True)
    return wav.stat().st_size / 2 / SAMPLE_RATE_HZ


def _memory_mb() -> float:
    """The memory of this process now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def _table_row(result: Result) -> str:
    figures = (
        f"{result.sound_s:.0f} s",
        f"{result.words}",
        f"{result.wrong:.3f}",
        f"{result.cpu:.2f}",
        f"{result.words_per_s:.1f}",
        f"{result.first_words_s:.1f} s",
        f"{result.early_mb:.0f} / {result.late_mb:.0f} / {result.peak_mb:.0f}",
    )
    return f"| {result.clip} | {result.language} | {' | '.join(figures)} |"


def main() -> None:
    """Measure each clip in a process of its own and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("clips", nargs="+", metavar="CLIP=CAPTIONS")
    parser.add_argument("--beam", type=int, default=BEAM_SIZE)
    parser.add_argument("--minutes", type=float, default=0)
    parser.add_argument("--json", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.json:
        clip, _, captions = options.clips[0].partition("=")
        result = measure(
            Path(clip),
            Path(captions),
            model=options.model,
            beam=options.beam,
            minutes=options.minutes,
        )
        print(json.dumps(asdict(result)))
        return
    print("| clip | language | sound | words | WER | CPU s per s | words/s | first words | MB |")
    print("|---|---|---|---|---|---|---|---|---|")
    for clip in options.clips:
        argv = [sys.executable, "-m", "benchmarks.speech.quality", options.model, clip, "--json"]
        argv += ["--beam", str(options.beam), "--minutes", str(options.minutes)]
        done = subprocess.run(argv, check=True, stdout=subprocess.PIPE)
        print(_table_row(Result(**json.loads(done.stdout))), flush=True)


if __name__ == "__main__":
    main()

"""`python -m benchmarks.search.screen_text --models DIR`: whether what is written on slides is read and found.

Slides are drawn from sentences of our own, English and Korean, with a moving inset, and read as a video is; a letter
counts when it is read in order. What was read is saved and indexed as a worker does it, and each line is searched for
on screen: it is found when the first hit is on a slide that has it. A false line is one that was read and is like none
that was written. DIR holds the files of the models `text` and `reader`.
"""

import argparse
import random
import subprocess
import tempfile
from collections.abc import Sequence
from difflib import SequenceMatcher
from pathlib import Path
from statistics import fmean
from typing import Any

import cv2

from benchmarks import environment
from benchmarks.framing.quality import cpu_s
from mediakit.probing.probe import probe
from mediakit.screen_text.reading import Models, TextOnScreen, read_screen_text

FACES = Path(__file__).resolve().parents[2] / "mediakit/captions/font_files/faces"
FONTS = {"English": ("sans.otf", "serif.ttf", "geometric.ttf"), "Korean": ("sans.otf", "black.otf")}
SENTENCES = {
    "English": (
        *("Measure twice, cut once", "The budget grew by 12.5% in 2024", "Why caching is hard"),
        *("Read the query plan before adding an index", "Latency p95 = 180 ms, target 100 ms"),
        *("Photosynthesis turns light into sugar", "Contact: team@example.org"),
        *(
            "Supply and demand curves",
            "A short history of the bicycle",
            "Step 3: verify the backup",
        ),
        *("Interest rates and inflation", "Old habits die hard in large teams"),
    ),
    "Korean": (
        *("두 번 재고 한 번 자른다", "2024년 예산은 12.5% 늘었습니다", "캐시는 왜 어려운가"),
        *(
            "실행 계획을 먼저 읽어 보세요",
            "응답 시간을 줄이는 방법",
            "광합성은 빛을 당으로 바꿉니다",
        ),
        *("수요와 공급 곡선", "자전거의 짧은 역사", "3단계: 백업을 확인합니다", "금리와 물가 상승"),
        *("Python 언어로 시작하기", "큰 조직의 오래된 습관"),
    ),
}
SLIDE_S, SLIDES = 12, 6
FALSE_LINE = 0.6  # of its letters in common with any line that was written, at most


def draw_film(language: str, chance: random.Random, folder: Path) -> tuple[Path, list[list[str]]]:
    """A film of SLIDES slides with a moving picture in a corner, and what is written on them."""
    filters: list[str] = []
    written: list[list[str]] = []
    for slide in range(SLIDES):
        y, font = chance.randint(40, 80), chance.choice(FONTS[language])
        lines = chance.sample(SENTENCES[language], chance.randint(3, 6))
        for number, line in enumerate(lines):
            size = 54 if number == 0 else chance.choice((24, 28, 36))
            file = folder / f"{language}{slide}.{number}.txt"
            file.write_text(line, encoding="utf-8")
            until = (slide + 1) * SLIDE_S - 0.001
            filters.append(
                f"drawtext=expansion=none:fontfile={FACES / font}:textfile={file}:fontsize={size}:x=80:y={y}"
                f":fontcolor=white:enable='between(t,{slide * SLIDE_S},{until})'"
            )
            y += size + chance.randint(24, 46)
        written.append(lines)
    path = folder / f"{language}.mp4"
    length = str(SLIDES * SLIDE_S)
    source = f"color=0x{chance.choice(('16202c', '3a2420'))}:s=1280x720:r=25:d={length}"
    graph = f"[0]{','.join(filters)}[page];[page][1]overlay=960:480"
    command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", source]
    command += ["-f", "lavfi", "-i", "mandelbrot=s=320x240:r=25", "-filter_complex", graph]
    command += ["-t", length, "-c:v", "libx264", "-crf", "27", "-g", "50", "-pix_fmt", "yuv420p"]
    subprocess.run([*command, str(path)], check=True)
    return path, written


def recall(written: str, read: str) -> float:
    """The share of a line's letters that are read in order, spaces and case aside."""
    wanted, got = ("".join(text.split()).lower() for text in (written, read))
    blocks = SequenceMatcher(None, wanted, got, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks) / len(wanted)


def read(path: Path, models: Models) -> tuple[tuple[TextOnScreen, ...], float]:
    """The rows of a video, and the processor time as a share of its length."""
    info = probe(str(path))
    before = cpu_s()
    with tempfile.TemporaryDirectory() as work:
        rows = read_screen_text(str(path), info, models, Path(work))
    return rows, (cpu_s() - before) * 1000 / info.duration_ms


def save(path: Path, texts: tuple[TextOnScreen, ...], owner: Any) -> Any:
    """A video with that text on screen, indexed as a worker does it."""
    from jobs import lease  # noqa: PLC0415 - only after the set-up
    from videos.models import ScreenReading  # noqa: PLC0415
    from videos.screen_text import rows  # noqa: PLC0415

    video = environment.create_video(
        path, owner, captions="WEBVTT\n\n00:00.000 --> 00:01.000\nSlides.\n"
    )
    rows.ensure_reading(video)
    claim = lease.claim_next(ScreenReading)
    assert claim is not None  # noqa: S101 - it was queued just now
    rows.finish(claim, rows.Reading(texts, "benchmark"))
    return video


def is_found(line: str, pages: Sequence[Sequence[str]], video: Any) -> bool:
    """Whether the first hit of a search on screen for a line lies in the time of a slide that has it."""
    from videos.search.filters import SCREEN, Filters  # noqa: PLC0415 - only after the set-up
    from videos.search.finding import search  # noqa: PLC0415
    from videos.search.hits import load_hits  # noqa: PLC0415

    scope = Filters(video_id=video.pk, where=SCREEN).scope(video.owner_id)
    found = search(line, scope)
    hits = load_hits(found.query, found.ranked)
    return bool(hits) and line in pages[hits[0].time_ms // (SLIDE_S * 1000)]


def false_lines(texts: Sequence[TextOnScreen], written: Sequence[str]) -> int:
    """How many lines were read that are like none that was written."""
    lines = [line for text in texts for line in text.text.splitlines()]
    return sum(max(recall(line, known) for known in written) < FALSE_LINE for line in lines)


def main() -> None:
    """Draw, read, save and search; print a row for each language."""
    parser = argparse.ArgumentParser(description="Whether text on screen is read and found.")
    parser.add_argument("--models", type=Path, required=True, help="a folder with both models")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    names = ("ch_PP-OCRv4_det_infer.onnx", "PP-OCRv6_rec_small.onnx")
    models = Models(*(options.models / name for name in names))
    chance = random.Random(options.seed)  # noqa: S311 -- the same films every time
    with tempfile.TemporaryDirectory() as folder:
        environment.set_up(Path(folder))
        owner = environment.create_user()
        print("| language | lines | letters read | lines found | false lines | processor time |")
        for language in SENTENCES:
            path, written = draw_film(language, chance, Path(folder))
            texts, share = read(path, models)
            video = save(path, texts, owner)
            lines = sorted({line for page in written for line in page})
            everything = "\n".join(text.text for text in texts).splitlines()
            letters = fmean(
                max(recall(line, other) for other in [*everything, ""]) for line in lines
            )
            found = fmean(is_found(line, written, video) for line in lines)
            wrong = false_lines(texts, lines)
            print(
                f"| {language} | {len(lines)} | {letters:.3f} | {found:.3f} | {wrong} | {share:.3f}x |"
            )


if __name__ == "__main__":
    main()

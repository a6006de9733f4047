"""`python -m benchmarks.framing.slides FOLDER --models DIR`: how many letters of slides and screens a Short loses.

Films are composed of drawn slides and screens and real clips of one person each (`benchmarks.framing.slide_films`).
The letters of a film's pictures are read before and after, in the picture that the Short's own filter graph makes. Of
a picture that shows the block that changes, those of the block count.
DIR holds the detector and the recogniser of rapidocr-onnxruntime 1.4.4. HEIMDEX_FACE_MODEL names YuNet's file.
"""

import argparse
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

import cv2 as _cv2
import numpy as np

from benchmarks.framing.insets import read_folder
from benchmarks.framing.people_models import body_finder, face_detector
from benchmarks.framing.planners import centre_crop
from benchmarks.framing.slide_films import FILM_S, KINDS, SlideFilm, make_slide_film
from benchmarks.framing.text_reader import TextReader
from mediakit.framing.analysis.finders.face_detection import Detector
from mediakit.framing.analysis.finders.text_finder import make_text_finder
from mediakit.framing.analysis.shot_analysis import analyze_shots
from mediakit.framing.crop_filters import crop_plan_graph, still_plan
from mediakit.framing.crop_plan import CropPlan, Shot
from mediakit.framing.output_format import SHORT
from mediakit.framing.planning.shot_planning import make_crop_plan, with_layout
from mediakit.media_info import MediaInfo
from mediakit.probing.probe import probe

cv2: Any = _cv2  # its annotations are too loose
READ_AT_MS = (3_300, 7_300)
DETECTOR, RECOGNISER = "ch_PP-OCRv4_det_infer.onnx", "ch_PP-OCRv4_rec_infer.onnx"


def plans_of(
    film: SlideFilm, detector: Detector, models: Path
) -> tuple[MediaInfo, dict[str, CropPlan]]:
    """The plans to compare."""
    info = probe(str(film.path))
    end_ms = min(info.duration_ms, FILM_S * 1000)
    with tempfile.TemporaryDirectory() as work:
        analysis = analyze_shots(
            *(str(film.path), info),
            start_ms=0,
            end_ms=end_ms,
            detector=detector,
            find_bodies=body_finder(),
            find_text=make_text_finder(models / DETECTOR),
            work_dir=Path(work),
        )
    plan = make_crop_plan(analysis, info, start_ms=0, end_ms=end_ms)
    blind = replace(analysis, contents=())
    before = make_crop_plan(blind, info, start_ms=0, end_ms=end_ms)
    return info, {
        "smart_crop": plan,
        "without text and insets": before,
        "whole picture": with_layout(before, "fit", blind, info, start_ms=0),
        "centre crop": centre_crop(analysis, info, before),
    }


def short_picture(film: SlideFilm, info: MediaInfo, plan: CropPlan, time_ms: int) -> Any:
    """The picture of a Short at a time (BGR)."""
    graph = crop_plan_graph(
        info.video, still_plan(plan, time_ms), SHORT.size, rate=info.video.frame_rate
    )
    return _picture(
        film.path, time_ms, "-filter_complex", f"[0:v]null[in];{graph}", "-map", "[out]"
    )


def _part(source: Any, shot: Shot) -> Any:
    """The block that changes, of the source's picture."""
    height, width = source.shape[:2]
    (part,) = shot.parts
    rows = slice(round(part.top * height), round(part.bottom * height))
    return source[rows, round(part.left * width) : round(part.right * width)]


def _times(shot: Shot) -> list[float]:
    """How many times larger than the whole picture a block that changes is shown, if one is."""
    return [1 / shot.parts[0].width] if shot.reason == "changes" else []


def _picture(path: Path, time_ms: int, *options: str) -> Any:
    command = ["ffmpeg", "-v", "error", "-nostdin", "-ss", f"{time_ms / 1000}", "-i", str(path)]
    command += [*options, "-frames:v", "1", "-c:v", "png", "-f", "image2pipe", "-"]
    made = subprocess.run(command, check=True, capture_output=True).stdout
    return cv2.imdecode(np.frombuffer(made, np.uint8), cv2.IMREAD_COLOR)


def lost(before: Counter[str], after: Counter[str]) -> float:
    """The share of the letters that are not there afterwards."""
    return (before - after).total() / max(1, before.total())


def _shares(
    film: SlideFilm,
    info: MediaInfo,
    plans: Mapping[str, CropPlan],
    *,
    time_ms: int,
    reader: TextReader,
    keep: Path | None,
) -> Iterator[tuple[str, float]]:
    """The share of the letters that each plan's picture loses at a time. The pictures go into the folder `keep`."""
    source = _picture(film.path, time_ms)
    whole = reader.letters(source)
    for name, plan in plans.items():
        shot, picture = plan.shot_at(time_ms), short_picture(film, info, plan, time_ms)
        if keep:
            cv2.imwrite(str(keep / f"{film.path.stem}-{time_ms}-{name}.jpg"), picture)
        meant = reader.letters(_part(source, shot)) if shot.reason == "changes" else whole
        yield name, lost(meant, reader.letters(picture))


def report(rows: Mapping[str, Mapping[str, list[float]]]) -> None:
    """Print the mean share of lost letters by planner and kind of film."""
    print(f"{'letters lost':26}" + "".join(f"{kind:>12}" for kind in KINDS) + f"{'all':>12}")
    for name, by_kind in rows.items():
        means = [fmean(by_kind[kind]) for kind in KINDS]
        every = fmean(value for values in by_kind.values() for value in values)
        print(f"{name:26}" + "".join(f"{mean:12.3f}" for mean in [*means, every]))


def main() -> None:
    """Compose the films, read them before and after, print the table."""
    parser = argparse.ArgumentParser(description="How many letters of slides a Short loses.")
    parser.add_argument("clips", type=Path, help="a folder of clips of one person each")
    parser.add_argument("--models", type=Path, required=True, help="a folder with both models")
    parser.add_argument("--films", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder in which films and pictures are kept")
    options = parser.parse_args()
    detector = face_detector()
    if detector is None:
        sys.exit("OpenCV is not installed.")
    people = read_folder(options.clips, detector)
    reader = TextReader(options.models / DETECTOR, options.models / RECOGNISER)
    rows: dict[str, dict[str, list[float]]] = {}
    enlarged: list[float] = []
    with tempfile.TemporaryDirectory() as work:
        folder = options.keep or Path(work)
        folder.mkdir(exist_ok=True)
        for number in range(options.films):
            chance = random.Random(f"{options.seed} {number}")  # noqa: S311 -- not for secrets
            kind = KINDS[number % len(KINDS)]
            person = chance.choice(people)
            film = make_slide_film(person, kind, folder / f"slides{number}.mp4", chance)
            info, plans = plans_of(film, detector, options.models)
            for time_ms in READ_AT_MS:
                for name, share in _shares(
                    film, info, plans, time_ms=time_ms, reader=reader, keep=options.keep
                ):
                    rows.setdefault(name, {}).setdefault(kind, []).append(share)
                shot = plans["smart_crop"].shot_at(time_ms)
                share = rows["smart_crop"][kind][-1]
                enlarged += _times(shot)
                print(f"{number:3} {kind:11}{shot.layout:6} {share:.3f} {_times(shot)}", flush=True)
    report(rows)
    if enlarged:
        times = fmean(enlarged)
        print(f"{len(enlarged)} pictures of a block that changes, {times:.2f} times as large")


if __name__ == "__main__":
    main()

"""`python -m benchmarks.framing.speakers FOLDER`: how much of the speech shows who speaks, and its cost.

Films of two, three and four people who speak in turns are composed of a folder's real clips of one person each
(`benchmarks.framing.talk_films`), so who speaks is known exactly. HEIMDEX_FACE_MODEL names YuNet's file; without it
the cascades detect faces. Everything follows from the seed.
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from statistics import fmean

from benchmarks.framing.people_models import body_finder, face_detector
from benchmarks.framing.planners import centre_crop
from benchmarks.framing.quality import camera_motion, cpu_s, visible_parts
from benchmarks.framing.talk_films import (
    RATE,
    SIZE,
    TalkClip,
    TalkFilm,
    make_film,
    read_clips,
)
from mediakit.errors import MediaError
from mediakit.framing.analysis.finders.face_detection import Detector
from mediakit.framing.analysis.shot_analysis import analyze_shots
from mediakit.framing.crop_plan import CropPlan
from mediakit.framing.crop_window import CropWindow, crop_window
from mediakit.framing.people.speech import Speech
from mediakit.framing.planning.shot_planning import make_crop_plan
from mediakit.framing.range_analysis import RangeAnalysis
from mediakit.framing.rect import Rect
from mediakit.media_info import MediaInfo
from mediakit.probing.probe import probe

FRAME_MS = 1000 // RATE
MAX_FACE_AGE_MS = 600
# A stay with someone who is not heard, or a shorter one than this, was a mistake.
MIN_STAY_MS = 800
PEOPLE = (2, 2, 3, 2, 4)  # of the films in turn
SCALES = (1.0, 1.0, 1.3, 1.8)
DetectorFactory = Callable[[], Detector | None]


@dataclass(frozen=True, slots=True)
class SpeakerScore:
    """One planner on one film; shares are of the time in which a voice is heard.

    `on`: the middle of the speaker's face is in a crop or a part, or in a part on blur with nobody else. `whole`: the
    whole face is. `filled`: its middle is, and nothing is on blur. `seen`: it is anywhere, also in a picture shown
    whole. `reversals` are per second: pans that turn back, and cuts to people who
    are not heard or stay for less than MIN_STAY_MS.
    """

    on: float
    whole: float
    filled: float
    seen: float
    reversals: float


@dataclass(frozen=True, slots=True)
class Measured:
    """A film with what the product found in it. `cost` is in CPU seconds per second of film."""

    film: TalkFilm
    info: MediaInfo
    analysis: RangeAnalysis
    speech: Speech
    cost: float


def analyze_film(film: TalkFilm, make_face_detector: DetectorFactory) -> Measured:
    """Analyse a film as the product does, and plan it once."""
    info = probe(str(film.path))
    speech = Speech(tuple(film.voice.voice_spans_ms(0, info.duration_ms)))
    end_ms = info.duration_ms
    before = cpu_s()
    with tempfile.TemporaryDirectory() as work:
        analysis = analyze_shots(
            *(str(film.path), info),
            start_ms=0,
            end_ms=end_ms,
            detector=make_face_detector(),
            find_bodies=body_finder(),
            work_dir=Path(work),
        )
    make_crop_plan(analysis, info, start_ms=0, end_ms=end_ms, speech=speech)
    cost = (cpu_s() - before) / (info.duration_ms / 1000)
    return Measured(film, info, analysis, speech, cost)


def planners(measured: Measured) -> dict[str, CropPlan]:
    """The plans to compare."""
    plan = partial(
        make_crop_plan,
        measured.analysis,
        measured.info,
        start_ms=0,
        end_ms=measured.info.duration_ms,
    )
    one = plan(pair_layout="crop")
    return {
        "smart_crop": plan(speech=measured.speech),
        "smart_crop, follow one": plan(speech=measured.speech, pair_layout="crop"),
        "without sound": one,
        "centre crop": centre_crop(measured.analysis, measured.info, one),
    }


def score(measured: Measured, plan: CropPlan) -> SpeakerScore:
    """Score a plan on a film."""
    film, window = measured.film, crop_window(measured.info.video, plan.area)
    on, whole, filled, seen = [], [], [], []
    for frame, speaker in enumerate(film.heard):
        at_ms = frame * FRAME_MS + FRAME_MS // 2
        face = _face_of(measured, speaker, frame) if speaker >= 0 else None
        if face is None:
            continue
        parts = visible_parts(plan, window, at_ms)
        inside = any(_holds(part, face.centre[0], face.centre[0]) for part in parts)
        fills = plan.shot_at(at_ms).layout != "fit"
        is_on = fills or (parts[0].width < plan.area.width and _is_alone(measured, parts[0], frame))
        seen.append(inside)
        filled.append(inside and fills)
        on.append(inside and is_on)
        whole.append(is_on and any(_holds(part, face.left, face.right) for part in parts))
    seconds = len(film.heard) / RATE
    pans = camera_motion(plan, window)[1]
    return SpeakerScore(
        on=_share(on),
        whole=_share(whole),
        filled=_share(filled),
        seen=_share(seen),
        reversals=pans + _mistakes(measured, plan) / seconds,
    )


def _share(values: Sequence[bool]) -> float:
    return fmean(values) if values else 1.0


def _face_of(measured: Measured, speaker: int, frame: int) -> Rect | None:
    """The speaker's face nearest in time, in the same shot; None when it was not detected."""
    film = measured.film
    low, high = film.tile(speaker, frame)
    found = []
    for sample in measured.analysis.samples:
        age_ms = abs(sample.time_ms - frame * FRAME_MS)
        other = min(len(film.cameras) - 1, sample.time_ms // FRAME_MS)
        if age_ms <= MAX_FACE_AGE_MS and film.cameras[other] == film.cameras[frame]:
            boxes = (face.box for face in sample.faces)
            found += [(age_ms, box) for box in boxes if low <= box.centre[0] < high]
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _is_alone(measured: Measured, part: Rect, frame: int) -> bool:
    """Whether a part of the picture has only the face of the one who is heard."""
    film = measured.film
    if film.cameras[frame] >= 0:
        return True
    others = (i for i in range(len(film.columns)) if i != film.heard[frame])
    faces = (_face_of(measured, other, frame) for other in others)
    return not any(face and _holds(part, face.centre[0], face.centre[0]) for face in faces)


def _holds(part: Rect, left: float, right: float) -> bool:
    margin = 0.02 * (right - left)
    return part.left - margin <= left and right <= part.right + margin


def _mistakes(measured: Measured, plan: CropPlan) -> int:
    """How often the window stays with someone who is not heard, or too briefly, and goes on to another."""
    film, window = measured.film, crop_window(measured.info.video, plan.area)
    shown = [_person_shown(film, plan, window, frame) for frame in range(len(film.heard))]
    stays = [(person, len(list(frames))) for person, frames in groupby(shown)]
    count, at = 0, 0
    for number, (person, length) in enumerate(stays):
        heard = person in film.heard[at : at + length]
        between = 0 < number < len(stays) - 1
        if person >= 0 and between and not (heard and length * FRAME_MS >= MIN_STAY_MS):
            count += 1
        at += length
    return count


def _person_shown(film: TalkFilm, plan: CropPlan, window: CropWindow, frame: int) -> int:
    """The tile in which the crop window has its centre; -1 without a crop, or in a close-up."""
    at_ms = frame * FRAME_MS + FRAME_MS // 2
    if plan.shot_at(at_ms).layout != "crop" or film.cameras[frame] >= 0:
        return -1
    x = visible_parts(plan, window, at_ms)[0].centre[0] * SIZE[0]
    return next(i for i, (low, high) in enumerate(film.columns) if low <= x <= high)


def compose(
    clips: Sequence[TalkClip], count: int, seed: int, folder: Path, *, mouthing: bool
) -> list[TalkFilm]:
    """Compose `count` films of PEOPLE people in turn, each third one with close-ups of a second camera."""
    films = []
    for number in range(count):
        chance = random.Random(f"{seed} {number}")  # noqa: S311 -- not for secrets
        people = chance.sample(list(clips), min(len(clips), PEOPLE[number % len(PEOPLE)]))
        path = folder / f"film{number}{'m' if mouthing else ''}.mp4"
        film = make_film(
            *(people, path, chance),
            scales=[chance.choice(SCALES) for _ in people],
            close_ups=number % 3 == 2,
            mouthing=mouthing,
        )
        films.append(film)
        print(f"  composed {path.name}: {', '.join(p.name for p in people)}", file=sys.stderr)
    return films


def report(title: str, films: Sequence[Measured]) -> list[dict[str, object]]:
    """Print a table of the planners' means, and return a row for each film and planner."""
    scores: dict[str, list[SpeakerScore]] = {}
    rows: list[dict[str, object]] = []
    for measured in films:
        for name, plan in planners(measured).items():
            found = score(measured, plan)
            scores.setdefault(name, []).append(found)
            film = {"film": measured.film.path.name, "people": len(measured.film.columns)}
            rows.append(
                {"group": title, **film, "planner": name, "cost": measured.cost} | asdict(found)
            )
    cost = fmean(measured.cost for measured in films)
    print(f"\n{title}: {len(films)} films, analysis and planning {cost:.3f}x")
    print(f"{'planner':26}   on  whole filled   seen  rev/s  worst")
    for name, found_ in scores.items():
        means = [fmean(getattr(f, key) for f in found_) for key in SpeakerScore.__slots__]
        worst = min(f.on for f in found_)
        print(f"{name:26}{'  '.join(f'{each:.3f}' for each in [*means, worst])}")
    return rows


def main() -> None:
    """Compose the films, analyse them, score the planners, print the tables."""
    parser = argparse.ArgumentParser(description="How much of the speech shows who speaks.")
    parser.add_argument("clips", type=Path, help="a folder of clips of one person each")
    parser.add_argument("--films", type=int, default=40)
    parser.add_argument("--mouthing", type=int, default=0, help="films whose listeners talk on")
    parser.add_argument(
        "--without", nargs="*", default=[], help="clips to leave out: the voice is not the person's"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder in which the films are kept")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    options = parser.parse_args()
    detector = face_detector()
    if detector is None:
        sys.exit("OpenCV is not installed.")
    paths = [path for path in _files(options.clips) if path.stem not in options.without]
    clips = [clip for path in paths for clip in _clips_of(path, detector)]
    if len(clips) < max(PEOPLE):
        sys.exit(f"Only {len(clips)} clips of one person who speaks were found.")
    rows = []
    with tempfile.TemporaryDirectory() as work:
        folder = options.keep or Path(work)
        folder.mkdir(exist_ok=True)
        for title, count in (("turns", options.films), ("listeners mouth", options.mouthing)):
            if count:
                mouthing = title != "turns"
                films = compose(clips, count, options.seed, folder, mouthing=mouthing)
                measured = [analyze_film(film, face_detector) for film in films]
                rows += report(f"{title} ({detector.name})", measured)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def _clips_of(path: Path, detector: Detector) -> list[TalkClip]:
    try:
        return read_clips(path, probe(str(path)), detector)
    except MediaError:
        return []


if __name__ == "__main__":
    main()

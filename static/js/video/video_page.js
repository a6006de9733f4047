// The transcript page: one clock (the video), and everything that follows it.
import { startClips } from "../clips/clips.js";
import { closest, find } from "../common/dom.js";
import { followClock, mediaTime, seekTo } from "../common/media_clock.js";
import { text } from "../common/messages.js";
import { keepState, keptState } from "../common/page_memory.js";
import { startCorrections } from "../corrections/corrections.js";
import { startDoubts } from "./doubts.js";
import { startKeyboard } from "./keyboard.js";
import { play, startControls } from "./player_controls.js";
import { startProxy } from "./proxy.js";
import { readScenes, sceneAt } from "./scenes.js";
import { startShortStage } from "./short_stage.js";
import { startScrubber } from "./scrubber.js";
import { startTimeline } from "../timeline/timeline.js";
import { startTagFilter } from "./tag_filter.js";
import { startTranscript } from "./transcript.js";
import { startSearch } from "./transcript_search.js";

/** @typedef {import("./scenes.js").Scene} Scene */

// A second of the video; with `&play` it begins to play there.
const HASH = /^#t=(\d+(?:\.\d+)?)(&play)?$/;

/**
 * @param {HTMLElement} page
 * @param {AbortSignal} signal
 */
export function mount(page, signal) {
  const video = find(page, "video", HTMLVideoElement);
  const player = find(page, "[data-player]");
  video.controls = false;
  find(player, "[data-controls]").hidden = false;

  followClock(video, signal);

  const scenes = readScenes(page);
  const seek = (/** @type {number} */ seconds, { andPlay = false } = {}) => {
    seekTo(video, seconds);
    transcript.follow(true);
    if (andPlay) {
      play(video);
    }
    tick();
  };
  // By the line or by keys, away from the text: the transcript goes there too.
  const scrub = (/** @type {number} */ seconds) => {
    seek(seconds);
    transcript.reveal({ gentle: true });
  };
  const parts = { page, player, video, signal, scenes, seek };
  const scrubber = startScrubber({ ...parts, seek: scrub });
  const transcript = startTranscript(parts);
  const search = startSearch({ ...parts, transcript });
  startTagFilter(parts);
  startProxy(parts);
  const doubts = startDoubts({
    ...parts,
    transcript,
    correct: (mark) => corrections.correctMark(mark),
    confirm: (mark) => corrections.confirmMark(mark),
  });
  const timeline = startTimeline({ ...parts, cues: transcript.cues });
  const clips = startClips({
    ...parts,
    transcript,
    timeline,
    textChanged: () => search.relight(),
    correct: (selected) => corrections.start(selected),
  });
  const corrections = startCorrections({
    ...parts,
    transcript,
    linesMoved() {
      search.read();
      scrubber.readScenes();
      timeline.redraw();
      clips.linesMoved();
      tick();
    },
    lineChanged(cue) {
      clips.lineChanged(cue);
      search.relight();
    },
  });
  startShortStage({ ...parts, clips, correctAt: (ms) => corrections.startAt(ms) });
  startKeyboard({ ...parts, seek: scrub, search, transcript, doubts, clips, corrections });
  const controls = startControls(parts);
  const showInBar = startExportBar(parts);

  // Once per painted frame while it plays; once per event otherwise.
  let frame = 0;
  function tick() {
    const now = mediaTime(video);
    const scene = sceneAt(scenes, now * 1000);
    scrubber.show(now, scene);
    transcript.show(now, scene);
    timeline.show(now);
    showInBar(scene);
  }
  function run() {
    tick();
    frame = video.paused || video.ended || signal.aborted ? 0 : requestAnimationFrame(run);
  }
  for (const name of ["play", "seeking", "seeked", "loadedmetadata", "pause", "timeupdate"]) {
    video.addEventListener(name, () => frame || run(), { signal });
  }
  signal.addEventListener("abort", () => {
    cancelAnimationFrame(frame);
    video.pause();
  });

  page.addEventListener(
    "click",
    (event) => {
      const target = closest(event, "[data-seek]");
      if (target) {
        event.preventDefault();
        seek(Number(target.dataset.seek) / 1000, { andPlay: !target.matches(".scene__time") || !video.paused });
      }
    },
    { signal },
  );
  const fromAddress = () => {
    const match = HASH.exec(location.hash);
    if (match) {
      seek(Number(match[1]), { andPlay: Boolean(match[2]) });
      transcript.reveal();
    }
  };
  window.addEventListener("hashchange", fromAddress, { signal });
  const kept = readKept(keptState("video"));
  const begin = () => (kept ? seek(kept.seconds) : fromAddress());
  if (video.readyState >= HTMLMediaElement.HAVE_METADATA) {
    begin();
  } else {
    video.addEventListener("loadedmetadata", begin, { once: true, signal });
  }
  if (kept) {
    controls.setSpeed(kept.speed);
    search.set(kept.words);
  }
  keepState("video", () => ({ seconds: mediaTime(video), speed: video.playbackRate, words: search.words() }), signal);
  tick();
}

/**
 * Where the reader was in the video, at which speed, and what they looked for in its transcript.
 * @param {any} kept
 * @returns {{ seconds: number, speed: number, words: string } | null} null for a new visit
 */
function readKept(kept) {
  return kept ? { seconds: Number(kept.seconds) || 0, speed: Number(kept.speed) || 1, words: String(kept.words ?? "") } : null;
}

/**
 * On a phone the open clip, or the scene being played, can always be exported with a thumb.
 * @param {object} parts
 * @param {HTMLElement} parts.page
 * @param {AbortSignal} parts.signal
 * @returns {(scene: Scene | null) => void} shows the scene being played
 */
function startExportBar({ page, signal }) {
  const bar = find(page, "[data-export-bar]");
  const link = find(bar, "[data-bar-export]", HTMLAnchorElement);
  /** @type {Scene | null} */
  let played = null;
  /** @type {HTMLAnchorElement | null} */
  let shown = null;
  const openClip = () => page.querySelector("details[data-clip][open]");

  function show() {
    const clip = openClip();
    shown = clip ? clip.querySelector("[data-export-clip]") : (played?.exportLink ?? null);
    bar.hidden = !shown;
    if (shown) {
      link.href = shown.href;
      find(bar, "[data-bar-name]").textContent = clip ? find(clip, ".clip__name").textContent : text.scene(played?.number ?? 0);
      find(bar, "[data-bar-length]").textContent = clip ? find(clip, "[data-clip-length]").textContent : (played?.length ?? "");
    }
  }

  link.addEventListener(
    "click",
    (event) => {
      event.preventDefault();
      event.stopPropagation();
      shown?.click();
    },
    { signal },
  );
  find(bar, "[data-bar-show]").addEventListener("click", () => (openClip() ?? played?.element)?.scrollIntoView({ block: "start" }), { signal });
  page.addEventListener("clip-shown", show, { signal });
  return (scene) => {
    if (scene !== played) {
      played = scene;
      show();
    }
  };
}

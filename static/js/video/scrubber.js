// The line under the picture: scenes as stretches, what is played and loaded, and what lies under the pointer.
import { find } from "../common/dom.js";
import { clock } from "../common/format.js";
import { clockOffset, mediaLength } from "../common/media_clock.js";
import { text } from "../common/messages.js";

/** @typedef {import("./scenes.js").Scene} Scene */

const MAX_MARKS = 150;

/**
 * @param {object} parts
 * @param {HTMLElement} parts.player
 * @param {HTMLVideoElement} parts.video
 * @param {Scene[]} parts.scenes
 * @param {(seconds: number) => void} parts.seek
 * @param {AbortSignal} parts.signal
 */
export function startScrubber({ player, video, scenes, seek, signal }) {
  const line = find(player, "[data-scrubber]");
  const input = find(line, "[data-seekbar]", HTMLInputElement);
  const played = find(line, "[data-played]");
  const buffered = find(line, "[data-buffered]");
  const now = find(player, "[data-now]");
  const name = find(player, "[data-scene-name]");
  const length = () => mediaLength(video) || 1;
  const known = Number(input.max) || 1;
  const readScenes = () => drawMarks(find(line, "[data-marks]"), scenes, known * 1000);
  readScenes();
  let dragging = false;
  let second = -1;
  /** @type {Scene | null} */
  let shown = null;

  input.addEventListener("input", () => seek(Number(input.value)), { signal });
  input.addEventListener("pointerdown", () => (dragging = true), { signal });
  window.addEventListener("pointerup", () => (dragging = false), { signal });
  video.addEventListener("durationchange", () => (input.max = String(length())), { signal });
  video.addEventListener(
    "progress",
    () => {
      const { buffered: ranges } = video;
      const end = ranges.length ? Math.max(0, ranges.end(ranges.length - 1) - clockOffset(video)) : 0;
      buffered.style.setProperty("transform", `scaleX(${Math.min(1, end / length())})`);
    },
    { signal },
  );
  startTip({ line, scenes, length, signal });

  return {
    /** The scenes are others now. */
    readScenes,
    /**
     * @param {number} seconds
     * @param {Scene | null} scene
     */
    show(seconds, scene) {
      played.style.setProperty("transform", `scaleX(${Math.min(1, seconds / length())})`);
      if (!dragging) {
        input.value = String(seconds);
      }
      if (Math.floor(seconds) !== second) {
        second = Math.floor(seconds);
        now.textContent = clock(seconds);
        input.setAttribute("aria-valuetext", text.timeOf(clock(seconds), clock(length())));
      }
      if (scene !== shown) {
        shown = scene;
        name.textContent = scene ? text.scene(scene.number) : "";
      }
    },
  };
}

/**
 * @param {HTMLElement} place
 * @param {Scene[]} scenes
 * @param {number} length in ms
 */
function drawMarks(place, scenes, length) {
  place.classList.toggle("scrubber__marks--many", scenes.length > MAX_MARKS);
  place.replaceChildren(
    ...scenes.slice(1).map((scene) => {
      const mark = document.createElement("i");
      mark.style.setProperty("left", `${(scene.start / length) * 100}%`);
      return mark;
    }),
  );
}

/**
 * @param {object} parts
 * @param {HTMLElement} parts.line
 * @param {Scene[]} parts.scenes
 * @param {() => number} parts.length in seconds
 * @param {AbortSignal} parts.signal
 */
function startTip({ line, scenes, length, signal }) {
  const tip = find(line, "[data-tip]");
  const picture = find(tip, "[data-tip-picture]", HTMLImageElement);
  const move = (/** @type {PointerEvent} */ event) => {
    if (event.pointerType === "touch") {
      return;
    }
    const box = line.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    const ms = share * length() * 1000;
    const scene = scenes.findLast((candidate) => candidate.start <= ms);
    find(tip, "[data-tip-time]").textContent = clock(ms / 1000);
    find(tip, "[data-tip-scene]").textContent = scene ? text.scene(scene.number) : "";
    const source = scene?.element.querySelector("img[data-picture]")?.getAttribute("src") ?? "";
    picture.hidden = !source;
    if (source && picture.getAttribute("src") !== source) {
      picture.src = source;
    }
    tip.hidden = false;
    const half = tip.offsetWidth / 2;
    const x = Math.min(box.width - half, Math.max(half, share * box.width));
    tip.style.setProperty("transform", `translateX(${x - half}px)`);
  };
  line.addEventListener("pointermove", move, { signal });
  line.addEventListener("pointerleave", () => (tip.hidden = true), { signal });
}

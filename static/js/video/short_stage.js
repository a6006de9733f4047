// The Short as it will be, beside the player: the player's own picture, cropped by the plan of the open clip (or of the scene
// that is played), and its captions. Framing and captions of a clip are changed here.
import { canDraw, drawCaptions } from "../exports/stage_captions.js";
import { drawFrame, sizeOf } from "../exports/stage_drawing.js";
import { toCut } from "../exports/stage.js";
import { positionAt, shotAt, windowSize } from "../exports/framing_plan.js";
import { find, findAll } from "../common/dom.js";
import { mediaTime } from "../common/media_clock.js";
import { text } from "../common/messages.js";
import { toast } from "../common/toasts.js";
import { sceneAt } from "./scenes.js";

/** @typedef {{ two_people?: string, shots?: { at_s: number, layout?: string }[] }} Framing */
/** @typedef {{ can_drag: boolean, framing: Framing, captions: string, caption_style: { height?: number } }} Change */
/** @typedef {import("../exports/stage.js").Stage & { safe: number[], is_planned: boolean, change: Change | null }} PageStage */
/** @typedef {{ start: number, end: number, ranges: [number, number][], clip: string }} Subject */

const KEY = "heimdex:short-stage";
const WAIT_MS = 300;
const AGAIN_MS = 2000; // until the plan is asked for again
const HEIGHT_PX = 720;
const STEP = 0.02; // of the picture, by an arrow key
const MIDDLE_PERCENT = 62; // about where captions lie that nobody moved

/**
 * @param {object} parts
 * @param {HTMLElement} parts.page
 * @param {HTMLVideoElement} parts.video
 * @param {import("./scenes.js").Scene[]} parts.scenes
 * @param {ReturnType<typeof import("../clips/clips.js").startClips>} parts.clips
 * @param {(ms: number) => void} parts.correctAt
 * @param {AbortSignal} parts.signal
 */
export function startShortStage({ page, video, scenes, clips, correctAt, signal }) {
  const place = page.querySelector("[data-short-stage]");
  const button = find(page, "[data-short-stage-button]");
  if (!(place instanceof HTMLElement) || !place.dataset.url || !canDraw()) {
    return;
  }
  const picture = find(place, "[data-stage-picture]", HTMLCanvasElement);
  const frame = find(place, "[data-stage-frame]");
  const safe = find(place, "[data-stage-safe]");
  const says = find(place, "[data-stage-says]");
  const longest = Number(place.dataset.longestMs);
  /** @type {PageStage | null} */
  let stage = null;
  /** @type {import("../exports/stage_captions.js").Captions | null} */
  let captions = null;
  let script = "";
  let asked = "";
  let timer = 0;
  let painting = 0;
  let isBusy = false;
  const poster = new Image(); // shown until the video's own picture is there
  poster.addEventListener("load", () => isShown() && draw(true), { signal });
  button.hidden = false;

  const isShown = () => !place.hidden;
  const now = () => mediaTime(video) * 1000;

  /** @returns {Subject | null} the open clip, or the scene that is played */
  function subject() {
    const clip = clips.current();
    if (clip) {
      return { start: clip.ranges[0][0], end: clip.ranges[clip.ranges.length - 1][1], ranges: clip.ranges, clip: clip.id };
    }
    const scene = sceneAt(scenes, now());
    return scene && { start: scene.start, end: Math.min(scene.end, scene.start + longest), ranges: [], clip: "" };
  }

  function address() {
    const what = subject();
    if (!what) {
      return "";
    }
    const query = new URLSearchParams({ start_ms: String(what.start), end_ms: String(what.end) });
    if (what.clip) {
      query.set("clip", what.clip);
      query.set("ranges", JSON.stringify(what.ranges));
    }
    return `${place instanceof HTMLElement ? place.dataset.url : ""}?${query}`;
  }

  function soon({ anew = false } = {}) {
    if (isShown() && (anew || address() !== asked)) {
      asked = anew ? "" : asked;
      clearTimeout(timer);
      timer = window.setTimeout(refresh, WAIT_MS);
    }
  }

  async function refresh() {
    const url = address();
    if (!url || isBusy || signal.aborted) {
      return;
    }
    isBusy = true;
    const said = await fetchStage(url, signal);
    try {
      if (said.canvas) {
        asked = url;
        await show(said);
      } else {
        says.textContent = said.message;
      }
    } catch {
      says.textContent = signal.aborted ? "" : text.stageNotPlayed();
    }
    isBusy = false;
    if (stage && !stage.is_planned) {
      timer = window.setTimeout(() => soon({ anew: true }), AGAIN_MS);
    } else {
      soon();
    }
  }

  /** @param {PageStage} found */
  async function show(found) {
    const [width, height] = found.canvas;
    const scale = HEIGHT_PX / Math.max(width, height);
    const size = [Math.round(width * scale), Math.round(height * scale)];
    stage = found;
    frame.style.setProperty("--shape-w", String(width));
    frame.style.setProperty("--shape-h", String(height));
    if (picture.width !== size[0] || picture.height !== size[1] || found.script !== script) {
      [picture.width, picture.height] = size;
      const before = captions;
      captions = await drawCaptions(/** @type {HTMLElement} */ (place), picture, found);
      before?.destroy();
      frame.querySelectorAll(".stage__captions").forEach((one, at) => at && one.remove());
      script = found.script;
    }
    const [left, top, right, bottom] = found.safe;
    safe.style.setProperty("inset", `${(100 * top) / height}% ${100 - (100 * right) / width}% ${100 - (100 * bottom) / height}% ${(100 * left) / width}%`);
    says.textContent = found.is_planned ? (found.change ? "" : text.openClipToChange()) : text.stagePlanning();
    for (const one of findAll(/** @type {HTMLElement} */ (place), "[data-captions-by], [data-stage-planned]", HTMLButtonElement)) {
      one.disabled = !found.change;
    }
    await draw(true);
  }

  /** @param {boolean} [isStill] it is drawn for sure, and not only when libass has time */
  async function draw(isStill = false) {
    const context = picture.getContext("2d");
    const source = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA ? video : poster;
    if (!stage || !context || !sizeOf(source)[0]) {
      return;
    }
    const cut = toCut(stage.pieces, now());
    drawFrame(context, source, stage, cut);
    const at = { mediaTime: cut / 1000, width: picture.width, height: picture.height };
    await captions?.manualRender(at, isStill);
    if (isStill) {
      await captions?.manualRender(at, true); // the first one may have been for another size
    }
  }

  function run() {
    painting = 0;
    if (isShown() && !signal.aborted) {
      draw();
      soon(); // another scene may be played by now
      painting = video.paused ? 0 : requestAnimationFrame(run);
    }
  }

  /** @param {boolean} isOn */
  function toggle(isOn) {
    /** @type {HTMLElement} */ (place).hidden = !isOn;
    button.setAttribute("aria-pressed", String(isOn));
    if (isOn) {
      poster.src ||= video.poster;
      refresh();
      painting ||= requestAnimationFrame(run);
    }
  }

  /** The shot that is shown, with its times in the source; null without a clip, or where its window does not move. */
  function movable() {
    if (!stage?.change) {
      toast(text.openClipToChange());
      return null;
    }
    const cut = toCut(stage.pieces, now());
    const shot = /** @type {import("../exports/stage_drawing.js").StageShot} */ (/** @type {unknown} */ (shotAt(/** @type {any} */ (stage.shots), cut)));
    if (!stage.change.can_drag || !stage.is_planned || shot.layout !== "crop") {
      toast(stage.change.can_drag && !stage.is_planned ? text.stagePlanning() : text.wholePicture());
      return null;
    }
    return { shot, from: positionAt(shot.keys, cut), start: source(shot.start_ms + 1), end: source(shot.end_ms - 1) };
  }

  /** When a moment of the Short is in the source, in ms. @param {number} cut */
  function source(cut) {
    const pieces = stage?.pieces ?? [];
    const [start, , at] = pieces.findLast((piece) => piece[2] <= cut) ?? [0, 0, 0];
    return start + cut - at;
  }

  /**
   * Keep a point in the middle of the shot's window, or (null) what was planned.
   * @param {{ start: number, end: number }} shot
   * @param {[number, number] | null} focus
   */
  function keep({ start, end }, focus) {
    const shown = { framing: stage?.change?.framing ?? {} };
    const { shots = [], ...more } = known().framing ?? shown.framing;
    const others = shots.filter(({ at_s }) => at_s * 1000 < start || at_s * 1000 > end);
    const own = focus ? [{ at_s: Math.round((start + end) / 2) / 1000, focus: focus.map((one) => Math.min(1, Math.max(0, one))) }] : [];
    clips.change({ framing: { ...more, shots: [...others, ...own] } }, shown);
  }

  /** @param {number} by in percent of the picture's height */
  function moveCaptions(by) {
    if (stage?.change) {
      const { captions: name, caption_style: style } = stage.change;
      const shown = { captions: name, caption_style: style };
      const now = known().caption_style ?? style;
      const height = Math.min(90, Math.max(10, (now.height ?? MIDDLE_PERCENT) + by));
      clips.change({ captions: known().captions ?? name, caption_style: { ...now, position: "custom", height } }, shown);
    }
  }

  /** What this page has changed of the open clip's options; the stage may show them a moment later. @returns {Partial<Change>} */
  const known = () => /** @type {Partial<Change>} */ (clips.current()?.options ?? {});

  /**
   * Move the window of a shot by shares of the frame.
   * @param {NonNullable<ReturnType<typeof movable>>} moved
   * @param {number} across
   * @param {number} down
   * @returns {[number, number]} the point in its middle
   */
  function moveWindow({ shot, from }, across, down) {
    const [width, height] = windowSize(stage ?? { window: [0, 0] }, shot);
    const [left, top, wide, high] = stage?.area ?? [0, 0, 1, 1];
    const inside = (/** @type {number} */ at, /** @type {number} */ low, /** @type {number} */ room, /** @type {number} */ size) => Math.min(Math.max(at, low + size / 2), low + Math.max(size / 2, room - size / 2));
    /** @type {[number, number]} */
    const to = [inside(from[0] - across * width, left, wide, width), inside(from[1] - down * height, top, high, height)];
    shot.keys = [[shot.start_ms, ...to]];
    draw(true);
    return to;
  }

  frame.addEventListener(
    "pointerdown",
    (event) => {
      const moved = event.button ? null : movable();
      if (!moved) {
        return;
      }
      video.pause();
      frame.setPointerCapture(event.pointerId);
      frame.classList.add("is-dragged");
      const { width, height } = frame.getBoundingClientRect();
      /** @type {[number, number] | null} */
      let to = null;
      const ended = new AbortController();
      const during = { signal: AbortSignal.any([signal, ended.signal]) };
      frame.addEventListener("pointermove", (next) => (to = moveWindow(moved, (next.clientX - event.clientX) / width, (next.clientY - event.clientY) / height)), during);
      const end = () => {
        ended.abort();
        frame.classList.remove("is-dragged");
        if (to) {
          keep(moved, to);
        }
      };
      frame.addEventListener("pointerup", end, during);
      frame.addEventListener("pointercancel", end, during);
    },
    { signal },
  );
  frame.addEventListener(
    "keydown",
    (event) => {
      const across = Number(event.key === "ArrowLeft") - Number(event.key === "ArrowRight");
      const down = Number(event.key === "ArrowUp") - Number(event.key === "ArrowDown");
      if (across || down) {
        event.preventDefault();
        event.stopPropagation();
        const moved = movable();
        if (moved && stage) {
          const [width, height] = windowSize(stage, moved.shot);
          keep(moved, moveWindow(moved, (across * STEP) / width, (down * STEP) / height));
        }
      }
    },
    { signal },
  );
  frame.addEventListener("dblclick", () => correctAt(now()), { signal });
  button.addEventListener(
    "click",
    () => {
      toggle(!isShown());
      remember(isShown());
    },
    { signal },
  );
  place.addEventListener(
    "click",
    (event) => {
      const pressed = event.target instanceof Element ? event.target.closest("button") : null;
      if (pressed?.dataset.captionsBy) {
        moveCaptions(Number(pressed.dataset.captionsBy));
      } else if (pressed?.matches("[data-stage-planned]")) {
        const moved = movable();
        if (moved) {
          keep(moved, null);
        }
      } else if (pressed?.matches("[data-stage-correct]")) {
        correctAt(now());
      } else if (pressed?.matches("[data-stage-safe-button]")) {
        safe.hidden = !safe.hidden;
        pressed.setAttribute("aria-pressed", String(!safe.hidden));
      }
    },
    { signal },
  );
  page.addEventListener("clip-shown", () => soon(), { signal });
  for (const name of ["words-corrected", "lines-changed", "clip-framed"]) {
    document.addEventListener(name, () => soon({ anew: true }), { signal });
  }
  video.addEventListener("play", () => isShown() && (painting ||= requestAnimationFrame(run)), { signal });
  for (const name of ["seeked", "loadeddata", "pause"]) {
    video.addEventListener(name, () => isShown() && (draw(true), soon()), { signal });
  }
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    cancelAnimationFrame(painting);
    captions?.destroy();
  });
  if (isRemembered() && matchMedia("(min-width: 80rem)").matches) {
    toggle(true);
  }
}

/**
 * @param {string} url
 * @param {AbortSignal} signal
 * @returns {Promise<PageStage & { message: string }>} without a stage a sentence that says why
 */
async function fetchStage(url, signal) {
  try {
    const answer = await fetch(url, { signal, headers: { Accept: "application/json" } });
    return await answer.json();
  } catch {
    return /** @type {any} */ ({ message: signal.aborted ? "" : text.noConnection() });
  }
}

function isRemembered() {
  try {
    return localStorage.getItem(KEY) === "on";
  } catch {
    return false;
  }
}

/** @param {boolean} isOn */
function remember(isOn) {
  try {
    localStorage.setItem(KEY, isOn ? "on" : "off");
  } catch {
    // It is asked for again next time.
  }
}

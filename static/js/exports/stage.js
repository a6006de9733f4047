// The Short as it will be, played before it is made: the source's own picture, cropped by the plan, and the captions drawn by
// libass from the very script that the file is made with.
import { find } from "../common/dom.js";
import { text } from "../common/messages.js";
import { clearErrors, toast } from "../common/toasts.js";
import { canDraw, drawCaptions } from "./stage_captions.js";
import { drawFrame } from "./stage_drawing.js";

/**
 * @typedef {object} Stage what the server says
 * @property {boolean} ready
 * @property {[width: number, height: number]} canvas
 * @property {number} duration_ms
 * @property {[start: number, end: number, cut: number][]} pieces in ms: of the source, and where each begins in the Short
 * @property {string} script
 * @property {string[]} fonts
 * @property {string} font
 * @property {[width: number, height: number]} window
 * @property {import("./framing_plan.js").Box} area
 * @property {"black" | "copy" | "edges"} background
 * @property {import("./stage_drawing.js").StageShot[]} shots
 */

const WAIT_MS = 400; // after a change of the form
const AGAIN_MS = 1500; // until the shot analysis is asked for again
const HEIGHT_PX = 960;

/**
 * Where a moment of the source is in the Short, in ms; a place that is left out is where the next piece begins.
 * @param {Stage["pieces"]} pieces
 * @param {number} ms
 */
export function toCut(pieces, ms) {
  const [start, end, cut] = pieces.find(([, last]) => ms < last) ?? pieces[pieces.length - 1];
  return cut + Math.min(Math.max(0, ms - start), end - start);
}

/**
 * Where the source has to be for a moment of it to be played: there, at the next piece, or nowhere any more.
 * @param {Stage["pieces"]} pieces
 * @param {number} ms
 * @returns {number | null}
 */
export function nextPlace(pieces, ms) {
  const piece = pieces.find(([, end]) => ms < end);
  return piece ? Math.max(ms, piece[0]) : null;
}

/**
 * @param {HTMLFormElement} form
 * @param {() => string} address of the stage, as the form describes it now; empty when it makes no Short
 * @param {AbortSignal} signal
 */
export function startStage(form, address, signal) {
  const place = form.querySelector("[data-stage]");
  const button = form.querySelector("[data-stage-play]");
  if (!(place instanceof HTMLElement) || !(button instanceof HTMLButtonElement) || !canDraw()) {
    return;
  }
  const picture = find(place, "[data-stage-picture]", HTMLCanvasElement);
  const video = document.createElement("video"); // the captions are drawn above it
  video.className = "stage__source";
  video.playsInline = true;
  video.tabIndex = -1;
  place.append(video);
  const player = document.querySelector("#video"); // the page's own
  if (!(player instanceof HTMLVideoElement)) {
    return;
  }
  const origin = Number(player.dataset.origin) * 1000;
  /** @type {Stage | null} */
  let stage = null;
  /** @type {import("./stage_captions.js").Captions | null} */
  let captions = null;
  let frame = 0;
  let timer = 0;
  let asked = "";
  button.hidden = false;

  const now = () => video.currentTime * 1000 - origin;
  const go = (/** @type {number} */ ms) => (video.currentTime = (ms + origin) / 1000);

  /** Ask the server for the stage; null when there is none yet or it cannot be. @returns {Promise<Stage | null>} */
  async function load() {
    const url = address();
    if (!url || url === asked) {
      return stage;
    }
    const answer = await fetch(url, { signal, headers: { Accept: "application/json" } });
    const said = await answer.json();
    if (!answer.ok) {
      toast(said.message, { bad: true, action: "stage" });
      return null;
    }
    if (!said.ready) {
      toast(text.stageNotReady());
      timer = window.setTimeout(refresh, AGAIN_MS);
      return null;
    }
    asked = url;
    clearErrors("stage");
    return said;
  }

  async function refresh() {
    const found = await load().catch(() => null);
    if (found && found !== stage && !signal.aborted) {
      stage = found;
      await show(found);
    }
  }

  /** @param {Stage} found */
  async function show(found) {
    const [width, height] = found.canvas;
    const scale = HEIGHT_PX / Math.max(width, height);
    [picture.width, picture.height] = [Math.round(width * scale), Math.round(height * scale)];
    captions?.destroy();
    captions = place instanceof HTMLElement ? await drawCaptions(place, picture, found) : null;
    if (nextPlace(found.pieces, now()) === null || now() < found.pieces[0][0]) {
      go(found.pieces[0][0]);
    }
    await draw(true);
  }

  /** @param {boolean} [isStill] it is drawn for sure, and not only when libass has time */
  async function draw(isStill = false) {
    const context = picture.getContext("2d");
    if (!stage || !context) {
      return;
    }
    const cut = toCut(stage.pieces, now());
    drawFrame(context, video, stage, cut);
    const at = { mediaTime: cut / 1000, width: picture.width, height: picture.height };
    await captions?.manualRender(at, isStill);
    if (isStill) {
      await captions?.manualRender(at, true); // the first one may have been for another size
      picture.dataset.cut = String(Math.round(cut));
    }
  }

  function run() {
    frame = 0;
    if (!stage || signal.aborted) {
      return;
    }
    const to = nextPlace(stage.pieces, now());
    if (to === null) {
      video.pause();
    } else if (to - now() > 1 && !video.seeking) {
      go(to);
    } else {
      draw();
    }
    if (!video.paused) {
      frame = requestAnimationFrame(run);
    }
  }

  async function toggle() {
    if (!video.paused) {
      video.pause();
      return;
    }
    if (!video.src) {
      video.src = player instanceof HTMLVideoElement ? player.src : "";
    }
    await refresh();
    if (stage && place instanceof HTMLElement) {
      place.hidden = false;
      if (nextPlace(stage.pieces, now() + 100) === null) {
        go(stage.pieces[0][0]);
      }
      await video.play().catch(() => toast(text.stageNotPlayed(), { bad: true, action: "stage" }));
    }
  }

  button.addEventListener("click", () => toggle().catch(() => toast(text.stageNotPlayed(), { bad: true, action: "stage" })), { signal });
  video.addEventListener("playing", () => clearErrors("stage"), { signal });
  video.addEventListener("play", () => (frame ||= requestAnimationFrame(run)), { signal });
  for (const name of ["seeked", "loadeddata", "pause"]) {
    video.addEventListener(name, () => video.paused && draw(true), { signal });
  }
  for (const name of ["play", "pause", "ended"]) {
    video.addEventListener(name, showState, { signal });
  }
  function showState() {
    find(/** @type {ParentNode} */ (button), "[data-when=paused]").hidden = !video.paused;
    find(/** @type {ParentNode} */ (button), "[data-when=playing]").hidden = video.paused;
  }
  const soon = () => {
    clearTimeout(timer);
    if (stage) {
      timer = window.setTimeout(refresh, WAIT_MS);
    }
  };
  for (const name of ["input", "change", "framing-changed", "ratio-shown", "htmx:afterSettle"]) {
    form.addEventListener(name, soon, { signal });
  }
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    cancelAnimationFrame(frame);
    video.pause();
    captions?.destroy();
  });
}

// The transcript follows the video: the cue being spoken is lit, its word too where word times are known, and it is
// kept in view until the reader scrolls by hand.
import { closest, find, findAll } from "../common/dom.js";
import { mediaTime } from "../common/media_clock.js";
import { offsetInCue, rangeInCue, startInCue } from "./cue_text.js";
import { wordsOf } from "./cue_words.js";
import { lastBegun } from "./scenes.js";

/** @typedef {import("./scenes.js").Scene} Scene */
/** @typedef {import("./cue_words.js").Cue} Cue */

/** @typedef {(seconds: number, options?: { andPlay?: boolean }) => void} Seek */

const HOLD_MS = 700; // a cue stays lit this long into the pause after it

/**
 * @param {object} parts
 * @param {HTMLElement} parts.page
 * @param {HTMLVideoElement} parts.video
 * @param {Seek} parts.seek
 * @param {AbortSignal} parts.signal
 */
export function startTranscript({ page, video, seek, signal }) {
  const list = find(page, "[data-scenes]");
  const cues = readCues(list);
  const word = makeWordLight();
  const following = startFollowing({ page, video, signal, reveal });
  /** @type {Cue | null} */
  let lit = null;
  /** @type {Scene | null} */
  let sceneNow = null;

  /**
   * @param {number} seconds
   * @param {Scene | null} scene
   */
  function show(seconds, scene) {
    const ms = seconds * 1000;
    const cue = cueAt(cues, ms);
    if (scene !== sceneNow) {
      sceneNow?.element.classList.remove("scene--now");
      scene?.element.classList.add("scene--now");
      sceneNow = scene;
    }
    if (cue !== lit) {
      lit?.element.removeAttribute("aria-current");
      cue?.element.setAttribute("aria-current", "true");
      lit = cue;
      if (!video.paused && following.isOn()) {
        reveal({ gentle: true });
      }
    }
    word.show(cue, ms);
  }

  // Bring what is spoken into view; a gentle call leaves alone what is comfortably seen already.
  function reveal({ gentle = false } = {}) {
    const element = lit?.element ?? sceneNow?.element;
    if (!element?.offsetParent) {
      return;
    }
    const [top, bottom] = readingZone(page);
    const box = element.getBoundingClientRect();
    if (gentle && box.top >= top && box.bottom <= top + (bottom - top) * 0.75) {
      return;
    }
    const calm = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    const near = Math.abs(box.top - top) < 2 * (bottom - top);
    window.scrollBy({ top: box.top - top - (bottom - top) * 0.25, behavior: calm && near ? "smooth" : "instant" });
  }

  list.addEventListener(
    "click",
    (event) => {
      const element = closest(event, ".cue");
      if (!element || !getSelection()?.isCollapsed) {
        return;
      }
      const cue = cues[Number(element.dataset.at)];
      chooseLine(cue);
      seek(wordStart(cue, event) / 1000, { andPlay: !video.paused });
    },
    { signal },
  );
  startLines({ list, cues, seek, signal });

  /** @param {Cue} cue */
  function chooseLine(cue) {
    list.querySelector(".cue[tabindex='0']")?.setAttribute("tabindex", "-1");
    cue.element.tabIndex = 0;
  }
  if (cues.length) {
    chooseLine(cues[0]);
  }

  /** @param {Element} mark an element in a line; returns when its first word begins, in ms */
  function startOf(mark) {
    const cue = cues[Number(mark.closest(".cue")?.getAttribute("data-at"))];
    return timeAt(cue, startInCue(cue.element, mark));
  }

  /** @param {Element | null} element a line; the focus goes there */
  function focusLine(element) {
    const cue = cues[Number(element?.getAttribute("data-at") ?? -1)];
    if (cue) {
      chooseLine(cue);
      cue.element.focus({ preventScroll: true });
    }
  }

  /** The line that is said or was said last; in a scene that has begun, none of the scene before. */
  function said() {
    const ms = mediaTime(video) * 1000;
    const line = lit ?? lastBegun(cues, ms) ?? cues[0];
    const next = cues[cues.indexOf(line) + 1];
    const isOver = line?.end <= ms && !sceneNow?.element.contains(line.element);
    return isOver && sceneNow?.element.contains(next?.element ?? null) ? next : line;
  }

  /** The line that is said gets the focus. */
  function focusSaid() {
    focusLine(said()?.element ?? null);
    reveal({ gentle: true });
  }

  return { show, reveal, startOf, said, focusLine, focusSaid, follow: following.set, cues };
}

/**
 * @param {HTMLElement} list
 * @returns {Cue[]} in the order of time
 */
function readCues(list) {
  return findAll(list, ".cue").map((element, at) => {
    const [start, end] = (element.dataset.cue ?? "").split(" ").map(Number);
    element.dataset.at = String(at);
    return { element, start, end, at };
  });
}

/**
 * The cue that is spoken at a moment, or was until just now.
 * @template {{ start: number, end: number }} T
 * @param {T[]} cues in the order of time
 * @param {number} ms
 * @returns {T | null}
 */
export function cueAt(cues, ms) {
  const cue = lastBegun(cues, ms);
  return cue && ms < cue.end + HOLD_MS ? cue : null;
}

/**
 * The spoken word is a highlight over the text, so that lighting it changes no element.
 * @returns {{ show: (cue: Cue | null, ms: number) => void }}
 */
function makeWordLight() {
  if (!globalThis.Highlight || !CSS.highlights) {
    return { show() {} };
  }
  const light = new Highlight();
  CSS.highlights.set("spoken", light);
  /** @type {Cue | null} */
  let cueShown = null;
  let wordShown = -1;
  return {
    show(cue, ms) {
      const words = cue ? wordsOf(cue) : [];
      const at = cue ? words.findLastIndex(([start]) => start <= ms - cue.start) : -1;
      if (cue === cueShown && at === wordShown) {
        return;
      }
      [cueShown, wordShown] = [cue, at];
      light.clear();
      const range = cue && at >= 0 && rangeInCue(cue.element, words[at][1], words[at][1] + words[at][2]);
      if (range) {
        light.add(range);
      }
    },
  };
}

/**
 * Where the clicked word begins, in ms: exact where the words' times are known, by its place in the line otherwise.
 * @param {Cue} cue
 * @param {MouseEvent} event
 */
function wordStart(cue, event) {
  const place = document.caretPositionFromPoint?.(event.clientX, event.clientY);
  const range = place ? null : document.caretRangeFromPoint?.(event.clientX, event.clientY);
  const node = place?.offsetNode ?? range?.startContainer;
  const offset = node ? offsetInCue(cue.element, node, place?.offset ?? range?.startOffset ?? 0) : 0;
  return timeAt(cue, offset);
}

/**
 * When the word at a place in a cue's text begins, in ms.
 * @param {Cue} cue
 * @param {number} offset
 */
function timeAt(cue, offset) {
  const words = wordsOf(cue);
  if (words.length) {
    const word = words.findLast(([, start]) => start <= offset);
    return cue.start + (word ? word[0] : 0);
  }
  const whole = cue.element.textContent ?? "";
  const before = whole.slice(0, offset).lastIndexOf(" ") + 1;
  return cue.start + Math.round(((cue.end - cue.start) * before) / Math.max(1, whole.length));
}

/**
 * Arrow keys go from line to line; Enter plays from one.
 * @param {object} parts
 * @param {HTMLElement} parts.list
 * @param {Cue[]} parts.cues
 * @param {Seek} parts.seek
 * @param {AbortSignal} parts.signal
 */
function startLines({ list, cues, seek, signal }) {
  list.addEventListener(
    "keydown",
    (event) => {
      const element = closest(event, ".cue");
      if (!element) {
        return;
      }
      const at = Number(element.dataset.at);
      const step = Number(event.key === "ArrowDown") - Number(event.key === "ArrowUp");
      if (step && cues[at + step]) {
        element.tabIndex = -1;
        cues[at + step].element.tabIndex = 0;
        cues[at + step].element.focus();
      } else if (event.key === "Enter") {
        seek(cues[at].start / 1000, { andPlay: true });
      } else {
        return;
      }
      event.preventDefault();
      event.stopPropagation();
    },
    { signal },
  );
}

/**
 * What of the window the transcript can be read in: below the header, the tools and, on a phone, the player.
 * @param {HTMLElement} page
 * @returns {[top: number, bottom: number]} in px
 */
function readingZone(page) {
  let top = 0;
  const above = [document.querySelector(".header"), ...page.querySelectorAll(".transcript__tools, .player-row, .player")];
  for (const element of above.filter((one) => one !== null)) {
    const style = getComputedStyle(element);
    const over = element.matches(".player-row, .player") ? page.matches(".video-page") && innerWidth < 1000 : true;
    if (style.position === "sticky" && over) {
      const box = element.getBoundingClientRect();
      top = Math.max(top, parseFloat(style.top) + box.height);
    }
  }
  const bar = find(page, "[data-export-bar]");
  return [top, innerHeight - (bar.offsetParent ? bar.offsetHeight : 0)];
}

/**
 * Whether the transcript follows the video: until the reader scrolls, and again when a button says so.
 * @param {object} parts
 * @param {HTMLElement} parts.page
 * @param {HTMLVideoElement} parts.video
 * @param {AbortSignal} parts.signal
 * @param {() => void} parts.reveal
 */
function startFollowing({ page, video, signal, reveal }) {
  const button = page.querySelector("[data-follow]");
  const back = find(page, "[data-follow-back]");
  let isOn = true;
  const set = (/** @type {boolean} */ on) => {
    isOn = on;
    button?.setAttribute("aria-pressed", String(on));
    back.hidden = on || video.paused;
  };
  const byHand = () => {
    if (isOn && !video.paused) {
      set(false);
    }
  };
  const scrollKeys = new Set(["PageUp", "PageDown", "Home", "End"]);
  window.addEventListener("wheel", byHand, { signal, passive: true });
  window.addEventListener("touchmove", byHand, { signal, passive: true });
  window.addEventListener("keydown", (event) => scrollKeys.has(event.key) && byHand(), { signal });
  const again = () => {
    set(true);
    reveal();
  };
  button?.addEventListener("click", () => (isOn ? set(false) : again()), { signal });
  back.addEventListener("click", again, { signal });
  video.addEventListener("pause", () => (back.hidden = true), { signal });
  return { isOn: () => isOn, set };
}

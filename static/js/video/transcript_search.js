// Find in transcript: every match is lit by a highlight, without touching the text; also across lines of one scene.
import { find, findAll } from "../common/dom.js";
import { mediaTime } from "../common/media_clock.js";
import { text } from "../common/messages.js";
import { rangeInCue } from "./cue_text.js";

/** @typedef {import("./scenes.js").Scene} Scene */
/** @typedef {{ element: HTMLElement, length: number, start: number }} Line a line and where in the scene's whole text it begins */
/** @typedef {{ scene: Scene, lines: Line[], whole: string }} SceneText */
/** @typedef {{ scene: Scene, range: Range }} Match */

const MAX_HIGHLIGHTS = 2000;

/**
 * @param {object} parts
 * @param {HTMLElement} parts.page
 * @param {Scene[]} parts.scenes
 * @param {{ follow: (on: boolean) => void, focusLine: (line: Element | null) => void }} parts.transcript
 * @param {HTMLVideoElement} parts.video
 * @param {AbortSignal} parts.signal
 * @returns {{ focus: () => void, words: () => string, set: (words: string) => void, read: () => void, relight: () => void }}
 */
export function startSearch({ page, scenes, transcript, video, signal }) {
  const form = page.querySelector("[data-find]");
  if (!form) {
    return { focus() {}, words: () => "", set() {}, read() {}, relight() {} };
  }
  const input = find(form, "[data-find-words]", HTMLInputElement);
  const count = find(form, "[data-find-count]");
  const buttons = findAll(form, "[data-find-previous], [data-find-next]", HTMLButtonElement);
  const light = makeLight();
  /** @type {SceneText[] | null} */
  let index = null;
  /** @type {Match[]} */
  let matches = [];
  let at = -1;

  /** @returns {boolean} whether something is looked for */
  function lightUp() {
    index ??= scenes.map(readScene);
    const words = input.value.trim().toLowerCase();
    matches = words ? index.flatMap((scene) => findIn(scene, words)) : [];
    light.all(matches.slice(0, MAX_HIGHLIGHTS));
    return Boolean(words);
  }

  function search() {
    const hasWords = lightUp();
    const shownNow = matches.findIndex((match) => match.scene.end > mediaTime(video) * 1000);
    go(matches.length ? Math.max(0, shownNow) : -1, hasWords);
  }

  /** @param {number} to */
  function go(to, hasWords = true) {
    at = to;
    for (const button of buttons) {
      button.disabled = !matches.length;
    }
    count.textContent = hasWords ? (matches.length ? text.found(at + 1, matches.length) : text.foundNone()) : "";
    light.one(matches[at]);
    if (matches[at]) {
      transcript.follow(false);
      const { scene, range } = matches[at];
      scene.element.hidden = false;
      range.startContainer.parentElement?.closest(".cue")?.scrollIntoView({ block: "center" });
    }
  }

  /** Go into the words that were found: they are selected, and their line has the focus. @param {Match} match */
  function enter(match) {
    transcript.focusLine(match.range.startContainer.parentElement?.closest(".cue") ?? null);
    select(match);
  }

  const step = (/** @type {number} */ by) => matches.length && go((at + by + matches.length) % matches.length);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  input.addEventListener(
    "input",
    () => {
      clearTimeout(timer);
      timer = setTimeout(search, 120);
    },
    { signal },
  );
  form.addEventListener(
    "submit",
    (event) => {
      event.preventDefault();
      step(1);
    },
    { signal },
  );
  find(form, "[data-find-previous]").addEventListener("click", () => step(-1), { signal });
  input.addEventListener(
    "keydown",
    (event) => {
      if (event.key === "Enter" && event.shiftKey) {
        event.preventDefault();
        step(-1);
      } else if (event.key === "ArrowDown" && matches[at]) {
        event.preventDefault();
        enter(matches[at]);
      } else if (event.key === "Escape") {
        event.preventDefault();
        const match = matches[at];
        input.value = "";
        search();
        match ? enter(match) : input.blur();
      }
    },
    { signal },
  );
  signal.addEventListener("abort", () => light.all([]));
  return {
    focus() {
      input.focus();
      input.select();
    },
    words: () => input.value,
    /** Lines and scenes are others now. */
    read() {
      index = null;
      if (input.value) {
        lightUp();
      }
    },
    /** The text nodes were replaced: the same matches are lit again. */
    relight() {
      if (input.value) {
        lightUp();
        light.one(matches[at]);
      }
    },
    set(words) {
      input.value = words;
      if (words) {
        search();
      }
    },
  };
}

/**
 * A scene's lines as one text, with where each begins. Lower case keeps its length, or the line is taken as it is.
 * @param {Scene} scene
 * @returns {SceneText}
 */
function readScene(scene) {
  /** @type {Line[]} */
  const lines = [];
  let whole = "";
  for (const cue of findAll(scene.element, ".cue")) {
    const said = cue.textContent ?? "";
    if (said) {
      lines.push({ element: cue, length: said.length, start: whole.length });
      const lower = said.toLowerCase();
      whole += `${lower.length === said.length ? lower : said} `;
    }
  }
  return { scene, lines, whole };
}

/**
 * Where some words stand in a text, one behind the other.
 * @param {string} whole
 * @param {string} words
 * @returns {number[]}
 */
export function offsetsOf(whole, words) {
  const found = [];
  for (let at = whole.indexOf(words); at >= 0; at = whole.indexOf(words, at + words.length)) {
    found.push(at);
  }
  return found;
}

/**
 * @param {SceneText} text
 * @param {string} words in lower case
 * @returns {Match[]}
 */
function findIn({ scene, lines, whole }, words) {
  return offsetsOf(whole, words).map((at) => {
    const end = at + words.length;
    const first = lines.findLast(({ start }) => start <= at) ?? lines[0];
    const last = lines.findLast(({ start }) => start < end) ?? first;
    const range = new Range();
    const from = rangeInCue(first.element, at - first.start, first.length);
    const to = rangeInCue(last.element, 0, end - last.start);
    if (from && to) {
      range.setStart(from.startContainer, from.startOffset);
      range.setEnd(to.endContainer, to.endOffset);
    }
    return { scene, range };
  });
}

/**
 * Where there are no highlights, the match that was gone to is selected.
 * @returns {{ all: (matches: Match[]) => void, one: (match: Match | undefined) => void }}
 */
function makeLight() {
  if (!globalThis.Highlight || !CSS.highlights) {
    return { all() {}, one: select };
  }
  const [all, one] = [new Highlight(), new Highlight()];
  one.priority = 1;
  CSS.highlights.set("found", all);
  CSS.highlights.set("found-now", one);
  return {
    all(matches) {
      all.clear();
      one.clear();
      for (const { range } of matches) {
        all.add(range);
      }
    },
    one(match) {
      one.clear();
      if (match) {
        one.add(match.range);
      }
    },
  };
}

/** @param {Match | undefined} match */
function select(match) {
  if (match) {
    const { startContainer, startOffset, endContainer, endOffset } = match.range;
    getSelection()?.setBaseAndExtent(startContainer, startOffset, endContainer, endOffset);
  }
}

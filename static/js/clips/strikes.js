// What the open clip leaves out, shown in the transcript: struck-out words as <s>, words before and after it paler.
// Only lines whose words changed are touched; one element for each run of words.
import { rangeInCue, unwrapRuns, wrapInCue } from "../video/cue_text.js";
import { isKept } from "./ranges.js";
import { tenths } from "./tighten.js";
import { heardWordsOf } from "./word_edges.js";

/** @typedef {import("../video/cue_words.js").Cue} Cue */
/** @typedef {import("./ranges.js").Span} Span */
/** @typedef {import("./tighten.js").Hint} Hint */
/** @typedef {{ from: number, to: number, isStruck: boolean }} Run a stretch of a cue's text */
/** @typedef {{ from: number, to: number, hint: Hint }} Mark what may go: words, or a place between them */

/**
 * The stretches of a cue's text that are not kept. A word is kept if its middle is, as in the Short's captions.
 * @param {import("../video/cue_words.js").SpokenWord[]} words
 * @param {Span[]} ranges at least one
 * @returns {Run[]}
 */
export function runsOf(words, ranges) {
  const [start, end] = [ranges[0][0], ranges[ranges.length - 1][1]];
  /** @type {Run[]} */
  const runs = [];
  let wasKept = true;
  for (const word of words) {
    const middle = Math.floor((word.start + word.end) / 2);
    const kept = isKept(ranges, middle);
    const isStruck = start <= middle && middle < end;
    const last = runs.at(-1);
    if (!kept && !wasKept && last?.isStruck === isStruck) {
      last.to = word.first + word.length;
    } else if (!kept) {
      runs.push({ from: word.first, to: word.first + word.length, isStruck });
    }
    wasKept = kept;
  }
  return runs;
}

/**
 * Where what may go stands in a cue's text: its words, or for a pause the place after the word before it.
 * @param {import("../video/cue_words.js").SpokenWord[]} words
 * @param {Hint[]} hints of this cue
 * @returns {Mark[]}
 */
export function marksOf(words, hints) {
  return hints.flatMap((hint) => {
    const [start, end] = hint.span;
    if (hint.kind === "pause") {
      const last = words.findLast((word) => (word.start + word.end) / 2 < (start + end) / 2);
      const at = last ? last.first + last.length : 0;
      return [{ from: at, to: at, hint }];
    }
    const inside = words.filter((word) => start <= (word.start + word.end) / 2 && (word.start + word.end) / 2 < end);
    const [first, last] = [inside[0], inside.at(-1)];
    return first && last && !hint.isTaken ? [{ from: first.first, to: last.first + last.length, hint }] : [];
  });
}

/**
 * @param {object} parts
 * @param {HTMLElement} parts.list
 * @param {Cue[]} parts.cues
 * @param {() => void} parts.changed text nodes were replaced
 */
export function startStrikes({ list, cues, changed }) {
  /** @type {Map<Cue, string>} the cues of the clip, with how each is drawn */
  const drawn = new Map();

  /**
   * @param {Span[] | null} ranges null when no clip is open
   * @param {Hint[]} hints what may go from it
   */
  function show(ranges, hints = []) {
    list.classList.toggle("is-cutting", Boolean(ranges));
    const near = ranges ? cuesBetween(ranges[0][0], ranges[ranges.length - 1][1]) : [];
    const stay = new Set(near);
    let touched = false;
    for (const cue of drawn.keys()) {
      if (!stay.has(cue)) {
        touched = clear(cue) || touched;
      }
    }
    near.forEach((cue, at) => {
      const words = heardWordsOf(cue);
      const until = near[at + 1]?.start ?? Infinity;
      const own = hints.filter(({ span: [start, end] }) => (at === 0 || cue.start <= (start + end) / 2) && (start + end) / 2 < until);
      touched = draw(cue, runsOf(words, ranges ?? []), marksOf(words, own)) || touched;
    });
    if (touched) {
      changed();
    }
  }

  /**
   * @param {number} start
   * @param {number} end
   */
  const cuesBetween = (start, end) => cues.filter((cue) => cue.start < end && start < cue.end);

  /** @param {Cue} cue */
  function clear(cue) {
    cue.element.classList.remove("cue--in");
    drawn.delete(cue);
    return unwrapRuns(cue.element);
  }

  /**
   * @param {Cue} cue
   * @param {Run[]} runs
   * @param {Mark[]} marks
   */
  function draw(cue, runs, marks) {
    const as = JSON.stringify([runs, marks]);
    if (drawn.get(cue) === as) {
      return false;
    }
    const had = unwrapRuns(cue.element);
    drawn.set(cue, as);
    cue.element.classList.add("cue--in");
    for (const { from, to, isStruck } of runs) {
      wrapInCue(cue.element, from, to, () => {
        const element = document.createElement(isStruck ? "s" : "span");
        element.className = isStruck ? "struck" : "outside";
        return element;
      });
    }
    for (const mark of marks) {
      drawMark(cue.element, mark);
    }
    return had || runs.length > 0 || marks.length > 0;
  }

  /** What is in a cue is other text now, with nothing of ours around it. @param {Cue} cue */
  const forget = (cue) => drawn.delete(cue);

  return { show, forget };
}

/**
 * Words that may go get a line below them; a pause is an element without text, so that places in the text stay.
 * @param {HTMLElement} cue
 * @param {Mark} mark
 */
function drawMark(cue, { from, to, hint }) {
  if (from < to) {
    wrapInCue(cue, from, to, () => {
      const element = document.createElement("span");
      element.className = "may-go";
      return element;
    });
    return;
  }
  const place = rangeInCue(cue, from, from);
  if (place) {
    const element = document.createElement("span");
    element.className = "pause-mark";
    element.dataset.run = "";
    element.dataset.tightCut = String(hint.at);
    element.dataset.length = tenths(hint.whole);
    element.dataset.taken = String(hint.isTaken);
    const range = document.createRange();
    range.setStart(place.startContainer, place.startOffset);
    range.insertNode(element);
  }
}

// What the open clip leaves out, shown in the transcript: struck-out words as <s>, words before and after it paler.
// Only lines whose words changed are touched; one element for each run of words.
import { unwrapRuns, wrapInCue } from "../video/cue_text.js";
import { spokenWordsOf } from "../video/cue_words.js";
import { isKept } from "./ranges.js";

/** @typedef {import("../video/cue_words.js").Cue} Cue */
/** @typedef {import("./ranges.js").Span} Span */
/** @typedef {{ from: number, to: number, isStruck: boolean }} Run a stretch of a cue's text */

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
 * @param {object} parts
 * @param {HTMLElement} parts.list
 * @param {Cue[]} parts.cues
 * @param {() => void} parts.changed text nodes were replaced
 */
export function startStrikes({ list, cues, changed }) {
  /** @type {Map<Cue, string>} the cues of the clip, with how each is drawn */
  const drawn = new Map();

  /** @param {Span[] | null} ranges null when no clip is open */
  function show(ranges) {
    list.classList.toggle("is-cutting", Boolean(ranges));
    const near = ranges ? cuesBetween(ranges[0][0], ranges[ranges.length - 1][1]) : [];
    const stay = new Set(near);
    let touched = false;
    for (const cue of drawn.keys()) {
      if (!stay.has(cue)) {
        touched = clear(cue) || touched;
      }
    }
    for (const cue of near) {
      touched = draw(cue, runsOf(spokenWordsOf(cue), ranges ?? [])) || touched;
    }
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
   */
  function draw(cue, runs) {
    const as = JSON.stringify(runs);
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
    return had || runs.length > 0;
  }

  return { show };
}

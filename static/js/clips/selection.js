// Selected words: what the browser's selection covers of the transcript, and a selection made by keys.
import { isTyping } from "../common/typing.js";
import { spokenWordsOf } from "../video/cue_words.js";
import { rangeInCue } from "../video/cue_text.js";
import { edgesOf, spanOfWords } from "./word_edges.js";

/** @typedef {import("../video/cue_words.js").Cue} Cue */
/** @typedef {import("./ranges.js").Span} Span */
/** @typedef {{ at: number, word: number }} Place a word: the number of its cue, and its number in it */
/** @typedef {{ first: Place, last: Place, span: Span, count: number, text: string, range: Range }} Selected */

/**
 * The numbers of the first and the last word that a stretch of a cue's text touches; null when it touches none.
 * @param {{ first: number, length: number }[]} words
 * @param {number} from
 * @param {number} to
 * @returns {[first: number, last: number] | null}
 */
export function wordsBetween(words, from, to) {
  const first = words.findIndex((word) => word.first + word.length > from);
  const last = words.findLastIndex((word) => word.first < to);
  return first >= 0 && first <= last ? [first, last] : null;
}

/**
 * The selected words of the transcript; null when none are.
 * @param {HTMLElement} list
 * @param {Cue[]} cues
 * @returns {Selected | null}
 */
export function selectedWords(list, cues) {
  const selection = getSelection();
  if (!selection?.rangeCount || selection.isCollapsed || !cues.length) {
    return null;
  }
  const range = selection.getRangeAt(0);
  if (!range.intersectsNode(list)) {
    return null;
  }
  const [from, to] = [placeOf(list, cues, range, true), placeOf(list, cues, range, false)];
  const first = wordFrom(cues, from.at, from.offset);
  const last = wordUpTo(cues, to.at, to.offset);
  return first && last && isBefore(first, last) ? describe(cues, first, last, range) : null;
}

/**
 * @param {Cue[]} cues
 * @param {Place} first
 * @param {Place} last
 * @param {Range} range
 * @returns {Selected}
 */
function describe(cues, first, last, range) {
  const words = (/** @type {Place} */ { at, word }) => spokenWordsOf(cues[at])[word];
  const [before, after] = [neighbour(cues, first, -1), neighbour(cues, last, 1)];
  const byTimes = spanOfWords({
    first: words(first),
    last: words(last),
    ...(before && { before: words(before) }),
    ...(after && { after: words(after) }),
  });
  const edges = (/** @type {Place} */ { at, word }) => edgesOf(cues[at], word, spokenWordsOf(cues[at]).length);
  /** @type {Span} */
  const span = [edges(first)?.[0] ?? byTimes[0], edges(last)?.[1] ?? byTimes[1]];
  const lines = cues.slice(first.at, last.at + 1).map((cue, index) => {
    const text = cue.element.textContent ?? "";
    const start = index ? 0 : words(first).first;
    const end = index + first.at < last.at ? text.length : words(last).first + words(last).length;
    return text.slice(start, end);
  });
  let count = last.word - first.word + 1;
  for (let at = first.at; at < last.at; at += 1) {
    count += spokenWordsOf(cues[at]).length;
  }
  return { first, last, span, count, text: lines.join(" ").trim(), range };
}

/**
 * Where one end of a range lies: in a cue, or beside one. The offset past a cue's end is Infinity.
 * @param {HTMLElement} list
 * @param {Cue[]} cues
 * @param {Range} range
 * @param {boolean} isStart
 * @returns {{ at: number, offset: number }}
 */
function placeOf(list, cues, range, isStart) {
  const node = isStart ? range.startContainer : range.endContainer;
  const offset = isStart ? range.startOffset : range.endOffset;
  const element = node instanceof Element ? node : node.parentElement;
  const cue = element?.closest(".cue");
  if (cue && list.contains(cue)) {
    const before = new Range();
    before.setStart(cue, 0);
    before.setEnd(node, offset);
    return { at: Number(cue.getAttribute("data-at")), offset: before.toString().length };
  }
  const point = new Range();
  point.setStart(node, offset);
  let [low, high] = [0, cues.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (point.comparePoint(cues[middle].element, 0) > 0) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return isStart ? { at: low, offset: 0 } : { at: low - 1, offset: Infinity };
}

/**
 * The first word that ends after a place.
 * @param {Cue[]} cues
 * @param {number} at
 * @param {number} offset
 * @returns {Place | null}
 */
function wordFrom(cues, at, offset) {
  for (let index = at; index < cues.length; index += 1) {
    const found = wordsBetween(spokenWordsOf(cues[index]), index === at ? offset : 0, Infinity);
    if (found) {
      return { at: index, word: found[0] };
    }
  }
  return null;
}

/**
 * The last word that begins before a place.
 * @param {Cue[]} cues
 * @param {number} at
 * @param {number} offset
 * @returns {Place | null}
 */
function wordUpTo(cues, at, offset) {
  for (let index = at; index >= 0; index -= 1) {
    const found = wordsBetween(spokenWordsOf(cues[index]), 0, index === at ? offset : Infinity);
    if (found) {
      return { at: index, word: found[1] };
    }
  }
  return null;
}

/**
 * The word beside another one, also in the next or previous cue that has words; null at an end.
 * @param {Cue[]} cues
 * @param {Place} place
 * @param {-1 | 1} by
 * @returns {Place | null}
 */
function neighbour(cues, { at, word }, by) {
  if (spokenWordsOf(cues[at])[word + by]) {
    return { at, word: word + by };
  }
  for (let index = at + by; cues[index]; index += by) {
    const words = spokenWordsOf(cues[index]);
    if (words.length) {
      return { at: index, word: by > 0 ? 0 : words.length - 1 };
    }
  }
  return null;
}

/**
 * @param {Place} one
 * @param {Place} other
 */
const isBefore = (one, other) => one.at < other.at || (one.at === other.at && one.word <= other.word);

/**
 * @param {Place} one
 * @param {Place} other
 */
const isSame = (one, other) => one.at === other.at && one.word === other.word;

/**
 * Shift and an arrow select by word or by line: on from what is selected, from the line that has the focus, or from the
 * word that is said while the focus is nowhere or on a button.
 * @param {object} parts
 * @param {HTMLElement} parts.list
 * @param {Cue[]} parts.cues
 * @param {() => number} parts.now the moment that is played, in ms
 * @param {() => Cue | undefined} parts.said the line that is said
 * @param {(line: Element) => void} parts.focusLine
 * @param {AbortSignal} parts.signal
 */
export function startKeySelection({ list, cues, now, said, focusLine, signal }) {
  /** @type {{ anchor: Place, head: Place } | null} */
  let held = null;

  /** @param {KeyboardEvent} event */
  function extend(event) {
    const { target } = event;
    const cue = target instanceof Element ? target.closest(".cue") : null;
    const step = STEPS[event.key];
    if (!step || !event.shiftKey || isTyping(event) || !(cue || (target instanceof Element && target.matches(NOWHERE)))) {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
    held = onFrom(selectedWords(list, cues));
    if (held) {
      held.head = move(held.head, step);
    } else {
      const first = cue ? wordFrom(cues, Number(cue.getAttribute("data-at")), 0) : wordSaid();
      held = first && { anchor: first, head: step.byLine ? lineEnd(first) : first };
    }
    if (held) {
      select(held.anchor, held.head);
      if (!cue) {
        focusLine(cues[held.anchor.at].element);
      }
    }
  }

  /** What is held, or what was selected by other means instead. @param {Selected | null} selected */
  function onFrom(selected) {
    if (!selected || !held) {
      return selected && { anchor: selected.first, head: selected.last };
    }
    const [first, last] = isBefore(held.anchor, held.head) ? [held.anchor, held.head] : [held.head, held.anchor];
    return isSame(first, selected.first) && isSame(last, selected.last) ? held : { anchor: selected.first, head: selected.last };
  }

  /** The word that is said now, or the first one of its line. */
  function wordSaid() {
    const ms = now();
    const cue = said();
    const at = cue ? cues.indexOf(cue) : 0;
    const word = cue ? spokenWordsOf(cue).findLastIndex(({ start }) => start <= ms) : -1;
    return word >= 0 ? { at, word } : wordFrom(cues, at, 0);
  }

  /** @param {Place} place */
  const lineEnd = ({ at }) => ({ at, word: spokenWordsOf(cues[at]).length - 1 });

  /**
   * @param {Place} head
   * @param {{ by: -1 | 1, byLine?: boolean }} step
   * @returns {Place}
   */
  function move(head, { by, byLine }) {
    const near = byLine ? neighbour(cues, by > 0 ? lineEnd(head) : { at: head.at, word: 0 }, by) : neighbour(cues, head, by);
    return near ? (byLine ? lineEnd(near) : near) : head;
  }

  /**
   * @param {Place} anchor
   * @param {Place} head
   */
  function select(anchor, head) {
    const [first, last] = isBefore(anchor, head) ? [anchor, head] : [head, anchor];
    const [start, end] = [spokenWordsOf(cues[first.at])[first.word], spokenWordsOf(cues[last.at])[last.word]];
    const from = rangeInCue(cues[first.at].element, start.first, start.first + start.length);
    const to = rangeInCue(cues[last.at].element, end.first, end.first + end.length);
    if (from && to) {
      getSelection()?.setBaseAndExtent(from.startContainer, from.startOffset, to.endContainer, to.endOffset);
      cues[head.at].element.scrollIntoView({ block: "nearest" });
    }
  }

  document.addEventListener("keydown", extend, { signal, capture: true });
}

// Where Shift and arrows mean nothing else.
const NOWHERE = "body, button, a, summary";

/** @type {Record<string, { by: -1 | 1, byLine?: boolean }>} */
const STEPS = {
  ArrowRight: { by: 1 },
  ArrowLeft: { by: -1 },
  ArrowDown: { by: 1, byLine: true },
  ArrowUp: { by: -1, byLine: true },
};

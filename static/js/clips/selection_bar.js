// The bar at selected words: how long they are, and what can be done with them.
import { closest, find } from "../common/dom.js";
import { clock, exactSeconds } from "../common/format.js";
import { text } from "../common/messages.js";
import { toast } from "../common/toasts.js";
import { keptLength, problemOf } from "./ranges.js";
import { selectedWords } from "./selection.js";

/** @typedef {import("./selection.js").Selected} Selected */
/** @typedef {import("../video/cue_words.js").Cue} Cue */

const GAP_PX = 8;
const PHONE_PX = 1000; // below it the bar lies at the bottom, as in selection_bar.css

/**
 * @param {object} parts
 * @param {HTMLElement} parts.page
 * @param {HTMLElement} parts.list
 * @param {Cue[]} parts.cues
 * @param {import("./ranges.js").Limits} parts.limits
 * @param {Record<string, (selected: Selected) => void>} parts.actions by the name of a button
 * @param {(selected: Selected) => void} parts.prepare shows the buttons that fit
 * @param {AbortSignal} parts.signal
 */
export function startSelectionBar({ page, list, cues, limits, actions, prepare, signal }) {
  const bar = find(page, "[data-selection-bar]");
  const length = find(bar, "[data-selection-length]");
  const says = find(bar, "[data-selection-says]");
  const clip = find(bar, "[data-act=clip]", HTMLButtonElement);
  /** @type {Selected | null} */
  let selected = null;
  let isDragging = false;
  let isPressing = false; // of a button, which may end the selection on a touch screen

  function update() {
    if (isPressing) {
      return;
    }
    selected = selectedWords(list, cues);
    bar.hidden = !selected || isDragging;
    if (selected) {
      show(selected);
    }
  }

  /** @param {Selected} words */
  function show(words) {
    const ms = keptLength([words.span]);
    const problem = problemOf([words.span], limits);
    length.textContent = text.wordsSelected(words.count, exactSeconds(Math.round(ms / 100) * 100));
    says.textContent = problem ? SENTENCES[problem](limits) : ms > limits.claimableMs ? text.longForClaims(limits.claimableMs / 1000) : "";
    says.hidden = !says.textContent;
    bar.dataset.length = problem ? "bad" : ms > limits.claimableMs ? "long" : "fine";
    clip.disabled = Boolean(problem);
    prepare(words);
    place(words.range);
  }

  /** Above the first line of what is selected, or below its last one. @param {Range} range */
  function place(range) {
    if (innerWidth < PHONE_PX) {
      bar.style.removeProperty("inset");
      return;
    }
    const boxes = [...range.getClientRects()].filter((box) => box.width > 0);
    const [first, last] = [boxes[0], boxes.at(-1)];
    if (!first || !last) {
      return;
    }
    const room = list.getBoundingClientRect();
    const above = first.top - bar.offsetHeight - GAP_PX;
    const top = above > GAP_PX + headHeight() ? above : Math.min(last.bottom + GAP_PX, innerHeight - bar.offsetHeight - GAP_PX);
    const left = Math.min(Math.max(room.left, first.left), room.right - bar.offsetWidth);
    bar.style.inset = `${top}px auto auto ${Math.max(GAP_PX, left)}px`;
  }

  const headHeight = () => page.querySelector(".transcript__tools")?.getBoundingClientRect().bottom ?? 0;

  /** @param {string} name */
  function act(name) {
    if (selected && !(name === "clip" && clip.disabled)) {
      actions[name]?.(selected); // otherwise the bar says why there is no clip
    }
  }

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  document.addEventListener(
    "selectionchange",
    () => {
      clearTimeout(timer);
      timer = setTimeout(update, 60);
    },
    { signal },
  );
  list.addEventListener("pointerdown", ({ pointerType }) => (isDragging = pointerType === "mouse"), { signal });
  window.addEventListener(
    "pointerup",
    () => {
      if (isDragging) {
        isDragging = false;
        update();
      }
    },
    { signal },
  );
  window.addEventListener("scroll", () => selected && !bar.hidden && place(selected.range), { signal, passive: true });
  bar.addEventListener(
    "pointerdown",
    (event) => {
      event.preventDefault(); // the selection stays
      isPressing = true;
      setTimeout(() => (isPressing = false), 600);
    },
    { signal },
  );
  bar.addEventListener(
    "click",
    (event) => {
      const button = closest(event, "[data-act]", HTMLButtonElement);
      if (button && !button.disabled) {
        isPressing = false;
        act(button.dataset.act ?? "");
      }
    },
    { signal },
  );
  return {
    /** What is selected now. */
    selected: () => (bar.hidden ? null : selected),
    act,
    /** The clip that is open has changed. */
    refresh: () => selected && prepare(selected),
    /** End the selection. */
    clear() {
      getSelection()?.removeAllRanges();
      selected = null;
      bar.hidden = true;
    },
  };
}

/** @type {Record<"short" | "long" | "many", (limits: import("./ranges.js").Limits) => string>} */
const SENTENCES = {
  short: ({ shortestMs }) => text.clipTooShort(shortestMs / 1000),
  long: ({ longestMs }) => text.clipTooLong(longestMs / 1000),
  many: () => text.clipTooMany(),
};

/**
 * Why ranges make no clip, as a sentence; empty when they do.
 * @param {import("./ranges.js").Span[]} ranges
 * @param {import("./ranges.js").Limits} limits
 */
export function sentenceFor(ranges, limits) {
  const problem = problemOf(ranges, limits);
  return problem ? SENTENCES[problem](limits) : "";
}

/**
 * Copy words with the time at which they are said.
 * @param {Selected} selected
 */
export async function copyWithTime({ span, text: words }) {
  try {
    await navigator.clipboard.writeText(`[${clock(span[0] / 1000)}] ${words}`);
    toast(text.wordsCopied(), { action: "copy" });
  } catch {
    toast(text.wordsNotCopied(), { bad: true, action: "copy" });
  }
}

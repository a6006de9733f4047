// The box over the words that are corrected. It lies in the page, so that it moves with the text.
import { closest, find, findAll } from "../common/dom.js";
import { text } from "../common/messages.js";
import { rangeInCue } from "../video/cue_text.js";

/** @typedef {import("../video/cue_words.js").Cue} Cue */
/** @typedef {{ cue: Cue, start: number, was: string }} Target words of a cue at an offset of its text */

const LOOP_KEY = "heimdex:loop-line";
const SLOW_KEY = "heimdex:slow-line";
const GAP_PX = 8;

/**
 * @param {object} parts
 * @param {HTMLElement} parts.page
 * @param {(target: Target, typed: string) => void} parts.save
 * @param {(target: Target) => void} parts.confirm says that doubtful words are right
 * @param {(target: Target, by: -1 | 1) => void} parts.move goes on to the word before or after
 * @param {(cue: Cue | null, isSlow?: boolean) => void} parts.loop plays a line again and again, or no longer
 * @param {(target: Target) => string[]} parts.bordersAt what of lines and scenes can be split and joined before the words
 * @param {(kind: string, target: Target) => void} parts.border splits or joins there
 * @param {(line: Element | null) => void} parts.focusLine
 * @param {(cue: Cue) => void} parts.askSpeaker asks who speaks on the line
 * @param {AbortSignal} parts.signal
 */
export function startCorrectionBox({ page, save, confirm, move, loop, bordersAt, border, focusLine, askSpeaker, signal }) {
  const box = find(page, "[data-correction]", HTMLFormElement);
  const field = find(box, "[data-correction-text]", HTMLInputElement);
  const before = find(box, "[data-correction-before]");
  const right = find(box, "[data-correction-right]");
  const looping = find(box, "[data-correction-loop]", HTMLInputElement);
  const light = globalThis.Highlight && CSS.highlights ? new Highlight() : null;
  if (light) {
    CSS.highlights.set("correcting", light);
  }
  const slowly = find(box, "[data-correction-slow]", HTMLInputElement);
  looping.checked = kept(LOOP_KEY) !== "off";
  slowly.checked = kept(SLOW_KEY) === "on";
  slowly.disabled = !looping.checked;
  /** @type {Target | null} */
  let target = null;

  /** @param {Target} words */
  function open(words) {
    commit();
    target = words;
    const range = rangeInCue(words.cue.element, words.start, words.start + words.was.length);
    light?.clear();
    if (range) {
      light?.add(range);
    }
    field.value = words.was;
    field.setAttribute("aria-label", text.correctWords(words.was));
    const marked = page.ownerDocument.createRange();
    if (range) {
      marked.setStart(range.startContainer, range.startOffset);
      marked.setEnd(range.endContainer, range.endOffset);
    }
    const heard = marked.startContainer.parentElement?.closest(".cue mark")?.getAttribute("title") ?? "";
    before.textContent = heard;
    before.hidden = !heard;
    showBorders(words);
    right.hidden = !marked.startContainer.parentElement?.closest(".doubt");
    words.cue.element.scrollIntoView({ block: "nearest" });
    box.hidden = false;
    place(marked);
    field.focus({ preventScroll: true });
    field.select();
    loop(looping.checked ? words.cue : null, slowly.checked);
  }

  /** @param {Target} words */
  function showBorders(words) {
    const possible = bordersAt(words);
    for (const button of findAll(box, "[data-border]")) {
      button.hidden = !possible.includes(button.dataset.border ?? "");
    }
  }

  /** Save what was typed, then split or join before it, if that can be. @param {string[]} kinds the first that can be */
  function splitOrJoin(...kinds) {
    const words = target;
    const kind = words && bordersAt(words).find((one) => kinds.includes(one));
    if (words && kind) {
      commit();
      close({ focus: false });
      border(kind, words);
    }
    return Boolean(kind);
  }

  /** Over the first of the words, inside the transcript's column. @param {Range} range */
  function place(range) {
    const [word] = range.getClientRects();
    const room = find(page, "[data-transcript]").getBoundingClientRect();
    const inside = box.offsetParent?.getBoundingClientRect();
    if (!word || !inside) {
      return;
    }
    const style = getComputedStyle(field);
    const inset = parseFloat(style.paddingLeft) + parseFloat(style.borderLeftWidth) + parseFloat(getComputedStyle(box).paddingLeft);
    const least = Math.max(GAP_PX, room.left);
    const left = Math.min(Math.max(least, word.left - inset), Math.max(least, room.right - box.offsetWidth));
    const top = word.top + word.height / 2 - field.offsetHeight / 2 - parseFloat(getComputedStyle(box).paddingTop);
    box.style.inset = `${top - inside.top}px auto auto ${left - inside.left}px`;
  }

  /** Save what was typed, if it is other than what is there. */
  function commit() {
    const words = target;
    if (words && field.value !== words.was) {
      target = null;
      save(words, field.value);
    }
  }

  function close({ focus = true } = {}) {
    const line = target?.cue.element ?? null;
    target = null;
    box.hidden = true;
    light?.clear();
    loop(null);
    if (focus) {
      focusLine(line);
    }
  }

  /** @param {boolean} [focus] */
  function commitAndClose(focus = true) {
    const line = target?.cue.element ?? null;
    commit();
    close({ focus: false });
    if (focus) {
      focusLine(line);
    }
  }

  box.addEventListener(
    "submit",
    (event) => {
      event.preventDefault();
      commitAndClose();
    },
    { signal },
  );
  right.addEventListener(
    "click",
    () => {
      const words = target;
      close();
      if (words) {
        confirm(words);
      }
    },
    { signal },
  );
  box.addEventListener("click", (event) => splitOrJoin(closest(event, "[data-border]")?.dataset.border ?? ""), { signal });
  const speaker = find(box, "[data-correction-speaker]");
  speaker.addEventListener(
    "click",
    () => {
      const cue = target?.cue;
      commitAndClose();
      if (cue) {
        askSpeaker(cue);
      }
    },
    { signal },
  );
  find(box, "[data-correction-leave]").addEventListener("click", () => close(), { signal });
  looping.addEventListener(
    "change",
    () => {
      keep(LOOP_KEY, looping.checked);
      slowly.disabled = !looping.checked;
      loop(looping.checked && target ? target.cue : null, slowly.checked);
    },
    { signal },
  );
  slowly.addEventListener(
    "change",
    () => {
      keep(SLOW_KEY, slowly.checked);
      loop(looping.checked && target ? target.cue : null, slowly.checked);
    },
    { signal },
  );
  box.addEventListener(
    "keydown",
    (event) => {
      if (event.isComposing) {
        return;
      }
      if (event.key === "Escape") {
        event.preventDefault();
        close();
      } else if (event.key === "Enter" && (event.shiftKey || event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        event.shiftKey ? splitOrJoin("split_line") : splitOrJoin("split_scene");
      } else if (event.key === "Backspace" && event.target === field && !field.selectionStart && !field.selectionEnd) {
        if (splitOrJoin("join_lines", "join_scenes")) {
          event.preventDefault();
        }
      } else if (event.key === "Tab" && event.target === field && target) {
        event.preventDefault();
        const words = target;
        commit();
        target = null;
        move(words, event.shiftKey ? -1 : 1);
      } else if (event.altKey && event.code === "KeyL") {
        event.preventDefault();
        looping.click();
      } else if (event.altKey && event.code === "KeyS") {
        event.preventDefault();
        slowly.click();
      } else if (event.altKey && event.code === "KeyP") {
        event.preventDefault();
        speaker.click();
      }
    },
    { signal },
  );
  // Elsewhere on the page means: it is right like this.
  document.addEventListener(
    "pointerdown",
    (event) => {
      if (target && event.target instanceof Node && !box.contains(event.target)) {
        commitAndClose(false);
      }
    },
    { signal, capture: true },
  );
  // What is being typed when the page is left is kept and sent later.
  window.addEventListener("pagehide", commit, { signal });
  signal.addEventListener("abort", () => {
    commit();
    CSS.highlights?.delete("correcting");
  });

  return { open, close, isOpen: () => target !== null };
}

/** @param {string} name */
function kept(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

/**
 * @param {string} name
 * @param {boolean} isOn
 */
function keep(name, isOn) {
  try {
    localStorage.setItem(name, isOn ? "on" : "off");
  } catch {
    // It is asked for again next time.
  }
}

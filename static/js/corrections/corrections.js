// Words corrected in place: by double click, F2 or the selection's bar; shown at once, sent in order, undone.
import { closest, find } from "../common/dom.js";
import { text } from "../common/messages.js";
import { clearErrors, toast } from "../common/toasts.js";
import { selectedWords, wordsBetween } from "../clips/selection.js";
import { offsetInCue, startInCue } from "../video/cue_text.js";
import { forgetWords, spokenWordsOf } from "../video/cue_words.js";
import { startSceneParts } from "../video/scene_parts.js";
import { startBorders } from "./borders.js";
import { startHeard } from "./heard.js";
import { fetchLines, sendStep } from "./correction_api.js";
import { startCorrectionBox } from "./correction_box.js";
import { makeCorrectionQueue, storedSteps } from "./correction_queue.js";
import { makeEditHistory } from "./edit_history.js";
import { changedText, changedWords, charactersBefore, tidy } from "./line_text.js";
import { startLineLoop } from "./line_loop.js";
import { replacedEdit } from "./replaced.js";
import { startSpeakers } from "./speakers.js";

/** @typedef {import("../video/cue_words.js").Cue} Cue */
/** @typedef {import("../clips/selection.js").Selected} Selected */
/** @typedef {import("./correction_box.js").Target} Target */
/** @typedef {import("./correction_queue.js").Correct} Correct */
/** @typedef {import("./line_text.js").Change} Change */

const TRY_AGAIN_MS = 4000;

/**
 * @param {object} parts
 * @param {HTMLElement} parts.page
 * @param {HTMLVideoElement} parts.video
 * @param {{ cues: Cue[], follow: (on: boolean) => void, focusLine: (line: Element | null) => void }} parts.transcript
 * @param {import("../video/scenes.js").Scene[]} parts.scenes
 * @param {() => void} parts.linesMoved lines and scenes are others now
 * @param {(cue: Cue) => void} parts.lineChanged the text nodes of a line are others now
 * @param {AbortSignal} parts.signal
 */
export function startCorrections({ page, video, transcript, scenes, linesMoved, lineChanged, signal }) {
  const { cues } = transcript;
  const list = find(page, "[data-scenes]");
  const state = page.querySelector("[data-correction-state]"); // with the tools of a transcript
  const { api = "", lines: linesAddress = "", video: videoId = "", ...more } = find(page, "[data-correction]").dataset;
  const history = makeEditHistory();
  const loop = startLineLoop({ video, signal });
  const box = startCorrectionBox({
    page,
    save,
    confirm,
    move,
    loop,
    bordersAt: ({ cue, start }) => borders.possibleAt(cue, start),
    border: (kind, { cue, start }) => borders.act(kind, cue, start),
    focusLine: transcript.focusLine,
    askSpeaker: (cue) => speakers.ask(cue),
    signal,
  });
  const queue = makeCorrectionQueue({
    store: storedSteps(`heimdex:corrections:${videoId}`),
    send: (step) => sendStep(api, step),
    later: (act) => setTimeout(() => signal.aborted || act(), TRY_AGAIN_MS),
    done(step) {
      clearErrors(`correct ${step.line}`);
      refresh(step.kind === "undo" ? step.lines : [step.line]);
      document.dispatchEvent(new CustomEvent("words-corrected"));
    },
    refused(step, message) {
      const typed = step.kind === "correct" ? step.text : "";
      history.drop(step.id);
      toast(typed ? text.correctionRefused(message, typed) : message, { bad: true, action: `correct ${step.line}` });
      refresh(step.kind === "undo" ? step.lines : [step.line]);
    },
    tell(now) {
      if (state) {
        state.textContent = { offline: text.notSavedYet(), "signed out": text.signedOut(), saved: "", saving: "" }[now];
        state.toggleAttribute("hidden", !state.textContent);
      }
    },
  });

  const parts = startSceneParts({ page, scenes, cues, address: more.sceneParts ?? "", changed: linesMoved });
  const heard = startHeard({ page, cues, address: more.heard ?? "", isSent: queue.isEmpty, signal });
  const borders = startBorders({
    page,
    video,
    scenes,
    cues,
    address: more.borders ?? "",
    isSent: queue.isEmpty,
    refresh: parts.refresh,
    done(edit) {
      history.add(edit);
      toast(text.bordersChanged(), { label: text.undo(), act: history.undo });
    },
    shown(ms) {
      transcript.follow(false);
      const cue = cues.find(({ end }) => end > ms);
      if (cue) {
        transcript.focusLine(cue.element);
        cue.element.scrollIntoView({ block: "nearest" });
      }
    },
    signal,
  });

  const speakers = startSpeakers({
    page,
    cues,
    done(edit, line) {
      history.add(edit);
      transcript.focusLine(line?.element ?? null);
      toast(text.bordersChanged(), { label: text.undo(), act: history.undo });
    },
    signal,
  });

  /** Put lines right by what the server says, but for those of which something waits. @param {number[]} indexes */
  async function refresh(indexes) {
    const wanted = indexes.filter((index) => cues[index] && !queue.waitsFor(index));
    for (const element of wanted.length ? await fetchLines(linesAddress, wanted) : []) {
      const cue = cues[Number(element.dataset.cue?.split(" ")[2])];
      if (cue && !queue.waitsFor(cue.at)) {
        put(cue, element.childNodes, element.dataset.words ?? "");
      }
    }
  }

  /**
   * @param {Cue} cue
   * @param {Iterable<Node>} nodes
   * @param {string} words
   */
  function put(cue, nodes, words) {
    heard.hide();
    changeLine(cue, () => {
      cue.element.replaceChildren(...nodes);
      cue.element.dataset.words = words;
      forgetWords(cue);
    });
  }

  /** Change a line, and the number of doubtful words with it. @param {Cue} cue @param {() => void} act */
  function changeLine(cue, act) {
    const doubts = countDoubts(cue.element);
    act();
    const shown = page.querySelector("[data-next-doubt] .doubt");
    if (shown) {
      shown.textContent = String(Math.max(0, Number(shown.textContent) + countDoubts(cue.element) - doubts));
    }
    lineChanged(cue);
  }

  /**
   * Show a change before the server has it.
   * @param {Cue} cue
   * @param {Change} change
   */
  function show(cue, change) {
    const line = textOf(cue);
    const words = changedWords(cue.element.dataset.words ?? "", change);
    const after = changedText(line, change);
    const mark = document.createElement("mark");
    mark.className = "is-waiting";
    mark.textContent = change.text;
    const nodes = change.text
      ? [document.createTextNode(after.slice(0, change.start)), mark, document.createTextNode(after.slice(change.start + change.text.length))]
      : [document.createTextNode(after)];
    put(cue, nodes, words);
  }

  /**
   * @param {Target} target
   * @param {string} typed
   */
  function save({ cue, start, was }, typed) {
    const change = { start, was, text: tidy(typed) };
    if (change.text !== was) {
      history.add(correction(cue.at, change));
      toast(change.text ? text.corrected(was, change.text) : text.leftOutOfText(was), { label: text.undo(), act: history.undo });
    }
  }

  /** The words are right as they are. @param {Target} target */
  function confirm({ cue, start, was }) {
    history.add(correction(cue.at, { start, was, text: was }));
  }

  /**
   * Make a correction, shown at once and sent when its turn comes.
   * @param {number} line
   * @param {Change} change
   * @returns {import("./edit_history.js").Edit}
   */
  function correction(line, change) {
    const id = crypto.randomUUID?.() ?? randomId();
    const isOther = change.text !== change.was;
    const make = () => {
      const cue = cues[line];
      const start = charactersBefore(textOf(cue), change.start);
      if (isOther) {
        show(cue, change);
      } else {
        changeLine(cue, () => certain(cue, change));
      }
      queue.add({ kind: "correct", id, line, ...change, start });
    };
    make();
    return {
      id,
      undo() {
        const cue = cues[line];
        if (isOther && change.text && cue && textOf(cue).startsWith(change.text, change.start)) {
          show(cue, { start: change.start, was: change.text, text: change.was });
        }
        takeBack(id, [line]);
      },
      redo() {
        const isThere = Boolean(cues[line] && textOf(cues[line]).startsWith(change.was, change.start));
        isThere ? make() : toast(text.otherWordsThere(), { bad: true, action: "redo" });
        return isThere;
      },
    };
  }

  /** @param {string} id of a correction, or of several in one step @param {number[]} lines */
  function takeBack(id, lines) {
    queue.add({ kind: "undo", id, line: lines[0], lines });
    transcript.follow(false);
    cues[lines[0]]?.element.scrollIntoView({ block: "nearest" });
  }

  /** Words that are right as they are lose their shade. @param {Cue} cue @param {Change} change */
  function certain(cue, { start, was }) {
    for (const mark of cue.element.querySelectorAll(".doubt")) {
      const from = startInCue(cue.element, mark);
      if (from < start + was.length && start < from + (mark.textContent ?? "").length) {
        mark.replaceWith(...mark.childNodes);
      }
    }
    cue.element.normalize();
  }

  /** @param {Element} mark words of a line in an element of their own @returns {Target | null} */
  function targetOf(mark) {
    const cue = cues[Number(mark.closest(".cue")?.getAttribute("data-at") ?? -1)];
    return cue ? { cue, start: startInCue(cue.element, mark), was: mark.textContent ?? "" } : null;
  }

  /**
   * @param {Cue} cue
   * @param {number} first the number of a word
   * @param {number} [last]
   */
  function correctWords(cue, first, last = first) {
    const words = spokenWordsOf(cue);
    if (words[first] && words[last]) {
      const start = words[first].first;
      getSelection()?.removeAllRanges();
      transcript.follow(false);
      box.open({ cue, start, was: textOf(cue).slice(start, words[last].first + words[last].length) });
    }
  }

  /**
   * @param {Target} target
   * @param {-1 | 1} by
   */
  function move({ cue, start, was }, by) {
    const at = by < 0 ? start : start + Math.max(1, was.length);
    const words = spokenWordsOf(cue);
    const next = by < 0 ? words.findLastIndex((word) => word.first < at) : words.findIndex((word) => word.first >= at);
    if (next >= 0) {
      correctWords(cue, next);
      return;
    }
    const other = cues.slice(by < 0 ? 0 : cue.at + 1, by < 0 ? cue.at : undefined).filter((one) => spokenWordsOf(one).length);
    const line = by < 0 ? other.at(-1) : other[0];
    if (line) {
      correctWords(line, by < 0 ? spokenWordsOf(line).length - 1 : 0);
    } else {
      box.close();
    }
  }

  /** Whether words of more than one line are selected. */
  function isAcrossLines() {
    const selected = getSelection()?.isCollapsed === false && selectedWords(list, cues);
    return Boolean(selected && selected.first.at !== selected.last.at);
  }

  /** Correct the selected words, or the first one of the line that has the focus. @param {Selected | null} [words] */
  function start(words) {
    const selected = words ?? selectedWords(list, cues);
    if (selected && selected.first.at !== selected.last.at) {
      toast(text.correctOneLine(), { bad: true, action: "correct one" });
    } else if (selected) {
      correctWords(cues[selected.first.at], selected.first.word, selected.last.word);
    } else {
      const focused = document.activeElement?.closest(".cue") ?? list.querySelector(".cue[aria-current]");
      const cue = cues[Number(focused?.getAttribute("data-at") ?? -1)];
      if (cue) {
        correctWords(cue, 0);
      }
    }
  }

  list.addEventListener(
    "dblclick",
    (event) => {
      const element = closest(event, ".cue");
      const cue = element && cues[Number(element.dataset.at)];
      const place = document.caretPositionFromPoint?.(event.clientX, event.clientY);
      const range = place ? null : document.caretRangeFromPoint?.(event.clientX, event.clientY);
      const node = place?.offsetNode ?? range?.startContainer;
      if (cue && node) {
        const offset = offsetInCue(cue.element, node, place?.offset ?? range?.startOffset ?? 0);
        const found = wordsBetween(spokenWordsOf(cue), offset, offset + 1) ?? wordsBetween(spokenWordsOf(cue), offset - 1, offset);
        if (found) {
          event.preventDefault();
          correctWords(cue, found[0]);
        }
      }
    },
    { signal },
  );
  // By the dialogs: one correction was undone, or a text was replaced at several places.
  document.addEventListener(
    "lines-changed",
    ({ target, detail: { at, batch } }) => {
      if (batch && target instanceof HTMLFormElement) {
        history.add(replacedEdit({ id: batch, lines: at, asked: new FormData(target), api, takeBack, refresh }));
      }
      refresh(at);
    },
    { signal },
  );
  document.addEventListener("selectionchange", () => isAcrossLines() || clearErrors("correct one"), { signal });
  window.addEventListener("online", () => queue.run(), { signal });
  queue.run();

  return {
    start,
    /** Correct the word that is said at a moment. @param {number} ms */
    startAt(ms) {
      const cue = cues.findLast(({ start }) => start <= ms);
      if (cue) {
        correctWords(cue, Math.max(0, spokenWordsOf(cue).findLastIndex((word) => word.start <= ms)));
      }
    },
    showHeard: () => heard.toggle(),
    undo: history.undo,
    redo: history.redo,
    /** Before the selected words, or at what is played. */
    splitScene() {
      const words = selectedWords(list, cues);
      const cue = words && cues[words.first.at];
      cue ? borders.act("split_scene", cue, spokenWordsOf(cue)[words.first.word].first) : borders.splitHere();
    },
    joinScenes: () => borders.joinHere(),
    /** @param {Element} mark */
    correctMark(mark) {
      const target = targetOf(mark);
      if (target) {
        box.open(target);
      }
    },
    /** @param {Element} mark */
    confirmMark(mark) {
      const target = targetOf(mark);
      if (target) {
        confirm(target);
      }
    },
  };
}

/** The text of a line, without what clips put around its words. @param {Cue} cue */
function textOf(cue) {
  return cue.element.textContent ?? "";
}

/** @param {Element} element */
function countDoubts(element) {
  return [...element.querySelectorAll(".doubt")].reduce((sum, one) => sum + (one.textContent ?? "").trim().split(/\s+/).length, 0);
}

/** Where the page is not secure there is no `crypto.randomUUID`. */
function randomId() {
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}

// The clips on a video's page: one is open at a time, drawn in the transcript, played and edited by selecting words.
import { focusIsLost } from "../common/dialogs.js";
import { closest, find, findAll } from "../common/dom.js";
import { mediaTime } from "../common/media_clock.js";
import { text } from "../common/messages.js";
import { toast } from "../common/toasts.js";
import { createClip } from "./clip_api.js";
import { startEdgeFields } from "./clip_edges.js";
import { makeClipEditor } from "./clip_editor.js";
import { showClip, startTitles } from "./clip_item.js";
import { keptChanges, sendingTo } from "./clip_saving.js";
import { startRangePlayer } from "./range_player.js";
import { between, isKept, joined, joinsOf, keptLength, without, withSpan } from "./ranges.js";
import { startKeySelection } from "./selection.js";
import { copyWithTime, sentenceFor, startSelectionBar } from "./selection_bar.js";
import { startStrikes } from "./strikes.js";
import { startTighten } from "./tighten.js";
import { loadEdges } from "./word_edges.js";

/** @typedef {import("./ranges.js").Span} Span */
/** @typedef {import("./selection.js").Selected} Selected */
/** @typedef {import("./ranges.js").Limits} Limits */

const TRY_AGAIN_MS = 4000;
const TWO_COLUMNS_PX = 1000; // as in video_page.css
const LAST_MS = 2500; // how much of a clip's end can be played
const AROUND_MS = 1500; // how much is played on both sides of a join

/**
 * @param {object} parts
 * @param {HTMLElement} parts.page
 * @param {HTMLVideoElement} parts.video
 * @param {Pick<ReturnType<typeof import("../video/transcript.js").startTranscript>, "cues" | "follow" | "focusLine" | "said">} parts.transcript
 * @param {ReturnType<typeof import("../timeline/timeline.js").startTimeline>} parts.timeline
 * @param {() => void} parts.textChanged text nodes of the transcript were replaced
 * @param {(selected: Selected) => void} parts.correct lets selected words be corrected
 * @param {AbortSignal} parts.signal
 */
export function startClips({ page, video, transcript, timeline, textChanged, correct, signal }) {
  const { cues } = transcript;
  const list = find(page, "[data-scenes]");
  const section = () => find(page, "[data-clips]");
  const { api = "", edges = "", video: videoId = "", ...numbers } = section().dataset;
  /** @type {Limits} */
  const limits = {
    shortestMs: Number(numbers.shortestMs),
    claimableMs: Number(numbers.claimableMs),
    longestMs: Number(numbers.longestMs),
    lengthMs: Number(numbers.lengthMs),
  };
  const here = () => Math.round(mediaTime(video) * 1000);
  const player = startRangePlayer({ video, signal });
  const strikes = startStrikes({ list, cues, changed: textChanged });
  const editor = makeClipEditor({
    show,
    later: (act) => setTimeout(() => signal.aborted || act(), TRY_AGAIN_MS),
    send: sendingTo(api),
    store: keptChanges,
    done: (_clip, names) => names.some((name) => !["ranges", "title"].includes(name)) && document.dispatchEvent(new CustomEvent("clip-framed")),
    tell: (event, message) => toast(message || (event === "waits" ? text.notSavedYet() : text.notSaved()), { bad: true, action: "clip" }),
  });
  const bar = startSelectionBar({ page, list, cues, limits, signal, prepare, actions: actionsOn() });
  timeline.onChange((ranges) => change(joined(ranges)));
  startKeySelection({ list, cues, now: here, said: transcript.said, focusLine: transcript.focusLine, signal });
  if (cues.length) {
    loadEdges(edges, cues, signal).then(show);
  }

  const edgeFields = startEdgeFields({
    page,
    frameMs: 1000 / (Number(numbers.frameRate) || 25),
    ranges: () => editor.current()?.ranges ?? null,
    setEdges,
    signal,
  });
  startTitles({ page, rename: (after, before) => editor.change(after, before), signal });
  const tighten = startTighten({
    page,
    api,
    clip: () => editor.current(),
    isSaved: () => !editor.isUnsaved(),
    change,
    hear: (cut) => playAround(without(editor.current()?.ranges ?? [], cut), cut),
    draw: () => strikes.show(editor.current()?.ranges ?? null, tighten.hints()),
    signal,
  });

  /** @param {string} [id] */
  const elementOf = (id) => (id ? page.querySelector(`[data-clip="${id}"]`) : null);

  /** Draw the open clip: in the list and in the transcript. */
  function show() {
    const clip = editor.current();
    tighten.refresh();
    timeline.showClip(clip);
    strikes.show(clip ? clip.ranges : null, tighten.hints());
    const element = elementOf(clip?.id);
    if (clip && element instanceof HTMLElement) {
      showClip(element, clip);
      edgeFields.show(element, clip.ranges);
      bar.refresh();
    }
    page.dispatchEvent(new CustomEvent("clip-shown"));
  }

  /**
   * Change the open clip's ranges, or say why that makes no clip.
   * @param {Span[]} ranges
   */
  function change(ranges) {
    const sentence = sentenceFor(ranges, limits);
    if (sentence) {
      toast(sentence, { bad: true, action: "clip" });
      show();
    } else {
      editor.change({ ranges });
    }
  }

  /**
   * @param {number | null} start in ms; null leaves it where it is
   * @param {number | null} end
   */
  function setEdges(start, end) {
    const clip = editor.current();
    if (clip) {
      const from = Math.max(0, start ?? clip.ranges[0][0]);
      const to = Math.min(limits.lengthMs, end ?? clip.ranges[clip.ranges.length - 1][1]);
      if (from < to) {
        change(between(clip.ranges, from, to));
      } else {
        toast(text.endBeforeStart(), { bad: true, action: "clip" });
        show();
      }
    }
  }

  /** @param {Selected} selected */
  function isLeftOut({ span }) {
    const ranges = editor.current()?.ranges ?? [];
    return !isKept(ranges, (span[0] + span[1]) / 2) && keptLength(without(ranges, span)) >= keptLength(ranges);
  }

  /** Show the buttons that fit what is selected. @param {Selected} selected */
  function prepare(selected) {
    const isOpen = Boolean(editor.current());
    for (const button of findAll(page, "[data-selection-bar] [data-when-open]")) {
      button.hidden = !isOpen;
    }
    const leftOut = isOpen && isLeftOut(selected);
    find(page, "[data-act=strike]").hidden = !isOpen || leftOut;
    find(page, "[data-act=restore]").hidden = !leftOut;
    find(page, "[data-act=correct]", HTMLButtonElement).disabled = selected.first.at !== selected.last.at;
  }

  /** @returns {Record<string, (selected: Selected) => void>} */
  function actionsOn() {
    const done = (/** @type {(selected: Selected) => void} */ act) => (/** @type {Selected} */ selected) => {
      act(selected);
      bar.clear();
    };
    return {
      clip: done(({ span }) => {
        making = make(span).finally(() => (making = null));
      }),
      in: done(({ span }) => setEdges(span[0], null)),
      out: done(({ span }) => setEdges(null, span[1])),
      strike: done(({ span }) => editor.current() && change(without(editor.current()?.ranges ?? [], span))),
      restore: done(({ span }) => editor.current() && change(withSpan(editor.current()?.ranges ?? [], span))),
      play: ({ span }) => player.play(() => [span]),
      copy: (selected) => copyWithTime(selected),
      correct(selected) {
        bar.clear();
        correct(selected);
      },
    };
  }

  /** @type {Promise<void> | null} a clip that will be the open one */
  let making = null;

  /** @param {Span} span */
  async function make([start, end]) {
    const { clip, message } = await createClip(api, videoId, [[start, Math.min(end, limits.lengthMs)]]);
    if (!clip) {
      toast(message || text.noConnection(), { bad: true, action: "make clip" });
      return;
    }
    await htmx.ajax("get", section().getAttribute("hx-get") ?? "", { target: "#clips", swap: "outerHTML" });
    htmx.process(section()); // it would do so a little later, and its buttons may be pressed now
    const element = elementOf(clip.id);
    if (element instanceof HTMLDetailsElement) {
      element.open = true;
      player.stop();
      editor.open(stateOf(element));
      if (innerWidth >= TWO_COLUMNS_PX) {
        // Not further, so that the timeline stays in sight. In one column the words do, and the bar leads to the clip.
        find(element, ".clip__body > .row").scrollIntoView({ block: "nearest" });
      }
    }
    toast(text.clipMade(clip.title), { action: "make clip" });
  }

  /** Play the open clip, or pause it. @param {number} [from] */
  function playClip(from) {
    const id = editor.current()?.id;
    if (player.isPlaying() && !video.paused && from === undefined) {
      video.pause();
      player.stop();
    } else if (id) {
      transcript.follow(true);
      const now = mediaTime(video) * 1000;
      const ranges = () => editor.current()?.ranges ?? [];
      const isInside = isKept(ranges(), now) && now < ranges()[ranges().length - 1][1] - 500;
      player.play(ranges, { from: from ?? (isInside && video.paused && now > ranges()[0][0] ? now : undefined) });
    }
  }

  /**
   * Play the moments before and after what is left out at a place.
   * @param {Span[]} ranges
   * @param {Span} leftOut
   */
  function playAround(ranges, [start, end]) {
    if (ranges.length) {
      const last = ranges[ranges.length - 1][1];
      const around = between(ranges, Math.max(ranges[0][0], start - AROUND_MS), Math.min(last, end + AROUND_MS));
      player.play(() => around);
    }
  }

  /** Play the next join after the playhead; after the last one, the first. */
  function playJoin() {
    const ranges = editor.current()?.ranges ?? [];
    const joins = joinsOf(ranges);
    if (joins.length) {
      playAround(ranges, joins.find(([, end]) => end > here()) ?? joins[0]);
    } else if (ranges.length) {
      toast(text.noJoin());
    }
  }

  /** Play how the clip ends. */
  function playEnd() {
    const ranges = editor.current()?.ranges;
    if (ranges) {
      const [start, end] = ranges[ranges.length - 1];
      playClip(Math.max(start, end - LAST_MS));
    }
  }

  // A clip is open while its <details> is; the others close by themselves, since they have one name.
  page.addEventListener(
    "toggle",
    (event) => {
      const { target } = event;
      if (target instanceof HTMLDetailsElement && target.dataset.clip) {
        if (target.open && editor.current()?.id !== target.dataset.clip) {
          player.stop();
          editor.open(stateOf(target));
          if (target.contains(document.activeElement)) {
            find(target, ".clip__head").scrollIntoView({ block: "nearest" }); // others of a long list left its place
          }
        } else if (!target.open && editor.current()?.id === target.dataset.clip) {
          player.stop();
          editor.close();
        }
        bar.refresh();
      }
    },
    { signal, capture: true },
  );

  /** @param {HTMLElement} element */
  const stateOf = (element) => ({
    id: element.dataset.clip ?? "",
    version: Number(element.dataset.version),
    /** @type {Span[]} */
    ranges: JSON.parse(element.dataset.ranges ?? "[]"),
  });

  // One that was opened before this page had its scripts.
  const openedBefore = page.querySelector("details[data-clip][open]");
  if (openedBefore instanceof HTMLDetailsElement) {
    editor.open(stateOf(openedBefore));
  }

  editor.resume(findAll(page, "details[data-clip]").map(stateOf));
  window.addEventListener("online", () => editor.resume([]), { signal });

  let focused = "";
  let toOpen = ""; // a clip that the next list brings
  document.addEventListener("clips-changed", ({ detail }) => (toOpen = detail?.open ?? ""), { signal });
  document.addEventListener("htmx:beforeSwap", () => (focused = document.activeElement?.id ?? ""), { signal });
  // The list was replaced: the open clip stays open, with what the server says of it.
  document.addEventListener(
    "htmx:afterSwap",
    () => {
      const next = elementOf(toOpen);
      const element = elementOf(editor.current()?.id);
      if (next instanceof HTMLDetailsElement) {
        toOpen = "";
        next.open = true;
      } else if (element instanceof HTMLDetailsElement) {
        if (!element.open) {
          element.open = true;
          editor.take(stateOf(element));
          if (focusIsLost()) {
            document.getElementById(focused)?.focus(); // it was inside, and could not be given back while that was closed
          }
        }
      } else if (editor.current()) {
        editor.close();
      }
    },
    { signal },
  );

  page.addEventListener(
    "click",
    (event) => {
      const button = closest(event, "[data-clip-act]", HTMLButtonElement);
      if (button) {
        const [field, by] = [button.dataset.field, Number(button.dataset.by)];
        ACTS[button.dataset.clipAct ?? ""]?.(field, by);
      }
      const range = closest(event, "[data-play-range]");
      if (range) {
        const [start, end] = (range.dataset.playRange ?? "").split(",").map(Number);
        transcript.follow(true);
        player.play(() => [[start, end]]);
      }
    },
    { signal },
  );

  /** @type {Record<string, (field: string | undefined, by: number) => void>} */
  const ACTS = {
    play: () => playClip(),
    end: () => playEnd(),
    join: () => playJoin(),
    tighten: () => tighten.toggle(),
    undo: () => editor.undo(),
    redo: () => editor.redo(),
    close: () => findAll(page, "details[data-clip][open] > summary").forEach((one) => (one.focus(), one.click())),
    nudge: (field, by) => edgeFields.nudge(field === "in", by),
  };

  window.addEventListener("beforeunload", (event) => editor.isUnsaved() && event.preventDefault(), { signal });

  return {
    isOpen: () => Boolean(editor.current()),
    current: () => editor.current(),
    /** Change framing or captions of the open clip. @type {typeof editor.change} */
    change: (options, shown) => editor.change(options, shown),
    /** A line has other words now. @param {import("../video/cue_words.js").Cue} cue */
    lineChanged(cue) {
      strikes.forget(cue);
      strikes.show(editor.current()?.ranges ?? null, tighten.hints());
    },
    /** Lines are others now. */
    linesMoved() {
      strikes.show(editor.current()?.ranges ?? null, tighten.hints());
      loadEdges(edges, cues, signal).then(show);
    },
    /** Whether words are selected, so that keys mean them. */
    hasSelection: () => Boolean(bar.selected()),
    clearSelection: () => bar.clear(),
    playSelected: () => bar.act("play"),
    /** To the open clip, or to the first one. */
    focusList() {
      const head = section().querySelector("details[open] > summary") ?? section().querySelector("summary");
      if (head instanceof HTMLElement) {
        head.focus();
      }
    },
    clip: () => bar.act("clip"),
    strike: () => bar.act("strike"),
    setIn: () => (bar.selected() ? bar.act("in") : setEdges(here(), null)),
    setOut: () => (bar.selected() ? bar.act("out") : setEdges(null, here())),
    undo: () => editor.undo(),
    redo: () => editor.redo(),
    play: () => playClip(),
    playEnd: () => playEnd(),
    playJoin: () => playJoin(),
    /** Do something with the open clip, or the one that is being made; else something else. @param {() => void} act @param {() => void} [otherwise] */
    async withOpen(act, otherwise) {
      const isExpected = Boolean(making);
      await making;
      editor.current() ? act() : isExpected || otherwise?.();
    },
    exportOpen: () => find(/** @type {HTMLElement} */ (elementOf(editor.current()?.id)), "[data-export-clip]").click(),
  };
}

// The timeline under the player: its view, and what a pointer does in it. The clip's number fields do the same by keys.
import { closest, find, findAll } from "../common/dom.js";
import { exactClock } from "../common/format.js";
import { moveEdge } from "../clips/ranges.js";
import { edgesOf } from "../clips/word_edges.js";
import { spokenWordsOf } from "../video/cue_words.js";
import { drawTimeline } from "./drawing.js";
import { readPeaks } from "./peaks.js";
import { moved, snapped, viewAround, zoomed } from "./view.js";

/** @typedef {import("../clips/ranges.js").Span} Span */
/** @typedef {import("../video/cue_words.js").Cue} Cue */
/** @typedef {{ range: number, isStart: boolean }} Edge */

const GRAB_PX = { mouse: 7, touch: 20 };
const SNAP_PX = 8;
const WORDS_FROM = 0.07; // pixels a ms: a word of 300 ms has 21
const PAUSE_MS = 200; // quiet between words whose middle is a place to snap to
const CLIP_SHARE = 0.8; // of the timeline, that a clip fills when it is opened
const ZOOM = 0.5;

/**
 * @param {object} parts
 * @param {HTMLElement} parts.page
 * @param {HTMLVideoElement} parts.video
 * @param {import("../video/scenes.js").Scene[]} parts.scenes
 * @param {Cue[]} parts.cues
 * @param {(seconds: number) => void} parts.seek
 * @param {AbortSignal} parts.signal
 */
export function startTimeline({ page, video, scenes, cues, seek, signal }) {
  const section = find(page, "[data-timeline]");
  const canvas = find(section, "canvas", HTMLCanvasElement);
  const playhead = find(section, "[data-timeline-head]");
  const says = find(section, "[data-timeline-says]");
  const context = canvas.getContext("2d");
  const length = Math.max(1, Number(section.dataset.lengthMs));
  /** @type {number[]} */
  const shots = JSON.parse(section.dataset.shots || "[]");
  let view = viewAround(length / 2, length, length);
  /** @type {import("./peaks.js").Peaks | null} */
  let peaks = null;
  /** @type {Span[] | null} */
  let ranges = null;
  /** @type {Span[] | null} while an edge is dragged */
  let dragged = null;
  let clipId = "";
  let now = 0;
  let frame = 0;
  /** @type {(ranges: Span[]) => void} */
  let changed = () => {};

  const perPixel = () => (view.end - view.start) / Math.max(1, canvas.clientWidth);
  const msAt = (/** @type {number} */ clientX) => view.start + (clientX - canvas.getBoundingClientRect().left) * perPixel();

  function redraw() {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      draw();
    });
  }

  function draw() {
    const { clientWidth: width, clientHeight: height } = canvas;
    if (!context || !width || section.hidden) {
      return;
    }
    const scale = Math.min(2, devicePixelRatio || 1);
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      [canvas.width, canvas.height] = [Math.round(width * scale), Math.round(height * scale)];
    }
    context.setTransform(scale, 0, 0, scale, 0, 0);
    const inside = (/** @type {number} */ ms) => ms >= view.start && ms <= view.end;
    drawTimeline(context, { width, height, font: getComputedStyle(says).font }, inks(), {
      view,
      peaks,
      ranges: dragged ?? ranges,
      shots: shots.filter(inside),
      scenes: scenes.map(({ start }) => start).filter(inside),
      words: perPixel() < 1 / WORDS_FROM ? wordsIn(view.start, view.end) : [],
    });
    placeHead();
  }

  /** Colours that the style sheet says; a canvas knows none of its words. */
  function inks() {
    const found = findAll(section, "[data-ink]").map((element) => [element.dataset.ink ?? "", getComputedStyle(element).color]);
    return /** @type {import("./drawing.js").Inks} */ (Object.fromEntries(found));
  }

  function placeHead() {
    const share = (now - view.start) / (view.end - view.start);
    playhead.hidden = share < 0 || share > 1;
    playhead.style.setProperty("transform", `translateX(${share * canvas.clientWidth}px)`);
  }

  /**
   * The cues that touch a stretch, by binary search.
   * @param {number} start
   * @param {number} end
   */
  function cuesIn(start, end) {
    let [low, high] = [0, cues.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      [low, high] = cues[middle].end <= start ? [middle + 1, high] : [low, middle];
    }
    const found = [];
    for (let at = low; at < cues.length && cues[at].start < end; at += 1) {
      found.push(cues[at]);
    }
    return found;
  }

  /**
   * @param {number} start
   * @param {number} end
   */
  function wordsIn(start, end) {
    return cuesIn(start, end).flatMap((cue) => {
      const text = cue.element.textContent ?? "";
      return spokenWordsOf(cue).map((word) => ({ start: word.start, end: word.end, text: text.slice(word.first, word.first + word.length) }));
    });
  }

  /**
   * Where an edge may snap to near a moment: beside words, in the middle of pauses, at shots.
   * @param {number} ms
   * @param {number} reach
   */
  function placesNear(ms, reach) {
    const words = cuesIn(ms - reach - 5000, ms + reach + 5000).flatMap((cue) => {
      const spoken = spokenWordsOf(cue);
      return spoken.map(({ start, end }, at) => edgesOf(cue, at, spoken.length) ?? [start, end]);
    });
    const pauses = words.slice(1).flatMap(([start], at) => (start - words[at][1] >= PAUSE_MS ? [(start + words[at][1]) / 2] : []));
    return [...words.flat(), ...pauses, ...shots].map(Math.round);
  }

  /**
   * The edge of the open clip under a pointer; null when there is none.
   * @param {PointerEvent} event
   * @returns {Edge | null}
   */
  function edgeAt(event) {
    const reach = GRAB_PX[event.pointerType === "touch" ? "touch" : "mouse"] * perPixel();
    const ms = msAt(event.clientX);
    /** @type {Edge | null} */
    let found = null;
    let near = reach;
    ranges?.forEach(([start, end], range) => {
      for (const [place, isStart] of /** @type {[number, boolean][]} */ ([[start, true], [end, false]])) {
        if (Math.abs(place - ms) < near) {
          [found, near] = [{ range, isStart }, Math.abs(place - ms)];
        }
      }
    });
    return found;
  }

  /** @param {import("./view.js").View} to */
  function show(to) {
    view = to;
    redraw();
  }

  function showClip() {
    if (ranges) {
      const [start, end] = [ranges[0][0], ranges[ranges.length - 1][1]];
      show(viewAround((start + end) / 2, (end - start) / CLIP_SHARE, length));
    }
  }

  /** @type {Map<number, PointerEvent>} fingers or the mouse, by their number */
  const pointers = new Map();
  /** @type {Edge | null} */
  let edge = null;
  let pinch = 0;

  canvas.addEventListener(
    "pointerdown",
    (event) => {
      if (event.button) {
        return;
      }
      canvas.setPointerCapture(event.pointerId);
      pointers.set(event.pointerId, event);
      if (pointers.size === 2) {
        pinch = distance();
        [edge, dragged] = [null, null];
        return;
      }
      edge = edgeAt(event);
      if (!edge) {
        scrub(event);
      }
    },
    { signal },
  );
  canvas.addEventListener(
    "pointermove",
    (event) => {
      if (!pointers.has(event.pointerId)) {
        canvas.style.setProperty("cursor", edgeAt(event) ? "ew-resize" : "");
        return;
      }
      pointers.set(event.pointerId, event);
      if (pointers.size === 2) {
        const [one, other] = [...pointers.values()];
        const wide = distance();
        show(zoomed(view, pinch / Math.max(1, wide), msAt((one.clientX + other.clientX) / 2), length));
        pinch = wide;
      } else if (edge) {
        drag(event);
      } else {
        scrub(event);
      }
    },
    { signal },
  );
  for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) {
    canvas.addEventListener(
      name,
      (event) => {
        pointers.delete(event.pointerId);
        const made = name === "pointerup" ? dragged : null;
        [edge, dragged] = [null, null];
        says.textContent = "";
        if (made) {
          changed(made);
        }
        redraw();
      },
      { signal },
    );
  }

  function distance() {
    const [one, other] = [...pointers.values()];
    return Math.max(1, Math.abs(one.clientX - other.clientX));
  }

  /** @param {PointerEvent} event */
  function scrub(event) {
    seek(Math.min(length, Math.max(0, msAt(event.clientX))) / 1000);
  }

  /** @param {PointerEvent} event */
  function drag(event) {
    if (edge && ranges) {
      const reach = SNAP_PX * perPixel();
      const ms = msAt(event.clientX);
      const to = Math.round(event.altKey ? ms : snapped(ms, placesNear(ms, reach), reach));
      dragged = moveEdge(ranges, edge.range, edge.isStart, to, length);
      says.textContent = exactClock(dragged[edge.range][edge.isStart ? 0 : 1]);
      redraw();
    }
  }

  canvas.addEventListener(
    "wheel",
    (event) => {
      const along = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault();
        show(zoomed(view, Math.exp(event.deltaY / 300), msAt(event.clientX), length));
      } else if (Math.abs(along) > (event.shiftKey ? 0 : Math.abs(event.deltaY))) {
        event.preventDefault();
        show(moved(view, along * perPixel(), length));
      }
    },
    { signal, passive: false },
  );

  /** @type {Record<string, () => void>} */
  const ACTS = {
    in: () => show(zoomed(view, ZOOM, middle(), length)),
    out: () => show(zoomed(view, 1 / ZOOM, middle(), length)),
    clip: showClip,
    all: () => show(viewAround(length / 2, length, length)),
  };
  /** What stays where it is: the playhead if it is in view. */
  const middle = () => (now >= view.start && now <= view.end ? now : (view.start + view.end) / 2);
  section.addEventListener("click", (event) => ACTS[closest(event, "[data-zoom]")?.dataset.zoom ?? ""]?.(), { signal });

  async function load() {
    try {
      const answer = await fetch(section.dataset.waveform ?? "", { signal });
      if (answer.status === 200) {
        peaks = readPeaks(new Uint8Array(await answer.arrayBuffer()));
        redraw();
      }
    } catch {
      // without it the timeline has no waveform
    }
  }

  const sized = new ResizeObserver(redraw);
  sized.observe(canvas);
  const themed = new MutationObserver(redraw);
  themed.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw, { signal });
  signal.addEventListener("abort", () => {
    sized.disconnect();
    themed.disconnect();
  });
  section.hidden = length <= 1;
  load();

  return {
    redraw,
    /** The time that is played, in seconds. @param {number} seconds */
    show(seconds) {
      now = seconds * 1000;
      if (!video.paused && !pointers.size && now > view.end && now < view.end + (view.end - view.start)) {
        show(moved(view, (view.end - view.start) * 0.9, length));
      }
      placeHead();
    },
    /**
     * The open clip, as it is now; null when none is.
     * @param {{ id: string, ranges: Span[] } | null} clip
     */
    showClip(clip) {
      ranges = clip?.ranges ?? null;
      section.classList.toggle("timeline--clip", Boolean(clip));
      find(section, "[data-zoom=clip]").hidden = !clip;
      if ((clip?.id ?? "") !== clipId) {
        clipId = clip?.id ?? "";
        clip ? showClip() : ACTS.all();
      }
      redraw();
    },
    /** @param {(ranges: Span[]) => void} act what an edge that was dragged does */
    onChange(act) {
      changed = act;
    },
  };
}

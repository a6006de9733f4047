// Where the open clip begins and ends as fields: typed to the millisecond, moved by frame. Esc leaves a field of a clip.
import { closest, find } from "../common/dom.js";
import { exactClock, parseClock } from "../common/format.js";
import { text } from "../common/messages.js";
import { toast } from "../common/toasts.js";

/** @typedef {import("./ranges.js").Span} Span */

/**
 * @param {object} parts
 * @param {HTMLElement} parts.page
 * @param {number} parts.frameMs
 * @param {() => Span[] | null} parts.ranges of the open clip
 * @param {(start: number | null, end: number | null) => void} parts.setEdges in ms; null leaves it where it is
 * @param {AbortSignal} parts.signal
 */
export function startEdgeFields({ page, frameMs, ranges, setEdges, signal }) {
  /**
   * @param {HTMLInputElement} field
   * @param {number} ms
   */
  function put(field, ms) {
    if (field !== document.activeElement || field.dataset.ms !== String(ms)) {
      field.value = exactClock(ms);
    }
    field.dataset.ms = String(ms);
  }

  /**
   * @param {boolean} isStart
   * @param {number} frames
   */
  function nudge(isStart, frames) {
    const kept = ranges();
    if (kept) {
      const ms = isStart ? kept[0][0] : kept[kept.length - 1][1];
      const moved = Math.round((Math.round(ms / frameMs) + frames) * frameMs);
      setEdges(isStart ? moved : null, isStart ? null : moved);
    }
  }

  page.addEventListener(
    "change",
    (event) => {
      const field = closest(event, "[data-clip-in], [data-clip-out]", HTMLInputElement);
      if (field) {
        const ms = parseClock(field.value);
        const isStart = field.matches("[data-clip-in]");
        if (ms === null) {
          toast(text.timeLike(), { bad: true, action: "clip" });
          field.value = exactClock(Number(field.dataset.ms));
        } else {
          setEdges(isStart ? ms : null, isStart ? null : ms);
        }
      }
    },
    { signal },
  );
  page.addEventListener(
    "keydown",
    (event) => {
      const field = closest(event, "[data-clip-in], [data-clip-out]", HTMLInputElement);
      const step = Number(event.key === "ArrowUp") - Number(event.key === "ArrowDown");
      if (field && step) {
        event.preventDefault();
        nudge(field.matches("[data-clip-in]"), step * (event.shiftKey ? 10 : 1));
      }
      const left = event.key === "Escape" && closest(event, "[data-clip] input", HTMLInputElement);
      if (left) {
        left.value = left.dataset.ms ? exactClock(Number(left.dataset.ms)) : left.defaultValue;
        find(/** @type {HTMLElement} */ (left.closest("[data-clip]")), "summary").focus();
      }
    },
    { signal },
  );

  return {
    nudge,
    /** @param {HTMLElement} clip @param {Span[]} kept */
    show(clip, kept) {
      put(find(clip, "[data-clip-in]", HTMLInputElement), kept[0][0]);
      put(find(clip, "[data-clip-out]", HTMLInputElement), kept[kept.length - 1][1]);
    },
  };
}

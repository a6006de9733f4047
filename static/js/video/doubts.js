// Doubtful words: those that speech recognition was not sure of are shaded; a key and a button go from one to the next.
import { findAll } from "../common/dom.js";
import { mediaTime } from "../common/media_clock.js";

const NEAR_MS = 50; // a seek may land a little beside where it was sent

/**
 * @param {object} parts
 * @param {HTMLElement} parts.page
 * @param {{ follow: (on: boolean) => void, startOf: (mark: Element) => number }} parts.transcript
 * @param {HTMLVideoElement} parts.video
 * @param {(seconds: number) => void} parts.seek
 * @param {AbortSignal} parts.signal
 * @returns {{ next: () => void }} goes to the next one after what is played, after the last to the first
 */
export function startDoubts({ page, video, transcript, seek, signal }) {
  /** @type {Element | null} */
  let shown = null;

  function next() {
    const marks = findAll(page, ".scene:not([hidden]) .doubt");
    if (!marks.length) {
      return;
    }
    const now = mediaTime(video) * 1000;
    const isShownNow = shown && Math.abs(transcript.startOf(shown) - now) < NEAR_MS;
    const at = isShownNow
      ? marks.findIndex((one) => one === shown) + 1
      : marks.findIndex((one) => transcript.startOf(one) > now);
    const mark = marks[Math.max(0, at) % marks.length];
    shown?.classList.remove("doubt--now");
    mark.classList.add("doubt--now");
    shown = mark;
    seek(transcript.startOf(mark) / 1000);
    transcript.follow(false);
    mark.scrollIntoView({ block: "center" });
  }

  page.querySelector("[data-next-doubt]")?.addEventListener("click", next, { signal });
  return { next };
}
